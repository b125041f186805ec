//! What happened in a simulated world, and what must be true of it.

use std::collections::{BTreeMap, BTreeSet};

use bazaar::domain::id::Id;
use bazaar::store::{EVENTS, Version, document};

use crate::support::counter::{COUNTERS, Counter, PARTS, SPENT};
use crate::support::faulty::Disk;
use crate::support::node::Asked;

/// A promise that was broken, and how it came to that.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Violation {
    pub(crate) what: String,
    pub(crate) history: Vec<String>,
}

/// What everybody has heard so far.
#[derive(Default)]
pub(crate) struct History {
    pub(crate) lines: Vec<String>,
    pub(crate) violations: Vec<String>,
    /// The adds that were accepted: by whom, where, and with which answer.
    accepted: BTreeMap<u64, (Id, i64, Version)>,
    refused: BTreeSet<u64>,
    /// Every version that anybody has heard of, by thing.
    known: BTreeMap<Id, Version>,
}

/// One event as the store has it.
struct Told {
    entity: Id,
    version: Version,
    amount: i64,
    tag: u64,
}

impl History {
    pub(crate) fn note(&mut self, line: String) {
        self.lines.push(line);
    }

    pub(crate) fn expect(&mut self, holds: bool, what: impl FnOnce() -> String) {
        if !holds {
            self.violations.push(what());
        }
    }

    /// The newest version that anybody has heard of.
    pub(crate) fn known(&self, id: Id) -> Version {
        self.known.get(&id).copied().unwrap_or(0)
    }

    fn heard_of(&mut self, id: Id, version: Version) {
        let known = self.known.entry(id).or_default();
        *known = version.max(*known);
    }

    /// Somebody looked, and `before` was known when he began to.
    pub(crate) fn seen(&mut self, id: Id, version: Version, before: Version) {
        self.expect(version >= before, || {
            format!("{id} was seen at {version}, after {before} was known")
        });
        self.heard_of(id, version);
    }

    /// Somebody heard an answer to an add.
    pub(crate) fn answered(&mut self, id: Id, tag: u64, asked: &Asked, disk: &Disk) {
        let Ok(answer) = asked else {
            if matches!(asked, Err(bazaar::actors::ask::AskError::Refused { .. })) {
                self.refused.insert(tag);
            }
            return;
        };
        let stored = disk.get(&COUNTERS, &id.into()).map_or(0, document::version);
        self.expect(stored >= answer.version, || {
            format!(
                "{tag} was told of version {} of {id}, but {stored} is stored",
                answer.version
            )
        });
        let this = (id, answer.reply, answer.version);
        let first = *self.accepted.entry(tag).or_insert(this);
        self.expect(first == this, || {
            format!("{tag} was told {first:?} and then {this:?}")
        });
        self.heard_of(id, answer.version);
    }

    /// What must be true when everything has come to rest.
    pub(crate) fn close(&mut self, disk: &Disk) {
        let told: Vec<Told> = disk.all(&EVENTS).map(read).collect();
        let mut tags = BTreeSet::new();
        for Told { tag, .. } in &told {
            self.expect(tags.insert(*tag), || format!("{tag} took effect twice"));
        }
        for (tag, (id, _, version)) in &self.accepted.clone() {
            let kept = told
                .iter()
                .any(|told| (told.tag, told.entity, told.version) == (*tag, *id, *version));
            self.expect(kept, || {
                format!("{tag} was told of version {version} of {id}, which is lost")
            });
        }
        for tag in &self.refused.clone() {
            self.expect(!tags.contains(tag), || {
                format!("{tag} was refused and took effect")
            });
        }
        let mut by_entity: BTreeMap<Id, Vec<&Told>> = BTreeMap::new();
        for one in &told {
            by_entity.entry(one.entity).or_default().push(one);
        }
        for (id, events) in by_entity {
            self.balance(id, &events, disk);
        }
    }

    fn balance(&mut self, id: Id, events: &[&Told], disk: &Disk) {
        let Some(stored) = disk.get(&COUNTERS, &id.into()) else {
            return self.violations.push(format!("{id} has events and no document"));
        };
        let counter: Counter = document::decode(stored).expect("a counter");
        let sum: i64 = events.iter().map(|event| event.amount).sum();
        self.expect(counter.total == sum, || {
            format!("{id} has {} and events of {sum}", counter.total)
        });
        let versions: BTreeSet<_> = events.iter().map(|event| event.version).collect();
        let version = document::version(stored);
        self.expect(versions.iter().copied().eq(1..=version), || {
            format!("{id} is at version {version}, with events at {versions:?}")
        });
        let mine = |row: &&bson::RawDocumentBuf| row.get_object_id("of").is_ok_and(|of| Id::from(of) == id);
        let parts = disk.all(&PARTS).filter(mine);
        let in_parts: i64 = parts.map(|row| row.get_i64("total").unwrap_or_default()).sum();
        let spent = i64::try_from(disk.all(&SPENT).filter(mine).count()).expect("a few");
        self.expect(in_parts + spent == sum, || {
            format!("{id} has {sum}, with {in_parts} in its parts and {spent} tickets spent")
        });
    }
}

fn read(event: &bson::RawDocumentBuf) -> Told {
    let data = event.get_document("data").expect("every event has its data");
    let number = |field| data.get_i64(field).expect("a number");
    Told {
        entity: event
            .get_object_id("entity")
            .expect("every event has an entity")
            .into(),
        version: document::version(event),
        amount: number("amount"),
        tag: number("tag").cast_unsigned(),
    }
}

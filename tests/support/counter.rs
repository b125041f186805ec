//! A small entity for tests: a total that is added to, split into parts, with tickets that can be
//! spent once and a name that nobody else may have.

use std::collections::{BTreeMap, BTreeSet};

use bazaar::domain::collection::{Collection, Index};
use bazaar::domain::entity::{Circumstances, Decision, Entity, Event, Key, RowChange, RowWrite, SideRow};
use bazaar::domain::id::Id;
use bson::oid::ObjectId;
use bson::rawdoc;
use serde::{Deserialize, Serialize};

pub(crate) static COUNTERS: Collection = Collection::indexed(
    "counters",
    &[Index::unique("name", &["name"]), Index::on("total", &["total"])],
);
/// Loaded with the counter.
pub(crate) static PARTS: Collection = Collection::plain("parts");
/// Never loaded: a ticket's row has to be absent, and the store says when it is not.
pub(crate) static SPENT: Collection = Collection::plain("spent");

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Counter {
    pub(crate) id: Id,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<String>,
    pub(crate) total: i64,
    #[serde(default)]
    pub(crate) ballast: String,
    #[serde(skip)]
    pub(crate) parts: BTreeMap<String, i64>,
    /// Only those that the store has pointed out.
    #[serde(skip)]
    pub(crate) spent: BTreeSet<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Command {
    /// Adds to the total; `tag` names the one who adds, for whoever counts afterwards.
    Add { id: Id, amount: i64, tag: u64 },
    /// Adds to the total and to one part of it.
    AddTo {
        id: Id,
        part: String,
        amount: i64,
        tag: u64,
    },
    /// Adds one for a ticket that must never have been spent.
    Spend { id: Id, ticket: String, tag: u64 },
    /// Takes a name.
    Name { id: Id, name: String },
    /// Makes the document so large.
    Load { id: Id, bytes: usize },
    /// Asks for the total, and changes nothing.
    Total,
    /// Runs into a fault of the rules.
    Panic,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub(crate) enum Refusal {
    #[error("the total would fall to {0}")]
    Short(i64),
    #[error("the ticket was spent before")]
    Spent,
    #[error("the name is taken")]
    NameTaken,
}

#[derive(Debug, Serialize)]
pub(crate) struct Added {
    pub(crate) amount: i64,
    /// BSON knows no unsigned numbers.
    pub(crate) tag: i64,
}

impl Event for Added {
    fn name(&self) -> &'static str {
        "ADDED"
    }
}

impl Entity for Counter {
    const KIND: &'static str = "counter";
    const COLLECTION: &'static Collection = &COUNTERS;
    const SIDES: &'static [&'static Collection] = &[&PARTS];

    type Command = Command;
    type Reply = i64;
    type Refusal = Refusal;
    type Event = Added;

    fn decide(state: Option<&Self>, command: &Command, _: &Circumstances) -> Result<Decision<Self>, Refusal> {
        match command {
            Command::Add { id, amount, tag } => Self::of(state, *id).added(*amount, *tag),
            Command::AddTo {
                id,
                part,
                amount,
                tag,
            } => {
                let mut counter = Self::of(state, *id);
                let part_total = counter.parts.entry(part.clone()).or_default();
                *part_total += amount;
                let row = part_row(*id, part, *part_total);
                Ok(counter.added(*amount, *tag)?.row(row))
            }
            Command::Spend { id, ticket, tag } => {
                let counter = Self::of(state, *id);
                if counter.spent.contains(ticket) {
                    return Err(Refusal::Spent);
                }
                Ok(counter.added(1, *tag)?.row(spent_row(*id, ticket)))
            }
            Command::Name { id, name } => {
                let mut counter = Self::of(state, *id);
                counter.name = Some(name.clone());
                let total = counter.total;
                Ok(Decision::change(counter, total))
            }
            Command::Load { id, bytes } => {
                let mut counter = Self::of(state, *id);
                counter.ballast = "x".repeat(*bytes);
                let total = counter.total;
                Ok(Decision::change(counter, total))
            }
            Command::Total => Ok(Decision::answer(state.map_or(0, |counter| counter.total))),
            // Unlike `panic!`, this says nothing where it happens.
            Command::Panic => std::panic::resume_unwind(Box::new("a rule of the test has a fault")),
        }
    }

    fn taken(_: &str) -> Refusal {
        Refusal::NameTaken
    }

    fn absorb(&mut self, row: SideRow<'_>) {
        let text = |field| row.document.get_str(field).unwrap_or_default().to_owned();
        match row.collection {
            "parts" => {
                let total = row.document.get_i64("total").unwrap_or_default();
                self.parts.insert(text("part"), total);
            }
            _ => {
                self.spent.insert(text("ticket"));
            }
        }
    }
}

impl Counter {
    fn of(state: Option<&Self>, id: Id) -> Self {
        state.cloned().unwrap_or(Self {
            id,
            name: None,
            total: 0,
            ballast: String::new(),
            parts: BTreeMap::new(),
            spent: BTreeSet::new(),
        })
    }

    fn added(mut self, amount: i64, tag: u64) -> Result<Decision<Self>, Refusal> {
        self.total += amount;
        if self.total < 0 {
            return Err(Refusal::Short(self.total));
        }
        let (total, tag) = (self.total, tag.cast_signed());
        Ok(Decision::change(self, total).event(Added { amount, tag }))
    }
}

fn part_row(of: Id, part: &str, total: i64) -> RowChange {
    let row =
        rawdoc! { "_id": format!("{of}/{part}"), "of": ObjectId::from(of), "part": part, "total": total };
    RowChange {
        collection: &PARTS,
        key: Key::Part(of, part.to_owned()),
        write: RowWrite::Put(row),
    }
}

fn spent_row(of: Id, ticket: &str) -> RowChange {
    let row = rawdoc! { "_id": format!("{of}/{ticket}"), "of": ObjectId::from(of), "ticket": ticket };
    RowChange {
        collection: &SPENT,
        key: Key::Part(of, ticket.to_owned()),
        write: RowWrite::Insert(row),
    }
}

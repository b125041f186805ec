//! A group of commits as a few commands with many statements each.

use bson::oid::ObjectId;
use bson::{RawArrayBuf, RawDocumentBuf, rawdoc};

use crate::domain::collection::Collection;
use crate::domain::entity::{Key, RowWrite};
use crate::store::{Commit, Guard, Version, Write, document, order};

/// A command stays well under what a message may hold.
const COMMAND_BYTES: usize = 8 << 20;

pub(super) enum Statement {
    /// A command, and how many documents it must meet to be right.
    Write {
        command: RawDocumentBuf,
        matches: Option<usize>,
    },
    /// Guards that write nothing.
    Unmoved(Unmoved),
}

/// Documents of one collection that must be at these versions.
pub(super) struct Unmoved {
    pub(super) collection: &'static Collection,
    pub(super) keys: Vec<Key>,
    pub(super) versions: Vec<Version>,
}

/// What a command does with each of its documents. Deleting comes first, so that a place which a
/// commit gives up is free for what the same commit puts there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Verb {
    Delete,
    Change,
    Insert,
    Put,
}

#[derive(Default)]
struct Commands {
    open: Vec<Command>,
}

struct Command {
    verb: Verb,
    collection: &'static str,
    items: RawArrayBuf,
    count: usize,
    bytes: usize,
}

/// The statements of a group, in the order in which they have to run.
pub(super) fn of(commits: &[&Commit]) -> Vec<Statement> {
    let mut commands = Commands::default();
    let mut unmoved: Vec<Unmoved> = Vec::new();
    for commit in commits {
        if let Some(guard) = &commit.guard {
            match &guard.put {
                Some(put) => change(&mut commands, guard, put),
                None => stay(&mut unmoved, guard),
            }
        }
        for write in &commit.writes {
            row(&mut commands, write);
        }
    }
    commands.open.sort_by_key(|command| command.verb);
    let writes = commands.open.into_iter().map(Command::into_statement);
    unmoved
        .into_iter()
        .map(Statement::Unmoved)
        .chain(writes)
        .collect()
}

/// Why no store would take this commit, if there is a reason.
pub(super) fn fault(commit: &Commit) -> Option<&'static str> {
    let guard = commit.guard.iter().filter_map(|guard| {
        let put = guard.put.as_ref()?;
        Some((guard.collection, &guard.key, put))
    });
    let rows = commit.writes.iter().filter_map(|write| match &write.row {
        RowWrite::Put(row) | RowWrite::Insert(row) => Some((write.collection, &write.key, row)),
        RowWrite::Delete => None,
    });
    guard.chain(rows).find_map(|(collection, key, document)| {
        let disorder = |index| order::place(index, document).is_err();
        document::fault(key, document).or_else(|| {
            let disordered = collection.indexes.iter().any(disorder);
            disordered.then_some("an indexed field holds a value that cannot be ordered")
        })
    })
}

fn stay(unmoved: &mut Vec<Unmoved>, guard: &Guard) {
    let same = |one: &&mut Unmoved| one.collection.name == guard.collection.name;
    let (key, version) = (guard.key.clone(), guard.expect);
    match unmoved.iter_mut().find(same) {
        Some(one) => {
            one.keys.push(key);
            one.versions.push(version);
        }
        None => unmoved.push(Unmoved {
            collection: guard.collection,
            keys: vec![key],
            versions: vec![version],
        }),
    }
}

fn change(commands: &mut Commands, guard: &Guard, put: &RawDocumentBuf) {
    let collection = guard.collection.name;
    if guard.expect == 0 {
        return commands.add(Verb::Insert, collection, put);
    }
    let mut which = filter(&guard.key);
    which.append(bson::raw::cstr!("version"), document::signed(guard.expect));
    let item = rawdoc! { "q": which, "u": put.clone() };
    commands.add(Verb::Change, collection, &item);
}

fn row(commands: &mut Commands, write: &Write) {
    let collection = write.collection.name;
    match &write.row {
        RowWrite::Insert(row) => commands.add(Verb::Insert, collection, row),
        RowWrite::Put(row) => {
            let item = rawdoc! { "q": filter(&write.key), "u": row.clone(), "upsert": true };
            commands.add(Verb::Put, collection, &item);
        }
        RowWrite::Delete => {
            let item = rawdoc! { "q": filter(&write.key), "limit": 1 };
            commands.add(Verb::Delete, collection, &item);
        }
    }
}

fn filter(key: &Key) -> RawDocumentBuf {
    match key {
        Key::Id(id) => rawdoc! { "_id": ObjectId::from(*id) },
        key => rawdoc! { "_id": key.to_string() },
    }
}

impl Commands {
    fn add(&mut self, verb: Verb, collection: &'static str, item: &RawDocumentBuf) {
        let bytes = item.as_bytes().len();
        let fits = |open: &Command| {
            open.verb == verb && open.collection == collection && open.bytes + bytes <= COMMAND_BYTES
        };
        let n = self.open.iter().position(fits).unwrap_or(self.open.len());
        if n == self.open.len() {
            self.open.push(Command::new(verb, collection));
        }
        let command = &mut self.open[n];
        command.items.push(item.clone());
        command.count += 1;
        command.bytes += bytes;
    }
}

impl Command {
    fn new(verb: Verb, collection: &'static str) -> Self {
        Self {
            verb,
            collection,
            items: RawArrayBuf::new(),
            count: 0,
            bytes: 0,
        }
    }

    fn into_statement(self) -> Statement {
        let Self {
            verb,
            collection,
            items,
            ..
        } = self;
        let command = match verb {
            Verb::Delete => rawdoc! { "delete": collection, "deletes": items },
            Verb::Change | Verb::Put => rawdoc! { "update": collection, "updates": items },
            Verb::Insert => rawdoc! { "insert": collection, "documents": items },
        };
        let matches = (verb != Verb::Delete).then_some(self.count);
        Statement::Write { command, matches }
    }
}

//! One attempt at one transaction.

use std::time::Duration;

use bson::Document;
use mongodb::error::Error;
use mongodb::{ClientSession, Database};
use tracing::debug;

use super::ledger::Ledger;
use super::outcomes;
use super::reading;
use super::statements::{Statement, Unmoved};

const COMMIT_PAUSE: Duration = Duration::from_millis(100);

/// What came of it.
#[derive(Debug)]
pub(super) enum Attempt {
    /// All of it stands.
    Stored,
    /// Something in it cannot stand as the store is.
    Refused,
    /// Another transaction was in the way.
    Clashed,
    /// Something in it can never stand.
    Malformed(String),
    /// The server was not reached, or is not itself.
    Broken(String),
    /// Whoever asked has gone.
    TooLate,
}

/// Writes a group of commits in one transaction.
pub(super) async fn attempt(
    session: &mut ClientSession,
    database: &Database,
    statements: Vec<Statement>,
    ledger: &Ledger,
    group: &[usize],
) -> Attempt {
    if statements.is_empty() {
        return Attempt::Stored;
    }
    if let Err(error) = session.start_transaction().await {
        return outcomes::of_error(&error);
    }
    for statement in statements {
        if let Some(stop) = run(session, database, statement).await {
            return abort(session, stop).await;
        }
    }
    if !ledger.send(group) {
        return abort(session, Attempt::TooLate).await;
    }
    let attempt = commit(session).await;
    if !matches!(attempt, Attempt::Stored) {
        ledger.unsend(group);
    }
    attempt
}

/// Runs one statement; something comes back only when the transaction cannot go on.
async fn run(session: &mut ClientSession, database: &Database, statement: Statement) -> Option<Attempt> {
    let done = match statement {
        Statement::Write { command, matches } => write(session, database, command, matches).await,
        Statement::Unmoved(unmoved) => check(session, database, unmoved).await,
    };
    done.unwrap_or_else(|error| Some(outcomes::of_error(&error)))
}

async fn write(
    session: &mut ClientSession,
    database: &Database,
    command: bson::RawDocumentBuf,
    matches: Option<usize>,
) -> Result<Option<Attempt>, Error> {
    let reply = database.run_raw_command(command).session(session).await?;
    let failed = outcomes::of_reply(&reply);
    let missed = matches.is_some_and(|matches| number(&reply) != Some(matches));
    Ok(failed.or(missed.then_some(Attempt::Refused)))
}

/// A guard that writes nothing. To look is enough: what this transaction sees is what was there
/// before any change that it does not see.
async fn check(
    session: &mut ClientSession,
    database: &Database,
    unmoved: Unmoved,
) -> Result<Option<Attempt>, Error> {
    let found = reading::versions_of(database, unmoved.collection, &unmoved.keys, Some(session)).await?;
    Ok((found != unmoved.versions).then_some(Attempt::Refused))
}

async fn abort(session: &mut ClientSession, attempt: Attempt) -> Attempt {
    if let Err(error) = session.abort_transaction().await {
        debug!(%error, "a transaction was not aborted; the next of its session will see to that");
    }
    attempt
}

/// Asks for the commit until there is an answer: an attempt whose outcome is unknown must not be
/// made again, but asking for its outcome does no harm.
async fn commit(session: &mut ClientSession) -> Attempt {
    loop {
        let error = match session.commit_transaction().await {
            Ok(()) => return Attempt::Stored,
            Err(error) => error,
        };
        if let Some(attempt) = outcomes::of_commit(&error) {
            return attempt;
        }
        debug!(%error, "the outcome of a transaction is unknown; it is asked for again");
        tokio::time::sleep(COMMIT_PAUSE).await;
    }
}

/// How many statements of a command met their document.
fn number(reply: &Document) -> Option<usize> {
    reply.get_i32("n").ok().and_then(|n| usize::try_from(n).ok())
}

//! The row by which a runtime shows that it lives and which sessions are its own.

use std::sync::Arc;
use std::time::Duration;

use bson::oid::ObjectId;
use bson::{Document, doc};
use futures_util::TryStreamExt;
use mongodb::error::Result;
use mongodb::{Collection, Database};
use parking_lot::Mutex;
use tokio::sync::oneshot;
use tracing::{debug, info};

use super::sessions;

const BEAT: Duration = Duration::from_secs(2);
/// A runtime that missed three beats is dead. Should it live after all, it has lost no more than
/// the transactions it had open, which it tries again.
const DEAD_AFTER_MS: i64 = 6_000;

pub(super) struct Row {
    database: Database,
    name: String,
    process: Process,
    sessions: Mutex<Vec<Document>>,
}

/// A process of this machine, told apart from a later one with the same number.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Process {
    host: String,
    number: u32,
    started: String,
}

impl Row {
    pub(super) fn new(database: Database) -> Self {
        Self {
            database,
            name: ObjectId::new().to_hex(),
            process: Process::own(),
            sessions: Mutex::default(),
        }
    }

    /// Makes it known that a session is this runtime's, before anything is locked by it.
    pub(super) async fn enrol(&self, session: Document) -> Result<()> {
        self.sessions.lock().push(session);
        self.write().await
    }

    /// Writes the row anew, with the time of the server. Sessions are only ever added: a write that
    /// is late knows of fewer than one that overtook it.
    pub(super) async fn write(&self) -> Result<()> {
        let sessions = self.sessions.lock().clone();
        let now = doc! {
            "$addToSet": { "sessions": { "$each": sessions } },
            "$set": {
                "host": &self.process.host,
                "process": i64::from(self.process.number),
                "started": &self.process.started,
            },
            "$currentDate": { "beat": true },
        };
        self.rows()
            .update_one(doc! { "_id": &self.name }, now)
            .upsert(true)
            .await?;
        Ok(())
    }

    /// Kills the sessions of runtimes that are no more, and forgets them.
    pub(super) async fn bury_the_dead(&self) -> Result<()> {
        let age = doc! { "$subtract": ["$$NOW", "$beat"] };
        let others = [
            doc! { "$match": { "_id": { "$ne": &self.name } } },
            doc! { "$set": { "silent": { "$gt": [age, DEAD_AFTER_MS] } } },
        ];
        let others: Vec<Document> = self.rows().aggregate(others).await?.try_collect().await?;
        for other in others {
            let process = Process::read(&other);
            let dead = other.get_bool("silent").unwrap_or(true) || process.is_some_and(|one| one.is_gone());
            if dead {
                self.bury(&other).await?;
            }
        }
        Ok(())
    }

    async fn bury(&self, other: &Document) -> Result<()> {
        let name = other.get_str("_id").unwrap_or_default();
        let sessions = other.get_array("sessions").into_iter().flatten();
        let sessions: Vec<_> = sessions.filter_map(|one| one.as_document().cloned()).collect();
        if !sessions.is_empty() {
            sessions::kill(&self.database, sessions).await?;
        }
        self.rows().delete_one(doc! { "_id": name }).await?;
        info!(
            runtime = name,
            "ended what a dead runtime had left open in MongoDB"
        );
        Ok(())
    }

    fn rows(&self) -> Collection<Document> {
        self.database.collection("runtimes")
    }
}

/// Shows every few seconds that this runtime lives, and looks for others that do not, until it
/// is told to stop; then it takes its row away.
pub(super) async fn beat(row: Arc<Row>, mut stopped: oneshot::Receiver<()>) {
    loop {
        let beaten = async {
            row.write().await?;
            row.bury_the_dead().await
        };
        if let Err(error) = beaten.await {
            debug!(%error, "the heartbeat did not reach MongoDB");
        }
        if tokio::time::timeout(BEAT, &mut stopped).await.is_ok() {
            break;
        }
    }
    if let Err(error) = row.rows().delete_one(doc! { "_id": &row.name }).await {
        debug!(%error, "the heartbeat's row stays behind");
    }
}

impl Process {
    fn own() -> Self {
        let number = std::process::id();
        Self {
            host: std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default(),
            number,
            started: started(number).unwrap_or_default(),
        }
    }

    fn read(row: &Document) -> Option<Self> {
        Some(Self {
            host: row.get_str("host").ok()?.to_owned(),
            number: u32::try_from(row.get_i64("process").ok()?).ok()?,
            started: row.get_str("started").ok()?.to_owned(),
        })
    }

    /// Whether it is known to have ended: it ran on this host and does no more.
    fn is_gone(&self) -> bool {
        let own = Self::own();
        let comparable = !own.started.is_empty() && !own.host.is_empty() && self.host == own.host;
        comparable && started(self.number).as_deref() != Some(&self.started)
    }
}

/// When a process started, in ticks since the machine did; known on Linux.
fn started(process: u32) -> Option<String> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name of the program stands in parentheses and may hold anything.
    let (_, fields) = stat.rsplit_once(')')?;
    fields.split_whitespace().nth(19).map(str::to_owned)
}

//! A few long-lived sessions for transactions. A runtime that dies inside a transaction leaves
//! locks behind; whoever comes next finds its sessions in its row and has them killed.

use std::sync::Arc;
use std::time::Duration;

use bson::{Document, doc};
use mongodb::error::Result;
use mongodb::options::{ReadConcern, TransactionOptions};
use mongodb::{ClientSession, Database};
use parking_lot::Mutex;
use tokio::sync::{Semaphore, oneshot};
use tracing::debug;

use super::{connect, runtimes, within};

/// Transactions at the same time.
const SESSIONS: usize = 16;
const PAUSE: Duration = Duration::from_millis(250);

pub(super) struct Sessions {
    database: Database,
    deadline: Duration,
    row: Arc<runtimes::Row>,
    free: Mutex<Vec<ClientSession>>,
    places: Semaphore,
    /// Dropped with the sessions, which ends the heartbeat.
    _beating: oneshot::Sender<()>,
}

impl Sessions {
    pub(super) fn open(database: Database, deadline: Duration) -> Arc<Self> {
        let row = Arc::new(runtimes::Row::new(database.clone()));
        let (beating, stopped) = oneshot::channel();
        tokio::spawn(runtimes::beat(Arc::clone(&row), stopped));
        Arc::new(Self {
            database,
            deadline,
            row,
            free: Mutex::default(),
            places: Semaphore::new(SESSIONS),
            _beating: beating,
        })
    }

    /// Kills what runtimes left behind that are no more.
    pub(super) async fn bury_the_dead(&self) -> std::result::Result<(), String> {
        let row = Arc::clone(&self.row);
        let buried = within(self.deadline, async move { row.bury_the_dead().await });
        buried.await.map_err(|error| error.0)
    }

    /// A session of this runtime's; waits while all of them are in use.
    pub(super) async fn take(&self) -> Result<ClientSession> {
        if let Ok(place) = self.places.acquire().await {
            place.forget();
        }
        let free = self.free.lock().pop();
        match free {
            Some(session) => Ok(session),
            None => self.start().await.inspect_err(|_| self.forfeit()),
        }
    }

    pub(super) fn give_back(&self, session: ClientSession) {
        self.free.lock().push(session);
        self.places.add_permits(1);
    }

    /// Gives up a session that hangs in a call of the driver: another may take its place.
    pub(super) fn forfeit(&self) {
        self.places.add_permits(1);
    }

    /// Ends whatever the session has open on the server, however long the server takes to be
    /// reachable. Afterwards its transaction has either been committed by a majority or is gone.
    pub(super) async fn end(&self, session: &Document) {
        loop {
            let (database, row, session) = (self.database.clone(), Arc::clone(&self.row), session.clone());
            let ended = within(self.deadline, async move {
                kill(&database, vec![session]).await?;
                // What was committed before this write is held by a majority when it is.
                row.write().await
            });
            match ended.await {
                Ok(()) => return,
                Err(error) => debug!(%error, "a session cannot be ended yet"),
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    async fn start(&self) -> Result<ClientSession> {
        let transactions = TransactionOptions::builder()
            .read_concern(ReadConcern::snapshot())
            .write_concern(connect::durable())
            .build();
        let session = self
            .database
            .client()
            .start_session()
            .default_transaction_options(transactions)
            .await?;
        self.row.enrol(session.id().clone()).await?;
        Ok(session)
    }
}

/// Ends sessions and aborts what they have open.
pub(super) async fn kill(database: &Database, sessions: Vec<Document>) -> Result<()> {
    let admin = database.client().database("admin");
    admin.run_command(doc! { "killSessions": sessions }).await?;
    Ok(())
}

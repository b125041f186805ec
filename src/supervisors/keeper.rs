//! Looks after things whose time has come: orders that were not paid, and whatever was left
//! half-way by a crash. Of several runtimes on one database one does it at a time.

use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::stream::{self, StreamExt};
use tokio::sync::Mutex;
use tracing::warn;

use super::sweeper::Chore;
use crate::actors::due::{self, Due};
use crate::actors::engine::Engine;
use crate::domain::id::Id;
use crate::events::cursor::{Cursor, Turn};
use crate::events::ground::Pace;
use crate::store::Unavailable;

/// So many are looked for at once,
const BATCH: usize = 256;
/// and so many of them looked after side by side.
const SIDE_BY_SIDE: usize = 16;
/// What could not be done is tried again after this.
const AGAIN: Duration = Duration::from_secs(1);
/// What another runtime has made due is found out after this at the latest,
const LOOK_AROUND: Duration = Duration::from_secs(1);
/// and on a store of one's own nothing comes up that the alarm was not set to.
const LOOK_AROUND_ALONE: Duration = Duration::from_mins(1);
/// How long it stays the turn of a runtime that gives no sign of life.
const LEASE: Duration = Duration::from_secs(4);

/// Whoever looks after the things of one kind.
struct Keeper<D> {
    things: D,
    engine: Arc<Engine>,
    turn: Mutex<Cursor>,
}

/// The chore of looking after these things when they are due.
#[must_use]
pub fn chore<D: Due>(engine: &Arc<Engine>, things: D) -> Chore {
    let pace = Pace {
        lease: LEASE,
        ..Pace::default()
    };
    let keeper = Arc::new(Keeper {
        turn: Mutex::new(Cursor::new(D::NAME, engine.ground(pace))),
        engine: Arc::clone(engine),
        things,
    });
    let resting = Arc::clone(&keeper);
    let rest = move || {
        let keeper = Arc::clone(&resting);
        async move { keeper.rest().await }.boxed()
    };
    let work = move || {
        let keeper = Arc::clone(&keeper);
        async move { keeper.work().await }.boxed()
    };
    Chore::when(D::NAME.into(), rest, work)
}

impl<D: Due> Keeper<D> {
    async fn rest(&self) {
        let longest = if self.engine.store.shared() {
            LOOK_AROUND
        } else {
            LOOK_AROUND_ALONE
        };
        let alarm = self.things.alarm();
        alarm.rings(&self.engine.clock, longest).await;
    }

    async fn work(&self) -> Result<usize, Unavailable> {
        let alarm = self.things.alarm();
        alarm.reset();
        let done = self.turn().await;
        if done.is_err() {
            alarm.no_later_than(self.engine.clock.now().after(AGAIN));
        }
        done
    }

    async fn turn(&self) -> Result<usize, Unavailable> {
        if let Turn::Elsewhere(_) = self.turn.lock().await.take().await? {
            return Ok(0);
        }
        let (alarm, now) = (self.things.alarm(), self.engine.clock.now());
        let due = due::due::<D>(&self.engine, now, BATCH).await?;
        let (found, done) = (due.len(), self.look_after(due).await);
        if found == BATCH && done > 0 {
            alarm.no_later_than(now); // there may be more
        } else if done < found {
            alarm.no_later_than(now.after(AGAIN));
        }
        if let Some(next) = due::next::<D>(&self.engine, now).await? {
            alarm.no_later_than(next);
        }
        Ok(done)
    }

    /// Says how many of them have nothing left to do.
    async fn look_after(&self, due: Vec<Id>) -> usize {
        let one = |id: Id| async move {
            let done = self.things.look_after(id).await;
            done.inspect_err(|stuck| warn!(things = D::NAME, %id, %stuck, "it is tried again"))
                .is_ok()
        };
        let done = stream::iter(due).map(one).buffer_unordered(SIDE_BY_SIDE);
        done.filter(|done| std::future::ready(*done)).count().await
    }
}

//! Room for the uploads that are taken in at the same time, and turns to decode them.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::domain::id::Id;

/// So many uploads are taken in at once; each may weigh some ten megabytes.
const UPLOADS_MAX: usize = 16;
/// So many of them are of one user, so that nobody closes the shop to everybody else's pictures.
const OWN_MAX: usize = 2;
/// So many pictures are decoded at once; each may unpack to a hundred megabytes.
const DECODED_AT_ONCE: usize = 1;

/// The room of the uploads. Cloning it gives another handle to the same one.
#[derive(Clone)]
pub(super) struct Rooms {
    all: Arc<Semaphore>,
    own: Arc<Mutex<HashMap<Id, usize>>>,
}

/// The turns to decode a picture. Cloning them gives another handle to the same ones.
#[derive(Clone)]
pub(super) struct Turns(Arc<Semaphore>);

/// Room for one upload, taken until the last clone of it is dropped: whatever works on the upload
/// holds one, and goes on even if nobody waits for it any more.
#[derive(Clone)]
pub struct Room {
    _place: Arc<Place>,
}

/// Why there is no room for an upload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoRoom {
    /// Other uploads of the same user have what there is for one.
    Own,
    /// Uploads of everybody have all there is.
    All,
}

struct Place {
    whose: Id,
    own: Arc<Mutex<HashMap<Id, usize>>>,
    _permit: OwnedSemaphorePermit,
}

impl Rooms {
    pub(super) fn new() -> Self {
        Self {
            all: Arc::new(Semaphore::new(UPLOADS_MAX)),
            own: Arc::default(),
        }
    }

    /// Room for one upload of somebody, if there is any just now.
    pub(super) fn take(&self, whose: Id) -> Result<Room, NoRoom> {
        let mut own = self.own.lock();
        let has = own.get(&whose).copied().unwrap_or(0);
        if has == OWN_MAX {
            return Err(NoRoom::Own);
        }
        let permit = Arc::clone(&self.all).try_acquire_owned();
        let permit = permit.map_err(|_| NoRoom::All)?;
        own.insert(whose, has + 1);
        let place = Place {
            whose,
            own: Arc::clone(&self.own),
            _permit: permit,
        };
        Ok(Room {
            _place: Arc::new(place),
        })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut own = self.own.lock();
        let left = own.get(&self.whose).map_or(0, |has| has - 1);
        if left == 0 {
            own.remove(&self.whose);
        } else {
            own.insert(self.whose, left);
        }
    }
}

impl Turns {
    pub(super) fn new() -> Self {
        Self(Arc::new(Semaphore::new(DECODED_AT_ONCE)))
    }

    /// Does this in its turn; `None` if it panics. The turn and the room of the upload go along:
    /// they stay taken until the work is done, even if whoever waits for it leaves.
    pub(super) async fn take<T: Send + 'static>(
        &self,
        room: Option<Room>,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Option<T> {
        let turn = Arc::clone(&self.0).acquire_owned().await.ok()?;
        let done = tokio::task::spawn_blocking(move || {
            let done = work();
            drop((room, turn));
            done
        });
        done.await.ok()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use futures_util::FutureExt;
    use futures_util::future::BoxFuture;

    use super::*;

    /// Work that has begun and goes on until it is told to end.
    fn begun(turns: &Turns, room: Room) -> (BoxFuture<'static, ()>, mpsc::Sender<()>) {
        let (end, ended) = mpsc::channel();
        let turns = turns.clone();
        let work = async move {
            let done = turns.take(Some(room), move || ended.recv().is_ok()).await;
            assert_eq!(done, Some(true), "the work is done");
        };
        let mut work = work.boxed();
        assert_eq!((&mut work).now_or_never(), None, "it goes on");
        (work, end)
    }

    fn user(n: u8) -> Id {
        Id::from_bytes([n; 12])
    }

    #[test]
    fn a_user_has_some_of_the_room_and_never_all_of_it() {
        let rooms = Rooms::new();
        let taken: Vec<_> = (0..OWN_MAX).map(|_| rooms.take(user(1))).collect();
        assert_eq!(rooms.take(user(1)).err(), Some(NoRoom::Own));
        let other = rooms.take(user(2));
        assert_eq!(other.as_ref().err(), None, "for somebody else there is room");
        drop(taken);
        let again: Vec<_> = (0..OWN_MAX).map(|_| rooms.take(user(1))).collect();
        assert!(again.iter().all(Result::is_ok), "the room is free again");
        drop((again, other));
        assert!(rooms.own.lock().is_empty(), "nobody is remembered");
    }

    #[test]
    fn there_is_room_for_so_many_and_no_more() {
        let rooms = Rooms::new();
        let taken: Vec<_> = (1..).take(UPLOADS_MAX).map(|n| rooms.take(user(n))).collect();
        assert!(taken.iter().all(Result::is_ok), "there is room");
        assert_eq!(rooms.take(user(0)).err(), Some(NoRoom::All));
    }

    #[tokio::test]
    async fn work_that_nobody_waits_for_any_more_keeps_its_turn_and_its_room() {
        let (rooms, turns) = (Rooms::new(), Turns::new());
        let free = || (rooms.all.available_permits(), turns.0.available_permits());
        let all_free = free();
        let room = rooms.take(user(1)).expect("there is room");
        let (work, end) = begun(&turns, room);
        let taken = (UPLOADS_MAX - 1, DECODED_AT_ONCE - 1);
        assert_eq!(free(), taken, "while somebody waits for it");
        drop(work);
        assert_eq!(free(), taken, "while nobody waits for it");
        end.send(()).expect("the work goes on");
        let next = turns.take(None, || ()).await;
        assert_eq!((next, free()), (Some(()), all_free), "it is over");
    }

    #[tokio::test]
    async fn work_that_panics_leaves_its_turn_to_the_next() {
        let turns = Turns::new();
        let panicked = turns
            .take(None, || panic!("a picture that no decoder was ready for"))
            .await;
        assert_eq!(panicked, None::<()>);
        assert_eq!(turns.take(None, || 5).await, Some(5));
    }
}

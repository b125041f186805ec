//! Room for the uploads that are taken in at the same time, and turns to decode them.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// So many uploads are taken in at once; each may weigh some ten megabytes.
const UPLOADS_MAX: usize = 16;
/// So many pictures are decoded at once; each may unpack to a hundred megabytes.
const DECODED_AT_ONCE: usize = 1;

/// The room of the uploads. Cloning it gives another handle to the same one.
#[derive(Clone)]
pub(super) struct Rooms(Arc<Semaphore>);

/// The turns to decode a picture. Cloning them gives another handle to the same ones.
#[derive(Clone)]
pub(super) struct Turns(Arc<Semaphore>);

/// Room for one upload, taken until the last clone of it is dropped: whatever works on the upload
/// holds one, and goes on even if nobody waits for it any more.
#[derive(Debug, Clone)]
pub struct Room {
    _place: Arc<OwnedSemaphorePermit>,
}

impl Rooms {
    pub(super) fn new() -> Self {
        Self(Arc::new(Semaphore::new(UPLOADS_MAX)))
    }

    /// Room for one upload, if there is any just now.
    pub(super) fn take(&self) -> Option<Room> {
        let place = Arc::clone(&self.0).try_acquire_owned().ok()?;
        Some(Room {
            _place: Arc::new(place),
        })
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

    #[tokio::test]
    async fn work_that_nobody_waits_for_any_more_keeps_its_turn_and_its_room() {
        let (rooms, turns) = (Rooms::new(), Turns::new());
        let free = || (rooms.0.available_permits(), turns.0.available_permits());
        let all_free = free();
        let room = rooms.take().expect("room");
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

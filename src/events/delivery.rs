//! The delivery of the feed to one consumer, one step at a time: look whose turn it is, read some
//! events, hand them over, and only then move on.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use tracing::{error, warn};

use super::consumer::{Consumer, Reach, Retry};
use super::cursor::{Cursor, Turn};
use super::event::Event;
use super::ground::Ground;
use super::tally::Tally;
use super::window::Window;
use crate::domain::time::Timestamp;
use crate::store::{FeedPosition, Unavailable};

/// The delivery to one consumer.
pub struct Delivery {
    consumer: Arc<dyn Consumer>,
    ground: Arc<Ground>,
    place: Place,
    begun: bool,
    window: Window,
    failures: u32,
    next: Next,
    tally: Arc<Tally>,
}

/// Where in the feed the consumer is.
enum Place {
    /// In the store, for all runtimes.
    Shared(Cursor),
    /// In memory, from the end of the feed on.
    PerNode(Option<FeedPosition>),
}

/// What is to be waited for before the next step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    /// Nothing: there may be more.
    More,
    /// News: the consumer has seen everything there is.
    News,
    /// The end of another runtime's turn.
    Turn(Timestamp),
    /// The end of a pause after a failure.
    Pause(Duration),
}

impl Delivery {
    /// A delivery that has not begun.
    #[must_use]
    pub fn new(consumer: Arc<dyn Consumer>, ground: Arc<Ground>) -> Self {
        let place = match consumer.reach() {
            Reach::Shared => Place::Shared(Cursor::new(consumer.name(), Arc::clone(&ground))),
            Reach::PerNode => Place::PerNode(None),
        };
        Self {
            place,
            begun: false,
            window: Window::new(ground.pace.window),
            failures: 0,
            next: Next::More,
            tally: Arc::new(Tally::new(consumer.name(), consumer.reach())),
            consumer,
            ground,
        }
    }

    /// Its figures.
    #[must_use]
    pub fn tally(&self) -> Arc<Tally> {
        Arc::clone(&self.tally)
    }

    /// Whether the last step found nothing that this runtime had to hand over.
    #[must_use]
    pub fn idle(&self) -> bool {
        matches!(self.next, Next::News | Next::Turn(_))
    }

    /// Waits until the next step may have something to do. May be dropped at any time. A panic of
    /// the store costs a long pause, because the delivery must come back to go on.
    pub async fn rest(&self) {
        if AssertUnwindSafe(self.wait()).catch_unwind().await.is_err() {
            error!(consumer = self.consumer.name(), "the wait for events panicked");
            tokio::time::sleep(self.ground.pace.longest_pause).await;
        }
    }

    async fn wait(&self) {
        let lease = self.ground.pace.lease;
        match self.next {
            Next::More => {}
            // Half a lease is when the turn has to be taken again, and it is soon enough for what
            // a store did not wake anybody for.
            Next::News => tokio::select! {
                // One after the other, so that a simulation that is played again sees the same.
                biased;
                () = self.news() => {}
                () = tokio::time::sleep(lease / 2) => {}
            },
            // A turn may be given up before its time.
            Next::Turn(until) => tokio::time::sleep(until.since(self.ground.now()).min(lease / 4)).await,
            Next::Pause(pause) => tokio::time::sleep(pause).await,
        }
    }

    /// Hands over the next events, if there are any. A panic of the consumer is a failure like
    /// any other: the place in the feed moves only after its events have been taken.
    pub async fn step(&mut self) {
        let step = AssertUnwindSafe(self.attempt()).catch_unwind().await;
        self.next = match step.unwrap_or_else(|_| Err(Retry::because("it panicked"))) {
            Ok(next) => {
                self.failures = 0;
                next
            }
            Err(retry) => self.failed(&retry),
        };
    }

    /// Gives up the turn, so that another runtime need not wait for the end of the lease.
    pub async fn leave(mut self) {
        self.tally.is_ours(false);
        if let Place::Shared(cursor) = &mut self.place
            && let Err(error) = cursor.release().await
        {
            warn!(consumer = self.consumer.name(), %error, "the turn ends with its lease");
        }
    }

    async fn attempt(&mut self) -> Result<Next, Retry> {
        if let Turn::Elsewhere(until) = self.take_turn().await? {
            self.tally.is_ours(false);
            self.tally.waits_since(None);
            return Ok(Next::Turn(until));
        }
        self.tally.is_ours(true);
        if !self.begun {
            self.consumer.begin().await?;
            self.begun = true;
        }
        let page = self
            .ground
            .store
            .feed(self.position(), self.ground.pace.batch)
            .await?;
        self.tally.is_behind(self.behind(page.events.len()).await?);
        if page.events.is_empty() {
            self.tally.waits_since(None);
            self.move_to(page.next);
            return Ok(Next::News);
        }
        let events = page.events.iter().filter_map(Event::read);
        let fresh: Vec<_> = events.filter(|event| !self.window.holds(&event.id)).collect();
        self.hand_over(&fresh).await?;
        self.move_to(page.next);
        self.save().await?;
        Ok(Next::More)
    }

    /// How many events are there that it has not taken: those of this page, or all if the page is
    /// full.
    async fn behind(&self, on_page: usize) -> Result<u64, Unavailable> {
        if on_page < self.ground.pace.batch {
            return Ok(on_page as u64);
        }
        self.ground.store.feed_length(self.position()).await
    }

    async fn hand_over(&mut self, events: &[Event]) -> Result<(), Retry> {
        let Some(oldest) = events.first() else {
            return Ok(());
        };
        self.tally.waits_since(Some(oldest.at));
        let consumer = Arc::clone(&self.consumer);
        let mut taking = consumer.consume(events);
        let taken = loop {
            tokio::select! {
                // One after the other, so that a simulation that is played again sees the same.
                biased;
                taken = &mut taking => break taken,
                () = tokio::time::sleep(self.ground.pace.lease / 3) => self.keep_turn().await,
            }
        };
        let many = match &taken {
            Ok(()) => events.len(),
            Err(retry) => retry.taken.min(events.len()),
        };
        events[..many]
            .iter()
            .for_each(|event| self.window.note(&event.id));
        self.tally.took(many);
        if let Some(last) = events[..many].last() {
            self.tally.took_last(&last.id);
        }
        taken
    }

    fn failed(&mut self, retry: &Retry) -> Next {
        let pause = self.ground.pause(self.failures);
        self.failures += 1;
        self.tally.failed(self.ground.now(), &retry.why);
        let (consumer, failures) = (self.consumer.name(), self.failures);
        warn!(consumer, failures, ?pause, why = %retry, "events could not be delivered; they come again");
        Next::Pause(pause)
    }

    async fn take_turn(&mut self) -> Result<Turn, Unavailable> {
        match &mut self.place {
            Place::Shared(cursor) => return cursor.take().await,
            Place::PerNode(Some(_)) => {}
            Place::PerNode(place) => *place = Some(self.ground.store.feed_end().await?),
        }
        Ok(Turn::Ours)
    }

    /// Shows a sign of life while a consumer takes its time.
    async fn keep_turn(&mut self) {
        if let Place::Shared(cursor) = &mut self.place
            && let Err(error) = cursor.renew().await
        {
            warn!(consumer = self.consumer.name(), %error, "another runtime may take the turn");
        }
    }

    async fn save(&mut self) -> Result<(), Unavailable> {
        if let Place::Shared(cursor) = &mut self.place {
            cursor.renew().await?;
        }
        Ok(())
    }

    fn position(&self) -> Option<FeedPosition> {
        match &self.place {
            Place::Shared(cursor) => cursor.position(),
            Place::PerNode(place) => place.clone(),
        }
    }

    fn move_to(&mut self, position: FeedPosition) {
        self.consumer.passed(&position);
        match &mut self.place {
            Place::Shared(cursor) => cursor.move_to(position),
            Place::PerNode(place) => *place = Some(position),
        }
    }

    async fn news(&self) {
        match self.position() {
            Some(position) => self.ground.store.news(position).await,
            None => std::future::pending().await,
        }
    }
}

//! Tells a consumer of events from its queue. A message only points to its event: what is told is
//! what stands in the store, so nobody who can write to the queue can make anything up.

use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use super::reading::{Incoming, Reader, Verdict};
use crate::domain::entity::Key;
use crate::events::consumer::{Consumer, Retry};
use crate::events::event::Event;
use crate::store::{EVENTS, Store, Unavailable};

/// The reader of a consumer's queue.
pub(super) struct EventReader {
    pub(super) consumer: Arc<dyn Consumer>,
    pub(super) store: Arc<dyn Store>,
}

impl Reader for EventReader {
    fn read<'a>(&'a self, messages: &'a [Incoming]) -> BoxFuture<'a, Vec<Verdict>> {
        async move {
            let found = match self.events(messages).await {
                Ok(found) => found,
                Err(Unavailable(why)) => return vec![Verdict::Outage(why); messages.len()],
            };
            let known: Vec<_> = found.iter().flatten().cloned().collect();
            let mut verdicts = self.tell(&known).await.into_iter();
            let stranger = || Verdict::Never("it tells of no event of this marketplace".into());
            let of_each = found.iter().map(|event| match event {
                Some(_) => verdicts.next().unwrap_or(Verdict::Taken),
                None => stranger(),
            });
            of_each.collect()
        }
        .boxed()
    }
}

impl EventReader {
    /// The event that each message points to.
    async fn events(&self, messages: &[Incoming]) -> Result<Vec<Option<Event>>, Unavailable> {
        let names = messages.iter().filter_map(|message| message.event.clone());
        let rows = self.store.get(&EVENTS, names.map(Key::Name).collect()).await?;
        let mut rows = rows.into_iter();
        let event = |message: &Incoming| {
            message.event.as_ref()?;
            Event::read(&rows.next()??)
        };
        Ok(messages.iter().map(event).collect())
    }

    /// Tells them together, and one by one what is left when that fails: so it shows which of
    /// them is to blame, and the others go on.
    async fn tell(&self, events: &[Event]) -> Vec<Verdict> {
        if events.is_empty() {
            return Vec::new();
        }
        let Err(retry) = self.consumer.consume(events).await else {
            return vec![Verdict::Taken; events.len()];
        };
        let (taken, left) = events.split_at(retry.taken.min(events.len()));
        let mut verdicts = vec![Verdict::Taken; taken.len()];
        if retry.outage || left.len() == 1 {
            verdicts.resize(events.len(), blame(retry));
            return verdicts;
        }
        for event in left {
            let told = self.consumer.consume(std::slice::from_ref(event)).await;
            verdicts.push(told.map_or_else(blame, |()| Verdict::Taken));
        }
        verdicts
    }
}

fn blame(retry: Retry) -> Verdict {
    if retry.outage {
        Verdict::Outage(retry.why)
    } else {
        Verdict::Failed(retry.why)
    }
}

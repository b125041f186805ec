//! Keeps the index of the products in step with the store: opens it as it was left and hears what
//! happened since, or makes it anew, and from then on tells it what changes.
//!
//! All of it is done in small turns by a chore of the runtime, so that a stop waits for none of it.

mod changes;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::sync::{Mutex, Notify};
use tracing::info;

use crate::domain::entity::{Entity, Key};
use crate::domain::id::Id;
use crate::domain::product::{PRODUCTS, Product};
use crate::domain::stock::Stock;
use crate::events::consumer::{Consumer, Reach, Retry};
use crate::events::event::Event;
use crate::services::search::{Entry, Mark, Search, State};
use crate::store::query::Cursor;
use crate::store::{EVENTS, FeedPosition, Query, Store, Unavailable, document};

use changes::Batch;
pub use changes::Changes;

/// So many products are read in one turn when the index is made.
const TURN: usize = 1_000;
/// So many events are heard in one turn.
const EVENTS_TURN: usize = 1_000;
/// What failed is tried again after this.
const AGAIN: Duration = Duration::from_secs(1);

/// Whoever keeps the index in step.
pub struct Indexing {
    store: Arc<dyn Store>,
    search: Search,
    changes: Changes,
    phase: Mutex<Phase>,
    begun: Notify,
    failed: AtomicBool,
}

/// How far it has come.
enum Phase {
    /// It is not known yet from where on this node hears of events.
    Waiting,
    /// The index as it was left is to be looked at.
    Opening,
    /// The index cannot be used.
    Lost,
    /// It hears what happened since it was left.
    CatchingUp(FeedPosition),
    /// It is made anew, from this product on.
    Making(Option<Cursor>, Mark),
    /// It is told what changes.
    Following,
}

impl Indexing {
    /// Nothing is opened yet.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, search: Search, changes: Changes) -> Self {
        Self {
            store,
            search,
            changes,
            phase: Mutex::new(Phase::Waiting),
            begun: Notify::new(),
            failed: AtomicBool::new(false),
        }
    }

    /// Waits until there may be something to do. May be dropped at any time.
    pub async fn rest(&self) {
        if self.failed.load(Ordering::Relaxed) {
            tokio::time::sleep(AGAIN).await;
            return;
        }
        // The phase is let go of before the rest: it changes meanwhile.
        let (waiting, following) = {
            let phase = self.phase.lock().await;
            (
                matches!(*phase, Phase::Waiting),
                matches!(*phase, Phase::Following),
            )
        };
        if waiting {
            self.begun.notified().await;
        } else if following {
            tokio::select! {
                biased;
                () = self.search.lost() => {}
                () = self.changes.due() => {}
            }
        }
    }

    /// Does what is next, and says of how many products.
    ///
    /// # Errors
    /// When the store or the index does not answer. It is tried again.
    pub async fn work(&self) -> Result<usize, Unavailable> {
        let mut phase = self.phase.lock().await;
        let done = self.turn(&mut phase).await;
        if matches!(*phase, Phase::Making(..)) && done.is_err() {
            // Nobody knows how much of this turn is in the index.
            *phase = Phase::Lost;
        }
        self.failed.store(done.is_err(), Ordering::Relaxed);
        done
    }

    async fn turn(&self, phase: &mut Phase) -> Result<usize, Unavailable> {
        let used = matches!(phase, Phase::CatchingUp(_) | Phase::Following);
        if used && self.search.state() == State::Incomplete {
            *phase = Phase::Lost;
        }
        match phase {
            Phase::Waiting => Ok(0),
            Phase::Opening => {
                *phase = self.open().await?;
                Ok(0)
            }
            Phase::Lost => {
                *phase = self.begin_anew().await?;
                Ok(0)
            }
            Phase::CatchingUp(place) => match self.catch_up(place).await? {
                0 => {
                    let (many, all) = self.tell().await?;
                    if all {
                        self.opened(phase);
                    }
                    Ok(many)
                }
                many => Ok(many),
            },
            Phase::Making(after, mark) => {
                let (many, next) = self.make(after.take(), mark).await?;
                match next {
                    Some(next) => *after = Some(next),
                    None => self.opened(phase),
                }
                Ok(many)
            }
            Phase::Following => self.tell().await.map(|(many, _)| many),
        }
    }

    fn opened(&self, phase: &mut Phase) {
        *phase = Phase::Following;
        self.search.ready();
    }

    async fn open(&self) -> Result<Phase, Unavailable> {
        if let Some(mark) = self.search.open().await
            && self.is_of_this_store(&mark).await?
        {
            if let Some(event) = &mark.event {
                self.changes.heard(event);
            }
            return Ok(Phase::CatchingUp(mark.position()));
        }
        self.begin_anew().await
    }

    /// Whether the store is the one that an index was made from, and has not been put back to an
    /// earlier time since.
    async fn is_of_this_store(&self, mark: &Mark) -> Result<bool, Unavailable> {
        let Some(event) = mark.event.clone() else {
            return Ok(false);
        };
        let found = self.store.get(&EVENTS, vec![Key::Name(event)]).await?;
        Ok(found.iter().any(Option::is_some))
    }

    async fn begin_anew(&self) -> Result<Phase, Unavailable> {
        let place = self.store.feed_end().await?;
        let newest = Query::by_index(&EVENTS, "at", Vec::new()).descending().limit(1);
        let newest = self.store.find(newest).await?;
        let newest = newest
            .documents
            .first()
            .and_then(Event::read)
            .map(|event| event.id);
        if let Some(event) = &newest {
            self.changes.heard(event);
        }
        self.changes.passed(&place);
        self.search.begin().await?;
        Ok(Phase::Making(None, Mark::new(&place, newest)))
    }

    /// Takes up some products, and says where the next ones begin. What changes meanwhile is noted
    /// and told afterwards. The mark is written with the last ones: without it the index is never
    /// opened again.
    async fn make(&self, after: Option<Cursor>, mark: &Mark) -> Result<(usize, Option<Cursor>), Unavailable> {
        let all = Query::by_index(&PRODUCTS, "newest", vec![false.into()]);
        let page = self.store.find(all.after(after).limit(TURN)).await?;
        let read = page.documents.iter().filter_map(|row| {
            let product: Product = document::decode(row).ok()?;
            Some((product.id, Some((product, document::version(row)))))
        });
        let entries = self.entries(read.collect()).await?;
        let (many, last) = (entries.len(), page.next.is_none().then(|| mark.clone()));
        let made = self.search.with(move |catalogue| {
            if !entries.is_empty() {
                catalogue.add(&entries)?;
            }
            match last {
                // An index of nothing costs nothing, and is made again as quickly.
                Some(mark) if catalogue.was_written_to() => catalogue.keep(Some(&mark)),
                _ => Ok(()),
            }
        });
        made.await?;
        if page.next.is_none() {
            info!(last = many, "the index of the products is made");
        }
        Ok((many, page.next))
    }

    async fn catch_up(&self, place: &mut FeedPosition) -> Result<usize, Unavailable> {
        let page = self.store.feed(Some(place.clone()), EVENTS_TURN).await?;
        let events: Vec<_> = page.events.iter().filter_map(Event::read).collect();
        self.note(&events);
        self.changes.passed(&page.next);
        *place = page.next;
        Ok(page.events.len())
    }

    /// Tells the index what has changed: of how many products, and whether that was all.
    async fn tell(&self) -> Result<(usize, bool), Unavailable> {
        let batch = self.changes.take();
        match self.told(&batch).await {
            Ok(kept) => {
                let done = (batch.products.len(), batch.up_to.is_some());
                self.changes.told(batch, kept);
                Ok(done)
            }
            Err(error) => {
                self.changes.put_back(batch);
                Err(error)
            }
        }
    }

    async fn told(&self, batch: &Batch) -> Result<bool, Unavailable> {
        let keys = batch.products.iter().map(|id| Key::from(*id)).collect();
        let rows = self.store.get(&PRODUCTS, keys).await?;
        let read = batch.products.iter().zip(rows).map(|(id, row)| {
            let row = row.as_ref();
            let product: Option<Product> = row.and_then(|row| document::decode(row).ok());
            let for_sale = product.filter(|product| !product.retired);
            (*id, for_sale.zip(row.map(document::version)))
        });
        let entries = self.entries(read.collect()).await?;
        let place_is_due = self.changes.place_is_due();
        let up_to = batch.up_to.as_ref();
        // Between two parts of what is pending there is no place that could be gone on from.
        let mark = up_to.and_then(|up_to| Some(Mark::new(up_to.place.as_ref()?, up_to.event.clone())));
        let kept = self.search.with(move |catalogue| {
            let different = catalogue.refresh(&entries)?;
            let keep = different || (place_is_due && mark.is_some());
            if keep {
                catalogue.keep(mark.as_ref())?;
            }
            Ok(keep && mark.is_some())
        });
        Ok(kept.await?)
    }

    /// Looks up which of these can be bought.
    async fn entries(&self, products: Vec<(Id, Option<(Product, u64)>)>) -> Result<Vec<Entry>, Unavailable> {
        let keys = products.iter().map(|(id, _)| Key::from(*id)).collect();
        let stocks = self.store.get(Stock::COLLECTION, keys).await?;
        let together = products.into_iter().zip(stocks);
        let entries = together.map(|((id, for_sale), stock)| {
            let stock: Option<Stock> = stock.and_then(|row| document::decode(&row).ok());
            Entry {
                id,
                for_sale,
                in_stock: stock.is_some_and(|stock| stock.count().available > 0),
            }
        });
        Ok(entries.collect())
    }

    /// Notes the products that events tell of. Stocks tell when there is something to be bought
    /// again, and when there is nothing any more.
    fn note(&self, events: &[Event]) {
        for event in events {
            if matches!(event.kind.as_str(), Product::KIND | Stock::KIND) {
                self.changes.note(event.entity, false);
            }
        }
        if let Some(last) = events.last() {
            self.changes.heard(&last.id);
        }
    }
}

impl Consumer for Indexing {
    fn name(&self) -> &'static str {
        "index of the products"
    }

    fn reach(&self) -> Reach {
        Reach::PerNode
    }

    fn begin(&self) -> BoxFuture<'_, Result<(), Retry>> {
        async {
            let mut phase = self.phase.lock().await;
            if matches!(*phase, Phase::Waiting) {
                *phase = Phase::Opening;
                self.begun.notify_one();
            }
            Ok(())
        }
        .boxed()
    }

    fn passed(&self, place: &FeedPosition) {
        self.changes.passed(place);
    }

    fn consume<'a>(&'a self, events: &'a [Event]) -> BoxFuture<'a, Result<(), Retry>> {
        self.note(events);
        async { Ok(()) }.boxed()
    }
}

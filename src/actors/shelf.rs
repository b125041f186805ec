//! The shop window: what a product is and how many there are, ready to be shown without asking
//! the store or waking anybody. The owners bring it up to date before any answer leaves them.

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwapOption;
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared, WeakShared};
use moka::ops::compute::Op;
use moka::sync::Cache;
use parking_lot::Mutex;

use super::crew::Changed;
use crate::domain::entity::Entity;
use crate::domain::id::Id;
use crate::domain::product::Product;
use crate::domain::stock::{Count, Stock};
use crate::events::consumer::{Consumer, Reach, Retry};
use crate::events::event::Event;
use crate::store::{Store, Unavailable, Version, document};

/// About so many bytes of snapshots are kept.
const BYTES_MAX: u64 = 64 << 20;

/// Where others write too, a snapshot is kept no longer than this: holds and sales on another
/// runtime are told by orders, not by the stock.
const SHARED_LIFETIME: Duration = Duration::from_millis(500);

/// A product as it is for sale at this moment. It never changes: the next one takes its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Snapshot {
    /// The product.
    pub product: Product,
    /// The version of the product. Its stock does not count in it.
    pub version: Version,
    /// How many there are.
    pub count: Count,
    /// The version of the stock.
    pub stock_version: Version,
}

/// The snapshots that were asked for lately. Cloning it gives another handle to the same ones.
#[derive(Clone)]
pub struct Shelf {
    store: Arc<dyn Store>,
    places: Cache<Id, Arc<Place>>,
}

type Read = BoxFuture<'static, Result<Option<Arc<Snapshot>>, Unavailable>>;

/// The place of one product. It stands on the shelf before the store is read for it, so that
/// nothing which changes meanwhile goes unseen.
#[derive(Default)]
struct Place {
    shown: ArcSwapOption<Snapshot>,
    known: Mutex<Known>,
}

/// The newest of what is known, from the store or from the owners.
#[derive(Default)]
struct Known {
    product: Option<(Product, Version)>,
    count: Option<(Count, Version)>,
    /// All who come while the store is read wait for the same answer.
    reading: Option<WeakShared<Read>>,
}

impl Shelf {
    /// An empty shelf.
    #[must_use]
    pub fn new(store: Arc<dyn Store>) -> Self {
        let places = Cache::builder()
            .max_capacity(BYTES_MAX)
            .weigher(|_, place: &Arc<Place>| place.weight());
        let places = if store.shared() {
            places.time_to_live(SHARED_LIFETIME)
        } else {
            places
        };
        Self {
            store,
            places: places.build(),
        }
    }

    /// The product of this id as it is for sale; `None` if there is none, or none any more.
    ///
    /// # Errors
    /// When the store does not say.
    pub async fn snapshot(&self, id: Id) -> Result<Option<Arc<Snapshot>>, Unavailable> {
        let place = self.places.get_with(id, Arc::default);
        if let Some(shown) = place.shown.load_full() {
            return Ok(Some(shown));
        }
        self.reading(id, &place).await
    }

    /// What stands on the shelf of a product at this moment, without asking anybody.
    #[must_use]
    pub fn shown(&self, id: Id) -> Option<Arc<Snapshot>> {
        self.places.get(&id)?.shown.load_full()
    }

    /// A product was changed.
    pub fn note_product(&self, changed: &Changed<'_, Product>) {
        if let Some(place) = self.places.get(&changed.id) {
            place.note_product(changed.state, changed.version);
        }
    }

    /// A stock was changed.
    pub fn note_stock(&self, changed: &Changed<'_, Stock>) {
        if let Some(place) = self.places.get(&changed.id) {
            place.note_count(changed.state.count(), changed.version);
        }
    }

    fn reading(&self, id: Id, place: &Arc<Place>) -> Shared<Read> {
        let mut known = place.known.lock();
        if let Some(reading) = known.reading.as_ref().and_then(WeakShared::upgrade) {
            return reading;
        }
        let (all, place) = (self.clone(), Arc::clone(place));
        let reading = async move { all.read(id, place).await }.boxed().shared();
        known.reading = reading.downgrade();
        reading
    }

    /// Reads what is stored. A stock is there before its product is, so whoever finds the product
    /// finds the stock after it.
    async fn read(&self, id: Id, place: Arc<Place>) -> Result<Option<Arc<Snapshot>>, Unavailable> {
        if let Some((product, version)) = self.load::<Product>(id).await? {
            place.note_product(&product, version);
        }
        if place.is_for_sale()
            && let Some((stock, version)) = self.load::<Stock>(id).await?
        {
            place.note_count(stock.count(), version);
        }
        let shown = place.shown.load_full();
        self.weigh(id, &place, shown.is_some());
        Ok(shown)
    }

    async fn load<E: Entity>(&self, id: Id) -> Result<Option<(E, Version)>, Unavailable> {
        let found = self.store.get(E::COLLECTION, vec![id.into()]).await?;
        let Some(found) = found.into_iter().flatten().next() else {
            return Ok(None);
        };
        let state = document::decode(&found);
        let state = state.map_err(|error| Unavailable(format!("a {} cannot be read: {error}", E::KIND)))?;
        Ok(Some((state, document::version(&found))))
    }

    /// Puts a place down once more, now that it is known how heavy it is; or takes it away if
    /// there is nothing to show in it. One that was taken away meanwhile does not come back.
    fn weigh(&self, id: Id, place: &Arc<Place>, shown: bool) {
        self.places.entry(id).and_compute_with(|entry| {
            let stands = entry.is_some_and(|entry| Arc::ptr_eq(entry.value(), place));
            match (stands, shown) {
                (false, _) => Op::Nop,
                (true, true) => Op::Put(Arc::clone(place)),
                (true, false) => Op::Remove,
            }
        });
    }
}

impl Place {
    fn note_product(&self, product: &Product, version: Version) {
        let mut known = self.known.lock();
        if known.product.as_ref().is_none_or(|(_, known)| *known < version) {
            known.product = Some((product.clone(), version));
            self.show(&known);
        }
    }

    fn note_count(&self, count: Count, version: Version) {
        let mut known = self.known.lock();
        if known.count.is_none_or(|(_, known)| known < version) {
            known.count = Some((count, version));
            self.show(&known);
        }
    }

    /// Called with `known` locked, so that no older snapshot takes the place of a newer one.
    fn show(&self, known: &Known) {
        let snapshot = match (&known.product, known.count) {
            (Some((product, version)), Some((count, stock_version))) if !product.retired => {
                Some(Arc::new(Snapshot {
                    product: product.clone(),
                    version: *version,
                    count,
                    stock_version,
                }))
            }
            _ => None,
        };
        self.shown.store(snapshot);
    }

    fn is_for_sale(&self) -> bool {
        let known = self.known.lock();
        known
            .product
            .as_ref()
            .is_some_and(|(product, _)| !product.retired)
    }

    fn weight(&self) -> u32 {
        let shown = self.shown.load();
        let texts = shown.as_ref().map_or(0, |snapshot| {
            let listing = &snapshot.product.listing;
            listing.title.len() + listing.description.len() + 256 * listing.images.len()
        });
        u32::try_from(512 + 2 * texts).unwrap_or(u32::MAX)
    }

    /// Whether this version of a product or of its stock is news to it.
    fn is_behind(&self, kind: &str, version: Version) -> bool {
        let known = self.known.lock();
        let at = match kind {
            Product::KIND => known.product.as_ref().map(|(_, version)| *version),
            Stock::KIND => known.count.map(|(_, version)| version),
            _ => Some(version),
        };
        at.is_none_or(|at| at < version)
    }
}

/// On a store that others write to: what another runtime changed is taken off the shelf.
impl Consumer for Shelf {
    fn name(&self) -> &'static str {
        "shelf"
    }

    fn reach(&self) -> Reach {
        Reach::PerNode
    }

    fn consume<'a>(&'a self, events: &'a [Event]) -> BoxFuture<'a, Result<(), Retry>> {
        for event in events {
            let place = self.places.get(&event.entity);
            if place.is_some_and(|place| place.is_behind(&event.kind, event.version)) {
                self.places.invalidate(&event.entity);
            }
        }
        async { Ok(()) }.boxed()
    }
}

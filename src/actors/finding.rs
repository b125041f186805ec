//! Finding products. The index says which ones and in which order; what is shown of them is as the
//! store has it at this moment. What needs no index is found without it as long as it is not whole
//! or not up to date.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use super::indexing::Changes;
use super::products::{Listed, Products, Wanted};
use super::shelf::Snapshot;
use crate::domain::id::Id;
use crate::domain::product::{PRODUCTS, Product};
use crate::services::search::{self, Place, Search, State, Terms};
use crate::store::query::Cursor;
use crate::store::{Query, Unavailable, document};

/// So long a question waits for the index to know of what was changed on this node before it.
const PATIENCE: Duration = Duration::from_millis(100);

/// What a cursor begins with, by what gave it.
const OF_THE_STORE: u8 = 0;
const OF_THE_INDEX: u8 = 1;

/// What is needed to find products by an index.
#[derive(Clone)]
pub struct Searching {
    /// The index.
    pub search: Search,
    /// What it has yet to hear of.
    pub changes: Changes,
}

/// Why nothing was found.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotFound {
    /// The search gives no answer.
    #[error(transparent)]
    Search(#[from] search::NoAnswer),
    /// The store gives none.
    #[error(transparent)]
    Store(#[from] Unavailable),
    /// The cursor leads to no place.
    #[error("the cursor was never given")]
    NoSuchPlace,
}

/// Where a list goes on.
enum Way {
    Start,
    Store(Cursor),
    Index(Place),
}

impl Products {
    /// The part of the products for sale that is wanted, and how many there are in all.
    ///
    /// # Errors
    /// See [`NotFound`].
    pub async fn find(&self, terms: Terms, after: Option<Cursor>) -> Result<Listed, NotFound> {
        let plain = plain(&terms);
        match (Way::read(after)?, plain) {
            (Way::Store(place), Some(wanted)) => self.find_in_store(&wanted, &terms, Some(place)).await,
            (Way::Store(_), None) => Err(NotFound::NoSuchPlace),
            (Way::Index(place), _) => {
                let after = Some(place);
                self.find_by_index(Terms { after, ..terms }).await
            }
            (Way::Start, None) => {
                self.is_indexed().await;
                self.find_by_index(terms).await
            }
            (Way::Start, Some(wanted)) => {
                if self.is_indexed().await
                    && let Ok(found) = self.find_by_index(terms.clone()).await
                {
                    return Ok(found);
                }
                self.find_in_store(&wanted, &terms, None).await
            }
        }
    }

    /// Every category that a product for sale stands in by its name, with how many do.
    ///
    /// # Errors
    /// When the store does not say.
    pub async fn categories(&self) -> Result<Vec<(String, u64)>, Unavailable> {
        if self.is_indexed().await
            && let Some(Searching { search, .. }) = &self.searching
            && let Ok(categories) = search.categories().await
        {
            return Ok(categories);
        }
        self.categories_in_store().await
    }

    /// Whether the index knows of everything that was changed on this node until now. Waits for it
    /// if it is a matter of moments.
    pub async fn is_indexed(&self) -> bool {
        match &self.searching {
            Some(Searching { search, changes }) if search.state() == State::Ready => {
                changes.known(PATIENCE).await
            }
            _ => false,
        }
    }

    async fn find_by_index(&self, terms: Terms) -> Result<Listed, NotFound> {
        let Some(Searching { search, .. }) = &self.searching else {
            return Err(search::NoAnswer::NotReady.into());
        };
        let page = search.find(terms.clone()).await?;
        let mut shown = self.shown(page.ids).await?;
        shown.retain(|snapshot| fits(&terms, snapshot));
        let next = page.next.map(|place| cursor(OF_THE_INDEX, &place.bytes()));
        Ok((shown, next, page.total))
    }

    async fn find_in_store(
        &self,
        wanted: &Wanted,
        terms: &Terms,
        after: Option<Cursor>,
    ) -> Result<Listed, NotFound> {
        let part = |query: Query| query.limit(terms.limit).skip(terms.skip).after(after);
        let (shown, next, total) = self.list(wanted, part).await?;
        let next = next.map(|Cursor(place)| cursor(OF_THE_STORE, &place));
        Ok((shown, next, total))
    }

    /// These products as they are for sale; those that are not are left out.
    async fn shown(&self, ids: Vec<Id>) -> Result<Vec<Arc<Snapshot>>, Unavailable> {
        let hot: Vec<_> = ids.iter().map(|id| self.shelf().shown(*id)).collect();
        let cold = ids.iter().zip(&hot).filter(|(_, hot)| hot.is_none());
        let cold = cold.map(|(id, _)| (*id).into()).collect();
        let rows = self.owners().engine().store.get(&PRODUCTS, cold).await?;
        let read = rows.iter().flatten().filter_map(|row| {
            let product: Product = document::decode(row).ok()?;
            (!product.retired).then(|| (product, document::version(row)))
        });
        let cold = self.with_counts(read.collect()).await?;
        let all = hot.into_iter().flatten().chain(cold);
        let mut by_id: HashMap<_, _> = all.map(|one| (one.product.id, one)).collect();
        Ok(ids.iter().filter_map(|id| by_id.remove(id)).collect())
    }

    async fn categories_in_store(&self) -> Result<Vec<(String, u64)>, Unavailable> {
        let store = &self.owners().engine().store;
        let mut categories: Vec<(String, u64)> = Vec::new();
        loop {
            // Nothing lies between a text and the same text with a zero behind it.
            let after = categories
                .last()
                .map_or(String::new(), |(name, _)| format!("{name}\0"));
            let next = Query::by_index(&PRODUCTS, "category", vec![false.into()]);
            let page = store
                .find(next.between(Some(after.into()), None).limit(1))
                .await?;
            let found = page
                .documents
                .first()
                .and_then(|row| document::decode::<Product>(row).ok());
            let Some(category) = found.and_then(|product| product.listing.category) else {
                return Ok(categories);
            };
            let many = store.count(Wanted::Category(category.clone()).query()).await?;
            categories.push((category, many));
        }
    }
}

impl Way {
    fn read(cursor: Option<Cursor>) -> Result<Self, NotFound> {
        let Some(Cursor(bytes)) = cursor else {
            return Ok(Self::Start);
        };
        match bytes.split_first() {
            Some((&OF_THE_STORE, place)) => Ok(Self::Store(Cursor(place.to_vec()))),
            Some((&OF_THE_INDEX, place)) => Place::read(place).map(Self::Index).ok_or(NotFound::NoSuchPlace),
            _ => Err(NotFound::NoSuchPlace),
        }
    }
}

fn cursor(of: u8, place: &[u8]) -> Cursor {
    Cursor([&[of], place].concat())
}

/// What is wanted, where an index of the store finds it as well.
fn plain(terms: &Terms) -> Option<Wanted> {
    let Terms {
        text,
        least,
        most,
        currency,
        in_stock,
        sort,
        ..
    } = terms;
    let newest = matches!(sort, search::Sort::Newest | search::Sort::Relevance);
    let unfiltered = least.or(*most).is_none() && currency.is_none() && in_stock.is_none();
    if text.is_some() || !newest || !unfiltered {
        return None;
    }
    match (terms.seller, &terms.category) {
        (None, None) => Some(Wanted::All),
        (None, Some(category)) => Some(Wanted::Category(category.clone())),
        (Some(seller), None) => Some(Wanted::Seller(seller)),
        (Some(_), Some(_)) => None,
    }
}

/// Whether a product is still what was asked for: the index may be a moment behind.
fn fits(terms: &Terms, snapshot: &Snapshot) -> bool {
    let listing = &snapshot.product.listing;
    let price = listing.price;
    terms.least.is_none_or(|least| price.minor() >= least)
        && terms.most.is_none_or(|most| price.minor() <= most)
        && terms.currency.is_none_or(|currency| price.currency() == currency)
        && terms
            .seller
            .is_none_or(|seller| snapshot.product.seller == seller)
        && terms
            .in_stock
            .is_none_or(|so| (snapshot.count.available > 0) == so)
        && (terms.category.is_none() || terms.category == listing.category)
}

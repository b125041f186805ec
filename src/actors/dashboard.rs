//! What a seller sees of the own business: what was sold, what is low in stock, and which orders
//! there are.

use serde::Serialize;

use super::ask::AskError;
use super::desks::Desks;
use super::orders::{Listed, Orders, Seen};
use super::products::Products;
use crate::domain::desk::{Desk, Figures, ProductSums, Refusal, Settings};
use crate::domain::id::Id;
use crate::domain::order::Status;
use crate::store::{Query, Unavailable};

/// So many of the products that sell best are told.
const TOP: usize = 5;
/// So many of those that are low in stock are told.
const LOW_STOCK_TOLD: usize = 20;

/// The dashboards of all sellers. Cloning it gives another handle to the same ones.
#[derive(Clone)]
pub struct Dashboard {
    desks: Desks,
    orders: Orders,
    products: Products,
}

/// Everything at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metrics {
    /// What was sold.
    pub figures: Figures,
    /// What is low in stock, the fewest first.
    pub low_stock: Vec<Low>,
}

/// A product of which few are left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Low {
    /// The product.
    pub product_id: Id,
    /// Its title.
    pub title: String,
    /// How many can be bought.
    pub available: u64,
}

/// Why nothing can be shown.
type NotShown = AskError<Refusal>;

impl Dashboard {
    /// Dashboards of these desks, orders and products.
    #[must_use]
    pub fn new(desks: Desks, orders: Orders, products: Products) -> Self {
        Self {
            desks,
            orders,
            products,
        }
    }

    /// The desks.
    #[must_use]
    pub fn desks(&self) -> &Desks {
        &self.desks
    }

    /// Everything.
    ///
    /// # Errors
    /// `Overloaded`, `Unavailable` or `Failed`.
    pub async fn metrics(&self, seller: Id) -> Result<Metrics, NotShown> {
        let (figures, settings) = self.desks.figures(seller, TOP).await?;
        let low_stock = self.low(seller, &settings).await.map_err(unavailable)?;
        Ok(Metrics { figures, low_stock })
    }

    /// What was sold.
    ///
    /// # Errors
    /// `Overloaded`, `Unavailable` or `Failed`.
    pub async fn figures(&self, seller: Id) -> Result<Figures, NotShown> {
        Ok(self.desks.figures(seller, TOP).await?.0)
    }

    /// What is low in stock, and how many the seller takes for few.
    ///
    /// # Errors
    /// `Overloaded`, `Unavailable` or `Failed`.
    pub async fn low_stock(&self, seller: Id) -> Result<(Vec<Low>, u64), NotShown> {
        let settings = self.desks.settings(seller).await?;
        let low = self.low(seller, &settings).await.map_err(unavailable)?;
        Ok((low, settings.low_stock_at))
    }

    async fn low(&self, seller: Id, settings: &Settings) -> Result<Vec<Low>, Unavailable> {
        let few = self.products.few(seller, settings.low_stock_at, LOW_STOCK_TOLD);
        let low = few.await?;
        let low = low.iter().map(|one| Low {
            product_id: one.product.id,
            title: one.product.listing.title.clone(),
            available: one.count.available,
        });
        Ok(low.collect())
    }

    /// A part of the orders that the seller has a part in, the newest first, each as it is now.
    ///
    /// # Errors
    /// `Overloaded`, `Unavailable` or `Failed`.
    pub async fn orders(
        &self,
        seller: Id,
        status: Option<Status>,
        part: impl FnOnce(Query) -> Query,
    ) -> Result<Listed, NotShown> {
        let (postings, next, total) = self.desks.orders(seller, status, part).await?;
        let seen = self
            .orders
            .read(postings.iter().map(|posting| posting.order))
            .await
            .map_err(unavailable)?;
        let seen: Vec<Seen> = seen.into_iter().flatten().collect();
        Ok((seen, next, total))
    }

    /// What was sold of these products, each in its place.
    ///
    /// # Errors
    /// `Overloaded`, `Unavailable` or `Failed`.
    pub async fn sold(&self, seller: Id, of: Vec<Id>) -> Result<Vec<Option<ProductSums>>, NotShown> {
        let see = move |desk: &Desk| {
            let sold = of.iter().map(|product| desk.product(*product).cloned());
            sold.collect()
        };
        self.desks.see(seller, see).await
    }
}

fn unavailable(Unavailable(why): Unavailable) -> NotShown {
    AskError::Unavailable(why)
}

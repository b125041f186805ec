//! A seller's figures on the wire.

use serde::Serialize;
use utoipa::ToSchema;

use super::price::Amount;
use super::product::Product;
use crate::actors::dashboard::{Low, Metrics};
use crate::actors::shelf::Snapshot;
use crate::domain::desk::{DaySums, ProductSums, Takings};
use crate::domain::id::Id;

/// How a seller's business goes.
#[derive(Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MetricsBody {
    /// How many pieces were sold.
    sales: u64,
    /// For how much, in each currency.
    #[schema(value_type = Vec<Amount>)]
    revenue: Takings,
    /// In how many orders.
    orders: u64,
    /// The products that sell best, the best first.
    top_products: Vec<Top>,
    /// Every day of a while until today, in UTC, the oldest first.
    series: Vec<OfADay>,
    /// The products of which few can be bought, the fewest first.
    low_stock: Vec<FewLeft>,
}

/// A product that sells.
#[derive(Debug, PartialEq, Serialize, ToSchema)]
pub struct Top {
    #[schema(value_type = String)]
    id: Id,
    title: String,
    /// How many pieces of it were sold.
    sold: u64,
    /// For how much, in each currency.
    #[schema(value_type = Vec<Amount>)]
    revenue: Takings,
}

/// What was sold in one day.
#[derive(Debug, PartialEq, Serialize, ToSchema)]
pub struct OfADay {
    /// The day on which it was ordered: `2026-11-20`.
    day: String,
    /// How many pieces.
    sales: u64,
    /// For how much, in each currency.
    #[schema(value_type = Vec<Amount>)]
    revenue: Takings,
}

/// A product of which few can be bought.
#[derive(Debug, PartialEq, Serialize, ToSchema)]
pub struct FewLeft {
    #[schema(value_type = String)]
    id: Id,
    title: String,
    /// How many can be bought.
    available: u64,
}

/// A product of the seller's own, and what was sold of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct OwnProduct {
    #[serde(flatten)]
    product: Product,
    /// How many pieces of it were sold.
    sold: u64,
    /// For how much, in each currency.
    #[schema(value_type = Vec<Amount>)]
    revenue: Takings,
}

impl From<Metrics> for MetricsBody {
    fn from(Metrics { figures, low_stock }: Metrics) -> Self {
        Self {
            sales: figures.sums.sales,
            revenue: figures.sums.revenue,
            orders: figures.sums.orders,
            top_products: figures.top.into_iter().map(Top::from).collect(),
            series: figures.series.into_iter().map(OfADay::from).collect(),
            low_stock: low_stock.into_iter().map(FewLeft::from).collect(),
        }
    }
}

impl From<ProductSums> for Top {
    fn from(sums: ProductSums) -> Self {
        Self {
            id: sums.product,
            title: sums.title,
            sold: sums.sold,
            revenue: sums.revenue,
        }
    }
}

impl From<DaySums> for OfADay {
    fn from(DaySums { day, sums }: DaySums) -> Self {
        Self {
            day: day.to_string(),
            sales: sums.sales,
            revenue: sums.revenue,
        }
    }
}

impl From<Low> for FewLeft {
    fn from(low: Low) -> Self {
        Self {
            id: low.product_id,
            title: low.title,
            available: low.available,
        }
    }
}

impl OwnProduct {
    /// A product, and what was sold of it.
    #[must_use]
    pub fn new(one: &Snapshot, sums: Option<ProductSums>) -> Self {
        let (sold, revenue) = sums.map(|sums| (sums.sold, sums.revenue)).unwrap_or_default();
        Self {
            product: Product::from(one),
            sold,
            revenue,
        }
    }
}

//! What a seller has sold, as the assistant tells it: the figures of the dashboard.

use serde::Serialize;

use crate::domain::desk::{Figures, ProductSums};
use crate::domain::id::Id;
use crate::domain::money::Money;

/// What was sold. Only orders that are paid count.
#[expect(clippy::struct_field_names, reason = "the wire has these names")]
#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Sales {
    /// How many pieces.
    pub sales: u64,
    /// For how much, without tax and shipping, in each currency.
    pub revenue: Vec<Money>,
    /// In how many orders.
    pub orders: u64,
    /// Which products sell best.
    pub top_products: Vec<Top>,
}

/// A product that sells.
#[derive(Debug, Clone, Serialize)]
pub struct Top {
    /// The product.
    pub id: Id,
    /// Its title.
    pub title: String,
    /// How many pieces of it were sold.
    pub sold: u64,
    /// For how much, in each currency.
    pub revenue: Vec<Money>,
}

impl From<Figures> for Sales {
    fn from(figures: Figures) -> Self {
        Self {
            sales: figures.sums.sales,
            revenue: figures.sums.revenue.amounts().to_vec(),
            orders: figures.sums.orders,
            top_products: figures.top.into_iter().map(Top::from).collect(),
        }
    }
}

impl From<ProductSums> for Top {
    fn from(sums: ProductSums) -> Self {
        Self {
            id: sums.product,
            title: sums.title,
            sold: sums.sold,
            revenue: sums.revenue.amounts().to_vec(),
        }
    }
}

impl Sales {
    /// The same in a sentence.
    #[must_use]
    pub fn sentence(&self) -> String {
        if self.sales == 0 {
            return "Nothing has been sold and paid for yet.".into();
        }
        let revenue: Vec<_> = self.revenue.iter().map(Money::to_string).collect();
        let best = self.top_products.first().map_or(String::new(), |top| {
            format!(" {} sells best, with {} pieces.", top.title, top.sold)
        });
        let (sales, orders) = (self.sales, self.orders);
        let revenue = if revenue.is_empty() {
            "nothing, since all of it was paid back".to_owned()
        } else {
            revenue.join(" and ")
        };
        format!("You have sold {sales} pieces in {orders} orders for {revenue}.{best}")
    }
}

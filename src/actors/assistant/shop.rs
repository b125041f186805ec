//! The parts of the shop that an assistant reaches.

use crate::actors::accounts::Accounts;
use crate::actors::carts::Carts;
use crate::actors::checkout::Checkout;
use crate::actors::dashboard::Dashboard;
use crate::actors::engine::Engine;
use crate::actors::products::Products;

/// The parts. Cloning it gives other handles to the same ones.
#[derive(Clone)]
pub struct Shop {
    /// Where orders are sent to by default.
    pub accounts: Accounts,
    /// The products and their stocks.
    pub products: Products,
    /// The carts.
    pub carts: Carts,
    /// The way from carts to orders, and the orders.
    pub checkout: Checkout,
    /// What sellers see of their business.
    pub dashboard: Dashboard,
}

impl Shop {
    /// What all owners stand on.
    #[must_use]
    pub fn engine(&self) -> &Engine {
        self.carts.owners().engine()
    }
}

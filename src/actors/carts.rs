//! The owners of carts, and what a cart is told of the products that go into it.

use std::sync::Arc;

use super::ask::{Answer, Ask, AskError};
use super::engine::Engine;
use super::owners::Owners;
use super::products::Products;
use crate::domain::cart::{Cart, Offer, Refusal, Reply};
use crate::domain::id::Id;
use crate::store::{Unavailable, Version};

/// What a cart answers.
pub type CartAnswer = Answer<Reply>;

/// All carts, each under the id of its buyer. Cloning it gives another handle to the same ones.
#[derive(Clone)]
pub struct Carts {
    owners: Owners<Cart>,
    products: Products,
}

impl Carts {
    /// The carts on this engine.
    #[must_use]
    pub fn new(engine: &Arc<Engine>, products: Products) -> Self {
        Self {
            owners: Owners::new(Arc::clone(engine), Vec::new()),
            products,
        }
    }

    /// The owners.
    #[must_use]
    pub fn owners(&self) -> &Owners<Cart> {
        &self.owners
    }

    /// Asks something of a buyer's cart.
    ///
    /// # Errors
    /// See [`AskError`].
    pub async fn ask(&self, buyer: Id, ask: Ask<Cart>) -> Result<CartAnswer, AskError<Refusal>> {
        self.owners.ask(buyer, ask).await
    }

    /// A buyer's cart; an empty one for who has never put anything in.
    ///
    /// # Errors
    /// `Overloaded`, `Unavailable` or `Failed`.
    pub async fn see(&self, buyer: Id) -> Result<(Cart, Version), AskError<Refusal>> {
        let now = self.owners.engine().now(Some(buyer));
        let see = move |cart: Option<&Cart>, version| {
            let cart = cart.cloned().unwrap_or_else(|| Cart::empty(&now));
            (cart, version)
        };
        self.owners.view(buyer, see).await
    }

    /// What the catalogue says of a product; `None` if it is not for sale.
    ///
    /// # Errors
    /// When the store does not say.
    pub async fn offer(&self, product: Id) -> Result<Option<Offer>, Unavailable> {
        let snapshot = self.products.snapshot(product).await?;
        Ok(snapshot.map(|snapshot| Offer {
            product,
            title: snapshot.product.listing.title.clone(),
            price: snapshot.product.listing.price,
            available: snapshot.count.available,
        }))
    }
}

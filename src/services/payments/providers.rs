//! The providers of a shop, by their names.

use std::sync::Arc;

use super::{CashOnDelivery, Failure, PaymentProvider};

/// The providers of a shop. Cloning gives another handle to the same ones.
#[derive(Clone)]
pub struct Providers(Arc<[Arc<dyn PaymentProvider>]>);

impl Providers {
    /// These providers, and cash on delivery, which needs nobody.
    #[must_use]
    pub fn new(providers: impl IntoIterator<Item = Arc<dyn PaymentProvider>>) -> Self {
        let cash: Arc<dyn PaymentProvider> = Arc::new(CashOnDelivery);
        Self(providers.into_iter().chain([cash]).collect())
    }

    /// The provider of this name.
    ///
    /// # Errors
    /// [`Failure::Unavailable`] when the shop has no account there, so that nothing can be paid,
    /// looked up or given back until it has one again.
    pub fn named(&self, name: &str) -> Result<&dyn PaymentProvider, Failure> {
        let found = self.0.iter().find(|provider| provider.name() == name);
        let found = found.map(|provider| &**provider);
        found.ok_or_else(|| Failure::Unavailable(format!("this shop has no account for payments by {name}")))
    }
}

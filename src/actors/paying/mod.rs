//! From a payment to an order that is paid, and from an order that is over to money that went
//! back. The payment says what is to be done for it; an order never knows who takes its money, and
//! a provider never knows of an order, so either can be replaced without the other.

mod hearing;
mod opening;
mod outcome;
mod results;
mod showing;
mod steps;
mod telling;

use std::time::Duration;

use tracing::warn;

use super::alarm::Alarm;
use super::checkout::Checkout;
use super::due::Due;
use super::payments::Payments;
use super::stuck::Stuck;
use crate::domain::collection::Collection;
use crate::domain::id::Id;
use crate::domain::payment::PAYMENTS;
use crate::services::payments::Providers;

pub use opening::Wanted;
pub use outcome::{NoPayment, NotHeard};
pub use showing::Verified;

/// The way of the money. Cloning it gives another handle to the same one.
#[derive(Clone)]
pub struct Paying {
    payments: Payments,
    checkout: Checkout,
    providers: Providers,
    look_every: Duration,
}

impl Paying {
    /// A way on which these providers take the money for these orders, and are asked so often
    /// what they have heard of buyers who seem not to have paid.
    #[must_use]
    pub fn new(payments: Payments, checkout: Checkout, providers: Providers, look_every: Duration) -> Self {
        Self {
            payments,
            checkout,
            providers,
            look_every,
        }
    }

    /// The payments.
    #[must_use]
    pub fn payments(&self) -> &Payments {
        &self.payments
    }

    /// Who takes the money.
    #[must_use]
    pub fn providers(&self) -> &Providers {
        &self.providers
    }

    /// Does what is to be done for a payment while nobody waits for it. What is not done now is
    /// done when it is due.
    pub fn drive_soon(&self, id: Id) {
        let paying = self.clone();
        actix_rt::spawn(async move {
            if let Err(stuck) = paying.drive(id).await {
                warn!(payment = %id, %stuck, "it is gone on with later");
            }
        });
    }
}

impl Due for Paying {
    const NAME: &'static str = "due payments";
    const COLLECTION: &'static Collection = &PAYMENTS;

    fn alarm(&self) -> &Alarm {
        self.payments.alarm()
    }

    /// Does what is due for a payment, be it that its provider is asked what it has heard.
    async fn look_after(&self, id: Id) -> Result<(), Stuck> {
        self.drive(id).await.map(drop)
    }
}

//! The rules of a product: each an ordered list of early returns, then what must succeed.

use std::collections::BTreeSet;

use super::{Authority, Created, Event, Launch, Product, Rating, Refusal, Revision};
use crate::domain::entity::{Circumstances, Decision};

type Decided = Result<Decision<Product>, Refusal>;

/// Puts a product up for sale.
pub(super) fn create(launch: &Launch, at: &Circumstances) -> Decided {
    let product = Product {
        id: launch.id,
        seller: launch.seller,
        listing: launch.listing.clone().checked()?,
        created_at: at.now,
        updated_at: at.now,
        retired: false,
        rating: Rating::default(),
        reviewed: BTreeSet::new(),
    };
    let created = Created::new(product.clone(), launch);
    Ok(Decision::change(product.clone(), product).event(Event::Created(Box::new(created))))
}

impl Product {
    pub(super) fn change(&self, by: Authority, revision: &Revision, at: &Circumstances) -> Decided {
        self.admit(by)?;
        let listing = self.listing.revised(revision)?;
        if listing == self.listing {
            return Ok(Decision::answer(self.clone()));
        }
        let next = Self {
            listing,
            updated_at: at.now,
            ..self.clone()
        };
        let updated = Event::Updated(Box::new(next.clone()));
        Ok(Decision::change(next.clone(), next).event(updated))
    }

    pub(super) fn retire(&self, by: Authority, at: &Circumstances) -> Decided {
        self.admit(by)?;
        let next = Self {
            retired: true,
            updated_at: at.now,
            ..self.clone()
        };
        let deleted = Event::Deleted(Box::new(next.clone()));
        Ok(Decision::change(next.clone(), next).event(deleted))
    }

    /// Whether it is there to be changed by whoever asks. What is retired is there for nobody.
    ///
    /// # Errors
    /// When it is not.
    pub fn admit(&self, by: Authority) -> Result<(), Refusal> {
        if self.retired {
            return Err(Refusal::Unknown);
        }
        match by {
            Authority::Admin => Ok(()),
            Authority::Seller(id) if id == self.seller => Ok(()),
            Authority::Seller(_) => Err(Refusal::NotYours),
        }
    }
}

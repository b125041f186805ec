//! Money that came from a buyer, and how much of it went back.

use serde::{Deserialize, Serialize};

use crate::domain::money::Money;

/// Money that came from a buyer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Capture {
    /// The provider that it came through.
    pub provider: String,
    /// Its name there.
    pub id: String,
    /// How much it is.
    pub amount: Money,
    /// What the provider keeps of it, once that is known.
    pub fee: Option<Money>,
    /// What went back of it.
    pub refunds: Vec<Refund>,
}

/// Money that goes back to a buyer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refund {
    /// Its name at the provider.
    pub id: String,
    /// How much it is.
    pub amount: Money,
    /// How far it has come.
    pub state: RefundState,
}

/// How far a refund has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RefundState {
    /// The provider has it in hand.
    Pending,
    /// It is with the buyer, or on its way.
    Processed,
    /// It could not be made.
    Failed,
}

impl Capture {
    /// How much of it is with the shop, or should be, for all that went back or is about to.
    #[must_use]
    pub fn left(&self) -> i64 {
        let gone = self.refunds.iter().filter(|one| one.state != RefundState::Failed);
        self.amount.minor() - gone.map(|one| one.amount.minor()).sum::<i64>()
    }

    /// Whether all of it went back.
    #[must_use]
    pub fn is_back(&self) -> bool {
        let back = self
            .refunds
            .iter()
            .filter(|one| one.state == RefundState::Processed);
        back.map(|one| one.amount.minor()).sum::<i64>() >= self.amount.minor()
    }

    /// How often the provider could not give it back: every new attempt has a name of its own.
    #[must_use]
    pub fn refunds_failed(&self) -> usize {
        self.refunds
            .iter()
            .filter(|one| one.state == RefundState::Failed)
            .count()
    }

    /// Whether the provider has a refund of it in hand.
    #[must_use]
    pub fn is_under_way(&self) -> bool {
        self.refunds.iter().any(|one| one.state == RefundState::Pending)
    }

    /// The name of the next refund of it: the same for every attempt at it.
    pub(super) fn next_refund(&self) -> String {
        format!("refund_{}_{}", self.id, self.refunds.len())
    }

    /// All that is left of it as a refund that was made: the one that is in hand, or a new one.
    pub(super) fn made_good(&self) -> Option<Refund> {
        let state = RefundState::Processed;
        if let Some(pending) = self.refunds.iter().find(|one| one.state == RefundState::Pending) {
            let refund = pending.clone();
            return Some(Refund { state, ..refund });
        }
        (self.left() > 0).then(|| Refund {
            id: self.next_refund(),
            amount: Money::of_minor(self.left(), self.amount.currency()),
            state,
        })
    }

    /// Takes in what is known of a refund, and says how it stands if that is news. A refund that
    /// was made stays made, whatever is heard of it later, and it is as much as was heard first.
    pub(super) fn hear(&mut self, heard: &Refund) -> Option<Refund> {
        match self.refunds.iter_mut().find(|known| known.id == heard.id) {
            Some(known) if known.state == heard.state || known.state == RefundState::Processed => None,
            Some(known) if known.state == RefundState::Failed && heard.state == RefundState::Pending => None,
            Some(known) => {
                known.state = heard.state;
                Some(known.clone())
            }
            None => {
                self.refunds.push(heard.clone());
                // The same whichever of them was heard of first.
                self.refunds.sort_by(|one, other| one.id.cmp(&other.id));
                Some(heard.clone())
            }
        }
    }
}

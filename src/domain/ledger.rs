//! The books of the shop: double entry. Whatever moves leaves one account and comes to another in
//! the same commit as the fact that it tells of, so all rows of a transaction sum to zero by the
//! way in which they are made, and nobody has to see to it.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::collection::{Collection, Index};
use super::entity::{Key, RowChange};
use super::id::Id;
use super::money::{Currency, Money};
use super::time::Timestamp;

/// Where the entries are kept, each under its payment. They are written once and never changed.
pub static LEDGER: Collection = Collection::indexed(
    "ledger",
    &[Index::on("newest", &["at"]), Index::on("order", &["order", "at"])],
);

/// An account: `seller:65a1…`, `tax`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Account(String);

/// What an entry belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Matter {
    /// Money came in.
    Capture,
    /// It pays what was sold.
    Sale,
    /// What was sold came back, or was never sent.
    Return,
    /// Money went back.
    Refund,
    /// What a provider keeps for itself.
    Fee,
    /// The buyer keeps both the goods and the money.
    Goodwill,
}

/// One side of a movement. What an account has gained is positive; what it has given, and so what
/// it is owed by nobody but us, is negative.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The order whose money it is.
    pub order: Id,
    /// Counts the transactions of that order's payment.
    pub transaction: u32,
    /// What it is about.
    pub matter: Matter,
    /// The account.
    pub account: Account,
    /// Minor units of the currency.
    pub minor: i64,
    /// The currency.
    pub currency: Currency,
    /// When.
    pub at: Timestamp,
}

/// Movements that stand together or not at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transaction {
    /// What they are about.
    pub matter: Matter,
    movements: Vec<(Account, Account, Money)>,
}

impl Account {
    /// What a provider owes to the shop.
    #[must_use]
    pub fn provider(name: &str) -> Self {
        Self(format!("provider:{name}"))
    }

    /// What a buyer is owed; nothing, once everything is done.
    #[must_use]
    pub fn buyer(id: Id) -> Self {
        Self(format!("buyer:{id}"))
    }

    /// What a seller is owed.
    #[must_use]
    pub fn seller(id: Id) -> Self {
        Self(format!("seller:{id}"))
    }

    /// What buyers pay when the goods come.
    #[must_use]
    pub fn receivable() -> Self {
        Self("receivable".into())
    }

    /// What the state is owed.
    #[must_use]
    pub fn tax() -> Self {
        Self("tax".into())
    }

    /// What was taken for the way to the buyer.
    #[must_use]
    pub fn shipping() -> Self {
        Self("shipping".into())
    }

    /// What providers have kept for themselves.
    #[must_use]
    pub fn fees() -> Self {
        Self("fees".into())
    }

    /// What was given back although the goods were not.
    #[must_use]
    pub fn refunds() -> Self {
        Self("refunds".into())
    }

    /// The account that stands for all of its kind: `seller:*` for a seller's.
    #[must_use]
    pub fn of_its_kind(&self) -> Self {
        match self.0.split_once(':') {
            Some((kind @ ("buyer" | "seller"), _)) => Self(format!("{kind}:*")),
            _ => self.clone(),
        }
    }
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Transaction {
    /// A transaction without a movement yet.
    #[must_use]
    pub fn about(matter: Matter) -> Self {
        let movements = Vec::new();
        Self { matter, movements }
    }

    /// Moves an amount from one account to another. Nothing is not moved.
    #[must_use]
    pub fn moves(mut self, from: Account, to: Account, amount: Money) -> Self {
        if amount.minor() != 0 {
            self.movements.push((from, to, amount));
        }
        self
    }

    /// The same the other way round, about something else.
    #[must_use]
    pub fn undone_by(self, matter: Matter) -> Self {
        let back = self.movements.into_iter();
        let movements = back.map(|(from, to, amount)| (to, from, amount)).collect();
        Self { matter, movements }
    }

    /// Its entries, as the n-th transaction of an order's payment.
    pub fn entries(&self, order: Id, n: u32, at: Timestamp) -> impl Iterator<Item = Entry> {
        let both = self.movements.iter().flat_map(|(from, to, amount)| {
            let sides = [(from, -amount.minor()), (to, amount.minor())];
            sides.map(|(account, minor)| (account, minor, amount.currency()))
        });
        both.map(move |(account, minor, currency)| Entry {
            order,
            transaction: n,
            matter: self.matter,
            account: account.clone(),
            minor,
            currency,
            at,
        })
    }

    /// The same as rows of the payment.
    pub fn rows(&self, order: Id, n: u32, at: Timestamp) -> impl Iterator<Item = RowChange> {
        self.entries(order, n, at).enumerate().map(move |(side, entry)| {
            let key = Key::Part(order, format!("{n:04}.{side:03}"));
            RowChange::insert(&LEDGER, key, &entry)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn account(n: u8) -> Account {
        [Account::tax(), Account::fees(), Account::receivable()][usize::from(n % 3)].clone()
    }

    proptest! {
        #[test]
        fn whatever_moves_a_transaction_sums_to_zero(
            movements in prop::collection::vec((0u8..3, 0u8..3, -1_000_000_000_000i64..1_000_000_000_000, prop::bool::ANY), 0..20)
        ) {
            let transaction = movements.iter().fold(Transaction::about(Matter::Sale), |all, movement| {
                let currency = if movement.3 { Currency::Inr } else { Currency::Usd };
                all.moves(account(movement.0), account(movement.1), Money::of_minor(movement.2, currency))
            });
            for currency in Currency::ALL {
                let id = Id::from_bytes([1; 12]);
                let entries = transaction.entries(id, 1, Timestamp::default());
                let sum: i64 = entries.filter(|entry| entry.currency == currency).map(|entry| entry.minor).sum();
                prop_assert_eq!(sum, 0);
            }
        }
    }
}

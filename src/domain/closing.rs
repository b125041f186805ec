//! What the entries of the books come to. Up to a time that is over for good it is kept, so that
//! nobody has to add up everything that was ever written.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::collection::Collection;
use super::ledger::{Account, Entry};
use super::money::{Currency, Money};
use super::time::Timestamp;

/// Where the last closing is kept: one document.
pub static CLOSINGS: Collection = Collection::plain("closings");

/// So often it is counted whether a closing has all the entries of its time.
const COUNT_EVERY: Duration = Duration::from_hours(24);

/// What accounts have, added up.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Sums(Vec<Sum>);

/// What one account has of a currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sum {
    /// The account.
    pub account: Account,
    /// The currency.
    pub currency: Currency,
    /// Minor units of it.
    pub minor: i64,
}

/// The books up to a time.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Closing {
    /// Everything before this is in it.
    pub until: Timestamp,
    /// When it was last counted.
    counted: Timestamp,
    /// So many entries.
    pub entries: u64,
    /// What all accounts of a kind have.
    pub sums: Sums,
}

impl Sums {
    /// Takes an amount in.
    pub fn add(&mut self, account: Account, currency: Currency, minor: i64) {
        let place = |sum: &Sum| (&sum.account, sum.currency).cmp(&(&account, currency));
        match self.0.binary_search_by(place) {
            Ok(found) => self.0[found].minor = self.0[found].minor.saturating_add(minor),
            Err(place) => {
                let sum = Sum {
                    account,
                    currency,
                    minor,
                };
                self.0.insert(place, sum);
            }
        }
    }

    /// Each account in its turn.
    pub fn iter(&self) -> impl Iterator<Item = (&Account, Money)> {
        let told = |sum: &Sum| Money::of_minor(sum.minor, sum.currency);
        self.0.iter().map(move |sum| (&sum.account, told(sum)))
    }

    /// Whether nothing was lost and nothing found: what all accounts have is nothing.
    #[must_use]
    pub fn balance(&self) -> bool {
        Currency::ALL.iter().all(|currency| {
            let of_it = self.0.iter().filter(|sum| sum.currency == *currency);
            of_it.map(|sum| i128::from(sum.minor)).sum::<i128>() == 0
        })
    }
}

impl Closing {
    /// Takes an entry in. All buyers have one account here, and all sellers: there may be a
    /// million of them.
    pub fn take(&mut self, entry: &Entry) {
        self.entries += 1;
        self.sums
            .add(entry.account.of_its_kind(), entry.currency, entry.minor);
    }

    /// Whether it is to be counted again by then.
    #[must_use]
    pub fn is_to_be_counted(&self, now: Timestamp) -> bool {
        now.since(self.counted) >= COUNT_EVERY
    }

    /// It was counted, and is right.
    pub fn is_counted(&mut self, now: Timestamp) {
        self.counted = now;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::Id;
    use crate::domain::ledger::{Matter, Transaction};

    #[test]
    fn a_closing_has_one_account_for_all_sellers_and_balances() {
        let mut closing = Closing::default();
        let amount = |minor, currency| Money::of_minor(minor, currency);
        for (seller, currency) in [(1, Currency::Inr), (2, Currency::Inr), (3, Currency::Usd)] {
            let (seller, buyer) = (Id::from_bytes([seller; 12]), Id::from_bytes([9; 12]));
            let sale = Transaction::about(Matter::Sale)
                .moves(
                    Account::seller(seller),
                    Account::buyer(buyer),
                    amount(500, currency),
                )
                .moves(Account::tax(), Account::buyer(buyer), amount(90, currency));
            for entry in sale.entries(seller, 1, Timestamp::default()) {
                closing.take(&entry);
            }
        }
        let told: Vec<_> = closing
            .sums
            .iter()
            .map(|(account, has)| (account.to_string(), has.to_string()))
            .collect();
        let expected = [
            ("buyer:*", "11.80 INR"),
            ("buyer:*", "5.90 USD"),
            ("seller:*", "-10.00 INR"),
            ("seller:*", "-5.00 USD"),
            ("tax", "-1.80 INR"),
            ("tax", "-0.90 USD"),
        ];
        let expected = expected.map(|(account, has)| (account.to_owned(), has.to_owned()));
        assert_eq!((told, closing.entries), (expected.to_vec(), 12));
        assert!(closing.sums.balance());
        closing.sums.add(Account::tax(), Currency::Usd, 1);
        assert!(!closing.sums.balance(), "a cent that came from nowhere");
    }
}

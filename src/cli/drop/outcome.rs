//! What came of a sale: the table, and whether the books balance.

use std::time::Duration;

use super::payment::Ledger;
use crate::cli::Failure;

/// One buyer.
pub(super) struct Bought {
    pub(super) heard: Heard,
    /// From the click to the answer.
    pub(super) took: Duration,
    /// When that was, from the beginning of the sale.
    pub(super) at: Duration,
    pub(super) token: String,
}

/// What a buyer heard in the end.
pub(super) enum Heard {
    Order(String),
    SoldOut,
    /// Neither the one nor the other.
    Nothing(String),
}

/// What the shop says when all is over.
pub(super) struct Books {
    pub(super) stock: u64,
    /// Held or sold.
    pub(super) taken: u64,
    pub(super) available: u64,
    /// Orders that were told and do not stand.
    pub(super) lost: usize,
    /// Whether its own audit agrees.
    pub(super) balance: bool,
    /// What the ledger says, if the buyers were to pay.
    pub(super) ledger: Option<Ledger>,
    /// How often somebody had to ask again.
    pub(super) shed: u64,
}

/// A sale that was played.
pub(super) struct Outcome {
    pub(super) bought: Vec<Bought>,
    pub(super) took: Duration,
    books: Books,
    stock: u64,
    /// How long everybody waited, the shortest first.
    pub(super) waits: Vec<Duration>,
}

impl Outcome {
    pub(super) fn new(stock: u64, bought: Vec<Bought>, took: Duration, books: Books) -> Self {
        let mut waits: Vec<_> = bought.iter().map(|one| one.took).collect();
        waits.sort_unstable();
        Self {
            bought,
            took,
            books,
            stock,
            waits,
        }
    }

    pub(super) fn orders(&self) -> usize {
        self.count(|heard| matches!(heard, Heard::Order(_)))
    }

    fn count(&self, which: impl Fn(&Heard) -> bool) -> usize {
        self.bought.iter().filter(|one| which(&one.heard)).count()
    }

    /// How long all but so many of a thousand waited at the most.
    pub(super) fn wait(&self, thousandths: usize) -> Duration {
        let place = (self.waits.len() * thousandths).div_ceil(1_000).saturating_sub(1);
        self.waits.get(place).copied().unwrap_or_default()
    }

    /// The rows of the table.
    pub(super) fn rows(&self) -> Vec<(&'static str, String)> {
        let seconds = self.took.as_secs_f64().max(f64::EPSILON);
        let served = u32::try_from(self.bought.len()).unwrap_or(u32::MAX);
        let orders = u32::try_from(self.orders()).unwrap_or(u32::MAX);
        let millis = |wait: Duration| format!("{:.1} ms", wait.as_secs_f64() * 1_000.0);
        vec![
            ("pieces", self.stock.to_string()),
            ("buyers", served.to_string()),
            ("orders", orders.to_string()),
            (
                "sold out",
                self.count(|heard| matches!(heard, Heard::SoldOut)).to_string(),
            ),
            ("asked again", self.books.shed.to_string()),
            (
                "errors",
                self.count(|heard| matches!(heard, Heard::Nothing(_))).to_string(),
            ),
            ("half waited up to", millis(self.wait(500))),
            ("99 % waited up to", millis(self.wait(990))),
            ("99.9 % waited up to", millis(self.wait(999))),
            ("buyers a second", format!("{:.0}", f64::from(served) / seconds)),
            ("orders a second", format!("{:.0}", f64::from(orders) / seconds)),
        ]
    }

    pub(super) fn print(&self) {
        for (name, value) in self.rows() {
            println!("{name:>20}  {value}");
        }
        let nothing = self.bought.iter().find_map(|one| match &one.heard {
            Heard::Nothing(why) => Some(why),
            _ => None,
        });
        if let Some(why) = nothing {
            println!("one of the errors: {why}");
        }
    }

    /// Exactly as many orders as there were pieces, or as there were buyers if they were fewer;
    /// and every order that was told stands.
    pub(super) fn verdict(&self) -> Result<(), Failure> {
        let wanted = self.stock.min(self.bought.len() as u64);
        let orders = self.orders() as u64;
        let Books {
            stock,
            taken,
            available,
            lost,
            balance,
            ref ledger,
            ..
        } = self.books;
        if orders > wanted || taken > stock {
            return Err(format!("OVERSOLD: {orders} orders of {wanted}, {taken} taken").into());
        }
        if orders < wanted || taken != orders || available != stock - taken {
            let what = format!("{orders} orders of {wanted}, {taken} taken, {available} available");
            return Err(format!("UNDERSOLD: {what}").into());
        }
        if lost > 0 {
            return Err(format!("LOST: {lost} orders were told and do not stand").into());
        }
        if !balance {
            return Err("the shop's own audit does not agree".into());
        }
        if let Some(ledger) = ledger {
            ledger.verdict()?;
            println!("Exactly {orders} orders stand and are paid once each, and the books balance.");
            return Ok(());
        }
        println!("Exactly {orders} orders stand, and the books balance.");
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STOCK: u64 = 2;

    /// Three buyers and two pieces, and all is well.
    fn played() -> (Vec<Bought>, Books) {
        let told = [
            Heard::Order("one".into()),
            Heard::Order("two".into()),
            Heard::SoldOut,
        ];
        let bought = (1..).zip(told).map(|(n, heard)| Bought {
            heard,
            took: Duration::from_millis(n),
            at: Duration::from_millis(n),
            token: String::new(),
        });
        let books = Books {
            stock: STOCK,
            taken: STOCK,
            available: 0,
            lost: 0,
            balance: true,
            ledger: Some(Ledger {
                orders: 2,
                balanced: true,
                mispaid: Vec::new(),
            }),
            shed: 0,
        };
        (bought.collect(), books)
    }

    /// The verdict on a sale in which this went otherwise.
    fn verdict(otherwise: impl FnOnce(&mut Vec<Bought>, &mut Books)) -> String {
        let (mut bought, mut books) = played();
        otherwise(&mut bought, &mut books);
        let outcome = Outcome::new(STOCK, bought, Duration::from_secs(1), books);
        outcome
            .verdict()
            .err()
            .map_or_else(String::new, |failure| failure.to_string())
    }

    #[test]
    fn a_sale_that_went_well_is_no_failure() {
        assert_eq!(verdict(|_, _| {}), "");
    }

    #[test]
    fn whatever_is_oversold_undersold_or_lost_is_a_failure() {
        let oversold = verdict(|bought, _| bought[2].heard = Heard::Order("three".into()));
        assert!(oversold.starts_with("OVERSOLD: 3 orders of 2"), "{oversold}");
        let taken = verdict(|_, books| books.taken = 3);
        assert!(taken.starts_with("OVERSOLD"), "{taken}");
        let undersold = verdict(|bought, _| bought[1].heard = Heard::SoldOut);
        assert!(undersold.starts_with("UNDERSOLD: 1 orders of 2"), "{undersold}");
        let nothing = verdict(|bought, _| bought[1].heard = Heard::Nothing("500".into()));
        assert!(nothing.starts_with("UNDERSOLD"), "{nothing}");
        let stuck = verdict(|_, books| books.available = 1);
        assert!(stuck.starts_with("UNDERSOLD"), "{stuck}");
        let lost = verdict(|_, books| books.lost = 1);
        assert!(lost.starts_with("LOST: 1 orders"), "{lost}");
        let unbalanced = verdict(|_, books| books.balance = false);
        assert!(unbalanced.contains("audit"), "{unbalanced}");
    }

    #[test]
    fn money_that_is_not_where_it_belongs_is_a_failure() {
        let ledger =
            |otherwise: fn(&mut Ledger)| verdict(|_, books| books.ledger.iter_mut().for_each(otherwise));
        let unbalanced = ledger(|ledger| ledger.balanced = false);
        assert!(unbalanced.starts_with("UNBALANCED"), "{unbalanced}");
        let mispaid = ledger(|ledger| ledger.mispaid.push("two".into()));
        assert!(
            mispaid.starts_with("MISPAID: 1 of 2 orders") && mispaid.contains("two"),
            "{mispaid}"
        );
    }

    #[test]
    fn how_long_buyers_waited_is_told_by_the_slowest_of_so_many() {
        let (bought, books) = played();
        let outcome = Outcome::new(STOCK, bought, Duration::from_secs(1), books);
        let waits = [500, 990, 999].map(|thousandths| outcome.wait(thousandths).as_millis());
        assert_eq!(waits, [2, 3, 3]);
    }
}

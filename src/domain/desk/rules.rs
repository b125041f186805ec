//! The rules of a desk.

use rpds::RedBlackTreeMapSync as PersistentMap;

use super::settings::{Change, Settings};
use super::standing::Standing;
use super::sums::{DaySums, Figures, ProductSums, Share, Sums, Takings};
use super::{DESK_DAYS, DESK_ORDERS, DESK_PRODUCTS, Day, Desk, Posting, Refusal, Reply, Sale, Sold};
use crate::domain::collection::Collection;
use crate::domain::entity::{Decision, Key, RowChange};
use crate::domain::id::Id;

/// How many postings are remembered while the owner is awake: more than fit into one round.
const POSTINGS_MAX: usize = 4_096;

impl Desk {
    /// The desk of a seller who has neither sold nor set anything.
    #[must_use]
    pub fn bare(seller: Id) -> Self {
        Self {
            seller,
            settings: Settings::default(),
            sums: Sums::default(),
            standing: Standing::default(),
            days: PersistentMap::new_sync(),
            products: PersistentMap::new_sync(),
            postings: PersistentMap::new_sync(),
        }
    }

    /// Takes in what is known of an order. Forgetting one is no harm: its row is found again when
    /// it comes in the way.
    pub(super) fn remember(&mut self, posting: Posting) {
        if self.postings.size() >= POSTINGS_MAX {
            self.postings = PersistentMap::new_sync();
        }
        self.postings.insert_mut(posting.order, posting);
    }

    pub(super) fn post(&self, sale: &Sale) -> Decision<Self> {
        let known = self.postings.get(&sale.order);
        let next = sale.posted_on(known);
        if known == Some(&next) {
            return Decision::answer(self.reply());
        }
        let (before, after) = (sale.share(known), sale.share(Some(&next)));
        let mut desk = self.clone();
        let mut rows = vec![desk.row_of(&next, known.is_some())];
        desk.standing.turn(known.map(|known| known.status), next.status);
        if before != after {
            desk.sums.turn(&before, &after);
            rows.push(desk.turn_day(Day::of(sale.created_at), &before, &after));
            rows.extend(
                sale.lines
                    .iter()
                    .map(|line| desk.turn_product(line, known, &next)),
            );
        }
        desk.remember(next);
        let decision = desk.stands();
        rows.into_iter().fold(decision, Decision::row)
    }

    pub(super) fn configure(
        &self,
        change: Change,
        if_match: Option<&[u64]>,
    ) -> Result<Decision<Self>, Refusal> {
        let current = self.settings.revision;
        if if_match.is_some_and(|wanted| !wanted.contains(&current)) {
            return Err(Refusal::Changed { current });
        }
        let Some(settings) = self.settings.with(change)? else {
            return Ok(Decision::answer(self.reply()));
        };
        let desk = Self {
            settings,
            ..self.clone()
        };
        Ok(desk.stands())
    }

    /// What the desk shows on this day, with so many of the products that sell best.
    #[must_use]
    pub fn figures(&self, today: Day, top: usize) -> Figures {
        let mut products: Vec<_> = self
            .products
            .values()
            .filter(|product| product.sold > 0)
            .collect();
        // Of two that sell alike the older one stands first, always.
        products.sort_unstable_by_key(|product| (std::cmp::Reverse(product.sold), product.product));
        let days = (0..self.settings.series_days).rev().map(|back| today.back(back));
        Figures {
            sums: self.sums.clone(),
            top: products.into_iter().take(top).cloned().collect(),
            series: days.map(|day| self.day(day)).collect(),
        }
    }

    /// The sums of every day on which something was sold.
    pub fn days(&self) -> impl Iterator<Item = &DaySums> {
        self.days.values().filter(|day| day.sums != Sums::default())
    }

    /// The sums of every product of which something was sold.
    pub fn products(&self) -> impl Iterator<Item = &ProductSums> {
        self.products.values().filter(|product| product.sold > 0)
    }

    /// The sums of one product.
    #[must_use]
    pub fn product(&self, product: Id) -> Option<&ProductSums> {
        self.products.get(&product)
    }

    fn day(&self, day: Day) -> DaySums {
        let known = self.days.get(&day).cloned();
        known.unwrap_or_else(|| DaySums {
            day,
            sums: Sums::default(),
        })
    }

    fn turn_day(&mut self, day: Day, before: &Share, after: &Share) -> RowChange {
        let mut sums = self.day(day);
        sums.sums.turn(before, after);
        let row = RowChange::put(&DESK_DAYS, self.key(&day), &sums);
        self.days.insert_mut(day, sums);
        row
    }

    fn turn_product(&mut self, line: &Sold, known: Option<&Posting>, next: &Posting) -> RowChange {
        let product = self.products.get(&line.product).cloned();
        let mut product = product.unwrap_or_else(|| ProductSums {
            product: line.product,
            title: String::new(),
            sold: 0,
            revenue: Takings::default(),
        });
        let (before, after) = (line.share(known), line.share(Some(next)));
        product.title.clone_from(&line.title);
        product.sold = product.sold + after.sales - before.sales;
        product.revenue.subtract(&before.revenue);
        product.revenue.add(&after.revenue);
        let row = RowChange::put(&DESK_PRODUCTS, self.key(&line.product), &product);
        self.products.insert_mut(line.product, product);
        row
    }

    /// The row of an order. It must not be there unless it is known what it says.
    fn row_of(&self, posting: &Posting, known: bool) -> RowChange {
        let write: fn(&'static Collection, Key, &Posting) -> RowChange =
            if known { RowChange::put } else { RowChange::insert };
        write(&DESK_ORDERS, self.key(&posting.order), posting)
    }

    fn key(&self, part: &impl ToString) -> Key {
        Key::Part(self.seller, part.to_string())
    }

    fn reply(&self) -> Reply {
        let settings = self.settings;
        Reply { settings }
    }

    fn stands(self) -> Decision<Self> {
        let reply = self.reply();
        Decision::change(self, reply)
    }
}

impl Sale {
    /// What it comes to as it was posted.
    fn share(&self, posting: Option<&Posting>) -> Share {
        let mut share = Share::default();
        for line in &self.lines {
            let part = line.share(posting);
            share.sales += part.sales;
            share.revenue.add(&part.revenue);
        }
        share.orders = u64::from(posting.is_some_and(Posting::counts));
        share
    }
}

impl Sold {
    fn share(&self, posting: Option<&Posting>) -> Share {
        let (counts, earns) = posting.map_or((false, false), |posting| (posting.counts(), posting.earns()));
        Share {
            sales: if counts { self.quantity } else { 0 },
            orders: 0,
            revenue: if earns {
                self.total.clone()
            } else {
                Takings::default()
            },
        }
    }
}

//! What stands in the demo's shop: eight shelves, each looked after by one of its sellers.

mod books;
mod electronics;
mod fashion;
mod home;
mod kitchen;
mod outdoor;
mod sports;
mod tea;

use super::drawing::{Motif, Palette};
use crate::domain::money::{Currency, Money};

/// One product.
pub(super) struct Item {
    pub(super) title: &'static str,
    pub(super) description: &'static str,
    pub(super) price: Money,
    pub(super) stock: u64,
    pub(super) motif: Motif,
    pub(super) palette: Palette,
    /// How many views of it are shown.
    pub(super) pictures: usize,
}

/// The products of a category.
pub(super) struct Shelf {
    pub(super) category: &'static str,
    /// The place of who sells them among the sellers.
    pub(super) seller: usize,
    pub(super) items: &'static [Item],
}

/// All shelves.
pub(super) const SHELVES: [Shelf; 8] = [
    shelf("Outdoor", 0, &outdoor::ITEMS),
    shelf("Sports", 0, &sports::ITEMS),
    shelf("Home", 1, &home::ITEMS),
    shelf("Kitchen", 1, &kitchen::ITEMS),
    shelf("Tea and spices", 1, &tea::ITEMS),
    shelf("Electronics", 2, &electronics::ITEMS),
    shelf("Fashion", 2, &fashion::ITEMS),
    shelf("Books", 2, &books::ITEMS),
];

const fn shelf(category: &'static str, seller: usize, items: &'static [Item]) -> Shelf {
    Shelf {
        category,
        seller,
        items,
    }
}

/// A product at a price in rupees.
const fn item(
    title: &'static str,
    description: &'static str,
    (rupees, stock): (i64, u64),
    (motif, palette): (Motif, Palette),
) -> Item {
    Item {
        title,
        description,
        price: Money::of_minor(rupees * 100, Currency::Inr),
        stock,
        motif,
        palette,
        pictures: 1,
    }
}

impl Item {
    /// Seen from near by as well.
    const fn twice(mut self) -> Self {
        self.pictures = 2;
        self
    }

    /// Brought in from abroad, and paid for in dollars.
    const fn in_dollars(mut self, cents: i64) -> Self {
        self.price = Money::of_minor(cents, Currency::Usd);
        self
    }
}

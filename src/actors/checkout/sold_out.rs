//! Whether a cart can be ordered at all, looked at before anything is written: in a flash sale
//! nearly everybody hears that it cannot, at once and at the price of a look.

use super::{Checkout, NoOrder};
use crate::actors::holds::Held;
use crate::domain::cart::{Cart, Lack, Over};
use crate::domain::order::Shortage;

impl Checkout {
    /// What there is too little of for a cart; `None` if there is enough, or if an earlier order of
    /// the same buyer may hold some of it, or has some still to give back.
    pub(super) async fn lack(&self, cart: &Cart, over: Option<Over>) -> Result<Option<Lack>, NoOrder> {
        if cart.may_share(over) {
            return Ok(None);
        }
        let mut lines = Vec::new();
        for line in cart.lines() {
            // Few are short, so the shelf is asked first: it may be behind, but wakes nobody.
            let available = match self.products.snapshot(line.product).await? {
                None => 0,
                Some(shown) if shown.count.available >= line.quantity.get().into() => continue,
                Some(_) => {
                    let (product, quantity) = (line.product, line.quantity);
                    match self.holds.look(product, quantity).await? {
                        Held::Short(available) => available,
                        _ => continue,
                    }
                }
            };
            lines.push(Shortage {
                product_id: line.product,
                requested: line.quantity.get(),
                available,
            });
        }
        lines.sort_by_key(|line| line.product_id);
        let revision = cart.revision();
        Ok((!lines.is_empty()).then_some(Lack { revision, lines }))
    }
}

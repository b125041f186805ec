//! What buyers say of products, and who may.

use bson::oid::ObjectId;

use super::ask::{Answer, Ask, AskError, Once};
use super::orders::Orders;
use super::products::Products;
use crate::domain::id::Id;
use crate::domain::order::Status;
use crate::domain::product::{Command, Product, REVIEWS, Refusal, Review};
use crate::store::query::Cursor;
use crate::store::{Query, Unavailable, document};

/// Some reviews, where they go on, and how many there are in all.
pub type Listed = (Vec<Review>, Option<Cursor>, u64);

/// What an order must be for its buyer to know what he speaks of.
const BOUGHT: [Status; 3] = [Status::Confirmed, Status::Shipped, Status::Delivered];

/// So many orders of a buyer are looked through at once.
const PAGE: usize = 100;

/// Says something of a product, for somebody who has bought it.
///
/// # Errors
/// See [`AskError`].
pub async fn review(
    (products, orders): (&Products, &Orders),
    review: Review,
    once: Option<Once>,
) -> Result<Answer<Product>, AskError<Refusal>> {
    let bought = has_bought(orders, review.user, review.product).await;
    if !bought.map_err(|Unavailable(why)| AskError::Unavailable(why))? {
        let (refusal, replayed) = (Refusal::NotBought, false);
        return Err(AskError::Refused { refusal, replayed });
    }
    let now = products.owners().engine().now(Some(review.user));
    let product = review.product;
    let ask = Ask::new(Command::Review(Box::new(review)), now).once(once);
    products.ask(product, ask).await
}

/// A part of what was said of a product, the newest first.
///
/// # Errors
/// When the store does not say.
pub async fn list(
    products: &Products,
    product: Id,
    part: impl FnOnce(Query) -> Query,
) -> Result<Listed, Unavailable> {
    let all = Query::by_index(&REVIEWS, "product", vec![ObjectId::from(product).into()]);
    let store = &products.owners().engine().store;
    let page = store.find(part(all.clone().descending())).await?;
    let total = store.count(all).await?;
    let reviews = page.documents.iter().filter_map(|row| document::decode(row).ok());
    Ok((reviews.collect(), page.next, total))
}

async fn has_bought(orders: &Orders, buyer: Id, product: Id) -> Result<bool, Unavailable> {
    for status in BOUGHT {
        let mut after = None;
        loop {
            let part = |query: Query| query.limit(PAGE).after(after);
            let (found, next, _) = orders.list(buyer, Some(status), part).await?;
            let mut lines = found.iter().flat_map(|seen| &seen.order.lines);
            if lines.any(|line| line.product == product) {
                return Ok(true);
            }
            if next.is_none() {
                break;
            }
            after = next;
        }
    }
    Ok(false)
}

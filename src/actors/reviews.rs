//! What buyers say of products, and who may.

use bson::oid::ObjectId;

use super::ask::{Answer, Ask, AskError, Once};
use super::orders::Orders;
use super::products::Products;
use crate::domain::entity::{Circumstances, Key};
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

/// Says something of a product, for somebody who has bought it. Gives the review as it is kept,
/// which is the first one where the same is said again under one key.
///
/// # Errors
/// See [`AskError`].
pub async fn review(
    (products, orders): (&Products, &Orders),
    review: Review,
    once: Option<Once>,
) -> Result<(Answer<Product>, Review), AskError<Refusal>> {
    let silent = |Unavailable(why)| AskError::Unavailable(why);
    let (product, user) = (review.product, review.user);
    let known = of(products, product, user).await.map_err(silent)?;
    // Whoever has said something before is answered by the product, whatever became of the order.
    if known.is_none() && !has_bought(orders, user, product).await.map_err(silent)? {
        let (refusal, replayed) = (Refusal::NotBought, false);
        return Err(AskError::Refused { refusal, replayed });
    }
    let at = Circumstances {
        now: review.created_at,
        by: Some(user),
    };
    let ask = Ask::new(Command::Review(Box::new(review.clone())), at).once(once);
    let said = products.ask(product, ask).await?;
    Ok((said, known.unwrap_or(review)))
}

/// What somebody has said of a product.
async fn of(products: &Products, product: Id, user: Id) -> Result<Option<Review>, Unavailable> {
    let key = Key::Part(product, user.to_string());
    let found = products.owners().engine().store.get(&REVIEWS, vec![key]).await?;
    let row = found.into_iter().next().flatten();
    Ok(row.and_then(|row| document::decode(&row).ok()))
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

//! The tools of whoever sells, and the picture of a shop in figures and sentences.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::job::{Basis, Job, Question};
use super::{Audience, Desk, Effect, Outcome, Subject, Trouble, arguments};
use crate::actors::ask::{Ask, AskError};
use crate::actors::assistant::person::Person;
use crate::actors::assistant::sales::Sales;
use crate::actors::assistant::shop::Shop;
use crate::actors::dashboard::Low;
use crate::actors::shelf::Snapshot;
use crate::domain::id::Id;
use crate::domain::stock::{Command, Count, Refusal};

/// `salesMetrics`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Metrics {}

/// `lowStock`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LowStock {}

/// `setStock`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct SetStock {
    #[serde(deserialize_with = "arguments::named")]
    product_id: Id,
    #[serde(deserialize_with = "arguments::count")]
    on_hand: u64,
}

/// How a seller's shop is doing.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Insights {
    /// What was sold.
    pub sales: Sales,
    /// Products that are sold out or nearly so, the fewest first.
    pub low_stock: Vec<Low>,
    /// The same in sentences.
    pub sentences: Vec<String>,
}

/// How the shop of a seller is doing.
///
/// # Errors
/// When the store does not say.
pub async fn insights(shop: &Shop, seller: Id) -> Result<Insights, Trouble> {
    let sales = Sales::from(shop.dashboard.figures(seller).await?);
    let (low_stock, at_most) = shop.dashboard.low_stock(seller).await?;
    let sentences = vec![sales.sentence(), low_sentence(&low_stock, at_most)];
    Ok(Insights {
        sales,
        low_stock,
        sentences,
    })
}

impl Job for Metrics {
    const NAME: &'static str = "salesMetrics";
    const TITLE: &'static str = "Show the sales";
    const DESCRIPTION: &'static str = "Tells the seller how much was sold and for how much, and which \
        products sell best.";
    const EFFECT: Effect = Effect::Reads;
    const AUDIENCE: Audience = Audience::Sellers;
    const SUBJECT: Subject = Subject::Business;

    fn parameters() -> Value {
        arguments::none()
    }

    async fn run(&self, desk: &Desk, _: Basis) -> Result<Outcome, Trouble> {
        let sales = Sales::from(desk.shop.dashboard.figures(desk.person()?.id).await?);
        let sentence = sales.sentence();
        let data = serde_json::to_value(sales).map_err(|_| Trouble::Failed)?;
        Ok(Outcome { data, sentence })
    }
}

impl Job for LowStock {
    const NAME: &'static str = "lowStock";
    const TITLE: &'static str = "Show what is nearly sold out";
    const DESCRIPTION: &'static str = "Tells which of the seller's products are sold out or nearly so.";
    const EFFECT: Effect = Effect::Reads;
    const AUDIENCE: Audience = Audience::Sellers;
    const SUBJECT: Subject = Subject::Business;

    fn parameters() -> Value {
        arguments::none()
    }

    async fn run(&self, desk: &Desk, _: Basis) -> Result<Outcome, Trouble> {
        let (low, at_most) = desk.shop.dashboard.low_stock(desk.person()?.id).await?;
        let sentence = low_sentence(&low, at_most);
        let data = json!({ "lowStock": low, "atMost": at_most });
        Ok(Outcome { data, sentence })
    }
}

impl Job for SetStock {
    const NAME: &'static str = "setStock";
    const TITLE: &'static str = "Set a stock";
    const DESCRIPTION: &'static str = "Says how many pieces of a product of the seller's are on hand. The \
        seller is asked to confirm first, by the shop itself.";
    const EFFECT: Effect = Effect::Spends;
    const AUDIENCE: Audience = Audience::Sellers;
    const SUBJECT: Subject = Subject::Business;

    fn parameters() -> Value {
        let properties = json!({
            "productId": arguments::id("the product"),
            "onHand": { "type": "integer", "minimum": 0 },
        });
        arguments::object(&properties, &["productId", "onHand"])
    }

    async fn question(&self, desk: &Desk) -> Result<Question, Trouble> {
        let seen = self.own(desk).await?;
        let (title, on_hand) = (&seen.product.listing.title, self.on_hand);
        // As its owner has it: what is seen may be a moment old, and would be asked about for ever.
        let now = desk.shop.products.count(self.product_id).await?.on_hand;
        Ok(Question {
            words: format!("Set the stock of {title} to {on_hand} pieces? It has {now} now."),
            basis: Basis::OnHand(now),
        })
    }

    async fn run(&self, desk: &Desk, basis: Basis) -> Result<Outcome, Trouble> {
        let Basis::OnHand(was) = basis else {
            return Err(Trouble::Failed);
        };
        let Person { id: seller, .. } = desk.person()?;
        let seen = self.own(desk).await?;
        let on_hand = self.on_hand;
        let recount = Command::Recount { was, on_hand };
        let ask = Ask::new(recount, desk.shop.engine().now(Some(seller)));
        let answer = match desk.shop.products.stocks().ask(self.product_id, ask).await {
            Err(AskError::Refused {
                refusal: Refusal::Changed { .. },
                ..
            }) => return Err(Trouble::Changed),
            answer => answer?,
        };
        let count = answer.reply.count;
        let sentence = holds(&seen.product.listing.title, &count);
        let data = json!({ "productId": self.product_id, "count": count });
        Ok(Outcome { data, sentence })
    }

    async fn stands(&self, desk: &Desk) -> Result<String, Trouble> {
        let seen = self.own(desk).await?;
        Ok(holds(&seen.product.listing.title, &seen.count))
    }
}

impl SetStock {
    async fn own(&self, desk: &Desk) -> Result<std::sync::Arc<Snapshot>, Trouble> {
        let seller = desk.person()?.id;
        let seen = desk.shop.products.snapshot(self.product_id).await?;
        let seen = seen.ok_or(Trouble::NotFound("product"))?;
        if seen.product.seller == seller {
            Ok(seen)
        } else {
            Err(Trouble::Refused("this product is sold by someone else".into()))
        }
    }
}

fn holds(title: &str, count: &Count) -> String {
    let (on_hand, available) = (count.on_hand, count.available);
    format!("{title} has {on_hand} pieces now, of which {available} can be bought.")
}

fn low_sentence(low: &[Low], at_most: u64) -> String {
    if low.is_empty() {
        return format!("Of each of your products more than {at_most} can be bought.");
    }
    let told = low.iter().map(|one| match one.available {
        0 => format!("{} is sold out", one.title),
        left => format!("{} has {left} left", one.title),
    });
    format!("{}.", told.collect::<Vec<_>>().join("; "))
}

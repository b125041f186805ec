//! The tools of the catalogue: for everybody.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Value, json};

use super::job::{Basis, Job};
use super::{Audience, Desk, Effect, Outcome, Subject, Trouble, arguments};
use crate::actors::shelf::Snapshot;
use crate::domain::id::Id;
use crate::services::search::{Sort, Terms};

/// A model needs a few to choose from, and no catalogue.
const HITS_MAX: usize = 5;
/// So many words of a question are looked for one by one, and so many products of each.
const WORDS_MAX: usize = 8;
const HITS_OF_A_WORD: usize = 20;
/// So much of a description is shown in a list, and so much of it alone.
const DESCRIPTION_SHORT: usize = 160;
const DESCRIPTION_LONG: usize = 2_000;

/// `searchProduct`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Search {
    #[serde(alias = "input")]
    query: String,
    #[serde(default, deserialize_with = "arguments::amount")]
    min_price: Option<i64>,
    #[serde(default, deserialize_with = "arguments::amount")]
    max_price: Option<i64>,
    #[serde(default)]
    category: Option<String>,
}

/// `getProduct`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Look {
    #[serde(deserialize_with = "arguments::named")]
    product_id: Id,
}

impl Job for Search {
    const NAME: &'static str = "searchProduct";
    const TITLE: &'static str = "Search the catalogue";
    const DESCRIPTION: &'static str = "Finds products that are for sale by words, price and category. \
        Prices are in whole units of the product's currency.";
    const EFFECT: Effect = Effect::Reads;
    const AUDIENCE: Audience = Audience::Everybody;
    const SUBJECT: Subject = Subject::Catalogue;

    fn parameters() -> Value {
        let price = |what: &str| json!({ "type": "number", "minimum": 0, "description": what });
        let properties = json!({
            "query": { "type": "string", "description": "What the product is about, in a few words" },
            "minPrice": price("It costs at least this"),
            "maxPrice": price("It costs at most this"),
            "category": { "type": "string" },
        });
        arguments::object(&properties, &["query"])
    }

    async fn run(&self, desk: &Desk, _: Basis) -> Result<Outcome, Trouble> {
        let found = self.find(desk).await?;
        let lines: Vec<_> = found
            .iter()
            .enumerate()
            .map(|(n, one)| line(n + 1, one))
            .collect();
        let sentence = if lines.is_empty() {
            "Nothing for sale fits that.".to_owned()
        } else {
            format!("Found: {}.", lines.join("; "))
        };
        let products: Vec<_> = found.iter().map(|one| shown(one, DESCRIPTION_SHORT)).collect();
        let data = json!({ "products": products });
        Ok(Outcome { data, sentence })
    }
}

impl Search {
    /// What has all the words; or where nothing has, what has most of them, since people say more
    /// than products do.
    async fn find(&self, desk: &Desk) -> Result<Vec<Arc<Snapshot>>, Trouble> {
        let words: Vec<_> = self.query.split_whitespace().take(WORDS_MAX).collect();
        let whole = self.having(desk, &words.join(" "), HITS_MAX).await?;
        if !whole.is_empty() || words.len() < 2 {
            return Ok(whole);
        }
        let mut found: Vec<(usize, Arc<Snapshot>)> = Vec::new();
        for word in words {
            for one in self.having(desk, word, HITS_OF_A_WORD).await? {
                match found
                    .iter_mut()
                    .find(|(_, other)| other.product.id == one.product.id)
                {
                    Some((fit, _)) => *fit += 1,
                    None => found.push((1, one)),
                }
            }
        }
        found.sort_by_key(|(fit, _)| std::cmp::Reverse(*fit));
        Ok(found.into_iter().map(|(_, one)| one).take(HITS_MAX).collect())
    }

    async fn having(&self, desk: &Desk, words: &str, limit: usize) -> Result<Vec<Arc<Snapshot>>, Trouble> {
        let given = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let terms = Terms {
            text: given(words),
            least: self.min_price,
            most: self.max_price,
            category: self.category.as_deref().and_then(given),
            sort: Sort::Relevance,
            limit,
            ..Terms::default()
        };
        let (found, ..) = desk.shop.products.find(terms, None).await?;
        Ok(found)
    }
}

impl Job for Look {
    const NAME: &'static str = "getProduct";
    const TITLE: &'static str = "Look at a product";
    const DESCRIPTION: &'static str = "Tells everything about one product: description, price, and how many \
        can be bought at this moment.";
    const EFFECT: Effect = Effect::Reads;
    const AUDIENCE: Audience = Audience::Everybody;
    const SUBJECT: Subject = Subject::Catalogue;

    fn parameters() -> Value {
        arguments::object(
            &json!({ "productId": arguments::id("the product") }),
            &["productId"],
        )
    }

    async fn run(&self, desk: &Desk, _: Basis) -> Result<Outcome, Trouble> {
        let seen = desk.shop.products.snapshot(self.product_id).await?;
        let seen = seen.ok_or(Trouble::NotFound("product"))?;
        let listing = &seen.product.listing;
        let sentence = format!(
            "{} costs {}; {}. {}",
            listing.title,
            listing.price,
            availability(seen.count.available),
            shortened(&listing.description, DESCRIPTION_LONG),
        );
        let data = json!({ "product": shown(&seen, DESCRIPTION_LONG) });
        Ok(Outcome {
            data,
            sentence: sentence.trim_end().to_owned(),
        })
    }
}

fn line(n: usize, one: &Snapshot) -> String {
    let listing = &one.product.listing;
    let available = availability(one.count.available);
    format!("{n}. {}, {}, {available}", listing.title, listing.price)
}

fn availability(available: u64) -> String {
    match available {
        0 => "sold out".into(),
        available => format!("{available} available"),
    }
}

/// A product as an assistant sees it: texts are its seller's, and nobody's orders.
fn shown(one: &Snapshot, description: usize) -> Value {
    let listing = &one.product.listing;
    json!({
        "id": one.product.id,
        "title": listing.title,
        "description": shortened(&listing.description, description),
        "price": listing.price,
        "category": listing.category,
        "available": one.count.available,
    })
}

fn shortened(text: &str, characters: usize) -> String {
    match text.char_indices().nth(characters) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}

//! The one cart that all contestants keep: three lines, and no limit to how much goes into it.

use bazaar::actors::engine::Engine;
use bazaar::domain::collection::Collection;
use bazaar::domain::entity::{self, Circumstances, Decision, Entity, Key};
use bazaar::domain::id::Id;
use bazaar::store::{Commit, Guard, Outcome, document};
use bson::oid::ObjectId;
use serde::{Deserialize, Serialize};

static CARTS: Collection = Collection::plain("carts");
const TITLES: [&str; 3] = ["Trekking tent for two", "Sleeping bag", "Blue enamel mug"];

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Cart {
    lines: Vec<Line>,
    pub(crate) pieces: u64,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Line {
    product: u8,
    title: String,
    price_minor: i64,
    quantity: u64,
}

/// Puts so many in.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Add {
    pub(crate) product: u8,
    pub(crate) quantity: u32,
}

/// A bench has nobody to refuse.
#[derive(Debug, Clone, Serialize, Deserialize, thiserror::Error)]
pub(crate) enum Refusal {}

#[derive(Debug, Serialize)]
pub(crate) enum Event {}

impl entity::Event for Event {
    fn name(&self) -> &'static str {
        match *self {}
    }
}

impl Entity for Cart {
    const KIND: &'static str = "cart";
    const COLLECTION: &'static Collection = &CARTS;

    type Command = Add;
    /// How many pieces are in it.
    type Reply = u64;
    type Refusal = Refusal;
    type Event = Event;

    fn decide(state: Option<&Self>, add: &Add, _: &Circumstances) -> Result<Decision<Self>, Refusal> {
        let mut cart = state.cloned().unwrap_or_default();
        let pieces = cart.add(*add);
        Ok(Decision::change(cart, pieces))
    }

    fn taken(_: &str) -> Refusal {
        unreachable!("a cart has no unique index")
    }
}

impl Cart {
    /// Says how many pieces are in it now.
    pub(crate) fn add(&mut self, Add { product, quantity }: Add) -> u64 {
        let quantity = u64::from(quantity);
        self.pieces += quantity;
        match self.lines.iter_mut().find(|line| line.product == product) {
            Some(line) => line.quantity += quantity,
            None => self.lines.push(Line {
                product,
                title: TITLES[usize::from(product) % TITLES.len()].to_owned(),
                price_minor: 499_950,
                quantity,
            }),
        }
        self.pieces
    }
}

/// The commit that makes of a cart at one version the next one.
pub(crate) async fn keep(engine: &Engine, id: Id, expect: u64, cart: &Cart) -> Outcome {
    let (commit, key) = (ObjectId::from(engine.id()), Key::Id(id));
    let put = Some(document::of_entity(&key, expect + 1, commit, cart));
    let guard = Guard {
        collection: &CARTS,
        key,
        expect,
        put,
    };
    let commit = Commit {
        id: commit,
        guard: Some(guard),
        writes: Vec::new(),
    };
    engine.committer.commit(commit).await
}

//! Products and their stocks as they are seen together, whatever becomes of the store.

use std::sync::Arc;
use std::time::Duration;

use bazaar::actors::ask::{Ask, AskError};
use bazaar::actors::engine::Bounds;
use bazaar::actors::products::{Change, Counted, ProductAnswer, Products};
use bazaar::actors::shelf::Snapshot;
use bazaar::domain::account::FullName;
use bazaar::domain::id::Id;
use bazaar::domain::money::{Currency, Money};
use bazaar::domain::product::{Authority, Command, Launch, Listing, Refusal, Revision};
use bazaar::domain::quantity::Quantity;
use bazaar::domain::stock::{self, Count};
use bazaar::events::consumer::Consumer;
use bazaar::events::event::Event;
use bazaar::store::Unavailable;
use futures_util::future::join_all;

use crate::support::faulty::{Fate, Faulty};
use crate::support::node::{Node, id, on_one_thread};

const PRODUCT: u64 = 1;

/// The products of one runtime on a store that fails on demand.
struct Stall {
    node: Node,
    products: Products,
}

type Seen = Result<Option<Arc<Snapshot>>, Unavailable>;

impl Stall {
    fn on(store: &Faulty) -> Self {
        let node = Node::here(Arc::new(store.clone()), Bounds::default(), 1);
        let products = Products::new(&node.engine);
        Self { node, products }
    }

    async fn put_up(&self, on_hand: u64) -> Result<(ProductAnswer, Count), AskError<Refusal>> {
        self.put_up_called("A blue lamp", on_hand).await
    }

    async fn put_up_called(
        &self,
        title: &str,
        on_hand: u64,
    ) -> Result<(ProductAnswer, Count), AskError<Refusal>> {
        let listing = Listing {
            title: title.into(),
            description: String::new(),
            price: Money::of_minor(19_999, Currency::Inr),
            category: None,
            images: Vec::new(),
        };
        let launch = Launch {
            id: id(PRODUCT),
            seller: id(9),
            email: "sam@example.com".parse().expect("an email address"),
            full_name: FullName::default(),
            listing,
        };
        let at = self.node.engine.now(None);
        self.products.create(launch, on_hand, at, None).await
    }

    async fn rename(&self, title: &str) -> Result<(ProductAnswer, Counted), AskError<Refusal>> {
        self.change(title, None).await
    }

    async fn change(
        &self,
        title: &str,
        on_hand: Option<u64>,
    ) -> Result<(ProductAnswer, Counted), AskError<Refusal>> {
        let revision = Revision {
            title: Some(title.into()),
            ..Revision::default()
        };
        let change = Change {
            by: Authority::Admin,
            revision,
            on_hand,
            if_match: None,
        };
        self.products
            .revise(id(PRODUCT), change, self.node.engine.now(None))
            .await
    }

    async fn hold(&self, order: Id, pieces: u32) {
        let command = stock::Command::Hold {
            order,
            quantity: Quantity::new(pieces).expect("a quantity"),
            replaces: None,
            revives: false,
        };
        let ask = Ask::new(command, self.node.engine.now(None));
        self.products
            .stocks()
            .ask(id(PRODUCT), ask)
            .await
            .expect("there is enough");
    }

    async fn seen(&self) -> Seen {
        self.products.snapshot(id(PRODUCT)).await
    }

    async fn title_and_available(&self) -> (String, u64) {
        let seen = self.seen().await.expect("the shelf shows it");
        let seen = seen.expect("it is for sale");
        (seen.product.listing.title.clone(), seen.count.available)
    }
}

#[test]
fn a_product_that_has_changed_is_told_even_if_its_stock_says_nothing() {
    on_one_thread(async {
        let store = Faulty::new();
        let stall = Stall::on(&store);
        stall.put_up(10).await.expect("it is put up");
        store.next(Fate::Calm); // the product changes,
        store.next(Fate::Unavailable); // and its stock does not
        let (answer, counted) = stall
            .change("A green lamp", Some(3))
            .await
            .expect("the product has changed");
        assert_eq!(answer.reply.listing.title, "A green lamp");
        assert!(matches!(counted, Err(AskError::Unavailable(_))), "{counted:?}");
        assert_eq!(stall.title_and_available().await, ("A green lamp".into(), 10));
    });
}

#[test]
fn a_product_of_which_nothing_can_be_said_leaves_no_stock_behind() {
    on_one_thread(async {
        let stall = Stall::on(&Faulty::new());
        let put_up = stall.put_up_called("   ", 10).await;
        let refused = put_up.map(|(answer, _)| answer.reply).expect_err("no title");
        assert!(
            matches!(
                refused,
                AskError::Refused {
                    refusal: Refusal::Title,
                    ..
                }
            ),
            "{refused:?}"
        );
        let stock = stall.products.stocks();
        let left = stock.view(id(PRODUCT), |stock, _| stock.cloned()).await;
        assert_eq!(left.expect("the store answers"), None, "a stock of nothing");
    });
}

#[test]
fn what_was_seen_once_is_seen_without_the_store_and_always_as_it_is() {
    on_one_thread(async {
        let store = Faulty::new();
        let stall = Stall::on(&store);
        stall.put_up(10).await.expect("it is put up");
        assert_eq!(stall.title_and_available().await, ("A blue lamp".into(), 10));
        store.unreadable(usize::MAX);
        assert_eq!(stall.title_and_available().await, ("A blue lamp".into(), 10));
        let (_, counted) = stall.rename("A green lamp").await.expect("it is renamed");
        counted.expect("its stock is known");
        assert_eq!(stall.title_and_available().await, ("A green lamp".into(), 10));
        stall.hold(id(7), 4).await;
        assert_eq!(stall.title_and_available().await, ("A green lamp".into(), 6));
        let retire = Command::Retire { by: Authority::Admin };
        let ask = Ask::new(retire, stall.node.engine.now(None));
        stall.products.ask(id(PRODUCT), ask).await.expect("it is retired");
        store.unreadable(0);
        assert_eq!(stall.seen().await, Ok(None), "it is gone");
    });
}

#[test]
fn what_is_not_there_is_not_seen_and_is_seen_as_soon_as_it_is() {
    on_one_thread(async {
        let stall = Stall::on(&Faulty::new());
        assert_eq!(stall.seen().await, Ok(None));
        stall.put_up(10).await.expect("it is put up");
        assert_eq!(stall.title_and_available().await.1, 10);
    });
}

#[test]
fn a_change_that_landed_without_an_answer_is_seen_when_the_doubt_is_over() {
    on_one_thread(async {
        let store = Faulty::new();
        let stall = Stall::on(&store);
        stall.put_up(10).await.expect("it is put up");
        stall.title_and_available().await;
        store.next(Fate::InDoubt {
            lands: true,
            after: Duration::from_secs(1),
        });
        let renamed = stall.rename("A green lamp").await;
        assert!(matches!(renamed, Err(AskError::Unavailable(_))), "{renamed:?}");
        assert_eq!(
            stall.title_and_available().await.0,
            "A blue lamp",
            "nobody was told otherwise"
        );
        tokio::time::sleep(Duration::from_secs(2)).await;
        assert_eq!(stall.title_and_available().await.0, "A green lamp");
    });
}

#[test]
fn a_creation_that_breaks_off_half_way_leaves_nothing_to_be_seen_and_can_be_repeated() {
    on_one_thread(async {
        let store = Faulty::new();
        let stall = Stall::on(&store);
        store.next(Fate::Calm); // the stock
        store.next(Fate::Unavailable); // the product
        let broken_off = stall.put_up(10).await;
        assert!(
            matches!(broken_off, Err(AskError::Unavailable(_))),
            "{broken_off:?}"
        );
        assert_eq!(stall.seen().await, Ok(None));
        stall.put_up(7).await.expect("it is put up");
        assert_eq!(
            stall.title_and_available().await.1,
            7,
            "the number of the second attempt"
        );
        stall.hold(id(7), 1).await;
        let again = stall.put_up(10).await;
        let exists = AskError::Refused {
            refusal: Refusal::Exists,
            replayed: false,
        };
        assert_eq!(again.map(drop), Err(exists));
        assert_eq!(
            stall.title_and_available().await.1,
            6,
            "what is there is left alone"
        );
    });
}

#[test]
fn all_who_come_at_once_wait_for_one_reading() {
    on_one_thread(async {
        let store = Faulty::new();
        Stall::on(&store).put_up(10).await.expect("it is put up");
        let stall = Stall::on(&store); // a shelf with nothing on it
        store.slow_down(Duration::from_millis(10));
        store.unreadable(1);
        let all = join_all((0..1_000).map(|_| stall.seen())).await;
        assert!(all.iter().all(Result::is_err), "the one reading failed for all");
        assert_eq!(stall.title_and_available().await.1, 10, "and is not remembered");
    });
}

#[test]
fn what_another_runtime_changed_is_seen_when_its_event_arrives() {
    on_one_thread(async {
        let store = Faulty::new().shared(true);
        let (here, there) = (Stall::on(&store), Stall::on(&store));
        here.put_up(10).await.expect("it is put up");
        there.title_and_available().await;
        let (renamed, _) = here.rename("A green lamp").await.expect("it is renamed");
        let event = Event {
            id: "product/1/2".into(),
            name: "PRODUCT_UPDATED".into(),
            kind: "product".into(),
            entity: id(PRODUCT),
            version: renamed.version,
            at: here.node.engine.clock.now(),
            by: None,
            data: bson::Document::new(),
        };
        let told = there.products.shelf().consume(&[event]).await;
        assert_eq!(told, Ok(()));
        assert_eq!(there.title_and_available().await.0, "A green lamp");
    });
}

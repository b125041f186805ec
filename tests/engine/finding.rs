//! What the catalogue answers as long as its index is not whole.

use std::sync::Arc;

use bazaar::actors::engine::Bounds;
use bazaar::actors::finding::{NotFound, Searching};
use bazaar::actors::indexing::{Changes, Indexing};
use bazaar::actors::products::Products;
use bazaar::domain::account::FullName;
use bazaar::domain::money::{Currency, Money};
use bazaar::domain::product::{Launch, Listing};
use bazaar::events::consumer::Consumer;
use bazaar::services::search::{NoAnswer, Search, State, Terms};
use bazaar::store::Unavailable;

use crate::support::faulty::Faulty;
use crate::support::node::{Node, id, on_one_thread};

/// The products of one runtime, and whoever keeps their index.
struct Stall {
    node: Node,
    products: Products,
    search: Search,
    indexing: Indexing,
}

impl Stall {
    fn on(store: &Faulty) -> Self {
        let node = Node::here(Arc::new(store.clone()), Bounds::default(), 1);
        let (search, changes) = (Search::new(None), Changes::default());
        let indexing = Indexing::new(Arc::new(store.clone()), search.clone(), changes.clone());
        let searching = Searching {
            search: search.clone(),
            changes,
        };
        Self {
            products: Products::searched(&node.engine, searching),
            node,
            search,
            indexing,
        }
    }

    async fn put_up(&self, number: u64, title: &str) {
        let launch = Launch {
            id: id(number),
            seller: id(900),
            email: "sam@example.com".parse().expect("an email address"),
            full_name: FullName::default(),
            listing: Listing {
                title: title.into(),
                description: String::new(),
                price: Money::of_minor(19_999, Currency::Inr),
                category: Some("Lamps".into()),
                images: Vec::new(),
            },
        };
        let at = self.node.engine.now(None);
        let made = self.products.create(launch, 1, at, None).await;
        made.expect("it is put up");
    }

    async fn find(&self, text: Option<&str>) -> Result<Vec<String>, NotFound> {
        let terms = Terms {
            text: text.map(str::to_owned),
            limit: 20,
            ..Terms::default()
        };
        let (found, _, total) = self.products.find(terms, None).await?;
        assert_eq!(found.len() as u64, total, "all of it is shown");
        Ok(found
            .iter()
            .map(|seen| seen.product.listing.title.clone())
            .collect())
    }

    /// Works on the index until it can be asked, or something goes wrong.
    async fn make_index(&self) -> Result<(), Unavailable> {
        while self.search.state() != State::Ready {
            self.indexing.work().await?;
        }
        Ok(())
    }
}

const NOT_READY: NotFound = NotFound::Search(NoAnswer::NotReady);

#[test]
fn as_long_as_there_is_no_index_lists_are_told_and_words_are_not() {
    on_one_thread(async {
        let store = Faulty::new();
        let stall = Stall::on(&store);
        stall.put_up(1, "blue lamp").await;
        assert_eq!(stall.find(None).await, Ok(vec!["blue lamp".to_owned()]));
        assert_eq!(stall.find(Some("lamp")).await, Err(NOT_READY));
        let categories = stall.products.categories().await;
        assert_eq!(categories, Ok(vec![("Lamps".to_owned(), 1)]));
        stall.indexing.begin().await.expect("it begins");
        stall.make_index().await.expect("the index is made");
        assert_eq!(stall.find(Some("lmap")).await, Ok(vec!["blue lamp".to_owned()]));
    });
}

#[test]
fn an_index_is_whole_or_not_asked_whatever_becomes_of_the_store() {
    on_one_thread(async {
        let store = Faulty::new();
        let stall = Stall::on(&store);
        stall.put_up(1, "blue lamp").await;
        stall.indexing.begin().await.expect("it begins");
        let mut turns = 0;
        while stall.search.state() != State::Ready {
            turns += 1;
            assert!(turns < 100, "it never comes to an end");
            store.unreadable(if turns < 8 { turns % 2 } else { 0 });
            if stall.indexing.work().await.is_err() {
                assert_eq!(stall.find(Some("lamp")).await, Err(NOT_READY));
            }
        }
        assert!(turns > 4, "it was disturbed");
        assert_eq!(stall.find(Some("lamp")).await, Ok(vec!["blue lamp".to_owned()]));
    });
}

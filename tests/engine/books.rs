//! What the books come to, without adding up everything that was ever written.

use std::sync::Arc;
use std::time::Duration;

use bazaar::actors::books;
use bazaar::actors::engine::Bounds;
use bazaar::domain::closing::{CLOSINGS, Closing};
use bazaar::domain::entity::Key;
use bazaar::domain::id::Id;
use bazaar::domain::ledger::LEDGER;
use bazaar::store::document;
use bson::RawDocumentBuf;
use tokio::time::sleep;

use crate::checkout::{ANNA, BERT, TENT};
use crate::support::faulty::Faulty;
use crate::support::market::{HOLD, Market};
use crate::support::node::{id, on_one_thread};
use crate::support::till::Till;

const HOUR: Duration = Duration::from_hours(1);

struct Shop {
    store: Faulty,
    till: Till,
    market: Market,
}

impl Shop {
    async fn open() -> Self {
        let (store, till) = (Faulty::new(), Till::default());
        let market = Market::with_till(Arc::new(store.clone()), Bounds::default(), 1, HOLD, &till);
        market.put_up(id(TENT), 9).await;
        Self { store, till, market }
    }

    /// Somebody buys a tent.
    async fn sell(&self, buyer: u64) -> Id {
        self.market.add(id(buyer), id(TENT), 1).await;
        let order = self.market.order(id(buyer)).await.expect("there are enough");
        let order = order.seen.order;
        let opened = self.market.begin(order.clone()).await.expect("it is payable");
        let payment = self.till.pay(&opened);
        let paid = self.market.verify(id(buyer), &opened, &payment).await;
        paid.expect("it is paid");
        order.id
    }

    async fn sums(&self) -> Closing {
        books::sums(&self.market.engine).await.expect("the store answers")
    }

    async fn close(&self) -> usize {
        books::close(&self.market.engine)
            .await
            .expect("the store answers")
    }

    /// The entries of the books as they are kept.
    fn rows(&self) -> Vec<(Key, RawDocumentBuf)> {
        let key = |row: &RawDocumentBuf| bazaar::store::query::key_of(row).expect("a key");
        self.store
            .with_disk(|disk| disk.all(&LEDGER).map(|row| (key(row), row.clone())).collect())
    }

    fn remove(&self, key: &Key) {
        self.store.with_disk(|disk| disk.remove(&LEDGER, key));
    }

    fn put_back(&self, (key, row): &(Key, RawDocumentBuf)) {
        self.store.with_disk(|disk| disk.overwrite(&LEDGER, key, row));
    }
}

#[test]
fn closed_books_say_the_same_as_open_ones() {
    on_one_thread(async {
        let shop = Shop::open().await;
        let empty = shop.sums().await;
        assert_eq!((empty.entries, empty.sums.balance()), (0, true));
        let order = shop.sell(ANNA).await;
        let open = shop.sums().await;
        assert!(open.entries > 0 && open.sums.balance(), "{open:?}");
        let (of_order, entries) = books::sums_of(&shop.market.engine, order)
            .await
            .expect("the store answers");
        assert_eq!(entries, open.entries);
        assert_eq!(of_order.iter().count(), open.sums.iter().count());
        assert_eq!(shop.close().await, 0, "something may still be on its way");
        sleep(HOUR).await;
        assert_eq!(shop.close().await as u64, open.entries);
        let closed = shop.sums().await;
        assert_eq!((&closed.sums, closed.entries), (&open.sums, open.entries));
        assert_eq!(shop.close().await, 0, "all of it is in there");
    });
}

#[test]
fn what_is_closed_is_not_read_again() {
    on_one_thread(async {
        let shop = Shop::open().await;
        shop.sell(ANNA).await;
        sleep(HOUR).await;
        shop.close().await;
        let one = shop.sums().await;
        // Were they read, they would be missed.
        shop.rows().iter().for_each(|(key, _)| shop.remove(key));
        assert_eq!(shop.sums().await, one);
        shop.sell(BERT).await;
        let both = shop.sums().await;
        assert_eq!(both.entries, one.entries * 2);
        let doubled = one
            .sums
            .iter()
            .map(|(account, has)| (account, has.times(2).expect("little")));
        assert!(both.sums.iter().eq(doubled), "{both:?} is not twice {one:?}");
    });
}

#[test]
fn an_entry_that_is_written_after_its_time_is_found_when_they_are_counted() {
    on_one_thread(async {
        let shop = Shop::open().await;
        shop.sell(ANNA).await;
        let whole = shop.sums().await;
        let rows = shop.rows();
        // A runtime stood still between deciding and writing.
        for (key, _) in &rows {
            shop.remove(key);
        }
        shop.sell(BERT).await;
        sleep(HOUR).await;
        shop.close().await;
        for row in &rows {
            shop.put_back(row);
        }
        sleep(HOUR).await;
        shop.close().await;
        assert_eq!(shop.sums().await.entries, whole.entries, "nobody has looked yet");
        sleep(24 * HOUR).await;
        shop.close().await;
        let found = shop.sums().await;
        assert_eq!(found.entries, whole.entries * 2);
        assert!(found.sums.balance(), "{found:?}");
        let kept = shop.store.with_disk(|disk| {
            let row = disk.get(&CLOSINGS, &Key::Name("books".into()));
            document::decode::<Closing>(row.expect("a closing")).expect("a closing")
        });
        assert_eq!(kept.entries, found.entries);
    });
}

//! What it costs to hear that there is too little. In a flash sale nearly everybody hears that, and
//! it must leave nothing behind at the stocks that had nothing to give.

use std::sync::Arc;
use std::time::Duration;

use bazaar::actors::ask::{Ask, AskError};
use bazaar::actors::checkout::NoOrder;
use bazaar::actors::engine::Bounds;
use bazaar::domain::entity::{Entity, Key};
use bazaar::domain::order::{ORDERS, Status};
use bazaar::domain::quantity::Quantity;
use bazaar::domain::stock::{Command, Refusal, Stock, TICKETS};
use bazaar::store::{Version, document};
use tokio::time::sleep;

use crate::checkout::{ANNA, BERT, LAMP, TENT};
use crate::paying_cost::cost;
use crate::support::faulty::{Fate, Faulty};
use crate::support::market::{HOLD, Market};
use crate::support::node::{id, on_one_thread};

const ROPE: u64 = 3;
const CLARA: u64 = 102;

/// Five tents, one lamp and five ropes. Anna has ordered a tent, so that her next order is to take
/// the place of that one.
async fn ordered_a_tent(store: &Faulty) -> Market {
    let market = Market::here(Arc::new(store.clone()), Bounds::default(), 1, HOLD);
    for (product, many) in [(TENT, 5), (LAMP, 1), (ROPE, 5)] {
        market.put_up(id(product), many).await;
    }
    market.add(id(ANNA), id(TENT), 1).await;
    market.order(id(ANNA)).await.expect("there are enough");
    market
}

/// The versions of the three stocks.
fn versions(store: &Faulty) -> [Version; 3] {
    let version = |product| {
        let stock = |disk: &mut crate::support::disk::Disk| {
            disk.get(Stock::COLLECTION, &Key::Id(id(product))).cloned()
        };
        document::version(&store.with_disk(stock).expect("a stock"))
    };
    [TENT, LAMP, ROPE].map(version)
}

/// How many tickets there are at all stocks.
fn tickets(store: &Faulty) -> usize {
    store.with_disk(|disk| disk.all(&TICKETS).count())
}

/// A market whose only lamp is taken.
async fn without_lamps(store: &Faulty) -> Market {
    let market = ordered_a_tent(store).await;
    market.add(id(BERT), id(LAMP), 1).await;
    market.order(id(BERT)).await.expect("there is one");
    market
}

#[test]
fn whoever_hears_that_something_is_sold_out_leaves_nothing_behind() {
    on_one_thread(async {
        let store = Faulty::new();
        let market = without_lamps(&store).await;
        market.add(id(CLARA), id(ROPE), 1).await;
        market.add(id(CLARA), id(LAMP), 2).await;
        let orders = || store.with_disk(|disk| disk.all(&ORDERS).count());
        let before = (versions(&store), tickets(&store), orders());
        for click in 0..3 {
            let (heard, (commits, _)) = cost(&market, market.order(id(CLARA))).await;
            let Err(NoOrder::Short { lines, replayed }) = heard else {
                panic!("click {click} heard {heard:?}");
            };
            assert_eq!((lines.len(), replayed), (1, false), "{lines:?}");
            assert_eq!((lines[0].product_id, lines[0].requested), (id(LAMP), 2));
            assert_eq!(commits, 0, "click {click}");
        }
        assert_eq!((versions(&store), tickets(&store), orders()), before);
        assert_eq!(market.in_cart(id(CLARA)).await, [1, 2]);
        // Whoever may ask the same again hears the same again: that is all that is written.
        let (heard, (commits, _)) = cost(&market, market.order_once(id(CLARA), 7)).await;
        assert!(
            matches!(heard, Err(NoOrder::Short { replayed: false, .. })),
            "{heard:?}"
        );
        assert_eq!(commits, 1, "what was said is kept");
        assert_eq!((versions(&store), tickets(&store), orders()), before);
        // There is one again, and it is hers.
        let more = Ask::new(Command::Adjust { delta: 2 }, market.engine.now(None));
        let more = market.products.stocks().ask(id(LAMP), more).await;
        more.expect("they are counted");
        let placed = market.order(id(CLARA)).await.expect("there are enough");
        assert_eq!(placed.seen.order.status, Some(Status::Pending));
        let heard = market.order_once(id(CLARA), 7).await;
        assert!(
            matches!(heard, Err(NoOrder::Short { replayed: true, .. })),
            "{heard:?}"
        );
    });
}

#[test]
fn an_order_that_held_nothing_gives_nothing_back() {
    on_one_thread(async {
        let store = Faulty::new();
        let market = ordered_a_tent(&store).await;
        market.add(id(ANNA), id(TENT), 5).await;
        let before = (versions(&store), tickets(&store));
        let (heard, (commits, _)) = cost(&market, market.order(id(ANNA))).await;
        assert!(matches!(heard, Err(NoOrder::Short { .. })), "{heard:?}");
        assert_eq!(commits, 3, "the cart, and the order twice");
        assert_eq!((versions(&store), tickets(&store)), before, "no stock is touched");
    });
}

#[test]
fn an_order_that_held_one_line_gives_that_one_back() {
    on_one_thread(async {
        let store = Faulty::new();
        let market = ordered_a_tent(&store).await;
        market.add(id(ANNA), id(TENT), 1).await;
        market.add(id(ANNA), id(LAMP), 2).await;
        market.add(id(ANNA), id(ROPE), 2).await;
        let ([tents, lamps, ropes], before) = (versions(&store), tickets(&store));
        let (heard, (commits, _)) = cost(&market, market.order(id(ANNA))).await;
        assert!(matches!(heard, Err(NoOrder::Short { .. })), "{heard:?}");
        assert_eq!(commits, 6, "the cart, the order three times, the tents twice");
        assert_eq!(versions(&store), [tents + 2, lamps, ropes]);
        assert_eq!(tickets(&store), before + 1);
        assert_eq!(market.numbers(id(TENT)).await, (5, 1, 0));
    });
}

#[test]
fn an_order_that_two_have_asked_for_is_refused_at_every_stock() {
    on_one_thread(async {
        let store = Faulty::new();
        let market = ordered_a_tent(&store).await;
        market.add(id(ANNA), id(LAMP), 1).await;
        market.add(id(ANNA), id(ROPE), 6).await;
        // The cart, the order and the tent are written; what became of the lamp nobody knows.
        (0..3).for_each(|_| store.next(Fate::Calm));
        let (lands, after) = (true, Duration::from_millis(700));
        store.next(Fate::InDoubt { lands, after });
        let lost = market.order_once(id(ANNA), 7).await;
        assert!(matches!(lost, Err(NoOrder::Stuck(_))), "{lost:?}");
        let keeper = market.keeper();
        sleep(Duration::from_secs(30)).await;
        keeper.stop().await;
        let order = market.see(id(7)).await.order;
        assert!(order.is_over() && order.task.is_none(), "{order:?}");
        for (product, reserved) in [(TENT, 1), (LAMP, 0), (ROPE, 0)] {
            assert_eq!(market.numbers(id(product)).await.1, reserved);
            let late = Command::Hold {
                order: order.id,
                quantity: Quantity::ONE,
                replaces: None,
                revives: false,
            };
            let late = Ask::new(late, market.engine.now(None));
            let refused = market.products.stocks().ask(id(product), late).await;
            let over = AskError::Refused {
                refusal: Refusal::Over(bazaar::domain::stock::Fate::Released),
                replayed: false,
            };
            assert_eq!(refused, Err(over), "a hold that comes late at {product}");
        }
    });
}

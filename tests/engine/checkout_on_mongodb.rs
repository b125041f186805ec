//! Two runtimes on one MongoDB that sell the same product at the same time.

use std::sync::Arc;
use std::time::Duration;

use bazaar::actors::checkout::NoOrder;
use bazaar::actors::engine::Bounds;
use bazaar::domain::order::{Reason, Status};
use bazaar::store::Store;
use bazaar::store::mongo::{Mongo, Settings};
use bazaar::supervisors::engine::Footing;
use bazaar::supervisors::opening;
use futures_util::future::join_all;

use crate::mongod;
use crate::support::market::{HOLD, Market};
use crate::support::node::{Node, id, on_many_threads};

const TENT: u64 = 1;
const TENTS: u64 = 10;
const BUYERS: u64 = 20;

async fn runtime(settings: &Settings, hold: Duration) -> (Market, Footing) {
    let store = Mongo::connect(settings.clone())
        .await
        .expect("a replica set that is up");
    store
        .prepare(&opening::collections())
        .await
        .expect("a store that is up");
    let (node, footing) = Node::on_threads(Arc::new(store), Bounds::default());
    (Market::on(&node.engine, hold), footing)
}

fn settings() -> Option<Settings> {
    Some(Settings {
        uri: mongod::shared()?,
        database: Some(format!("test_{}", bson::oid::ObjectId::new())),
        deadline: Duration::from_secs(10),
        shared: true,
    })
}

#[test]
fn two_runtimes_never_oversell_and_sell_what_the_other_one_gave_back() {
    let Some(settings) = settings() else { return };
    on_many_threads(async {
        let (one, one_footing) = runtime(&settings, HOLD).await;
        let (other, other_footing) = runtime(&settings, HOLD).await;
        one.put_up(id(TENT), TENTS).await;
        let markets = [&one, &other];
        for buyer in 0..BUYERS {
            markets[usize::from(buyer % 2 == 0)]
                .add(id(100 + buyer), id(TENT), 1)
                .await;
        }
        let buying = (0..BUYERS).map(|buyer| markets[usize::from(buyer % 2 == 0)].order(id(100 + buyer)));
        let heard = join_all(buying).await;
        let mut standing = Vec::new();
        for (buyer, heard) in (0..).zip(heard) {
            match heard {
                Ok(placed) => standing.push(placed.seen.order),
                Err(NoOrder::Short { .. }) => {}
                Err(error) => panic!("buyer {buyer} heard {error:?}"),
            }
        }
        assert_eq!(standing.len() as u64, TENTS);
        assert!(standing.iter().all(|order| order.status == Some(Status::Pending)));
        for market in markets {
            assert_eq!(market.numbers(id(TENT)).await, (TENTS, TENTS, 0));
        }
        // What one gives back the other one has at once.
        let given_back = standing.pop().expect("somebody has an order");
        one.cancel(given_back.id).await.expect("it is cancelled");
        let late = id(900);
        other.add(late, id(TENT), 1).await;
        let order = other.order(late).await.expect("one was given back").seen.order;
        let paid = one
            .pay(order.id)
            .await
            .expect("the other runtime can go on with it");
        assert_eq!(paid.status, Some(Status::Confirmed));
        assert_eq!(other.numbers(id(TENT)).await, (TENTS - 1, TENTS - 1, 1));
        one_footing.stop().await;
        other_footing.stop().await;
    });
}

#[test]
fn an_order_of_a_runtime_that_is_gone_expires_on_the_other() {
    let Some(settings) = settings() else { return };
    on_many_threads(async {
        let hold = Duration::from_secs(2);
        let (one, one_footing) = runtime(&settings, hold).await;
        let (other, other_footing) = runtime(&settings, hold).await;
        let keeper = other.keeper();
        one.put_up(id(TENT), 1).await;
        one.add(id(100), id(TENT), 1).await;
        let order = one.order(id(100)).await.expect("there is one").seen.order;
        one_footing.stop().await;
        let expired = async {
            while other.see(order.id).await.order.task.is_some()
                || other.see(order.id).await.order.reason.is_none()
            {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), expired)
            .await
            .expect("it expires");
        assert_eq!(other.see(order.id).await.order.reason, Some(Reason::Expired));
        assert_eq!(other.numbers(id(TENT)).await, (1, 0, 0));
        keeper.stop().await;
        other_footing.stop().await;
    });
}

//! A buyer is shown what he would order and says yes: this is ordered and nothing else, whatever
//! happens in between.

use std::sync::Arc;

use bazaar::actors::ask::{Ask, AskError};
use bazaar::actors::checkout::{NoOrder, Placed, Quote, Wanted};
use bazaar::domain::order::Status;
use bazaar::domain::product::{Authority, Command, NewPrice, Revision};

use crate::checkout::{ANNA, LAMP, TENT, market};
use crate::support::faulty::Faulty;
use crate::support::market::Market;
use crate::support::node::{id, on_one_thread};

async fn a_market() -> Market {
    let market = market(Arc::new(Faulty::new()), 4, 4).await;
    market.add(id(ANNA), id(TENT), 1).await;
    market
}

async fn quoted(market: &Market) -> Quote {
    market.checkout.quote(id(ANNA)).await.expect("there is enough")
}

async fn order(market: &Market, agreed: Quote) -> Result<Placed, NoOrder> {
    let wanted = Wanted {
        buyer: id(ANNA),
        id: market.engine.id(),
        once: None,
        address: None,
        agreed: Some(agreed),
    };
    market.checkout.order(&wanted).await
}

async fn costs(market: &Market, minor: i64) {
    let price = Some(NewPrice {
        minor,
        currency: None,
    });
    let revision = Revision {
        price,
        ..Revision::default()
    };
    let by = Authority::Admin;
    let ask = Ask::new(Command::Change { by, revision }, market.engine.now(None));
    market.products.ask(id(TENT), ask).await.expect("a new price");
}

#[test]
fn what_went_into_the_cart_after_the_question_is_not_ordered_with_it() {
    on_one_thread(async {
        let market = a_market().await;
        let shown = quoted(&market).await;
        market.add(id(ANNA), id(LAMP), 1).await;
        let refused = order(&market, shown).await.expect_err("it was not agreed to");
        assert!(
            matches!(refused, NoOrder::Cart(AskError::VersionMismatch { .. })),
            "{refused:?}"
        );
        assert_eq!(market.numbers(id(TENT)).await, (4, 0, 0), "nothing is held");
        let shown = quoted(&market).await;
        let placed = order(&market, shown.clone()).await.expect("this was agreed to");
        assert_eq!(placed.seen.order.lines, shown.lines);
        assert_eq!(placed.seen.order.bill, Some(shown.bill));
    });
}

#[test]
fn what_was_agreed_to_is_ordered_in_whichever_order_it_went_into_the_cart() {
    on_one_thread(async {
        let market = market(Arc::new(Faulty::new()), 4, 4).await;
        for product in [LAMP, TENT] {
            market.add(id(ANNA), id(product), 1).await;
        }
        let shown = quoted(&market).await;
        let placed = order(&market, shown.clone()).await.expect("this was agreed to");
        assert_eq!(placed.seen.order.lines, shown.lines);
    });
}

#[test]
fn a_price_that_changes_after_the_question_orders_nothing() {
    on_one_thread(async {
        let market = a_market().await;
        let shown = quoted(&market).await;
        costs(&market, 50_000).await;
        let refused = order(&market, shown).await.expect_err("it was not agreed to");
        assert_eq!(refused, NoOrder::Changed);
        assert_eq!(market.numbers(id(TENT)).await, (4, 0, 0), "nothing is held");
        let shown = quoted(&market).await;
        assert_eq!(shown.lines[0].price.minor(), 50_000);
        let placed = order(&market, shown.clone()).await.expect("this was agreed to");
        assert_eq!(placed.seen.order.lines, shown.lines);
        assert_eq!(placed.seen.order.bill, Some(shown.bill));
    });
}

#[test]
fn a_cart_that_was_ordered_is_shown_as_the_order_that_waits_for_it() {
    on_one_thread(async {
        let market = a_market().await;
        let first = market.order(id(ANNA)).await.expect("there is enough");
        costs(&market, 50_000).await;
        let shown = quoted(&market).await;
        assert_eq!(Some(shown.bill), first.seen.order.bill, "at the price of its day");
        let again = order(&market, shown).await.expect("this was agreed to");
        assert_eq!(again.seen.order.id, first.seen.order.id);
        assert_eq!(again.seen.order.status, Some(Status::Pending));
    });
}

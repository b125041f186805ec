//! Everything that Razorpay says of one order, in every order in which it can arrive, each of it
//! twice: as many orders as there are ways, side by side in one shop, and all of them end the same.

use std::collections::BTreeMap;

use futures_util::{StreamExt, stream};
use reqwest::Method;
use serde_json::{Value, json};

use crate::cart::{add, put_up};
use crate::goods::id_of;
use crate::orders::order;
use crate::payment_twice::standing;
use crate::payment_webhooks::{say, told};
use crate::payments::{comes_to, create};
use crate::sandbox::{switch, with_key};
use crate::shop::{Shop, Shopper};

const SIDE_BY_SIDE: usize = 8;

/// Every order in which these can come.
fn orders_of(things: &[usize]) -> Vec<Vec<usize>> {
    let Some((first, rest)) = things.split_first() else {
        return vec![Vec::new()];
    };
    let put = |order: Vec<usize>, place: usize| [&order[..place], &[*first], &order[place..]].concat();
    let rest = orders_of(rest).into_iter();
    rest.flat_map(|order| (0..=order.len()).map(move |place| put(order.clone(), place)))
        .collect()
}

async fn ask(shop: &Shop, path: &str) -> Value {
    let path = format!("/sandbox/razorpay/v1/{path}");
    let asked = with_key(shop, Method::GET, &path, Value::Null).await;
    asked.expect(200).body
}

/// A buyer whose bank says no, then yes, and whose money somebody gives back at the provider's own
/// desk: what the provider has to say of it, as things were each time.
async fn said_of(shop: &Shop, anna: &Shopper, order: &str) -> [Value; 5] {
    let begun = create(anna, order).await.expect(201);
    let opened = begun.body["razorpayOrderId"]
        .as_str()
        .expect("it was opened")
        .to_owned();
    let tries = async |outcome: &str| {
        let wanted = json!({ "order_id": opened, "outcome": outcome });
        let tried = shop.visitor().post("/sandbox/razorpay/pay", wanted).await;
        let payment = tried.expect(200).body["razorpay_payment_id"].clone();
        ask(
            shop,
            &format!("payments/{}", payment.as_str().expect("a payment")),
        )
        .await
    };
    let (failed, captured) = (tries("failure").await, tries("success").await);
    let mut authorized = captured.clone();
    authorized["status"] = json!("authorized");
    let paid = ask(shop, &format!("orders/{opened}")).await;
    let payment = captured["id"].as_str().expect("a payment");
    let give_back = format!("/sandbox/razorpay/v1/payments/{payment}/refund");
    let refund = with_key(shop, Method::POST, &give_back, json!({})).await;
    let (refund, refunded) = (
        refund.expect(200).body,
        ask(shop, &format!("payments/{payment}")).await,
    );
    [
        told("payment.authorized", &[("payment", &authorized)]),
        told("payment.captured", &[("payment", &captured)]),
        told("order.paid", &[("order", &paid), ("payment", &captured)]),
        told("payment.failed", &[("payment", &failed)]),
        told("refund.processed", &[("refund", &refund), ("payment", &refunded)]),
    ]
}

#[actix_web::test]
async fn in_whichever_order_the_provider_speaks_it_ends_the_same() {
    let silent = [("payments.look_every_seconds", "3600")];
    let shop = Shop::start_with(&silent).await;
    switch(&shop, json!({ "webhooks": "dropped" })).await;
    let ways = orders_of(&[0, 1, 2, 3, 4]);
    assert_eq!(ways.len(), 120);
    let (cleo, admin) = (shop.seller("cleo").await, shop.admin().await);
    let tent = put_up(&cleo, "100", 120).await;
    let (shop_, tent_, admin) = (&shop, &tent, &admin);
    let sales = ways.iter().enumerate().map(|(n, way)| async move {
        let anna = shop_.shopper(&format!("anna-{n}")).await;
        add(&anna, tent_, 1).await.expect(200);
        let order = id_of(&order(&anna).await.expect(201).body["order"]);
        let said = said_of(shop_, &anna, &order).await;
        for _ in 0..2 {
            for event in way {
                let name = format!("evt_{n}_{event}");
                say(shop_, &name, &said[*event]).await.expect(200);
                say(shop_, &name, &said[*event]).await.expect(200);
            }
        }
        // The provider has kept its fee, and nobody anything else.
        let books = [("fees", json!(2.36)), ("provider:razorpay", json!(-2.36))];
        let books: BTreeMap<_, _> = books.map(|(account, has)| (account.to_owned(), has)).into();
        let end = (json!("CANCELLED"), json!("REFUNDED"), books);
        let what = format!("what was told in the order {way:?}");
        comes_to(&what, &end, async || standing(admin, &anna, &order).await).await;
    });
    let sold = stream::iter(sales).buffer_unordered(SIDE_BY_SIDE).count().await;
    assert_eq!(sold, ways.len());
    let path = format!("/api/inventory/{tent}");
    let stock = async || {
        let seen = admin.get(&path).await.expect(200).body;
        ["available", "reserved", "sold"].map(|name| seen[name].clone())
    };
    // An order is over first, and then what it had goes back.
    comes_to("the stock", &[json!(120), json!(0), json!(0)], stock).await;
    let books = admin.get("/api/ops/ledger").await.expect(200);
    assert_eq!(books.body["balanced"], true);
    shop.stop().await;
}

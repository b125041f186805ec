//! What is kept of letters and of deliveries is forgotten when it is old. What happened never is.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use bazaar::events::event::Event;
use serde_json::json;

use crate::goods::{lamp, put_up};
use crate::shop::{Caller, Shop};
use crate::stand_in::{Mood, StandIn};
use crate::webhooks::register;

const DAY: Duration = Duration::from_hours(24);
const PATIENCE: Duration = Duration::from_secs(20);

/// Waits until a list holds so many.
async fn comes_to(who: &Caller, path: &str, many: usize) {
    let since = Instant::now();
    loop {
        let listed = who.get(path).await.expect(200);
        if listed.body["meta"]["total"] == many {
            return;
        }
        assert!(since.elapsed() < PATIENCE, "{path} still shows {}", listed.text);
    }
}

/// The ids of everything that ever happened.
async fn happened(shop: &Shop) -> BTreeSet<String> {
    let page = shop.runtime.engine().store.feed(None, 1_000).await;
    let events = page.expect("the store answers").events;
    events
        .iter()
        .filter_map(Event::read)
        .map(|event| event.id)
        .collect()
}

#[actix_web::test]
async fn deliveries_are_kept_for_a_week_letters_for_a_month_and_events_for_ever() {
    let shop = Shop::start_with(&[("webhooks.allow_private", "true")]).await;
    let receiver = StandIn::start(Mood::Answers(204, json!(null))).await;
    let cleo = shop.seller("cleo").await;
    let (webhook, _) = register(&cleo, &receiver.url, &["product.created"]).await;
    put_up(&cleo, lamp()).await;
    let (deliveries, mails) = (format!("/api/webhooks/{webhook}/deliveries"), "/api/ops/mails");
    receiver.was_asked(1).await;
    shop.runtime.router().quiet().await;
    comes_to(&cleo, &deliveries, 1).await;
    // The admin's welcome, Cleo's, and what she hears of her lamp.
    comes_to(&*shop.admin().await, mails, 3).await;
    let before = happened(&shop).await;

    let shop = shop.reopen_after(DAY * 8).await;
    comes_to(&*shop.back("cleo").await, &deliveries, 0).await;
    comes_to(&*shop.admin().await, mails, 3).await;

    let shop = shop.reopen_after(DAY * 31).await;
    comes_to(&*shop.admin().await, mails, 0).await;
    let after = happened(&shop).await;
    assert!(before.is_subset(&after), "{before:?} are not all in {after:?}");
    assert_eq!(receiver.asked_so_far(), 1, "nothing was told twice");
    shop.stop().await;
}

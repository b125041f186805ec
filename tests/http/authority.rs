//! Who may call what: each route against each kind of caller. A route that the document knows and
//! this table does not, or the other way round, is a failure.

use std::collections::BTreeSet;

use bazaar::http::routes;
use reqwest::Method;
use serde_json::{Value, json};

use crate::call::Answer;
use crate::goods::{lamp, put_up};
use crate::shop::{Caller, Shop, password_of};

/// Nobody, buyer A, buyer B, seller 1, seller 2, admin.
type Statuses = [u16; 6];

/// The statuses of a route for everyone. What it is about belongs to buyer A, and a product to
/// seller 1, where it belongs to anybody.
const TABLE: &[(&str, &str, Statuses)] = &[
    ("GET", "/healthz", [200; 6]),
    ("GET", "/readyz", [200; 6]),
    ("GET", "/metrics", [200; 6]),
    ("GET", "/openapi.json", [200; 6]),
    ("GET", "/docs", [200; 6]),
    ("GET", "/docs/{file}", [200; 6]),
    ("POST", "/api/auth/register", [201; 6]),
    ("POST", "/api/auth/login", [200; 6]),
    ("GET", "/api/auth/me", [401, 200, 200, 200, 200, 200]),
    ("POST", "/api/auth/logout", [200; 6]),
    ("GET", "/api/auth/logout", [200; 6]),
    (
        "POST",
        "/api/auth/password/change",
        [401, 200, 400, 400, 400, 400],
    ),
    ("POST", "/api/auth/password/forgot", [202; 6]),
    ("POST", "/api/auth/password/reset", [400; 6]),
    ("PATCH", "/api/auth/users/me", [401, 200, 200, 200, 200, 200]),
    (
        "GET",
        "/api/auth/users/me/addresses",
        [401, 200, 200, 200, 200, 200],
    ),
    (
        "POST",
        "/api/auth/users/me/addresses",
        [401, 201, 201, 201, 201, 201],
    ),
    (
        "DELETE",
        "/api/auth/users/me/addresses/{id}",
        [401, 404, 404, 404, 404, 404],
    ),
    (
        "POST",
        "/api/auth/users/me/avatar",
        [401, 400, 400, 400, 400, 400],
    ),
    (
        "DELETE",
        "/api/auth/users/me/avatar",
        [401, 200, 200, 200, 200, 200],
    ),
    ("GET", "/media/{file}", [404; 6]),
    ("POST", "/sandbox/razorpay/v1/orders", [401; 6]),
    ("GET", "/sandbox/razorpay/v1/orders", [401; 6]),
    ("GET", "/sandbox/razorpay/v1/orders/{id}", [401; 6]),
    ("GET", "/sandbox/razorpay/v1/orders/{id}/payments", [401; 6]),
    ("GET", "/sandbox/razorpay/v1/payments/{id}", [401; 6]),
    ("POST", "/sandbox/razorpay/v1/payments/{id}/capture", [401; 6]),
    ("POST", "/sandbox/razorpay/v1/payments/{id}/refund", [401; 6]),
    ("GET", "/sandbox/razorpay/v1/payments/{id}/refunds", [401; 6]),
    ("GET", "/sandbox/razorpay/switches", [401; 6]),
    ("POST", "/sandbox/razorpay/switches", [401; 6]),
    ("DELETE", "/sandbox/razorpay/switches", [401; 6]),
    ("POST", "/sandbox/razorpay/pay", [400; 6]),
    ("GET", "/sandbox/razorpay/checkout", [400; 6]),
    ("POST", "/sandbox/razorpay/checkout", [415; 6]),
    ("POST", "/api/products", [401, 403, 403, 201, 201, 201]),
    ("GET", "/api/products", [200; 6]),
    ("GET", "/api/products/seller", [401, 403, 403, 200, 200, 403]),
    ("GET", "/api/products/{id}", [200; 6]),
    ("PATCH", "/api/products/{id}", [401, 403, 403, 200, 403, 200]),
    ("DELETE", "/api/products/{id}", [401, 403, 403, 200, 403, 200]),
    (
        "POST",
        "/api/products/{id}/reviews",
        [401, 403, 403, 403, 403, 403],
    ),
    ("GET", "/api/products/{id}/reviews", [200; 6]),
    ("GET", "/api/categories", [200; 6]),
    ("GET", "/api/inventory/{productId}", [200; 6]),
    (
        "PATCH",
        "/api/inventory/{productId}",
        [401, 403, 403, 200, 403, 200],
    ),
    ("GET", "/api/auth/users", [401, 403, 403, 403, 403, 200]),
    (
        "PATCH",
        "/api/auth/users/{id}/role",
        [401, 403, 403, 403, 403, 200],
    ),
    ("GET", "/api/products/{id}/stock/stream", [404; 6]),
    ("POST", "/api/webhooks", [401, 403, 403, 201, 201, 201]),
    ("GET", "/api/webhooks", [401, 403, 403, 200, 200, 200]),
    ("PATCH", "/api/webhooks/{id}", [401, 403, 403, 404, 404, 404]),
    ("DELETE", "/api/webhooks/{id}", [401, 403, 403, 404, 404, 404]),
    (
        "GET",
        "/api/webhooks/{id}/deliveries",
        [401, 403, 403, 404, 404, 404],
    ),
    (
        "POST",
        "/api/webhooks/{id}/deliveries/{deliveryId}/retry",
        [401, 403, 403, 404, 404, 404],
    ),
    ("POST", "/api/inventory/reserve", [401, 403, 403, 403, 403, 400]),
    (
        "DELETE",
        "/api/inventory/reserve/{orderId}",
        [401, 403, 403, 403, 403, 404],
    ),
    ("GET", "/api/inventory/audit", [401, 403, 403, 403, 403, 200]),
    ("GET", "/api/assistant/ws", [401, 400, 400, 400, 400, 400]),
    ("POST", "/api/assistant/ticket", [401, 201, 201, 201, 201, 201]),
    ("GET", "/socket.io", [400; 6]),
    ("POST", "/socket.io", [400; 6]),
    ("GET", "/api/assistant/insights", [401, 403, 403, 200, 200, 403]),
    ("POST", "/mcp", [400; 6]),
    ("GET", "/llms.txt", [200; 6]),
    (
        "GET",
        "/api/seller/dashboard/metrics",
        [401, 403, 403, 200, 200, 403],
    ),
    (
        "GET",
        "/api/seller/dashboard/orders",
        [401, 403, 403, 200, 200, 403],
    ),
    (
        "GET",
        "/api/seller/dashboard/products",
        [401, 403, 403, 200, 200, 403],
    ),
    (
        "GET",
        "/api/seller/dashboard/settings",
        [401, 403, 403, 200, 200, 403],
    ),
    (
        "PATCH",
        "/api/seller/dashboard/settings",
        [401, 403, 403, 200, 200, 403],
    ),
    (
        "GET",
        "/api/seller/dashboard/live",
        [401, 403, 403, 200, 200, 403],
    ),
    ("GET", "/api/ops/dashboard-audit", [401, 403, 403, 403, 403, 200]),
    ("GET", "/api/cart", [401, 200, 200, 403, 403, 403]),
    ("DELETE", "/api/cart", [401, 200, 200, 403, 403, 403]),
    ("POST", "/api/cart/items", [401, 404, 404, 403, 403, 403]),
    (
        "PATCH",
        "/api/cart/items/{productId}",
        [401, 404, 404, 403, 403, 403],
    ),
    (
        "DELETE",
        "/api/cart/items/{productId}",
        [401, 404, 404, 403, 403, 403],
    ),
    ("POST", "/api/orders", [401, 400, 400, 403, 403, 403]),
    ("GET", "/api/orders/me", [401, 200, 200, 403, 403, 403]),
    ("GET", "/api/orders/{id}", [401, 404, 404, 404, 404, 404]),
    ("POST", "/api/orders/{id}/cancel", [401, 404, 404, 404, 404, 404]),
    (
        "PATCH",
        "/api/orders/{id}/address",
        [401, 404, 404, 403, 403, 403],
    ),
    ("PATCH", "/api/orders/{id}/status", [401, 403, 403, 404, 404, 404]),
    ("GET", "/api/orders/{id}/timeline", [401, 404, 404, 404, 404, 404]),
    ("GET", "/dev/mailbox", [200; 6]),
    ("GET", "/dev/mailbox.json", [200; 6]),
    ("GET", "/api/notifications", [401, 200, 200, 200, 200, 200]),
    ("GET", "/api/notifications/stream", [401, 200, 200, 200, 200, 200]),
    (
        "POST",
        "/api/notifications/{id}/read",
        [401, 404, 404, 404, 404, 404],
    ),
    ("GET", "/api/ops/mails", [401, 403, 403, 403, 403, 200]),
    (
        "POST",
        "/api/ops/mails/{id}/resend",
        [401, 403, 403, 403, 403, 404],
    ),
    (
        "POST",
        "/api/payments/create/{orderId}",
        [401, 404, 404, 403, 403, 403],
    ),
    ("POST", "/api/payments/verify", [401, 400, 400, 403, 403, 403]),
    ("POST", "/api/payments/webhook", [400; 6]),
    ("GET", "/api/payments", [401, 200, 200, 403, 403, 403]),
    ("GET", "/api/payments/{id}", [401, 404, 404, 404, 404, 404]),
    (
        "POST",
        "/api/payments/{id}/refund",
        [401, 403, 403, 403, 403, 404],
    ),
    (
        "POST",
        "/api/payments/{id}/refunded",
        [401, 403, 403, 403, 403, 404],
    ),
    ("GET", "/api/ops/actors", [401, 403, 403, 403, 403, 200]),
    ("GET", "/api/ops/ledger", [401, 403, 403, 403, 403, 200]),
    ("GET", "/api/ops/audit-log", [401, 403, 403, 403, 403, 200]),
    ("GET", "/api/ops/events", [401, 403, 403, 403, 403, 200]),
    ("GET", "/api/ops/dead-letters", [401, 403, 403, 403, 403, 200]),
    (
        "POST",
        "/api/ops/dead-letters/{id}/retry",
        [401, 403, 403, 403, 403, 404],
    ),
    (
        "POST",
        "/api/ops/actors/{kind}/{id}/kill",
        [401, 403, 403, 403, 403, 200],
    ),
];

#[test]
fn every_route_stands_in_the_table() {
    let document = serde_json::to_value(routes::document()).expect("the document is JSON");
    let mut documented = BTreeSet::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        for method in item.as_object().expect("operations").keys() {
            documented.insert((method.to_uppercase(), path.clone()));
        }
    }
    let tabled = TABLE
        .iter()
        .map(|(method, path, _)| (method.to_string(), path.to_string()));
    assert_eq!(tabled.collect::<BTreeSet<_>>(), documented);
}

#[actix_web::test]
async fn everyone_may_do_what_the_table_says_and_no_more() {
    let shop = Shop::start().await;
    for (row, (method, path, statuses)) in TABLE.iter().enumerate() {
        for (who, wanted) in statuses.iter().enumerate() {
            // Nobody meets what an earlier call has changed.
            let scene = format!("{row}-{who}");
            let anna = shop.shopper(&format!("anna-{scene}")).await;
            let caller: Caller = match who {
                0 => shop.visitor().into(),
                1 => anna.clone().into(),
                2 => shop.shopper(&format!("bert-{scene}")).await.into(),
                3 | 4 => shop.seller(&format!("cleo-{scene}")).await.into(),
                _ => shop.admin().await.into(),
            };
            let path = if OF_A_PRODUCT.contains(path) {
                let seller = match who {
                    3 => caller.clone(),
                    _ => shop.seller(&format!("dora-{scene}")).await.into(),
                };
                let product = put_up(&seller, lamp()).await;
                &*path.replace("{id}", &product).replace("{productId}", &product)
            } else {
                path
            };
            let answer = ask(&caller, method, path, &anna, &scene).await;
            let by = WHO[who];
            assert_eq!(answer.status, *wanted, "{method} {path} by {by}: {}", answer.text);
        }
    }
    shop.stop().await;
}

/// What can be done with a product of seller 1.
const OF_A_PRODUCT: [&str; 3] = [
    "/api/products/{id}",
    "/api/products/{id}/reviews",
    "/api/inventory/{productId}",
];

/// The id of nothing.
const NOBODYS: &str = "0123456789abcdef01234567";

const WHO: [&str; 6] = [
    "nobody",
    "buyer A",
    "buyer B",
    "seller 1",
    "seller 2",
    "the admin",
];

async fn ask(caller: &Caller, method: &str, path: &str, anna: &Caller, scene: &str) -> Answer {
    let method = Method::try_from(method).expect("a method");
    let call = caller.call(method.clone(), &filled(path, anna));
    let call = if method.is_safe() {
        call
    } else {
        call.json(&body(path, scene))
    };
    if path.ends_with("/notifications/stream") || path.ends_with("/dashboard/live") {
        return call.head().await;
    }
    call.send().await
}

/// The path with the things of buyer A in the places of its parameters.
fn filled(path: &str, anna: &Caller) -> String {
    path.replace("{file}", "index.html")
        .replace("{kind}", "account")
        .replace("{id}", &anna.id)
        .replace("{orderId}", NOBODYS)
        .replace("{productId}", NOBODYS)
        .replace("{deliveryId}", NOBODYS)
}

/// A body that is right for the route, when buyer A sends it.
fn body(path: &str, scene: &str) -> Value {
    let anna = format!("anna-{scene}");
    match path {
        "/api/auth/register" => {
            json!({ "email": format!("new-{scene}@example.com"), "password": "a new one" })
        }
        "/api/auth/login" => json!({ "username": anna, "password": password_of(&anna) }),
        "/api/auth/password/change" => json!({ "old": password_of(&anna), "new": "a new one" }),
        "/api/auth/password/forgot" => json!({ "email": format!("{anna}@example.com") }),
        "/api/auth/password/reset" => json!({ "token": "not one of ours", "new": "a new one" }),
        "/api/auth/users/me" => json!({ "username": format!("new-{scene}") }),
        "/api/auth/users/me/addresses" => json!({
            "street": "1 High Street", "city": "Pune", "state": "MH", "country": "IN", "zip": "411001",
        }),
        "/api/products" => lamp(),
        path if path.ends_with("/reviews") => json!({ "rating": 5 }),
        path if path.starts_with("/api/inventory/") => json!({ "onHand": 1 }),
        "/api/auth/users/{id}/role" => json!({ "role": "seller" }),
        "/api/cart/items" => json!({ "productId": "0123456789abcdef01234567" }),
        "/api/cart/items/{productId}" => json!({ "quantity": 1 }),
        "/api/orders/{id}/address" => json!({
            "street": "1 High Street", "city": "Pune", "state": "MH", "country": "IN", "zip": "411001",
        }),
        "/api/webhooks" => json!({ "url": "https://example.com/hook", "events": ["order.*"] }),
        "/api/orders/{id}/status" => json!({ "status": "SHIPPED" }),
        _ => json!({}),
    }
}

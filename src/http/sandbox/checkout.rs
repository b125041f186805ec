//! The page that plays Razorpay's checkout: what is to be paid, and two buttons.

use actix_web::http::header::CONTENT_SECURITY_POLICY;
use actix_web::web::{Form, Query};
use actix_web::{HttpResponse, get, post};
use askama::Template;
use serde::Deserialize;
use utoipa::ToSchema;

use super::account::Open;
use super::call::Outcome;
use super::orders;
use super::pay::{self, Paid, Will};
use super::refusal::No;
use crate::actors::sandbox::Sandbox;
use crate::domain::money::Money;

/// No script, nothing from elsewhere, and its form goes nowhere but here.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'self'; \
     frame-ancestors 'none'";

/// Which order.
#[derive(Debug, Deserialize)]
pub(in crate::http) struct Which {
    order_id: String,
}

/// Which button.
#[derive(Debug, Deserialize, ToSchema)]
pub(in crate::http) struct Pressed {
    order_id: String,
    outcome: Will,
}

#[derive(Template)]
#[template(path = "checkout.html")]
struct Page {
    order: String,
    amount: Money,
    paid: bool,
    attempts: usize,
    came: Option<Paid>,
}

/// The checkout of an order, for people.
#[utoipa::path(tag = "sandbox", params(("order_id" = String, Query)), responses(
    (status = 200, description = "The page", content_type = "text/html"),
    (status = 400, description = "There is no such order"),
))]
#[get("/sandbox/razorpay/checkout")]
pub(in crate::http) async fn show(open: Open, which: Query<Which>) -> Outcome {
    page(&open.0, &which.order_id, None).await
}

/// What comes of a button.
#[utoipa::path(tag = "sandbox", responses(
    (status = 200, description = "The page", content_type = "text/html"),
    (status = 400, description = "It cannot be paid"),
))]
#[post("/sandbox/razorpay/checkout")]
pub(in crate::http) async fn press(open: Open, pressed: Form<Pressed>) -> Outcome {
    let pressed = pressed.into_inner();
    let came = pay::attempt(&open.0, &pressed.order_id, pressed.outcome).await?;
    page(&open.0, &pressed.order_id, Some(came)).await
}

async fn page(sandbox: &Sandbox, name: &str, came: Option<Paid>) -> Outcome {
    let order = orders::order(sandbox, name).await?;
    let page = Page {
        order: name.to_owned(),
        amount: order.amount,
        paid: order.is_paid(),
        attempts: order.attempts.len(),
        came,
    };
    let page = page.render().map_err(|_| No::Trouble)?;
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_SECURITY_POLICY, POLICY))
        .content_type("text/html; charset=utf-8")
        .body(page))
}

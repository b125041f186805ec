//! Payments: made for orders, shown to be paid by buyers and providers, and given back.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get, post};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::answer;
use super::body::{Body, Raw};
use super::caller::{Admin, Buyer, SignedIn};
use super::fault::Fault;
use super::fields::{Fields, Input, Wrong, text};
use super::idempotency::Idempotency;
use super::paging::{Meta, Paging};
use super::payment::{Begun, PaymentBody, PaymentView};
use super::problem::Problem;
use super::query::Query;
use super::state::Web;
use crate::actors::ask::Ask;
use crate::actors::paying::{Verified, Wanted};
use crate::domain::account::Role;
use crate::domain::id::Id;
use crate::domain::order::Order;
use crate::domain::payment::Command;
use crate::services::payments::{CASH_ON_DELIVERY, Delivery, EXTERNAL, RAZORPAY};
use crate::services::tokens::Claims;

/// How an order is to be paid.
#[derive(Debug, ToSchema)]
pub struct NewPayment {
    /// `razorpay`, if nothing is said, `cash_on_delivery`, or `external` where a service at the
    /// broker takes the money.
    #[schema(value_type = Option<String>)]
    method: String,
}

/// What the provider's checkout page gave to the buyer.
#[derive(Debug, ToSchema)]
pub struct Shown {
    #[schema(rename = "razorpay_order_id")]
    order: String,
    #[schema(rename = "razorpay_payment_id")]
    payment: String,
    #[schema(rename = "razorpay_signature")]
    signature: String,
}

/// A part of one's payments.
#[derive(Debug, Serialize, ToSchema)]
pub struct Payments {
    payments: Vec<PaymentView>,
    meta: Meta,
}

impl Input for NewPayment {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let method = fields.optional(fields.called(&["method", "paymentMethod"]), method)?;
        let method = method.unwrap_or_else(|| RAZORPAY.to_owned());
        Some(Self { method })
    }
}

fn method(value: &Value) -> Result<String, Wrong> {
    let wanted = value.as_str().unwrap_or_default().to_lowercase();
    match wanted.as_str() {
        RAZORPAY | CASH_ON_DELIVERY | EXTERNAL => Ok(wanted),
        "cod" => Ok(CASH_ON_DELIVERY.to_owned()),
        _ => Err("must be razorpay, cash_on_delivery or external".into()),
    }
}

impl Input for Shown {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let name = text(1..=100);
        let order = fields.called(&["razorpay_order_id", "razorpayOrderId"]);
        let payment = ["razorpay_payment_id", "razorpayPaymentId", "paymentId"];
        let payment = fields.called(&payment);
        let signature = ["razorpay_signature", "razorpaySignature", "signature"];
        let signature = fields.called(&signature);
        let order = fields.required(order, &name);
        let payment = fields.required(payment, &name);
        let signature = fields.required(signature, text(1..=256));
        Some(Self {
            order: order?,
            payment: payment?,
            signature: signature?,
        })
    }
}

impl From<Shown> for Verified {
    fn from(shown: Shown) -> Self {
        Self {
            order: shown.order,
            payment: shown.payment,
            signature: shown.signature,
        }
    }
}

/// Makes an order payable. The same order again is the same payment.
#[utoipa::path(tag = "payments", security(("token" = ["user"])),
    params(("orderId" = String, Path), ("Idempotency-Key" = Option<String>, Header)),
    request_body = NewPayment, responses(
    (status = 201, description = "The payment, and what a checkout page needs", body = Begun),
    (status = 403, description = "It is somebody else's order"),
    (status = 404, description = "There is no such order"),
    (status = 409, description = "The order waits for no payment"),
    (status = 422, description = "The order comes to less than the provider takes; on delivery it can be paid"),
    (status = 503, description = "The provider does not answer; the order can be paid later"),
))]
#[post("/api/payments/create/{orderId}")]
pub(super) async fn create(
    buyer: Buyer,
    path: Path<Id>,
    idempotency: Idempotency,
    body: Body<NewPayment>,
    web: Data<Web>,
) -> Result<HttpResponse, Problem> {
    let wanted = Wanted {
        order: own_order(&web, path.into_inner(), &buyer.0).await?,
        once: idempotency.once(&body.digest),
        method: body.value.method,
    };
    let provider = web.paying.providers().named(&wanted.method)?;
    let begun = web.paying.begin(&wanted).await?;
    let body = Begun {
        message: "Payment initiated",
        razorpay_order_id: begun.reply.provider_order().map(str::to_owned),
        key_id: provider.key_id().to_owned(),
        payment: PaymentView::of(&begun.reply),
    };
    Ok(answer::created(&begun, body))
}

/// Shows that an order was paid.
#[utoipa::path(tag = "payments", security(("token" = ["user"])),
    params(("Idempotency-Key" = Option<String>, Header)), request_body = Shown, responses(
    (status = 200, description = "It is paid; again, what became of it", body = PaymentBody),
    (status = 400, description = "The provider did not sign this"),
    (status = 403, description = "It is somebody else's payment"),
    (status = 409, description = "The order takes no payment any more, and the money goes back"),
    (status = 502, description = "The provider has signed for money that it does not give"),
    (status = 503, description = "The provider does not say; it is found out, and may be shown again"),
))]
#[post("/api/payments/verify")]
pub(super) async fn verify(
    buyer: Buyer,
    idempotency: Idempotency,
    body: Body<Shown>,
    web: Data<Web>,
) -> Result<HttpResponse, Problem> {
    let once = idempotency.once(&body.digest);
    let shown = Verified::from(body.value);
    let paid = web.paying.verify(RAZORPAY, buyer.0.id, &shown, once).await?;
    let body = PaymentBody {
        message: Some("Payment verified"),
        payment: PaymentView::of(&paid.reply),
    };
    Ok(answer::ok(&paid, body))
}

/// Where Razorpay says what happened.
#[utoipa::path(tag = "payments", params(("X-Razorpay-Signature" = String, Header),
    ("X-Razorpay-Event-Id" = Option<String>, Header)), request_body = Object, responses(
    (status = 200, description = "It is noted, or concerns nobody"),
    (status = 400, description = "Razorpay did not sign this, or it cannot be read"),
))]
#[post("/api/payments/webhook")]
pub(super) async fn webhook(
    request: HttpRequest,
    body: Raw,
    web: Data<Web>,
) -> Result<HttpResponse, Problem> {
    let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
    let delivery = Delivery {
        header: &header,
        body: &body.0,
    };
    web.paying.hear(RAZORPAY, &delivery).await?;
    Ok(HttpResponse::Ok().json(json!({ "status": "ok" })))
}

/// The caller's payments, the newest first.
#[utoipa::path(tag = "payments", security(("token" = ["user"])), params(Paging), responses(
    (status = 200, description = "A part of them", body = Payments),
))]
#[get("/api/payments")]
pub(super) async fn mine(
    buyer: Buyer,
    paging: Query<Paging>,
    web: Data<Web>,
) -> Result<HttpResponse, Problem> {
    let paging = paging.0;
    let part = |query| paging.of(query);
    let (found, next, total) = web.paying.payments().list(buyer.0.id, part).await?;
    Ok(HttpResponse::Ok().json(Payments {
        payments: found.iter().map(|seen| PaymentView::of(&seen.payment)).collect(),
        meta: paging.meta(next.as_ref(), total),
    }))
}

/// A payment.
#[utoipa::path(tag = "payments", security(("token" = ["user", "seller", "admin"])),
    params(("id" = String, Path)), responses(
    (status = 200, description = "The payment", body = PaymentBody),
    (status = 403, description = "It is somebody else's"),
    (status = 404, description = "There is no such payment"),
))]
#[get("/api/payments/{id}")]
pub(super) async fn show(caller: SignedIn, path: Path<Id>, web: Data<Web>) -> Result<HttpResponse, Problem> {
    let seen = web.paying.payments().see(path.into_inner()).await?;
    let seen = seen.ok_or(Fault::NotFound("payment"))?;
    if seen.payment.user != caller.0.id && caller.0.role != Role::Admin {
        return Err(Fault::Forbidden("This is somebody else's payment.").into());
    }
    let payment = PaymentView::of(&seen.payment);
    let message = None;
    Ok(answer::seen(seen.version, PaymentBody { message, payment }))
}

/// Gives all of a payment back. An order that is not on its way yet is cancelled with it.
#[utoipa::path(tag = "payments", security(("token" = ["admin"])),
    params(("id" = String, Path), ("Idempotency-Key" = Option<String>, Header)), responses(
    (status = 200, description = "It goes back, or has gone back", body = PaymentBody),
    (status = 404, description = "There is no such payment"),
    (status = 409, description = "Nothing was paid"),
))]
#[post("/api/payments/{id}/refund")]
pub(super) async fn refund(
    admin: Admin,
    path: Path<Id>,
    idempotency: Idempotency,
    body: Body<()>,
    web: Data<Web>,
) -> Result<HttpResponse, Problem> {
    let now = web.engine.now(Some(admin.0.id));
    let ask = Ask::new(Command::Refund, now).once(idempotency.once(&body.digest));
    let refunded = web.paying.refund_all(path.into_inner(), ask).await?;
    let body = PaymentBody {
        message: Some("The payment goes back"),
        payment: PaymentView::of(&refunded.reply),
    };
    Ok(answer::ok(&refunded, body))
}

/// Notes that the money is back with its buyer, where a service at the broker took it and does not
/// say so itself.
#[utoipa::path(tag = "payments", security(("token" = ["admin"])),
    params(("id" = String, Path), ("Idempotency-Key" = Option<String>, Header)), responses(
    (status = 200, description = "It is noted, or was before", body = PaymentBody),
    (status = 404, description = "There is no such payment"),
    (status = 409, description = "Nothing is on its way back by such a service"),
))]
#[post("/api/payments/{id}/refunded")]
pub(super) async fn note_refund(
    admin: Admin,
    path: Path<Id>,
    idempotency: Idempotency,
    body: Body<()>,
    web: Data<Web>,
) -> Result<HttpResponse, Problem> {
    let given_back = Command::GivenBack {
        provider: EXTERNAL.to_owned(),
        capture: None,
    };
    let now = web.engine.now(Some(admin.0.id));
    let ask = Ask::new(given_back, now).once(idempotency.once(&body.digest));
    let noted = web.paying.refund_all(path.into_inner(), ask).await?;
    let body = PaymentBody {
        message: Some("The payment is back"),
        payment: PaymentView::of(&noted.reply),
    };
    Ok(answer::ok(&noted, body))
}

/// An order of the caller's own.
async fn own_order(web: &Web, id: Id, buyer: &Claims) -> Result<Order, Problem> {
    let seen = web.checkout.orders().see(id).await?;
    let seen = seen
        .filter(|seen| seen.order.stood())
        .ok_or(Fault::NotFound("order"))?;
    if seen.order.user != buyer.id {
        return Err(Fault::Forbidden("This is somebody else's order.").into());
    }
    Ok(seen.order)
}

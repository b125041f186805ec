//! `payment` on the wire: what is shown of one, and how it is told that one cannot be made.

use actix_web::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use super::fault::{Fault, Telling};
use super::price::Amount;
use super::problem::Problem;
use crate::actors::paying::{NoPayment, NotHeard};
use crate::domain::id::Id;
use crate::domain::money::Money;
use crate::domain::order;
use crate::domain::payment::{Payment, Refusal, Status, Summary};
use crate::domain::time::Timestamp;
use crate::services::payments::{Failure, NotGenuine};

/// A payment.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PaymentView {
    #[schema(value_type = String)]
    id: Id,
    #[schema(value_type = String)]
    order_id: Id,
    #[schema(value_type = String)]
    user: Id,
    /// `razorpay` or `cash_on_delivery`.
    method: String,
    /// The order at the provider, which a checkout page names.
    razorpay_order_id: Option<String>,
    /// What paid it, by the provider's name.
    payment_id: Option<String>,
    /// PENDING, SUCCESSFUL, FAILED, REFUNDING or REFUNDED.
    #[schema(value_type = String)]
    status: Status,
    #[schema(value_type = Amount)]
    price: Money,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
}

/// A payment with a sentence beside it.
#[derive(Debug, Serialize, ToSchema)]
pub struct PaymentBody {
    /// What happened, in a sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<&'static str>,
    /// The payment.
    pub payment: PaymentView,
}

/// A payment that a checkout page can go on with.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Begun {
    /// What happened, in a sentence.
    pub message: &'static str,
    /// The order at the provider; none if the money comes with the goods.
    pub razorpay_order_id: Option<String>,
    /// The public half of the shop's key at the provider.
    pub key_id: String,
    /// The payment.
    pub payment: PaymentView,
}

impl PaymentView {
    /// What is shown of a payment.
    #[must_use]
    pub fn of(payment: &Payment) -> Self {
        let Summary {
            id,
            order_id,
            user,
            method,
            razorpay_order_id,
            payment_id,
            status,
            price,
            created_at,
            updated_at,
        } = payment.summary();
        Self {
            id,
            order_id,
            user,
            method,
            razorpay_order_id,
            payment_id,
            status,
            price,
            created_at,
            updated_at,
        }
    }
}

impl Telling for Refusal {
    fn problem(&self) -> Problem {
        match self {
            Self::Unknown => Fault::NotFound("payment").into(),
            Self::NotNow(_) => Problem::new(StatusCode::CONFLICT, "not_now", self.to_string()),
            Self::NotPaid => Problem::new(StatusCode::CONFLICT, "not_paid", self.to_string()),
            Self::Order(refusal) => refusal.problem(),
        }
    }
}

impl From<NoPayment> for Problem {
    fn from(why: NoPayment) -> Self {
        match why {
            NoPayment::NotNow(status) => order::Refusal::NotNow(status).problem(),
            NoPayment::TooLittle(least) => too_little(least),
            NoPayment::Payment(error) => error.into(),
            NoPayment::Provider(failure) => failure.into(),
            NoPayment::Busy => Fault::Overloaded.into(),
            NoPayment::Forged => Self::new(StatusCode::BAD_REQUEST, "invalid_signature", "Invalid signature"),
            NoPayment::NotYours => Fault::Forbidden("This is somebody else's payment.").into(),
            NoPayment::GoesBack(payment) => goes_back(&payment),
            NoPayment::Stuck(stuck) => stuck.into(),
        }
    }
}

fn too_little(least: Money) -> Problem {
    let why = format!("The provider takes {least} for an order at least. It can be paid on delivery.");
    let least = serde_json::to_value(least).unwrap_or_default();
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "too_little", why).member("least", least)
}

fn goes_back(payment: &Payment) -> Problem {
    let why = "The order takes no payment any more. The money goes back.";
    let payment = serde_json::to_value(PaymentView::of(payment)).unwrap_or_default();
    Problem::new(StatusCode::CONFLICT, "goes_back", why).member("payment", payment)
}

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Unavailable(why) | Failure::Unknown(why) => Fault::Unavailable(why).into(),
            Failure::Refused { code, description } => {
                tracing::warn!(code, description, "the payment provider says no");
                let why = "The payment provider does not take this payment.";
                Self::new(StatusCode::BAD_GATEWAY, "provider_refused", why)
            }
        }
    }
}

impl From<NotHeard> for Problem {
    fn from(why: NotHeard) -> Self {
        match why {
            NotHeard::NotGenuine(NotGenuine::Malformed) => {
                Fault::MalformedJson("The body cannot be read.".into()).into()
            }
            NotHeard::NotGenuine(NotGenuine::Unsigned | NotGenuine::Forged) => NoPayment::Forged.into(),
            NotHeard::Later(stuck) => stuck.into(),
        }
    }
}

//! Payments by Razorpay, over its HTTP API. The sandbox is the same adapter at another address.

mod address;
pub mod signature;
pub mod webhook;
mod wire;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use reqwest::header::HeaderName;
use reqwest::{Method, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::{
    Delivery, Failure, NewOrder, NotGenuine, PaymentProvider, PaymentRecord, PaymentState, ProviderOrder,
    RAZORPAY, RefundRecord, RefundState, Webhook,
};
use crate::config;
use crate::domain::money::{Currency, Money, MoneyError};
use crate::services::outside::{Call, NoReply, Outside};

pub use address::Address;

/// Names a refund, so that it is made once however often it is sent.
const IDEMPOTENCY: HeaderName = HeaderName::from_static("x-refund-idempotency");

/// So many orders with one receipt are more than there will ever be.
const PAGE: u32 = 100;

/// It takes no less for an order, in the smallest unit of the currency.
const LEAST: i64 = 100;

/// An account there.
pub struct Razorpay {
    outside: Outside,
    address: Address,
    keys: Keys,
}

/// What an account is used with.
#[derive(Debug, Clone)]
pub struct Keys {
    /// The public half of the key.
    pub id: String,
    /// The secret half, which signs checkouts, too.
    pub secret: SecretString,
    /// What signs webhooks. Without it none is believed.
    pub webhook: Option<SecretString>,
}

impl Razorpay {
    /// An account at this address.
    #[must_use]
    pub fn new(keys: Keys, address: Address, calls: config::Outside) -> Self {
        Self {
            outside: Outside::new("razorpay", calls),
            address,
            keys,
        }
    }

    fn call(&self, method: Method, path: &str) -> Result<Call, Failure> {
        let url = format!("{}/v1/{path}", self.address.url()?);
        let Keys { id, secret, .. } = &self.keys;
        Ok(Call::new(method, url).basic_auth(id, secret.expose_secret()))
    }

    /// Reads something, which may be done as often as one likes.
    async fn look<T: DeserializeOwned>(&self, path: &str) -> Result<T, Failure> {
        let call = self.call(Method::GET, path)?;
        let looked = self.outside.ask(&call).await;
        looked.map_err(|why| match failure(&why) {
            Failure::Unknown(why) => Failure::Unavailable(why), // nobody changed anything
            settled => settled,
        })
    }

    async fn change<T: DeserializeOwned>(&self, call: Call) -> Result<T, Failure> {
        self.outside.ask(&call).await.map_err(|why| failure(&why))
    }

    async fn make_order(&self, order: &NewOrder) -> Result<ProviderOrder, Failure> {
        let notes: Map<String, Value> = order
            .notes
            .iter()
            .map(|(name, note)| (name.clone(), note.as_str().into()))
            .collect();
        let wanted = json!({
            "amount": order.amount.minor(),
            "currency": order.amount.currency().code(),
            "receipt": named(&order.receipt)?,
            "notes": notes,
            // Whatever the account is set to: money that nobody takes is the buyer's again.
            "payment_capture": 1,
        });
        let call = self.call(Method::POST, "orders")?.json(&wanted).once();
        sense(self.change::<wire::Order>(call).await?)
    }

    async fn order_of(&self, receipt: &str) -> Result<Option<ProviderOrder>, Failure> {
        let path = format!("orders?receipt={}&count={PAGE}", named(receipt)?);
        let found: wire::Collection<wire::Order> = self.look(&path).await?;
        // It answers whatever contains the receipt.
        let ours = found.items.into_iter();
        let mut ours: Vec<_> = ours
            .filter(|order| order.receipt.as_deref() == Some(receipt))
            .collect();
        ours.sort_by_key(|order| (-order.amount_paid, order.created_at));
        ours.into_iter().next().map(sense).transpose()
    }

    async fn attempts(&self, order: &str) -> Result<Vec<PaymentRecord>, Failure> {
        let path = format!("orders/{}/payments", named(order)?);
        let mut found: wire::Collection<wire::Payment> = self.look(&path).await?;
        found.items.sort_by_key(|payment| payment.created_at);
        found.items.into_iter().map(sense).collect()
    }

    async fn attempt(&self, payment: &str) -> Result<PaymentRecord, Failure> {
        let path = format!("payments/{}", named(payment)?);
        sense(self.look::<wire::Payment>(&path).await?)
    }

    /// Whatever a capture comes to, the payment says whether there was one.
    async fn take(&self, payment: &PaymentRecord) -> Result<PaymentRecord, Failure> {
        let wanted = json!({
            "amount": payment.amount.minor(),
            "currency": payment.amount.currency().code(),
        });
        let path = format!("payments/{}/capture", named(&payment.id)?);
        let call = self.call(Method::POST, &path)?.json(&wanted).once();
        let failure = match self.change::<wire::Payment>(call).await {
            Ok(taken) => return sense(taken),
            Err(unavailable @ Failure::Unavailable(_)) => return Err(unavailable),
            Err(failure) => failure,
        };
        let seen = self.attempt(&payment.id).await.ok();
        let taken =
            |seen: &PaymentRecord| matches!(seen.state, PaymentState::Captured | PaymentState::Refunded);
        seen.filter(taken).ok_or(failure)
    }

    async fn give_back(&self, payment: &str, amount: Money, key: &str) -> Result<RefundRecord, Failure> {
        let wanted = json!({ "amount": amount.minor(), "receipt": named(key)? });
        let path = format!("payments/{}/refund", named(payment)?);
        let call = self.call(Method::POST, &path)?.json(&wanted);
        match self.change::<wire::Refund>(call.header(IDEMPOTENCY, key)).await {
            Ok(given) => sense(given),
            Err(refused @ Failure::Refused { .. }) => self.given_back(payment, amount).await.ok_or(refused),
            Err(failure) => Err(failure),
        }
    }

    /// The refund that somebody has made before, at Razorpay's own desk, say.
    async fn given_back(&self, payment: &str, amount: Money) -> Option<RefundRecord> {
        let refunds = self.refunds(payment).await.ok()?;
        let whole = |refund: &RefundRecord| refund.amount == amount && refund.state != RefundState::Failed;
        refunds.into_iter().find(whole)
    }

    async fn refunds(&self, payment: &str) -> Result<Vec<RefundRecord>, Failure> {
        let path = format!("payments/{}/refunds", named(payment)?);
        let found: wire::Collection<wire::Refund> = self.look(&path).await?;
        found.items.into_iter().map(sense).collect()
    }
}

/// A name that can stand in a URL. Some come from buyers, who may write anything.
fn named(name: &str) -> Result<&str, Failure> {
    let right = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    if (1..=64).contains(&name.len()) && name.bytes().all(right) {
        return Ok(name);
    }
    Err(Failure::Refused {
        code: "BAD_REQUEST_ERROR".into(),
        description: "The id provided does not exist".into(),
    })
}

/// What Razorpay's words mean to us.
fn sense<T, U: TryFrom<T, Error = MoneyError>>(read: T) -> Result<U, Failure> {
    let sense = U::try_from(read);
    sense.map_err(|why| Failure::Unknown(format!("razorpay's reply makes no sense: {why}")))
}

fn failure(why: &NoReply) -> Failure {
    let NoReply::TurnedDown { status, reply, .. } = why else {
        return match why {
            NoReply::Failed(..) => Failure::Unknown(why.to_string()),
            _ => Failure::Unavailable(why.to_string()),
        };
    };
    match *status {
        // The key is wrong, which is no fault of who wants to pay.
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Failure::Unavailable(why.to_string()),
        // The same was sent before and is still being done.
        StatusCode::REQUEST_TIMEOUT | StatusCode::CONFLICT => Failure::Unknown(why.to_string()),
        status => match serde_json::from_slice::<wire::Refusal>(reply) {
            Ok(wire::Refusal { error }) => Failure::Refused {
                code: error.code,
                description: error.description,
            },
            Err(_) => Failure::Refused {
                code: status.as_u16().to_string(),
                description: status.to_string(),
            },
        },
    }
}

impl PaymentProvider for Razorpay {
    fn name(&self) -> &'static str {
        RAZORPAY
    }

    fn least(&self, currency: Currency) -> Money {
        Money::of_minor(LEAST, currency)
    }

    fn key_id(&self) -> &str {
        &self.keys.id
    }

    fn open<'a>(&'a self, order: &'a NewOrder) -> BoxFuture<'a, Result<ProviderOrder, Failure>> {
        self.make_order(order).boxed()
    }

    fn find<'a>(&'a self, receipt: &'a str) -> BoxFuture<'a, Result<Option<ProviderOrder>, Failure>> {
        self.order_of(receipt).boxed()
    }

    fn payments_of<'a>(&'a self, order: &'a str) -> BoxFuture<'a, Result<Vec<PaymentRecord>, Failure>> {
        self.attempts(order).boxed()
    }

    fn payment<'a>(&'a self, payment: &'a str) -> BoxFuture<'a, Result<PaymentRecord, Failure>> {
        self.attempt(payment).boxed()
    }

    fn capture<'a>(&'a self, payment: &'a PaymentRecord) -> BoxFuture<'a, Result<PaymentRecord, Failure>> {
        self.take(payment).boxed()
    }

    fn refund<'a>(
        &'a self,
        payment: &'a str,
        amount: Money,
        key: &'a str,
    ) -> BoxFuture<'a, Result<RefundRecord, Failure>> {
        self.give_back(payment, amount, key).boxed()
    }

    fn refunds_of<'a>(&'a self, payment: &'a str) -> BoxFuture<'a, Result<Vec<RefundRecord>, Failure>> {
        self.refunds(payment).boxed()
    }

    fn signed(&self, order: &str, payment: &str, signature: &str) -> bool {
        let signed = signature::checkout(order, payment);
        signature::verify(&self.keys.secret, signed.as_bytes(), signature)
    }

    fn read(&self, delivery: &Delivery<'_>) -> Result<Webhook, NotGenuine> {
        webhook::read(self.keys.webhook.as_ref(), delivery)
    }
}

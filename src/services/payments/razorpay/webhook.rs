//! Razorpay's webhooks. The signature is over the bytes of the body, so it is looked at before
//! anything in them is.

use secrecy::SecretString;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::{signature, wire};
use crate::domain::money::MoneyError;
use crate::services::payments::{Delivery, NotGenuine, Notice, PaymentRecord, RefundRecord, Webhook};

/// Carries the signature.
pub const SIGNATURE: &str = "x-razorpay-signature";
/// Names the event, the same on each delivery.
pub const EVENT_ID: &str = "x-razorpay-event-id";

/// A longer name of an event is none of theirs.
const EVENT_ID_MAX: usize = 64;

#[derive(Deserialize)]
struct Told {
    event: String,
    #[serde(default)]
    payload: Map<String, Value>,
}

/// Reads a delivery that is signed under this secret.
pub(super) fn read(secret: Option<&SecretString>, delivery: &Delivery<'_>) -> Result<Webhook, NotGenuine> {
    let signed = (delivery.header)(SIGNATURE).ok_or(NotGenuine::Unsigned)?;
    if !secret.is_some_and(|secret| signature::verify(secret, delivery.body, signed)) {
        return Err(NotGenuine::Forged);
    }
    let told: Told = serde_json::from_slice(delivery.body).map_err(|_| NotGenuine::Malformed)?;
    Ok(Webhook {
        event: event_id(delivery),
        notice: notice(told)?,
    })
}

/// Razorpay's name for the event, or one that the same body always gets.
fn event_id(delivery: &Delivery<'_>) -> String {
    let named = (delivery.header)(EVENT_ID).filter(|name| is_name(name));
    named.map_or_else(|| hex::encode(Sha256::digest(delivery.body)), str::to_owned)
}

fn is_name(name: &str) -> bool {
    let right = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    (1..=EVENT_ID_MAX).contains(&name.len()) && name.bytes().all(right)
}

fn notice(mut told: Told) -> Result<Notice, NotGenuine> {
    let payload = &mut told.payload;
    let notice = match told.event.as_str() {
        "payment.authorized" => payment(payload)?.map(Notice::PaymentAuthorized),
        "payment.captured" => payment(payload)?.map(Notice::PaymentCaptured),
        "payment.failed" => payment(payload)?.map(Notice::PaymentFailed),
        "order.paid" => {
            let order = entity::<wire::Order>(payload, "order")?.try_into();
            let (order, paid) = (ours(order), payment(payload)?);
            order
                .zip(paid)
                .map(|(order, paid)| Notice::OrderPaid(order, paid))
        }
        "refund.processed" => refund(payload)?.map(Notice::RefundProcessed),
        "refund.failed" => refund(payload)?.map(Notice::RefundFailed),
        _ => None,
    };
    Ok(notice.unwrap_or(Notice::Ignored(told.event)))
}

fn payment(payload: &mut Map<String, Value>) -> Result<Option<PaymentRecord>, NotGenuine> {
    Ok(ours(entity::<wire::Payment>(payload, "payment")?.try_into()))
}

fn refund(payload: &mut Map<String, Value>) -> Result<Option<RefundRecord>, NotGenuine> {
    Ok(ours(entity::<wire::Refund>(payload, "refund")?.try_into()))
}

/// An account may serve others than us: what is in a currency that we do not know is theirs.
fn ours<T>(read: Result<T, MoneyError>) -> Option<T> {
    read.ok()
}

fn entity<T: DeserializeOwned>(payload: &mut Map<String, Value>, name: &str) -> Result<T, NotGenuine> {
    let entity = payload.get_mut(name).and_then(|part| part.get_mut("entity"));
    let entity = entity.map(Value::take).ok_or(NotGenuine::Malformed)?;
    serde_json::from_value(entity).map_err(|_| NotGenuine::Malformed)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const ID: &str = "evt_0123456789";

    fn secret() -> SecretString {
        SecretString::from("a webhook's secret")
    }

    fn captured(currency: &str) -> Vec<u8> {
        let payment = json!({
            "id": "pay_1", "amount": 500, "currency": currency, "status": "captured", "order_id": "order_1",
        });
        let told = json!({ "event": "payment.captured", "payload": { "payment": { "entity": payment } } });
        told.to_string().into_bytes()
    }

    fn deliver(body: &[u8], signed: Option<&str>, id: Option<&str>) -> Result<Webhook, NotGenuine> {
        let header = |name: &str| match name {
            SIGNATURE => signed,
            EVENT_ID => id,
            _ => None,
        };
        let header = &header;
        read(Some(&secret()), &Delivery { header, body })
    }

    fn genuine(body: &[u8], id: Option<&str>) -> Result<Webhook, NotGenuine> {
        deliver(body, Some(&signature::sign(&secret(), body)), id)
    }

    #[test]
    fn no_bit_of_a_webhook_can_be_turned_over() {
        let body = captured("INR");
        let signed = signature::sign(&secret(), &body);
        let told = deliver(&body, Some(&signed), Some(ID)).expect("it is genuine");
        assert!(matches!(told.notice, Notice::PaymentCaptured(_)), "{told:?}");
        for bit in 0..body.len() * 8 {
            let mut turned = body.clone();
            turned[bit / 8] ^= 1 << (bit % 8);
            let refused = deliver(&turned, Some(&signed), Some(ID));
            assert_eq!(refused, Err(NotGenuine::Forged), "bit {bit}");
        }
    }

    #[test]
    fn what_is_not_signed_or_cannot_be_read_is_refused() {
        let body = captured("INR");
        assert_eq!(deliver(&body, None, Some(ID)), Err(NotGenuine::Unsigned));
        assert_eq!(deliver(&body, Some(""), Some(ID)), Err(NotGenuine::Forged));
        for unreadable in [
            &b"{"[..],
            b"",
            b"[]",
            b"{}",
            b"\xff",
            br#"{"event":"order.paid"}"#,
        ] {
            assert_eq!(genuine(unreadable, Some(ID)), Err(NotGenuine::Malformed));
        }
        let nobody = Delivery {
            header: &|_| Some("00"),
            body: b"{}",
        };
        assert_eq!(read(None, &nobody), Err(NotGenuine::Forged), "without a secret");
    }

    #[test]
    fn what_does_not_concern_us_is_ignored() {
        let unknown = genuine(br#"{"event":"invoice.paid"}"#, Some(ID)).expect("it is genuine");
        assert_eq!(unknown.notice, Notice::Ignored("invoice.paid".into()));
        let foreign = genuine(&captured("JPY"), Some(ID)).expect("it is genuine");
        assert_eq!(foreign.notice, Notice::Ignored("payment.captured".into()));
    }

    #[test]
    fn an_event_without_a_name_of_its_own_is_named_after_its_body() {
        let body = captured("INR");
        let named = |id| genuine(&body, id).expect("it is genuine").event;
        assert_eq!(named(Some(ID)), ID);
        assert_eq!(named(None), named(Some("not a name")));
        assert_ne!(
            named(None),
            genuine(&captured("USD"), None).expect("genuine").event
        );
    }
}

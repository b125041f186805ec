//! What others say of payments: where a service outside takes the money, it says on the fanout of
//! payments how that went. What we said there ourselves is passed over.

use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use serde::Deserialize;

use super::reading::{Incoming, Reader, Verdict};
use crate::domain::id::Id;
use crate::events::consumer::Retry;

/// Whoever owns payments, as far as results from outside are concerned.
pub trait PaymentResults: Send + Sync + 'static {
    /// Takes one result. It may come twice and late: what was settled under its transaction stays
    /// as it is, and a payment that no service outside is in charge of is left alone.
    ///
    /// # Errors
    /// [`Retry`], and it comes again.
    fn settle<'a>(&'a self, result: &'a PaymentResult) -> BoxFuture<'a, Result<(), Retry>>;
}

/// How a payment went, as somebody else says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentResult {
    /// The order that was to be paid.
    pub order: Id,
    /// Whose it is, by that account.
    pub user: Id,
    /// What came of it.
    pub outcome: Outcome,
    /// The name of the transaction outside, by which a result is known again.
    pub transaction: String,
}

/// What came of a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It is paid.
    Paid,
    /// The attempt came to nothing.
    Failed,
    /// The money went back, all of it.
    Refunded,
}

/// The reader of the queue of results.
pub(super) struct ResultReader(pub(super) Arc<dyn PaymentResults>);

#[derive(Deserialize)]
struct Envelope {
    #[serde(rename = "type")]
    name: String,
    #[serde(default)]
    data: serde_json::Value,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Told {
    order_id: Id,
    user_id: Id,
    status: Status,
    transaction_id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum Status {
    Success,
    Failed,
    /// Nothing is settled yet.
    Pending,
}

impl Reader for ResultReader {
    fn read<'a>(&'a self, messages: &'a [Incoming]) -> BoxFuture<'a, Vec<Verdict>> {
        async move {
            let mut verdicts = Vec::with_capacity(messages.len());
            for message in messages {
                verdicts.push(self.read_one(message).await);
            }
            verdicts
        }
        .boxed()
    }

    /// What others say has no event: its transaction is its name.
    fn name_of(&self, message: &Incoming) -> Option<String> {
        let told = || understood(&message.body).ok().flatten();
        message.event.clone().or_else(|| Some(told()?.transaction))
    }
}

impl ResultReader {
    async fn read_one(&self, message: &Incoming) -> Verdict {
        if message.event.is_some() {
            return Verdict::Taken; // our own word
        }
        let result = match understood(&message.body) {
            Ok(Some(result)) => result,
            Ok(None) => return Verdict::Taken,
            Err(error) => return Verdict::Never(error.to_string()),
        };
        match self.0.settle(&result).await {
            Ok(()) => Verdict::Taken,
            Err(retry) if retry.outage => Verdict::Outage(retry.why),
            Err(retry) => Verdict::Failed(retry.why),
        }
    }
}

/// The result that a message tells of; none when it tells of something else, or of none yet. A
/// refund that failed settles nothing: the money is still to go back.
fn understood(body: &[u8]) -> serde_json::Result<Option<PaymentResult>> {
    let envelope: Envelope = serde_json::from_slice(body)?;
    let back = match envelope.name.as_str() {
        "PAYMENT_RESULT" => false,
        "REFUND_RESULT" => true,
        _ => return Ok(None),
    };
    let told: Told = serde_json::from_value(envelope.data)?;
    let outcome = match (told.status, back) {
        (Status::Success, false) => Outcome::Paid,
        (Status::Success, true) => Outcome::Refunded,
        (Status::Failed, false) => Outcome::Failed,
        (Status::Failed, true) | (Status::Pending, _) => return Ok(None),
    };
    Ok(Some(PaymentResult {
        order: told.order_id,
        user: told.user_id,
        outcome,
        transaction: told.transaction_id,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORDER: &str = "0101010101010101010101aa";

    fn body(status: &str) -> String {
        body_of("PAYMENT_RESULT", status)
    }

    fn body_of(name: &str, status: &str) -> String {
        format!(
            r#"{{"type":"{name}","data":{{"orderId":"{ORDER}","userId":"{ORDER}",
            "status":"{status}","transactionId":"t-1","items":[]}}}}"#
        )
    }

    #[test]
    fn a_result_of_others_is_understood() {
        let told = |name, status| {
            let result = understood(body_of(name, status).as_bytes()).expect("it is well formed");
            result.map(|result| (result.outcome, result.transaction))
        };
        let paid = |status| told("PAYMENT_RESULT", status);
        assert_eq!(paid("SUCCESS"), Some((Outcome::Paid, "t-1".into())));
        assert_eq!(paid("FAILED"), Some((Outcome::Failed, "t-1".into())));
        assert_eq!(paid("PENDING"), None, "nothing is settled yet");
        let back = |status| told("REFUND_RESULT", status);
        assert_eq!(back("SUCCESS"), Some((Outcome::Refunded, "t-1".into())));
        assert_eq!(back("FAILED"), None, "the money is still to go back");
    }

    #[test]
    fn what_is_no_result_is_told_from_what_is_malformed() {
        assert!(understood(br#"{"type":"DELIVERY_RESULT","data":7}"#).is_ok_and(|result| result.is_none()));
        for malformed in ["", "7", "{}", "{\"type\":\"PAYMENT_RESULT\"}", &body("MAYBE")] {
            assert!(understood(malformed.as_bytes()).is_err(), "{malformed}");
        }
    }
}

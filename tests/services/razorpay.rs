//! Razorpay's API with a server of the test in its place: what each kind of trouble comes to.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bazaar::config;
use bazaar::domain::money::{Currency, Money};
use bazaar::services::payments::razorpay::{Address, Keys, Razorpay};
use bazaar::services::payments::{
    Failure, NewOrder, PaymentProvider, PaymentRecord, PaymentState, ProviderOrder, open_once,
};
use serde_json::{Value, json};

use crate::stand_in::{Asked, Mood, StandIn};

/// More than any reply of theirs.
const HUGE: usize = 3 << 20;

fn adapter(stand_in: &StandIn) -> Razorpay {
    let keys = Keys {
        id: "rzp_test_key".into(),
        secret: "secret".into(),
        webhook: None,
    };
    let calls = config::Outside {
        timeout: Duration::from_millis(300),
    };
    Razorpay::new(keys, Address::at(&stand_in.url), calls)
}

fn rupees(minor: i64) -> Money {
    Money::of_minor(minor, Currency::Inr)
}

fn lamp() -> NewOrder {
    NewOrder {
        receipt: "0123456789abcdef01234567".into(),
        amount: rupees(129_900),
        notes: vec![("order".into(), "one lamp".into())],
    }
}

fn order(id: &str, receipt: &str, paid: i64, created_at: i64) -> Value {
    json!({
        "id": id, "entity": "order", "amount": 129_900, "amount_paid": paid, "currency": "INR",
        "receipt": receipt, "status": "created", "notes": [], "created_at": created_at,
    })
}

fn opened(id: &str) -> ProviderOrder {
    ProviderOrder {
        id: id.into(),
        receipt: lamp().receipt,
        amount: rupees(129_900),
        paid: rupees(0),
    }
}

fn payment(status: &str) -> Value {
    json!({
        "id": "pay_1", "entity": "payment", "amount": 129_900, "currency": "INR", "status": status,
        "order_id": "order_1", "amount_refunded": 0, "fee": 3_066, "tax": 468, "method": "upi",
        "error_code": null, "error_description": null, "created_at": 1,
    })
}

fn authorized() -> PaymentRecord {
    PaymentRecord {
        id: "pay_1".into(),
        order: Some("order_1".into()),
        state: PaymentState::Authorized,
        amount: rupees(129_900),
        refunded: rupees(0),
        fee: None,
        tax: None,
        method: None,
        error: None,
    }
}

fn list(items: &[Value]) -> Value {
    json!({ "entity": "collection", "count": items.len(), "items": items })
}

fn no(description: &str) -> Mood {
    let error = json!({ "code": "BAD_REQUEST_ERROR", "description": description });
    Mood::Answers(400, json!({ "error": error }))
}

/// Everything after which nobody knows what was done.
fn troubles() -> [Mood; 6] {
    [
        Mood::Answers(500, json!({})),
        Mood::Answers(302, json!({})),
        Mood::Hangs,
        Mood::Cuts,
        Mood::Answers(200, json!({ "so": "what" })),
        Mood::Answers(200, json!("x".repeat(HUGE))),
    ]
}

fn creates(asked: &[Asked]) -> usize {
    asked.iter().filter(|one| one.is("POST /v1/orders ")).count()
}

#[actix_web::test]
async fn an_order_is_made_in_paise_under_our_receipt() {
    let stand_in = StandIn::start(Mood::Answers(200, order("order_1", &lamp().receipt, 0, 1))).await;
    let made = adapter(&stand_in).open(&lamp()).await;
    assert_eq!(made, Ok(opened("order_1")));
    let asked = stand_in.was_asked(1).await.remove(0);
    assert!(asked.is("POST /v1/orders "), "{}", asked.head);
    let key = STANDARD.encode("rzp_test_key:secret");
    assert_eq!(asked.header("authorization"), format!("Basic {key}"));
    let sent: Value = serde_json::from_str(&asked.body).expect("JSON");
    let wanted = json!({
        "amount": 129_900, "currency": "INR", "receipt": lamp().receipt, "notes": { "order": "one lamp" },
        "payment_capture": 1,
    });
    assert_eq!(sent, wanted);
}

#[actix_web::test]
async fn a_create_of_unknown_outcome_is_never_sent_twice() {
    for mood in troubles() {
        let stand_in = StandIn::start(Mood::Answers(200, list(&[]))).await;
        stand_in.next(mood.clone());
        let lost = open_once(&adapter(&stand_in), &lamp(), false).await;
        assert!(matches!(lost, Err(Failure::Unknown(_))), "{mood:?}: {lost:?}");
        let asked = stand_in.was_asked(2).await;
        assert_eq!(creates(&asked), 1, "{mood:?}");
        let look = format!("GET /v1/orders?receipt={}", lamp().receipt);
        assert!(asked[1].is(&look), "{mood:?}: {}", asked[1].head);
    }
}

#[actix_web::test]
async fn an_order_that_was_made_before_the_answer_was_lost_is_found() {
    for mood in troubles() {
        let made = order("order_1", &lamp().receipt, 0, 1);
        let stand_in = StandIn::start(Mood::Answers(200, list(&[made]))).await;
        stand_in.next(mood.clone());
        let found = open_once(&adapter(&stand_in), &lamp(), false).await;
        assert_eq!(found, Ok(opened("order_1")), "{mood:?}");
        assert_eq!(creates(&stand_in.was_asked(2).await), 1, "{mood:?}");
    }
}

#[actix_web::test]
async fn what_was_attempted_before_is_looked_for_before_it_is_made() {
    let stand_in = StandIn::start(Mood::Answers(200, order("order_1", &lamp().receipt, 0, 1))).await;
    stand_in.next(Mood::Answers(200, list(&[])));
    let made = open_once(&adapter(&stand_in), &lamp(), true).await;
    assert_eq!(made, Ok(opened("order_1")));
    let asked = stand_in.was_asked(2).await;
    assert!(asked[0].is("GET /v1/orders?receipt="), "{}", asked[0].head);
}

#[actix_web::test]
async fn of_several_orders_with_a_receipt_the_paid_one_counts_and_then_the_oldest() {
    let receipt = lamp().receipt;
    let longer = format!("{receipt}-b");
    let all = [
        order("order_3", &receipt, 0, 3),
        order("order_other", &longer, 129_900, 1),
        order("order_2", &receipt, 0, 2),
    ];
    let stand_in = StandIn::start(Mood::Answers(200, list(&all))).await;
    let razorpay = adapter(&stand_in);
    assert_eq!(razorpay.find(&receipt).await, Ok(Some(opened("order_2"))));
    let paid = list(&[&all[..], &[order("order_4", &receipt, 129_900, 4)]].concat());
    stand_in.next(Mood::Answers(200, paid));
    let found = razorpay.find(&receipt).await.expect("an answer");
    assert_eq!(found.map(|order| order.id), Some("order_4".into()));
}

#[actix_web::test]
async fn a_look_is_repeated_and_a_service_that_is_down_is_left_alone() {
    let stand_in = StandIn::start(Mood::Answers(500, json!({}))).await;
    let razorpay = adapter(&stand_in);
    let paid = Mood::Answers(200, payment("captured"));
    for mood in [Mood::Answers(502, json!({})), Mood::Cuts, paid] {
        stand_in.next(mood);
    }
    let seen = razorpay.payment("pay_1").await.expect("the third time it works");
    assert_eq!(
        (seen.state, seen.fee),
        (PaymentState::Captured, Some(rupees(3_066)))
    );
    for _ in 0..2 {
        let down = razorpay.payment("pay_1").await;
        assert!(matches!(down, Err(Failure::Unavailable(_))), "{down:?}");
    }
    let asked = stand_in.was_asked(8).await.len();
    let alone = razorpay.open(&lamp()).await;
    assert!(matches!(alone, Err(Failure::Unavailable(_))), "{alone:?}");
    assert_eq!(stand_in.was_asked(8).await.len(), asked, "nothing was sent");
}

#[actix_web::test]
async fn what_was_not_taken_may_be_sent_again() {
    let stand_in = StandIn::start(Mood::Answers(200, order("order_1", &lamp().receipt, 0, 1))).await;
    stand_in.next(Mood::Answers(429, json!({})));
    assert_eq!(adapter(&stand_in).open(&lamp()).await, Ok(opened("order_1")));
    let nobody = Razorpay::new(
        Keys {
            id: "rzp_test_key".into(),
            secret: "secret".into(),
            webhook: None,
        },
        Address::at("http://127.0.0.1:1"),
        config::Outside {
            timeout: Duration::from_millis(300),
        },
    );
    let unsent = nobody.open(&lamp()).await;
    assert!(matches!(unsent, Err(Failure::Unavailable(_))), "{unsent:?}");
}

#[actix_web::test]
async fn a_wrong_key_is_an_outage_and_a_refusal_has_razorpays_words() {
    let stand_in = StandIn::start(Mood::Answers(401, json!({}))).await;
    let razorpay = adapter(&stand_in);
    let locked_out = razorpay.open(&lamp()).await;
    assert!(
        matches!(locked_out, Err(Failure::Unavailable(_))),
        "{locked_out:?}"
    );
    stand_in.next(no("Order amount less than minimum amount allowed"));
    let refused = Failure::Refused {
        code: "BAD_REQUEST_ERROR".into(),
        description: "Order amount less than minimum amount allowed".into(),
    };
    assert_eq!(razorpay.open(&lamp()).await, Err(refused));
}

#[actix_web::test]
async fn whether_a_capture_was_one_is_seen_at_the_payment() {
    for mood in troubles()
        .into_iter()
        .chain([no("This payment has already been captured")])
    {
        let stand_in = StandIn::start(Mood::Answers(200, payment("captured"))).await;
        stand_in.next(mood.clone());
        let captured = adapter(&stand_in).capture(&authorized()).await;
        let captured = captured.map(|payment| payment.state);
        assert_eq!(captured, Ok(PaymentState::Captured), "{mood:?}");
        let asked = stand_in.was_asked(2).await;
        assert!(
            asked[0].is("POST /v1/payments/pay_1/capture "),
            "{}",
            asked[0].head
        );
        assert!(asked[1].is("GET /v1/payments/pay_1 "), "{}", asked[1].head);
    }
}

#[actix_web::test]
async fn a_refund_is_sent_again_under_the_same_key() {
    let refund = json!({
        "id": "rfnd_1", "payment_id": "pay_1", "amount": 129_900, "currency": "INR", "status": "pending",
    });
    let stand_in = StandIn::start(Mood::Answers(200, refund.clone())).await;
    stand_in.next(Mood::Hangs);
    let razorpay = adapter(&stand_in);
    let given = razorpay.refund("pay_1", rupees(129_900), "refund-0123").await;
    assert_eq!(given.expect("a refund").id, "rfnd_1");
    for asked in stand_in.was_asked(2).await {
        assert!(asked.is("POST /v1/payments/pay_1/refund "), "{}", asked.head);
        assert_eq!(asked.header("x-refund-idempotency"), "refund-0123");
    }
    // Somebody gave it back at Razorpay's own desk.
    stand_in.next(no("The payment has been fully refunded already"));
    stand_in.next(Mood::Answers(200, list(&[refund])));
    let given = razorpay.refund("pay_1", rupees(129_900), "refund-4567").await;
    assert_eq!(given.expect("the refund that there is").id, "rfnd_1");
}

#[actix_web::test]
async fn a_name_that_a_buyer_made_up_reaches_nobody() {
    let stand_in = StandIn::start(Mood::Answers(200, payment("captured"))).await;
    let razorpay = adapter(&stand_in);
    for name in [
        "",
        "../orders",
        "pay_1/capture",
        "pay_1?count=1",
        "☃",
        &"p".repeat(65),
    ] {
        let refused = razorpay.payment(name).await;
        assert!(
            matches!(refused, Err(Failure::Refused { .. })),
            "{name:?}: {refused:?}"
        );
    }
    razorpay.payment("pay_1").await.expect("a payment");
    assert_eq!(stand_in.was_asked(1).await.len(), 1);
}

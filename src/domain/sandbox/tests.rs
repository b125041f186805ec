//! What the sandbox does, one command after the other.

use super::*;
use crate::domain::money::Currency;

const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);
const SENT: Manner = Manner {
    webhooks: Webhooks::Sent,
    delay: Duration::ZERO,
};
const AT_ONCE: Fate = Fate {
    after: Duration::ZERO,
    fails: false,
};

fn opened() -> SandboxOrder {
    let command = Command::Open {
        id: Id::from_bytes([7; 12]),
        receipt: Some("ours".into()),
        amount: Money::of_minor(50_000, Currency::Inr),
        notes: BTreeMap::new(),
    };
    run(None, &command, NOW).expect("an order")
}

fn run(order: Option<&SandboxOrder>, command: &Command, now: Timestamp) -> Result<SandboxOrder, Refusal> {
    let decided = SandboxOrder::decide(order, command, &Circumstances { now, by: None });
    decided.map(|decision| decision.reply)
}

fn pay(capture: Option<Duration>, manner: Manner) -> Command {
    Command::Pay {
        agreed: true,
        capture,
        again: false,
        manner,
    }
}

fn paid() -> SandboxOrder {
    run(Some(&opened()), &pay(Some(Duration::ZERO), SENT), NOW).expect("paid")
}

fn refund(key: &str, fate: Fate) -> Command {
    Command::Refund {
        attempt: 0,
        amount: None,
        key: Some(key.into()),
        receipt: None,
        fate,
        manner: SENT,
    }
}

fn body(owed: &Owed) -> serde_json::Value {
    serde_json::from_str(&owed.body).expect("JSON")
}

fn told(order: &SandboxOrder) -> Vec<String> {
    let events = order.owed.iter().map(|owed| body(owed)["event"].clone());
    events
        .map(|event| event.as_str().expect("a name").to_owned())
        .collect()
}

#[test]
fn a_payment_is_told_step_by_step() {
    let paid = paid();
    assert_eq!(
        told(&paid),
        ["payment.authorized", "payment.captured", "order.paid"]
    );
    assert!(paid.is_paid());
    let entity = body(&paid.owed[0])["payload"]["payment"]["entity"].clone();
    assert_eq!(entity["status"], "authorized", "as it was when it happened");
    let again = run(Some(&paid), &pay(Some(Duration::ZERO), SENT), NOW);
    assert_eq!(again, Err(Refusal::Paid));
}

#[test]
fn webhooks_come_twice_or_backwards_or_not_at_all() {
    let with = |webhooks| {
        let manner = Manner { webhooks, ..SENT };
        told(&run(Some(&opened()), &pay(Some(Duration::ZERO), manner), NOW).expect("paid"))
    };
    assert_eq!(
        with(Webhooks::Reversed),
        ["order.paid", "payment.captured", "payment.authorized"]
    );
    assert_eq!(with(Webhooks::Duplicated).len(), 6);
    assert_eq!(with(Webhooks::Dropped), Vec::<String>::new());
}

#[test]
fn a_late_capture_comes_when_its_time_has_come() {
    let hour = Duration::from_hours(1);
    let waits = run(Some(&opened()), &pay(Some(hour), SENT), NOW).expect("authorized");
    let early = run(Some(&waits), &Command::Wake(SENT), NOW).expect("woken");
    assert_eq!(early.attempts[0].state, State::Authorized);
    let late = run(Some(&early), &Command::Wake(SENT), NOW.after(hour)).expect("woken");
    assert_eq!(late.attempts[0].state, State::Captured);
}

#[test]
fn a_refund_is_made_once_under_its_key() {
    let given = run(Some(&paid()), &refund("a key", AT_ONCE), NOW).expect("given back");
    assert_eq!(given.attempts[0].state, State::Refunded);
    assert_eq!(
        run(Some(&given), &refund("a key", AT_ONCE), NOW).as_ref(),
        Ok(&given)
    );
    assert_eq!(
        run(Some(&given), &refund("another", AT_ONCE), NOW),
        Err(Refusal::Refunded)
    );
    assert_eq!(told(&given).last().map(String::as_str), Some("refund.processed"));
}

#[test]
fn a_refund_that_failed_may_be_tried_again() {
    let fails = Fate {
        fails: true,
        ..AT_ONCE
    };
    let failed = run(Some(&paid()), &refund("a key", fails), NOW).expect("taken on");
    assert_eq!(failed.attempts[0].state, State::Captured);
    let given = run(Some(&failed), &refund("another", AT_ONCE), NOW).expect("given back");
    assert_eq!(given.attempts[0].state, State::Refunded);
}

#[test]
fn only_what_is_authorized_can_be_captured_and_only_for_its_amount() {
    let capture = |minor| Command::Capture {
        attempt: 0,
        amount: Money::of_minor(minor, Currency::Inr),
        manner: SENT,
    };
    let waits = run(Some(&opened()), &pay(None, SENT), NOW).expect("authorized");
    assert_eq!(run(Some(&opened()), &capture(50_000), NOW), Err(Refusal::Unknown));
    assert_eq!(run(Some(&waits), &capture(1), NOW), Err(Refusal::OtherAmount));
    let early = run(Some(&waits), &refund("a key", AT_ONCE), NOW);
    assert_eq!(early, Err(Refusal::NotCaptured));
    let taken = run(Some(&waits), &capture(50_000), NOW).expect("captured");
    assert_eq!(run(Some(&taken), &capture(50_000), NOW), Err(Refusal::Captured));
}

#[test]
fn a_webhook_that_was_not_heard_is_owed_later_and_not_for_ever() {
    let mut order = run(Some(&opened()), &pay(None, SENT), NOW).expect("authorized");
    let event = order.owed[0].event.clone();
    let missed = Command::Told {
        heard: Vec::new(),
        missed: vec![event.clone()],
    };
    let mut rests = Vec::new();
    while let Some(due) = order.due() {
        rests.push(due.since(NOW).as_secs());
        order = run(Some(&order), &missed, NOW).expect("noted");
    }
    assert_eq!(rests[..4], [0, 1, 2, 4]);
    assert_eq!(rests.len(), 16);
    let heard = Command::Told {
        heard: vec![event],
        missed: Vec::new(),
    };
    assert_eq!(run(Some(&order), &heard, NOW).expect("noted").owed, []);
}

#[test]
fn the_name_of_a_payment_leads_to_its_order() {
    let named = Attempted {
        order: Id::from_bytes([7; 12]),
        attempt: 3,
    };
    assert_eq!(parse_attempt(&named.payment_id()), Some(named));
    assert_eq!(parse_order(&order_id(named.order)), Some(named.order));
    for name in ["pay_", "pay_0707", "pay_0707070707070707070707073", "order_", "☃"] {
        assert_eq!((parse_attempt(name), parse_order(name)), (None, None), "{name}");
    }
}

#[test]
fn a_switch_is_used_up() {
    let body = r#"{ "create": { "does": "error", "times": 2 }, "read": "timeout" }"#;
    let mut switches: Switches = serde_json::from_str(body).expect("switches");
    let at = Circumstances { now: NOW, by: None };
    let mut seen = Vec::new();
    for _ in 0..3 {
        let used = Switches::decide(Some(&switches), &SwitchCommand::Use(Operation::Create), &at);
        let used = used.expect("switches never say no");
        seen.push(used.reply.create.does);
        switches = used.change.map_or(switches, |change| change.state);
    }
    assert_eq!(seen, [Does::Error, Does::Error, Does::Works]);
    assert_eq!(switches.read.does, Does::Timeout, "until it is switched back");
}

#[test]
fn every_try_to_give_money_back_is_a_refund_of_its_own() {
    let fails = Fate {
        fails: true,
        ..AT_ONCE
    };
    let mut order = paid();
    for (key, fate) in [
        ("first key", fails),
        ("second key", fails),
        ("third key", AT_ONCE),
    ] {
        order = run(Some(&order), &refund(key, fate), NOW).expect("taken on");
        // The same key is the same refund, however it ended.
        let again = run(Some(&order), &refund("first key", AT_ONCE), NOW);
        assert_eq!(again.as_ref(), Ok(&order), "after the {key}");
    }
    let refunds = order
        .owed
        .iter()
        .map(|owed| body(owed)["payload"]["refund"]["entity"].clone());
    let refunds: Vec<_> = refunds.filter(|refund| !refund.is_null()).collect();
    let ended: Vec<_> = refunds.iter().map(|refund| refund["status"].as_str()).collect();
    assert_eq!(ended, [Some("failed"), Some("failed"), Some("processed")]);
    let mut names: Vec<_> = refunds.iter().map(|refund| refund["id"].to_string()).collect();
    names.dedup();
    assert_eq!(names.len(), 3, "{names:?}");
    assert_eq!(order.attempts[0].state, State::Refunded);
}

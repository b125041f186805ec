//! Signatures that are none: who is told of them, and how often.

use super::*;

fn forged(payment: &str) -> Command {
    Command::Forged {
        payment: payment.into(),
    }
}

/// How often somebody is told that the payment failed.
fn failures(told: &Told) -> usize {
    let failed = told.events.iter().filter(|name| **name == "PAYMENT_FAILED");
    failed.count()
}

#[test]
fn a_bad_signature_is_told_and_changes_nothing() {
    let refused = then(&begun(), &[declined("pay_1")]);
    for (commands, failed) in [(begun(), 0), (refused, 1)] {
        let mut told = Told::after(&commands);
        let (before, due) = (told.outcome(), told.payment().due());
        told.tell(&forged("pay_9")).unwrap();
        assert_eq!((told.outcome(), told.payment().due()), (before, due));
        assert_eq!(failures(&told), failed + 1);
    }
}

#[test]
fn a_bad_signature_does_not_say_of_an_order_with_its_money_that_it_has_none() {
    let over = then(&paid(), &[Command::Over]);
    let back = then(&over, &[refunded("pay_1", 1_230, RefundState::Processed)]);
    let promised = then(&begun(), &[begin("cash_on_delivery"), Command::Attached]);
    for commands in [paid(), over, back, promised] {
        let mut told = Told::after(&commands);
        let events = told.events.clone();
        told.tell(&forged("pay_9")).unwrap();
        assert_eq!(told.events, events, "{:?}", told.payment());
    }
}

#[test]
fn a_bad_signature_is_told_once_and_a_few_of_them_at_the_most() {
    let mut told = Told::after(&begun());
    for _ in 0..3 {
        told.tell(&forged("pay_9")).unwrap();
        assert_eq!(failures(&told), 1, "it is no news");
    }
    for n in 0..100 {
        told.tell(&forged(&format!("guess_{n}"))).unwrap();
    }
    assert_eq!(failures(&told), 5);
    told.tell(&captured("pay_1", 1_230)).unwrap();
    assert_eq!(told.payment().status, Status::Successful, "it can still be paid");
}

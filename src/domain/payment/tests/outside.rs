//! Payments that a service outside takes, which tells of what went back and has no name for it.

use super::*;

fn captured_outside(id: &str, minor: i64) -> Command {
    Command::Captured(Box::new(Capture {
        provider: "external".into(),
        id: id.into(),
        amount: inr(minor),
        fee: None,
        refunds: Vec::new(),
    }))
}

fn paid_outside() -> Vec<Command> {
    let opened = Command::Opened(Opened {
        provider: "external".into(),
        id: "order_1".into(),
    });
    vec![
        begin("external"),
        opened,
        captured_outside("t-1", 1_230),
        Command::Attached,
    ]
}

/// The service has the refund in hand.
fn asked_for() -> Command {
    let refund = Refund {
        id: "refund_t-1_0".into(),
        amount: inr(1_230),
        state: RefundState::Pending,
    };
    let capture = "t-1".into();
    Command::Refunded { capture, refund }
}

fn given_back(capture: Option<&str>) -> Command {
    Command::GivenBack {
        provider: "external".into(),
        capture: capture.map(str::to_owned),
    }
}

#[test]
fn what_is_in_hand_outside_is_back_when_somebody_says_so_and_once() {
    for said in [given_back(None), given_back(Some("t-1"))] {
        let asked = then(&paid_outside(), &[Command::Over, asked_for()]);
        let mut told = Told::after(&asked);
        assert_eq!(told.payment().status, Status::Refunding);
        told.tell(&said).unwrap();
        assert_eq!(told.payment().status, Status::Refunded);
        assert_eq!(told.payment().captures[0].refunds.len(), 1);
        assert_eq!(told.accounts(), BTreeMap::new());
        let before = told.outcome();
        told.tell(&said).unwrap();
        assert_eq!(told.outcome(), before, "it is said twice");
    }
}

#[test]
fn what_went_back_unasked_ends_the_order_if_the_service_says_so_and_not_an_administrator() {
    let mut told = Told::after(&paid_outside());
    let refused = told.tell(&given_back(None));
    assert_eq!(refused, Err(Refusal::NotNow(Status::Successful)));
    told.tell(&given_back(Some("t-1"))).unwrap();
    assert_eq!(
        (told.payment().status, told.payment().bond),
        (Status::Refunded, Bond::Untying)
    );
    told.tell(&Command::Detached { kept: false }).unwrap();
    assert_eq!(told.accounts(), BTreeMap::new());
    assert_eq!(told.payment().owed(), None, "it goes back once");
}

#[test]
fn what_never_came_from_there_cannot_have_gone_back() {
    for said in [given_back(None), given_back(Some("pay_1"))] {
        assert_eq!(Told::after(&paid()).tell(&said), Err(Refusal::NotPaid));
    }
    let other = Told::after(&paid_outside()).tell(&given_back(Some("t-2")));
    assert_eq!(other, Err(Refusal::NotPaid));
}

//! Payments of the smallest and the largest amounts, paid and given back in any pieces.

use proptest::prelude::*;

use super::*;

fn amount() -> impl Strategy<Value = i64> {
    prop_oneof![
        1i64..10_000,
        1..=MINOR_MAX,
        prop::sample::select(vec![1, 2, MINOR_MAX - 1, MINOR_MAX]),
    ]
}

/// A payment of so much, all of it one seller's.
fn begin_at(minor: i64) -> Command {
    let Command::Begin(beginning) = begin("razorpay") else {
        unreachable!("it begins")
    };
    let share = Share {
        seller: SELLERS[0],
        amount: inr(minor),
    };
    Command::Begin(Box::new(Beginning {
        price: inr(minor),
        split: Split {
            shares: vec![share],
            tax: inr(0),
            shipping: inr(0),
        },
        ..*beginning
    }))
}

/// Something that the provider says of one of two payments.
fn said() -> impl Strategy<Value = Command> {
    let name = || prop::sample::select(vec!["pay_1", "pay_2"]);
    let state = prop::sample::select(vec![
        RefundState::Pending,
        RefundState::Processed,
        RefundState::Failed,
    ]);
    prop_oneof![
        (name(), amount()).prop_map(|(id, minor)| captured(id, minor)),
        (name(), amount(), state, 0..3).prop_map(|(id, minor, state, n)| Command::Refunded {
            capture: id.into(),
            refund: Refund {
                id: format!("rfnd_{n}_of_{id}"),
                amount: inr(minor),
                state,
            },
        }),
        Just(Command::Attached),
        Just(Command::Over),
        Just(Command::Refund),
        Just(Command::Detached { kept: false }),
    ]
}

proptest! {
    #[test]
    fn what_the_books_say_of_a_provider_is_what_came_and_did_not_go_back(
        price in amount(),
        right in prop::bool::ANY,
        commands in prop::collection::vec(said(), 0..16),
    ) {
        let mut told = Told::after(&[begin_at(price), opened()]);
        if right {
            told.tell(&captured("pay_1", price)).unwrap();
        }
        for command in &commands {
            let _refused = told.tell(command); // and the books balance, or it panics
        }
        let payment = told.payment();
        let came: i64 = payment.captures.iter().map(|capture| capture.amount.minor()).sum();
        let kept: i64 = payment.captures.iter().filter_map(|capture| Some(capture.fee?.minor())).sum();
        let refunds = payment.captures.iter().flat_map(|capture| &capture.refunds);
        let processed = refunds.filter(|refund| refund.state == RefundState::Processed);
        let back: i64 = processed.map(|refund| refund.amount.minor()).sum();
        let provider = told.accounts().get("provider:razorpay").copied().unwrap_or(0);
        prop_assert_eq!(provider, came - kept - back, "{:?}", payment);
        let owed = payment.owed().map_or(1, |owed| owed.amount.minor());
        prop_assert!(owed > 0 && owed <= MINOR_MAX, "{:?}", payment);
        // Nobody is asked to give back more than came.
        if let Some(owed) = payment.owed() {
            let capture = payment.capture(&owed.capture).expect("it came");
            prop_assert!(owed.amount.minor() <= capture.amount.minor(), "{:?}", payment);
        }
    }
}

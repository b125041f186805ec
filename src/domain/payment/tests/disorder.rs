//! What payments do when they are told things twice, late, and in every order.

use proptest::prelude::*;

use super::*;

/// What a provider says of one payment, as often and in whichever order it pleases. Of a refund
/// it is asked first what it gives back.
fn said(n: usize) -> Vec<Command> {
    match n {
        0 => Vec::new(),                         // authorized
        1 | 2 => vec![captured("pay_1", 1_230)], // captured, order.paid
        3 => vec![declined("pay_1")],
        _ => vec![
            captured("pay_1", 1_230),
            refunded("pay_1", 1_230, RefundState::Processed),
        ],
    }
}

fn permutations(of: &[usize]) -> Vec<Vec<usize>> {
    if of.is_empty() {
        return vec![Vec::new()];
    }
    let mut all = Vec::new();
    for (n, first) in of.iter().enumerate() {
        let rest: Vec<_> = of
            .iter()
            .enumerate()
            .filter(|(m, _)| *m != n)
            .map(|(_, one)| *one)
            .collect();
        all.extend(
            permutations(&rest)
                .into_iter()
                .map(|rest| [&[*first], &rest[..]].concat()),
        );
    }
    all
}

#[test]
fn whatever_order_a_provider_tells_it_in_it_ends_the_same() {
    for some in 1u8..32 {
        let told: Vec<usize> = (0..5).filter(|n| some & (1 << n) != 0).collect();
        let mut outcomes = Vec::new();
        for order in permutations(&told) {
            for twice in 0..=order.len() {
                let again = order.iter().copied().chain(order.iter().copied().take(twice));
                let commands: Vec<_> = begun().into_iter().chain(again.flat_map(said)).collect();
                outcomes.push((order.clone(), twice, Told::after(&commands).outcome()));
            }
        }
        let first = outcomes[0].2.clone();
        for (order, twice, outcome) in outcomes {
            assert_eq!(outcome, first, "told {order:?} and {twice} of them again");
        }
    }
}

fn any_command() -> impl Strategy<Value = Command> {
    let name = prop::sample::select(vec!["pay_1", "pay_2"]);
    let state = prop::sample::select(vec![
        RefundState::Pending,
        RefundState::Processed,
        RefundState::Failed,
    ]);
    prop_oneof![
        Just(begin("razorpay")),
        Just(begin("cash_on_delivery")),
        Just(opened()),
        (name.clone(), prop::sample::select(vec![1_230, 77])).prop_map(|(id, minor)| captured(id, minor)),
        name.clone().prop_map(declined),
        Just(Command::Shown),
        Just(Command::Attached),
        Just(Command::TurnedDown),
        Just(Command::Over),
        Just(Command::Delivered),
        Just(Command::Refund),
        any::<bool>().prop_map(|kept| Command::Detached { kept }),
        Just(Command::Claim { by: RUNTIME }),
        name.clone().prop_map(put_off),
        any::<bool>().prop_map(|heard| Command::Looked { heard }),
        (name, state).prop_map(|(id, state)| refunded(id, 1_230, state)),
    ]
}

proptest! {
    #[test]
    fn every_command_may_be_told_twice(commands in prop::collection::vec(any_command(), 1..24)) {
        // A claim runs out with time, so both histories take the same.
        let once = Told::after(&[vec![begin("razorpay")], commands.clone()].concat());
        let mut twice = Told::after(&[begin("razorpay")]);
        for command in &commands {
            let _refused = twice.tell(command);
            let _refused_again = twice.tell_again(command);
        }
        prop_assert_eq!(once.outcome(), twice.outcome());
    }

    #[test]
    fn a_payment_with_something_left_to_do_is_looked_after(commands in prop::collection::vec(any_command(), 1..24)) {
        let told = Told::after(&[vec![begin("razorpay")], commands].concat());
        let payment = told.payment();
        let busy = payment.owed().is_some() || matches!(payment.bond, Bond::Tying | Bond::Untying);
        prop_assert!(!busy || payment.due().is_some(), "{payment:?}");
        prop_assert!(payment.status != Status::Refunding || busy || payment.due().is_some(), "{payment:?}");
    }
}

//! When a provider is asked what it has heard, and when that is given up.

use super::*;

const EVERY: i64 = 180;
const DAY: i64 = 24 * 3_600;

fn look(told: &mut Told, heard: bool) {
    told.now = told.payment().due().expect("it is looked after").seconds();
    told.now -= 1; // every command takes a second
    told.tell(&Command::Looked { heard }).unwrap();
}

/// Asks for as long as something may come: how old it is each time.
pub(super) fn look_for_days(told: &mut Told) -> Vec<i64> {
    let (paid, mut ages) = (told.payment().recorded_at.expect("it was paid"), Vec::new());
    while told.payment().due().is_some() {
        look(told, true);
        ages.push(told.now - paid.seconds());
    }
    ages
}

#[test]
fn whether_an_order_was_paid_twice_is_asked_a_few_times_and_for_days() {
    let ages = [EVERY, 16 * EVERY, 256 * EVERY, 5 * DAY];
    assert_eq!(look_for_days(&mut Told::after(&paid())), ages);
    // Whatever is heard in between puts nothing off.
    let mut told = Told::after(&paid());
    told.now += 100;
    told.tell(&captured("pay_2", 1_230)).unwrap();
    told.tell(&refunded("pay_2", 1_230, RefundState::Processed))
        .unwrap();
    assert_eq!(look_for_days(&mut told), ages);
    // A provider that does not answer is asked until it does.
    let mut told = Told::after(&paid());
    for _ in 0..3 {
        look(&mut told, true);
    }
    while told.now < 6 * DAY {
        look(&mut told, false);
    }
    assert_eq!(rest(&told), EVERY);
    look(&mut told, true);
    assert_eq!(told.payment().due(), None);
}

#[test]
fn a_buyer_who_never_pays_is_forgotten_after_some_days() {
    let mut told = Told::after(&begun());
    let mut looks = 0;
    while let Some(due) = told.payment().due() {
        told.now = due.seconds();
        told.tell(&Command::Looked { heard: true }).unwrap();
        looks += 1;
    }
    assert_eq!(told.payment().status, Status::Failed);
    assert!((10..60).contains(&looks), "asked {looks} times");
    told.tell(&captured("pay_1", 1_230)).unwrap();
    assert_eq!(
        told.payment().status,
        Status::Successful,
        "money is never too late to be noted"
    );
}

#[test]
fn a_payment_is_not_given_up_before_its_provider_has_said_that_nothing_came() {
    for before in [begun(), then(&begun(), &[declined("pay_1")])] {
        let mut told = Told::after(&before);
        let status = told.payment().status;
        while told.now < 7 * DAY {
            look(&mut told, false);
            let rest = told.payment().due().map(|due| due.seconds() - told.now);
            assert_eq!(rest, Some(EVERY), "after {} seconds", told.now);
        }
        assert_eq!(told.payment().status, status);
        let _unchanged = told.tell(&declined("pay_2"));
        assert!(told.payment().due().is_some(), "nobody has answered yet");
        look(&mut told, true);
        assert_eq!(
            (told.payment().status, told.payment().due()),
            (Status::Failed, None)
        );
    }
}

/// How long the provider is left alone after this.
fn rest(told: &Told) -> i64 {
    let due = told.payment().due().expect("it is looked after");
    due.seconds() - told.now
}

#[test]
fn a_refund_of_an_old_payment_is_asked_after_as_soon_as_one_of_a_new_one() {
    let mut told = Told::after(&paid());
    look_for_days(&mut told);
    told.now += 30 * DAY;
    told.tell(&Command::Over).unwrap();
    told.tell(&refunded("pay_1", 1_230, RefundState::Pending))
        .unwrap();
    let mut rests = vec![rest(&told)];
    for _ in 0..30 {
        look(&mut told, true);
        rests.push(rest(&told));
    }
    assert_eq!(rests[..3], [EVERY; 3], "{rests:?}");
    assert!(rests.is_sorted(), "{rests:?}");
    assert!(rests.last() > Some(&(10 * EVERY)), "{rests:?}");
}

#[test]
fn what_a_buyer_shows_late_is_asked_after_soon() {
    for age in [2 * DAY, 30 * DAY] {
        let mut told = Told::after(&begun());
        told.now += age;
        told.tell(&Command::Looked { heard: true }).unwrap();
        told.tell(&Command::Shown).unwrap();
        assert_eq!(rest(&told), EVERY, "after {age} seconds");
        let due = told.payment().due();
        told.tell(&Command::Shown).unwrap();
        assert_eq!(told.payment().due(), due, "showing it again puts nothing off");
    }
}

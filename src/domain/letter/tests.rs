//! What a letter promises: written once, sent by one at a time, tried for hours, and then no more.

use super::*;

const DAWN: Timestamp = Timestamp::from_millis(1_700_000_000_000);
const MINUTE: Duration = Duration::from_mins(1);

fn at(now: Timestamp) -> Circumstances {
    Circumstances { now, by: None }
}

fn draft(kept: bool) -> Draft {
    Draft {
        id: Id::from_bytes([1; 12]),
        event: "account/01/0000000001.0000".into(),
        to: Recipient::Mail {
            address: "anna@example.com".parse().unwrap(),
            name: "Anna".into(),
        },
        content: Content::Welcome,
        kept,
    }
}

fn written(kept: bool) -> Letter {
    let command = Command::Write(Box::new(draft(kept)));
    let decision = Letter::decide(None, &command, &at(DAWN)).unwrap();
    decision.change.unwrap().state
}

fn after(letter: &Letter, command: &Command, now: Timestamp) -> Letter {
    let decision = Letter::decide(Some(letter), command, &at(now)).unwrap();
    decision.change.expect("the letter changes").state
}

fn not_sent(again: bool) -> Command {
    let why = "451 come back later".into();
    Command::NotSent { why, again }
}

#[test]
fn an_event_that_is_told_twice_makes_one_letter() {
    let letter = after(&written(false), &Command::Claim(MINUTE), DAWN);
    let letter = after(&letter, &Command::Sent, DAWN);
    let again = Command::Write(Box::new(draft(false)));
    let decision = Letter::decide(Some(&letter), &again, &at(DAWN)).unwrap();
    assert!(decision.change.is_none(), "{decision:?}");
}

#[test]
fn one_at_a_time_sends_a_letter() {
    let letter = after(&written(false), &Command::Claim(MINUTE), DAWN);
    let second = Letter::decide(Some(&letter), &Command::Claim(MINUTE), &at(DAWN));
    assert_eq!(second.unwrap_err(), Refusal::NotNow);
    let later = DAWN.after(MINUTE);
    let letter = after(&letter, &Command::Claim(MINUTE), later);
    assert_eq!(
        (letter.state, letter.tries),
        (State::Sending, 2),
        "whoever had it is gone"
    );
}

#[test]
fn a_letter_that_was_not_taken_is_tried_for_hours_and_then_given_up() {
    let (mut letter, mut now) = (written(false), DAWN);
    let mut pauses = Vec::new();
    while let Some(due) = letter.due() {
        pauses.push(due.since(now));
        now = due;
        letter = after(&letter, &Command::Claim(MINUTE), now);
        letter = after(&letter, &not_sent(true), now);
    }
    assert_eq!((letter.state, letter.tries), (State::Failed, TRIES_MAX));
    assert_eq!(letter.why.as_deref(), Some("451 come back later"));
    assert!(pauses.windows(2).all(|pair| pair[0] <= pair[1]), "{pauses:?}");
    let hours = now.since(DAWN).as_secs() / 3_600;
    assert!((4..=10).contains(&hours), "{hours} hours: {pauses:?}");
}

#[test]
fn what_will_never_be_taken_is_not_tried_again_until_somebody_asks_for_it() {
    let letter = after(&written(false), &Command::Claim(MINUTE), DAWN);
    let letter = after(&letter, &not_sent(false), DAWN);
    assert_eq!((letter.state, letter.due()), (State::Failed, None));
    let letter = after(&letter, &Command::Resend { kept: false }, DAWN);
    assert_eq!(
        (letter.state, letter.due(), letter.tries),
        (State::Waiting, Some(DAWN), 0)
    );
}

#[test]
fn a_letter_that_stays_here_is_never_due() {
    let letter = written(true);
    assert_eq!((letter.state, letter.due()), (State::Kept, None));
    let claimed = Letter::decide(Some(&letter), &Command::Claim(MINUTE), &at(DAWN));
    assert_eq!(claimed.unwrap_err(), Refusal::NotNow);
}

#[test]
fn a_letter_is_kept_for_a_month_after_it_was_asked_for() {
    let letter = written(true);
    assert_eq!(letter.expires, DAWN.after(KEPT));
    let later = DAWN.after(MINUTE);
    let letter = after(&letter, &Command::Resend { kept: false }, later);
    assert_eq!(letter.expires, later.after(KEPT));
    let letter = after(&letter, &Command::Claim(MINUTE), later.after(MINUTE));
    assert_eq!(letter.expires, later.after(KEPT), "a try makes it no younger");
}

#[test]
fn a_letter_survives_the_store() {
    let money = crate::domain::money::Money::of_minor(19_999, crate::domain::money::Currency::Inr);
    let contents = [
        Content::Welcome,
        Content::PaymentInitiated {
            order: Id::from_bytes([2; 12]),
            amount: Some(money),
        },
        Content::OrderConfirmed {
            order: Id::from_bytes([2; 12]),
            items: vec![Item {
                title: "Tent".into(),
                quantity: 2,
                total: Some(money),
            }],
            total: Some(money),
        },
    ];
    for content in contents {
        let letter = Letter {
            content,
            ..written(false)
        };
        let bytes = bson::serialize_to_vec(&letter).unwrap();
        assert_eq!(bson::deserialize_from_slice::<Letter>(&bytes).unwrap(), letter);
    }
}

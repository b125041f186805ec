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

fn not_sent(miss: Miss) -> Command {
    let why = "451 come back later".into();
    Command::NotSent { why, miss }
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

/// Tries a letter whenever it is due, until nothing is left to do; each time this becomes of it.
/// Says what the pauses were and when the last try was.
fn tried(mut letter: Letter, outcome: &Command) -> (Letter, Vec<Duration>, Timestamp) {
    let (mut now, mut pauses) = (letter.updated_at, Vec::new());
    while let Some(due) = letter.due() {
        pauses.push(due.since(now));
        now = due;
        letter = after(&letter, &Command::Claim(MINUTE), now);
        letter = after(&letter, outcome, now);
        assert!(pauses.len() < 100_000, "it never ends: {letter:?}");
    }
    (letter, pauses, now)
}

#[test]
fn a_letter_outlasts_a_server_that_is_out_for_the_better_part_of_a_day() {
    for byte in [0, 1, 127, 255] {
        let mut letter = written(false);
        letter.id = Id::from_bytes([byte; 12]);
        let (letter, pauses, last) = tried(letter, &not_sent(Miss::OfServer));
        assert_eq!(letter.state, State::Failed);
        assert_eq!(letter.tries as usize, pauses.len());
        assert_eq!(letter.why.as_deref(), Some("451 come back later"));
        assert_eq!(
            last,
            DAWN.after(PATIENCE),
            "it is tried until the day is over: {pauses:?}"
        );
        let (_, rising) = pauses.split_last().expect("there are pauses");
        assert!(rising.windows(2).all(|pair| pair[0] <= pair[1]), "{pauses:?}");
        assert!(
            pauses.iter().all(|pause| *pause <= Duration::from_hours(1)),
            "{pauses:?}"
        );
    }
}

#[test]
fn a_letter_that_is_asked_for_again_has_another_day() {
    let (failed, ..) = tried(written(false), &not_sent(Miss::OfServer));
    let week = DAWN.after(Duration::from_hours(7 * 24));
    let again = after(&failed, &Command::Resend { kept: false }, week);
    let (_, _, last) = tried(again, &not_sent(Miss::OfServer));
    assert_eq!(last, week.after(PATIENCE));
}

#[test]
fn a_letter_that_nobody_took_to_the_server_was_not_tried() {
    let (mut letter, mut looks) = (written(false), 0);
    let two_days = DAWN.after(PATIENCE * 2);
    while let Some(due) = letter.due().filter(|due| *due < two_days) {
        letter = after(&letter, &Command::Claim(MINUTE), due);
        letter = after(&letter, &not_sent(Miss::NotTried), due);
        looks += 1;
    }
    assert_eq!((letter.state, letter.tries), (State::Waiting, 0));
    assert!(looks < 150, "the store is spared: {looks} looks");
}

#[test]
fn what_was_wrong_with_the_last_try_is_not_forgotten_while_the_server_is_left_alone() {
    let letter = after(&written(false), &Command::Claim(MINUTE), DAWN);
    let letter = after(&letter, &not_sent(Miss::OfServer), DAWN);
    let due = letter.due().expect("it is tried again");
    let letter = after(&letter, &Command::Claim(MINUTE), due);
    let rests = Command::NotSent {
        why: "it is left alone".into(),
        miss: Miss::NotTried,
    };
    let letter = after(&letter, &rests, due);
    assert_eq!(
        (letter.tries, letter.why.as_deref()),
        (1, Some("451 come back later"))
    );
}

#[test]
fn a_letter_that_lay_in_a_closed_shop_for_days_is_tried_all_the_same() {
    let week = DAWN.after(Duration::from_hours(7 * 24));
    let mut letter = written(false);
    let mut now = week;
    for tries in 1..TRIES_MIN {
        letter = after(&letter, &Command::Claim(MINUTE), now);
        letter = after(&letter, &not_sent(Miss::OfServer), now);
        assert_eq!((letter.state, letter.tries), (State::Waiting, tries));
        now = letter.due().expect("it is tried again");
    }
    letter = after(&letter, &Command::Claim(MINUTE), now);
    letter = after(&letter, &not_sent(Miss::OfServer), now);
    assert_eq!(letter.state, State::Failed);
}

#[test]
fn a_letter_that_whoever_claims_it_dies_of_is_given_up_after_a_day() {
    let (mut letter, mut now) = (written(false), DAWN);
    while let Some(due) = letter.due() {
        now = due;
        letter = after(&letter, &Command::Claim(MINUTE), now);
    }
    assert_eq!((letter.state, now), (State::Failed, DAWN.after(PATIENCE)));
}

#[test]
fn what_will_never_be_taken_is_not_tried_again_until_somebody_asks_for_it() {
    let letter = after(&written(false), &Command::Claim(MINUTE), DAWN);
    let letter = after(&letter, &not_sent(Miss::OfLetter), DAWN);
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

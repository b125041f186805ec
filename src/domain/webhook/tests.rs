//! What webhooks and their deliveries promise.

use super::*;

const DAWN: Timestamp = Timestamp::from_millis(1_700_000_000_000);
const OWNER: Id = Id::from_bytes([7; 12]);
const MINUTE: Duration = Duration::from_mins(1);
const MISSED: Command = Command::Missed { waits: true };
const MISSED_FOR_GOOD: Command = Command::Missed { waits: false };

fn at(now: Timestamp) -> Circumstances {
    Circumstances { now, by: Some(OWNER) }
}

fn registered() -> Webhook {
    let draft = Draft {
        id: Id::from_bytes([1; 12]),
        owner: OWNER,
        url: "https://example.com/hook".into(),
        events: vec!["order.*".into()],
        secret: Secret::new(&[5; 32]),
        number: 0,
    };
    let decision = Webhook::decide(None, &Command::Register(draft), &at(DAWN)).unwrap();
    decision.change.unwrap().state
}

fn after(webhook: &Webhook, command: &Command, now: Timestamp) -> (Webhook, usize) {
    let decision = Webhook::decide(Some(webhook), command, &at(now)).unwrap();
    let events = decision.change.as_ref().map_or(0, |change| change.events.len());
    (decision.reply, events)
}

#[test]
fn a_receiver_that_takes_nothing_for_a_day_is_told_nothing_more() {
    let (failing, told) = after(&registered(), &MISSED, DAWN);
    assert_eq!((failing.failing_since, told), (Some(DAWN), 0));
    let nearly = DAWN.after(PATIENCE.checked_sub(MINUTE).unwrap());
    assert!(after(&failing, &MISSED, nearly).0.is_on());
    let (off, told) = after(&failing, &MISSED, DAWN.after(PATIENCE));
    assert_eq!((off.off, told), (Some(Off::Failing), 1), "its owner is told");
    assert_eq!(after(&off, &MISSED, DAWN.after(PATIENCE)).1, 0, "once");
    let last = after(&failing, &MISSED_FOR_GOOD, DAWN.after(PATIENCE)).0;
    assert_eq!(last.off, Some(Off::Failing), "{last:?}");
}

#[test]
fn the_day_of_a_receiver_that_fails_counts_only_while_something_waits() {
    let week = DAWN.after(Duration::from_hours(7 * 24));
    let (failing, _) = after(&registered(), &MISSED, DAWN);
    // The tries of all that waited end before the day does, and then nothing happens for a week.
    let (idle, told) = after(&failing, &MISSED_FOR_GOOD, DAWN.after(Duration::from_hours(21)));
    assert_eq!((idle.is_on(), idle.failing_since, told), (true, None, 0));
    let (failing, told) = after(&idle, &MISSED, week);
    assert!(failing.is_on(), "one miss is not a day of them: {failing:?}");
    assert_eq!((failing.failing_since, told), (Some(week), 0));
    let (alone, _) = after(&registered(), &MISSED_FOR_GOOD, week);
    assert_eq!(alone.failing_since, None, "nothing waits: {alone:?}");
}

#[test]
fn what_is_taken_in_between_lets_the_day_begin_anew() {
    let (failing, _) = after(&registered(), &MISSED, DAWN);
    let (well, _) = after(&failing, &Command::Taken, DAWN.after(MINUTE));
    let (failing, _) = after(&well, &MISSED, DAWN.after(PATIENCE));
    assert!(failing.is_on(), "{failing:?}");
}

#[test]
fn a_webhook_that_was_off_begins_afresh_when_its_owner_turns_it_on() {
    let (failing, _) = after(&registered(), &MISSED, DAWN);
    let (off, _) = after(&failing, &MISSED, DAWN.after(PATIENCE));
    let on = Change {
        enabled: Some(true),
        ..Change::default()
    };
    let (on, _) = after(&off, &Command::Change(on), DAWN.after(PATIENCE));
    assert_eq!((on.is_on(), on.failing_since), (true, None));
}

#[test]
fn a_webhook_is_its_owners_alone() {
    let stranger = Circumstances {
        now: DAWN,
        by: Some(Id::from_bytes([9; 12])),
    };
    for command in [Command::Remove, Command::Change(Change::default())] {
        let refused = Webhook::decide(Some(&registered()), &command, &stranger);
        assert_eq!(refused.unwrap_err(), Refusal::Unknown);
    }
}

#[test]
fn a_webhook_that_was_taken_away_keeps_no_secret_and_does_nothing() {
    let (gone, _) = after(&registered(), &Command::Remove, DAWN);
    assert_eq!((gone.stands(), gone.secret.bytes()), (false, &[][..]));
    let refused = Webhook::decide(Some(&gone), &Command::Taken, &at(DAWN));
    assert_eq!(refused.unwrap_err(), Refusal::Unknown);
}

#[test]
fn there_is_a_number_for_so_many_webhooks_and_no_more() {
    let webhook = registered();
    let mut command = Command::Register(Draft {
        id: webhook.id,
        owner: OWNER,
        url: webhook.url,
        events: webhook.events,
        secret: webhook.secret,
        number: 0,
    });
    let mut tried = 1;
    while let Some(next) = Webhook::instead(&command, "listed") {
        command = next;
        tried += 1;
    }
    assert_eq!(tried, WEBHOOKS_MAX);
}

fn made() -> Delivery {
    let draft = DeliveryDraft {
        id: Id::from_bytes([2; 12]),
        webhook: Id::from_bytes([1; 12]),
        event: "order/01/0000000001.0000".into(),
        topic: "order.created".into(),
        body: "{}".into(),
    };
    let command = DeliveryCommand::Make(Box::new(draft));
    Delivery::decide(None, &command, &at(DAWN)).unwrap().reply
}

fn next(delivery: &Delivery, command: &DeliveryCommand, now: Timestamp) -> Delivery {
    Delivery::decide(Some(delivery), command, &at(now)).unwrap().reply
}

fn attempt(now: Timestamp, error: Option<&str>) -> DeliveryCommand {
    DeliveryCommand::Tried(Box::new(Attempt {
        at: now,
        latency_ms: 12,
        status: Some(if error.is_some() { 500 } else { 200 }),
        answer: String::new(),
        error: error.map(str::to_owned),
    }))
}

#[test]
fn a_delivery_that_is_not_taken_is_tried_for_a_day() {
    let (mut delivery, mut now, mut times) = (made(), DAWN, 0);
    while let Some(due) = delivery.due() {
        now = due;
        delivery = next(&delivery, &DeliveryCommand::Claim(MINUTE), now);
        delivery = next(&delivery, &attempt(now, Some("500")), now);
        times += 1;
    }
    assert_eq!(
        (delivery.state, times, delivery.attempts.len()),
        (DeliveryState::Failed, 11, 11)
    );
    let hours = now.since(DAWN).as_secs() / 3_600;
    assert!((21..=26).contains(&hours), "{hours} hours");
    let again = next(&delivery, &DeliveryCommand::Retry, now);
    assert_eq!(
        (again.state, again.due(), again.id),
        (DeliveryState::Waiting, Some(now), delivery.id)
    );
}

#[test]
fn one_at_a_time_makes_a_delivery_and_whoever_died_over_it_is_followed() {
    let claimed = next(&made(), &DeliveryCommand::Claim(MINUTE), DAWN);
    for command in [DeliveryCommand::Claim(MINUTE), DeliveryCommand::Retry] {
        let second = Delivery::decide(Some(&claimed), &command, &at(DAWN));
        assert_eq!(second.unwrap_err(), DeliveryRefusal::NotNow);
    }
    let later = DAWN.after(MINUTE);
    let claimed = next(&claimed, &DeliveryCommand::Claim(MINUTE), later);
    assert_eq!((claimed.state, claimed.tries), (DeliveryState::Sending, 2));
    let done = next(&claimed, &attempt(later, None), later);
    assert_eq!((done.state, done.due()), (DeliveryState::Delivered, None));
}

#[test]
fn webhooks_and_deliveries_survive_the_store() {
    let webhook = registered();
    let bytes = bson::serialize_to_vec(&webhook).unwrap();
    assert_eq!(bson::deserialize_from_slice::<Webhook>(&bytes).unwrap(), webhook);
    let delivery = next(&made(), &DeliveryCommand::Claim(MINUTE), DAWN);
    let delivery = next(&delivery, &attempt(DAWN, Some("no")), DAWN);
    let bytes = bson::serialize_to_vec(&delivery).unwrap();
    assert_eq!(
        bson::deserialize_from_slice::<Delivery>(&bytes).unwrap(),
        delivery
    );
    assert!(!format!("{webhook:?}").contains("5, 5"), "no secret in a log");
}

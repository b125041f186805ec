//! A conversation: what it keeps, what it forgets, and what it counts.

use super::*;

const ANNA: Id = Id::from_bytes([1; 12]);

fn at(seconds: i64) -> Circumstances {
    Circumstances {
        now: Timestamp::from_millis(seconds * 1_000),
        by: Some(ANNA),
    }
}

fn decided(state: Option<&Conversation>, command: &Command, at: &Circumstances) -> Conversation {
    Conversation::decide(state, command, at).expect("accepted").reply
}

fn say(text: &str) -> Command {
    Command::Say {
        text: text.into(),
        tokens_a_day: 100,
    }
}

fn add(text: &str, tokens: u32, news: &[&str]) -> Command {
    let calls = vec![Call {
        id: "1".into(),
        name: "viewCart".into(),
        arguments: "{}".into(),
        mark: None,
    }];
    let results = vec![CallResult {
        id: "1".into(),
        name: "viewCart".into(),
        content: text.into(),
    }];
    Command::Add(Progress {
        turns: vec![
            Turn::Model {
                text: String::new(),
                calls,
            },
            Turn::Results { results },
        ],
        tokens,
        news: news.iter().map(|text| (*text).to_owned()).collect(),
        ended: None,
    })
}

#[test]
fn a_long_conversation_forgets_whole_exchanges_and_begins_with_the_user() {
    let mut conversation = decided(None, &say("first"), &at(0));
    for n in 0..100 {
        let words = format!("{n} {}", "word ".repeat(500));
        conversation = decided(Some(&conversation), &add(&words, 0, &[]), &at(0));
        conversation = decided(Some(&conversation), &say("next"), &at(0));
    }
    let bytes: usize = conversation.turns().iter().map(Turn::bytes).sum();
    assert!(bytes <= BYTES_MAX, "{bytes}");
    assert!(conversation.turns()[0].is_the_users());
    assert!(conversation.turns().last().is_some_and(Turn::is_the_users));
}

#[test]
fn what_is_used_up_today_is_there_again_tomorrow() {
    let conversation = decided(None, &say("hello"), &at(10));
    let conversation = decided(Some(&conversation), &add("", 100, &[]), &at(20));
    let refused = Conversation::decide(Some(&conversation), &say("more"), &at(30));
    assert_eq!(refused.err(), Some(Refusal::UsedUp));
    decided(Some(&conversation), &say("more"), &at(SECONDS_OF_A_DAY));
}

#[test]
fn news_are_kept_until_they_are_heard_and_telling_twice_forgets_no_other() {
    let conversation = decided(None, &add("", 0, &["one", "two"]), &at(0));
    let (_, seen) = conversation.news();
    let conversation = decided(Some(&conversation), &add("", 0, &["three"]), &at(0));
    let conversation = decided(Some(&conversation), &Command::Heard(seen), &at(0));
    assert_eq!(conversation.news().0, ["three"]);
    let again = Conversation::decide(Some(&conversation), &Command::Heard(seen), &at(0)).unwrap();
    assert!(
        again.change.is_none(),
        "nothing was heard that was not heard before"
    );
}

#[test]
fn what_was_begun_is_in_hand_until_somebody_says_what_came_of_it_and_settled_once() {
    let begun = |byte| Begun {
        id: Id::from_bytes([byte; 12]),
        by: Id::from_bytes([9; 12]),
        at: at(0).now,
        calls: Vec::new(),
    };
    let (first, second) = (begun(1), begun(2));
    let conversation = decided(None, &say("hello"), &at(0));
    let conversation = decided(Some(&conversation), &Command::Begin(first.clone()), &at(0));
    let conversation = decided(Some(&conversation), &Command::Begin(second.clone()), &at(0));
    let ended = Command::Add(Progress {
        news: vec!["done".into()],
        ended: Some(first.id),
        ..Progress::default()
    });
    let conversation = decided(Some(&conversation), &ended, &at(0));
    assert_eq!(conversation.in_hand(), std::slice::from_ref(&second));
    let settle = Command::Settle {
        ended: vec![second.id],
        told: Some("this is so now".into()),
    };
    let conversation = decided(Some(&conversation), &settle, &at(0));
    assert_eq!(conversation.in_hand(), []);
    assert_eq!(conversation.news().0, ["done", "this is so now"]);
    let again = Conversation::decide(Some(&conversation), &settle, &at(0));
    assert_eq!(
        again.err(),
        Some(Refusal::Settled),
        "whoever is late has nothing to tell"
    );
}

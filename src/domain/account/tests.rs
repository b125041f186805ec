//! The rules of an account, case by case.

use proptest::prelude::*;

use super::*;
use crate::domain::entity::Event as _;

const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);
const UNTIL: Timestamp = Timestamp::from_millis(1_700_086_400_000);

fn at() -> Circumstances {
    Circumstances { now: NOW, by: None }
}

fn registration() -> Registration {
    Registration {
        id: Id::from_bytes([1; 12]),
        email: "anna@example.com".parse().unwrap(),
        usernames: vec!["Anna".into()],
        full_name: FullName::default(),
        role: Role::User,
        password: PasswordHash::new("the hash".into()),
        chance: [7; 12],
    }
}

fn anna() -> Account {
    let decision = Account::decide(None, &Command::Register(registration()), &at()).unwrap();
    decision.change.unwrap().state
}

fn session(epoch: u64) -> SessionId {
    SessionId {
        epoch,
        chance: [7; 12],
    }
}

fn address(n: u8, is_default: bool) -> Address {
    Address {
        id: Id::from_bytes([n; 12]),
        street: format!("{n} Long Lane"),
        city: "Pune".into(),
        state: "MH".into(),
        country: "IN".into(),
        zip: "411001".into(),
        phone: None,
        is_default,
    }
}

/// What a command did: its refusal, or the events it left, none when nothing changed.
#[track_caller]
fn check(state: Option<&Account>, command: &Command, expected: Result<&[&str], Refusal>) -> Option<Account> {
    let decided = Account::decide(state, command, &at());
    let change = decided.map(|decision| decision.change);
    let events = change.as_ref().map_err(|refusal| *refusal).map(|change| {
        let events = change.iter().flat_map(|change| &change.events);
        events.map(entity_name).collect::<Vec<_>>()
    });
    assert_eq!(events, expected.map(<[_]>::to_vec), "{command:?}");
    change.ok().flatten().map(|change| change.state)
}

fn entity_name(event: &Event) -> &'static str {
    event.name()
}

#[test]
fn a_registration_makes_an_account_with_its_first_session() {
    let command = Command::Register(registration());
    let reply = Account::decide(None, &command, &at()).unwrap().reply;
    assert_eq!(reply.profile.username, "Anna");
    assert_eq!(reply.profile.created_at, NOW);
    assert_eq!(
        reply.session,
        Some(Session {
            id: session(0),
            since: NOW
        })
    );
    check(None, &command, Ok(&["USER_CREATED"]));
}

#[test]
fn nobody_registers_as_admin() {
    let command = Command::Register(Registration {
        role: Role::Admin,
        ..registration()
    });
    check(None, &command, Err(Refusal::AdminByRegistration));
}

#[test]
fn an_account_is_made_once_and_nothing_is_asked_of_one_that_is_not_there() {
    let register = Command::Register(registration());
    check(Some(&anna()), &register, Err(Refusal::EmailTaken));
    let remove = Command::RemoveAddress {
        id: Id::from_bytes([9; 12]),
    };
    check(None, &remove, Err(Refusal::Unknown));
}

#[test]
fn a_suggested_username_that_is_taken_gives_way_to_the_next_and_a_chosen_one_does_not() {
    let suggested = Command::Register(Registration {
        usernames: vec!["anna".into(), "anna-a5a5".into()],
        ..registration()
    });
    let Some(Command::Register(next)) = Account::instead(&suggested, "username") else {
        panic!("the second name is to be tried");
    };
    assert_eq!(next.usernames, ["anna-a5a5"]);
    assert!(Account::instead(&Command::Register(next), "username").is_none());
    assert!(Account::instead(&suggested, "email").is_none());
    assert_eq!(Account::taken("email"), Refusal::EmailTaken);
    assert_eq!(Account::taken("username"), Refusal::UsernameTaken);
}

#[test]
fn a_profile_changes_by_what_is_given_alone() {
    let anna = anna();
    let nothing = Command::ChangeProfile {
        username: None,
        first_name: None,
        last_name: None,
        phone: None,
    };
    check(Some(&anna), &nothing, Ok(&[]));
    let username = Command::ChangeProfile {
        username: Some("Annette".into()),
        first_name: None,
        last_name: None,
        phone: None,
    };
    let changed = check(Some(&anna), &username, Ok(&["USER_UPDATED"])).unwrap();
    assert_eq!(changed.profile.username, "Annette");
    assert_eq!(changed.username_key, "annette");
    assert_eq!(changed.profile.full_name, anna.profile.full_name);
}

#[test]
fn a_picture_is_shown_by_its_address_until_it_is_taken_away() {
    let picture = Image {
        id: Id::from_bytes([5; 12]),
        url: "/media/5.jpg".into(),
        thumbnail: "/media/5-small.jpg".into(),
        handle: "5.jpg".into(),
    };
    let anna = anna();
    check(Some(&anna), &Command::SetAvatar(None), Ok(&[]));
    let set = Command::SetAvatar(Some(picture));
    let seen = check(Some(&anna), &set, Ok(&["USER_UPDATED"])).unwrap();
    assert_eq!(seen.profile.avatar_url.as_deref(), Some("/media/5.jpg"));
    check(Some(&seen), &set, Ok(&[]));
    let gone = check(Some(&seen), &Command::SetAvatar(None), Ok(&["USER_UPDATED"]));
    assert_eq!(gone, Some(anna));
}

#[test]
fn a_new_role_ends_all_sessions_and_the_same_role_none() {
    let anna = anna();
    let role = Role::Seller;
    let seller = check(
        Some(&anna),
        &Command::SetRole { role },
        Ok(&["ROLE_CHANGED", "SESSIONS_ENDED"]),
    )
    .unwrap();
    assert_eq!((seller.profile.role, seller.epoch), (Role::Seller, 1));
    check(Some(&seller), &Command::SetRole { role }, Ok(&[]));
}

#[test]
fn a_new_password_ends_all_sessions_but_the_one_that_asked() {
    let change = |was: &str| Command::ChangePassword {
        was: Some(PasswordHash::new(was.into())),
        password: PasswordHash::new("the new hash".into()),
        kept: Some(session(0)),
    };
    check(
        Some(&anna()),
        &change("another hash"),
        Err(Refusal::WrongPassword),
    );
    let decision = Account::decide(Some(&anna()), &change("the hash"), &at()).unwrap();
    let change = decision.change.unwrap();
    let Some(Event::SessionsEnded(over)) = change.events.last() else {
        panic!("sessions end with the password: {:?}", change.events);
    };
    let (id, other) = (
        change.state.profile.id,
        SessionId {
            epoch: 0,
            chance: [8; 12],
        },
    );
    assert!(over.ends(id, other), "another session");
    assert!(!over.ends(id, session(0)), "the session that asked");
    assert!(!over.ends(id, session(1)), "a session that began since");
    assert!(
        !over.ends(Id::from_bytes([2; 12]), other),
        "somebody else's session"
    );
}

#[test]
fn a_logout_ends_one_session() {
    let (session, until) = (session(0), UNTIL);
    let after = check(
        Some(&anna()),
        &Command::Logout { session, until },
        Ok(&["SESSIONS_ENDED"]),
    );
    assert_eq!(after, Some(anna()), "nothing else changes");
}

#[test]
fn appointing_somebody_takes_the_account_from_whoever_had_it() {
    let appoint = || {
        Command::Appoint(Registration {
            password: PasswordHash::new("the hash of the administrator".into()),
            ..registration()
        })
    };
    let made = check(None, &appoint(), Ok(&["USER_CREATED"])).unwrap();
    assert_eq!(made.profile.role, Role::Admin);
    let events = ["PASSWORD_CHANGED", "ROLE_CHANGED", "SESSIONS_ENDED"];
    let taken = check(Some(&anna()), &appoint(), Ok(&events)).unwrap();
    assert_eq!((taken.profile.role, taken.epoch), (Role::Admin, 1));
    assert_ne!(taken.password, anna().password);
}

#[test]
fn an_account_has_a_bounded_number_of_addresses() {
    let mut account = anna();
    for n in 0..20 {
        let add = Command::AddAddress(address(n, false));
        account = check(Some(&account), &add, Ok(&["ADDRESS_ADDED"])).unwrap();
    }
    let one_more = Command::AddAddress(address(20, false));
    check(Some(&account), &one_more, Err(Refusal::TooManyAddresses));
    let unknown = Command::RemoveAddress {
        id: Id::from_bytes([99; 12]),
    };
    check(Some(&account), &unknown, Err(Refusal::UnknownAddress));
}

#[test]
fn a_hash_is_in_no_reply_event_or_debug_text() {
    let command = Command::Register(registration());
    let decision = Account::decide(None, &command, &at()).unwrap();
    let change = decision.change.as_ref().unwrap();
    let texts = [
        format!("{command:?} {decision:?}"),
        serde_json::to_string(&decision.reply).unwrap(),
        serde_json::to_string(&change.events).unwrap(),
    ];
    for text in texts {
        assert!(!text.contains("the hash"), "{text}");
    }
}

#[test]
fn an_account_survives_the_store() {
    let add = Command::AddAddress(address(2, true));
    let account = check(Some(&anna()), &add, Ok(&["ADDRESS_ADDED"])).unwrap();
    let bytes = bson::serialize_to_vec(&account).unwrap();
    assert_eq!(bson::deserialize_from_slice::<Account>(&bytes).unwrap(), account);
}

proptest! {
    #[test]
    fn there_is_never_more_than_one_default_address(steps in prop::collection::vec((0u8..6, any::<bool>(), any::<bool>()), 0..40)) {
        let mut account = anna();
        for (n, is_default, add) in steps {
            let known = account.profile.addresses.iter().any(|address| address.id == Id::from_bytes([n; 12]));
            let command = if add && !known {
                Command::AddAddress(address(n, is_default))
            } else {
                Command::RemoveAddress { id: Id::from_bytes([n; 12]) }
            };
            if let Ok(decision) = Account::decide(Some(&account), &command, &at()) {
                account = decision.change.unwrap().state;
            }
            let defaults = account.profile.addresses.iter().filter(|address| address.is_default).count();
            prop_assert!(defaults <= 1);
        }
    }
}

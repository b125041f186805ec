//! What payments do, in every order in which it can be told.

mod at_the_door;
mod disorder;
mod extremes;
mod forging;
mod looking;
mod outside;

use std::collections::BTreeMap;
use std::time::Duration;

use super::*;
use crate::domain::entity::{Event as _, RowWrite};
use crate::domain::ledger::{Entry, LEDGER};
use crate::domain::money::{Currency, MINOR_MAX};
use crate::domain::order;

const ORDER: Id = Id::from_bytes([7; 12]);
const BUYER: Id = Id::from_bytes([0xB; 12]);
const RUNTIME: Id = Id::from_bytes([0xA; 12]);
const SELLERS: [Id; 2] = [Id::from_bytes([1; 12]), Id::from_bytes([2; 12])];

/// A payment and everything that it has told and written down.
#[derive(Default)]
struct Told {
    payment: Option<Payment>,
    events: Vec<&'static str>,
    books: Vec<Entry>,
    now: i64,
}

impl Told {
    fn tell(&mut self, command: &Command) -> Result<(), Refusal> {
        self.now += 1;
        let at = Circumstances {
            now: Timestamp::from_millis(self.now * 1_000),
            by: Some(BUYER),
        };
        let decision = Payment::decide(self.payment.as_ref(), command, &at)?;
        let Some(change) = decision.change else {
            return Ok(());
        };
        self.events.extend(change.events.iter().map(Event::name));
        for row in change.rows.iter().filter(|row| *row.collection == LEDGER) {
            let RowWrite::Insert(entry) = &row.write else {
                panic!("an entry is overwritten")
            };
            self.books
                .push(bson::deserialize_from_slice(entry.as_bytes()).unwrap());
        }
        let zero = self.books.iter().map(|entry| entry.minor).sum::<i64>();
        assert_eq!(
            zero, 0,
            "the books do not balance after {command:?}: {:?}",
            self.books
        );
        self.payment = Some(change.state);
        Ok(())
    }

    /// The same once more, before any time has passed.
    fn tell_again(&mut self, command: &Command) -> Result<(), Refusal> {
        self.now -= 1;
        self.tell(command)
    }

    fn after(commands: &[Command]) -> Self {
        let mut told = Self::default();
        for command in commands {
            let _refused = told.tell(command);
        }
        told
    }

    fn payment(&self) -> &Payment {
        self.payment.as_ref().expect("it was begun")
    }

    /// What every account has.
    fn accounts(&self) -> BTreeMap<String, i64> {
        let mut accounts = BTreeMap::new();
        for entry in &self.books {
            *accounts.entry(entry.account.to_string()).or_default() += entry.minor;
        }
        accounts.retain(|_, minor| *minor != 0);
        accounts
    }

    /// Everything that the order in which it was told must not decide.
    fn outcome(&self) -> (Status, Bond, Option<String>, Vec<Capture>, BTreeMap<String, i64>) {
        let payment = self.payment();
        let (recorded, captures) = (payment.recorded.clone(), payment.captures.clone());
        (payment.status, payment.bond, recorded, captures, self.accounts())
    }
}

fn inr(minor: i64) -> Money {
    Money::of_minor(minor, Currency::Inr)
}

fn begin(method: &str) -> Command {
    Command::Begin(Box::new(Beginning {
        order: ORDER,
        user: BUYER,
        method: method.into(),
        on_delivery: method == "cash_on_delivery",
        price: inr(1_230),
        split: Split {
            shares: vec![
                Share {
                    seller: SELLERS[0],
                    amount: inr(600),
                },
                Share {
                    seller: SELLERS[1],
                    amount: inr(400),
                },
            ],
            tax: inr(180),
            shipping: inr(50),
        },
        look_every: Duration::from_mins(3),
        by: RUNTIME,
        refused: None,
    }))
}

fn opened() -> Command {
    Command::Opened(Opened {
        provider: "razorpay".into(),
        id: "order_1".into(),
    })
}

fn captured(id: &str, minor: i64) -> Command {
    Command::Captured(Box::new(Capture {
        provider: "razorpay".into(),
        id: id.into(),
        amount: inr(minor),
        fee: Some(inr(20)),
        refunds: Vec::new(),
    }))
}

fn refunded(capture: &str, minor: i64, state: RefundState) -> Command {
    Command::Refunded {
        capture: capture.into(),
        refund: Refund {
            id: format!("rfnd_of_{capture}"),
            amount: inr(minor),
            state,
        },
    }
}

fn put_off(capture: &str) -> Command {
    let capture = capture.into();
    Command::PutOff { by: RUNTIME, capture }
}

fn declined(payment: &str) -> Command {
    Command::Declined {
        payment: payment.into(),
    }
}

fn begun() -> Vec<Command> {
    vec![begin("razorpay"), opened()]
}

fn then(before: &[Command], more: &[Command]) -> Vec<Command> {
    [before, more].concat()
}

fn paid() -> Vec<Command> {
    then(&begun(), &[captured("pay_1", 1_230), Command::Attached])
}

#[test]
fn a_payment_is_opened_once_however_many_ask() {
    let mut told = Told::after(&[begin("razorpay"), begin("razorpay")]);
    assert!(told.payment().is_claimed_by(RUNTIME));
    assert_eq!(told.payment().attempts, 1, "the second one waits for the first");
    told.tell(&opened()).unwrap();
    told.tell(&opened()).unwrap();
    told.tell(&begin("razorpay")).unwrap();
    assert_eq!(told.payment().orders.len(), 1);
    assert_eq!(told.events, ["PAYMENT_CREATED", "PAYMENT_INITIATED"]);
}

#[test]
fn nobody_begins_to_pay_an_order_that_is_over() {
    let Command::Begin(wanted) = begin("razorpay") else {
        unreachable!("it begins")
    };
    let refused = Some(order::Refusal::NotNow(Some(order::Status::Cancelled)));
    let wanted = Command::Begin(Box::new(Beginning { refused, ..*wanted }));
    for before in [Vec::new(), begun(), paid()] {
        let mut told = Told::after(&before);
        assert_eq!(told.tell(&wanted).err(), refused.map(Refusal::Order));
    }
}

#[test]
fn a_call_that_never_came_back_is_made_again_by_whoever_comes_when_its_time_is_over() {
    let mut told = Told::after(&[begin("razorpay")]);
    told.now += 31;
    told.tell(&begin("razorpay")).unwrap();
    assert_eq!(told.payment().attempts, 2, "and knows that it is not the first");
    let by = RUNTIME;
    told.tell(&Command::NotOpened { by, sure: true }).unwrap();
    assert_eq!(told.payment().claim, None);
}

#[test]
fn what_is_paid_belongs_to_the_sellers_the_state_and_the_carrier() {
    let told = Told::after(&paid());
    assert_eq!(
        (told.payment().status, told.payment().bond),
        (Status::Successful, Bond::Tied)
    );
    let expected = [
        ("fees".to_owned(), 20),
        ("provider:razorpay".to_owned(), 1_210),
        (format!("seller:{}", SELLERS[0]), -600),
        (format!("seller:{}", SELLERS[1]), -400),
        ("shipping".to_owned(), -50),
        ("tax".to_owned(), -180),
    ];
    assert_eq!(told.accounts(), BTreeMap::from(expected));
    let events = [
        "PAYMENT_CREATED",
        "PAYMENT_INITIATED",
        "PAYMENT_UPDATED",
        "PAYMENT_COMPLETED",
    ];
    assert_eq!(told.events, events);
}

#[test]
fn the_money_of_an_order_that_takes_none_goes_back() {
    let commands = then(&begun(), &[captured("pay_1", 1_230), Command::TurnedDown]);
    let mut told = Told::after(&commands);
    assert_eq!(told.payment().status, Status::Refunding);
    assert_eq!(told.payment().owed().unwrap().amount, inr(1_230));
    told.tell(&refunded("pay_1", 1_230, RefundState::Processed))
        .unwrap();
    assert_eq!(
        (told.payment().status, told.payment().owed()),
        (Status::Refunded, None)
    );
    let fees = BTreeMap::from([("fees".to_owned(), 20), ("provider:razorpay".to_owned(), -20)]);
    assert_eq!(told.accounts(), fees);
    assert!(!told.events.contains(&"PAYMENT_COMPLETED"));
}

#[test]
fn an_order_that_is_over_gives_everybody_what_was_theirs() {
    let back = [Command::Over, refunded("pay_1", 1_230, RefundState::Processed)];
    let mut told = Told::after(&then(&paid(), &back));
    looking::look_for_days(&mut told);
    assert_eq!(told.payment().status, Status::Refunded);
    let fees = BTreeMap::from([("fees".to_owned(), 20), ("provider:razorpay".to_owned(), -20)]);
    assert_eq!(told.accounts(), fees);
}

#[test]
fn a_buyer_who_keeps_the_goods_is_given_the_money_out_of_the_shops_own() {
    let back = [
        Command::Refund,
        Command::Detached { kept: true },
        refunded("pay_1", 1_230, RefundState::Processed),
    ];
    let told = Told::after(&then(&paid(), &back));
    let accounts = told.accounts();
    assert_eq!(accounts["refunds"], 1_230);
    assert_eq!(
        accounts[&format!("seller:{}", SELLERS[0])],
        -600,
        "the sellers have sold"
    );
    assert!(!accounts.contains_key(&format!("buyer:{BUYER}")));
}

#[test]
fn nothing_goes_back_before_the_order_knows() {
    let told = Told::after(&then(&paid(), &[Command::Refund]));
    let now = Timestamp::from_millis(i64::MAX);
    assert_eq!(told.payment().task(now), Some(Task::Detach));
    assert_eq!(told.payment().owed(), None);
}

#[test]
fn every_capture_but_the_recorded_one_goes_back() {
    for second in [captured("pay_2", 1_230), captured("pay_2", 99)] {
        let told = Told::after(&then(&paid(), std::slice::from_ref(&second)));
        let owed = told.payment().owed().expect("it goes back");
        assert_eq!(
            (told.payment().status, owed.capture.as_str()),
            (Status::Successful, "pay_2")
        );
        let mut told = told;
        told.tell(&refunded("pay_2", owed.amount.minor(), RefundState::Processed))
            .unwrap();
        assert_eq!(
            (told.payment().status, told.payment().owed()),
            (Status::Successful, None)
        );
    }
}

#[test]
fn an_amount_that_was_not_asked_for_pays_nothing() {
    for minor in [1_229, 1_231, 1, MINOR_MAX] {
        let told = Told::after(&then(&begun(), &[captured("pay_1", minor)]));
        assert_eq!(
            (told.payment().status, told.payment().bond),
            (Status::Pending, Bond::Loose)
        );
        assert_eq!(told.payment().owed().unwrap().amount, inr(minor));
    }
}

#[test]
fn a_failed_attempt_may_be_followed_by_a_good_one_and_changes_nothing_after_it() {
    let told = Told::after(&then(&begun(), &[declined("pay_1")]));
    assert_eq!(told.payment().status, Status::Failed);
    assert!(told.payment().due().is_some(), "the provider is asked again");
    let told = Told::after(&then(&begun(), &[declined("pay_1"), captured("pay_2", 1_230)]));
    assert_eq!(told.payment().status, Status::Successful);
    let told = Told::after(&then(&paid(), &[declined("pay_2")]));
    assert_eq!(told.payment().status, Status::Successful);
}

#[test]
fn a_provider_that_gives_nothing_back_is_asked_more_and_more_rarely() {
    let mut told = Told::after(&paid());
    looking::look_for_days(&mut told);
    told.tell(&Command::Over).unwrap();
    let mut rests = Vec::new();
    for _ in 0..12 {
        told.tell(&Command::Claim { by: RUNTIME }).unwrap();
        told.tell(&put_off("pay_1")).unwrap();
        let due = told.payment().due().unwrap().seconds();
        rests.push(due - told.now);
        told.now = due;
    }
    assert!(rests.is_sorted(), "{rests:?}");
    assert_eq!(rests.last(), Some(&600));
}

#[test]
fn what_cannot_be_given_back_holds_nothing_else_up() {
    let others = [captured("pay_2", 1_230), captured("pay_3", 99)];
    let mut told = Told::after(&then(&paid(), &others));
    let now = |told: &Told| Timestamp::from_millis(told.now * 1_000);
    told.tell(&Command::Claim { by: RUNTIME }).unwrap();
    assert_eq!(told.payment().owed().unwrap().capture, "pay_2");
    told.tell(&put_off("pay_2")).unwrap();
    let Some(Task::Refund(owed)) = told.payment().task(now(&told)) else {
        panic!("nothing else goes back: {:?}", told.payment())
    };
    assert_eq!(owed.capture, "pay_3");
    // One that is in hand is asked after, though another one is still owed.
    told.tell(&refunded("pay_3", 99, RefundState::Pending)).unwrap();
    for _ in 0..9 {
        told.now = told.payment().due().unwrap().seconds();
        told.tell(&Command::Claim { by: RUNTIME }).unwrap();
        if !told.payment().is_claimed_by(RUNTIME) {
            assert_eq!(told.payment().task(now(&told)), Some(Task::Look));
            return;
        }
        told.tell(&put_off("pay_2")).unwrap();
    }
    panic!("the provider is never asked: {:?}", told.payment());
}

#[test]
fn a_refund_that_failed_is_asked_for_again_under_another_name() {
    let mut told = Told::after(&then(&paid(), &[Command::Over]));
    let first = told.payment().owed().unwrap().key;
    told.tell(&refunded("pay_1", 1_230, RefundState::Pending))
        .unwrap();
    assert_eq!(told.payment().owed(), None, "the provider has it in hand");
    told.tell(&refunded("pay_1", 1_230, RefundState::Failed)).unwrap();
    assert_ne!(told.payment().owed().unwrap().key, first);
}

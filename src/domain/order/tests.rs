//! What orders do, one command after the other, a second apart.

use super::*;
use crate::domain::entity::Event as _;
use crate::domain::money::Currency;
use std::time::Duration;

const BUYER: Id = Id::from_bytes([0xB; 12]);
const HOLDER: Id = Id::from_bytes([0xC; 12]);
const TENTS: Id = Id::from_bytes([1; 12]);
const LAMPS: Id = Id::from_bytes([2; 12]);

fn at(seconds: i64) -> Circumstances {
    Circumstances {
        now: Timestamp::from_millis(seconds * 1_000),
        by: Some(BUYER),
    }
}

fn line(product: u8, seller: Id) -> Line {
    Line {
        product: Id::from_bytes([product; 12]),
        title: "Tent".into(),
        price: Money::of_minor(9_999, Currency::Inr),
        quantity: Quantity::new(2).unwrap(),
        seller,
        parcel: Parcel::Packing,
    }
}

fn place() -> Command {
    Command::Place(Box::new(Placement {
        gone: Vec::new(),
        id: Id::from_bytes([7; 12]),
        user: BUYER,
        lines: vec![line(9, TENTS), line(8, LAMPS)],
        price_changes: Vec::new(),
        terms: Terms {
            tax_basis_points: 1_800,
            shipping_minor: 5_000,
            hold: Duration::from_mins(15),
        },
        address: Some(Address {
            street: "1 MG Road".into(),
            city: "Pune".into(),
            state: "MH".into(),
            country: "IN".into(),
            zip: "411001".into(),
            phone: None,
        }),
        replaces: None,
        holder: HOLDER,
    }))
}

/// Commands one after the other, a second apart: how it stands at the end, the last outcome and
/// every event.
fn run(commands: &[Command]) -> (Option<Order>, Result<(), Refusal>, Vec<&'static str>) {
    let (mut order, mut last, mut events) = (None, Ok(()), Vec::new());
    for (second, command) in (0..).zip(commands) {
        match Order::decide(order.as_ref(), command, &at(second)) {
            Ok(decision) => {
                last = Ok(());
                if let Some(change) = decision.change {
                    events.extend(change.events.iter().map(Event::name));
                    order = Some(change.state);
                }
            }
            Err(refusal) => last = Err(refusal),
        }
    }
    (order, last, events)
}

fn check(commands: &[Command], status: Option<Status>, task: Option<Task>, last: Result<(), Refusal>) {
    let (order, outcome, _) = run(commands);
    let order = order.expect("there is an order");
    assert_eq!(
        (order.status, order.task, outcome),
        (status, task, last),
        "{commands:?}"
    );
    assert!(
        order.task.is_none() || order.due().is_some(),
        "nobody would look after it: {order:?}"
    );
}

fn paid() -> Vec<Command> {
    vec![place(), Command::Held, PAY, Command::Sold]
}

fn then(mut commands: Vec<Command>, more: &[Command]) -> Vec<Command> {
    commands.extend_from_slice(more);
    commands
}

const SUPERSEDE: Command = Command::Supersede {
    id: Id::from_bytes([7; 12]),
    user: BUYER,
};
const RELEASED: Command = Command::Undone {
    task: Task::Release,
    revived: false,
};
const PAY: Command = Command::Pay { captured: true };
const CANCEL: Command = Command::Cancel { by: Authority::Buyer };

#[test]
fn the_bill_is_added_up_by_the_shop() {
    let bill = run(&[place()]).0.unwrap().bill.unwrap();
    let minor = [bill.subtotal, bill.tax, bill.shipping, bill.total].map(Money::minor);
    assert_eq!(minor, [39_996, 7_199, 5_000, 52_195]);
}

#[test]
fn an_order_stands_when_its_stock_is_held_and_not_before() {
    check(&[place()], None, Some(Task::Hold), Ok(()));
    check(&[place(), Command::Held], Some(Status::Pending), None, Ok(()));
    assert_eq!(run(&[place(), Command::Held, Command::Held]).2, ["ORDER_CREATED"]);
}

/// Two of nine were wanted and one was there, says this holder, who holds these.
fn short(by: Option<Id>, taken: &[Id]) -> Command {
    Command::Short {
        lines: vec![Shortage {
            product_id: TENTS,
            requested: 2,
            available: 1,
        }],
        by,
        taken: taken.to_vec(),
    }
}

#[test]
fn an_order_without_stock_gives_back_what_it_held_and_tells_nobody() {
    let short = short(None, &[]);
    check(&[place(), short.clone()], None, Some(Task::Release), Ok(()));
    check(
        &[place(), short.clone(), Command::Held],
        None,
        Some(Task::Release),
        Err(Refusal::Over),
    );
    check(&[place(), short.clone(), RELEASED], None, None, Ok(()));
    assert!(run(&[place(), short, RELEASED]).2.is_empty());
}

#[test]
fn whoever_alone_has_asked_for_its_stock_gives_back_no_more_than_is_held() {
    let lines = |commands: &[Command]| {
        let order = run(commands).0.unwrap();
        let taken = order.lines_taken().map(|line| line.product);
        (order.task, order.due().is_some(), taken.collect::<Vec<_>>())
    };
    let [lamp, tent] = [8, 9].map(|product| Id::from_bytes([product; 12]));
    let nothing = [place(), short(Some(HOLDER), &[])];
    assert_eq!(lines(&nothing), (None, false, vec![]), "there is nothing to do");
    let one = [place(), short(Some(HOLDER), &[lamp])];
    assert_eq!(lines(&one), (Some(Task::Release), true, vec![lamp]));
    let everything = (Some(Task::Release), true, vec![lamp, tent]);
    let joined = [place(), Command::Join, short(Some(HOLDER), &[])];
    assert_eq!(lines(&joined), everything, "somebody else may hold any of it");
    let other = [place(), short(Some(BUYER), &[])];
    assert_eq!(lines(&other), everything, "the holder may hold any of it");
    let nobody = [place(), Command::Join, short(None, &[])];
    assert_eq!(lines(&nobody), everything, "no holder is not one holder");
    let late = [place(), short(Some(HOLDER), &[lamp]), Command::Join];
    assert_eq!(lines(&late), (Some(Task::Release), true, vec![lamp]));
}

#[test]
fn an_order_expires_when_its_time_is_over_and_not_before() {
    let pending = [place(), Command::Held];
    let order = run(&pending).0.unwrap();
    assert_eq!(order.due(), Some(order.expires_at));
    let early = Order::decide(Some(&order), &Command::Expire, &at(14 * 60)).unwrap_err();
    assert_eq!(early, Refusal::NotExpired);
    let over = Order::decide(Some(&order), &Command::Expire, &at(15 * 60)).unwrap();
    assert_eq!(over.reply.reason, Some(Reason::Expired));
    assert_eq!(over.reply.task, Some(Task::Release));
}

#[test]
fn a_cancelled_order_gives_back_what_it_held_or_sold() {
    let cancelled = Some(Status::Cancelled);
    check(
        &[place(), Command::Held, CANCEL],
        cancelled,
        Some(Task::Release),
        Ok(()),
    );
    check(
        &[place(), Command::Held, CANCEL, CANCEL],
        cancelled,
        Some(Task::Release),
        Ok(()),
    );
    check(&then(paid(), &[CANCEL]), cancelled, Some(Task::Return), Ok(()));
    let pay_late = [place(), Command::Held, CANCEL, PAY];
    check(
        &pay_late,
        cancelled,
        Some(Task::Release),
        Err(Refusal::NotNow(cancelled)),
    );
}

#[test]
fn an_order_that_is_being_paid_is_neither_cancelled_nor_superseded() {
    let pending = Some(Status::Pending);
    for late in [CANCEL, SUPERSEDE] {
        let commands = [place(), Command::Held, PAY, late];
        check(
            &commands,
            pending,
            Some(Task::Sell),
            Err(Refusal::NotNow(pending)),
        );
    }
}

#[test]
fn an_order_that_was_replaced_before_it_came_never_comes() {
    check(
        &[SUPERSEDE, place()],
        Some(Status::Cancelled),
        None,
        Err(Refusal::Over),
    );
}

#[test]
fn an_order_has_come_as_far_as_its_last_parcel() {
    let ship = |seller| Command::Advance {
        by: Authority::Seller(seller),
        to: Parcel::Shipped,
    };
    let deliver = Command::Advance {
        by: Authority::Admin,
        to: Parcel::Delivered,
    };
    check(
        &then(paid(), &[ship(TENTS)]),
        Some(Status::Confirmed),
        None,
        Ok(()),
    );
    let shipped = then(paid(), &[ship(TENTS), ship(LAMPS)]);
    check(&shipped, Some(Status::Shipped), None, Ok(()));
    check(
        &then(shipped.clone(), std::slice::from_ref(&deliver)),
        Some(Status::Delivered),
        Some(Task::Settle),
        Ok(()),
    );
    let twice = Err(Refusal::NotNow(Some(Status::Confirmed)));
    check(
        &then(paid(), &[ship(TENTS), ship(TENTS)]),
        Some(Status::Confirmed),
        None,
        twice,
    );
    let stranger = Err(Refusal::NotYours);
    check(
        &then(paid(), &[ship(BUYER)]),
        Some(Status::Confirmed),
        None,
        stranger,
    );
    let too_late = Err(Refusal::NotNow(Some(Status::Confirmed)));
    check(
        &then(paid(), &[ship(TENTS), CANCEL]),
        Some(Status::Confirmed),
        None,
        too_late,
    );
    assert_eq!(
        run(&then(shipped, &[deliver])).2,
        [
            "ORDER_CREATED",
            "ORDER_CONFIRMED",
            "ORDER_PARCELS_ADVANCED",
            "ORDER_PARCELS_ADVANCED",
            "ORDER_SHIPPED",
            "ORDER_PARCELS_ADVANCED",
            "ORDER_DELIVERED"
        ]
    );
}

#[test]
fn an_administrator_takes_the_next_step_of_whatever_is_not_as_far_yet() {
    let all = |to| Command::Advance {
        by: Authority::Admin,
        to,
    };
    let (ship, deliver) = (all(Parcel::Shipped), all(Parcel::Delivered));
    let tents_only = |to| Command::Advance {
        by: Authority::Seller(TENTS),
        to,
    };
    let half = then(paid(), &[tents_only(Parcel::Shipped)]);
    let not_now = |status| Err(Refusal::NotNow(Some(status)));
    let (confirmed, shipped) = (Status::Confirmed, Status::Shipped);
    let too_far = then(half.clone(), std::slice::from_ref(&deliver));
    check(&too_far, Some(confirmed), None, not_now(confirmed));
    let whole = then(half, std::slice::from_ref(&ship));
    check(&whole, Some(shipped), None, Ok(()));
    check(
        &then(whole.clone(), &[ship]),
        Some(shipped),
        None,
        not_now(shipped),
    );
    let last = then(whole, &[tents_only(Parcel::Delivered), deliver]);
    check(&last, Some(Status::Delivered), Some(Task::Settle), Ok(()));
}

fn expired() -> Order {
    let pending = run(&[place(), Command::Held]).0.unwrap();
    let over = Order::decide(Some(&pending), &Command::Expire, &at(900))
        .unwrap()
        .reply;
    Order::decide(Some(&over), &RELEASED, &at(901)).unwrap().reply
}

/// Commands to an order, a second apart: how it stands then, and the last refusal.
fn go_on(order: &Order, commands: &[Command]) -> (Order, Option<Refusal>) {
    let (mut order, mut refusal) = (order.clone(), None);
    for (second, command) in (1_000..).zip(commands) {
        match Order::decide(Some(&order), command, &at(second)) {
            Ok(decision) => order = decision.reply,
            Err(why) => refusal = Some(why),
        }
    }
    (order, refusal)
}

#[test]
fn money_that_comes_late_brings_an_expired_order_back_if_its_stock_does() {
    let (order, _) = go_on(&expired(), &[PAY]);
    assert_eq!((order.task, order.is_over()), (Some(Task::Revive), false));
    let (order, _) = go_on(&order, &[PAY, Command::Held, Command::Sold]);
    assert_eq!(
        (order.status, order.reason, order.task),
        (Some(Status::Confirmed), None, None)
    );
    let (order, refusal) = go_on(&order, &[PAY]);
    assert_eq!(
        (order.status, refusal),
        (Some(Status::Confirmed), None),
        "it was told before"
    );
}

#[test]
fn an_expired_order_whose_stock_is_gone_stays_over_even_if_some_comes_in() {
    let short = short(None, &[]);
    let (order, _) = go_on(&expired(), &[PAY, short, RELEASED]);
    assert_eq!(
        order.task,
        Some(Task::Release),
        "that was another one's, and late"
    );
    let released = Command::Undone {
        task: Task::Release,
        revived: true,
    };
    let (order, refusal) = go_on(&order, &[released, PAY]);
    assert_eq!(
        (order.status, order.task, order.is_over()),
        (Some(Status::Cancelled), None, true)
    );
    assert_eq!(refusal, Some(Refusal::NotNow(Some(Status::Cancelled))));
}

#[test]
fn only_money_that_is_there_brings_back_only_what_expired() {
    let promise = Command::Pay { captured: false };
    let cancelled = Some(Refusal::NotNow(Some(Status::Cancelled)));
    assert_eq!(go_on(&expired(), &[promise]).1, cancelled);
    assert_eq!(
        go_on(&expired(), &[SUPERSEDE, PAY]).1,
        cancelled,
        "there is a newer one"
    );
    let by_buyer = run(&[place(), Command::Held, CANCEL, RELEASED]).0.unwrap();
    assert_eq!(go_on(&by_buyer, &[PAY]).1, cancelled);
}

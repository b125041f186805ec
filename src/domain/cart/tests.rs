//! What carts do, one command after the other.

use super::*;
use crate::domain::order::Shortage;

const ANNA: Id = Id::from_bytes([0xA; 12]);

fn at() -> Circumstances {
    Circumstances {
        now: Timestamp::from_millis(0),
        by: Some(ANNA),
    }
}

fn offer(product: u8, currency: Currency) -> Offer {
    Offer {
        product: Id::from_bytes([product; 12]),
        title: "Tent".into(),
        price: Money::of_minor(10_000, currency),
        available: 5,
    }
}

fn add(product: u8, quantity: u32) -> Command {
    let quantity = Quantity::new(quantity).unwrap();
    Command::Add {
        offer: offer(product, Currency::Inr),
        quantity,
    }
}

fn check_out(order: u8, over: Option<u8>) -> Command {
    let id = |n| Id::from_bytes([n; 12]);
    Command::CheckOut {
        order: id(order),
        over: over.map(|n| Over {
            order: id(n),
            may_revive: false,
            gives_back: false,
        }),
        lack: None,
    }
}

/// The same command, where the order that is over is like this.
fn after(command: Command, change: impl FnOnce(&mut Over)) -> Command {
    let Command::CheckOut {
        order,
        over: Some(mut over),
        lack,
    } = command
    else {
        unreachable!("it is a check-out after another one");
    };
    change(&mut over);
    let over = Some(over);
    Command::CheckOut { order, over, lack }
}

/// Runs commands on an empty cart and gives the last outcome.
fn run(commands: &[Command]) -> Result<Reply, Refusal> {
    let mut cart = None;
    let mut last = Err(Refusal::Empty);
    for command in commands {
        let decision = Cart::decide(cart.as_ref(), command, &at());
        last = decision
            .as_ref()
            .map(|decision| decision.reply.clone())
            .map_err(Clone::clone);
        if let Ok(Some(change)) = decision.map(|decision| decision.change) {
            cart = Some(change.state);
        }
    }
    last
}

fn quantities(reply: &Reply) -> Vec<u32> {
    reply.cart.lines.iter().map(|line| line.quantity.get()).collect()
}

#[test]
fn adding_adds_up_in_one_line() {
    let reply = run(&[add(1, 2), add(2, 1), add(1, 3)]).unwrap();
    assert_eq!(quantities(&reply), [5, 1]);
    assert_eq!(reply.cart.subtotal().unwrap().unwrap().minor(), 60_000);
}

#[test]
fn more_than_is_available_is_refused_and_the_cart_stays_as_it_was() {
    let short = Refusal::Short {
        requested: 6,
        available: 5,
    };
    assert_eq!(run(&[add(1, 3), add(1, 3)]), Err(short));
    assert_eq!(
        quantities(&run(&[add(1, 3), add(1, 3), add(2, 1)]).unwrap()),
        [3, 1]
    );
}

#[test]
fn a_cart_holds_one_currency() {
    let dollars = Command::Add {
        offer: offer(2, Currency::Usd),
        quantity: Quantity::new(1).unwrap(),
    };
    assert_eq!(
        run(&[add(1, 1), dollars]),
        Err(Refusal::OtherCurrency(Currency::Inr))
    );
}

#[test]
fn a_second_click_finds_the_order_of_the_first() {
    let reply = run(&[add(1, 1), check_out(7, None), check_out(8, None)]).unwrap();
    let same = CheckOut {
        order: Id::from_bytes([7; 12]),
        earlier: Vec::new(),
    };
    assert_eq!(reply.checkout, Some(same));
}

#[test]
fn a_changed_cart_makes_an_order_that_replaces_the_one_before() {
    let reply = run(&[add(1, 1), check_out(7, None), add(1, 1), check_out(8, None)]).unwrap();
    let [old, new] = [7, 8].map(|n| Id::from_bytes([n; 12]));
    assert_eq!(
        reply.checkout,
        Some(CheckOut {
            order: new,
            earlier: vec![old],
        })
    );
}

/// A check-out by somebody who has seen of this revision that all of it is gone.
fn sold_out(order: u8, over: Option<u8>, revision: u64) -> Command {
    let Command::CheckOut { order, over, .. } = check_out(order, over) else {
        unreachable!("it is one");
    };
    let lines = vec![Shortage {
        product_id: Id::from_bytes([1; 12]),
        requested: 1,
        available: 0,
    }];
    let lack = Some(Lack { revision, lines });
    Command::CheckOut { order, over, lack }
}

#[test]
fn what_is_sold_out_makes_no_order_unless_there_may_be_more_for_its_buyer() {
    let refused = |commands: &[Command]| matches!(run(commands), Err(Refusal::SoldOut(_)));
    assert!(refused(&[add(1, 1), sold_out(7, None, 1)]));
    let tried = [add(1, 1), sold_out(7, None, 1), check_out(8, None)];
    let made = run(&tried).unwrap().checkout.unwrap();
    assert_eq!(made.order, Id::from_bytes([8; 12]), "a refusal names no order");
    assert_eq!(made.earlier, []);
    assert!(
        !refused(&[add(1, 1), add(2, 1), sold_out(7, None, 1)]),
        "another cart"
    );
    let ordered = [add(1, 1), check_out(7, None)];
    let then = |more: &[Command]| [&ordered[..], more].concat();
    assert!(
        !refused(&then(&[sold_out(8, None, 1)])),
        "it finds the order of the first"
    );
    assert!(refused(&then(&[sold_out(8, Some(7), 1)])), "that one is over");
    let gives_back = after(sold_out(8, Some(7), 1), |over| over.gives_back = true);
    assert!(
        !refused(&then(&[gives_back])),
        "it has not given back what it held"
    );
    assert!(
        !refused(&then(&[add(1, 1), sold_out(8, None, 2)])),
        "it shares with the first"
    );
    let again = then(&[add(1, 1), check_out(8, None), sold_out(9, Some(8), 2)]);
    assert!(!refused(&again), "the one before may still stand");
}

#[test]
fn an_order_that_is_over_is_not_found_again() {
    let reply = run(&[add(1, 1), check_out(7, None), check_out(8, Some(7))]).unwrap();
    let new = CheckOut {
        order: Id::from_bytes([8; 12]),
        earlier: vec![Id::from_bytes([7; 12])],
    };
    assert_eq!(reply.checkout, Some(new));
}

#[test]
fn an_order_that_never_stood_does_not_hide_the_one_before_it() {
    let commands = [
        add(1, 1),
        check_out(7, None),
        add(1, 1),
        check_out(8, None),
        check_out(9, Some(8)),
    ];
    let checkout = run(&commands).unwrap().checkout.unwrap();
    assert_eq!(checkout.earlier, [8, 7].map(|n| Id::from_bytes([n; 12])));
    let late = Command::Bought {
        order: Id::from_bytes([7; 12]),
        lines: vec![(Id::from_bytes([1; 12]), Quantity::new(1).unwrap())],
    };
    assert_eq!(quantities(&run(&[&commands[..], &[late]].concat()).unwrap()), [1]);
}

#[test]
fn an_order_that_may_come_back_is_not_forgotten_for_a_newer_one() {
    let may_revive = after(check_out(8, Some(7)), |over| over.may_revive = true);
    let commands = [add(1, 1), check_out(7, None), may_revive];
    let again = [&commands[..], &[check_out(9, None)]].concat();
    let found = run(&again).unwrap().checkout.unwrap();
    let [old, new] = [7, 8].map(|n| Id::from_bytes([n; 12]));
    assert_eq!((found.order, found.earlier), (new, vec![old]));
    let bought = Command::Bought {
        order: old,
        lines: vec![(Id::from_bytes([1; 12]), Quantity::new(1).unwrap())],
    };
    let bought = run(&[&commands[..], &[bought]].concat()).unwrap();
    assert_eq!(quantities(&bought), [0; 0]);
}

#[test]
fn what_is_bought_with_any_earlier_order_is_taken_out_once() {
    let commands = [
        add(1, 2),
        check_out(7, None),
        add(2, 1),
        check_out(8, None),
        add(3, 1),
        check_out(9, None),
    ];
    let bought = Command::Bought {
        order: Id::from_bytes([7; 12]),
        lines: vec![(Id::from_bytes([1; 12]), Quantity::new(1).unwrap())],
    };
    let bought = [&commands[..], &[bought.clone(), bought]].concat();
    assert_eq!(quantities(&run(&bought).unwrap()), [1, 1, 1]);
}

#[test]
fn what_was_put_in_after_the_order_stays_in_when_it_is_bought() {
    let bought = Command::Bought {
        order: Id::from_bytes([7; 12]),
        lines: vec![(Id::from_bytes([1; 12]), Quantity::new(2).unwrap())],
    };
    let commands = [
        add(1, 2),
        check_out(7, None),
        add(1, 1),
        add(2, 1),
        bought.clone(),
        bought,
    ];
    assert_eq!(quantities(&run(&commands).unwrap()), [1, 1]);
}

//! What a stock of ten does, one command after the other.

use super::*;
use crate::domain::time::Timestamp;

const SELLER: Id = Id::from_bytes([9; 12]);
const PRODUCT: Id = Id::from_bytes([1; 12]);

fn order(n: u8) -> Id {
    Id::from_bytes([n; 12])
}

fn hold(n: u8, quantity: u32) -> Command {
    Command::Hold {
        order: order(n),
        quantity: Quantity::new(quantity).unwrap(),
        replaces: None,
        revives: false,
    }
}

/// Runs commands on a stock of ten, and gives the numbers at the end with the last outcome.
fn check(commands: &[Command], expected: (u64, u64, u64), last: Result<Option<Fate>, Refusal>) {
    let at = Circumstances {
        now: Timestamp::from_millis(0),
        by: None,
    };
    let open = Command::Open {
        product: PRODUCT,
        seller: SELLER,
        on_hand: 10,
    };
    let mut stock = Stock::decide(None, &open, &at).unwrap().change.unwrap().state;
    let mut outcome = Ok(None);
    for command in commands {
        let decision = Stock::decide(Some(&stock), command, &at);
        outcome = decision
            .as_ref()
            .map(|decision| decision.reply.fate)
            .map_err(|refusal| *refusal);
        if let Ok(Some(change)) = decision.map(|decision| decision.change) {
            stock = change.state;
        }
        assert_eq!(stock.held(), stock.count().reserved, "after {command:?}");
        assert_eq!(stock.count().received, 10, "after {command:?}");
        assert_eq!(stock.available, stock.count().available, "after {command:?}");
    }
    let count = stock.count();
    assert_eq!(
        (count.on_hand, count.reserved, count.sold),
        expected,
        "{commands:?}"
    );
    assert_eq!(outcome, last, "{commands:?}");
}

#[test]
fn a_hold_is_kept_once_however_often_it_is_asked() {
    check(&[hold(1, 4), hold(1, 4)], (10, 4, 0), Ok(Some(Fate::Held)));
}

#[test]
fn the_last_unit_is_held_for_one_of_two_orders() {
    let short = Refusal::Short {
        requested: 1,
        available: 0,
    };
    check(&[hold(1, 10), hold(2, 1)], (10, 10, 0), Err(short));
}

#[test]
fn a_hold_after_its_release_is_refused() {
    let release = Command::Release {
        order: order(1),
        revived: false,
    };
    check(
        &[release, hold(1, 4)],
        (10, 0, 0),
        Err(Refusal::Over(Fate::Released)),
    );
}

#[test]
fn a_sale_moves_the_hold_once_and_its_return_moves_it_back_once() {
    let sell = Command::Sell { order: order(1) };
    let give_back = Command::Return { order: order(1) };
    check(
        &[hold(1, 4), sell.clone(), sell.clone()],
        (6, 0, 4),
        Ok(Some(Fate::Sold)),
    );
    check(
        &[hold(1, 4), sell, give_back.clone(), give_back],
        (10, 0, 0),
        Ok(Some(Fate::Returned)),
    );
}

fn in_place_of(old: u8, new: u8, quantity: u32) -> Command {
    Command::Hold {
        order: order(new),
        quantity: Quantity::new(quantity).unwrap(),
        replaces: Some(order(old)),
        revives: false,
    }
}

fn release(n: u8) -> Command {
    Command::Release {
        order: order(n),
        revived: false,
    }
}

fn sell(n: u8) -> Command {
    Command::Sell { order: order(n) }
}

#[test]
fn an_order_that_replaces_another_takes_over_its_last_unit() {
    let held = Ok(Some(Fate::Held));
    let released = Ok(Some(Fate::Released));
    check(&[hold(1, 10), in_place_of(1, 2, 10)], (10, 10, 0), held);
    check(
        &[hold(1, 10), in_place_of(1, 2, 10), release(1)],
        (10, 10, 0),
        released,
    );
    check(
        &[hold(1, 9), in_place_of(1, 2, 10), release(1)],
        (10, 10, 0),
        released,
    );
    check(
        &[hold(1, 9), in_place_of(1, 2, 3), release(1)],
        (10, 3, 0),
        released,
    );
}

#[test]
fn an_order_that_is_not_replaced_after_all_keeps_what_it_held() {
    let released = Ok(Some(Fate::Released));
    check(
        &[hold(1, 9), in_place_of(1, 2, 10), release(2)],
        (10, 9, 0),
        released,
    );
    check(
        &[hold(1, 9), in_place_of(1, 2, 10), release(2), release(1)],
        (10, 0, 0),
        released,
    );
}

#[test]
fn what_two_orders_share_is_sold_to_one_of_them() {
    let sold = Ok(Some(Fate::Sold));
    check(&[hold(1, 4), in_place_of(1, 2, 6), sell(1)], (6, 2, 4), sold);
    check(
        &[hold(1, 4), in_place_of(1, 2, 6), sell(1), release(2)],
        (6, 0, 4),
        Ok(Some(Fate::Released)),
    );
    check(
        &[hold(1, 4), in_place_of(1, 2, 3), sell(2), release(1)],
        (7, 0, 3),
        Ok(Some(Fate::Released)),
    );
}

#[test]
fn a_share_is_no_more_than_is_there() {
    let short = Refusal::Short {
        requested: 8,
        available: 7,
    };
    check(
        &[hold(1, 4), hold(3, 3), in_place_of(1, 2, 8)],
        (10, 7, 0),
        Err(short),
    );
}

#[test]
fn only_a_revival_holds_again_what_was_released() {
    let release = Command::Release {
        order: order(1),
        revived: false,
    };
    let revive = Command::Hold {
        order: order(1),
        quantity: Quantity::new(4).unwrap(),
        replaces: None,
        revives: true,
    };
    check(&[hold(1, 4), release, revive], (10, 4, 0), Ok(Some(Fate::Held)));
}

#[test]
fn a_stock_is_never_set_below_what_is_held() {
    let set = Command::Set { on_hand: 3 };
    check(
        &[hold(1, 4), set],
        (10, 4, 0),
        Err(Refusal::UnderReserved { reserved: 4 }),
    );
}

#[test]
fn a_number_that_somebody_was_shown_is_changed_for_as_long_as_it_is_so() {
    let recount = |was| Command::Recount { was, on_hand: 20 };
    check(&[recount(9)], (10, 0, 0), Err(Refusal::Changed { on_hand: 10 }));
    let sold = [hold(1, 4), Command::Sell { order: order(1) }, recount(10)];
    check(&sold, (6, 0, 4), Err(Refusal::Changed { on_hand: 6 }));
    let too_few = Command::Recount { was: 10, on_hand: 3 };
    check(
        &[hold(1, 4), too_few],
        (10, 4, 0),
        Err(Refusal::UnderReserved { reserved: 4 }),
    );
}

#[test]
fn a_sale_that_was_never_held_is_not_made() {
    check(
        &[Command::Sell { order: order(1) }],
        (10, 0, 0),
        Ok(Some(Fate::Released)),
    );
}

#[test]
fn a_stock_tells_when_its_last_unit_goes_and_when_the_first_comes_back() {
    let at = Circumstances {
        now: Timestamp::from_millis(0),
        by: Some(order(7)),
    };
    let open = Command::Open {
        product: PRODUCT,
        seller: SELLER,
        on_hand: 10,
    };
    let mut stock = Stock::decide(None, &open, &at).unwrap().change.unwrap().state;
    let give_back = |n| Command::Return { order: order(n) };
    for (command, expected) in [
        (hold(1, 9), None),
        (hold(2, 1), Some(0)),
        (in_place_of(2, 3, 1), None),
        (release(2), None),
        (sell(3), None),
        (give_back(3), Some(1)),
        (hold(4, 1), Some(0)),
        (sell(1), None),
        (release(4), Some(1)),
        (give_back(1), None),
    ] {
        let decision = Stock::decide(Some(&stock), &command, &at).unwrap();
        let change = decision.change.expect("something changes");
        let expected = expected.map(|available| Event::Turned { available });
        assert_eq!(change.events, Vec::from_iter(expected), "{command:?}");
        stock = change.state;
    }
}

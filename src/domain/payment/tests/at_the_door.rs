//! Payments that come with the goods.

use super::*;

#[test]
fn what_comes_with_the_goods_is_owed_until_they_are_there() {
    let promised = [begin("cash_on_delivery"), Command::Attached];
    let told = Told::after(&promised);
    assert_eq!(
        (told.payment().status, told.payment().bond),
        (Status::Pending, Bond::Tied)
    );
    assert_eq!(told.accounts()["receivable"], 1_230);
    let told = Told::after(&then(&promised, &[Command::Delivered, Command::Delivered]));
    assert_eq!(told.payment().status, Status::Successful);
    assert_eq!(told.accounts()["provider:cash_on_delivery"], 1_230);
    assert!(!told.accounts().contains_key("receivable"));
    let told = Told::after(&then(&promised, &[Command::Over]));
    assert_eq!(
        (told.payment().status, told.payment().owed()),
        (Status::Failed, None)
    );
    assert_eq!(told.accounts(), BTreeMap::new());
}

#[test]
fn a_buyer_whose_card_fails_may_pay_the_courier_and_what_the_card_pays_later_goes_back() {
    let commands = [
        declined("pay_1"),
        begin("cash_on_delivery"),
        Command::Attached,
        captured("pay_2", 1_230),
    ];
    let told = Told::after(&then(&begun(), &commands));
    assert_eq!(
        (told.payment().status, told.payment().bond),
        (Status::Pending, Bond::Tied)
    );
    assert_eq!(told.payment().owed().unwrap().capture, "pay_2");
}

#[test]
fn a_buyer_may_pay_the_courier_while_the_provider_is_still_being_asked() {
    let mut told = Told::after(&[begin("razorpay"), begin("cash_on_delivery")]);
    assert_eq!(told.payment().method, "cash_on_delivery");
    assert_eq!(
        told.payment().bond,
        Bond::Tying,
        "the order need not wait for the call"
    );
    told.tell(&Command::Attached).unwrap();
    // The call comes back, and somebody pays what it has opened.
    told.tell(&opened()).unwrap();
    assert_eq!(told.payment().claim, None);
    assert!(!told.events.contains(&"PAYMENT_INITIATED"), "{:?}", told.events);
    assert_eq!(
        told.tell(&begin("razorpay")),
        Err(Refusal::NotNow(Status::Pending)),
        "the courier is on the way"
    );
    told.tell(&captured("pay_1", 1_230)).unwrap();
    assert_eq!(told.payment().bond, Bond::Tied);
    assert_eq!(told.payment().owed().unwrap().capture, "pay_1");
}

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

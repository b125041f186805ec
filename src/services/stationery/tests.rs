//! What letters look like, and what they never let through.

use std::time::Duration;

use super::*;
use crate::clock::Clock;
use crate::domain::id::Id;
use crate::domain::letter::Item;
use crate::domain::money::{Currency, Money};
use crate::services::tokens::Tokens;

const ORDER: Id = Id::from_bytes([7; 12]);

fn stationery() -> Stationery {
    let tokens = Tokens::new(&[1; 32], Duration::from_mins(1), Clock::system()).unwrap();
    let links = ResetLinks::new(Arc::new(tokens), "https://shop.example".into());
    Stationery::new(Arc::new(links))
}

fn confirmed(title: &str) -> Content {
    Content::OrderConfirmed {
        order: ORDER,
        items: vec![Item {
            title: title.into(),
            quantity: 2,
            total: Some(Money::of_minor(19_998, Currency::Inr)),
        }],
        total: Some(Money::of_minor(20_998, Currency::Inr)),
    }
}

#[test]
fn a_letter_says_the_same_as_text_and_as_a_page() {
    let written = stationery().write(&confirmed("Tent"), "Anna Singh").unwrap();
    assert_eq!(written.subject, "Order Confirmed");
    for part in [&written.text, &written.html] {
        for said in [
            "Dear Anna Singh,",
            "2 × Tent",
            "199.98 INR",
            "209.98 INR",
            "070707",
        ] {
            assert!(part.contains(said), "{said} is missing in {part}");
        }
    }
}

#[test]
fn what_others_have_written_is_text_in_a_page() {
    let evil = "<script>alert('x')</script>\" onload=\"alert(1)";
    let written = stationery().write(&confirmed(evil), evil).unwrap();
    assert!(!written.html.contains("<script"), "{}", written.html);
    assert!(!written.html.contains("\" onload"), "{}", written.html);
    assert!(
        written.text.contains("<script>"),
        "plain text is not escaped: {}",
        written.text
    );
}

#[test]
fn a_name_has_one_line() {
    let written = stationery()
        .write(&Content::Welcome, "Anna\r\nBcc: all@example.com")
        .unwrap();
    assert!(
        written.text.starts_with("Dear Anna  Bcc: all@example.com,\n"),
        "{}",
        written.text
    );
}

#[test]
fn a_text_message_is_one_sentence_and_says_which_order() {
    let line = stationery().line(&Content::OrderShipped {
        order: ORDER,
        items: Vec::new(),
    });
    let expected = format!("Bazaar: Your order is on its way. Order: {ORDER}.");
    assert_eq!(line, expected);
}

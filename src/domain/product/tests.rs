//! The rules of a product, case by case.

use super::*;
use crate::domain::entity::Event as _;
use crate::domain::money::{Currency, Money};

const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);
const SELLER: Id = Id::from_bytes([9; 12]);

fn at(millis: i64) -> Circumstances {
    Circumstances {
        now: Timestamp::from_millis(NOW.millis() + millis),
        by: Some(SELLER),
    }
}

fn image(n: u8) -> Image {
    Image {
        id: Id::from_bytes([n; 12]),
        url: format!("/media/{n}.webp"),
        thumbnail: format!("/media/{n}-small.webp"),
        handle: n.to_string(),
    }
}

fn listing() -> Listing {
    Listing {
        title: "A blue lamp".into(),
        description: "It shines.".into(),
        price: Money::of_minor(19_999, Currency::Inr),
        category: Some("Lamps".into()),
        images: vec![image(1), image(2)],
    }
}

fn launch(listing: Listing) -> Launch {
    Launch {
        id: Id::from_bytes([1; 12]),
        seller: SELLER,
        email: "anna@example.com".parse().unwrap(),
        full_name: FullName::default(),
        listing,
    }
}

fn lamp() -> Product {
    let create = Command::Create(launch(listing()));
    let decision = Product::decide(None, &create, &at(0)).unwrap();
    decision.change.unwrap().state
}

fn revise(revision: Revision) -> Command {
    let by = Authority::Seller(SELLER);
    Command::Change { by, revision }
}

/// What a command did: its refusal, or the events it left, none when nothing changed.
#[track_caller]
fn check(state: Option<&Product>, command: &Command, expected: Result<&[&str], Refusal>) -> Option<Product> {
    let decided = Product::decide(state, command, &at(1));
    let change = decided.map(|decision| decision.change);
    let events = change.as_ref().map_err(|refusal| *refusal).map(|change| {
        let events = change.iter().flat_map(|change| &change.events);
        events.map(Event::name).collect::<Vec<_>>()
    });
    assert_eq!(events, expected.map(<[_]>::to_vec), "{command:?}");
    change.ok().flatten().map(|change| change.state)
}

#[test]
fn a_product_is_put_up_once() {
    let create = Command::Create(launch(listing()));
    let made = check(None, &create, Ok(&["PRODUCT_CREATED"])).unwrap();
    assert_eq!((made.seller, made.created_at), (SELLER, at(1).now));
    check(Some(&made), &create, Err(Refusal::Exists));
}

#[test]
fn what_cannot_be_said_of_a_product_is_refused() {
    let price = |minor| Money::of_minor(minor, Currency::Inr);
    let refused = |change: fn(&mut Listing), refusal| {
        let mut listing = listing();
        change(&mut listing);
        check(None, &Command::Create(launch(listing)), Err(refusal));
    };
    refused(|listing| listing.title.clear(), Refusal::Title);
    refused(|listing| listing.title = " \t".into(), Refusal::Title);
    refused(|listing| listing.title = "é".repeat(201), Refusal::Title);
    refused(
        |listing| listing.description = "é".repeat(10_001),
        Refusal::Description,
    );
    refused(
        |listing| listing.category = Some(String::new()),
        Refusal::Category,
    );
    refused(
        |listing| listing.images = (0..6).map(image).collect(),
        Refusal::TooManyImages,
    );
    for minor in [0, -1, i64::MIN, crate::domain::money::MINOR_MAX + 1, i64::MAX] {
        let listing = Listing {
            price: price(minor),
            ..listing()
        };
        check(None, &Command::Create(launch(listing)), Err(Refusal::Price));
    }
}

#[test]
fn a_product_changes_by_what_is_given_alone() {
    let lamp = lamp();
    check(Some(&lamp), &revise(Revision::default()), Ok(&[]));
    let title = Revision {
        title: Some("A green lamp".into()),
        ..Revision::default()
    };
    let changed = check(Some(&lamp), &revise(title), Ok(&["PRODUCT_UPDATED"])).unwrap();
    assert_eq!(changed.listing.title, "A green lamp");
    assert_eq!(changed.listing.price, lamp.listing.price);
    assert_eq!(changed.created_at, lamp.created_at);
    assert_eq!(changed.updated_at, at(1).now);
}

#[test]
fn pictures_are_kept_by_name_and_added_behind() {
    let lamp = lamp();
    let revision = Revision {
        kept: Some(vec![image(2).id, image(2).id]),
        added: vec![image(3)],
        ..Revision::default()
    };
    let changed = check(Some(&lamp), &revise(revision), Ok(&["PRODUCT_UPDATED"])).unwrap();
    assert_eq!(changed.listing.images, [image(2), image(3)]);
    let unknown = Revision {
        kept: Some(vec![image(7).id]),
        ..Revision::default()
    };
    check(Some(&lamp), &revise(unknown), Err(Refusal::UnknownImage));
    let sixth = Revision {
        added: (3..7).map(image).collect(),
        ..Revision::default()
    };
    check(Some(&lamp), &revise(sixth), Err(Refusal::TooManyImages));
}

#[test]
fn a_product_is_changed_by_its_seller_and_by_admins() {
    let lamp = lamp();
    let somebody = Authority::Seller(Id::from_bytes([8; 12]));
    check(
        Some(&lamp),
        &Command::Retire { by: somebody },
        Err(Refusal::NotYours),
    );
    let by = Authority::Admin;
    check(Some(&lamp), &Command::Retire { by }, Ok(&["PRODUCT_DELETED"]));
}

#[test]
fn a_retired_product_is_there_for_nobody_and_keeps_what_was_said_of_it() {
    let by = Authority::Seller(SELLER);
    let retired = check(Some(&lamp()), &Command::Retire { by }, Ok(&["PRODUCT_DELETED"])).unwrap();
    assert_eq!(retired.listing, lamp().listing);
    for by in [Authority::Admin, by, Authority::Seller(Id::from_bytes([8; 12]))] {
        check(Some(&retired), &Command::Retire { by }, Err(Refusal::Unknown));
    }
}

#[test]
fn a_product_survives_the_store() {
    let bytes = bson::serialize_to_vec(&lamp()).unwrap();
    assert_eq!(bson::deserialize_from_slice::<Product>(&bytes).unwrap(), lamp());
}

#[test]
fn the_news_of_a_product_tells_a_letter_all_it_needs() {
    let created = Created::new(lamp(), &launch(listing()));
    let told = bson::serialize_to_document(&created).unwrap();
    for field in [
        "productId",
        "sellerId",
        "email",
        "fullName",
        "listing",
        "createdAt",
    ] {
        assert!(told.contains_key(field), "{field} in {told}");
    }
}

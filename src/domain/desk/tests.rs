//! The rules of a desk, and the figures that come of them whatever the order of events.

use proptest::prelude::*;

use super::*;
use crate::domain::entity::RowWrite;
use crate::domain::money::{Currency, Money};
use crate::domain::order::Status;
use crate::domain::time::Timestamp;

const NOW: Circumstances = Circumstances {
    now: Timestamp::from_millis(1_700_000_000_000),
    by: None,
};

fn id(n: u8) -> Id {
    Id::from_bytes([n; 12])
}

fn sale(order: u8, version: u64, status: Status) -> Sale {
    let sold = |product: u8, quantity: u64, minor| Sold {
        product: id(product),
        title: format!("Lamp {product}"),
        quantity,
        total: Money::of_minor(minor, Currency::Inr).into(),
    };
    Sale {
        seller: id(9),
        order: id(order),
        version,
        status,
        refunded: false,
        created_at: NOW.now,
        lines: vec![sold(1, 2, 300), sold(2, 1, 1_000)],
    }
}

fn asked(desk: Option<&Desk>, command: &Command) -> Result<Option<Desk>, Refusal> {
    let decision = Desk::decide(desk, command, &NOW)?;
    Ok(decision.change.map(|change| change.state))
}

fn post(desk: Option<Desk>, sale: &Sale) -> Option<Desk> {
    let posted = asked(desk.as_ref(), &Command::Post(Box::new(sale.clone()))).unwrap();
    posted.or(desk)
}

fn posted(sales: &[Sale]) -> Desk {
    sales.iter().fold(None, post).unwrap()
}

fn figures(desk: &Desk) -> (u64, u64, Vec<Money>) {
    let Sums {
        sales,
        orders,
        revenue,
    } = desk.sums.clone();
    (sales, orders, revenue.amounts().to_vec())
}

fn rupees(minor: i64) -> Vec<Money> {
    vec![Money::of_minor(minor, Currency::Inr)]
}

#[test]
fn only_what_is_paid_counts_and_what_is_cancelled_leaves_the_sums() {
    let mut desk = posted(&[sale(1, 2, Status::Pending)]);
    assert_eq!(figures(&desk), (0, 0, vec![]));
    desk = post(Some(desk), &sale(1, 4, Status::Confirmed)).unwrap();
    assert_eq!(figures(&desk), (3, 1, rupees(1_300)));
    desk = post(Some(desk), &sale(1, 5, Status::Shipped)).unwrap();
    assert_eq!(figures(&desk), (3, 1, rupees(1_300)));
    desk = post(Some(desk), &sale(1, 6, Status::Cancelled)).unwrap();
    assert_eq!(figures(&desk), (0, 0, vec![]));
    assert_eq!((desk.days().count(), desk.products().count()), (0, 0));
    let standing = [None, Some(Status::Cancelled), Some(Status::Shipped)];
    assert_eq!(standing.map(|status| desk.standing.count(status)), [1, 1, 0]);
}

#[test]
fn an_order_that_is_posted_again_changes_nothing() {
    let desk = posted(&[sale(1, 4, Status::Confirmed)]);
    for again in [sale(1, 4, Status::Confirmed), sale(1, 2, Status::Pending)] {
        assert_eq!(asked(Some(&desk), &Command::Post(Box::new(again))), Ok(None));
    }
}

#[test]
fn money_that_goes_back_leaves_the_revenue_and_the_pieces_stay_sold() {
    let refunded = Sale {
        refunded: true,
        ..sale(1, 5, Status::Delivered)
    };
    let back = posted(&[sale(1, 5, Status::Delivered), refunded.clone()]);
    assert_eq!(figures(&back), (3, 1, vec![]));
    // An event of the order that comes late does not bring the money back.
    let late = posted(&[
        refunded,
        sale(1, 4, Status::Shipped),
        sale(1, 6, Status::Delivered),
    ]);
    assert_eq!(figures(&late), (3, 1, vec![]));
}

#[test]
fn an_order_that_nobody_remembers_is_found_in_the_way() {
    let desk = posted(&[sale(1, 4, Status::Confirmed)]);
    let mut awake = Desk::bare(id(9));
    awake.sums = desk.sums.clone();
    (awake.days, awake.products) = (desk.days.clone(), desk.products.clone());
    let cancelled = Command::Post(Box::new(sale(1, 5, Status::Cancelled)));
    let rows = |desk: &Desk| {
        let decision = Desk::decide(Some(desk), &cancelled, &NOW).unwrap();
        decision.change.unwrap().rows
    };
    let row = rows(&awake).remove(0);
    assert!(
        matches!(row.write, RowWrite::Insert(_)),
        "the row must be absent: {row:?}"
    );
    let known = rows(&desk).remove(0);
    let RowWrite::Put(document) = known.write else {
        panic!("the row is known: {known:?}");
    };
    awake.absorb(SideRow {
        collection: DESK_ORDERS.name,
        document: &document,
    });
    assert_eq!(asked(Some(&awake), &cancelled), Ok(None), "it says so already");
}

#[test]
fn days_and_products_survive_the_store() {
    let mut desk = posted(&[sale(1, 4, Status::Confirmed), sale(2, 3, Status::Confirmed)]);
    let command = Command::Post(Box::new(sale(3, 3, Status::Confirmed)));
    let change = Desk::decide(Some(&desk), &command, &NOW).unwrap().change.unwrap();
    for row in &change.rows {
        if let RowWrite::Put(document) | RowWrite::Insert(document) = &row.write {
            let collection = row.collection.name;
            desk.absorb(SideRow { collection, document });
        }
    }
    assert_eq!(desk.days, change.state.days);
    assert_eq!(desk.products, change.state.products);
    assert_eq!(desk.postings, change.state.postings);
}

#[test]
fn the_series_ends_today_and_the_best_stand_first() {
    let desk = posted(&[sale(1, 4, Status::Confirmed)]);
    let shown = desk.figures(Day::of(NOW.now), 1);
    assert_eq!(shown.series.len(), 30);
    let last = shown.series.last().unwrap();
    assert_eq!(
        (last.day.to_string().as_str(), last.sums.sales),
        ("2023-11-14", 3)
    );
    assert_eq!(shown.series[0].day.to_string(), "2023-10-16");
    assert_eq!((shown.top.len(), shown.top[0].product), (1, id(1)));
}

#[test]
fn settings_have_a_version_of_their_own() {
    let configure = |low_stock_at, if_match: Option<u64>| Command::Configure {
        seller: id(9),
        change: Change {
            low_stock_at: Some(low_stock_at),
            ..Change::default()
        },
        if_match: if_match.map(|version| vec![version]),
    };
    let desk = asked(None, &configure(7, Some(0))).unwrap().unwrap();
    assert_eq!((desk.settings.low_stock_at, desk.settings.revision), (7, 1));
    let desk = post(Some(desk), &sale(1, 4, Status::Confirmed)).unwrap();
    assert_eq!(asked(Some(&desk), &configure(7, None)), Ok(None));
    let stale = asked(Some(&desk), &configure(8, Some(0)));
    assert_eq!(stale, Err(Refusal::Changed { current: 1 }));
    let far = asked(Some(&desk), &configure(u64::MAX, None));
    assert_eq!(far, Err(Refusal::OutOfRange));
}

proptest! {
    /// Histories of three orders, told in any order and as often as one likes: as long as the
    /// newest of each was told, the sums are what the newest of each come to.
    #[test]
    fn disorder_and_repetition_do_no_harm(told in proptest::collection::vec((0..3u8, 0..5usize), 0..60)) {
        let history = [
            Status::Pending,
            Status::Confirmed,
            Status::Shipped,
            Status::Delivered,
            Status::Cancelled,
        ];
        let sale_at = |(order, step): (u8, usize)| {
            let mut sale = sale(order + 1, step as u64 + 2, history[step]);
            sale.lines[0].quantity += u64::from(order);
            sale
        };
        let desk = told.iter().copied().map(sale_at).fold(None, |desk, sale| post(desk, &sale));
        let newest = (0..3u8).filter_map(|order| told.iter().copied().filter(|one| one.0 == order).max());
        let counted: Vec<_> = newest.map(sale_at).filter(|sale| (3..6).contains(&sale.version)).collect();
        let expected = counted.iter().fold(None, post).map(|desk| figures(&desk));
        let found = desk.map(|desk| figures(&desk));
        prop_assert_eq!(found.unwrap_or_default(), expected.unwrap_or_default());
    }
}

//! P6: whatever many ask of one cart or of one stock at the same time, they hear as if they had
//! asked one after the other, each between his question and his answer. Requests that nobody
//! heard the end of, because their client went away or the plug was pulled, are part of it.
//!
//! `BAZAAR_HISTORY=long` records 5 000 operations for each of 16 clients, and pulls the plug twenty
//! times.

mod cart;
mod recording;
mod stock;
mod wgl;

use self::cart::{Cart, Contents};
use self::recording::{CLIENTS, Course, Recording, Subject};
use self::stock::{Shelf, Stock};
use self::wgl::{History, Model, NoOrder, Operation, check};
use crate::binary::Binary;
use crate::power::Server;

const ON_HAND: u64 = 40;

fn is_long() -> bool {
    std::env::var("BAZAAR_HISTORY").is_ok_and(|form| form == "long")
}

fn course(impatient: u64) -> Course {
    Course {
        each: if is_long() { 5_000 } else { 30 },
        impatient: if is_long() { impatient * 20 } else { impatient },
        seed: 1,
    }
}

/// So often is the plug pulled.
fn plugs() -> u64 {
    if is_long() { 20 } else { 1 }
}

/// So little that every order can be tried, however much of it happened at once.
fn short() -> Course {
    Course {
        each: 12,
        ..course(0)
    }
}

/// Records what happens, with the plug pulled so often in the course of it.
async fn record<S: Subject>(
    (server, mut binary): (Server, Binary),
    subject: impl AsyncFnOnce(&Server) -> (S, String),
    course: Course,
    plugs: u64,
) -> History<S> {
    let (subject, token) = subject(&server).await;
    let recording = Recording::of(subject);
    let mut answers = recording.answers.subscribe();
    let power = async {
        for plug in 1..=plugs {
            let many = course.each * CLIENTS * plug / (plugs + 1);
            let waited = answers.wait_for(|answers| *answers >= many).await.is_ok();
            assert!(waited, "clients go on to the end");
            binary = server.pull_the_plug(binary).await;
            recording.is_another_server();
        }
        binary
    };
    let ((), binary) = futures_util::join!(recording.play(&server, &token, &course), power);
    binary.kill().await;
    let history = recording.history();
    let unknown = history.iter().filter(|one| one.heard.is_none()).count();
    println!(
        "{} operations, {unknown} of them without an answer",
        history.len()
    );
    history
}

/// Records what happens where everybody hears his answer: what was never heard of would explain
/// too much. It is the checker that is looked at here, so the store is always the embedded one.
async fn record_to_doctor<S: Subject>(subject: impl AsyncFnOnce(&Server) -> (S, String)) -> History<S> {
    let history = record(Server::start_with("").await, subject, short(), 0).await;
    assert!(
        history.iter().all(|one| one.heard.is_some()),
        "somebody was not answered, although nothing was wrong"
    );
    history
}

async fn a_cart(server: &Server) -> (Cart, String) {
    let seller = server.register("cleo", "seller").await;
    let mut products = Vec::new();
    for _ in 0..3 {
        products.push(server.put_up(&seller, 1_000_000).await);
    }
    (Cart { products }, server.register("anna", "user").await)
}

async fn a_stock(server: &Server) -> (Stock, String) {
    let seller = server.register("cleo", "seller").await;
    let product = server.put_up(&seller, ON_HAND).await;
    (Stock { product }, server.admin().await)
}

fn shelf() -> Shelf {
    Shelf {
        version: 1,
        on_hand: ON_HAND,
        ..Shelf::default()
    }
}

#[actix_web::test]
async fn a_cart_answers_as_if_everybody_waited_for_his_turn() {
    let history = record(Server::start().await, a_cart, course(40), plugs()).await;
    assert_eq!(check::<Cart>(Contents::default(), &history), Ok(()));
}

#[actix_web::test]
async fn a_stock_answers_as_if_everybody_waited_for_his_turn() {
    let history = record(Server::start().await, a_stock, course(100), plugs()).await;
    assert_eq!(check::<Stock>(shelf(), &history), Ok(()));
}

/// The place of an operation that was so: one in the thick of it if there is one, or else one of
/// the coda. What is asked for must be such that no order of the others can explain its absence,
/// however they happened to overlap.
fn one<A, H>(history: &[Operation<A, H>], so: impl Fn(&Operation<A, H>, &H) -> bool) -> usize {
    let is_so = |one: &Operation<A, H>| one.heard.as_ref().is_some_and(|(_, heard)| so(one, heard));
    let in_the_thick = history[..history.len() * 2 / 3].iter().rposition(is_so);
    let found = in_the_thick.or_else(|| history.iter().rposition(is_so));
    found.expect("a history in which that happens")
}

/// Insists that a history that was doctored like this is found out.
fn must_be_impossible<M: Model>(start: M::State, what: &str, doctored: &History<M>) {
    let found = check::<M>(start, doctored);
    assert!(
        matches!(found, Err(NoOrder::Impossible(_))),
        "nobody notices {what}: {found:?}"
    );
}

#[actix_web::test]
async fn a_doctored_history_of_a_cart_is_found_out() {
    use self::cart::{Asked, Heard};
    let history = record_to_doctor(a_cart).await;
    assert_eq!(check::<Cart>(Contents::default(), &history), Ok(()));
    let found_out = |what: &str, doctor: &dyn Fn(&mut History<Cart>)| {
        let mut doctored = history.clone();
        doctor(&mut doctored);
        must_be_impossible::<Cart>(Contents::default(), what, &doctored);
    };
    let version = |heard: &Heard| match heard {
        Heard::Contents(seen) => seen.version,
        Heard::NotInCart => 0,
    };
    // Nobody else can have made this version of the cart.
    let alone = |heard: &Heard| {
        let others = history.iter().filter(|one| !matches!(one.asked, Asked::Read));
        let same = others.filter_map(|one| {
            one.heard
                .as_ref()
                .filter(|(_, its)| version(its) == version(heard))
        });
        version(heard) > 0 && same.count() == 1
    };
    let is_add = |one: &Operation<Asked, Heard>| matches!(one.asked, Asked::Add(..));
    found_out("that an add is lost", &|history| {
        history.remove(one(history, |one, heard| is_add(one) && alone(heard)));
    });
    found_out("that an add takes effect twice", &|history| {
        let add = one(history, |one, _| is_add(one));
        if let Asked::Add(_, quantity) = &mut history[add].asked {
            *quantity *= 2;
        }
    });
    found_out("that somebody sees what was long ago", &|history| {
        let changed = history.iter().filter_map(|one| one.heard.as_ref());
        let changed = changed.filter(|(_, heard)| version(heard) > 0).map(|(at, _)| *at);
        let first = changed.min().expect("something changes");
        let late = one(history, |one, _| {
            matches!(one.asked, Asked::Read) && one.called > first
        });
        if let Some((_, heard)) = &mut history[late].heard {
            *heard = Heard::Contents(Contents::default());
        }
    });
    found_out("that an answer comes before its question", &|history| {
        let late = one(history, |one, heard| is_add(one) && version(heard) > CLIENTS);
        let operation = &mut history[late];
        operation.called = 0;
        if let Some((at, _)) = &mut operation.heard {
            *at = 1;
        }
    });
    found_out("that a line is still there", &|history| {
        let removed = one(history, |one, heard| {
            matches!(one.asked, Asked::Remove(_)) && alone(heard)
        });
        if let Some((_, heard)) = &mut history[removed].heard {
            *heard = Heard::NotInCart;
        }
    });
}

#[actix_web::test]
async fn a_doctored_history_of_a_stock_is_found_out() {
    use self::stock::{Asked, Heard};
    let history = record_to_doctor(a_stock).await;
    assert_eq!(check::<Stock>(shelf(), &history), Ok(()));
    let found_out = |what: &str, doctor: &dyn Fn(&mut History<Stock>)| {
        let mut doctored = history.clone();
        doctor(&mut doctored);
        must_be_impossible::<Stock>(shelf(), what, &doctored);
    };
    // The last answer of the coda counts all that was kept and delivered, in whichever order.
    found_out("that one more is kept than there are", &|history| {
        let short = one(history, |_, heard| matches!(heard, Heard::Short { .. }));
        if let Some((_, heard)) = &mut history[short].heard {
            *heard = Heard::Done;
        }
    });
    found_out("that a delivery is lost", &|history| {
        history.remove(one(history, |one, heard| {
            matches!((&one.asked, heard), (Asked::Adjust(3..), Heard::Count { .. }))
        }));
    });
    found_out("that a number is wrong", &|history| {
        let read = one(history, |one, _| matches!(one.asked, Asked::Read));
        if let Some((_, Heard::Count { reserved, .. })) = &mut history[read].heard {
            *reserved += 1_000;
        }
    });
}

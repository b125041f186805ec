//! What does it cost, over HTTP, that an answer is durable, and that everybody wants the same? Each
//! figure stands beside another one of the same run: adds to carts beside a route that checks the
//! same token and reads the same JSON and answers a constant; one cart beside ten thousand; orders
//! for one product beside orders for ten thousand. Server and load share the machine.

mod figures;
#[expect(dead_code, reason = "another bench needs the rest of it")]
#[path = "support/load.rs"]
mod load;
#[expect(dead_code, reason = "another bench needs the rest of it")]
#[path = "support/stall.rs"]
mod stall;

use std::time::Instant;

use actix_web::HttpResponse;
use actix_web::web::{self, ServiceConfig};
use bazaar::http::body::Body;
use bazaar::http::caller::Buyer;
use bazaar::http::cart::NewItem;

use figures::Figures;
use load::request;
use stall::Stall;

const CONSTANT: &str = r#"{"cart":{"items":[]},"totals":{"itemCount":1,"totalQuantity":1}}"#;
/// A line of a cart holds 10 000: a cart that everybody adds to is emptied in time.
const ADDS_TO_A_LINE: usize = 2_000;
/// So many ask at the same time.
const CONNECTIONS: usize = 256;

/// How much is asked.
struct Form {
    carts: usize,
    asks: usize,
    orders: usize,
    rounds: usize,
}

/// The route that everything is held against.
async fn constant(_: Buyer, _: Body<NewItem>) -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").body(CONSTANT)
}

fn more(server: &mut ServiceConfig) {
    server.route("/constant", web::post().to(constant));
}

fn main() {
    let small = !std::env::args().any(|argument| argument == "--bench");
    let form = if small {
        Form {
            carts: 20,
            asks: 200,
            orders: 20,
            rounds: 1,
        }
    } else {
        Form {
            carts: 10_000,
            asks: 60_000,
            orders: 10_000,
            rounds: 3,
        }
    };
    let mut bench = Bench {
        stall: Stall::open(CONNECTIONS, more),
        figures: Figures::default(),
    };
    for _ in 0..form.rounds {
        bench.carts(&form);
        bench.orders(&form);
    }
    let figures = &bench.figures;
    figures.compare("adds to many carts", "a constant", Some(0.5));
    figures.compare("adds to one cart", "adds to many carts", Some(0.9));
    figures.compare("orders for one product", "orders for many products", Some(0.8));
    bench.stall.close();
}

struct Bench {
    stall: Stall,
    figures: Figures,
}

impl Bench {
    fn timed(&self, name: &str, counted: usize, asks: Vec<Vec<u8>>) {
        self.figures.time(name, counted as u64, || {
            self.stall.ask_all(asks);
        });
    }

    fn carts(&mut self, form: &Form) {
        self.stall.put_up(1);
        let item = self.stall.item(0);
        let buyers: Vec<_> = (0..form.carts).map(|_| self.stall.buyer()).collect();
        let to = |path: &str, buyer: usize| request("POST", path, &buyers[buyer], &item);
        let many = |path: &str| -> Vec<_> { (0..form.asks).map(|n| to(path, n % form.carts)).collect() };
        self.timed("a constant", form.asks, many("/constant"));
        self.timed("adds to many carts", form.asks, many("/api/cart/items"));
        let empty = request("DELETE", "/api/cart", &buyers[0], "");
        let one = (0..form.asks).map(|n| match n % ADDS_TO_A_LINE {
            0 => empty.clone(),
            _ => to("/api/cart/items", 0),
        });
        self.timed("adds to one cart", form.asks, one.collect());
    }

    fn orders(&mut self, form: &Form) {
        self.stall.put_up(form.orders);
        for (name, hot) in [
            ("orders for many products", false),
            ("orders for one product", true),
        ] {
            let buyers = self.stall.queue(form.orders, |n| if hot { 0 } else { n });
            let orders = buyers
                .iter()
                .map(|buyer| request("POST", "/api/orders", buyer, "{}"));
            let started = Instant::now();
            self.timed(name, form.orders, orders.collect());
            println!("{name}: {} in {:?}", form.orders, started.elapsed());
        }
    }
}

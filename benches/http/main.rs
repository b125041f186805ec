//! What does it cost, over HTTP, that an answer is durable, and that everybody wants the same? Each
//! figure stands beside another one of the same run: adds to carts beside a route that checks the
//! same token and reads the same JSON and answers a constant; one cart beside ten thousand; orders
//! for one product beside orders for ten thousand. Server and load share the machine.

#[path = "../figures/mod.rs"]
mod figures;
mod load;

use std::net::SocketAddr;
use std::time::Instant;

use actix_web::HttpResponse;
use actix_web::web::{self, ServiceConfig};
use bazaar::clock::{Chance, Clock};
use bazaar::config::{Config, Sources};
use bazaar::domain::account::{Role, SessionId};
use bazaar::http::body::Body;
use bazaar::http::caller::Buyer;
use bazaar::http::cart::NewItem;
use bazaar::services::tokens::{Claims, Tokens};
use bazaar::supervisors::runtime::Runtime;

use self::figures::Figures;
use self::load::{Load, request};

const SECRET: &str = "a secret that server and load both know of";
const CONSTANT: &str = r#"{"cart":{"items":[]},"totals":{"itemCount":1,"totalQuantity":1}}"#;
/// A line of a cart holds 10 000: a cart that everybody adds to is emptied in time.
const ADDS_TO_A_LINE: usize = 5_000;

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
    let folder = tempfile::tempdir().expect("the machine gives a folder");
    let config = config(folder.path());
    let (address, started) = std::sync::mpsc::channel();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let server = std::thread::spawn(move || {
        actix_rt::System::new().block_on(async {
            let time = (Clock::system(), Chance::unforeseeable());
            let runtime = Runtime::start_with(&config, time, more).await;
            let runtime = runtime.expect("the shop opens");
            address.send(runtime.addresses()[0]).expect("somebody asks");
            let _ = stopped.await;
            runtime.stop().await;
        });
    });
    let address = started.recv().expect("the shop opens");
    let figures = Figures::default();
    let mut bench = Bench::new(address, &figures);
    for _ in 0..form.rounds {
        bench.carts(&form);
        bench.orders(&form);
    }
    figures.compare("adds to many carts", "a constant", Some(0.5));
    figures.compare("adds to one cart", "adds to many carts", Some(0.9));
    figures.compare("orders for one product", "orders for many products", Some(0.8));
    drop(bench);
    stop.send(()).expect("the shop is open");
    server.join().expect("the shop closes");
}

fn config(folder: &std::path::Path) -> Config {
    let data = folder.join("data").display().to_string();
    let settings = [
        ("server.port", "0"),
        ("server.drain_ms", "0"),
        ("store.data_dir", data.as_str()),
        ("auth.bcrypt_cost", "4"),
        ("auth.jwt_secret", SECRET),
        ("limits.enabled", "false"),
        ("log.level", "warn"),
        ("demo.seed", "false"),
    ];
    let mut sources = Sources {
        folder: folder.to_owned(),
        ..Sources::default()
    };
    for (key, value) in settings {
        sources = sources.flag("of the bench", key, Some(value));
    }
    Config::load(&sources).expect("the settings are right")
}

struct Bench<'a> {
    load: Load,
    figures: &'a Figures,
    tokens: Tokens,
    chance: Chance,
    seller: String,
    products: Vec<String>,
}

impl<'a> Bench<'a> {
    fn new(address: SocketAddr, figures: &'a Figures) -> Self {
        let lifetime = std::time::Duration::from_hours(24);
        let tokens = Tokens::new(SECRET.as_bytes(), lifetime, Clock::system());
        let mut bench = Self {
            load: Load::on(address),
            figures,
            tokens: tokens.expect("tokens can be made"),
            chance: Chance::unforeseeable(),
            seller: String::new(),
            products: Vec::new(),
        };
        bench.seller = bench.register_a_seller();
        bench
    }

    /// A seller has an account; buyers need no more than a token.
    fn register_a_seller(&self) -> String {
        let body = r#"{"email":"cleo@example.com","password":"a good secret","role":"seller"}"#;
        let register = request("POST", "/api/auth/register", "", body);
        let answers = self.load.ask_all(vec![register]);
        field(&answers[0], "\"token\":\"")
    }

    fn buyer(&self) -> String {
        let now = Clock::system().now();
        let claims = Claims {
            id: self.chance.id(now),
            email: "anna@example.com".to_owned(),
            username: "anna".to_owned(),
            role: Role::User,
            jti: SessionId {
                epoch: 0,
                chance: self.chance.bytes(),
            },
            iat: now.millis() / 1_000,
            exp: now.millis() / 1_000 + 3_600,
        };
        self.tokens.issue(&claims).expect("tokens can be made")
    }

    /// Puts products up until there are so many.
    fn put_up(&mut self, many: usize) {
        let body = r#"{"title":"Tent","price":{"amount":99.5,"currency":"INR"},"stock":10000000}"#;
        let missing = many.saturating_sub(self.products.len());
        let asks = (0..missing).map(|_| request("POST", "/api/products", &self.seller, body));
        let answers = self.load.ask_all(asks.collect());
        let ids = answers.iter().map(|answer| field(answer, "\"id\":\""));
        self.products.extend(ids);
    }

    fn item(&self, product: usize) -> String {
        format!(r#"{{"productId":"{}","quantity":1}}"#, self.products[product])
    }

    fn timed(&self, name: &str, counted: usize, asks: Vec<Vec<u8>>) {
        self.figures.time(name, counted as u64, || {
            self.load.ask_all(asks);
        });
    }

    fn carts(&mut self, form: &Form) {
        self.put_up(1);
        let item = self.item(0);
        let buyers: Vec<_> = (0..form.carts).map(|_| self.buyer()).collect();
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
        self.put_up(form.orders);
        for (name, hot) in [
            ("orders for many products", false),
            ("orders for one product", true),
        ] {
            let buyers: Vec<_> = (0..form.orders).map(|_| self.buyer()).collect();
            let adds = buyers.iter().enumerate().map(|(n, buyer)| {
                let item = self.item(if hot { 0 } else { n });
                request("POST", "/api/cart/items", buyer, &item)
            });
            self.load.ask_all(adds.collect());
            let orders = buyers
                .iter()
                .map(|buyer| request("POST", "/api/orders", buyer, "{}"));
            let started = Instant::now();
            self.timed(name, form.orders, orders.collect());
            println!("{name}: {} in {:?}", form.orders, started.elapsed());
        }
    }
}

fn field(answer: &str, before: &str) -> String {
    let (_, rest) = answer
        .split_once(before)
        .unwrap_or_else(|| panic!("no {before} in {answer}"));
    rest.split('"').next().unwrap_or_default().to_owned()
}

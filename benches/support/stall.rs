//! A shop in the process of a bench, its seller, and its buyers, who need no more than a token.

use std::net::SocketAddr;
use std::thread::JoinHandle;
use std::time::Duration;

use actix_web::web::ServiceConfig;
use bazaar::clock::{Chance, Clock};
use bazaar::config::{Config, Sources};
use bazaar::domain::account::{Role, SessionId};
use bazaar::services::tokens::{Claims, Tokens};
use bazaar::supervisors::runtime::Runtime;
use tempfile::TempDir;
use tokio::sync::oneshot;

use crate::load::{Asked, Load, request};

const SECRET: &str = "a secret that server and load both know of";

/// A shop that is open.
pub(crate) struct Stall {
    pub(crate) address: SocketAddr,
    /// What has been put up.
    pub(crate) products: Vec<String>,
    load: Load,
    tokens: Tokens,
    chance: Chance,
    seller: String,
    stop: oneshot::Sender<()>,
    server: JoinHandle<()>,
    _folder: TempDir,
}

impl Stall {
    /// Opens one with these routes beside its own, asked over so many connections.
    pub(crate) fn open(connections: usize, more: fn(&mut ServiceConfig)) -> Self {
        let folder = tempfile::tempdir().expect("the machine gives a folder");
        let config = config(folder.path());
        let (address, started) = std::sync::mpsc::channel();
        let (stop, stopped) = oneshot::channel::<()>();
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
        let lifetime = Duration::from_hours(24);
        let tokens = Tokens::new(SECRET.as_bytes(), lifetime, Clock::system());
        let mut stall = Self {
            address,
            products: Vec::new(),
            load: Load::on(address, connections),
            tokens: tokens.expect("tokens can be made"),
            chance: Chance::unforeseeable(),
            seller: String::new(),
            stop,
            server,
            _folder: folder,
        };
        let body = r#"{"email":"cleo@example.com","password":"a good secret","role":"seller"}"#;
        let registered = stall.ask_all(vec![request("POST", "/api/auth/register", "", body)]);
        stall.seller = field(&registered[0].answer, "\"token\":\"");
        stall
    }

    /// Asks all of it. Each answer must be a 2xx.
    pub(crate) fn ask_all(&self, asks: Vec<Vec<u8>>) -> Vec<Asked> {
        self.load.ask_all(asks)
    }

    /// The token of somebody new who buys.
    pub(crate) fn buyer(&self) -> String {
        self.token(Role::User)
    }

    /// The token of somebody new in this role.
    pub(crate) fn token(&self, role: Role) -> String {
        let now = Clock::system().now();
        let claims = Claims {
            id: self.chance.id(now),
            email: "anna@example.com".to_owned(),
            username: "anna".to_owned(),
            role,
            jti: SessionId {
                epoch: 0,
                chance: self.chance.bytes(),
            },
            iat: now.millis() / 1_000,
            exp: now.millis() / 1_000 + 3_600,
        };
        self.tokens.issue(&claims).expect("tokens can be made")
    }

    /// An id that nothing has yet.
    pub(crate) fn new_id(&self) -> String {
        self.chance.id(Clock::system().now()).to_string()
    }

    /// Puts products up until there are so many.
    pub(crate) fn put_up(&mut self, many: usize) {
        let body = r#"{"title":"Tent","price":{"amount":99.5,"currency":"INR"},"stock":10000000}"#;
        let missing = many.saturating_sub(self.products.len());
        let asks = (0..missing).map(|_| request("POST", "/api/products", &self.seller, body));
        let asked = self.ask_all(asks.collect());
        let ids = asked.iter().map(|asked| field(&asked.answer, "\"id\":\""));
        self.products.extend(ids);
    }

    /// One piece of a product, as it is put into a cart.
    pub(crate) fn item(&self, product: usize) -> String {
        format!(r#"{{"productId":"{}","quantity":1}}"#, self.products[product])
    }

    /// Buyers with one piece of a product in the cart of each.
    pub(crate) fn queue(&self, buyers: usize, product: impl Fn(usize) -> usize) -> Vec<String> {
        let buyers: Vec<_> = (0..buyers).map(|_| self.buyer()).collect();
        let adds = buyers
            .iter()
            .enumerate()
            .map(|(n, buyer)| request("POST", "/api/cart/items", buyer, &self.item(product(n))));
        self.ask_all(adds.collect());
        buyers
    }

    /// Closes it.
    pub(crate) fn close(self) {
        drop(self.load);
        self.stop.send(()).expect("the shop is open");
        self.server.join().expect("the shop closes");
    }
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

/// What stands behind this in an answer, up to the next quotation mark.
pub(crate) fn field(answer: &str, before: &str) -> String {
    let (_, rest) = answer
        .split_once(before)
        .unwrap_or_else(|| panic!("no {before} in {answer}"));
    rest.split('"').next().unwrap_or_default().to_owned()
}

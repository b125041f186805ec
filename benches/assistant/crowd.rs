//! The silent ones: people with a socket each, who say nothing and answer when they are asked for a
//! sign of life.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bazaar::clock::Clock;
use bazaar::domain::account::{Role, SessionId};
use bazaar::domain::id::Id;
use bazaar::services::tokens::{Claims, Tokens};
use futures_util::StreamExt;
use futures_util::stream;
use serde_json::json;
use tokio::runtime::Builder;

use super::clients::{self, Clients};
use super::socket::Socket;

/// The kind of the process.
pub(crate) const KIND: &str = "crowd";
/// No process opens more sockets: 20 000 files are the limit of many a machine.
const OF_A_PROCESS: u64 = 5_000;
const AT_ONCE: usize = 64;
const DAY: Duration = Duration::from_hours(24);

/// A crowd, in as many processes as it takes.
pub(crate) struct Crowd(Vec<Clients>);

impl Crowd {
    /// So many people come in, each as a user of his own.
    pub(crate) fn gather(address: &str, secret: &str, many: u64, of_a_process: Option<u64>) -> Self {
        let each = of_a_process.unwrap_or(OF_A_PROCESS);
        let parts = (0..many).step_by(usize::try_from(each).expect("a small number"));
        let mut parts: Vec<_> = parts
            .map(|first| {
                let mut clients = Clients::start(KIND);
                let many = each.min(many - first);
                clients.tell(&json!({ "address": address, "secret": secret, "first": first, "many": many }));
                clients
            })
            .collect();
        let inside: u64 = parts.iter_mut().map(inside).sum();
        assert_eq!(inside, many, "everybody is let in");
        Self(parts)
    }

    /// How many are still there.
    pub(crate) fn inside(&mut self) -> u64 {
        self.0
            .iter_mut()
            .for_each(|clients| clients.tell(&json!("how many?")));
        self.0.iter_mut().map(inside).sum()
    }
}

fn inside(clients: &mut Clients) -> u64 {
    clients.hear().as_u64().expect("a number")
}

/// What the process does.
pub(crate) fn stand_by() {
    let told = clients::told().expect("somebody says what to do");
    let text = |name: &str| told[name].as_str().expect("a text").to_owned();
    let number = |name: &str| told[name].as_u64().expect("a number");
    let (address, first, many) = (text("address"), number("first"), number("many"));
    let tokens = Tokens::new(text("secret").as_bytes(), DAY, Clock::system()).expect("tokens");
    let inside = Arc::new(AtomicU64::new(0));
    let runtime = Builder::new_current_thread().enable_all().build();
    runtime.expect("the machine gives a thread").block_on(async {
        let coming = stream::iter(first..first + many).map(|n| {
            let (address, token) = (&address, token(&tokens, n));
            async move { Socket::open(address, &token).await }
        });
        let mut coming = coming.buffer_unordered(AT_ONCE);
        while let Some(mut socket) = coming.next().await {
            let inside = Arc::clone(&inside);
            inside.fetch_add(1, Ordering::Relaxed);
            tokio::spawn(async move {
                while socket.next().await.is_some() {}
                inside.fetch_sub(1, Ordering::Relaxed);
            });
        }
        clients::say(&json!(inside.load(Ordering::Relaxed)));
        while let Ok(Some(_)) = tokio::task::spawn_blocking(clients::told).await {
            clients::say(&json!(inside.load(Ordering::Relaxed)));
        }
    });
}

/// The token of the n-th user, whom nobody has registered: whoever says nothing needs no account.
fn token(tokens: &Tokens, n: u64) -> String {
    let mut id = [0xc0; 12];
    id[4..].copy_from_slice(&n.to_be_bytes());
    let now = Clock::system().now().seconds();
    let claims = Claims {
        id: Id::from_bytes(id),
        email: format!("silent-{n}@example.com"),
        username: format!("silent-{n}"),
        role: Role::User,
        jti: SessionId { epoch: 0, chance: id },
        iat: now,
        exp: now + i64::try_from(DAY.as_secs()).expect("a day is short"),
    };
    tokens.issue(&claims).expect("a token can be made")
}

//! Who is signed in and who is not any more: what ends a session ends it on every runtime, from
//! the moment on at which somebody hears that it is over.

use std::sync::Arc;

use bazaar::actors::accounts::{Accounts, Applicant};
use bazaar::actors::ask::Ask;
use bazaar::actors::engine::Bounds;
use bazaar::clock::Chance;
use bazaar::domain::account::{Command, FullName, PasswordHash, Profile, Role, SessionId};
use bazaar::domain::id::Id;
use bazaar::services::redis::Redis;
use bazaar::services::sessions::Sessions;
use bazaar::services::tokens::Claims;
use bazaar::store::{Store, Unavailable};
use futures_util::future::join_all;

use super::support::faulty::{Faulty, Weather};
use super::support::node::{DAWN, Node, on_one_thread};

const DAY: std::time::Duration = std::time::Duration::from_hours(24);

/// One runtime with its accounts.
#[derive(Clone)]
pub(crate) struct Desk {
    pub(crate) accounts: Accounts,
    sessions: Arc<Sessions>,
}

impl Desk {
    pub(crate) async fn open(store: &Faulty, seed: u64) -> Self {
        Self::with_redis(store, seed, None).await
    }

    async fn with_redis(store: &Faulty, seed: u64, redis: Option<Redis>) -> Self {
        let store: Arc<dyn Store> = Arc::new(store.clone());
        let node = Node::here(Arc::clone(&store), Bounds::default(), seed);
        let (sessions, answering) = Sessions::new(&store, redis);
        tokio::task::spawn_local(answering);
        sessions.load(&*store, node.engine.clock.now()).await.unwrap();
        let sessions = Arc::new(sessions);
        Self {
            accounts: Accounts::new(node.engine, Arc::clone(&sessions)),
            sessions,
        }
    }

    async fn register(&self, name: &str) -> Profile {
        let engine = self.accounts.owners().engine();
        let id = engine.id();
        let applicant = Applicant {
            email: format!("{name}@example.com").parse().unwrap(),
            username: None,
            full_name: FullName::default(),
            role: Role::User,
            password: PasswordHash::new("a hash".into()),
        };
        let command = Command::Register(self.accounts.registration(id, applicant));
        let ask = Ask::new(command, engine.now(None));
        self.accounts.ask(id, ask).await.unwrap().reply.profile
    }

    async fn ask(&self, id: Id, command: Command) {
        let ask = Ask::new(command, self.accounts.owners().engine().now(Some(id)));
        self.accounts.ask(id, ask).await.unwrap();
    }

    async fn log_out(&self, claims: &Claims) {
        let command = Command::Logout {
            session: claims.jti,
            until: claims.end(),
        };
        self.ask(claims.id, command).await;
    }

    async fn set_role(&self, id: Id, role: Role) {
        self.ask(id, Command::SetRole { role }).await;
    }

    async fn is_live(&self, claims: &Claims) -> Result<bool, Unavailable> {
        self.sessions.is_live(claims).await
    }
}

fn claims(of: &Profile, epoch: u64, n: u8) -> Claims {
    let iat = DAWN.seconds();
    Claims {
        id: of.id,
        email: of.email.to_string(),
        username: of.username.clone(),
        role: of.role,
        jti: SessionId {
            epoch,
            chance: [n; 12],
        },
        iat,
        exp: iat + 86_400,
    }
}

#[test]
fn a_store_of_its_own_is_asked_nothing_about_sessions() {
    on_one_thread(async {
        let store = Faulty::new();
        let desk = Desk::open(&store, 1).await;
        let anna = desk.register("anna").await;
        let (here, there) = (claims(&anna, 0, 1), claims(&anna, 0, 2));
        desk.log_out(&here).await;
        store.unreadable(usize::MAX);
        assert_eq!(desk.is_live(&here).await, Ok(false));
        assert_eq!(desk.is_live(&there).await, Ok(true), "another session goes on");
    });
}

#[test]
fn a_runtime_that_starts_knows_what_was_over_before() {
    on_one_thread(async {
        let store = Faulty::new();
        let before = Desk::open(&store, 1).await;
        let (anna, bert) = (before.register("anna").await, before.register("bert").await);
        before.log_out(&claims(&anna, 0, 1)).await;
        before.set_role(bert.id, Role::Seller).await;
        let after = Desk::open(&store, 2).await;
        assert_eq!(after.is_live(&claims(&anna, 0, 1)).await, Ok(false));
        assert_eq!(after.is_live(&claims(&anna, 0, 2)).await, Ok(true));
        assert_eq!(after.is_live(&claims(&bert, 0, 1)).await, Ok(false));
        assert_eq!(after.is_live(&claims(&bert, 1, 1)).await, Ok(true));
    });
}

/// How long tokens are good is a setting, and may have been a longer one when they were made.
#[test]
fn what_ended_with_a_role_never_comes_back() {
    on_one_thread(async {
        let store = Faulty::new();
        let desk = Desk::open(&store, 1).await;
        let bert = desk.register("bert").await;
        desk.set_role(bert.id, Role::Seller).await;
        let in_a_year = DAWN.after(DAY * 365);
        assert_eq!(desk.sessions.forget_expired(in_a_year), 0);
        assert_eq!(desk.is_live(&claims(&bert, 0, 1)).await, Ok(false));
        let shared: Arc<dyn Store> = Arc::new(store.clone());
        let (later, _) = Sessions::new(&shared, None);
        later.load(&store, in_a_year).await.unwrap();
        assert_eq!(later.is_live(&claims(&bert, 0, 1)).await, Ok(false));
    });
}

#[test]
fn what_one_runtime_ends_is_over_on_another_at_once() {
    on_one_thread(async {
        let store = Faulty::new().shared(true);
        let (one, other) = (Desk::open(&store, 1).await, Desk::open(&store, 2).await);
        let anna = one.register("anna").await;
        let sessions: Vec<_> = (0..9).map(|n| claims(&anna, 0, n)).collect();
        for session in &sessions {
            assert_eq!(other.is_live(session).await, Ok(true));
        }
        one.log_out(&sessions[0]).await;
        assert_eq!(other.is_live(&sessions[0]).await, Ok(false));
        assert_eq!(other.is_live(&sessions[1]).await, Ok(true));
        one.set_role(anna.id, Role::Seller).await;
        let asked = sessions.iter().map(|session| other.is_live(session));
        assert_eq!(join_all(asked).await, vec![Ok(false); 9]);
        assert_eq!(other.is_live(&claims(&anna, 1, 0)).await, Ok(true));
    });
}

#[test]
fn a_shared_store_that_does_not_answer_lets_nobody_in() {
    on_one_thread(async {
        let store = Faulty::new().shared(true);
        let desk = Desk::open(&store, 1).await;
        let anna = desk.register("anna").await;
        store.unreadable(1);
        assert!(desk.is_live(&claims(&anna, 0, 1)).await.is_err());
        assert_eq!(
            desk.is_live(&claims(&anna, 0, 1)).await,
            Ok(true),
            "and then it does"
        );
    });
}

#[test]
fn a_redis_that_is_not_there_changes_nothing() {
    on_one_thread(async {
        let store = Faulty::new().shared(true);
        // Nobody listens at the discard port.
        let redis = Redis::at("redis://127.0.0.1:9").unwrap();
        let desk = Desk::with_redis(&store, 1, Some(redis)).await;
        let anna = desk.register("anna").await;
        let session = claims(&anna, 0, 1);
        assert_eq!(desk.is_live(&session).await, Ok(true));
        desk.log_out(&session).await;
        assert_eq!(desk.is_live(&session).await, Ok(false));
    });
}

/// After the answer to a logout no use of the token succeeds, wherever it is tried; and no use
/// fails before somebody asked for the logout.
#[test]
fn a_token_is_dead_everywhere_from_the_moment_its_logout_is_answered() {
    let seeds = std::env::var("BAZAAR_TEST_SEEDS")
        .ok()
        .and_then(|seeds| seeds.parse().ok());
    for seed in 0..seeds.unwrap_or(50) {
        for shared in [false, true] {
            println!("seed {seed}, shared {shared}");
            on_one_thread(interleave(seed, shared));
        }
    }
}

async fn interleave(seed: u64, shared: bool) {
    let chance = Chance::seeded(seed);
    let weather = Weather {
        delay_millis_max: 20,
        ..Weather::default()
    };
    let store = Faulty::new().shared(shared).weather(weather, chance.clone());
    let mut desks = vec![Desk::open(&store, seed).await];
    if shared {
        desks.push(Desk::open(&store, seed + 1_000_000).await);
    }
    let anna = desks[0].register("anna").await;
    let sessions = (0..8).map(|n| {
        let (desks, claims, chance) = (desks.clone(), claims(&anna, 0, n), chance.clone());
        async move {
            let desk = |n: u64| &desks[usize::try_from(n).unwrap() % desks.len()];
            let pause = || tokio::time::sleep(std::time::Duration::from_millis(chance.below(30)));
            for _ in 0..chance.below(6) {
                pause().await;
                assert_eq!(
                    desk(chance.below(2)).is_live(&claims).await,
                    Ok(true),
                    "before the logout"
                );
            }
            let during = async {
                for n in 0..4 {
                    pause().await;
                    // Under way it may be so or so, but nobody is left without an answer.
                    desk(n).is_live(&claims).await.unwrap();
                }
            };
            tokio::join!(desk(chance.below(2)).log_out(&claims), during);
            for n in 0..4 {
                assert_eq!(desk(n).is_live(&claims).await, Ok(false), "after the logout");
                pause().await;
            }
        }
    });
    join_all(sessions).await;
}

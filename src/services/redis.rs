//! The way to Redis: connected when it is first needed and again whenever it is lost. What Redis
//! says is a help and never the only truth, so a question has a short deadline and may go
//! unanswered.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::{Client, FromRedisValue, RedisError};
use tokio::sync::OnceCell;
use tracing::{info, warn};

/// So long may an answer take.
const DEADLINE: Duration = Duration::from_millis(250);

/// A Redis server. Cloning it gives another handle to the same connection.
#[derive(Clone)]
pub struct Redis {
    client: Client,
    connection: Arc<OnceCell<ConnectionManager>>,
    lost: Arc<AtomicBool>,
}

impl Redis {
    /// The server at this URL, to which nothing is sent yet.
    ///
    /// # Errors
    /// When the URL is none of Redis.
    pub fn at(url: &str) -> Result<Self, RedisError> {
        Ok(Self {
            client: Client::open(url)?,
            connection: Arc::default(),
            lost: Arc::default(),
        })
    }

    /// What Redis answers to something that may be asked twice; `None` when it does not answer in
    /// time. The first command after a lost connection always fails, hence the second try.
    pub async fn ask<T: FromRedisValue>(&self, command: &redis::Cmd) -> Option<T> {
        let asked = async {
            match self.once(command).await {
                Err(error) if error.is_connection_dropped() || error.is_io_error() => {
                    self.once(command).await
                }
                answer => answer,
            }
        };
        let answer = tokio::time::timeout(DEADLINE, asked).await;
        self.note(match &answer {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(error.to_string()),
            Err(_) => Err("no answer in time".into()),
        });
        answer.ok()?.ok()
    }

    /// Whether it answers.
    ///
    /// # Errors
    /// When it does not, in a sentence.
    pub async fn health(&self) -> Result<(), String> {
        let pong: Option<String> = self.ask(&redis::cmd("PING")).await;
        pong.map(drop).ok_or_else(|| "Redis does not answer".into())
    }

    async fn once<T: FromRedisValue>(&self, command: &redis::Cmd) -> Result<T, RedisError> {
        let mut connection = self.connection().await?;
        command.query_async(&mut connection).await
    }

    async fn connection(&self) -> Result<ConnectionManager, RedisError> {
        let connect = || async {
            let settings = ConnectionManagerConfig::new()
                .set_connection_timeout(Some(DEADLINE))
                .set_response_timeout(Some(DEADLINE))
                .set_number_of_retries(0);
            self.client.get_connection_manager_lazy(settings)
        };
        self.connection.get_or_try_init(connect).await.cloned()
    }

    /// Says once that Redis is lost, and once that it is back.
    fn note(&self, answer: Result<(), String>) {
        let lost = answer.is_err();
        if self.lost.swap(lost, Ordering::Relaxed) == lost {
            return;
        }
        match answer {
            Ok(()) => info!("Redis answers again"),
            Err(error) => warn!(error, "Redis does not answer; the store is asked instead"),
        }
    }
}

impl fmt::Debug for Redis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Redis(…)") // its URL holds a password
    }
}

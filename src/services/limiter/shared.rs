//! What all nodes count together in Redis. When it does not answer, it has no objection.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use redis::{Cmd, FromRedisValue, cmd};

use super::{Lockout, Rate, TooOften};
use crate::services::redis::Redis;

/// After a question without an answer Redis is left alone for a while, or everyone who signs in
/// would wait for its deadline.
const LEFT_ALONE: Duration = Duration::from_secs(2);

/// The generic cell rate algorithm in Redis's own time. The key holds the moment up to which the
/// rate is used up, in milliseconds; the answer is the wait, or 0.
const TAKE: &str = r"
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local each, within = tonumber(ARGV[1]), tonumber(ARGV[2])
local used = math.max(tonumber(redis.call('GET', KEYS[1]) or 0), now) + each
if used - now > within then
  return math.ceil(used - now - within)
end
redis.call('SET', KEYS[1], used, 'PX', math.ceil(used - now))
return 0";

/// How long an account still rests in milliseconds, or 0.
const RESTS: &str = r"
if tonumber(redis.call('GET', KEYS[1]) or 0) >= tonumber(ARGV[1]) then
  return math.max(redis.call('PTTL', KEYS[1]), 1)
end
return 0";

const FAILED: &str = r"
local failures = redis.call('INCR', KEYS[1])
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return failures";

/// The counts in Redis.
#[derive(Clone)]
pub(super) struct Shared {
    redis: Redis,
    started: Instant,
    /// In milliseconds since the start.
    alone_until: Arc<AtomicU64>,
}

impl Shared {
    pub(super) fn new(redis: Redis) -> Self {
        Self {
            redis,
            started: Instant::now(),
            alone_until: Arc::default(),
        }
    }

    pub(super) async fn take(&self, who: &str, rate: Rate) -> Result<(), TooOften> {
        let within = rate.within.as_secs_f64() * 1000.0;
        let each = within / f64::from(rate.times.get());
        let mut take = script(TAKE, "rate", who);
        self.wait(take.arg(each).arg(within)).await
    }

    pub(super) async fn failures(&self, who: &str, lockout: Lockout) -> Result<(), TooOften> {
        let mut rests = script(RESTS, "failures", who);
        self.wait(rests.arg(lockout.failures)).await
    }

    pub(super) async fn failed(&self, who: &str, lockout: Lockout) {
        let mut failed = script(FAILED, "failures", who);
        let rest = u64::try_from(lockout.rest.as_millis()).unwrap_or(u64::MAX);
        let _: Option<u64> = self.ask(failed.arg(rest)).await;
    }

    pub(super) async fn succeeded(&self, who: &str) {
        let _: Option<u64> = self.ask(cmd("DEL").arg(key("failures", who))).await;
    }

    async fn wait(&self, command: &Cmd) -> Result<(), TooOften> {
        match self.ask(command).await {
            None | Some(0) => Ok(()),
            Some(millis) => Err(TooOften(Duration::from_millis(millis))),
        }
    }

    async fn ask<T: FromRedisValue>(&self, command: &Cmd) -> Option<T> {
        let now = || u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        if now() < self.alone_until.load(Ordering::Relaxed) {
            return None;
        }
        let answer = self.redis.ask(command).await;
        if answer.is_none() {
            let until = now().saturating_add(u64::try_from(LEFT_ALONE.as_millis()).unwrap_or_default());
            self.alone_until.store(until, Ordering::Relaxed);
        }
        answer
    }
}

fn script(script: &str, what: &str, who: &str) -> Cmd {
    let mut command = cmd("EVAL");
    command.arg(script).arg(1).arg(key(what, who));
    command
}

fn key(what: &str, who: &str) -> String {
    format!("bazaar:{what}:{who}")
}

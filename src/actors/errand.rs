//! An errand: one visit to the receiver of one webhook with some of what is due to it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::stream::{self, StreamExt};
use tokio::time::Instant;
use tracing::warn;

use super::ask::AskError;
use super::stuck::Stuck;
use super::webhooks::Webhooks;
use crate::domain::id::Id;
use crate::domain::time::Timestamp;
use crate::domain::webhook::{
    Attempt, Command, Delivery, DeliveryCommand, DeliveryRefusal, DeliveryState, Refusal, Webhook,
};
use crate::services::receivers::{Receivers, Telling};

/// So many deliveries are taken along,
const LOAD: usize = 16;
/// and so many of them handed over side by side.
const SIDE_BY_SIDE: usize = 4;
/// What could not be written down is tried again after this,
const AGAIN: Duration = Duration::from_millis(500);
/// so often.
const WRITES_MAX: usize = 5;

/// What it takes to go on errands.
#[derive(Clone)]
pub(super) struct Errands {
    pub(super) webhooks: Webhooks,
    pub(super) receivers: Receivers,
}

/// What came of an errand.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Outcome {
    /// Whether the receiver did not take something.
    pub(super) failed: bool,
    /// Whether it took more time than others should have to wait for.
    pub(super) slow: bool,
    /// When to go there again.
    pub(super) next: Option<Timestamp>,
}

/// What came of one delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Told {
    Taken,
    Missed,
    /// It will not be taken there by anybody, ever.
    Gone,
    /// It was not tried.
    Left,
}

impl Errands {
    /// Goes to a receiver. What cannot be done now is done at the next visit.
    pub(super) async fn run(&self, webhook: Id) -> Outcome {
        let begun = Instant::now();
        let visit = self.visit(webhook).await;
        let now = self.webhooks.owners().engine().clock.now();
        let outcome = visit.unwrap_or_else(|stuck| {
            warn!(%webhook, %stuck, "what is due to a webhook waits");
            let next = Some(now.after(AGAIN));
            Outcome {
                next,
                ..Outcome::default()
            }
        });
        Outcome {
            slow: begun.elapsed() > self.receivers.patience() / 2,
            ..outcome
        }
    }

    async fn visit(&self, id: Id) -> Result<Outcome, Stuck> {
        let now = self.webhooks.owners().engine().clock.now();
        let due = self.webhooks.due(id, now, LOAD).await?;
        let webhook = self.webhooks.see(id).await?.filter(Webhook::is_on);
        let failed = match webhook {
            Some(webhook) => self.hand_over(&webhook, due).await?,
            None => self.give_up(due).await?,
        };
        let next = self.webhooks.next(id).await?;
        Ok(Outcome {
            failed,
            next,
            slow: false,
        })
    }

    /// Says whether anything was not taken. After the first that is not no other is begun.
    async fn hand_over(&self, webhook: &Webhook, due: Vec<Id>) -> Result<bool, Stuck> {
        let failing = Arc::new(AtomicBool::new(false));
        // Boxed one by one, because the compiler cannot see that each may be sent elsewhere.
        let handing: Vec<_> = due
            .into_iter()
            .map(|id| self.hand_one(webhook, id, &failing).boxed())
            .collect();
        let told: Vec<Told> = stream::iter(handing)
            .buffer_unordered(SIDE_BY_SIDE)
            .collect()
            .await;
        let has = |what: Told| told.contains(&what);
        let word = if has(Told::Gone) {
            Command::Gone
        } else if has(Told::Taken) {
            Command::Taken
        } else if has(Told::Missed) {
            let waits = self.webhooks.next(webhook.id).await?.is_some();
            Command::Missed { waits }
        } else {
            return Ok(false);
        };
        match self.webhooks.tell(webhook.id, word).await {
            // It was taken away meanwhile.
            Ok(_)
            | Err(AskError::Refused {
                refusal: Refusal::Unknown,
                ..
            }) => {}
            Err(error) => return Err(error.into()),
        }
        Ok(has(Told::Missed) || has(Told::Gone))
    }

    async fn hand_one(&self, webhook: &Webhook, id: Id, failing: &AtomicBool) -> Told {
        if failing.load(Ordering::Relaxed) {
            return Told::Left;
        }
        let claim = DeliveryCommand::Claim(self.receivers.patience() * 2);
        let delivery = match self.webhooks.tell_delivery(id, claim).await {
            Ok(delivery) if delivery.state == DeliveryState::Sending => delivery,
            Ok(_) | Err(AskError::Refused { .. }) => return Told::Left,
            Err(error) => {
                warn!(%id, %error, "a delivery waits");
                return Told::Left;
            }
        };
        let (attempt, told) = self.attempt(webhook, &delivery).await;
        failing.fetch_or(told != Told::Taken, Ordering::Relaxed);
        self.write_down(id, DeliveryCommand::Tried(Box::new(attempt)))
            .await;
        told
    }

    async fn attempt(&self, webhook: &Webhook, delivery: &Delivery) -> (Attempt, Told) {
        let at = self.webhooks.owners().engine().clock.now();
        let begun = Instant::now();
        let telling = Telling {
            url: &webhook.url,
            secret: &webhook.secret,
            id: &delivery.id.to_string(),
            second: at.seconds(),
            body: &delivery.body,
        };
        let reply = self.receivers.tell(telling).await;
        let latency_ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        let (status, answer, error, told) = match reply {
            Ok(reply) if reply.is_good() => (Some(reply.status), reply.beginning, None, Told::Taken),
            Ok(reply) => {
                let told = if reply.is_gone() { Told::Gone } else { Told::Missed };
                let why = format!("it answered {}", reply.status);
                (Some(reply.status), reply.beginning, Some(why), told)
            }
            Err(why) => (None, String::new(), Some(why.to_string()), Told::Missed),
        };
        let attempt = Attempt {
            at,
            latency_ms,
            status,
            answer,
            error,
        };
        (attempt, told)
    }

    /// What is never written down is told again when the claim is over.
    async fn write_down(&self, id: Id, outcome: DeliveryCommand) {
        for _ in 0..WRITES_MAX {
            match self.webhooks.tell_delivery(id, outcome.clone()).await {
                Ok(_) => return,
                Err(error) => warn!(%id, %error, "what became of a delivery could not be written down"),
            }
            tokio::time::sleep(AGAIN).await;
        }
    }

    /// Nobody is there any more who wants it.
    async fn give_up(&self, due: Vec<Id>) -> Result<bool, Stuck> {
        for id in due {
            match self.webhooks.tell_delivery(id, DeliveryCommand::GiveUp).await {
                Ok(_)
                | Err(AskError::Refused {
                    refusal: DeliveryRefusal::Unknown,
                    ..
                }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(false)
    }
}

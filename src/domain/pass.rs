//! A pass to the assistant: lets somebody in once, within half a minute, where neither a cookie nor
//! a header can say who it is.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::account::{Role, SessionId};
use super::collection::{Collection, Index};
use super::entity::{self, Circumstances, Decision, Entity};
use super::id::Id;
use super::time::Timestamp;

/// Where passes are kept until they are forgotten.
pub static PASSES: Collection = Collection::indexed("passes", &[Index::on("expires", &["expires"])]);

/// For so long is a pass good.
pub const LIFETIME: Duration = Duration::from_secs(30);

/// A pass.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pass {
    holder: Holder,
    secret: String,
    used: bool,
    expires: Timestamp,
}

/// Whom a pass lets in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// The account.
    pub account: Id,
    /// What it may do.
    pub role: Role,
    /// The session that it was given to.
    pub session: SessionId,
    /// When that session's token ends.
    pub until: Timestamp,
}

/// What is asked of a pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Makes it.
    Issue {
        /// Whom it lets in.
        holder: Holder,
        /// What the holder has to know beside its id.
        secret: String,
    },
    /// Lets its holder in.
    Use {
        /// What the holder knows.
        secret: String,
    },
}

/// Why a pass lets nobody in: there is one reason for all, which helps nobody who guesses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[error("the ticket is not valid, or not any more")]
pub struct Refusal;

/// A pass tells nobody of its use.
#[derive(Debug, Serialize)]
pub enum Event {}

impl entity::Event for Event {
    fn name(&self) -> &'static str {
        match *self {}
    }
}

impl Entity for Pass {
    const KIND: &'static str = "pass";
    const COLLECTION: &'static Collection = &PASSES;

    type Command = Command;
    type Reply = Holder;
    type Refusal = Refusal;
    type Event = Event;

    fn decide(
        state: Option<&Self>,
        command: &Command,
        at: &Circumstances,
    ) -> Result<Decision<Self>, Refusal> {
        match (state, command) {
            (None, Command::Issue { holder, secret }) => {
                let pass = Self {
                    holder: *holder,
                    secret: secret.clone(),
                    used: false,
                    expires: at.now.after(LIFETIME),
                };
                Ok(Decision::change(pass, *holder))
            }
            (Some(pass), Command::Use { secret }) if pass.lets_in(secret, at) => {
                let used = Self {
                    used: true,
                    ..pass.clone()
                };
                Ok(Decision::change(used, pass.holder))
            }
            _ => Err(Refusal),
        }
    }

    fn taken(_: &str) -> Refusal {
        Refusal // a pass has no unique index
    }
}

impl Pass {
    fn lets_in(&self, secret: &str, at: &Circumstances) -> bool {
        !self.used && self.expires > at.now && self.secret == secret
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> Circumstances {
        Circumstances {
            now: Timestamp::from_millis(millis),
            by: None,
        }
    }

    fn use_of(secret: &str) -> Command {
        let secret = secret.into();
        Command::Use { secret }
    }

    #[test]
    fn a_pass_lets_its_holder_in_once_and_within_its_time() {
        let holder = Holder {
            account: Id::from_bytes([1; 12]),
            role: Role::User,
            session: SessionId {
                epoch: 0,
                chance: [2; 12],
            },
            until: Timestamp::from_millis(1_000_000),
        };
        let issue = Command::Issue {
            holder,
            secret: "secret".into(),
        };
        let pass = Pass::decide(None, &issue, &at(0)).unwrap().change.unwrap().state;
        let refused = |state, command, millis| Pass::decide(state, &command, &at(millis)).is_err();
        assert!(refused(None, use_of("secret"), 1));
        assert!(refused(Some(&pass), use_of("guess"), 1));
        assert!(refused(Some(&pass), use_of("secret"), 30_000));
        let used = Pass::decide(Some(&pass), &use_of("secret"), &at(29_999)).unwrap();
        assert_eq!(used.reply, holder);
        let used = used.change.unwrap().state;
        assert!(refused(Some(&used), use_of("secret"), 29_999));
        assert!(refused(Some(&pass), issue, 1), "no pass is made twice");
    }
}

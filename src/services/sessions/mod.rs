//! Which sessions are over although their tokens have not ended. The store knows for ever; a node
//! whose store nobody else writes to knows it by heart and asks nobody.

mod copy;
mod inquiry;
mod noted;

use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, join};
use tokio::sync::broadcast;

use self::copy::Copy;
use self::inquiry::Inquiry;
use self::noted::Noted;
use super::redis::Redis;
use super::tokens::Claims;
use crate::domain::account::{REVOCATIONS, Revocation, SessionId};
use crate::domain::id::Id;
use crate::domain::time::Timestamp;
use crate::store::{Query, Store, Unavailable};

/// So many revocations may wait for a socket that is slow to hear of them.
const HEARD_LATE_MAX: usize = 1_024;

/// So many rows are read at once at the start.
const PAGE: usize = 1_000;

/// Knows whether a session is live.
pub struct Sessions {
    noted: Noted,
    inquiry: Option<Inquiry>,
    copy: Option<Copy>,
    told: broadcast::Sender<Revocation>,
}

impl Sessions {
    /// Sessions on this store, with a copy of what is over in Redis if there is one; and the loop
    /// that must be run for questions to be answered.
    #[must_use]
    pub fn new(store: &Arc<dyn Store>, redis: Option<Redis>) -> (Self, BoxFuture<'static, ()>) {
        let (inquiry, answering) = if store.shared() {
            let (inquiry, answering) = Inquiry::new(Arc::clone(store));
            (Some(inquiry), answering)
        } else {
            (None, async {}.boxed())
        };
        let (copy, copying) = match redis {
            Some(redis) => {
                let (copy, copying) = Copy::new(redis);
                (Some(copy), copying)
            }
            None => (None, async {}.boxed()),
        };
        let sessions = Self {
            noted: Noted::default(),
            inquiry,
            copy,
            told: broadcast::Sender::new(HEARD_LATE_MAX),
        };
        (sessions, join(answering, copying).map(drop).boxed())
    }

    /// Learns what is over by now. To be done before the first question.
    ///
    /// # Errors
    /// When the store does not say.
    pub async fn load(&self, store: &dyn Store, now: Timestamp) -> Result<(), Unavailable> {
        let from = bson::DateTime::from_millis(now.millis());
        let mut query = Query::by_index(&REVOCATIONS, "expires", Vec::new())
            .between(Some(from.into()), None)
            .limit(PAGE);
        loop {
            let page = store.find(query.clone()).await?;
            for revocation in page.documents.iter().filter_map(Revocation::read) {
                self.noted.note(revocation);
            }
            if page.next.is_none() {
                return Ok(());
            }
            query = query.after(page.next);
        }
    }

    /// Notes what is over from now on, before anybody hears that it is. The store has it already.
    pub fn note(&self, revocation: Revocation, now: Timestamp) {
        self.noted.note(revocation);
        if let Some(copy) = &self.copy {
            copy.write(revocation, now);
        }
        // Nobody may be listening.
        let _ = self.told.send(revocation);
    }

    /// Everything that is noted from now on, for connections that outlive a request.
    #[must_use]
    pub fn listen(&self) -> broadcast::Receiver<Revocation> {
        self.told.subscribe()
    }

    /// Whether the session of these claims goes on. What this node has noted counts at once; on a
    /// store that others write to, only the store can say that nothing is noted. Redis may be
    /// quicker to say that something is.
    ///
    /// # Errors
    /// When the store does not say.
    pub async fn is_live(&self, claims: &Claims) -> Result<bool, Unavailable> {
        self.goes_on(claims.id, claims.jti).await
    }

    /// The same for a session whose token is not at hand.
    ///
    /// # Errors
    /// When the store does not say.
    pub async fn goes_on(&self, account: Id, session: SessionId) -> Result<bool, Unavailable> {
        if self.noted.ends(account, session) {
            return Ok(false);
        }
        let Some(inquiry) = &self.inquiry else {
            return Ok(true);
        };
        let stored = inquiry.revocation(account, session);
        let over = match &self.copy {
            None => stored.await?,
            Some(copy) => tokio::select! {
                stored = stored => stored?,
                copied = copy.revocation(account, session) => Some(copied),
            },
        };
        if let Some(revocation) = over {
            self.noted.note(revocation);
        }
        Ok(over.is_none())
    }

    /// Forgets what no longer matters, and says how much there was of it.
    #[must_use]
    pub fn forget_expired(&self, now: Timestamp) -> usize {
        self.noted.forget_expired(now)
    }
}

//! Tells people what has happened: every event that somebody should hear of becomes letters and
//! notices, each under an id that follows from the event, so that it does no harm to hear twice.

mod news;
mod notices;
mod words;

use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use futures_util::stream::{self, StreamExt};

use self::news::News;
use super::accounts::Accounts;
use super::derived_id::id_of;
use super::inboxes::Inboxes;
use super::letters::Letters;
use crate::domain::account::Profile;
use crate::domain::id::Id;
use crate::domain::letter::{Command, Content, Draft, KEPT, Recipient};
use crate::domain::time::Timestamp;
use crate::domain::{inbox, order};
use crate::events::consumer::{Consumer, Reach, Retry};
use crate::events::event::Event;
use crate::store::Version;

/// So many events are turned into letters side by side.
const SIDE_BY_SIDE: usize = 32;

/// The consumer that tells people.
#[derive(Clone)]
pub struct Notifier {
    accounts: Accounts,
    letters: Letters,
    inboxes: Inboxes,
    ways: Ways,
}

/// By which ways letters leave the shop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ways {
    /// Whether mail goes out; it stays in the mailbox otherwise.
    pub mail: bool,
    /// Whether there are text messages.
    pub sms: bool,
}

/// Something for one person.
struct Told {
    whom: Profile,
    content: Content,
    /// Whether it is worth a text message.
    by_sms: bool,
}

impl Notifier {
    /// A notifier that writes to these letters and inboxes.
    #[must_use]
    pub fn new(accounts: Accounts, letters: Letters, inboxes: Inboxes, ways: Ways) -> Arc<Self> {
        Arc::new(Self {
            accounts,
            letters,
            inboxes,
            ways,
        })
    }

    async fn hear(&self, event: &Event) -> Result<(), Retry> {
        let now = self.accounts.owners().engine().clock.now();
        let Some(news) = News::read(event).filter(|_| !is_history(event.at, now)) else {
            return Ok(());
        };
        if let Some(told) = self.letter_of(&news, event.version).await? {
            self.write(event, told).await?;
        }
        for (user, notice) in notices::of(&news, event) {
            let put = inbox::Command::Put(Box::new(notice));
            self.inboxes.tell(user, put).await.map_err(Retry::from)?;
        }
        Ok(())
    }

    /// The letter that some news are worth, and to whom. What the event does not say of the reader
    /// is in the account.
    async fn letter_of(&self, news: &News, since: Version) -> Result<Option<Told>, Retry> {
        let Some(reader) = self.reader(news).await? else {
            return Ok(None);
        };
        let content = match news {
            News::ResetAsked(account) => self.reset(*account, since).await?,
            news => words::of(news),
        };
        Ok(content.map(|content| Told {
            whom: reader,
            by_sms: words::is_urgent(&content),
            content,
        }))
    }

    async fn reader(&self, news: &News) -> Result<Option<Profile>, Retry> {
        let id = match news {
            News::Registered(profile) => return Ok(Some((**profile).clone())),
            News::ResetAsked(account) => *account,
            News::Launched(launched) => launched.seller_id,
            News::WebhookOff(off) => off.owner,
            News::Order(_, order) => order.user,
            News::Payment(_, payment) => payment.user,
        };
        let seen = self.accounts.profile(id).await.map_err(Retry::from)?;
        Ok(seen.map(|(profile, _)| profile))
    }

    /// Where a link was used meanwhile, or has been replaced, there is none or the newer one.
    async fn reset(&self, account: Id, since: Version) -> Result<Option<Content>, Retry> {
        let seed = self
            .accounts
            .reset_seed(account, since)
            .await
            .map_err(Retry::from)?;
        Ok(seed.map(|seed| Content::PasswordReset { account, seed }))
    }

    async fn write(&self, event: &Event, told: Told) -> Result<(), Retry> {
        let mail = Recipient::Mail {
            address: told.whom.email.clone(),
            name: words::name_of(&told.whom),
        };
        self.put(event, "mail", mail, told.content.clone()).await?;
        match told.whom.phone {
            Some(number) if told.by_sms && self.ways.sms => {
                self.put(event, "sms", Recipient::Sms { number }, told.content)
                    .await
            }
            _ => Ok(()),
        }
    }

    async fn put(&self, event: &Event, way: &str, to: Recipient, content: Content) -> Result<(), Retry> {
        let draft = Draft {
            id: id_of(&[way, &event.id]),
            event: event.id.clone(),
            kept: matches!(to, Recipient::Mail { .. }) && !self.ways.mail,
            to,
            content,
        };
        let written = self.letters.tell(draft.id, Command::Write(Box::new(draft))).await;
        written.map(drop).map_err(Retry::from)
    }
}

impl Consumer for Notifier {
    fn name(&self) -> &'static str {
        "notifier"
    }

    fn reach(&self) -> Reach {
        Reach::Shared
    }

    fn topics(&self) -> &'static [&'static str] {
        &news::TOPICS
    }

    fn consume<'a>(&'a self, events: &'a [Event]) -> BoxFuture<'a, Result<(), Retry>> {
        async move {
            // Boxed one by one, because the compiler cannot see that each may be sent elsewhere.
            let hearing: Vec<_> = events.iter().map(|event| self.hear(event).boxed()).collect();
            let mut heard = stream::iter(hearing).buffered(SIDE_BY_SIDE);
            let mut taken = 0;
            while let Some(one) = heard.next().await {
                one.map_err(|retry| retry.after(taken))?;
                taken += 1;
            }
            Ok(())
        }
        .boxed()
    }
}

/// Whether something happened so long ago that the letters about it are forgotten. They could not
/// keep a second one from being sent.
fn is_history(happened: Timestamp, now: Timestamp) -> bool {
    now.since(happened) >= KEPT
}

/// Whether anybody needs to hear that an order was cancelled: its buyer knows of the order that
/// took its place.
fn is_told(order: &order::Order) -> bool {
    order.reason != Some(order::Reason::Superseded)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn nobody_hears_once_more_of_what_no_letter_is_left_of() {
        let happened = Timestamp::from_millis(1_700_000_000_000);
        let later = happened.after(Duration::from_millis(1));
        assert!(is_history(happened, happened.after(KEPT)));
        assert!(!is_history(later, happened.after(KEPT)));
        assert!(!is_history(later, happened), "clocks may differ");
    }
}

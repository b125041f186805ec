//! A user's conversation with the assistant, under the user's id: all tabs and devices of a user
//! share it. It keeps what a model needs to go on, and no more.

mod begun;
mod turn;

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use super::collection::Collection;
use super::entity::{self, Circumstances, Decision, Entity};
use super::id::Id;
use super::time::Timestamp;

use begun::InHand;

pub use begun::Begun;
pub use turn::{Call, CallResult, Turn};

static CONVERSATIONS: Collection = Collection::plain("conversations");

/// So many bytes of words, calls and results are kept, the latest.
pub const BYTES_MAX: usize = 32 * 1024;
/// So many things that the user has not heard of are kept, the latest.
const NEWS_MAX: usize = 20;
const SECONDS_OF_A_DAY: i64 = 86_400;

/// A conversation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Conversation {
    user: Id,
    turns: Vec<Turn>,
    /// What was done for the user and not told yet, a sentence each.
    news: Vec<String>,
    /// How many things were ever news, so that telling some of them twice forgets no other.
    news_ever: u64,
    #[serde(default)]
    in_hand: InHand,
    spent: Spent,
    updated_at: Timestamp,
}

/// The tokens that were used on one day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
struct Spent {
    /// The day, counted from the first of 1970.
    day: i64,
    tokens: i64,
}

/// What is asked of a conversation.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// The user says something, if there are tokens left to answer it.
    Say {
        /// The words.
        text: String,
        /// How many tokens the user may use on a day.
        tokens_a_day: u32,
    },
    /// Calls that change something are about to be run.
    Begin(Begun),
    /// What came after it.
    Add(Progress),
    /// Nobody who began these will say what came of them; this is so now. Said once.
    Settle {
        /// What was begun.
        ended: Vec<Id>,
        /// In a sentence or a few, if there is anything to say.
        told: Option<String>,
    },
    /// The user has heard all news up to this one.
    Heard(News),
}

/// How a conversation went on.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Progress {
    /// What was said and called, in order.
    pub turns: Vec<Turn>,
    /// How many tokens were used.
    pub tokens: u32,
    /// What was done for the user, a sentence each.
    pub news: Vec<String>,
    /// What was begun before, and this is what came of it.
    pub ended: Option<Id>,
}

/// How many things had ever been news when somebody looked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct News(u64);

impl News {
    /// The number.
    #[must_use]
    pub fn number(self) -> u64 {
        self.0
    }
}

/// Why a conversation does not go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum Refusal {
    /// No tokens are left for this day.
    #[error("you have used up the assistant for today; it is back tomorrow")]
    UsedUp,
    /// Somebody else has said what came of it.
    #[error("it was settled before")]
    Settled,
}

/// A conversation tells nobody what is said in it.
#[derive(Debug, Serialize)]
pub enum Event {}

impl entity::Event for Event {
    fn name(&self) -> &'static str {
        match *self {}
    }
}

impl Entity for Conversation {
    const KIND: &'static str = "conversation";
    const COLLECTION: &'static Collection = &CONVERSATIONS;

    type Command = Command;
    /// The conversation as it is from now on.
    type Reply = Self;
    type Refusal = Refusal;
    type Event = Event;

    fn decide(
        state: Option<&Self>,
        command: &Command,
        at: &Circumstances,
    ) -> Result<Decision<Self>, Refusal> {
        let mut conversation = state.cloned().unwrap_or_else(|| Self::empty(at));
        match command {
            Command::Say { text, tokens_a_day } => conversation.say(text, *tokens_a_day, at)?,
            Command::Begin(begun) => conversation.in_hand.begin(begun),
            Command::Add(progress) => conversation.add(progress, at),
            Command::Settle { ended, told } => {
                if !conversation.in_hand.end(ended) {
                    return Err(Refusal::Settled);
                }
                if let Some(told) = told {
                    conversation.settle(told);
                }
            }
            Command::Heard(news) => {
                let unheard = conversation.unheard_since(*news);
                if unheard == conversation.news.len() {
                    return Ok(Decision::answer(conversation));
                }
                conversation.keep_latest_news(unheard);
            }
        }
        conversation.updated_at = at.now;
        Ok(Decision::change(conversation.clone(), conversation))
    }

    fn taken(_: &str) -> Refusal {
        Refusal::UsedUp // a conversation has no unique index
    }
}

impl Conversation {
    /// The conversation of somebody who has never said anything.
    #[must_use]
    pub fn empty(at: &Circumstances) -> Self {
        Self {
            user: at.by.unwrap_or(Id::from_bytes([0; 12])),
            turns: Vec::new(),
            news: Vec::new(),
            news_ever: 0,
            in_hand: InHand::default(),
            spent: Spent::default(),
            updated_at: at.now,
        }
    }

    /// What was said and done, the oldest first. It begins with the user.
    #[must_use]
    pub fn turns(&self) -> &[Turn] {
        &self.turns
    }

    /// About how much there is to read of it.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.turns.iter().map(Turn::bytes).sum()
    }

    /// What was done for the user and not told yet, and what to say when it is.
    #[must_use]
    pub fn news(&self) -> (&[String], News) {
        (&self.news, News(self.news_ever))
    }

    /// What was begun and of which nobody has said what came of it.
    #[must_use]
    pub fn in_hand(&self) -> &[Begun] {
        self.in_hand.all()
    }

    fn say(&mut self, text: &str, tokens_a_day: u32, at: &Circumstances) -> Result<(), Refusal> {
        if self.spent_today(at).tokens >= i64::from(tokens_a_day) {
            return Err(Refusal::UsedUp);
        }
        self.turns.push(Turn::User {
            text: text.to_owned(),
        });
        self.shorten();
        Ok(())
    }

    fn add(&mut self, progress: &Progress, at: &Circumstances) {
        self.spent_today(at).tokens += i64::from(progress.tokens);
        self.turns.extend_from_slice(&progress.turns);
        self.shorten();
        self.hear_of(&progress.news);
        self.in_hand.end(progress.ended.as_slice());
    }

    fn settle(&mut self, told: &str) {
        let (text, calls) = (told.to_owned(), Vec::new());
        self.turns.push(Turn::Model { text, calls });
        self.shorten();
        self.hear_of(&[told.to_owned()]);
    }

    fn hear_of(&mut self, news: &[String]) {
        self.news.extend_from_slice(news);
        self.news_ever += news.len() as u64;
        self.keep_latest_news(self.news.len().min(NEWS_MAX));
    }

    fn spent_today(&mut self, at: &Circumstances) -> &mut Spent {
        let day = at.now.seconds().div_euclid(SECONDS_OF_A_DAY);
        if self.spent.day != day {
            self.spent = Spent { day, tokens: 0 };
        }
        &mut self.spent
    }

    /// Forgets the oldest exchanges, whole ones: no result may stand without its call. What the
    /// user said last stays, however long it is.
    fn shorten(&mut self) {
        let mut bytes = self.bytes();
        while bytes > BYTES_MAX {
            let later = self.turns.iter().skip(1).position(Turn::is_the_users);
            let Some(later) = later else { return };
            bytes -= self.turns.drain(..=later).map(|turn| turn.bytes()).sum::<usize>();
        }
    }

    fn unheard_since(&self, News(seen): News) -> usize {
        let unheard = usize::try_from(self.news_ever.saturating_sub(seen)).unwrap_or(usize::MAX);
        unheard.min(self.news.len())
    }

    fn keep_latest_news(&mut self, count: usize) {
        self.news.drain(..self.news.len() - count);
    }
}

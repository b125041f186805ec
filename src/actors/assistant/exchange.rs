//! From what a user says to the answer: the model is asked, its calls are run, their results go
//! back to it, until it has nothing more to call or a bound is reached. What really changed is said
//! by the shop, so that no words of a model can contradict it.

use std::sync::Arc;

use futures_util::StreamExt;
use tokio::time::{Instant, timeout_at};

use super::Assistant;
use super::broken::Broken;
use super::calls::{Called, RESULT_BYTES_MAX};
use super::facts::{Fact, standing};
use super::frame::{Frame, Status};
use super::gathered::gathered;
use super::person::Person;
use super::prompt;
use super::rooms::{Asked, Work};
use super::shortened::shortened;
use super::used::Used;
use crate::actors::ask::AskError;
use crate::domain::conversation::{BYTES_MAX, Call, CallResult, Command, Conversation, Progress, Turn};
use crate::services::models::{Part, Prompt};
use crate::store::Unavailable;

/// A model that goes on for longer than this has lost itself.
const WORDS_BYTES_MAX: usize = 16 * 1024;
/// And so does one whose calls of one step come to more than this.
const CALLS_BYTES_MAX: usize = 64 * 1024;
/// While an answer is worked on, its conversation may grow to this.
const AT_WORK_BYTES_MAX: usize = 4 * BYTES_MAX;
/// So often is a call that makes no sense given back to the model.
const MALFORMED_MAX: usize = 2;

/// One answer that is being worked on.
pub(super) struct Exchange {
    pub(super) assistant: Assistant,
    pub(super) person: Person,
    work: Work,
    until: Instant,
    /// Everything that was said, as it went out in parts.
    words: String,
    /// Of that, what no turn of the conversation holds yet.
    unkept: String,
    /// The tokens that were used and are not counted yet.
    tokens: u32,
    facts: Vec<Fact>,
    /// What was noted as news and is told with this answer.
    news: Vec<String>,
    malformed: usize,
}

/// What the user is asked at last, if anything.
type Question = Option<Asked>;

impl Exchange {
    pub(super) fn new(assistant: Assistant, person: Person, work: Work) -> Self {
        let until = Instant::now() + assistant.0.limits.time;
        Self {
            assistant,
            person,
            work,
            until,
            words: String::new(),
            unkept: String::new(),
            tokens: 0,
            facts: Vec::new(),
            news: Vec::new(),
            malformed: 0,
        }
    }

    /// Begins, if the session goes on in whose name everything is done: it may have ended on another
    /// runtime, and the news of it may not be here yet. Then the user is shown to the door.
    pub(super) async fn begin(self) -> Option<Self> {
        match self.goes_on().await {
            Ok(()) => Some(self),
            Err(Broken::SignedOut) => None,
            Err(broken) => {
                self.tell(broken.frame());
                self.make_room(None);
                None
            }
        }
    }

    /// Whether the session goes on: asked before each thing that changes something, since the work
    /// may go on for others of the same user after it has ended.
    pub(super) async fn goes_on(&self) -> Result<(), Broken> {
        match self.assistant.show_out_if_over(&self.person).await {
            Ok(true) => Ok(()),
            Ok(false) => Err(Broken::SignedOut),
            Err(Unavailable(why)) => Err(Broken::Shop(AskError::Unavailable(why))),
        }
    }

    /// The user said something.
    pub(super) async fn said(mut self, text: String) {
        self.tell(Frame::status(Status::Thinking, "Thinking…"));
        self.settle_before().await;
        let tokens_a_day = self.assistant.0.limits.tokens_a_day;
        let outcome = match self.note(Command::Say { text, tokens_a_day }).await {
            Ok(so_far) => self.go_on(so_far).await,
            Err(broken) => Err(broken),
        };
        self.end(outcome).await;
    }

    /// What was begun before and broken off is told with this answer. It stands before what is said
    /// now: the user has the last word when the model is asked.
    async fn settle_before(&mut self) {
        if let Some(so_far) = self.assistant.unsettled(self.person.id).await {
            let (_, told) = self.assistant.settled(&self.person, so_far).await;
            self.news.extend(told.clone());
            self.facts.extend(told.map(Fact::of_before));
        }
    }

    /// The user answered a question of ours.
    pub(super) async fn decided(mut self, asked: Asked, accept: bool) {
        let outcome = if accept {
            self.do_it(&asked).await
        } else {
            self.leave_it().await
        };
        self.end(outcome).await;
    }

    /// Only a yes to what is still so counts: if the cart or a price has changed since, the user is
    /// asked again.
    async fn do_it(&mut self, asked: &Asked) -> Result<Question, Broken> {
        let id = asked.nonce.clone();
        let call = Call {
            id,
            ..asked.call.clone()
        };
        let mut called = Called::default();
        let content = match self.check(&call) {
            Err(trouble) => self.wrong(&call, trouble, &mut called),
            Ok(ready) => {
                self.goes_on().await?;
                self.begin_calls(vec![call.clone()], &mut called).await?;
                self.run_as_agreed(&call, &ready, &asked.question, &mut called)
                    .await
            }
        };
        if called.question.is_some() {
            self.say("This has changed since I asked.");
        }
        called.results.push(CallResult {
            id: call.id.clone(),
            name: call.name.clone(),
            content: shortened(content, RESULT_BYTES_MAX),
        });
        let yes = Turn::User { text: "Yes.".into() };
        let so_far = self.keep(vec![yes], vec![call], &mut called).await?;
        match called.question {
            Some(question) => Ok(Some(question)),
            None => self.go_on(so_far).await,
        }
    }

    async fn leave_it(&mut self) -> Result<Question, Broken> {
        let no = Turn::User { text: "No.".into() };
        let turns = vec![no];
        let said = Progress {
            turns,
            ..Progress::default()
        };
        self.note(Command::Add(said)).await?;
        self.say("Then I leave it as it is.");
        Ok(None)
    }

    /// Asks the model and runs its calls, until it has nothing more to call.
    async fn go_on(&mut self, mut so_far: Conversation) -> Result<Question, Broken> {
        for _ in 0..self.assistant.0.limits.steps {
            let calls = self.step(so_far.turns()).await?;
            if calls.is_empty() {
                return Ok(None);
            }
            let mut called = Called::default();
            self.begin_calls(self.changing(&calls), &mut called).await?;
            self.call_all(&calls, &mut called).await;
            so_far = self.keep(Vec::new(), calls, &mut called).await?;
            if let Some(broken) = called.broken {
                return Err(broken);
            }
            if called.question.is_some() {
                return Ok(called.question);
            }
            if self.malformed > MALFORMED_MAX || so_far.bytes() > AT_WORK_BYTES_MAX {
                return Err(Broken::Lost);
            }
        }
        Err(Broken::Endless)
    }

    /// Asks the model once. Its words go out as they come.
    async fn step(&mut self, turns: &[Turn]) -> Result<Vec<Call>, Broken> {
        let prompt = Prompt {
            system: prompt::system(&self.person),
            turns: turns.to_vec(),
            tools: prompt::tools(&self.person),
            tokens_max: self.assistant.0.limits.answer_tokens,
        };
        let mut used = Used::by(&prompt);
        let mut answering = gathered(self.assistant.0.model.answer(prompt));
        let (mut calls, mut calls_bytes, mut begun) = (Vec::new(), 0, false);
        loop {
            self.tokens = used.tokens();
            let part = tokio::select! {
                biased;
                () = self.work.stopped() => return Err(Broken::Cancelled),
                part = timeout_at(self.until, answering.next()) => part.map_err(|_| Broken::Slow)?,
            };
            match part {
                None => return Ok(calls),
                Some(Err(error)) => return Err(Broken::Model(error)),
                Some(Ok(Part::Usage(tokens))) => used.told = Some(tokens),
                Some(Ok(Part::Call(call))) => {
                    used.bytes += call.bytes();
                    calls_bytes += call.bytes();
                    if calls_bytes > CALLS_BYTES_MAX {
                        return Err(Broken::Lost);
                    }
                    calls.push(call);
                }
                Some(Ok(Part::Text(text))) => {
                    used.bytes += text.len();
                    let room = WORDS_BYTES_MAX.saturating_sub(self.words.len());
                    let (said, too_much) = text.split_at(text.floor_char_boundary(room));
                    if begun {
                        self.say_more(said);
                    } else {
                        self.say(said);
                    }
                    begun = true;
                    if !too_much.is_empty() {
                        return Err(Broken::Lost);
                    }
                }
            }
        }
    }

    /// Says what changed and what is asked, keeps the last words, and only then shows the whole of
    /// it: whoever connects again finds nothing less than what he has read.
    async fn end(mut self, outcome: Result<Question, Broken>) {
        for sentence in standing(&self.facts) {
            self.say(&sentence);
        }
        let (asked, broken) = match outcome {
            Ok(asked) => (asked, None),
            Err(broken) => (None, Some(broken)),
        };
        if let Some(asked) = &asked {
            self.say(&asked.question);
        }
        let kept = match &broken {
            Some(Broken::UsedUp | Broken::Shop(_)) => None,
            _ => self.keep_last_words(broken.as_ref()).await.ok(),
        };
        if !self.words.is_empty() {
            let text = self.words.clone();
            self.tell(Frame::Message { text });
        }
        if let (false, Some(kept)) = (self.facts.is_empty(), kept) {
            self.prove(&kept);
        }
        if let Some(broken) = broken {
            self.tell(broken.frame());
        }
        self.make_room(asked);
    }

    /// Wants to know whether the news were heard, if all that there are were told with this answer: to
    /// have heard the latest is to have heard those before it, which others may have been told.
    fn prove(&self, kept: &Conversation) {
        let (unheard, news) = kept.news();
        if unheard.iter().all(|one| self.news.contains(one)) {
            self.assistant.0.rooms.prove(self.person.id, news);
        }
    }

    /// The answer is over, and the next one may begin: in this order, since who reads that he is
    /// asked something, or that we are ready, may say the next thing at once.
    fn make_room(self, asked: Question) {
        let (rooms, user) = (Arc::clone(&self.assistant.0.rooms), self.person.id);
        let confirm = asked.as_ref().map(Asked::frame);
        if let Some(asked) = asked {
            rooms.ask(user, asked);
        }
        drop(self);
        if let Some(confirm) = confirm {
            rooms.tell(user, confirm);
        }
        rooms.tell(user, Frame::status(Status::Ready, "Ready."));
    }

    /// Says something that stands by itself.
    fn say(&mut self, text: &str) {
        if self.words.is_empty() {
            self.say_more(text);
        } else {
            self.say_more(&format!("\n\n{text}"));
        }
    }

    fn say_more(&mut self, text: &str) {
        self.words.push_str(text);
        self.unkept.push_str(text);
        self.tell(Frame::Delta {
            text: text.to_owned(),
        });
    }

    /// Keeps what was said and called, and what came of it.
    async fn keep(
        &mut self,
        mut turns: Vec<Turn>,
        calls: Vec<Call>,
        called: &mut Called,
    ) -> Result<Conversation, Broken> {
        let news = standing(&called.facts);
        self.news.extend_from_slice(&news);
        self.facts.append(&mut called.facts);
        self.malformed += called.malformed;
        let text = std::mem::take(&mut self.unkept).trim().to_owned();
        let results = std::mem::take(&mut called.results);
        turns.extend([Turn::Model { text, calls }, Turn::Results { results }]);
        let tokens = std::mem::take(&mut self.tokens);
        let ended = called.begun.take();
        let progress = Progress {
            turns,
            tokens,
            news,
            ended,
        };
        self.note(Command::Add(progress)).await
    }

    /// Before anything is changed it is kept that it will be: a crash in between would leave a change
    /// that nobody hears of.
    async fn begin_calls(&self, calls: Vec<Call>, called: &mut Called) -> Result<(), Broken> {
        if calls.is_empty() {
            return Ok(());
        }
        let begun = self.assistant.begun(calls);
        called.begun = Some(begun.id);
        self.note(Command::Begin(begun)).await.map(drop)
    }

    async fn keep_last_words(&mut self, broken: Option<&Broken>) -> Result<Conversation, Broken> {
        let words = std::mem::take(&mut self.unkept);
        let text = match broken {
            Some(broken) => format!("{} ({broken})", words.trim()),
            None => words.trim().to_owned(),
        };
        let calls = Vec::new();
        let last = Progress {
            turns: vec![Turn::Model { text, calls }],
            tokens: std::mem::take(&mut self.tokens),
            ..Progress::default()
        };
        self.note(Command::Add(last)).await
    }

    async fn note(&self, command: Command) -> Result<Conversation, Broken> {
        Ok(self.assistant.tell(self.person.id, command).await?)
    }

    pub(super) fn tell(&self, frame: Frame) {
        self.assistant.0.rooms.tell(self.person.id, frame);
    }

    /// Whether nobody wants the answer any more.
    pub(super) fn is_unwanted(&self) -> bool {
        self.work.is_stopped()
    }

    /// Whether the answer has had its time. A call that runs is brought to its end all the same; none
    /// is begun any more, since other runtimes wait for an answer no longer than that.
    pub(super) fn is_late(&self) -> bool {
        Instant::now() >= self.until
    }
}

//! An answer of a model behind an API, as it comes: the call is made when somebody listens, tried
//! again until the first part is there, and over when the listener goes away.

use std::future::ready;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{StreamExt, stream};
use reqwest::Response;
use serde_json::Value;
use tokio::sync::mpsc::{self, Sender};
use tokio::time::{Instant, timeout_at};

use super::line::{Failed, Line};
use super::sse::Events;
use super::{Answering, Call, ModelError, Part};

/// A longer answer is none: the words of the longest are a fraction of it.
const ANSWER_BYTES_MAX: usize = 1 << 20;
/// Longer arguments are not worth keeping. The model hears that they make no sense.
const ARGUMENTS_BYTES_MAX: usize = 16 * 1024;
/// A mark that is longer is not kept either.
const MARK_BYTES_MAX: usize = 16 * 1024;
/// Nor is what stands behind so many characters of a name or an id.
const NAME_CHARS_MAX: usize = 128;
/// More calls than this in one answer are no plan.
const CALLS_MAX: usize = 32;
/// So many parts are taken in before whoever listens has heard them.
const PARTS_AHEAD: usize = 64;
/// So long after its last word a model may still say what it cost.
const EPILOGUE: Duration = Duration::from_millis(500);

/// How an API tells its answers. One value of it reads one answer.
pub(super) trait Dialect: Default + Send + 'static {
    /// Reads one event, and says what of the answer is known by it.
    fn hear(&mut self, event: &str, parts: &mut Vec<Part>) -> Result<Progress, ModelError>;

    /// What is known only when nothing more comes.
    fn end(self, parts: &mut Vec<Part>);
}

/// How far an answer has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Progress {
    /// More is to come.
    GoesOn,
    /// The model is done; what the answer cost may still come.
    Done,
    /// Nothing more comes.
    Over,
}

/// One answer.
struct Spoken {
    line: Arc<Line>,
    body: Value,
    until: Instant,
    listener: Sender<Result<Part, ModelError>>,
    /// Whether some of it was passed on, so that it cannot be begun anew.
    told: bool,
    calls: usize,
    /// Whether there may be nothing to say.
    may_be_silent: bool,
}

/// What arrives of one try.
struct Arriving {
    response: Response,
    events: Events,
    bytes: usize,
}

/// Why nothing more arrives.
enum Silence {
    End(Option<String>),
    Slow,
    Broken(String),
    Endless,
}

/// The answer to a call, as a stream. A model may be silent only about results.
pub(super) fn answer<D: Dialect>(line: &Arc<Line>, body: Value, may_be_silent: bool) -> Answering {
    let (listener, mut parts) = mpsc::channel(PARTS_AHEAD);
    let spoken = Spoken {
        line: Arc::clone(line),
        body,
        until: Instant::now() + line.patience.whole,
        listener,
        told: false,
        calls: 0,
        may_be_silent,
    };
    let parts = stream::poll_fn(move |context| parts.poll_recv(context));
    // It is part of the stream, and so it is dropped with it.
    let speaking = stream::once(spoken.speak::<D>()).filter_map(|()| ready(None));
    stream::select(parts, speaking).boxed()
}

impl Spoken {
    async fn speak<D: Dialect>(mut self) {
        if let Err(error) = self.try_until_told::<D>().await {
            // Whoever has gone away wants no error either.
            let _ = self.listener.send(Err(error)).await;
        }
    }

    async fn try_until_told<D: Dialect>(&mut self) -> Result<(), ModelError> {
        let mut tried = 0;
        loop {
            tried += 1;
            let Err(failed) = self.try_once::<D>().await else {
                return Ok(());
            };
            if self.told {
                return Err(self.line.cut(failed.error));
            }
            self.line.pause(failed, tried, self.until).await?;
        }
    }

    async fn try_once<D: Dialect>(&mut self) -> Result<(), Failed> {
        let mut until = self.within(self.line.patience.first);
        let response = self.line.send(&self.body, until).await?;
        let (mut arriving, mut dialect) = (Arriving::new(response), D::default());
        let mut progress = Progress::GoesOn;
        while progress < Progress::Over {
            let (events, silence) = match arriving.next(until).await {
                Ok(events) => (events, None),
                Err(Silence::End(Some(last))) => (vec![last], Some(Silence::End(None))),
                Err(silence) => (Vec::new(), Some(silence)),
            };
            progress = progress.max(self.hear(&mut dialect, &events).await?);
            if !events.is_empty() {
                until = self.within(match progress {
                    Progress::GoesOn => self.line.patience.next,
                    _ => EPILOGUE,
                });
            }
            match silence {
                // Nothing that is missing after its last word spoils an answer.
                Some(_) if progress >= Progress::Done => break,
                Some(silence) => return Err(self.fell_silent(silence)),
                None => {}
            }
        }
        let mut parts = Vec::new();
        dialect.end(&mut parts);
        self.tell(parts).await?;
        if !self.told && !self.may_be_silent {
            return Err(self.line.failing("it says nothing"));
        }
        self.line.breaker.succeeded();
        Ok(())
    }

    /// Words that arrived together are told together: a listener who is slower than the model is not
    /// sent a thousand letters one by one.
    async fn hear<D: Dialect>(&mut self, dialect: &mut D, events: &[String]) -> Result<Progress, Failed> {
        let mut parts = Vec::new();
        let progress = events.iter().try_fold(Progress::GoesOn, |progress, event| {
            let further = dialect.hear(event, &mut parts)?;
            Ok(progress.max(further))
        });
        self.tell(joined(parts)).await?;
        progress.map_err(|error| match error {
            // It is there and can say no.
            ModelError::Refused(_) => Failed::for_good(error),
            ModelError::Unavailable(why) | ModelError::Cut(why) => self.line.failing(why),
        })
    }

    async fn tell(&mut self, parts: Vec<Part>) -> Result<(), Failed> {
        for part in parts {
            self.told |= !matches!(part, Part::Usage(_));
            self.calls += usize::from(matches!(part, Part::Call(_)));
            if self.calls > CALLS_MAX {
                return Err(Failed::for_good(ModelError::Cut("it calls without end".into())));
            }
            if self.listener.send(Ok(bounded(part))).await.is_err() {
                return Err(Failed::for_good(ModelError::Cut("nobody listens".into())));
            }
        }
        Ok(())
    }

    fn fell_silent(&self, silence: Silence) -> Failed {
        match silence {
            Silence::Slow => self.line.too_slow(),
            Silence::End(_) => self.line.failing("its answer breaks off"),
            Silence::Broken(why) => self.line.failing(why),
            Silence::Endless => self.line.failing("its answer has no end"),
        }
    }

    fn within(&self, time: Duration) -> Instant {
        self.until.min(Instant::now() + time)
    }
}

impl Arriving {
    fn new(response: Response) -> Self {
        Self {
            response,
            events: Events::default(),
            bytes: 0,
        }
    }

    async fn next(&mut self, until: Instant) -> Result<Vec<String>, Silence> {
        let chunk = match timeout_at(until, self.response.chunk()).await {
            Err(_) => return Err(Silence::Slow),
            Ok(Err(error)) => return Err(Silence::Broken(error.without_url().to_string())),
            Ok(Ok(None)) => return Err(Silence::End(self.events.end())),
            Ok(Ok(Some(chunk))) => chunk,
        };
        self.bytes += chunk.len();
        if self.bytes > ANSWER_BYTES_MAX {
            return Err(Silence::Endless);
        }
        self.events.take(&chunk).map_err(|_| Silence::Endless)
    }
}

/// The same parts, with the words that follow each other in one.
fn joined(parts: Vec<Part>) -> Vec<Part> {
    let mut joined: Vec<Part> = Vec::with_capacity(parts.len());
    for part in parts {
        match (joined.last_mut(), part) {
            (Some(Part::Text(words)), Part::Text(more)) => words.push_str(&more),
            (_, part) => joined.push(part),
        }
    }
    joined
}

/// The part with no more in it than is worth keeping.
fn bounded(part: Part) -> Part {
    let Part::Call(call) = part else { return part };
    let short = |text: String| text.chars().take(NAME_CHARS_MAX).collect();
    Part::Call(Call {
        id: short(call.id),
        name: short(call.name),
        arguments: match call.arguments {
            arguments if arguments.len() > ARGUMENTS_BYTES_MAX => "(too long)".into(),
            arguments => arguments,
        },
        mark: call.mark.filter(|mark| mark.len() <= MARK_BYTES_MAX),
    })
}

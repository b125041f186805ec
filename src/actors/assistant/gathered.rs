//! The words of an answer, gathered. A model may say thousands of words in the time of one breath; a frame for
//! each would drown a client, and tell nothing sooner than anybody can read it.

use std::time::Duration;

use futures_util::stream::{self, BoxStream, Fuse};
use futures_util::{Stream, StreamExt};
use tokio::time::{Instant, timeout_at};

use crate::services::models::{Answering, ModelError, Part};

/// After some words the next ones are gathered for so long.
const PAUSE: Duration = Duration::from_millis(20);
/// So many bytes of words are passed on without waiting for more.
const WORDS_BYTES_MAX: usize = 4 * 1024;

struct Gathered {
    answering: Fuse<BoxStream<'static, Result<Part, ModelError>>>,
    /// What came after words that were just passed on.
    next: Option<Result<Part, ModelError>>,
    /// Until when words are gathered.
    until: Instant,
}

/// The answer with its words gathered: the first ones as they come, the others a few times a second.
pub(super) fn gathered(answering: Answering) -> impl Stream<Item = Result<Part, ModelError>> + Unpin {
    let gathering = Gathered {
        answering: answering.fuse(),
        next: None,
        until: Instant::now(),
    };
    stream::unfold(gathering, |mut gathering| async move {
        let part = gathering.part().await?;
        Some((part, gathering))
    })
    .boxed()
}

impl Gathered {
    async fn part(&mut self) -> Option<Result<Part, ModelError>> {
        let first = match self.next.take() {
            Some(part) => part,
            None => self.answering.next().await?,
        };
        let Ok(Part::Text(mut words)) = first else {
            return Some(first);
        };
        while words.len() < WORDS_BYTES_MAX {
            match timeout_at(self.until, self.answering.next()).await {
                Ok(Some(Ok(Part::Text(more)))) => words.push_str(&more),
                Ok(other) => {
                    self.next = other;
                    break;
                }
                Err(_) => break, // nothing more came in time
            }
        }
        self.until = Instant::now() + PAUSE;
        Some(Ok(Part::Text(words)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Part {
        Part::Text(text.to_owned())
    }

    #[tokio::test(start_paused = true)]
    async fn words_that_come_at_once_go_out_together_and_nothing_changes_places() {
        let many = (0..3_000)
            .map(|_| words("la "))
            .chain([Part::Usage(7), words("end")]);
        let heard: Vec<_> = gathered(stream::iter(many).map(Ok).boxed()).collect().await;
        assert!(heard.len() < 10, "{} parts", heard.len());
        let said: String = heard
            .iter()
            .map(|part| match part {
                Ok(Part::Text(text)) => text.as_str(),
                _ => "|",
            })
            .collect();
        assert_eq!(said, format!("{}|end", "la ".repeat(3_000)));
    }

    #[tokio::test(start_paused = true)]
    async fn the_first_words_wait_for_nothing_and_the_next_ones_for_a_moment() {
        let slowly = stream::iter(0..10).then(async |_| {
            tokio::time::sleep(Duration::from_millis(5)).await;
            Ok(words("la "))
        });
        let began = Instant::now();
        let mut heard = gathered(slowly.boxed());
        assert_eq!(heard.next().await, Some(Ok(words("la "))));
        assert_eq!(began.elapsed(), Duration::from_millis(5));
        let rest: Vec<_> = heard.collect().await;
        assert!(rest.len() < 5, "{rest:?}");
    }
}

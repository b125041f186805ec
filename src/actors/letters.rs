//! The owners of letters, the lists that letters are found in, and the alarm that rings when the
//! next one is to go out.

use std::sync::Arc;

use super::alarm::Alarm;
use super::ask::{Ask, AskError};
use super::crew::{Changed, Watcher};
use super::engine::Engine;
use super::owners::Owners;
use crate::domain::id::Id;
use crate::domain::letter::{Command, LETTERS, Letter, Refusal, State};
use crate::store::query::Cursor;
use crate::store::{Query, Unavailable, document};

/// Some letters in a list, where it goes on, and how many there are in all.
pub type Listed = (Vec<Letter>, Option<Cursor>, u64);

/// All letters. Cloning it gives another handle to the same ones.
#[derive(Clone)]
pub struct Letters {
    owners: Owners<Letter>,
    alarm: Alarm,
}

impl Letters {
    /// The letters on this engine.
    #[must_use]
    pub fn new(engine: &Arc<Engine>) -> Self {
        let alarm = Alarm::default();
        let set = alarm.clone();
        let due: Watcher<Letter> = Box::new(move |changed: &Changed<'_, Letter>| {
            if let Some(due) = changed.state.due() {
                set.no_later_than(due);
            }
        });
        Self {
            owners: Owners::new(Arc::clone(engine), vec![due]),
            alarm,
        }
    }

    /// The owners.
    #[must_use]
    pub fn owners(&self) -> &Owners<Letter> {
        &self.owners
    }

    /// Rings when the next letter is to go out.
    #[must_use]
    pub fn alarm(&self) -> &Alarm {
        &self.alarm
    }

    /// Asks something of a letter.
    ///
    /// # Errors
    /// See [`AskError`].
    pub async fn ask(&self, id: Id, ask: Ask<Letter>) -> Result<Letter, AskError<Refusal>> {
        Ok(self.owners.ask(id, ask).await?.reply)
    }

    /// Tells a letter something on the runtime's own behalf.
    ///
    /// # Errors
    /// See [`AskError`].
    pub async fn tell(&self, id: Id, command: Command) -> Result<Letter, AskError<Refusal>> {
        let ask = Ask::new(command, self.owners.engine().now(None));
        Ok(self.owners.ask_as_runtime(id, ask).await?.reply)
    }

    /// A letter, if there is one.
    ///
    /// # Errors
    /// `Overloaded`, `Unavailable` or `Failed`.
    pub async fn see(&self, id: Id) -> Result<Option<Letter>, AskError<Refusal>> {
        self.owners
            .view(id, |letter: Option<&Letter>, _| letter.cloned())
            .await
    }

    /// A part of all letters, or of those that have come so far, the newest first.
    ///
    /// # Errors
    /// When the store does not say.
    pub async fn list(
        &self,
        state: Option<State>,
        part: impl FnOnce(Query) -> Query,
    ) -> Result<Listed, Unavailable> {
        let all = match state {
            None => Query::by_index(&LETTERS, "created", Vec::new()),
            Some(state) => Query::by_index(&LETTERS, "state", vec![state.name().into()]),
        };
        let store = &self.owners.engine().store;
        let page = store.find(part(all.clone().descending())).await?;
        let total = store.count(all).await?;
        let letters = page.documents.iter().filter_map(|row| document::decode(row).ok());
        Ok((letters.collect(), page.next, total))
    }
}

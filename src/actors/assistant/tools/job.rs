//! A tool as it is written: its arguments are a struct, and what it does stands with it.

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{Audience, Desk, Effect, Outcome, Subject, Trouble};
use crate::actors::checkout::Quote;
use crate::store::Version;

/// What a question rests on. Whoever decides about the call is told, so that nothing else is done than
/// what was asked, whatever happens in between.
pub(super) enum Basis {
    /// Nothing: nobody is asked.
    Free,
    /// What the cart holds and comes to.
    Quote(Quote),
    /// The version of an order.
    Order(Version),
    /// How many pieces there are.
    OnHand(u64),
}

/// What the user has to agree to.
pub(super) struct Question {
    pub(super) words: String,
    pub(super) basis: Basis,
}

/// One tool. The struct is its arguments, which refuse every field that they do not know.
pub(super) trait Job: DeserializeOwned + Send + Sync + 'static {
    const NAME: &'static str;
    const TITLE: &'static str;
    const DESCRIPTION: &'static str;
    const EFFECT: Effect;
    const AUDIENCE: Audience;
    const SUBJECT: Subject;

    /// The JSON schema of the arguments.
    fn parameters() -> Value;

    /// Does it. What spends does it on the basis of what was agreed to, and on no other.
    fn run(&self, desk: &Desk, basis: Basis) -> impl Future<Output = Result<Outcome, Trouble>> + Send;

    /// What the user has to agree to first, if it spends.
    fn question(&self, _desk: &Desk) -> impl Future<Output = Result<Question, Trouble>> + Send {
        async { Err(Trouble::Failed) }
    }

    /// What is so now of what it may have changed, for whoever does not know whether it was done.
    fn stands(&self, _desk: &Desk) -> impl Future<Output = Result<String, Trouble>> + Send {
        async { Ok(String::new()) }
    }
}

/// The same, whatever its arguments are.
pub(super) trait AnyJob: Send + Sync {
    fn run<'a>(&'a self, desk: &'a Desk, basis: Basis) -> BoxFuture<'a, Result<Outcome, Trouble>>;
    fn question<'a>(&'a self, desk: &'a Desk) -> BoxFuture<'a, Result<Question, Trouble>>;
    fn stands<'a>(&'a self, desk: &'a Desk) -> BoxFuture<'a, Result<String, Trouble>>;
}

impl<J: Job> AnyJob for J {
    fn run<'a>(&'a self, desk: &'a Desk, basis: Basis) -> BoxFuture<'a, Result<Outcome, Trouble>> {
        Job::run(self, desk, basis).boxed()
    }

    fn question<'a>(&'a self, desk: &'a Desk) -> BoxFuture<'a, Result<Question, Trouble>> {
        Job::question(self, desk).boxed()
    }

    fn stands<'a>(&'a self, desk: &'a Desk) -> BoxFuture<'a, Result<String, Trouble>> {
        Job::stands(self, desk).boxed()
    }
}

/// Reads the arguments of a call.
pub(super) fn read<J: Job>(arguments: Value) -> Result<Box<dyn AnyJob>, String> {
    if !arguments.is_object() {
        return Err("the arguments must be an object".into());
    }
    match serde_json::from_value::<J>(arguments) {
        Ok(job) => Ok(Box::new(job)),
        Err(error) => Err(error.to_string()),
    }
}

//! What an assistant can do in the shop: one registry, used by the session's loop and by any other
//! way in for agents. A tool is one command or one view that the web has too, run with the rights
//! of whoever is signed in; nobody's id is ever among its arguments.
//!
//! The way through: [`Tools::offered_to`] says what somebody may be offered, [`Tools::check`] reads
//! a call strictly and says whether it may be made, [`Ready::question`] says what the user has to
//! agree to before a call that [`Effect::Spends`], and [`Ready::run`] makes the call. A call that
//! spends is made by [`Ready::run_as_agreed`] alone, with the words that its user has said yes to.

mod arguments;
mod cart;
mod catalogue;
mod job;
mod orders;
mod selling;
mod trouble;

use serde_json::Value;

use self::job::{AnyJob, Basis, Job, Question};
use super::person::Person;
use super::shop::Shop;
use crate::domain::account::Role;
use crate::services::models::ToolSpec;

pub use self::selling::{Insights, insights};
pub use self::trouble::Trouble;

/// So often is it looked whether what has changed is what was agreed to.
const ATTEMPTS: usize = 4;

/// What a call does to the world.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Nothing.
    Reads,
    /// Something that its user can undo himself at any time.
    Changes,
    /// Something that costs money or stock, or that cannot be taken back: the user is asked first.
    Spends,
}

/// Whom a tool is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// Everybody, signed in or not.
    Everybody,
    /// Whoever buys.
    Buyers,
    /// Whoever sells.
    Sellers,
}

/// What a tool is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// What is for sale.
    Catalogue,
    /// The cart, which is told whole each time.
    Cart,
    /// Orders.
    Orders,
    /// The business of whoever sells.
    Business,
}

/// One tool.
#[derive(Debug)]
pub struct Tool {
    /// Its name on every wire.
    pub name: &'static str,
    /// Its name for people.
    pub title: &'static str,
    /// What it is for, to a model.
    pub description: &'static str,
    /// What it does to the world.
    pub effect: Effect,
    /// Whom it is for.
    pub audience: Audience,
    /// What it is about.
    pub subject: Subject,
    parameters: fn() -> Value,
    read: fn(Value) -> Result<Box<dyn AnyJob>, String>,
}

/// What a call came to.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// For programs and models.
    pub data: Value,
    /// For people: what is so now, in a sentence or a few.
    pub sentence: String,
}

/// What becomes of a call that its user has agreed to.
pub enum Agreed {
    /// It was made.
    Done(Outcome),
    /// Nothing was done, since something else would be done by now: this is to be asked.
    Changed(String),
}

/// A call that was understood and that its caller may make.
pub struct Ready {
    /// Of what.
    pub tool: &'static Tool,
    job: Box<dyn AnyJob>,
    desk: Desk,
}

/// Where a job is done: in this shop, for this person.
#[derive(Clone)]
pub struct Desk {
    shop: Shop,
    person: Option<Person>,
}

/// The registry. Cloning it gives another handle to the same shop.
#[derive(Clone)]
pub struct Tools {
    shop: Shop,
}

static TOOLS: [Tool; 12] = [
    Tool::of::<catalogue::Search>(),
    Tool::of::<catalogue::Look>(),
    Tool::of::<cart::View>(),
    Tool::of::<cart::Add>(),
    Tool::of::<cart::Update>(),
    Tool::of::<cart::Remove>(),
    Tool::of::<orders::Place>(),
    Tool::of::<orders::Mine>(),
    Tool::of::<orders::Cancel>(),
    Tool::of::<selling::Metrics>(),
    Tool::of::<selling::LowStock>(),
    Tool::of::<selling::SetStock>(),
];

impl Tool {
    const fn of<J: Job>() -> Self {
        Self {
            name: J::NAME,
            title: J::TITLE,
            description: J::DESCRIPTION,
            effect: J::EFFECT,
            audience: J::AUDIENCE,
            subject: J::SUBJECT,
            parameters: J::parameters,
            read: job::read::<J>,
        }
    }

    /// The JSON schema of its arguments.
    #[must_use]
    pub fn parameters(&self) -> Value {
        (self.parameters)()
    }

    /// The same for a model.
    #[must_use]
    pub fn spec(&self) -> ToolSpec {
        ToolSpec {
            name: self.name,
            description: self.description,
            parameters: self.parameters(),
        }
    }

    /// Whether something that was there may be gone after it: after all that changes something, but
    /// for what merely adds.
    #[must_use]
    pub fn destroys(&self) -> bool {
        self.effect != Effect::Reads && self.name != cart::Add::NAME
    }

    /// Whether it is for somebody in this role, or for somebody who is not signed in.
    #[must_use]
    pub fn is_for(&self, role: Option<Role>) -> bool {
        match self.audience {
            Audience::Everybody => true,
            Audience::Buyers => role == Some(Role::User),
            Audience::Sellers => role == Some(Role::Seller),
        }
    }
}

impl Tools {
    /// The tools of this shop.
    #[must_use]
    pub fn new(shop: Shop) -> Self {
        Self { shop }
    }

    /// The shop that they reach into.
    #[must_use]
    pub fn shop(&self) -> &Shop {
        &self.shop
    }

    /// What somebody in this role, or nobody in particular, may be offered.
    pub fn offered_to(role: Option<Role>) -> impl Iterator<Item = &'static Tool> {
        TOOLS.iter().filter(move |tool| tool.is_for(role))
    }

    /// The tool of this name, whomever it is for.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Tool> {
        TOOLS.iter().find(|tool| tool.name == name)
    }

    /// Reads a call, and says whether this person may make it.
    ///
    /// # Errors
    /// [`Trouble`] that changes nothing: there is no such tool, it is for others, or the arguments
    /// are not right.
    pub fn check(&self, person: Option<Person>, name: &str, arguments: &Value) -> Result<Ready, Trouble> {
        let tool = Self::named(name);
        let tool = tool.ok_or_else(|| Trouble::Unknown(name.chars().take(64).collect()))?;
        if !tool.is_for(person.map(|person| person.role)) {
            return Err(match person {
                None => Trouble::SignIn,
                Some(_) => Trouble::Forbidden,
            });
        }
        let job = (tool.read)(arguments.clone()).map_err(Trouble::Malformed)?;
        let shop = self.shop.clone();
        let desk = Desk { shop, person };
        Ok(Ready { tool, job, desk })
    }
}

impl Ready {
    /// What the user has to agree to, with everything that it will cost or undo.
    ///
    /// # Errors
    /// When there is nothing to agree to: the cart is empty, the order is somebody else's.
    pub async fn question(&self) -> Result<String, Trouble> {
        Ok(self.job.question(&self.desk).await?.words)
    }

    /// Makes the call, unless it spends. Once begun it must not be dropped: what it does may stand
    /// already.
    ///
    /// # Errors
    /// [`Trouble`]: the rules say no, or something is out.
    pub async fn run(&self) -> Result<Outcome, Trouble> {
        match self.tool.effect {
            Effect::Reads | Effect::Changes => self.job.run(&self.desk, Basis::Free).await,
            Effect::Spends => Err(Trouble::Failed), // nobody has agreed to it
        }
    }

    /// Makes a call that spends, if its question still has the words that the user has said yes to. What
    /// they rest on is a condition of the command itself, so that nothing comes between the two. As for
    /// [`Ready::run`], it must not be dropped once begun.
    ///
    /// # Errors
    /// As [`Ready::run`].
    pub async fn run_as_agreed(&self, agreed: &str) -> Result<Agreed, Trouble> {
        for _ in 0..ATTEMPTS {
            let Question { words, basis } = self.job.question(&self.desk).await?;
            if words != agreed {
                return Ok(Agreed::Changed(words));
            }
            match self.job.run(&self.desk, basis).await {
                Err(Trouble::Changed) => {} // something, and maybe nothing that the words speak of
                done => return done.map(Agreed::Done),
            }
        }
        Err(Trouble::Changed)
    }

    /// What is so now of what the call may have changed, for whoever does not know whether it was
    /// made.
    ///
    /// # Errors
    /// [`Trouble`]: there is no such thing any more, or something is out.
    pub async fn stands(&self) -> Result<String, Trouble> {
        self.job.stands(&self.desk).await
    }
}

impl Desk {
    fn person(&self) -> Result<Person, Trouble> {
        self.person.ok_or(Trouble::SignIn)
    }
}

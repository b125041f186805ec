//! What the shop itself has to say of calls that change something. It follows from what happened alone:
//! no words of a model can keep it back.

use super::tools::{Effect, Subject, Tool, Trouble};

/// Something that is so, or was wanted and is not.
#[derive(Debug, Clone)]
pub(super) struct Fact {
    /// What it is about, where one sentence can tell the whole of that.
    about: Option<Subject>,
    /// Whether it does.
    is_whole: bool,
    sentence: String,
}

impl Fact {
    /// Something is as it is now.
    pub(super) fn is(subject: Subject, sentence: String) -> Self {
        let is_whole = subject == Subject::Cart;
        Self {
            about: is_whole.then_some(subject),
            is_whole,
            sentence,
        }
    }

    /// What an earlier answer was interrupted at, and how it is now.
    pub(super) fn of_before(sentence: String) -> Self {
        Self::told(None, sentence)
    }

    /// The shop has said no, or nothing. A model that says otherwise must not have the last word.
    pub(super) fn is_not(trouble: &Trouble) -> Self {
        let sentence = match trouble {
            Trouble::Unavailable(_) => {
                "The shop gave no answer, so I do not know whether this was done. Please look.".to_owned()
            }
            _ => format!(
                "This was not done: {}.",
                trouble.to_string().trim_end_matches('.')
            ),
        };
        Self::told(None, sentence)
    }

    /// A call was none, or none of this user's. What the model wrote in it is not said in our name. If
    /// it has put a call about the cart right, the cart tells so; nothing is to be said of one that
    /// would have changed nothing.
    pub(super) fn is_wrong(tool: Option<&Tool>, trouble: &Trouble) -> Option<Self> {
        Self::was_left(
            tool,
            match trouble {
                Trouble::Forbidden | Trouble::SignIn => "this user may not do that",
                _ => "the call was not right",
            },
        )
    }

    /// A call was not even tried.
    pub(super) fn was_left(tool: Option<&Tool>, why: &str) -> Option<Self> {
        let Some(tool) = tool else {
            let sentence = "Something was tried that cannot be done here. It was not done.";
            return Some(Self::told(None, sentence.to_owned()));
        };
        let about = (tool.subject == Subject::Cart).then_some(tool.subject);
        let sentence = format!("This was not done: {}, since {why}.", lower(tool.title));
        (tool.effect != Effect::Reads).then(|| Self::told(about, sentence))
    }

    fn told(about: Option<Subject>, sentence: String) -> Self {
        Self {
            about,
            is_whole: false,
            sentence,
        }
    }
}

/// What is to be said of all of it: the last that tells the whole of something, everything else that
/// this does not tell, and nothing twice.
pub(super) fn standing(facts: &[Fact]) -> Vec<String> {
    let stands = facts.iter().enumerate().filter(|(n, fact)| {
        let is_told_by = |later: &Fact| {
            let whole = later.is_whole && later.about == fact.about;
            whole || later.sentence == fact.sentence
        };
        !facts[n + 1..].iter().any(is_told_by)
    });
    stands.map(|(_, fact)| fact.sentence.clone()).collect()
}

fn lower(title: &str) -> String {
    let mut letters = title.chars();
    let first = letters.next().map(char::to_lowercase);
    first.into_iter().flatten().chain(letters).collect()
}

//! What people say beside what they want.

use super::which::content;
use super::wish::Wish;
use super::words::Word;

/// A greeting, thanks, a yes, a no, or who is there.
pub(super) fn courtesy(part: &[Word]) -> Option<Wish> {
    let text = |n: usize, texts: &[&str]| part.get(n).is_some_and(|word| word.is_one_of(texts));
    let has = |texts: &[&str]| part.iter().any(|word| word.is_one_of(texts));
    let short = part.len() <= 3;
    if short
        && (text(0, &["hi", "hello", "hey", "namaste", "greetings"])
            || (text(0, &["good"]) && part.len() == 2))
    {
        return Some(Wish::Greeting);
    }
    if short
        && text(
            0,
            &[
                "thanks", "thank", "thx", "bye", "goodbye", "great", "perfect", "cool",
            ],
        )
    {
        return Some(Wish::Thanks);
    }
    if short && text(0, &["yes", "yeah", "yep", "sure"]) {
        return Some(Wish::Yes);
    }
    if part.len() <= 2 && text(0, &["no", "nope"]) {
        return Some(Wish::No);
    }
    let who = text(0, &["who", "what"]) && text(1, &["are"]) && text(2, &["you"]);
    let what = text(0, &["what", "how"]) && has(&["you"]) && has(&["do", "help", "work"]) && !has(&["have"]);
    let robot =
        text(0, &["are"]) && text(1, &["you"]) && has(&["robot", "human", "ai", "real", "bot", "person"]);
    ((text(0, &["help"]) && content(part).is_empty()) || who || what || robot).then_some(Wish::Help)
}

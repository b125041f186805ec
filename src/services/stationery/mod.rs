//! Puts the facts of a letter into words: a subject, a text, a page of HTML, or the one line of a
//! text message. Whatever somebody else has written, a name or a title, is text wherever it stands.

mod sheet;

use std::sync::Arc;

use askama::Template;

use self::sheet::Sheet;
use super::reset_links::ResetLinks;
use crate::domain::letter::Content;

/// Writes letters out.
#[derive(Clone)]
pub struct Stationery {
    links: Arc<ResetLinks>,
}

/// A letter in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// What it is about, on one line.
    pub subject: String,
    /// All of it, for those who read plain text.
    pub text: String,
    /// The same as a page.
    pub html: String,
}

/// The words could not be put together, which is a fault of a template.
#[derive(Debug, thiserror::Error)]
#[error("the letter cannot be written out: {0}")]
pub struct Unwritten(#[from] askama::Error);

#[derive(Template)]
#[template(path = "letter.txt")]
struct Text<'a> {
    name: &'a str,
    sheet: &'a Sheet,
}

#[derive(Template)]
#[template(path = "letter.html")]
struct Page<'a> {
    name: &'a str,
    sheet: &'a Sheet,
}

impl Stationery {
    /// Stationery whose secret links are these.
    #[must_use]
    pub fn new(links: Arc<ResetLinks>) -> Self {
        Self { links }
    }

    /// A letter to somebody of this name.
    ///
    /// # Errors
    /// When a template has a fault.
    pub fn write(&self, content: &Content, name: &str) -> Result<Written, Unwritten> {
        let sheet = &Sheet::of(content, &self.links);
        let name = &one_line(name);
        Ok(Written {
            text: Text { name, sheet }.render()?,
            html: Page { name, sheet }.render()?,
            subject: sheet.subject.clone(),
        })
    }

    /// The same as a text message.
    #[must_use]
    pub fn line(&self, content: &Content) -> String {
        let sheet = Sheet::of(content, &self.links);
        let sentence = sheet.sentences.first().map_or("", String::as_str);
        match sheet.facts.first() {
            Some((what, value)) => format!("Bazaar: {sentence} {what}: {value}."),
            None => format!("Bazaar: {sentence}"),
        }
    }
}

/// A text without what could end a line, or a header.
#[must_use]
pub fn one_line(text: &str) -> String {
    let line: String = text
        .chars()
        .map(|letter| if letter.is_control() { ' ' } else { letter })
        .collect();
    line.trim().to_owned()
}

#[cfg(test)]
mod tests;

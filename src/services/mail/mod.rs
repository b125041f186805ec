//! Mail, out of the house. One server carries it, over a few connections of which each carries one
//! letter at a time: a server that hangs over one letter holds up no other for long.

mod conversation;
mod gmail;
mod server;

use lettre::Message;
use lettre::message::header::{ContentType, Header, HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart, SinglePart};

pub use conversation::Line;
pub use server::{BadServer, Server};

use super::stationery::{Written, one_line};
use crate::domain::account::Email;
use crate::domain::id::Id;

/// Why a letter was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unsent {
    /// It may be taken another time.
    #[error("{0}")]
    Again(String),
    /// It was not tried: whoever carries it keeps failing, and is left alone for a while.
    #[error("{0}")]
    Resting(String),
    /// It will never be.
    #[error("{0}")]
    Never(String),
}

/// A letter ready for its envelope.
#[derive(Debug)]
pub struct Mail<'a> {
    /// Its id: the same however often it is sent, so that a reader who gets it twice sees it once.
    pub id: Id,
    /// Where to.
    pub to: &'a Email,
    /// To whom.
    pub name: &'a str,
    /// What it says.
    pub written: &'a Written,
}

impl Mail<'_> {
    fn message(&self, sender: &Mailbox) -> Result<Message, Unsent> {
        let never = |error: &dyn std::fmt::Display| Unsent::Never(error.to_string());
        let address = self.to.as_str().parse().map_err(|error| never(&error))?;
        let name = Some(one_line(self.name)).filter(|name| !name.is_empty());
        let domain = sender.email.domain();
        let part = |media_type, text: &str| SinglePart::builder().header(media_type).body(text.to_owned());
        let parts = MultiPart::alternative()
            .singlepart(part(ContentType::TEXT_PLAIN, &self.written.text))
            .singlepart(part(ContentType::TEXT_HTML, &self.written.html));
        Message::builder()
            .from(sender.clone())
            .to(Mailbox::new(name, address))
            .subject(one_line(&self.written.subject))
            .message_id(Some(format!("<{}@{domain}>", self.id)))
            .header(AutoSubmitted)
            .multipart(parts)
            .map_err(|error| never(&error))
    }
}

/// Tells those who answer mail by themselves that nobody waits for it.
#[derive(Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_never_makes_a_header_and_an_id_names_the_message() {
        let written = Written {
            subject: "Welcome\r\nBcc: all@example.com".into(),
            text: "Hello".into(),
            html: "<p>Hello</p>".into(),
        };
        let mail = Mail {
            id: Id::from_bytes([7; 12]),
            to: &"anna@example.com".parse().unwrap(),
            name: "Anna\r\nBcc: all@example.com\r\n\r\nBuy!",
            written: &written,
        };
        let sender = "Bazaar <shop@example.com>".parse().unwrap();
        let message = String::from_utf8(mail.message(&sender).unwrap().formatted()).unwrap();
        let (head, _) = message.split_once("\r\n\r\n").unwrap();
        let names: Vec<_> = head
            .split("\r\n")
            .filter(|line| !line.starts_with([' ', '\t']))
            .filter_map(|line| Some(line.split_once(':')?.0))
            .collect();
        let mut expected = vec![
            "From",
            "To",
            "Subject",
            "Message-ID",
            "Auto-Submitted",
            "MIME-Version",
            "Content-Type",
            "Date",
        ];
        expected.sort_unstable();
        let mut sorted = names.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, expected, "{head}");
        assert!(head.contains("<070707070707070707070707@example.com>"), "{head}");
    }
}

//! Messages that come over a WebSocket in several frames, which whoever speaks it has to take
//! (RFC 6455, section 5.4).

use actix_http::ws::{CloseCode, Item};

/// The parts of a message that is not whole yet.
#[derive(Default)]
pub(super) struct Parts(Vec<u8>);

/// Why a connection that sends such parts is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unfit {
    /// They carry bytes and no text.
    Bytes,
    /// Together they are too long.
    TooLong,
    /// Together they are no text.
    NoText,
}

impl Parts {
    /// Takes a part, and gives the message when that was its last one.
    pub(super) fn take(&mut self, item: Item, bytes_max: usize) -> Result<Option<String>, Unfit> {
        let (part, is_last) = match item {
            Item::FirstText(part) | Item::Continue(part) => (part, false),
            Item::Last(part) => (part, true),
            Item::FirstBinary(_) => return Err(Unfit::Bytes),
        };
        if self.0.len() + part.len() > bytes_max {
            return Err(Unfit::TooLong);
        }
        self.0.extend_from_slice(&part);
        if !is_last {
            return Ok(None);
        }
        let whole = String::from_utf8(std::mem::take(&mut self.0));
        whole.map(Some).map_err(|_| Unfit::NoText)
    }
}

impl Unfit {
    /// The code to close with.
    pub(super) fn code(self) -> CloseCode {
        match self {
            Self::Bytes => CloseCode::Unsupported,
            Self::TooLong => CloseCode::Size,
            Self::NoText => CloseCode::Invalid,
        }
    }

    /// The same in words.
    pub(super) fn reason(self) -> &'static str {
        match self {
            Self::Bytes => "Frames carry text.",
            Self::TooLong => "A message has at most 65536 bytes.",
            Self::NoText => "Text is UTF-8.",
        }
    }
}

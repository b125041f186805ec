//! The packets of Engine.IO 4, the lower half of Socket.IO: what a connection is made of, however
//! it is carried. Only text is spoken here.

/// Stands between the packets of one HTTP body.
const SEPARATOR: char = '\x1e';

/// One packet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Packet {
    /// A session begins; with what there is to know of it.
    Open(String),
    /// The session ends.
    Close,
    /// Asks for a sign of life, or whether a socket carries at all.
    Ping(String),
    /// A sign of life.
    Pong(String),
    /// Something for the layer above.
    Message(String),
    /// The socket takes over from the polling.
    Upgrade,
    /// Nothing; it ends a poll that waits.
    Noop,
}

/// This is no packet, or not one of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Malformed;

impl Packet {
    /// Reads one.
    pub(super) fn read(text: &str) -> Result<Self, Malformed> {
        let mut letters = text.chars();
        let kind = letters.next().ok_or(Malformed)?;
        let rest = letters.as_str();
        match (kind, rest) {
            ('0', _) => Ok(Self::Open(rest.to_owned())),
            ('1', "") => Ok(Self::Close),
            ('2', _) => Ok(Self::Ping(rest.to_owned())),
            ('3', _) => Ok(Self::Pong(rest.to_owned())),
            ('4', _) => Ok(Self::Message(rest.to_owned())),
            ('5', "") => Ok(Self::Upgrade),
            ('6', "") => Ok(Self::Noop),
            // A `b` begins bytes in Base64, which nobody here has a use for.
            _ => Err(Malformed),
        }
    }

    /// Reads the packets of an HTTP body.
    pub(super) fn read_all(body: &str) -> Result<Vec<Self>, Malformed> {
        body.split(SEPARATOR).map(Self::read).collect()
    }

    /// The packet as it is sent.
    pub(super) fn text(&self) -> String {
        match self {
            Self::Open(rest) => format!("0{rest}"),
            Self::Close => "1".into(),
            Self::Ping(rest) => format!("2{rest}"),
            Self::Pong(rest) => format!("3{rest}"),
            Self::Message(rest) => format!("4{rest}"),
            Self::Upgrade => "5".into(),
            Self::Noop => "6".into(),
        }
    }

    /// An HTTP body of these packets.
    pub(super) fn body(packets: &[Self]) -> String {
        let texts: Vec<_> = packets.iter().map(Self::text).collect();
        texts.join(SEPARATOR.encode_utf8(&mut [0; 4]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sent_is_read_as_what_it_was() {
        let packets = [
            Packet::Open("{}".into()),
            Packet::Ping(String::new()),
            Packet::Pong("probe".into()),
            Packet::Message("2[\"message\",\"é\"]".into()),
            Packet::Upgrade,
            Packet::Noop,
            Packet::Close,
        ];
        assert_eq!(Packet::read_all(&Packet::body(&packets)), Ok(packets.to_vec()));
    }

    #[test]
    fn bytes_and_nonsense_are_no_packets() {
        for text in ["", "7", "x", "bAQID", "1x", "6probe", "4a\x1e", "\x1e4a"] {
            assert_eq!(Packet::read_all(text), Err(Malformed), "{text:?}");
        }
    }
}

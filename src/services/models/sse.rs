//! Reads server-sent events as they arrive: chunks begin and end anywhere, also in the middle of a
//! letter, and no line grows without bound.

/// No event of a model is longer.
const EVENT_BYTES_MAX: usize = 256 * 1024;

/// The events of one answer.
#[derive(Debug, Default)]
pub(super) struct Events {
    /// The line that has not come to its end.
    line: Vec<u8>,
    /// The data of the event that has not come to its end.
    data: Vec<u8>,
}

/// An event that has no end.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct TooLong;

impl Events {
    /// Takes what arrived, and gives the data of every event that is whole now.
    pub(super) fn take(&mut self, chunk: &[u8]) -> Result<Vec<String>, TooLong> {
        let mut whole = Vec::new();
        for piece in chunk.split_inclusive(|byte| *byte == b'\n') {
            if self.line.len() + self.data.len() + piece.len() > EVENT_BYTES_MAX {
                return Err(TooLong);
            }
            self.line.extend_from_slice(piece);
            if piece.ends_with(b"\n") {
                whole.extend(self.end_line());
            }
        }
        Ok(whole)
    }

    /// Nothing more comes: what was left without its empty line is an event too.
    pub(super) fn end(&mut self) -> Option<String> {
        let last = self.end_line();
        last.or_else(|| self.end_event())
    }

    fn end_line(&mut self) -> Option<String> {
        let line = std::mem::take(&mut self.line);
        let line = line.strip_suffix(b"\n").unwrap_or(&line);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.is_empty() {
            return self.end_event();
        }
        // Names, ids and comments mean nothing here.
        if let Some(data) = line.strip_prefix(b"data:") {
            if !self.data.is_empty() {
                self.data.push(b'\n');
            }
            self.data
                .extend_from_slice(data.strip_prefix(b" ").unwrap_or(data));
        }
        None
    }

    fn end_event(&mut self) -> Option<String> {
        let data = std::mem::take(&mut self.data);
        (!data.is_empty()).then(|| String::from_utf8_lossy(&data).into_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STREAM: &str = ": hello\r\nevent: delta\r\ndata: {\"a\":\r\ndata: \"é🧦\"}\r\n\r\n\
        data:[1]\n\nid: 7\n\ndata: the last";

    #[test]
    fn events_are_the_same_wherever_the_chunks_are_cut() {
        for size in 1..=STREAM.len() {
            let mut events = Events::default();
            let mut read = Vec::new();
            for chunk in STREAM.as_bytes().chunks(size) {
                read.extend(events.take(chunk).expect("short lines"));
            }
            read.extend(events.end());
            assert_eq!(read, ["{\"a\":\n\"é🧦\"}", "[1]", "the last"], "chunks of {size}");
            assert_eq!(events.end(), None);
        }
    }

    #[test]
    fn a_line_and_an_event_without_end_are_given_up() {
        let line = vec![b'x'; EVENT_BYTES_MAX + 1];
        assert_eq!(Events::default().take(&line), Err(TooLong));
        let mut events = Events::default();
        let event = "data: x\n".repeat(EVENT_BYTES_MAX);
        let taken: Result<Vec<_>, _> = event
            .as_bytes()
            .chunks(1_000)
            .map(|chunk| events.take(chunk))
            .collect();
        assert_eq!(taken, Err(TooLong));
    }
}

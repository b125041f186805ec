//! How long those who say something wait for an answer.

use std::time::{Duration, Instant};

use super::socket::Socket;

/// What is said, over and over.
const SENTENCES: [&str; 5] = [
    "something warm for trekking under 3000",
    "put it in my cart",
    "show my cart",
    "remove it",
    "hello",
];

/// How long everybody waited.
#[derive(Default)]
pub(crate) struct Waits {
    /// For the first frame,
    first: Vec<Duration>,
    /// for the first words,
    words: Vec<Duration>,
    /// and until the assistant was ready for more.
    whole: Vec<Duration>,
}

impl Waits {
    /// Says the next thing, and waits for all of the answer.
    pub(crate) async fn one_more(&mut self, sockets: &mut [Socket]) {
        let said = self.whole.len();
        let (many, rounds) = (sockets.len(), said / sockets.len());
        let socket = &mut sockets[said % many];
        let began = Instant::now();
        socket.say(SENTENCES[rounds % SENTENCES.len()]).await;
        let (mut frames, mut words) = (0, None);
        loop {
            let frame = socket.next().await.expect("the session goes on");
            assert_ne!(frame["type"], "error", "{frame}");
            frames += 1;
            if frames == 1 {
                self.first.push(began.elapsed());
            }
            if frame["type"] == "delta" {
                words.get_or_insert_with(|| began.elapsed());
            }
            if frame["status"] == "ready" {
                break;
            }
        }
        self.words.push(words.expect("an answer has words"));
        self.whole.push(began.elapsed());
    }

    /// Says how long it was, and how long it may be at the most.
    pub(crate) fn tell(mut self, beside: &str, wanted: &str) {
        let many = self.whole.len();
        let [first, words, whole] = [&mut self.first, &mut self.words, &mut self.whole].map(|waits| {
            waits.sort_unstable();
            let millis = |place: usize| waits[place.min(many - 1)].as_secs_f64() * 1_000.0;
            let (half, most) = (millis(many / 2), millis(many * 99 / 100));
            format!("p50 {half:.2} ms, p99 {most:.2} ms")
        });
        println!("{beside}, {many} messages: from a message to the first frame {first}, wanted {wanted};");
        println!("  to the first words {words}; to the end of the answer {whole}");
    }
}

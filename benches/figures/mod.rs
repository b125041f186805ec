//! What the benches of this folder share: the rates they saw, side by side, as a few sentences.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// As the binary has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// How often something was done, and how long it took.
#[derive(Default)]
pub(crate) struct Figures(RefCell<BTreeMap<String, (u64, Duration)>>);

impl Figures {
    /// Runs something that does so many things, and counts them under a name.
    pub(crate) fn time(&self, name: &str, things: u64, run: impl FnOnce()) -> Duration {
        let start = Instant::now();
        run();
        let took = start.elapsed();
        let mut figures = self.0.borrow_mut();
        let (count, total) = figures.entry(name.to_owned()).or_default();
        *count += things;
        *total += took;
        took
    }

    /// Things a second; `None` if it did not run.
    #[expect(clippy::cast_precision_loss, reason = "a rate needs no more precision")]
    pub(crate) fn rate(&self, name: &str) -> Option<f64> {
        let figures = self.0.borrow();
        let (count, total) = figures.get(name)?;
        Some(*count as f64 / total.as_secs_f64())
    }

    /// Says how many times faster one is than the other, and what it should be at least.
    pub(crate) fn compare(&self, ours: &str, theirs: &str, at_least: Option<f64>) {
        let (Some(our_rate), Some(their_rate)) = (self.rate(ours), self.rate(theirs)) else {
            return;
        };
        let ratio = our_rate / their_rate;
        let wanted = match at_least {
            Some(wanted) if ratio < wanted => format!(", WANTED {wanted}"),
            Some(wanted) => format!(", wanted {wanted}"),
            None => String::new(),
        };
        println!("{ours}: {our_rate:.0}/s, {ratio:.2} x {theirs}: {their_rate:.0}/s{wanted}");
    }
}

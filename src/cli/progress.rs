//! How far something has come that takes a while: a bar on a terminal, a line now and then
//! elsewhere. Both go to standard error.

use std::cell::Cell;
use std::io::IsTerminal;

use indicatif::{ProgressBar, ProgressStyle};

/// Where nobody sees a bar grow, so many lines are said of it at the most.
const LINES: usize = 10;

/// Something that takes a while.
pub(super) struct Progress {
    what: &'static str,
    all: usize,
    /// None where nobody would see it.
    bar: Option<ProgressBar>,
    lines: Cell<usize>,
}

impl Progress {
    /// Nothing is done yet of all that is to be done.
    pub(super) fn new(what: &'static str, all: usize) -> Self {
        let bar = std::io::stderr().is_terminal().then(|| bar(what, all));
        Self {
            what,
            all,
            bar,
            lines: Cell::new(0),
        }
    }

    /// So much is done.
    pub(super) fn show(&self, done: usize) {
        match &self.bar {
            Some(bar) => {
                bar.set_position(done as u64);
                if done == self.all {
                    bar.finish();
                }
            }
            None => self.say(done),
        }
    }

    fn say(&self, done: usize) {
        let lines = LINES * done / self.all.max(1);
        if lines > self.lines.get() {
            self.lines.set(lines);
            eprintln!("{}: {done} of {}", self.what, self.all);
        }
    }
}

fn bar(what: &'static str, all: usize) -> ProgressBar {
    let style = ProgressStyle::with_template("{msg:>18} [{bar:40}] {pos}/{len} {eta:>4}");
    let bar = ProgressBar::new(all as u64).with_message(what);
    match style {
        Ok(style) => bar.with_style(style.progress_chars("=> ")),
        Err(_) => bar, // drawn as indicatif likes it
    }
}

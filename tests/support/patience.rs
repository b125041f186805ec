//! A test that never comes to an end says so. In CI a run that has one is broken off with the name of
//! it, before whoever started the run gives up without knowing why.

use std::collections::BTreeMap;
use std::io::Write;
use std::sync::OnceLock;
use std::thread;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

/// No test of the usual size needs half of it.
const LONGEST: Duration = Duration::from_mins(8);
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// Whoever is waited for, until dropped.
pub(crate) struct Patience(Option<u64>);

#[derive(Default)]
struct Waiting {
    next: u64,
    tests: BTreeMap<u64, (String, Instant)>,
}

impl Patience {
    /// With the test of this thread.
    pub(crate) fn begins() -> Self {
        if std::env::var_os("CI").is_none() {
            return Self(None);
        }
        let name = thread::current().name().unwrap_or("a test").to_owned();
        let mut waiting = waiting().lock();
        waiting.next += 1;
        let number = waiting.next;
        waiting.tests.insert(number, (name, Instant::now()));
        Self(Some(number))
    }
}

impl Drop for Patience {
    fn drop(&mut self) {
        if let Some(number) = self.0 {
            waiting().lock().tests.remove(&number);
        }
    }
}

/// Those who are waited for, and somebody who looks at the clock.
fn waiting() -> &'static Mutex<Waiting> {
    static WAITING: OnceLock<Mutex<Waiting>> = OnceLock::new();
    WAITING.get_or_init(|| {
        thread::spawn(|| {
            loop {
                thread::sleep(LOOK_EVERY);
                break_off_if_it_takes_too_long();
            }
        });
        Mutex::default()
    })
}

fn break_off_if_it_takes_too_long() {
    let late: Vec<String> = waiting()
        .lock()
        .tests
        .values()
        .filter(|(_, since)| since.elapsed() > LONGEST)
        .map(|(name, _)| name.clone())
        .collect();
    if late.is_empty() {
        return;
    }
    // Written past the capture of the tests' output, which is lost with the process.
    let minutes = LONGEST.as_secs() / 60;
    let _ = writeln!(
        std::io::stderr(),
        "\nno end after {minutes} minutes: {}",
        late.join(", ")
    );
    std::process::exit(1);
}

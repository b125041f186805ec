//! Another process, for what only another process can do: this test binary again, told by its
//! environment to run one function.

use std::process::Command;

const PLACE: &str = "BAZAAR_TEST_CHILD";

/// The command that runs an ignored test of this binary as a process of its own.
pub(crate) fn running(test: &str, place: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("this binary"));
    command
        .args([test, "--exact", "--ignored", "--nocapture"])
        .env(PLACE, place);
    command
}

/// What the parent said where to work; `None` when nobody did.
pub(crate) fn place() -> Option<String> {
    std::env::var(PLACE).ok()
}

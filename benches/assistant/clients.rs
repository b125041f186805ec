//! A process of clients: this bench once more, which is told by its standard input what to do and
//! says on its standard output what came of it, a line of JSON each. It ends when nobody tells it
//! anything any more.

use std::io::{BufRead, BufReader, Lines, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::Value;

/// By this variable a process knows that it is one of clients, and of which kind.
const KIND: &str = "BAZAAR_BENCH_CLIENTS";

/// One such process. Dropped, it ends.
pub(crate) struct Clients {
    child: Child,
    input: Option<ChildStdin>,
    output: Lines<BufReader<ChildStdout>>,
}

impl Clients {
    /// Starts one.
    pub(crate) fn start(kind: &str) -> Self {
        let program = std::env::current_exe().expect("a bench is a file");
        let child = Command::new(program)
            .env(KIND, kind)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn();
        let mut child = child.expect("the bench starts once more");
        let output = child.stdout.take().expect("standard output was asked for");
        Self {
            input: child.stdin.take(),
            output: BufReader::new(output).lines(),
            child,
        }
    }

    /// Tells it something.
    pub(crate) fn tell(&mut self, what: &Value) {
        let input = self.input.as_mut().expect("it is there until it is dropped");
        writeln!(input, "{what}").expect("the clients listen");
    }

    /// Waits for what it says next.
    pub(crate) fn hear(&mut self) -> Value {
        let line = self.output.next().expect("the clients have not failed");
        serde_json::from_str(&line.expect("a line")).expect("JSON")
    }
}

impl Drop for Clients {
    fn drop(&mut self) {
        drop(self.input.take());
        // It may have ended by itself, which whoever listened has noticed.
        let _ = self.child.wait();
    }
}

/// Of which kind this process is, if it is one of clients.
pub(crate) fn kind() -> Option<String> {
    std::env::var(KIND).ok()
}

/// What this process is told next; nothing when it is to end.
pub(crate) fn told() -> Option<Value> {
    let line = std::io::stdin().lines().next()?.ok()?;
    serde_json::from_str(&line).ok()
}

/// Says something to whoever started this process.
pub(crate) fn say(what: &Value) {
    println!("{what}");
}

//! The real binary on an empty folder, for benches that ask what a person would notice.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// A running marketplace, ended when dropped.
pub(crate) struct Binary {
    /// Its process.
    pub(crate) child: Child,
    /// Where it listens.
    pub(crate) address: SocketAddr,
    /// How long it took from the start of the process to the first answer.
    pub(crate) to_first_answer: Duration,
    _folder: TempDir,
}

impl Binary {
    /// Starts it and waits for its first answer.
    pub(crate) fn start(settings: &[(&str, &str)]) -> Self {
        // Whoever starts a marketplace asks it something next.
        bazaar::services::outside::use_ring();
        let folder = tempfile::tempdir().expect("the machine gives a folder");
        let address = free_address();
        let started = Instant::now();
        let mut command = Command::new(env!("CARGO_BIN_EXE_bazaar"));
        command
            .current_dir(folder.path())
            .args(["--port", &address.port().to_string()])
            .args(["--set", "log.level=warn", "--set", "demo.seed=false"])
            .stderr(Stdio::inherit());
        for (key, value) in settings {
            command.args(["--set", &format!("{key}={value}")]);
        }
        let child = command.spawn().expect("the binary is there");
        while !answers(address) {
            assert!(started.elapsed() < Duration::from_secs(30), "it does not answer");
        }
        Self {
            child,
            address,
            to_first_answer: started.elapsed(),
            _folder: folder,
        }
    }

    /// How much memory it holds, in kilobytes.
    pub(crate) fn resident_kb(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()));
        let status = status.unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok())
            .unwrap_or_default()
    }
}

impl Drop for Binary {
    fn drop(&mut self) {
        // It may have ended by itself, which the bench has noticed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn free_address() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("the machine gives a port");
    listener.local_addr().expect("a listener has an address")
}

fn answers(address: SocketAddr) -> bool {
    let Ok(mut stream) = TcpStream::connect(address) else {
        return false;
    };
    let asked = stream.write_all(b"GET /readyz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
    let mut answer = String::new();
    asked.and_then(|()| stream.read_to_string(&mut answer)).is_ok() && answer.starts_with("HTTP/1.1 200")
}

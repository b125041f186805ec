//! A Redis server of a test's own, which it may kill and start again.

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// A running server. It ends with the test.
pub(crate) struct RedisServer {
    program: String,
    port: u16,
    folder: TempDir,
    process: Child,
}

impl RedisServer {
    /// Starts one, if the environment says where Redis is. Without it there is nothing to test,
    /// which only the machine that runs every test may not put up with.
    pub(crate) fn start() -> Option<Self> {
        let Ok(program) = std::env::var("BAZAAR_TEST_REDIS_SERVER") else {
            assert!(
                std::env::var("CI").is_err(),
                "BAZAAR_TEST_REDIS_SERVER is not set"
            );
            println!("skipped: BAZAAR_TEST_REDIS_SERVER is not set");
            return None;
        };
        let free = TcpListener::bind("127.0.0.1:0").expect("the machine gives a port");
        let port = free.local_addr().expect("a listener has an address").port();
        drop(free);
        let folder = tempfile::tempdir().expect("the machine gives a folder");
        let process = run(&program, port, &folder);
        Some(Self {
            program,
            port,
            folder,
            process,
        })
    }

    /// Where it is.
    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// Kills it.
    pub(crate) fn kill(&mut self) {
        self.process.kill().expect("the server was running");
        self.process.wait().expect("a killed process ends");
    }

    /// Starts it again, with nothing in it.
    pub(crate) fn revive(&mut self) {
        self.process = run(&self.program, self.port, &self.folder);
    }
}

fn run(program: &str, port: u16, folder: &TempDir) -> Child {
    let process = Command::new(program)
        .args([
            "--port",
            &port.to_string(),
            "--bind",
            "127.0.0.1",
            "--save",
            "",
            "--appendonly",
            "no",
        ])
        .arg("--dir")
        .arg(folder.path())
        .stdout(Stdio::null())
        .spawn()
        .expect("Redis starts");
    let patience = Instant::now() + Duration::from_secs(10);
    while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(Instant::now() < patience, "Redis does not listen");
        std::thread::yield_now();
    }
    process
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        // It may have been killed already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

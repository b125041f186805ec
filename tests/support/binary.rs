//! The binary itself: a process of its own, on a free port, that can be killed at any moment.

use std::path::Path;
use std::process::{ExitStatus, Output, Stdio};

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child, ChildStderr, Command};

use super::patience::Patience;

/// A running marketplace in a process of its own. Dropped, it is killed.
pub(crate) struct Binary {
    child: Child,
    url: String,
    _patience: Patience,
}

impl Binary {
    /// Starts the marketplace on what is kept in this folder.
    pub(crate) async fn start(folder: &Path) -> Self {
        Self::start_on(folder, None).await
    }

    /// The same with more on the command line.
    pub(crate) async fn start_with(folder: &Path, arguments: &[&str]) -> Self {
        Self::spawn(command(folder).args(arguments)).await
    }

    /// The same on a MongoDB, if one is named.
    pub(crate) async fn start_on(folder: &Path, database: Option<&str>) -> Self {
        Self::spawn(&mut command_on(folder, database)).await
    }

    async fn spawn(command: &mut Command) -> Self {
        // Whoever calls it does so from a process that has started no marketplace of its own.
        bazaar::services::outside::use_ring();
        let patience = Patience::begins();
        let mut child = command.stderr(Stdio::piped()).spawn().expect("the binary starts");
        let log = child.stderr.take().expect("standard error was asked for");
        let mut log = BufReader::new(log).lines();
        let url = listening(&mut log).await;
        // Nobody reads the rest, but a full pipe would stop the process.
        tokio::spawn(async move { while let Ok(Some(_)) = log.next_line().await {} });
        Self {
            child,
            url,
            _patience: patience,
        }
    }

    /// Starts it with a database that never answers, and waits until it has called there.
    pub(crate) async fn start_in_vain(folder: &Path) -> (Self, TcpStream) {
        let silent = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = silent.local_addr().expect("a listener has an address");
        let child = command(folder)
            .env("MONGO_URI", format!("mongodb://{address}/shop?replicaSet=rs"))
            .stderr(Stdio::null())
            .spawn()
            .expect("the binary starts");
        let (call, _) = silent.accept().await.expect("it calls its database");
        let silent = Self {
            child,
            url: String::new(),
            _patience: Patience::begins(),
        };
        (silent, call)
    }

    /// Runs one command of the binary on what is kept in this folder, to its end.
    pub(crate) async fn run(folder: &Path, arguments: &[&str]) -> Output {
        Self::run_on(folder, None, arguments).await
    }

    /// The same on a MongoDB, if one is named.
    pub(crate) async fn run_on(folder: &Path, database: Option<&str>, arguments: &[&str]) -> Output {
        let run = command_on(folder, database).args(arguments).output();
        run.await.expect("the binary starts")
    }

    /// Where it listens.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Tells it to stop, and waits until it has.
    pub(crate) async fn terminate(mut self) -> ExitStatus {
        let id = self.child.id().expect("the process is there to be told");
        let told = Command::new("kill")
            .args(["-TERM", &id.to_string()])
            .status()
            .await;
        assert!(
            told.is_ok_and(|told| told.success()),
            "nobody could be told to stop"
        );
        self.child.wait().await.expect("a process ends")
    }

    /// Ends it as kill -9 does, whatever it is about.
    pub(crate) async fn kill(mut self) {
        self.child
            .kill()
            .await
            .expect("the process is there to be killed");
    }
}

fn command(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bazaar"));
    command
        .env_clear()
        .current_dir(folder)
        .arg("--data-dir")
        .arg(folder.join("data"))
        .args(["--port", "0", "--set", "log.format=json"])
        .args(["--set", "auth.bcrypt_cost=4", "--set", "limits.enabled=false"])
        .args(["--set", "demo.seed=false"])
        .kill_on_drop(true);
    command
}

fn command_on(folder: &Path, database: Option<&str>) -> Command {
    let mut command = command(folder);
    command.envs(database.map(|uri| ("MONGO_URI", uri)));
    command
}

async fn listening(log: &mut Lines<BufReader<ChildStderr>>) -> String {
    let mut said = Vec::new();
    while let Ok(Some(line)) = log.next_line().await {
        let told: Value = serde_json::from_str(&line).unwrap_or_default();
        if let Some(url) = told["message"]
            .as_str()
            .and_then(|text| text.strip_prefix("listening on "))
        {
            return url.to_owned();
        }
        said.push(line);
    }
    panic!("the binary does not listen: {}", said.join("\n"));
}

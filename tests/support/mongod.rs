//! MongoDB for the tests: the replica set they share, and copies of their own to start and kill.

use std::net::TcpListener;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use bson::{Document, doc};
use mongodb::Client;
use mongodb::options::ClientOptions;
use tempfile::TempDir;
use tokio::process::{Child, Command};

const UP_WITHIN: Duration = Duration::from_mins(1);

/// The connection string of the replica set that the tests share.
pub(crate) fn shared() -> Option<String> {
    from_environment("BAZAAR_TEST_MONGO_URI")
}

/// The path of a `mongod`.
pub(crate) fn binary() -> Option<PathBuf> {
    from_environment("BAZAAR_TEST_MONGOD").map(PathBuf::from)
}

fn from_environment(name: &str) -> Option<String> {
    let value = std::env::var(name).ok();
    if value.is_none() {
        assert!(std::env::var("CI").is_err(), "{name} is not set");
        println!("skipped: {name} is not set");
    }
    value
}

/// A server of the test's own, killed when it goes out of scope.
pub(crate) struct Mongod {
    binary: PathBuf,
    folder: TempDir,
    port: u16,
    replica_set: bool,
    process: Option<Child>,
}

impl Mongod {
    /// A replica set of one node; `None` where there is no `mongod`.
    pub(crate) async fn replica_set() -> Option<Self> {
        let mut server = Self::new(true)?;
        server.start().await;
        let member = doc! { "_id": 0, "host": server.address() };
        let set = doc! { "replSetInitiate": { "_id": "rs0", "members": [member] } };
        server.admin(set).await.expect("a set of one node");
        server.writable().await;
        Some(server)
    }

    /// A server without a replica set; `None` where there is no `mongod`.
    pub(crate) async fn standalone() -> Option<Self> {
        let mut server = Self::new(false)?;
        server.start().await;
        Some(server)
    }

    /// A server that waits to be made a replica set; `None` where there is no `mongod`.
    pub(crate) async fn uninitiated() -> Option<Self> {
        let mut server = Self::new(true)?;
        server.start().await;
        Some(server)
    }

    fn new(replica_set: bool) -> Option<Self> {
        let binary = binary()?;
        let free = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = free.local_addr().expect("a bound port").port();
        Some(Self {
            binary,
            folder: tempfile::tempdir().expect("a temporary folder"),
            port,
            replica_set,
            process: None,
        })
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// The connection string of this one server.
    pub(crate) fn uri(&self) -> String {
        format!("mongodb://{}/?directConnection=true", self.address())
    }

    /// Starts it, again if it was killed, and waits until it answers.
    pub(crate) async fn start(&mut self) {
        let mut command = Command::new(&self.binary);
        command
            .arg("--dbpath")
            .arg(self.folder.path())
            .args(["--port", &self.port.to_string(), "--bind_ip", "127.0.0.1"])
            .args(["--wiredTigerCacheSizeGB", "0.25", "--quiet"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true);
        if self.replica_set {
            command.args(["--replSet", "rs0"]);
        }
        self.process = Some(command.spawn().expect("a mongod that runs"));
        self.admin(doc! { "hello": 1 })
            .await
            .expect("a server that answers");
    }

    /// Kills it with SIGKILL and waits until it is gone.
    pub(crate) async fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().await.expect("a process of our own");
        }
    }

    /// Waits until it takes writes.
    pub(crate) async fn writable(&self) {
        let hello = async {
            loop {
                let hello = self.admin(doc! { "hello": 1 }).await;
                if hello.is_ok_and(|hello| hello.get_bool("isWritablePrimary").unwrap_or(false)) {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(UP_WITHIN, hello)
            .await
            .expect("a server that takes writes");
    }

    /// Runs a command on the server itself.
    pub(crate) async fn admin(&self, command: Document) -> mongodb::error::Result<Document> {
        let mut options = ClientOptions::parse(self.uri()).await?;
        options.server_selection_timeout = Some(UP_WITHIN);
        let client = Client::with_options(options)?;
        client.database("admin").run_command(command).await
    }
}

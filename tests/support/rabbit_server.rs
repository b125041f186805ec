//! A RabbitMQ of a test's own, which it may kill and start again, and fill up as far as the broker
//! can tell.

use std::net::TcpListener;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use bazaar::clock::Chance;
use lapin::options::{BasicPublishOptions, ConfirmSelectOptions, QueueBindOptions, QueueDeclareOptions};
use lapin::types::FieldTable;
use lapin::{BasicProperties, Channel, Connection, ConnectionProperties};
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

/// The user that the package makes; the server refuses to share a cookie with others.
const USER: &str = "rabbitmq";
/// Only a broker that never comes takes so long, even beside everything else that a machine has to do.
const UP_WITHIN: Duration = Duration::from_mins(3);

/// A running broker. It ends with the test.
pub(crate) struct RabbitServer {
    script: String,
    folder: TempDir,
    port: u16,
    distribution: u16,
    mapper: u16,
    processes: Vec<Child>,
}

impl RabbitServer {
    /// Starts one, if the environment says where RabbitMQ is. Without it there is nothing to test,
    /// which only the machine that runs every test may not put up with.
    pub(crate) async fn start() -> Option<Self> {
        let script = from_environment("BAZAAR_TEST_RABBIT_SERVER")?;
        let mut server = Self {
            script,
            folder: home(),
            port: free_port(),
            distribution: free_port(),
            mapper: free_port(),
            processes: Vec::new(),
        };
        let mapper = server.mapper.to_string();
        let mut epmd = Command::new("epmd");
        epmd.args(["-address", "127.0.0.1", "-port", &mapper])
            .kill_on_drop(true);
        let epmd = epmd.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        server.processes.push(epmd.expect("the port mapper starts"));
        listens(server.mapper).await;
        server.revive().await;
        Some(server)
    }

    /// Where it is.
    pub(crate) fn url(&self) -> String {
        format!("amqp://guest:guest@127.0.0.1:{}", self.port)
    }

    /// Publishes a message as anybody may who knows the password.
    pub(crate) async fn publish(&self, exchange: &str, key: &str, body: &[u8], properties: BasicProperties) {
        self.publish_all(exchange, key, &[body.to_vec()], properties)
            .await;
    }

    /// Publishes some messages, one after the other.
    pub(crate) async fn publish_all(
        &self,
        exchange: &str,
        key: &str,
        bodies: &[Vec<u8>],
        properties: BasicProperties,
    ) {
        let (_connection, channel) = self.channel().await;
        let confirm = channel.confirm_select(ConfirmSelectOptions::default()).await;
        confirm.expect("the broker confirms");
        for body in bodies {
            let (options, properties) = (BasicPublishOptions::default(), properties.clone());
            let sent = channel
                .basic_publish(exchange.into(), key.into(), options, body, properties)
                .await;
            let confirmed = sent.expect("it is sent").await.expect("it is confirmed");
            assert!(confirmed.is_ack(), "{exchange} does not take it");
        }
    }

    /// How many messages wait in a queue that nobody reads; `None` if there is no such queue.
    pub(crate) async fn waiting(&self, queue: &str) -> Option<u32> {
        let (_connection, channel) = self.channel().await;
        let passive = QueueDeclareOptions::durable().passive();
        let declared = channel.queue_declare(queue.into(), passive, FieldTable::default());
        declared.await.ok().map(|queue| queue.message_count())
    }

    /// Collects in a queue that nobody reads what a fanout is told from now on.
    pub(crate) async fn collects(&self, queue: &str, fanout: &str) {
        let (_connection, channel) = self.channel().await;
        let (options, nothing) = (QueueDeclareOptions::durable(), FieldTable::default);
        let declared = channel.queue_declare(queue.into(), options, nothing()).await;
        declared.expect("there is a queue");
        let options = QueueBindOptions::default();
        let bound = channel.queue_bind(queue.into(), fanout.into(), "".into(), options, nothing());
        bound.await.expect("the fanout is there");
    }

    async fn channel(&self) -> (Connection, Channel) {
        let connection = Connection::connect(&self.url(), ConnectionProperties::default()).await;
        let connection = connection.expect("the broker is up");
        let channel = connection.create_channel().await.expect("a channel");
        (connection, channel)
    }

    /// Kills it with SIGKILL and waits until it is gone.
    pub(crate) async fn kill(&mut self) {
        let Some(mut wrapper) = self.processes.pop() else {
            return;
        };
        // The wrapper and the server behind it are one group.
        kill_group(&wrapper);
        let _ = wrapper.wait().await;
        while TcpStream::connect(("127.0.0.1", self.port)).await.is_ok() {
            tokio::task::yield_now().await;
        }
    }

    /// Starts it again, with what it had on disk.
    pub(crate) async fn revive(&mut self) {
        let script = self.script.clone();
        let mut command = self.as_rabbitmq(&script);
        let server = command.process_group(0).spawn().expect("RabbitMQ starts");
        self.processes.push(server);
        listens(self.port).await;
    }

    /// Raises the alarm that it has no memory left, upon which it takes no more messages; or ends
    /// it.
    pub(crate) async fn alarm(&self, raised: bool) {
        let watermark = if raised { "0" } else { "0.4" };
        let tool = Path::new(&self.script).with_file_name("rabbitmqctl");
        let mut control = self.as_rabbitmq(&tool.display().to_string());
        control.args(["set_vm_memory_high_watermark", watermark]);
        let done = control.status().await.expect("rabbitmqctl starts");
        assert!(done.success(), "the alarm could not be set: {done}");
    }

    /// A command of the user that the server runs as, in the server's surroundings.
    fn as_rabbitmq(&self, program: &str) -> Command {
        let home = self.folder.path();
        let mut command = if is_root() {
            let mut command = Command::new("runuser");
            command.args(["-u", USER, "--", program]);
            command
        } else {
            Command::new(program)
        };
        let surroundings = [
            ("HOME", home.display().to_string()),
            ("PATH", std::env::var("PATH").unwrap_or_default()),
            ("ERL_EPMD_PORT", self.mapper.to_string()),
            ("RABBITMQ_NODENAME", format!("bazaar{}@localhost", self.port)),
            ("RABBITMQ_NODE_IP_ADDRESS", "127.0.0.1".into()),
            ("RABBITMQ_NODE_PORT", self.port.to_string()),
            ("RABBITMQ_DIST_PORT", self.distribution.to_string()),
            (
                "RABBITMQ_CONFIG_FILE",
                home.join("rabbitmq.conf").display().to_string(),
            ),
            (
                "RABBITMQ_ENABLED_PLUGINS_FILE",
                home.join("plugins").display().to_string(),
            ),
            ("RABBITMQ_CONF_ENV_FILE", "/dev/null".into()),
            ("RABBITMQ_MNESIA_BASE", home.join("mnesia").display().to_string()),
            ("RABBITMQ_LOG_BASE", home.join("log").display().to_string()),
            ("RABBITMQ_PID_FILE", home.join("pid").display().to_string()),
        ];
        command
            .env_clear()
            .envs(surroundings)
            .current_dir(home)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command
    }
}

impl Drop for RabbitServer {
    fn drop(&mut self) {
        if self.processes.len() > 1 {
            self.processes.iter().skip(1).for_each(kill_group);
        }
    }
}

fn kill_group(leader: &Child) {
    if let Some(id) = leader.id() {
        let group = format!("-{id}");
        let killed = std::process::Command::new("kill")
            .args(["-KILL", "--", &group])
            .status();
        assert!(killed.is_ok(), "there is no kill on this machine");
    }
}

/// A folder that the server's user can write to.
fn home() -> TempDir {
    let folder = tempfile::tempdir().expect("the machine gives a folder");
    let file = |name: &str, content: &str| {
        std::fs::write(folder.path().join(name), content).expect("the folder can be written to");
    };
    file("rabbitmq.conf", "");
    file("plugins", "[].");
    if is_root() {
        let given = std::process::Command::new("chown")
            .arg("-R")
            .arg(USER)
            .arg(folder.path())
            .status();
        assert!(
            given.is_ok_and(|given| given.success()),
            "{USER} cannot be given a folder"
        );
    }
    folder
}

fn is_root() -> bool {
    std::env::var("USER").as_deref() == Ok("root") || std::env::var("HOME").as_deref() == Ok("/root")
}

/// A port that no caller is ever given as its own: while the server is down, whoever calls in vain
/// could otherwise be connected to himself, and keep the server from coming back.
fn free_port() -> u16 {
    let chance = Chance::unforeseeable();
    let any = || 20_000 + u16::try_from(chance.below(10_000)).expect("a small number");
    let free = |port: &u16| TcpListener::bind(("127.0.0.1", *port)).is_ok();
    std::iter::repeat_with(any).find(free).expect("some port is free")
}

async fn listens(port: u16) {
    let up = async {
        while TcpStream::connect(("127.0.0.1", port)).await.is_err() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let waited = tokio::time::timeout(UP_WITHIN, up).await;
    assert!(waited.is_ok(), "nothing listens on port {port}");
}

/// The value of a variable, without which there is nothing to test.
pub(crate) fn from_environment(name: &str) -> Option<String> {
    let value = std::env::var(name).ok();
    if value.is_none() {
        assert!(std::env::var("CI").is_err(), "{name} is not set");
        println!("skipped: {name} is not set");
    }
    value
}

//! Finding the replica set, and saying in one sentence why there is none.

use std::fmt;
use std::time::Duration;

use bson::{Document, doc};
use mongodb::options::{
    Acknowledgment, ClientOptions, ReadConcern, ReadPreference, SelectionCriteria, ServerAddress,
    WriteConcern,
};
use mongodb::{Client, Database};

use super::within;

const CONNECTIONS_MAX: u32 = 64;

/// Where the replica set is and how long it may take to answer.
#[derive(Clone)]
pub struct Settings {
    /// The connection string, which may hold a password.
    pub uri: String,
    /// The database; without one, the connection string's, and without that `bazaar`.
    pub database: Option<String>,
    /// How long a request waits for an answer.
    pub deadline: Duration,
    /// Whether other runtimes write to the same database.
    pub shared: bool,
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("database", &self.database)
            .field("deadline", &self.deadline)
            .field("shared", &self.shared)
            .finish_non_exhaustive()
    }
}

/// Why the store cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The connection string is none.
    #[error("the MongoDB connection string cannot be read: {0}")]
    Malformed(String),
    /// Nothing answers, or it does not let us in.
    #[error("MongoDB cannot be reached: {0}")]
    Unreachable(String),
    /// A server without a replica set, which has no transactions.
    #[error(
        "the MongoDB server at {0} is standalone, but transactions need a replica set (one node is \
         enough): start it with `mongod --replSet rs0` and run once \
         `mongosh \"mongodb://{0}/?directConnection=true\" --eval 'rs.initiate()'`"
    )]
    Standalone(String),
    /// A server that waits to be made a replica set.
    #[error(
        "the MongoDB server at {0} is not yet part of a replica set: run once \
         `mongosh \"mongodb://{0}/?directConnection=true\" --eval 'rs.initiate()'`"
    )]
    Uninitiated(String),
}

pub(super) async fn connect(settings: Settings) -> Result<Database, ConnectError> {
    let malformed = |error: mongodb::error::Error| ConnectError::Malformed(error.to_string());
    let mut options = ClientOptions::parse(&settings.uri).await.map_err(malformed)?;
    options.app_name.get_or_insert_with(|| "bazaar".into());
    options.server_selection_timeout = Some(settings.deadline);
    options.connect_timeout = Some(settings.deadline);
    options.max_pool_size.get_or_insert(CONNECTIONS_MAX);
    options.read_concern = Some(ReadConcern::majority());
    options.write_concern = Some(durable());
    options.selection_criteria = Some(SelectionCriteria::ReadPreference(ReadPreference::Primary));
    let name = settings
        .database
        .or_else(|| options.default_database.clone())
        .unwrap_or_else(|| "bazaar".into());
    let client = Client::with_options(options.clone()).map_err(malformed)?;
    match hello(client.clone(), settings.deadline).await {
        Ok(hello)
            if hello.contains_key("setName") || hello.get_str("msg").is_ok_and(|msg| msg == "isdbgrid") =>
        {
            Ok(client.database(&name))
        }
        Ok(hello) if waits_for_a_set(&hello) => Err(ConnectError::Uninitiated(address(&options))),
        Ok(_) => Err(ConnectError::Standalone(address(&options))),
        Err(why) => match uninitiated(options, settings.deadline).await {
            Some(address) => Err(ConnectError::Uninitiated(address)),
            None => Err(ConnectError::Unreachable(why)),
        },
    }
}

/// What every write waits for.
pub(super) fn durable() -> WriteConcern {
    WriteConcern::builder()
        .w(Acknowledgment::Majority)
        .journal(true)
        .build()
}

async fn hello(client: Client, deadline: Duration) -> Result<Document, String> {
    let hello = async move { client.database("admin").run_command(doc! { "hello": 1 }).await };
    within(deadline + Duration::from_millis(500), hello)
        .await
        .map_err(|error| error.0)
}

/// The address of a server that was started for a replica set and has not been made one.
async fn uninitiated(mut options: ClientOptions, deadline: Duration) -> Option<String> {
    options.hosts.truncate(1);
    options.direct_connection = Some(true);
    options.repl_set_name = None;
    let address = address(&options);
    let client = Client::with_options(options).ok()?;
    let hello = hello(client, deadline).await.ok()?;
    waits_for_a_set(&hello).then_some(address)
}

fn waits_for_a_set(hello: &Document) -> bool {
    hello.get_bool("isreplicaset").unwrap_or(false)
}

fn address(options: &ClientOptions) -> String {
    options
        .hosts
        .first()
        .map(ServerAddress::to_string)
        .unwrap_or_default()
}

//! The command line: what can be asked of the binary, and the settings it may lay over all
//! others.

mod drop;
mod events;
mod health;
mod progress;
mod seed;

use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{Args, Parser, Subcommand};
use secrecy::SecretString;

use crate::config::{Config, Sources};
use crate::supervisors::{admin, process};
use crate::telemetry;

/// What went wrong, in one sentence.
type Failure = Box<dyn Error + Send + Sync>;

/// An actor-based commerce runtime: a whole marketplace in one binary.
#[derive(Debug, Parser)]
#[command(name = "bazaar", version)]
struct Line {
    #[command(flatten)]
    settings: Settings,
    #[command(subcommand)]
    command: Option<Command>,
}

/// Where settings come from, and the few that are changed often.
#[derive(Debug, Args)]
struct Settings {
    /// Read this file in place of config.toml in the working folder
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The address to listen on
    #[arg(long, global = true)]
    host: Option<String>,
    /// The port to listen on; 0 takes a free one
    #[arg(long, global = true)]
    port: Option<String>,
    /// The folder of the embedded store
    #[arg(long, global = true, value_name = "FOLDER")]
    data_dir: Option<String>,
    /// Any other key of config.toml, as in --set server.workers=4
    #[arg(long, global = true, value_name = "KEY=VALUE", value_parser = key_and_value)]
    set: Vec<(String, String)>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Start the marketplace (what happens without a command, too)
    Serve,
    /// Admins, who can do everything
    #[command(subcommand)]
    Admin(Admin),
    /// The settings
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Fill the shop with a demo: sellers, buyers, and products with pictures
    Seed(seed::Seed),
    /// Events: told once more, or brought back from the dead letters
    #[command(subcommand)]
    Events(events::Events),
    /// Play a flash sale and check that exactly what there is was sold
    Drop(drop::Drop),
    /// Ask the marketplace on this machine whether it is alive
    Health,
}

#[derive(Debug, Subcommand)]
enum Admin {
    /// Make an admin, or an admin of somebody who is there
    Create {
        /// Who signs in
        #[arg(long)]
        email: String,
        /// With which password
        #[arg(long)]
        password: SecretString,
    },
}

#[derive(Debug, Subcommand)]
enum ConfigCommand {
    /// Read all settings as a start would, and say what is wrong with them
    Check,
}

/// Does what the command line asks; the exit status is 0 only if it was done.
#[must_use]
pub fn run() -> ExitCode {
    let line = match Line::try_parse() {
        Ok(line) => line,
        Err(error) => return not_understood(&error),
    };
    match line
        .settings
        .load()
        .and_then(|config| line.command.unwrap_or(Command::Serve).run(&config))
    {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("bazaar: {failure}");
            ExitCode::FAILURE
        }
    }
}

/// Help and version are answers; everything else is one sentence on standard error.
fn not_understood(error: &clap::Error) -> ExitCode {
    if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        // Nobody is left to tell if standard output is closed.
        let _ = error.print();
        return ExitCode::SUCCESS;
    }
    let text = error.to_string();
    let lines = text.lines().take_while(|line| !line.is_empty()).map(str::trim);
    let sentence = lines.collect::<Vec<_>>().join(" ");
    eprintln!(
        "bazaar: {} (bazaar --help tells what there is)",
        sentence.trim_start_matches("error: ")
    );
    ExitCode::from(2)
}

impl Command {
    fn run(self, config: &Config) -> Result<(), Failure> {
        match self {
            Self::Serve => serve(config)?,
            Self::Admin(Admin::Create { email, password }) => create_admin(config, &email, &password)?,
            Self::Config(ConfigCommand::Check) => println!("The settings are right: {config}."),
            Self::Seed(seed) => seed.fill(config)?,
            Self::Events(events) => events.run(config)?,
            Self::Drop(drop) => drop.play(config)?,
            Self::Health => health::ask(config)?,
        }
        Ok(())
    }
}

impl Settings {
    fn load(self) -> Result<Config, Failure> {
        let sources = Sources {
            file: self.config,
            ..Sources::of_process()
        };
        let sources = sources
            .flag("--host", "server.host", self.host)
            .flag("--port", "server.port", self.port)
            .flag("--data-dir", "store.data_dir", self.data_dir);
        let set = |sources: Sources, (key, value): (String, String)| sources.flag("--set", &key, Some(value));
        Ok(Config::load(&self.set.into_iter().fold(sources, set))?)
    }
}

fn key_and_value(text: &str) -> Result<(String, String), &'static str> {
    let (key, value) = text.split_once('=').ok_or("it is not KEY=VALUE")?;
    Ok((key.trim().to_owned(), value.to_owned()))
}

fn serve(config: &Config) -> Result<(), Failure> {
    telemetry::start(&config.log)?;
    tracing::info!(settings = %config, "starting");
    Ok(process::serve(config)?)
}

fn create_admin(config: &Config, email: &str, password: &SecretString) -> Result<(), Failure> {
    let appointed = admin::create(config, email, password)?;
    let whose = if appointed.existed {
        "whose old password and sessions are gone"
    } else {
        "whose account is new"
    };
    println!("{email} is an admin now, {whose}.");
    Ok(())
}

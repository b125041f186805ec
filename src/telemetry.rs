//! What the runtime says of itself while it runs: one line per event on standard error, for
//! people on a terminal and as JSON elsewhere. Secrets have types that do not print.

use std::io::{IsTerminal, stderr};

use tracing_subscriber::EnvFilter;
use tracing_subscriber::util::TryInitError;
use tracing_subscriber::{Layer, Registry, fmt, layer::SubscriberExt, util::SubscriberInitExt};

use crate::config::{Log, LogFormat};

/// Starts logging, once per process.
///
/// # Errors
/// If something else logs already.
pub fn start(log: &Log) -> Result<(), TryInitError> {
    let pretty = match log.format {
        LogFormat::Auto => stderr().is_terminal(),
        LogFormat::Pretty => true,
        LogFormat::Json => false,
    };
    // The configuration has been checked: a level that cannot be read never comes this far.
    let filter = EnvFilter::new(&log.level);
    let lines = if pretty { for_people() } else { for_machines() };
    tracing_subscriber::registry()
        .with(lines.with_filter(filter))
        .try_init()
}

fn for_people() -> Box<dyn Layer<Registry> + Send + Sync> {
    let lines = fmt::layer().with_writer(stderr).with_target(false);
    lines.with_ansi(stderr().is_terminal()).boxed()
}

fn for_machines() -> Box<dyn Layer<Registry> + Send + Sync> {
    let lines = fmt::layer().with_writer(stderr).json();
    lines.flatten_event(true).with_current_span(false).boxed()
}

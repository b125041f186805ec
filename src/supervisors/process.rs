//! The process: starts the marketplace, waits for somebody to stop it, and sees it out in time.

use std::time::Duration;

use actix_rt::System;
use tokio::signal::unix::{SignalKind, signal};
use tracing::{error, info};

use super::runtime::{Runtime, StartError};
use crate::clock::{Chance, Clock};
use crate::config::Config;

/// Why the process ends with a failure, in one sentence.
#[derive(Debug, thiserror::Error)]
pub enum ProcessError {
    /// It did not start.
    #[error(transparent)]
    Start(#[from] StartError),
    /// It did not stop in time.
    #[error("the stop took longer than {} seconds; what was not answered by then was cut off", .0.as_secs())]
    Overdue(Duration),
}

/// Runs the marketplace until the process is told to stop.
///
/// # Errors
/// When it does not start, or does not stop in time.
pub fn serve(config: &Config) -> Result<(), ProcessError> {
    on_a_system(async {
        let runtime = Runtime::start(config, (Clock::system(), Chance::unforeseeable())).await?;
        for address in runtime.addresses() {
            info!("listening on http://{address}");
        }
        told_to_stop().await.map_err(StartError::Machine)?;
        let overdue = ProcessError::Overdue(config.server.shutdown);
        tokio::time::timeout(config.server.shutdown, runtime.stop())
            .await
            .map_err(|_| {
                error!("the stop takes too long");
                overdue
            })
    })
}

/// Runs a future on an actix system whose tokio runtime has a thread for each core, so that what
/// is spawned for the stores does not wait for the web.
///
/// # Panics
/// When the machine gives no threads.
pub fn on_a_system<T>(future: impl Future<Output = T>) -> T {
    let system = System::with_tokio_rt(|| {
        tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()
            .expect("a process that gets no threads cannot run")
    });
    system.block_on(future)
}

async fn told_to_stop() -> std::io::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}

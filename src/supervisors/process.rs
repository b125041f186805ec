//! The process: starts the marketplace, waits for somebody to stop it, and sees it out in time.

use std::time::Duration;

use actix_rt::System;
use tokio::signal::unix::{Signal, SignalKind, signal};
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
        // Before the start: the first process of a container would not hear of a stop otherwise.
        let mut signals = Signals::heed().map_err(StartError::Machine)?;
        let runtime = tokio::select! {
            started = Runtime::start(config, (Clock::system(), Chance::unforeseeable())) => started?,
            () = signals.told_to_stop() => {
                info!("stopped before it had started");
                return Ok(());
            }
        };
        for address in runtime.addresses() {
            info!("listening on http://{address}");
        }
        signals.told_to_stop().await;
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

/// The signals by which a process is told to stop.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    /// Heeds them from now on.
    fn heed() -> std::io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    async fn told_to_stop(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

//! The orderly end of a node.

use std::{process, time::Duration};

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// Exit code after a second signal: 128 + SIGINT, as a shell would show it.
const IMPATIENT: i32 = 130;

/// Says that the end has come. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Shutdown(CancellationToken);

impl Shutdown {
    /// Nobody has asked for the end yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Begins the drain. [`service::run`](crate::service::run) does the rest and returns.
    pub fn begin(&self) {
        self.0.cancel();
    }

    /// Whether the drain has begun.
    pub fn has_begun(&self) -> bool {
        self.0.is_cancelled()
    }

    /// Waits for the drain to begin.
    pub async fn begun(&self) {
        self.0.cancelled().await;
    }

    /// A token that is cancelled when the drain begins.
    pub fn token(&self) -> CancellationToken {
        self.0.clone()
    }

    /// Begins the drain at SIGTERM or SIGINT; ends the process at once at the second one.
    ///
    /// # Errors
    /// When the operating system takes no handlers.
    pub fn on_signals(&self) -> std::io::Result<()> {
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        let shutdown = self.clone();
        tokio::spawn(async move {
            let mut next = async || tokio::select! { _ = terminate.recv() => (), _ = interrupt.recv() => () };
            next().await;
            tracing::info!("draining; a second signal ends at once");
            shutdown.begin();
            next().await;
            tracing::warn!("second signal: ending at once");
            process::exit(IMPATIENT);
        });
        Ok(())
    }
}

/// How long each stage of the end may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Patience {
    /// For calls in flight.
    pub(crate) calls: Duration,
    /// For jobs.
    pub(crate) jobs: Duration,
}

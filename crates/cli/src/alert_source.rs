//! A Schengen Information System that does not exist, served beside a suite: the adapter its registry asks.

use std::sync::Arc;

use straznica_pki::Names;
use straznica_registry::AlertSourceConfig;
use straznica_runtime::BoxError;
use straznica_runtime::channel::ChannelConfig;
use straznica_runtime::service::{self, ListenConfig, Listeners, ServiceContext, ServiceParts, StartError};
use straznica_runtime::shutdown::Shutdown;
use straznica_simulators::alerts::AlertSimulator;
use tokio::task::JoinHandle;

use crate::config::NodeConfig;
use crate::suite::{Suite, SuiteError};

/// A source that has an address and is not served yet: registry is told of it before it starts, and its certificate is the suite's.
pub struct Announced {
    source: Arc<AlertSimulator>,
    listeners: Listeners,
}

/// A source that is served.
pub struct Served {
    /// The source: to enter alerts, to script faults, and to see how often it was asked.
    pub source: Arc<AlertSimulator>,
    shutdown: Shutdown,
    running: JoinHandle<Result<(), BoxError>>,
}

impl std::fmt::Debug for Served {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Served").field(&AlertSimulator::SERVICE).finish()
    }
}

/// Gives a source an address of this machine, and has registry ask it.
///
/// # Errors
/// When there is no free port.
pub async fn announce(source: Arc<AlertSimulator>, config: &mut NodeConfig) -> Result<Announced, SuiteError> {
    let failed = |source: StartError| SuiteError::Start { service: AlertSimulator::SERVICE, source };
    let listeners = Listeners::bind(&ListenConfig::default()).await.map_err(failed)?;
    config.registry.alerts.source = Some(AlertSourceConfig {
        name: AlertSimulator::SERVICE.trim_start_matches("alerts-").to_owned(),
        channel: ChannelConfig::at(listeners.addresses.grpc),
        fresh_seconds: 900,
    });
    Ok(Announced { source, listeners })
}

impl Announced {
    /// Serves it, under a certificate of the suite's development authority.
    ///
    /// # Errors
    /// When the suite has no such authority.
    pub fn serve(self, suite: &Suite) -> Result<Served, SuiteError> {
        let Self { source, listeners } = self;
        let ca = suite.authority()?;
        let issued = ca.issue_service(AlertSimulator::SERVICE, &Names::loopback())?;
        let tls = suite.tls(ca, &issued)?;
        let environment = suite.config().environment;
        let context = ServiceContext::new(AlertSimulator::SERVICE, environment, suite.clock().clone(), tls);
        let shutdown = context.shutdown.clone();
        let parts = ServiceParts { grpc: source.routes(), ..ServiceParts::default() };
        let running =
            tokio::spawn(async move { service::run(listeners, parts, context).await.map_err(BoxError::from) });
        Ok(Served { source, shutdown, running })
    }
}

impl Served {
    /// Ends it.
    ///
    /// # Errors
    /// What it ended with.
    pub async fn stop(self) -> Result<(), BoxError> {
        self.shutdown.begin();
        self.running.await?
    }
}

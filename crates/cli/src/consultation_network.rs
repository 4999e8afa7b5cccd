//! The network over which other states are consulted, of a world that does not exist, served beside a suite: the adapter its registry sends to and collects from.

use std::num::NonZeroU32;
use std::sync::Arc;

use straznica_pki::Names;
use straznica_registry::NetworkConfig;
use straznica_runtime::BoxError;
use straznica_runtime::channel::ChannelConfig;
use straznica_runtime::service::{self, ListenConfig, Listeners, ServiceContext, ServiceParts, StartError};
use straznica_runtime::shutdown::Shutdown;
use straznica_simulators::consultation_network::ConsultationNetworkSimulator;
use tokio::task::JoinHandle;

use crate::config::NodeConfig;
use crate::suite::{Suite, SuiteError};

/// A network that has an address and is not served yet: registry is told of it before it starts, and its certificate is the suite's.
pub struct Announced {
    network: Arc<ConsultationNetworkSimulator>,
    listeners: Listeners,
}

/// A network that is served.
pub struct Served {
    /// The network: to change its weather, and to have states send.
    pub network: Arc<ConsultationNetworkSimulator>,
    shutdown: Shutdown,
    running: JoinHandle<Result<(), BoxError>>,
}

impl std::fmt::Debug for Served {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Served").field(&self.network.service()).finish()
    }
}

/// Gives the network an address of this machine, and has registry look at it this often.
///
/// # Errors
/// When there is no free port.
pub async fn announce(
    network: Arc<ConsultationNetworkSimulator>,
    poll_seconds: NonZeroU32,
    config: &mut NodeConfig,
) -> Result<Announced, SuiteError> {
    let failed = |source: StartError| SuiteError::Start { service: network.service(), source };
    let listeners = Listeners::bind(&ListenConfig::default()).await.map_err(failed)?;
    config.registry.consultation.network = Some(NetworkConfig {
        channel: ChannelConfig::at(listeners.addresses.grpc),
        poll_seconds,
        ..NetworkConfig::default()
    });
    Ok(Announced { network, listeners })
}

impl Announced {
    /// Serves it, under a certificate of the suite's development authority.
    ///
    /// # Errors
    /// When the suite has no such authority.
    pub fn serve(self, suite: &Suite) -> Result<Served, SuiteError> {
        let Self { network, listeners } = self;
        let ca = suite.authority()?;
        let issued = ca.issue_service(network.service(), &Names::loopback())?;
        let tls = suite.tls(ca, &issued)?;
        let context = ServiceContext::new(network.service(), suite.config().environment, suite.clock().clone(), tls);
        let shutdown = context.shutdown.clone();
        let parts = ServiceParts { grpc: network.routes(), ..ServiceParts::default() };
        let running =
            tokio::spawn(async move { service::run(listeners, parts, context).await.map_err(BoxError::from) });
        Ok(Served { network, shutdown, running })
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

//! Registers of a country that does not exist, served beside a suite: the adapters its identity asks.

use std::sync::Arc;

use straznica_identity::RegisterConfig;
use straznica_identity::domain::verification::DocumentKind;
use straznica_pki::Names;
use straznica_runtime::BoxError;
use straznica_runtime::channel::ChannelConfig;
use straznica_runtime::service::{self, ListenConfig, Listeners, ServiceContext, ServiceParts, StartError};
use straznica_runtime::shutdown::Shutdown;
use straznica_simulators::registers::RegisterSimulator;
use tokio::task::JoinHandle;

use crate::config::NodeConfig;
use crate::suite::{Suite, SuiteError};

/// A register that has an address and is not served yet: identity is told of it before it starts, and its certificate is the suite's.
pub struct Announced {
    register: Arc<RegisterSimulator>,
    listeners: Listeners,
}

/// A register that is served.
pub struct Served {
    /// The register: to script faults, and to see what it was asked.
    pub register: Arc<RegisterSimulator>,
    shutdown: Shutdown,
    running: JoinHandle<Result<(), BoxError>>,
}

impl std::fmt::Debug for Served {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Served").field(&self.register.service()).finish()
    }
}

/// Gives a register an address of this machine, and has identity ask it for these kinds of documents.
///
/// # Errors
/// When there is no free port.
pub async fn announce(
    register: Arc<RegisterSimulator>,
    documents: &[DocumentKind],
    config: &mut NodeConfig,
) -> Result<Announced, SuiteError> {
    let failed = |source: StartError| SuiteError::Start { service: register.service(), source };
    let listeners = Listeners::bind(&ListenConfig::default()).await.map_err(failed)?;
    config.identity.registers.push(RegisterConfig {
        name: register.service().trim_start_matches("sources-").to_owned(),
        documents: documents.to_vec(),
        channel: ChannelConfig::at(listeners.addresses.grpc),
        fresh_seconds: 900,
    });
    Ok(Announced { register, listeners })
}

impl Announced {
    /// Serves it, under a certificate of the suite's development authority.
    ///
    /// # Errors
    /// When the suite has no such authority.
    pub fn serve(self, suite: &Suite) -> Result<Served, SuiteError> {
        let Self { register, listeners } = self;
        let ca = suite.authority()?;
        let issued = ca.issue_service(register.service(), &Names::loopback())?;
        let tls = suite.tls(ca, &issued)?;
        let context = ServiceContext::new(register.service(), suite.config().environment, suite.clock().clone(), tls);
        let shutdown = context.shutdown.clone();
        let parts = ServiceParts { grpc: register.routes(), ..ServiceParts::default() };
        let running =
            tokio::spawn(async move { service::run(listeners, parts, context).await.map_err(BoxError::from) });
        Ok(Served { register, shutdown, running })
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

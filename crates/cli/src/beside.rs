//! Simulators served beside a suite: the adapters its services ask. Each has an address before the suite starts, and a certificate of the suite's after.

use std::net::SocketAddr;
use std::sync::Arc;

use straznica_pki::Names;
use straznica_runtime::BoxError;
use straznica_runtime::service::{self, ListenConfig, Listeners, ServiceContext, ServiceParts, StartError};
use straznica_runtime::shutdown::Shutdown;
use straznica_simulators::alerts::AlertSimulator;
use straznica_simulators::consultation_network::ConsultationNetworkSimulator;
use straznica_simulators::registers::{RegisterSimulator, VisaSimulator};
use tokio::task::JoinHandle;
use tonic::service::Routes;

use crate::suite::{Suite, SuiteError};

/// What can be served beside a suite.
pub trait Simulator: Send + Sync + 'static {
    /// Name of the service, as its certificate has it.
    fn service(&self) -> &'static str;
    /// What it serves.
    fn routes(self: &Arc<Self>) -> Routes;
}

macro_rules! simulators {
    ($($name:ident),+) => {
        $(impl Simulator for $name {
            fn service(&self) -> &'static str {
                Self::service(self)
            }

            fn routes(self: &Arc<Self>) -> Routes {
                Self::routes(self)
            }
        })+
    };
}

impl Simulator for AlertSimulator {
    fn service(&self) -> &'static str {
        Self::SERVICE
    }

    fn routes(self: &Arc<Self>) -> Routes {
        Self::routes(self)
    }
}

simulators!(ConsultationNetworkSimulator, RegisterSimulator, VisaSimulator);

/// A simulator that has an address of this machine and is not served yet: who asks it is told of it before it starts.
pub struct Announced<S> {
    simulator: Arc<S>,
    listeners: Listeners,
}

/// A simulator that is served.
pub struct Served<S> {
    /// The simulator: to script what it answers, and to see what it was asked.
    pub simulator: Arc<S>,
    shutdown: Shutdown,
    running: JoinHandle<Result<(), BoxError>>,
}

impl<S: Simulator> std::fmt::Debug for Served<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Served").field(&self.simulator.service()).finish()
    }
}

/// Gives a simulator an address.
///
/// # Errors
/// When there is no free port.
pub(crate) async fn announce<S: Simulator>(simulator: Arc<S>) -> Result<Announced<S>, SuiteError> {
    let failed = |source: StartError| SuiteError::Start { service: simulator.service(), source };
    let listeners = Listeners::bind(&ListenConfig::default()).await.map_err(failed)?;
    Ok(Announced { simulator, listeners })
}

impl<S: Simulator> Announced<S> {
    pub(crate) const fn address(&self) -> SocketAddr {
        self.listeners.addresses.grpc
    }

    /// The simulator's name without what tells the kind of adapter.
    pub(crate) fn name(&self, kind: &str) -> String {
        self.simulator.service().trim_start_matches(kind).to_owned()
    }

    /// Serves it, under a certificate of the suite's development authority.
    ///
    /// # Errors
    /// When the suite has no such authority.
    pub fn serve(self, suite: &Suite) -> Result<Served<S>, SuiteError> {
        let Self { simulator, listeners } = self;
        let ca = suite.authority()?;
        let issued = ca.issue_service(simulator.service(), &Names::loopback())?;
        let tls = suite.tls(ca, &issued)?;
        let context = ServiceContext::new(simulator.service(), suite.config().environment, suite.clock().clone(), tls);
        let shutdown = context.shutdown.clone();
        let parts = ServiceParts { grpc: simulator.routes(), ..ServiceParts::default() };
        let running =
            tokio::spawn(async move { service::run(listeners, parts, context).await.map_err(BoxError::from) });
        Ok(Served { simulator, shutdown, running })
    }
}

impl<S> Served<S> {
    /// Ends it.
    ///
    /// # Errors
    /// What it ended with.
    pub async fn stop(self) -> Result<(), BoxError> {
        self.shutdown.begin();
        self.running.await?
    }
}

//! The suite in one process: the services of a [`NodeConfig`], each with its own listeners, certificate, database and shutdown, meeting over mutual
//! TLS on addresses passed in memory. Nothing is special-cased for this mode but the storage engines.
//!
//! [`Suite::start`] binds every listener first, starts spoc, dispatch, registry, identity and gateway in that order, and [`Suite::stop`] ends them in the other.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::net::SocketAddr;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use futures::future::BoxFuture;
use straznica_pki::{DevelopmentCa, DevelopmentError, Issued, Names, Tls, TlsError};
use straznica_runtime::channel::{self, Channel, ChannelConfig, ChannelError};
use straznica_runtime::job::Job;
use straznica_runtime::service::{
    self, ListenConfig, Listeners, ServerConfig, ServiceContext, ServiceParts, StartError,
};
use straznica_runtime::shutdown::Shutdown;
use straznica_simulators::operator_console::OperatorConsole;
use straznica_simulators::phone_operator::{PhoneOperator, PhoneOperatorError};
use straznica_types::{Environment, SharedClock, SystemClock};
use tempfile::TempDir;
use tokio::task::JoinHandle;

use crate::arguments::ServiceName;
use crate::config::NodeConfig;
use crate::message_console;
use crate::phone_console;
use crate::rest::RestClient;

/// Why a suite did not start, or did not end in order.
#[derive(Debug, thiserror::Error)]
pub enum SuiteError {
    /// A service could not be started.
    #[error("{service}: {source}")]
    Start {
        /// Which.
        service: &'static str,
        /// Why.
        source: StartError,
    },
    /// A service broke down.
    #[error("{service} broke down: {source}")]
    Broken {
        /// Which.
        service: &'static str,
        /// How.
        source: tokio::task::JoinError,
    },
    /// A directory or file of the embedded mode cannot be made.
    #[error("{}: {source}", path.display())]
    Folder {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The directory named for a demonstration holds something already.
    #[error("{}: not empty; a demonstration begins with nothing", .0.display())]
    NotEmpty(PathBuf),
    /// No TLS files are configured, and this is no test environment.
    #[error("{0}: server.tls has to be configured in production; development certificates are for tests")]
    NoTls(&'static str),
    /// A development certificate could not be made.
    #[error(transparent)]
    Development(#[from] DevelopmentError),
    /// TLS material does not hold up.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// A channel to a service cannot be made.
    #[error(transparent)]
    Channel(#[from] ChannelError),
    /// A turn of periodic work failed.
    #[error("{job}: {source}")]
    Turn {
        /// Which.
        job: &'static str,
        /// Why.
        source: straznica_runtime::BoxError,
    },
    /// The operator that asks phones cannot work.
    #[error(transparent)]
    Phones(#[from] PhoneOperatorError),
    /// A name no certificate can carry.
    #[error("{0}")]
    Name(#[from] rustls::pki_types::InvalidDnsNameError),
}

/// What to start.
#[derive(Debug)]
pub struct SuiteOptions {
    /// The configuration of every service.
    pub config: NodeConfig,
    /// Which of them run here.
    pub services: BTreeSet<ServiceName>,
    /// The time.
    pub clock: SharedClock,
    /// What /metrics shows.
    pub metrics: prometheus::Registry,
    /// Where everything is kept that has no place of its own; none: a temporary directory, removed at the end.
    pub folder: Option<PathBuf>,
    /// Refuse a folder that holds something already.
    pub fresh: bool,
    /// Who sets the pace of periodic work.
    pub pace: Pace,
    /// Where text messages go in a test environment.
    pub messages: OperatorConsole,
    /// Who asks people on their phones, in a test environment; none: everybody gets a text message.
    pub phones: Option<PhoneOperator>,
}

/// Who sets the pace of periodic background work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Pace {
    /// Each job its own interval.
    #[default]
    Intervals,
    /// A simulation, whose clock leaps: [`Suite::turn`] does one turn of every job.
    ByHand,
}

impl SuiteOptions {
    /// Every service on embedded databases, in a temporary directory unless `folder` names one. The node is Poland's, its journals are cosigned
    /// every second.
    #[must_use]
    pub fn embedded(folder: Option<PathBuf>) -> Self {
        let mut config = NodeConfig::default();
        "PL".clone_into(&mut config.spoc.country);
        config.gateway.witness_seconds = 1;
        // bodies that are consulted come to the gateway, as everybody else
        config.registry.consultation.rest_bodies = config.registry.consultation.bodies.clone();
        // no login provider is needed to try it out
        config.gateway.people.accounts.enabled = true;
        Self {
            config,
            services: ServiceName::IN_ORDER.into(),
            clock: SystemClock::shared(),
            metrics: prometheus::Registry::new(),
            folder,
            fresh: false,
            pace: Pace::Intervals,
            messages: OperatorConsole::new(),
            phones: None,
        }
    }

    /// What the demonstration runs on: nothing left from before.
    #[must_use]
    pub fn demonstration(folder: Option<PathBuf>) -> Self {
        Self { fresh: true, ..Self::embedded(folder) }
    }
}

/// Where the suite keeps its files.
#[derive(Debug)]
enum Folder {
    Temporary(TempDir),
    Named(PathBuf),
}

impl Folder {
    fn open(named: Option<PathBuf>, fresh: bool) -> Result<Self, SuiteError> {
        let Some(path) = named else {
            let made = tempfile::Builder::new().prefix("straznica-").tempdir();
            return made
                .map(Self::Temporary)
                .map_err(|source| SuiteError::Folder { path: std::env::temp_dir(), source });
        };
        let failed = |source| SuiteError::Folder { path: path.clone(), source };
        // keys and registers lie in it: nobody else on the machine looks in
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&path).map_err(failed)?;
        if fresh && std::fs::read_dir(&path).map_err(failed)?.next().is_some() {
            return Err(SuiteError::NotEmpty(path));
        }
        // SQLite and the key store take their paths from here, whatever the working directory is by then.
        Ok(Self::Named(path.canonicalize().map_err(failed)?))
    }

    fn path(&self) -> &Path {
        match self {
            Self::Temporary(folder) => folder.path(),
            Self::Named(folder) => folder,
        }
    }
}

/// A service that runs.
#[derive(Debug)]
struct Running {
    name: &'static str,
    addresses: ListenConfig,
    shutdown: Shutdown,
    task: JoinHandle<Result<(), StartError>>,
    /// TLS of the service, where its certificate is one of the development authority.
    development_tls: Option<Arc<Tls>>,
    /// Listeners it brought itself, by name.
    own_servers: Vec<(&'static str, SocketAddr)>,
    /// Periodic work that waits for [`Suite::turn`].
    by_hand: Vec<Job>,
}

/// A suite that runs.
pub struct Suite {
    folder: Folder,
    config: NodeConfig,
    clock: SharedClock,
    ca: Option<DevelopmentCa>,
    pace: Pace,
    messages: OperatorConsole,
    phones: Option<PhoneOperator>,
    /// In the order of starting.
    running: Vec<Running>,
}

impl fmt::Debug for Suite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Suite").field("folder", &self.folder).field("running", &self.running).finish_non_exhaustive()
    }
}

impl Suite {
    /// Binds every listener, then starts the services.
    ///
    /// # Errors
    /// [`SuiteError`]; what had started is stopped again.
    pub fn start(options: SuiteOptions) -> BoxFuture<'static, Result<Self, SuiteError>> {
        // The configuration of every service is in it: on the heap, not in each caller's future.
        Box::pin(Self::begin(options))
    }

    async fn begin(options: SuiteOptions) -> Result<Self, SuiteError> {
        let SuiteOptions { mut config, services, clock, metrics, folder, fresh, pace, messages, phones } = options;
        let folder = Folder::open(folder, fresh)?;
        config.settle(folder.path()).map_err(|source| SuiteError::Folder { path: folder.path().to_owned(), source })?;
        let ca = match config.environment {
            Environment::Test => Some(config.development_authority(folder.path(), clock.clone())?),
            Environment::Production => None,
        };
        if let (Some(phones), Environment::Test) = (&phones, config.environment) {
            phone_console::connect(phones, &mut config, folder.path(), clock.clone()).await?;
        }
        let mut bound = BTreeMap::new();
        for &service in &services {
            let listeners = Listeners::bind(&config.server(service).listen)
                .await
                .map_err(|source| SuiteError::Start { service: service.name(), source })?;
            bound.insert(service, listeners);
        }
        config.connect(|service| bound.get(&service).map(|listeners| listeners.addresses.grpc));

        let mut suite = Self { folder, config, clock, ca, pace, messages, phones, running: Vec::new() };
        for service in ServiceName::IN_ORDER {
            if let Some(listeners) = bound.remove(&service)
                && let Err(error) = suite.launch(service, listeners, metrics.clone()).await
            {
                suite.end().await?;
                return Err(error);
            }
        }
        Ok(suite)
    }

    async fn launch(
        &mut self,
        service: ServiceName,
        listeners: Listeners,
        metrics: prometheus::Registry,
    ) -> Result<(), SuiteError> {
        let name = service.name();
        let server = self.config.server(service).clone();
        let tls = self.service_tls(name, &server)?;
        let development_tls = server.tls.is_none().then(|| tls.clone());
        let mut context = ServiceContext::new(name, self.config.environment, self.clock.clone(), tls);
        context.metrics = metrics;
        context.limits = server.limits;
        let mut parts =
            self.build(service, &context).await.map_err(|source| SuiteError::Start { service: name, source })?;
        let by_hand = match self.pace {
            Pace::Intervals => Vec::new(),
            Pace::ByHand => parts.jobs.extract_if(.., |job| job.is_periodic()).collect(),
        };
        let own_servers = parts.servers.iter().map(|server| (server.name, server.address)).collect();
        let (addresses, shutdown) = (listeners.addresses.clone(), context.shutdown.clone());
        let task = tokio::spawn(Box::pin(service::run(listeners, parts, context)));
        self.running.push(Running { name, addresses, shutdown, task, development_tls, own_servers, by_hand });
        Ok(())
    }

    async fn build(&self, service: ServiceName, context: &ServiceContext) -> Result<ServiceParts, StartError> {
        match service {
            ServiceName::Spoc => Box::pin(straznica_spoc::build(&self.config.spoc, context)).await,
            ServiceName::Dispatch => {
                let channel = message_console::channel(&self.messages);
                Box::pin(straznica_dispatch::build(&self.config.dispatch, channel, context)).await
            }
            ServiceName::Registry => Box::pin(straznica_registry::build(&self.config.registry, context)).await,
            ServiceName::Identity => Box::pin(straznica_identity::build(&self.config.identity, context)).await,
            ServiceName::Gateway => Box::pin(straznica_gateway::build(&self.config.gateway, context)).await,
        }
    }

    fn service_tls(&self, name: &'static str, server: &ServerConfig) -> Result<Arc<Tls>, SuiteError> {
        if let Some(files) = &server.tls {
            return Ok(Tls::from_files(files.clone(), self.config.environment, self.clock.clone())?);
        }
        let ca = self.ca.as_ref().ok_or(SuiteError::NoTls(name))?;
        self.tls(ca, &ca.issue_service(name, &Names::loopback())?)
    }

    pub(crate) fn tls(&self, ca: &DevelopmentCa, issued: &Issued) -> Result<Arc<Tls>, SuiteError> {
        Ok(Tls::from_material(ca.material(issued)?, self.config.environment, self.clock.clone())?)
    }

    /// Does one turn of every periodic job, in order, where the pace is set by hand.
    ///
    /// # Errors
    /// The first turn that failed.
    pub async fn turn(&self) -> Result<(), SuiteError> {
        for running in &self.running {
            for job in &running.by_hand {
                job.turn().await.map_err(|source| SuiteError::Turn { job: job.name(), source })?;
            }
        }
        Ok(())
    }

    /// Gives every service a new development certificate; they last ninety days. Services with files of their own are passed over.
    ///
    /// # Errors
    /// When one cannot be made or does not hold up.
    pub fn renew_certificates(&self) -> Result<(), SuiteError> {
        let Some(ca) = &self.ca else { return Ok(()) };
        for running in &self.running {
            if let Some(tls) = &running.development_tls {
                tls.replace(ca.material(&ca.issue_service(running.name, &Names::loopback())?)?)?;
            }
        }
        Ok(())
    }

    /// Where a listener a service brought itself listens, e.g. `exchange_grpc`.
    #[must_use]
    pub fn own_server(&self, name: &str) -> Option<SocketAddr> {
        let mut servers = self.running.iter().flat_map(|running| &running.own_servers);
        servers.find(|(own, _)| *own == name).map(|(_, address)| *address)
    }

    /// gRPC address of a service that runs here.
    #[must_use]
    pub fn address(&self, service: ServiceName) -> Option<SocketAddr> {
        self.addresses_of(service.name()).map(|addresses| addresses.grpc)
    }

    fn addresses_of(&self, name: &str) -> Option<&ListenConfig> {
        self.running.iter().find(|running| running.name == name).map(|running| &running.addresses)
    }

    /// Where text messages go: what a citizen would read.
    #[must_use]
    pub fn messages(&self) -> &OperatorConsole {
        &self.messages
    }

    /// Who asks people on their phones: what a citizen would see there, and how they answer.
    #[must_use]
    pub const fn phones(&self) -> Option<&PhoneOperator> {
        self.phones.as_ref()
    }

    /// The time the suite runs by.
    #[must_use]
    pub fn clock(&self) -> &SharedClock {
        &self.clock
    }

    /// Where terminals reach the gateway; the unspecified address where no gateway runs here.
    #[must_use]
    pub fn terminals(&self) -> SocketAddr {
        let none = SocketAddr::from(([0, 0, 0, 0], 0));
        self.addresses_of("gateway").and_then(|addresses| addresses.http_mutual).unwrap_or(none)
    }

    /// Where people reach the gateway; the unspecified address where no gateway runs here.
    #[must_use]
    pub fn people(&self) -> SocketAddr {
        let none = SocketAddr::from(([0, 0, 0, 0], 0));
        self.addresses_of("gateway").and_then(|addresses| addresses.http_open).unwrap_or(none)
    }

    /// REST as a browser without a client certificate.
    ///
    /// # Errors
    /// As [`Self::terminal_rest`].
    pub fn people_rest(&self) -> Result<RestClient, SuiteError> {
        // The listener asks for no certificate, so none is shown.
        let config = self.rest_config(&self.authority()?.issue_operator("nobody")?)?;
        Ok(RestClient::new(self.people(), &self.gateway_name(), config)?)
    }

    /// Every address, a line each, for people.
    #[must_use]
    pub fn addresses(&self) -> String {
        let mut lines = String::new();
        for running in &self.running {
            let ListenConfig { grpc, admin, http_mutual, http_open } = &running.addresses;
            lines += &format!("  {:<9} gRPC {grpc}   admin http://{admin}\n", running.name);
            if let Some(address) = http_mutual {
                lines += &format!("            REST for terminals https://{address}\n");
            }
            for (name, address) in &running.own_servers {
                lines += &format!("            {name} {address}\n");
            }
            if let Some(address) = http_open {
                lines += &format!("            pages for people   https://{address}/docs\n");
            }
        }
        lines
    }

    /// DNS name in the gateway's development certificate.
    #[must_use]
    pub fn gateway_name(&self) -> String {
        format!("gateway.{}", self.config.trust_domain)
    }

    /// REST as a terminal, with a development certificate made on the spot.
    ///
    /// # Errors
    /// In production, or when the certificate cannot be made.
    pub fn terminal_rest(&self, terminal: &str) -> Result<RestClient, SuiteError> {
        self.rest(&self.authority()?.issue_terminal(terminal)?)
    }

    /// REST as an operator.
    ///
    /// # Errors
    /// As [`Self::terminal_rest`].
    pub fn operator_rest(&self, operator: &str) -> Result<RestClient, SuiteError> {
        self.rest(&self.authority()?.issue_operator(operator)?)
    }

    /// REST with this certificate.
    ///
    /// # Errors
    /// When the certificate does not hold up.
    pub fn rest(&self, issued: &Issued) -> Result<RestClient, SuiteError> {
        Ok(RestClient::new(self.terminals(), &self.gateway_name(), self.rest_config(issued)?)?)
    }

    fn rest_config(&self, issued: &Issued) -> Result<rustls::ClientConfig, SuiteError> {
        let tls = self.tls(self.authority()?, issued)?;
        let mut config = (*tls.client_config()).clone();
        // the connector of the client negotiates HTTP itself
        config.alpn_protocols.clear();
        Ok(config)
    }

    /// gRPC to a service as an operator.
    ///
    /// # Errors
    /// As [`Self::terminal_rest`].
    pub fn operator_channel(&self, service: ServiceName, operator: &str) -> Result<Channel, SuiteError> {
        self.channel(service, &self.authority()?.issue_operator(operator)?)
    }

    /// gRPC to a service with this certificate.
    ///
    /// # Errors
    /// When the certificate does not hold up.
    pub fn channel(&self, service: ServiceName, issued: &Issued) -> Result<Channel, SuiteError> {
        let tls = self.tls(self.authority()?, issued)?;
        let address = self.address(service).map(|address| address.to_string()).unwrap_or_default();
        Ok(channel::connect(service.name(), &ChannelConfig::at(address), &tls)?)
    }

    /// The development authority, to make certificates with.
    ///
    /// # Errors
    /// In production, where there is none.
    pub fn authority(&self) -> Result<&DevelopmentCa, SuiteError> {
        self.ca.as_ref().ok_or(SuiteError::NoTls("a client"))
    }

    /// The configuration in force, addresses and paths settled.
    #[must_use]
    pub fn config(&self) -> &NodeConfig {
        &self.config
    }

    /// Writes a certificate with its key and what it is checked by as PEM files for another client, and says where.
    ///
    /// # Errors
    /// When they cannot be written.
    pub fn write_identity(&self, issued: &Issued) -> Result<straznica_pki::TlsFiles, SuiteError> {
        let folder = self.folder.path().join("clients");
        Ok(self.authority()?.write(issued, &folder, issued.identity.role.id())?)
    }

    /// Resolves when a service ended by itself, with its name.
    pub async fn any_ended(&mut self) -> &'static str {
        let waits = self.running.iter_mut().map(|running| {
            let name = running.name;
            Box::pin(async move {
                // how it ended is told by `stop`, which asks the same task again
                while !running.task.is_finished() {
                    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
                }
                name
            })
        });
        futures::future::select_all(waits).await.0
    }

    /// Ends every service in order: gateway, identity, registry, dispatch, spoc; each completes what it has begun.
    ///
    /// # Errors
    /// The first service that did not end in order; the others are ended all the same.
    pub async fn stop(mut self) -> Result<(), SuiteError> {
        self.end().await
    }

    async fn end(&mut self) -> Result<(), SuiteError> {
        let mut first = Ok(());
        while let Some(Running { name: service, shutdown, task, .. }) = self.running.pop() {
            shutdown.begin();
            let outcome = match task.await {
                Ok(Ok(())) => Ok(()),
                Ok(Err(source)) => Err(SuiteError::Start { service, source }),
                Err(source) => Err(SuiteError::Broken { service, source }),
            };
            first = first.and(outcome);
        }
        first
    }
}

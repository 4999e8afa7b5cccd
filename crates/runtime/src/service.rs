//! A service from its first listener to its orderly end.

use std::{fmt, future::Future, io, net::SocketAddr, pin::Pin, sync::Arc, time::Duration};

use axum::Router;
use prometheus::Registry;
use serde::{Deserialize, Serialize};
use straznica_pki::{PeerRole, Reload, ServerUse, Tls, TlsError, TlsFiles};
use straznica_types::{Environment, SharedClock};
use tokio::{net::TcpListener, task::JoinSet, time::timeout};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tonic::service::Routes;
use tonic_health::{ServingStatus, server::HealthReporter};

pub use crate::grpc::ReflectionError;
use crate::{
    BoxError,
    admin::Admin,
    grpc,
    http::{self, Limits},
    job::Job,
    shutdown::{Patience, Shutdown},
};

/// How often TLS files are looked at.
const RELOAD_PERIOD: Duration = Duration::from_secs(30);
/// How often gRPC health follows readiness.
const HEALTH_PERIOD: Duration = Duration::from_secs(5);
/// What jobs may take to end.
const JOB_PATIENCE: Duration = Duration::from_secs(15);
/// What putting away what the service was built on may take.
const CLOSING_PATIENCE: Duration = Duration::from_secs(15);

/// Addresses a service listens at. Port 0: any free one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ListenConfig {
    /// gRPC, mutual TLS.
    pub grpc: SocketAddr,
    /// /livez, /readyz, /metrics: plain HTTP, for the orchestrator.
    pub admin: SocketAddr,
    /// REST for terminals, mutual TLS; the gateway's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub http_mutual: Option<SocketAddr>,
    /// Pages for people, TLS without client certificates; the gateway's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub http_open: Option<SocketAddr>,
}

impl Default for ListenConfig {
    /// This machine only, free ports.
    fn default() -> Self {
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        Self { grpc: any, admin: any, http_mutual: None, http_open: None }
    }
}

/// What every service's configuration has under `server`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ServerConfig {
    /// Addresses.
    pub listen: ListenConfig,
    /// TLS files; none where the program makes development certificates.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls: Option<TlsFiles>,
    /// Limits of the listeners.
    pub limits: Limits,
}

/// What a service is built in.
#[derive(Clone, Debug)]
pub struct ServiceContext {
    /// The service's name, as calls.toml and its certificate have it, e.g. `spoc`.
    pub name: &'static str,
    /// Test or production.
    pub environment: Environment,
    /// The time.
    pub clock: SharedClock,
    /// TLS of this service, for its listeners and its channels to others.
    pub tls: Arc<Tls>,
    /// Says when the end has come.
    pub shutdown: Shutdown,
    /// What /metrics shows; from [`Telemetry::registry`](crate::telemetry::Telemetry::registry), or an empty one.
    pub metrics: Registry,
    /// Limits of the listeners.
    pub limits: Limits,
}

impl ServiceContext {
    /// A context with nothing special about it: no metrics to show, limits as by default.
    pub fn new(name: &'static str, environment: Environment, clock: SharedClock, tls: Arc<Tls>) -> Self {
        let (shutdown, metrics, limits) = (Shutdown::new(), Registry::new(), Limits::default());
        Self { name, environment, clock, tls, shutdown, metrics, limits }
    }

    /// Trust domain of the service and its peers.
    pub fn trust_domain(&self) -> String {
        self.tls.own().trust_domain.clone()
    }
}

type CheckFuture = Pin<Box<dyn Future<Output = Result<(), BoxError>> + Send>>;

/// Something a service needs to be of use, asked whenever /readyz is.
#[derive(Clone)]
pub struct ReadinessCheck {
    name: &'static str,
    check: Arc<dyn Fn() -> CheckFuture + Send + Sync>,
}

impl ReadinessCheck {
    /// `check` has to answer within two seconds.
    pub fn new<F, Fut>(name: &'static str, check: F) -> Self
    where
        F: Fn() -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), BoxError>> + Send + 'static,
    {
        Self { name, check: Arc::new(move || Box::pin(check())) }
    }

    pub(crate) fn name(&self) -> &'static str {
        self.name
    }

    pub(crate) async fn run(&self) -> Result<(), BoxError> {
        (self.check)().await
    }
}

impl fmt::Debug for ReadinessCheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReadinessCheck").field("name", &self.name).finish_non_exhaustive()
    }
}

/// What is put away once nothing of the service runs any more, such as its database.
pub struct Closing {
    name: &'static str,
    close: CheckFuture,
}

impl Closing {
    /// `close` is awaited for fifteen seconds at most, after the last call and the last job.
    pub fn new<Fut>(name: &'static str, close: Fut) -> Self
    where
        Fut: Future<Output = Result<(), BoxError>> + Send + 'static,
    {
        Self { name, close: Box::pin(close) }
    }

    async fn run(self, service: &'static str) {
        match timeout(CLOSING_PATIENCE, self.close).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::error!(service, part = self.name, %error, "did not close"),
            Err(_) => tracing::warn!(service, part = self.name, "did not close in time"),
        }
    }
}

impl fmt::Debug for Closing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Closing").field("name", &self.name).finish_non_exhaustive()
    }
}

/// What a service is made of.
#[derive(Debug, Default)]
pub struct ServiceParts {
    /// gRPC services. Health and reflection are added.
    pub grpc: Routes,
    /// REST for terminals.
    pub http_mutual: Option<Router>,
    /// Pages for people.
    pub http_open: Option<Router>,
    /// Listeners of another kind than the suite's own.
    pub servers: Vec<OwnServer>,
    /// Background work.
    pub jobs: Vec<Job>,
    /// What it needs to be of use.
    pub readiness: Vec<ReadinessCheck>,
    /// What is put away at the end, in this order.
    pub closing: Vec<Closing>,
}

type ServeFuture = Pin<Box<dyn Future<Output = ()> + Send>>;

/// A listener a service brings itself, bound when it was built: it serves until it is told to stop, then completes what it has begun.
pub struct OwnServer {
    /// What it is, for people: "exchange_grpc".
    pub name: &'static str,
    /// Where it listens.
    pub address: SocketAddr,
    serve: Box<dyn FnOnce(CancellationToken) -> ServeFuture + Send>,
}

impl OwnServer {
    /// `serve` returns after the token was cancelled and what was begun is complete, within the limits' drain time.
    pub fn new<F, Fut>(name: &'static str, address: SocketAddr, serve: F) -> Self
    where
        F: FnOnce(CancellationToken) -> Fut + Send + 'static,
        Fut: Future<Output = ()> + Send + 'static,
    {
        Self { name, address, serve: Box::new(move |stop| Box::pin(serve(stop))) }
    }
}

impl fmt::Debug for OwnServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OwnServer").field("name", &self.name).field("address", &self.address).finish_non_exhaustive()
    }
}

/// The sockets of a service, bound before anything else is begun.
#[derive(Debug)]
pub struct Listeners {
    grpc: TcpListener,
    admin: TcpListener,
    http_mutual: Option<TcpListener>,
    http_open: Option<TcpListener>,
    /// The addresses, with the ports the operating system chose.
    pub addresses: ListenConfig,
}

/// A service that cannot be started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// An address cannot be listened at.
    #[error("cannot listen at {address}")]
    Bind {
        /// Which.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
    /// The certificate names another peer.
    #[error("the certificate names {found}, not service/{expected}")]
    Identity {
        /// The service to be run.
        expected: &'static str,
        /// Whom the certificate names.
        found: String,
    },
    /// TLS files that do not hold up.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// No TLS files are configured, and a development certificate was not given.
    #[error("server.tls is not configured")]
    NoTls,
    /// Reflection cannot be offered.
    #[error(transparent)]
    Reflection(#[from] ReflectionError),
    /// A part to serve without an address to serve it at.
    #[error("{0} has no address to listen at")]
    NoAddress(&'static str),
    /// What the service itself could not do: database, keys, configuration.
    #[error("{what} failed")]
    Part {
        /// What was attempted, e.g. "opening the database".
        what: &'static str,
        /// Why.
        source: BoxError,
    },
}

impl StartError {
    /// A part of the service that could not be started.
    pub fn part(what: &'static str, source: impl Into<BoxError>) -> Self {
        Self::Part { what, source: source.into() }
    }
}

impl Listeners {
    /// Binds every address.
    ///
    /// # Errors
    /// [`StartError::Bind`].
    pub async fn bind(config: &ListenConfig) -> Result<Self, StartError> {
        let (grpc, grpc_address) = bind(config.grpc).await?;
        let (admin, admin_address) = bind(config.admin).await?;
        let (http_mutual, mutual_address) = bind_optional(config.http_mutual).await?.unzip();
        let (http_open, open_address) = bind_optional(config.http_open).await?.unzip();
        let addresses = ListenConfig {
            grpc: grpc_address,
            admin: admin_address,
            http_mutual: mutual_address,
            http_open: open_address,
        };
        Ok(Self { grpc, admin, http_mutual, http_open, addresses })
    }
}

async fn bind(address: SocketAddr) -> Result<(TcpListener, SocketAddr), StartError> {
    let failed = |source| StartError::Bind { address, source };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let bound = listener.local_addr().map_err(failed)?;
    Ok((listener, bound))
}

async fn bind_optional(address: Option<SocketAddr>) -> Result<Option<(TcpListener, SocketAddr)>, StartError> {
    match address {
        Some(address) => bind(address).await.map(Some),
        None => Ok(None),
    }
}

/// Runs a service until [`ServiceContext::shutdown`] begins, then ends it in order: not ready, no new connections, calls in flight completed, jobs
/// stopped, what it was built on put away, admin port last. Telemetry is the caller's to end, after this returns.
///
/// # Errors
/// [`StartError`] when it cannot be started; nothing was served then.
pub async fn run(listeners: Listeners, parts: ServiceParts, context: ServiceContext) -> Result<(), StartError> {
    let own = context.tls.own();
    if own.role != PeerRole::Service(context.name.to_owned()) {
        return Err(StartError::Identity { expected: context.name, found: own.role.to_string() });
    }
    let patience = Patience { calls: Duration::from_secs(context.limits.drain_seconds), jobs: JOB_PATIENCE };
    let longest = Duration::from_secs(context.limits.call_seconds);
    let draining = context.shutdown.token();
    let (router, health) = grpc::router(parts.grpc, context.name, &context.tls, longest, draining)?;
    let mut servers = vec![(listeners.grpc, router, ServerUse::Grpc)];
    servers.extend(http_part(
        "http_mutual",
        listeners.http_mutual,
        parts.http_mutual,
        ServerUse::HttpMutual,
        &context,
    )?);
    servers.extend(http_part("http_open", listeners.http_open, parts.http_open, ServerUse::HttpOpen, &context)?);
    let admin =
        Admin { checks: parts.readiness.into(), shutdown: context.shutdown.clone(), registry: context.metrics.clone() };

    let (stop_listening, stop_jobs, stop_admin) =
        (CancellationToken::new(), CancellationToken::new(), CancellationToken::new());
    let mut serving = JoinSet::new();
    for (listener, router, r#use) in servers {
        let (tls, limits, stop) = (context.tls.clone(), context.limits.clone(), stop_listening.clone());
        serving.spawn(async move { http::serve_prepared(listener, router, tls, r#use, &limits, stop).await });
    }
    for server in parts.servers {
        tracing::info!(service = context.name, listener = server.name, address = %server.address, "serving");
        serving.spawn((server.serve)(stop_listening.clone()));
    }
    let jobs = TaskTracker::new();
    let own_jobs = [health_job(admin.clone(), health.clone())].into_iter().chain(reload_job(&context.tls));
    for job in parts.jobs.into_iter().chain(own_jobs) {
        jobs.spawn(job.supervise(stop_jobs.clone()));
    }
    let admin_server = tokio::spawn(serve_admin(listeners.admin, admin.router(), stop_admin.clone()));
    tracing::info!(service = context.name, environment = %context.environment, peer = %own, addresses = ?listeners.addresses, "serving");

    context.shutdown.begun().await;
    tracing::info!(service = context.name, "draining");
    health.set_service_status("", ServingStatus::NotServing).await;
    stop_listening.cancel();
    drain_servers(&mut serving, patience).await;
    stop_jobs.cancel();
    jobs.close();
    if timeout(patience.jobs, jobs.wait()).await.is_err() {
        tracing::warn!(service = context.name, jobs = jobs.len(), "jobs did not end in time");
    }
    for closing in parts.closing {
        closing.run(context.name).await;
    }
    stop_admin.cancel();
    if let Err(error) = admin_server.await {
        tracing::error!(%error, "the admin port broke down");
    }
    tracing::info!(service = context.name, "ended");
    Ok(())
}

type Served = (TcpListener, Router, ServerUse);

fn http_part(
    name: &'static str,
    listener: Option<TcpListener>,
    router: Option<Router>,
    r#use: ServerUse,
    context: &ServiceContext,
) -> Result<Option<Served>, StartError> {
    match (listener, router) {
        (Some(listener), Some(router)) => Ok(Some((listener, http::with_context(router, &context.tls), r#use))),
        (None, Some(_)) => Err(StartError::NoAddress(name)),
        (Some(_), None) => {
            tracing::warn!("{name} is configured, but this service serves nothing there");
            Ok(None)
        }
        (None, None) => Ok(None),
    }
}

/// Each server keeps to its own time-out; one that broke down is reported and the others go on.
async fn drain_servers(serving: &mut JoinSet<()>, patience: Patience) {
    let all = async {
        while let Some(result) = serving.join_next().await {
            if let Err(error) = result {
                tracing::error!(%error, "a listener broke down");
            }
        }
    };
    // A second more than the servers themselves allow.
    if timeout(patience.calls + Duration::from_secs(1), all).await.is_err() {
        tracing::warn!("listeners did not end in time");
        serving.abort_all();
    }
}

async fn serve_admin(listener: TcpListener, router: Router, stop: CancellationToken) {
    let server = axum::serve(listener, router).with_graceful_shutdown(stop.clone().cancelled_owned());
    // Somebody's idle keep-alive connection does not hold up the end.
    let ended = async {
        stop.cancelled().await;
        tokio::time::sleep(Duration::from_secs(1)).await;
    };
    tokio::select! {
        result = server => if let Err(error) = result { tracing::error!(%error, "the admin port failed"); },
        () = ended => (),
    }
}

fn health_job(admin: Admin, health: HealthReporter) -> Job {
    Job::every("health", HEALTH_PERIOD, move || {
        let (admin, health) = (admin.clone(), health.clone());
        async move {
            let ready = admin.readiness().await.is_ready();
            let status = if ready { ServingStatus::Serving } else { ServingStatus::NotServing };
            health.set_service_status("", status).await;
            Ok(())
        }
    })
}

fn reload_job(tls: &Arc<Tls>) -> Option<Job> {
    if !tls.is_from_files() {
        return None;
    }
    let tls = tls.clone();
    Some(Job::every("tls_reload", RELOAD_PERIOD, move || {
        let tls = tls.clone();
        async move {
            if tokio::task::spawn_blocking(move || tls.reload()).await?? == Reload::Replaced {
                tracing::info!("TLS material replaced");
            }
            Ok(())
        }
    }))
}

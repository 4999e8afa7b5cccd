//! A gateway between played inner services and callers with certificates.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use bytes::Bytes;
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Body;
use hyper_util::rt::TokioIo;
use rustls::{ClientConfig, pki_types::ServerName};
use serde_json::Value;
use straznica_gateway::Config;
use straznica_journal::JournalConfig;
use straznica_pki::{DevelopmentCa, Issued, Names, PeerRole, Tls, TlsMaterial, Validity};
use straznica_runtime::{
    channel::ChannelConfig,
    service::{self, ListenConfig, Listeners, ServiceContext, ServiceParts, StartError},
    shutdown::Shutdown,
};
use straznica_store::testing::TestDatabase;
use straznica_types::{Clock, Environment, ManualClock, Timestamp};
use tempfile::TempDir;
use tokio::{net::TcpStream, task::JoinHandle, time::timeout};
use tokio_rustls::{TlsConnector, client::TlsStream};

use super::{
    doubles::{IdentityDouble, SpocDouble},
    people::double::PeopleDouble,
    registry::double::RegistryDouble,
};

pub(crate) const DOMAIN: &str = "development.straznica";
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);
pub(crate) const TERMINAL: &str = "PL-WAW-017";
pub(crate) const CONTACT: &str = "Call the operator of Medyka, extension 4711.";

type Running = JoinHandle<Result<(), StartError>>;

/// A gateway with its neighbours.
pub(crate) struct House {
    pub(crate) clock: ManualClock,
    pub(crate) ca: DevelopmentCa,
    pub(crate) identity: Arc<IdentityDouble>,
    pub(crate) spoc: Arc<SpocDouble>,
    /// The rest of identity.
    pub(crate) people: Arc<PeopleDouble>,
    pub(crate) registry: Arc<RegistryDouble>,
    pub(crate) database: TestDatabase,
    terminals: SocketAddr,
    visitors: SocketAddr,
    nodes: Vec<(Shutdown, Running)>,
    _keys: TempDir,
}

impl House {
    /// Everything by default.
    pub(crate) async fn new(database: TestDatabase) -> Self {
        Self::with(database, |_| {}).await
    }

    /// With local accounts.
    pub(crate) async fn people(database: TestDatabase) -> Self {
        Self::with(database, |config| {
            config.people.accounts.enabled = true;
            // a test hurries
            config.rate.burst = 1_000;
        })
        .await
    }

    /// With other options of the gateway.
    pub(crate) async fn with(database: TestDatabase, change: impl FnOnce(&mut Config)) -> Self {
        Self::beside(IdentityDouble::new(), database, change).await
    }

    /// Beside this identity.
    pub(crate) async fn beside(
        identity: IdentityDouble,
        database: TestDatabase,
        change: impl FnOnce(&mut Config),
    ) -> Self {
        Self::starting_at("2026-05-28T09:30:00Z".parse().unwrap(), identity, database, change).await
    }

    /// At this time.
    pub(crate) async fn starting_at(
        now: Timestamp,
        identity: IdentityDouble,
        database: TestDatabase,
        change: impl FnOnce(&mut Config),
    ) -> Self {
        let clock = ManualClock::starting_at(now);
        let ca = DevelopmentCa::create(DOMAIN, clock.shared()).unwrap();
        let (identity, spoc) = (Arc::new(identity), Arc::new(SpocDouble::new()));
        let (people, registry) = (Arc::new(PeopleDouble::new()), Arc::new(RegistryDouble::new()));
        let all_of_identity = people.add_to(identity.clone().routes());
        let mut nodes = Vec::new();
        let keys = tempfile::tempdir().unwrap();
        let identity_at = start(&ca, &clock, "identity", grpc(all_of_identity), &mut nodes).await.grpc;
        let spoc_at = start(&ca, &clock, "spoc", grpc(spoc.clone().routes()), &mut nodes).await.grpc;
        let dispatch_at = start(&ca, &clock, "dispatch", grpc(people.notices()), &mut nodes).await.grpc;
        let registry_at = start(&ca, &clock, "registry", grpc(registry.routes()), &mut nodes).await.grpc;
        let mut config = Config {
            database: database.config().clone(),
            journal: JournalConfig::embedded("gateway.test/journal", keys.path()),
            dispatch: ChannelConfig { timeout_ms: 2_000, ..ChannelConfig::at(dispatch_at) },
            identity: ChannelConfig { timeout_ms: 2_000, ..ChannelConfig::at(identity_at) },
            registry: ChannelConfig { timeout_ms: 2_000, ..ChannelConfig::at(registry_at) },
            spoc: ChannelConfig { timeout_ms: 2_000, ..ChannelConfig::at(spoc_at) },
            suspension_contact: CONTACT.to_owned(),
            ..Config::default()
        };
        change(&mut config);
        let context = context(&ca, &clock, "gateway");
        let listeners = Listeners::bind(&config.server.listen).await.unwrap();
        let addresses = listeners.addresses.clone();
        let parts = straznica_gateway::build(&config, &context).await.unwrap();
        let shutdown = context.shutdown.clone();
        nodes.push((shutdown, tokio::spawn(service::run(listeners, parts, context))));
        Self {
            clock,
            ca,
            identity,
            spoc,
            people,
            registry,
            database,
            terminals: addresses.http_mutual.unwrap(),
            visitors: addresses.http_open.unwrap(),
            nodes,
            _keys: keys,
        }
    }

    /// As [`House::new`], with [`TERMINAL`] enrolled, and its caller.
    pub(crate) async fn with_terminal(database: TestDatabase) -> (Self, Caller) {
        let house = Self::new(database).await;
        let terminal = house.enrolled(TERMINAL).await;
        (house, terminal)
    }

    pub(crate) fn tls(&self, issued: &Issued) -> Arc<Tls> {
        let material = self.ca.material(issued).unwrap();
        Tls::from_material(material, Environment::Test, self.clock.shared()).unwrap()
    }

    pub(crate) fn issue(&self, role: &str) -> Issued {
        let role: PeerRole = role.parse().unwrap();
        self.ca.issue(&role, &Names::default(), self.ca.usual_validity()).unwrap()
    }

    /// Somebody with a certificate at the terminals' listener.
    pub(crate) fn caller(&self, role: &str) -> Caller {
        self.caller_with(&self.issue(role))
    }

    pub(crate) fn caller_with(&self, issued: &Issued) -> Caller {
        Caller { address: self.terminals, config: http1(&self.tls(issued)) }
    }

    pub(crate) fn caller_with_material(&self, material: TlsMaterial) -> Caller {
        let tls = Tls::from_material(material, Environment::Test, self.clock.shared()).unwrap();
        Caller { address: self.terminals, config: http1(&tls) }
    }

    pub(crate) fn expired(&self, role: &str) -> Caller {
        let (role, now, day): (PeerRole, _, _) = (role.parse().unwrap(), self.clock.now(), Duration::from_secs(86_400));
        let validity = Validity { not_before: now - day * 2, not_after: now - day };
        self.caller_with(&self.ca.issue(&role, &Names::default(), validity).unwrap())
    }

    /// Somebody without a certificate, at the terminals' listener.
    pub(crate) fn stranger(&self) -> Caller {
        Caller { address: self.terminals, config: self.anonymous() }
    }

    /// Somebody without a certificate, at the people's listener.
    pub(crate) fn visitor(&self) -> Caller {
        Caller { address: self.visitors, config: self.anonymous() }
    }

    fn anonymous(&self) -> Arc<ClientConfig> {
        let mut config = ClientConfig::clone(&http1(&self.tls(&self.issue("operator/nobody"))));
        config.client_auth_cert_resolver = Arc::new(NoCertificate);
        Arc::new(config)
    }

    pub(crate) fn operator(&self) -> Caller {
        self.caller("operator/OP-07")
    }

    /// Enrols a terminal and gives its caller.
    pub(crate) async fn enrolled(&self, id: &str) -> Caller {
        let answer = self.operator().post("/v1/terminals", &serde_json::json!({"terminalId": id})).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        self.caller(&format!("terminal/{id}"))
    }

    /// The one text a query finds, under the name `line`.
    pub(crate) async fn text(&self, sql: &str) -> String {
        use sea_orm::{ConnectionTrait as _, Statement};
        let reader = self.database.store().reader();
        let row = reader.query_one_raw(Statement::from_string(reader.get_database_backend(), sql)).await.unwrap();
        row.unwrap().try_get("", "line").unwrap()
    }

    pub(crate) async fn end(self) {
        for (shutdown, _) in &self.nodes {
            shutdown.begin();
        }
        for (_, running) in self.nodes {
            timeout(PATIENCE, running).await.unwrap().unwrap().unwrap();
        }
    }
}

fn grpc(routes: tonic::service::Routes) -> ServiceParts {
    ServiceParts { grpc: routes, ..ServiceParts::default() }
}

fn context(ca: &DevelopmentCa, clock: &ManualClock, name: &'static str) -> ServiceContext {
    let issued = ca.issue_service(name, &Names::loopback()).unwrap();
    let tls = Tls::from_material(ca.material(&issued).unwrap(), Environment::Test, clock.shared()).unwrap();
    ServiceContext::new(name, Environment::Test, clock.shared(), tls)
}

async fn start(
    ca: &DevelopmentCa,
    clock: &ManualClock,
    name: &'static str,
    parts: ServiceParts,
    nodes: &mut Vec<(Shutdown, Running)>,
) -> ListenConfig {
    let context = context(ca, clock, name);
    let listeners = Listeners::bind(&ListenConfig::default()).await.unwrap();
    let addresses = listeners.addresses.clone();
    let shutdown = context.shutdown.clone();
    nodes.push((shutdown, tokio::spawn(service::run(listeners, parts, context))));
    addresses
}

fn http1(tls: &Tls) -> Arc<ClientConfig> {
    let mut config = ClientConfig::clone(&tls.client_config());
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Arc::new(config)
}

#[derive(Debug)]
struct NoCertificate;

impl rustls::client::ResolvesClientCert for NoCertificate {
    fn resolve(&self, _: &[&[u8]], _: &[rustls::SignatureScheme]) -> Option<Arc<rustls::sign::CertifiedKey>> {
        None
    }

    fn has_certs(&self) -> bool {
        false
    }
}

/// Somebody who makes requests, each on a connection of its own.
#[derive(Clone)]
pub(crate) struct Caller {
    address: SocketAddr,
    config: Arc<ClientConfig>,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Checks that it is a whole problem document with this status and code, and gives it.
    #[track_caller]
    pub(crate) fn problem(&self, status: u16, code: &str) -> Value {
        let problem = self.json();
        assert_eq!((self.status.as_u16(), problem["code"].as_str()), (status, Some(code)), "{problem}");
        assert_eq!(self.header("content-type"), "application/problem+json");
        assert_eq!(self.header("cache-control"), "no-store");
        assert_eq!(problem["type"], format!("urn:straznica:problem:{code}"));
        assert_eq!(problem["status"], status);
        assert_eq!(problem["requestId"], self.header("x-request-id"));
        for member in ["title", "detail"] {
            assert!(problem[member].as_str().is_some_and(|text| !text.is_empty()), "{member}: {problem}");
        }
        problem
    }
}

impl Caller {
    pub(crate) async fn connect(&self) -> std::io::Result<TlsStream<TcpStream>> {
        let tcp = TcpStream::connect(self.address).await?;
        let name = ServerName::try_from(format!("gateway.{DOMAIN}")).unwrap();
        TlsConnector::from(self.config.clone()).connect(name, tcp).await
    }

    /// Sends a request; an error when there is no answer at all.
    pub(crate) async fn try_send<B>(&self, request: Request<B>) -> Result<Answer, Box<dyn std::error::Error>>
    where
        B: Body<Data = Bytes> + Send + 'static,
        B::Error: std::error::Error + Send + Sync,
    {
        let stream = self.connect().await?;
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
        let driving = tokio::spawn(connection);
        let response = timeout(PATIENCE, sender.send_request(request)).await??;
        let (head, body) = response.into_parts();
        let body = timeout(PATIENCE, body.collect()).await??.to_bytes();
        driving.abort();
        Ok(Answer { status: head.status, headers: head.headers, body })
    }

    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Bytes>,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(path).header("host", "gateway");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.try_send(request.body(Full::new(body.into())).unwrap()).await.unwrap()
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, &[], "").await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::POST, path, &[("content-type", "application/json")], body.to_string()).await
    }
}

//! A node with one service, "spoc", whose witness and event services do what a test tells them.

use std::{
    net::SocketAddr,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use futures::{Stream, StreamExt, stream};
use straznica_contracts::journal::v1::{
    CosignCheckpointRequest, CosignCheckpointResponse, TailRequest, TailResponse,
    events_service_server::{EventsService, EventsServiceServer},
    witness_service_client::WitnessServiceClient,
    witness_service_server::{WitnessService, WitnessServiceServer},
};
use straznica_pki::{DevelopmentCa, Issued, Names, PeerRole, Tls};
use straznica_runtime::{
    auth,
    channel::{self, Channel, ChannelConfig},
    http::Limits,
    job::Job,
    service::{self, ListenConfig, Listeners, ReadinessCheck, ServiceContext, ServiceParts, StartError},
    shutdown::Shutdown,
};
use straznica_types::{Environment, ManualClock};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::Notify,
    task::JoinHandle,
    time::{sleep, timeout},
};
use tonic::{Request, Response, Status, service::Routes};

pub(crate) const DOMAIN: &str = "development.straznica";
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) struct House {
    pub(crate) clock: ManualClock,
    pub(crate) ca: DevelopmentCa,
}

impl House {
    pub(crate) fn new() -> Self {
        let clock = ManualClock::starting_at("2026-05-28T09:30:00Z".parse().unwrap());
        let ca = DevelopmentCa::create(DOMAIN, clock.shared()).unwrap();
        Self { clock, ca }
    }

    pub(crate) fn tls(&self, issued: &Issued) -> Arc<Tls> {
        let material = self.ca.material(issued).unwrap();
        Tls::from_material(material, Environment::Test, self.clock.shared()).unwrap()
    }

    pub(crate) fn peer(&self, role: &str) -> Arc<Tls> {
        let role: PeerRole = role.parse().unwrap();
        self.tls(&self.ca.issue(&role, &Names::default(), self.ca.usual_validity()).unwrap())
    }

    pub(crate) async fn node(&self) -> Node {
        self.node_with(Limits::default(), ServiceParts::default()).await
    }

    /// The parts given, with the witness and event services added.
    pub(crate) async fn node_with(&self, limits: Limits, mut parts: ServiceParts) -> Node {
        let tls = self.tls(&self.ca.issue_service("spoc", &Names::default()).unwrap());
        let context = ServiceContext {
            limits,
            ..ServiceContext::new("spoc", Environment::Test, self.clock.shared(), tls.clone())
        };
        let script = Arc::new(Script::default());
        let listeners = Listeners::bind(&ListenConfig::default()).await.unwrap();
        let addresses = listeners.addresses.clone();
        parts.grpc = Routes::new(WitnessServiceServer::from_arc(script.clone()))
            .add_service(EventsServiceServer::from_arc(script.clone()));
        parts.readiness.push(ReadinessCheck::new("script", {
            let script = script.clone();
            move || {
                let ready = !script.unready.load(Ordering::SeqCst);
                async move { ready.then_some(()).ok_or_else(|| "told so".into()) }
            }
        }));
        let shutdown = context.shutdown.clone();
        let running = tokio::spawn(service::run(listeners, parts, context));
        Node { grpc: addresses.grpc, admin: addresses.admin, tls, script, shutdown, running }
    }
}

pub(crate) struct Node {
    pub(crate) grpc: SocketAddr,
    pub(crate) admin: SocketAddr,
    pub(crate) tls: Arc<Tls>,
    pub(crate) script: Arc<Script>,
    pub(crate) shutdown: Shutdown,
    pub(crate) running: JoinHandle<Result<(), StartError>>,
}

impl Node {
    pub(crate) fn channel(&self, peer: &Arc<Tls>) -> Channel {
        channel::connect("spoc", &ChannelConfig::at(self.grpc), peer).unwrap()
    }

    pub(crate) fn witness(&self, peer: &Arc<Tls>) -> WitnessServiceClient<Channel> {
        WitnessServiceClient::new(self.channel(peer))
    }

    /// Status and body of a GET at the admin port.
    pub(crate) async fn admin(&self, path: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(self.admin).await.unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nHost: admin\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
    }

    pub(crate) async fn end(self) {
        self.shutdown.begin();
        timeout(PATIENCE, self.running).await.unwrap().unwrap().unwrap();
    }
}

/// What the services do: the text of the checkpoint tells the witness.
#[derive(Default)]
pub(crate) struct Script {
    pub(crate) begun: Notify,
    pub(crate) release: Notify,
    pub(crate) dropped: Arc<AtomicBool>,
    pub(crate) unready: AtomicBool,
}

struct SetOnDrop(Arc<AtomicBool>);

impl Drop for SetOnDrop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

pub(crate) fn ask(text: &str) -> CosignCheckpointRequest {
    CosignCheckpointRequest { checkpoint: text.to_owned(), ..Default::default() }
}

#[tonic::async_trait]
impl WitnessService for Script {
    async fn cosign_checkpoint(
        &self,
        request: Request<CosignCheckpointRequest>,
    ) -> Result<Response<CosignCheckpointResponse>, Status> {
        let answer = match request.get_ref().checkpoint.as_str() {
            "who" => auth::peer(&request)?.to_string(),
            "request id" => auth::request_id(&request).unwrap().to_string(),
            "trace" => match request.metadata().get("traceparent") {
                Some(value) => value.to_str().unwrap().to_owned(),
                None => String::new(),
            },
            "wait" => {
                self.begun.notify_one();
                self.release.notified().await;
                "completed".to_owned()
            }
            "for ever" => {
                let _dropped = SetOnDrop(self.dropped.clone());
                self.begun.notify_one();
                sleep(Duration::from_secs(3_600)).await;
                String::new()
            }
            "panic" => panic!("as told"),
            other => other.len().to_string(),
        };
        Ok(Response::new(CosignCheckpointResponse { cosignature: answer, ..Default::default() }))
    }
}

#[tonic::async_trait]
impl EventsService for Script {
    type TailStream = Pin<Box<dyn Stream<Item = Result<TailResponse, Status>> + Send>>;

    async fn tail(&self, _: Request<TailRequest>) -> Result<Response<Self::TailStream>, Status> {
        let one = TailResponse { position: 1, ..Default::default() };
        Ok(Response::new(Box::pin(stream::iter([Ok(one)]).chain(stream::pending()))))
    }
}

/// A job that counts its turns.
pub(crate) fn idle_job() -> Job {
    Job::new("idle", |stop| async move {
        stop.cancelled().await;
        Ok(())
    })
}

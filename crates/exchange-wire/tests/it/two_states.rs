//! Two made-up states: a server of one, a client of the other, and an application that says what it was asked.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use exchange::Country;
use exchange::code::{GeneralMessageCode, GetCaCertificatesCode, RequestCertificateCode, SendCertificatesCode};
use exchange::development::{Issued, LeafRequest};
use exchange::identity::Registration;
use exchange::message::{
    Answer, GeneralMessage, GetCaCertificates, GetCaCertificatesAnswer, Message, RequestCertificate,
    RequestCertificateAnswer, SendCertificates,
};
use exchange::operation::Operation;
use straznica_exchange_wire::development::{DevelopmentSpoc, FixedAdmission, SpocKeys, credential};
use straznica_exchange_wire::grpc::{GrpcClient, GrpcClientConfig, GrpcServer, GrpcServerConfig};
use straznica_exchange_wire::{
    Application, CallError, Caller, CrlConfig, CrlSource, CurrentMaterial, Judge, MemoryCrls, PartnerClient,
    SpocMaterial,
};
use straznica_types::ManualClock;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// Answers with what it was sent.
#[derive(Debug, Default)]
pub(crate) struct Echo {
    pub(crate) callers: Mutex<Vec<Country>>,
    pub(crate) finished: AtomicUsize,
    pub(crate) slow: AtomicBool,
    /// Messages the wire refused.
    pub(crate) refused: Mutex<Vec<Operation>>,
}

impl Echo {
    async fn seen(&self, caller: &Caller) {
        self.callers.lock().unwrap().push(caller.country);
        if self.slow.load(Ordering::SeqCst) {
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
        self.finished.fetch_add(1, Ordering::SeqCst);
    }

    pub(crate) fn asked(&self) -> usize {
        self.callers.lock().unwrap().len()
    }
}

#[async_trait]
impl Application for Echo {
    async fn request_certificate(&self, caller: &Caller, message: RequestCertificate) -> RequestCertificateAnswer {
        self.seen(caller).await;
        assert_ne!(message.message_id, "panic", "a test wants it so");
        RequestCertificateAnswer {
            result: RequestCertificateCode::OkCertAvailable,
            certificates: vec![message.certificate_request],
        }
    }

    async fn send_certificates(&self, caller: &Caller, message: SendCertificates) -> SendCertificatesCode {
        self.seen(caller).await;
        match message.message_id {
            Some(_) => SendCertificatesCode::FailureMessageIdUnknown,
            None => SendCertificatesCode::OkReceivedCorrectly,
        }
    }

    async fn get_ca_certificates(&self, caller: &Caller, message: GetCaCertificates) -> GetCaCertificatesAnswer {
        self.seen(caller).await;
        let certificates = match message.message_id.as_str() {
            "much" => vec![vec![7; 1 << 20]; 5],
            _ => vec![message.caller_id.into_bytes()],
        };
        GetCaCertificatesAnswer { result: GetCaCertificatesCode::OkCertAvailable, certificates }
    }

    async fn general_message(&self, caller: &Caller, message: GeneralMessage) -> GeneralMessageCode {
        self.seen(caller).await;
        if message.subject.is_empty() { GeneralMessageCode::FailureSyntax } else { GeneralMessageCode::Ok }
    }

    async fn refused(&self, _caller: &Caller, operation: Operation) {
        self.refused.lock().unwrap().push(operation);
    }
}

/// UT answers, ZZ asks.
pub(crate) struct TwoStates {
    pub(crate) clock: ManualClock,
    pub(crate) ut: DevelopmentSpoc,
    pub(crate) zz: DevelopmentSpoc,
    pub(crate) echo: Arc<Echo>,
    /// UT's, as server.
    pub(crate) gate: Arc<FixedAdmission>,
    /// ZZ's, as client.
    pub(crate) own_gate: Arc<FixedAdmission>,
    pub(crate) address: SocketAddr,
    pub(crate) server: Issued,
    pub(crate) material: Arc<CurrentMaterial>,
    limits: GrpcServerConfig,
    stop: CancellationToken,
    running: Option<JoinHandle<()>>,
}

impl TwoStates {
    pub(crate) async fn meet() -> Self {
        Self::with(|_| (), |_| ()).await
    }

    /// With another server certificate, or another registration of ZZ at UT.
    pub(crate) async fn with(
        certified: impl FnOnce(&mut LeafRequest),
        registered: impl FnOnce(&mut Vec<Registration>),
    ) -> Self {
        Self::under(|_| (), certified, registered).await
    }

    /// With other limits of UT's listener as well.
    pub(crate) async fn under(
        limited: impl FnOnce(&mut GrpcServerConfig),
        certified: impl FnOnce(&mut LeafRequest),
        registered: impl FnOnce(&mut Vec<Registration>),
    ) -> Self {
        let clock = ManualClock::starting_at("2026-06-01T00:00:00Z".parse().unwrap());
        let spoc = async |country: &str| {
            DevelopmentSpoc::start(country.parse().unwrap(), SpocKeys::P256, clock.shared()).await.unwrap()
        };
        let (ut, zz) = (spoc("UT").await, spoc("ZZ").await);
        let mut request = ut.request("localhost");
        certified(&mut request);
        let server = ut.issue(&request).unwrap();
        let material = CurrentMaterial::new(material_of(&server));
        let mut partners = vec![zz.registration().unwrap()];
        registered(&mut partners);
        let gate = FixedAdmission::new(judge(&clock), partners);
        let own_gate = FixedAdmission::new(judge(&clock), [ut.registration().unwrap()]);
        let mut limits = GrpcServerConfig { message_seconds: 2, drain_seconds: 5, ..GrpcServerConfig::default() };
        limited(&mut limits);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let mut states = Self {
            clock,
            ut,
            zz,
            echo: Arc::default(),
            gate,
            own_gate,
            address,
            server,
            material,
            limits,
            stop: CancellationToken::new(),
            running: None,
        };
        states.serve(listener);
        states
    }

    fn serve(&mut self, listener: TcpListener) {
        let limits = self.limits.clone();
        let server = GrpcServer::new(self.material.clone(), self.gate.clone(), self.echo.clone(), limits).unwrap();
        self.stop = CancellationToken::new();
        self.running = Some(tokio::spawn(server.serve(listener, self.stop.clone())));
    }

    /// Stops the server in good order.
    pub(crate) async fn stop(&mut self) {
        self.stop.cancel();
        self.running.take().unwrap().await.unwrap();
    }

    pub(crate) async fn restart(&mut self) {
        self.stop().await;
        let listener = TcpListener::bind(self.address).await.unwrap();
        self.serve(listener);
    }

    pub(crate) fn url(&self) -> String {
        format!("https://localhost:{}", self.address.port())
    }

    /// A certificate of ZZ's, changed in some way.
    pub(crate) fn issue(&self, change: impl FnOnce(&mut LeafRequest)) -> Issued {
        let mut request = self.zz.request("localhost");
        change(&mut request);
        self.zz.issue(&request).unwrap()
    }

    pub(crate) fn client(&self) -> GrpcClient {
        self.client_with(&self.issue(|_| ()))
    }

    pub(crate) fn client_with(&self, issued: &Issued) -> GrpcClient {
        self.client_at(&self.url(), issued)
    }

    pub(crate) fn client_at(&self, url: &str, issued: &Issued) -> GrpcClient {
        let config = GrpcClientConfig { connect_seconds: 5, call_seconds: 5, ..GrpcClientConfig::default() };
        let material = CurrentMaterial::new(material_of(issued));
        GrpcClient::new(self.ut.country(), url, material, self.own_gate.clone(), config).unwrap()
    }
}

pub(crate) fn judge(clock: &ManualClock) -> Judge {
    let lists = CrlSource::new(Arc::new(MemoryCrls::default()), clock.shared(), CrlConfig::development());
    Judge::new(Arc::new(lists), clock.shared())
}

pub(crate) fn material_of(issued: &Issued) -> SpocMaterial {
    SpocMaterial::of_one(credential(issued).unwrap())
}

pub(crate) fn get_ca(caller_id: &str, message_id: &str) -> Message {
    Message::GetCaCertificates(GetCaCertificates { caller_id: caller_id.into(), message_id: message_id.into() })
}

/// A message ZZ may send, and its answer.
pub(crate) async fn ask(client: &GrpcClient) -> Result<Answer, CallError> {
    client.send(&get_ca("ZZ", "1")).await
}

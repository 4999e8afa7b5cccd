//! The bare call: the node's own client and server for the exchange, and behind them what a request cannot do without and nothing else: the signature
//! operations and the commit. Nobody looks anything up, and nobody refuses.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use cvc::Certificate;
use exchange::code::{GeneralMessageCode, GetCaCertificatesCode, RequestCertificateCode, SendCertificatesCode};
use exchange::message::{
    GeneralMessage, GetCaCertificates, GetCaCertificatesAnswer, Message, RequestCertificate, RequestCertificateAnswer,
    SendCertificates,
};
use exchange::operation::Operation;
use straznica_conformance::callbacks;
use straznica_exchange_wire::development::{DevelopmentSpoc, FixedAdmission, SpocKeys};
use straznica_exchange_wire::grpc::{GrpcClient, GrpcClientConfig, GrpcServer, GrpcServerConfig};
use straznica_exchange_wire::{Application, Caller, CurrentMaterial, PartnerClient as _};
use straznica_types::SharedClock;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::{Bare, country, granted};

/// Two states' SPOCs, and the bare operations behind one of them.
pub(super) struct Wire {
    prepared: Arc<Prepared>,
    client: GrpcClient,
    stop: CancellationToken,
    _spocs: [DevelopmentSpoc; 2],
}

/// Does what cannot be left out, as the node does it, and answers with what was put there.
struct Prepared {
    bare: Arc<Bare>,
    answer: Mutex<Vec<u8>>,
    /// Whether there is anything behind the wire.
    works: AtomicBool,
}

#[async_trait]
impl Application for Prepared {
    async fn request_certificate(&self, _: &Caller, message: RequestCertificate) -> RequestCertificateAnswer {
        let der = self.answer.lock().unwrap().clone();
        if self.works.load(Ordering::Relaxed) {
            let certificate = Certificate::parse(der.as_slice()).unwrap().to_owned();
            let (bare, request) = (self.bare.clone(), message.clone());
            let certificate = tokio::task::spawn_blocking(move || {
                bare.operate(&request, &certificate);
                certificate
            });
            self.bare.commit(&message, &certificate.await.unwrap()).await;
        }
        let certificates = vec![der];
        RequestCertificateAnswer { result: RequestCertificateCode::OkCertAvailable, certificates }
    }

    async fn send_certificates(&self, _: &Caller, _: SendCertificates) -> SendCertificatesCode {
        SendCertificatesCode::OkReceivedCorrectly
    }

    async fn get_ca_certificates(&self, _: &Caller, _: GetCaCertificates) -> GetCaCertificatesAnswer {
        GetCaCertificatesAnswer { result: GetCaCertificatesCode::OkReceptionAck, certificates: Vec::new() }
    }

    async fn general_message(&self, _: &Caller, _: GeneralMessage) -> GeneralMessageCode {
        GeneralMessageCode::Ok
    }

    async fn refused(&self, _: &Caller, _: Operation) {}
}

impl Wire {
    pub(super) async fn lay(bare: Arc<Bare>, clock: &SharedClock) -> Self {
        let asked = DevelopmentSpoc::start(country("UT"), SpocKeys::P256, clock.clone()).await.unwrap();
        let asking = DevelopmentSpoc::start(country("XA"), SpocKeys::P256, clock.clone()).await.unwrap();
        let prepared = Arc::new(Prepared { bare, answer: Mutex::default(), works: AtomicBool::default() });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("https://localhost:{}", listener.local_addr().unwrap().port());
        let admission =
            |other: &DevelopmentSpoc| FixedAdmission::new(callbacks::judge(clock), [other.registration().unwrap()]);
        let material = |spoc: &DevelopmentSpoc| CurrentMaterial::new(spoc.material("localhost").unwrap());
        let server =
            GrpcServer::new(material(&asked), admission(&asking), prepared.clone(), GrpcServerConfig::default())
                .unwrap();
        let stop = CancellationToken::new();
        tokio::spawn(server.serve(listener, stop.clone()));
        let config = GrpcClientConfig::default();
        let client = GrpcClient::new(country("UT"), &url, material(&asking), admission(&asked), config).unwrap();
        Self { prepared, client, stop, _spocs: [asked, asking] }
    }

    /// The message there and the certificate back, with nobody behind the wire.
    pub(super) async fn carry(&self, message: &Message, certificate: &Certificate) -> Duration {
        self.time(message, certificate, false).await
    }

    /// The same with what cannot be left out.
    pub(super) async fn bare_call(&self, message: &Message, certificate: &Certificate) -> Duration {
        self.time(message, certificate, true).await
    }

    async fn time(&self, message: &Message, certificate: &Certificate, works: bool) -> Duration {
        *self.prepared.answer.lock().unwrap() = certificate.as_der().to_vec();
        self.prepared.works.store(works, Ordering::Relaxed);
        let began = Instant::now();
        granted(self.client.send(message).await.unwrap());
        began.elapsed()
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

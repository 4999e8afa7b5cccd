//! The bare wire: the node's own client and server for the exchange, with nobody behind them who thinks.

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

use super::{country, granted};

/// Two states' SPOCs and nothing behind them.
pub(super) struct Wire {
    prepared: Arc<Prepared>,
    client: GrpcClient,
    stop: CancellationToken,
    _spocs: [DevelopmentSpoc; 2],
}

/// Answers with what was put there.
#[derive(Debug, Default)]
struct Prepared(Mutex<Vec<u8>>);

#[async_trait]
impl Application for Prepared {
    async fn request_certificate(&self, _: &Caller, _: RequestCertificate) -> RequestCertificateAnswer {
        let certificates = vec![self.0.lock().unwrap().clone()];
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
    pub(super) async fn lay(clock: &SharedClock) -> Self {
        let asked = DevelopmentSpoc::start(country("UT"), SpocKeys::P256, clock.clone()).await.unwrap();
        let asking = DevelopmentSpoc::start(country("XA"), SpocKeys::P256, clock.clone()).await.unwrap();
        let prepared = Arc::<Prepared>::default();
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

    /// The message there and the certificate back.
    pub(super) async fn carry(&self, message: &Message, certificate: &Certificate) -> Duration {
        *self.prepared.0.lock().unwrap() = certificate.as_der().to_vec();
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

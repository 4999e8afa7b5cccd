//! Two states on one machine: PL serves, CZ calls.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use exchange::code::{GeneralMessageCode, GetCaCertificatesCode, RequestCertificateCode, SendCertificatesCode};
use exchange::message::{
    GeneralMessage, GetCaCertificates, GetCaCertificatesAnswer, Message, RequestCertificate, RequestCertificateAnswer,
    SendCertificates,
};
use exchange::profile::TlsParameters;
use exchange::soap::{Decoder, Limits};
use exchange::{Catalogue, Country, Profile};
use openssl::nid::Nid;
use openssl::x509::X509;
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::authority::{Kind, Spoc};
use crate::soap::{Profiles, SoapClient, SoapLimits, SoapServer, SoapServerParts, SoapTimeouts, SoapTls, SoapUrl};
use crate::{Admission, Application, Binding, Caller, NotAdmitted, Side};

/// Lets everybody in, or nobody, and remembers what it saw.
#[derive(Default)]
pub(super) struct Door {
    closed: AtomicBool,
    closed_again: AtomicBool,
    pub(super) seen: Mutex<Vec<Vec<Vec<u8>>>>,
}

impl Door {
    pub(super) fn close(&self) {
        self.closed.store(true, Ordering::SeqCst);
    }

    /// For those who are in already.
    pub(super) fn put_out(&self) {
        self.closed_again.store(true, Ordering::SeqCst);
    }
}

#[async_trait]
impl Admission for Door {
    async fn admit(&self, presented: Vec<Vec<u8>>, side: Side<'_>, binding: Binding) -> Result<Caller, NotAdmitted> {
        let subject = X509::from_der(&presented[0]).unwrap();
        let country = subject.subject_name().entries_by_nid(Nid::COUNTRYNAME).next().unwrap();
        let country: Country = country.data().to_string().unwrap().parse().unwrap();
        self.seen.lock().unwrap().push(presented.clone());
        if let Side::Server { country: meant, host } = side {
            assert_eq!((meant, host), (country, "127.0.0.1"));
        }
        if self.closed.load(Ordering::SeqCst) {
            return Err(NotAdmitted);
        }
        Ok(Caller { country, binding, presented })
    }

    async fn readmit(&self, caller: &Caller, caller_id: &str) -> Result<(), NotAdmitted> {
        let in_order = caller_id == caller.country.as_str() && !self.closed_again.load(Ordering::SeqCst);
        if in_order { Ok(()) } else { Err(NotAdmitted) }
    }
}

/// Answers each operation in a way of its own and keeps what it got.
#[derive(Default)]
pub(super) struct Echo {
    pub(super) messages: Mutex<Vec<Message>>,
    /// Says when a message has arrived.
    pub(super) arrived: Notify,
    /// A general message waits for it, if its body says so.
    pub(super) go_on: Notify,
    /// Says when one that waited was worked on to its end.
    pub(super) finished: Notify,
}

#[async_trait]
impl Application for Echo {
    async fn request_certificate(&self, caller: &Caller, message: RequestCertificate) -> RequestCertificateAnswer {
        assert_eq!(caller.country.as_str(), "CZ");
        let certificates = vec![message.certificate_request.clone(), vec![0x7F, 0x21]];
        self.messages.lock().unwrap().push(Message::RequestCertificate(message));
        RequestCertificateAnswer { result: RequestCertificateCode::OkCertAvailable, certificates }
    }

    async fn send_certificates(&self, _: &Caller, message: SendCertificates) -> SendCertificatesCode {
        self.messages.lock().unwrap().push(Message::SendCertificates(message));
        SendCertificatesCode::FailureMessageIdUnknown
    }

    async fn get_ca_certificates(&self, _: &Caller, message: GetCaCertificates) -> GetCaCertificatesAnswer {
        self.messages.lock().unwrap().push(Message::GetCaCertificates(message));
        GetCaCertificatesAnswer::of(GetCaCertificatesCode::OkReceptionAck)
    }

    async fn general_message(&self, _: &Caller, message: GeneralMessage) -> GeneralMessageCode {
        let waits = message.body == "wait";
        self.messages.lock().unwrap().push(Message::GeneralMessage(message));
        self.arrived.notify_one();
        if waits {
            self.go_on.notified().await;
            self.finished.notify_one();
        }
        GeneralMessageCode::Ok
    }
}

struct OneProfile(Arc<Profile>);

impl Profiles for OneProfile {
    fn of(&self, _: Country) -> Arc<Profile> {
        self.0.clone()
    }
}

pub(super) fn profile(name: &str) -> Arc<Profile> {
    Catalogue::built_in().unwrap().get(name).unwrap().clone()
}

pub(super) fn decoder(limit: usize) -> Decoder {
    Decoder::new(Arc::new(Catalogue::built_in().unwrap()), Limits { document: limit })
}

/// What a world is like; the default is the usual one.
pub(super) struct Plan {
    pub(super) kind: Kind,
    pub(super) server_kind: Kind,
    pub(super) profile: &'static str,
    pub(super) limits: SoapLimits,
    pub(super) document: usize,
}

impl Default for Plan {
    fn default() -> Self {
        Self {
            kind: Kind::P256,
            server_kind: Kind::P256,
            profile: "2009",
            limits: SoapLimits::default(),
            document: 4 * 1024 * 1024,
        }
    }
}

pub(super) struct World {
    pub(super) profile: Arc<Profile>,
    pub(super) address: SocketAddr,
    pub(super) application: Arc<Echo>,
    pub(super) door: Arc<Door>,
    pub(super) server: Spoc,
    pub(super) client: Spoc,
    pub(super) server_tls: Arc<SoapTls>,
    pub(super) stop: CancellationToken,
    pub(super) serving: JoinHandle<()>,
}

impl World {
    pub(super) async fn begin(plan: Plan) -> Self {
        let profile = profile(plan.profile);
        let server = Spoc::new("PL", plan.server_kind);
        let client = Spoc::new("CZ", plan.kind);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (application, door) = (Arc::<Echo>::default(), Arc::<Door>::default());
        let server_tls = SoapTls::server(&server.credential(), profile.tls()).unwrap();
        let serving = SoapServer::new(SoapServerParts {
            application: application.clone(),
            admission: door.clone(),
            profiles: Arc::new(OneProfile(profile.clone())),
            decoder: decoder(plan.document),
            tls: server_tls.clone(),
            url: SoapUrl::parse(&format!("https://{address}/SPOC")).unwrap(),
            limits: plan.limits,
        });
        let stop = CancellationToken::new();
        let serving = tokio::spawn(serving.serve(listener, stop.clone()));
        Self { profile, address, application, door, server, client, server_tls, stop, serving }
    }

    /// CZ's client, with a door of its own.
    pub(super) fn client(&self) -> (SoapClient, Arc<Door>) {
        self.client_with(self.profile.tls())
    }

    pub(super) fn client_with(&self, parameters: &TlsParameters) -> (SoapClient, Arc<Door>) {
        client_to(&format!("https://{}/SPOC", self.address), &self.client, self.profile.clone(), parameters)
    }
}

pub(super) fn client_to(
    url: &str,
    spoc: &Spoc,
    profile: Arc<Profile>,
    parameters: &TlsParameters,
) -> (SoapClient, Arc<Door>) {
    let door = Arc::<Door>::default();
    let client = SoapClient {
        country: "PL".parse().unwrap(),
        url: SoapUrl::parse(url).unwrap(),
        profile,
        tls: SoapTls::client(&spoc.credential(), parameters).unwrap(),
        admission: door.clone(),
        decoder: decoder(64 * 1024),
        timeouts: SoapTimeouts { connect_ms: 10_000, answer_ms: 10_000 },
    };
    (client, door)
}

pub(super) fn general(body: &str) -> Message {
    Message::GeneralMessage(GeneralMessage {
        caller_id: "CZ".to_owned(),
        message_id: "m-1".to_owned(),
        subject: "DV private key compromised".to_owned(),
        body: body.to_owned(),
    })
}

pub(super) const A_MOMENT: Duration = Duration::from_secs(10);

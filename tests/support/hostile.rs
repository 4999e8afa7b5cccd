//! A national node whose time is set by hand, and partners that do it wrong: what the scenarios of the exchange with a hostile partner share.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use cvc::report::VerifyReport;
use cvc::verify::VerifyOptions;
use cvc::{Certificate, Reference};
use exchange::{Binding, Country};
use straznica_cli::arguments::ServiceName;
use straznica_cli::demo::state::{BindingName, Bounds, State, StateOptions};
use straznica_contracts::common::v1::CallContext;
use straznica_contracts::spoc::v1::message_service_client::MessageServiceClient;
use straznica_contracts::spoc::v1::terminal_control_centre_service_client::TerminalControlCentreServiceClient;
use straznica_contracts::spoc::v1::{
    ChainResult, ConfirmCvcaCertificateRequest, ConfirmPartnerRequest, EnteredRoot, GetCertificateChainRequest,
    GetHealthRequest, ListOutboxRequest, ListRenewalsRequest, OpenInspectionRequest, OutboxMessage,
    PauseSubscriptionRequest, ProposePartnerRequest, Registration, RenewNowRequest, Renewal, SendMessageRequest,
    SubscribeRequest, Subscription,
};
use straznica_exchange_wire::grpc::GrpcClientConfig;
use straznica_exchange_wire::soap::SoapTimeouts;
use straznica_journal::verify::{self, Options};
use straznica_pki::Names;
use straznica_simulators::partner_state::access::AccessAuthority;
use straznica_simulators::spoc_partner::station::{Line, Station, StationParts};
use straznica_simulators::spoc_partner::{Approval, Lists, Mischief, Neighbour, SpocPartner};
use straznica_store::testing::TestDatabase;
use straznica_types::{Clock as _, InspectionId, ManualClock, RequestId, SystemClock};
use time::{Date, OffsetDateTime};

use crate::{OFFICER, TERMINAL};

/// Mnemonic of the node's document verifier under every partner's CVCA.
pub const VERIFIER: &str = "DVBORDER";
/// Seconds the node waits for a partner: long for an honest one on a busy machine.
const PATIENCE_SECONDS: u64 = 6;
/// Days the partners' CVCAs are old.
const CVCA_AGE: time::Duration = time::Duration::days(100);

/// The node, its clock, and the binding by which it meets partners.
#[derive(Debug)]
pub struct House {
    /// The node as a state.
    pub state: State,
    /// Its time.
    pub clock: ManualClock,
    /// What it speaks with partners.
    pub binding: BindingName,
    /// Certificates of its CVCA.
    cvca: Vec<Vec<u8>>,
}

impl House {
    /// Raises the node on a database of its own.
    pub async fn raise(binding: BindingName, database: &TestDatabase) -> Self {
        Box::pin(Self::raise_within(binding, database, Bounds::default())).await
    }

    /// Raises it with these limits of its listeners.
    pub async fn raise_within(binding: BindingName, database: &TestDatabase, bounds: Bounds) -> Self {
        let clock = ManualClock::starting_at(SystemClock.now());
        let country = "PL".parse().expect("a country");
        let mut options = StateOptions::spoc_only(country, &[binding], clock.shared());
        options.suite.config.spoc.database = database.config().clone();
        let (seconds, millis) = (PATIENCE_SECONDS, PATIENCE_SECONDS * 1000);
        options.bounds = Bounds {
            grpc_calls: GrpcClientConfig {
                connect_seconds: seconds,
                call_seconds: seconds,
                ..GrpcClientConfig::default()
            },
            soap_calls: SoapTimeouts { connect_ms: millis, answer_ms: millis },
            ..bounds
        };
        let state = Box::pin(State::raise(options)).await.expect("the node rises");
        state.create_cvca("CVCA", "id-TA-ECDSA-SHA-256", "brainpoolP256r1").await.expect("the CVCA is founded");
        let cvca = state.roots().await.expect("the CVCA is listed");
        Self { state, clock, binding, cvca }
    }

    /// Where partners reach the node.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        let name = if self.binding == BindingName::Grpc { "exchange_grpc" } else { "exchange_soap" };
        self.state.suite.own_server(name).expect("the node listens")
    }

    /// The day.
    #[must_use]
    pub fn today(&self) -> Date {
        let nanos = i128::from(self.clock.now().millis()) * 1_000_000;
        OffsetDateTime::from_unix_timestamp_nanos(nanos).expect("a time of this age").date()
    }

    /// Lets time pass; what ends of the house's own certificates meanwhile is renewed.
    pub fn pass(&self, time: Duration) {
        self.clock.advance(time);
        self.state.leapt().expect("certificates are renewed");
    }

    /// Does the node's periodic work: once to decide, once for what followed from that.
    pub async fn turn(&self) {
        for _ in 0..2 {
            self.state.suite.turn().await.expect("a turn of work");
        }
    }

    /// A partner of these letters, registered by two officers; its CVCA is made by `found` of one founded long ago. It is asked for its CVCA's
    /// certificates while it does `wrongs`.
    pub async fn register(
        &self,
        country: &str,
        found: impl FnOnce(&mut AccessAuthority, Date),
        wrongs: &[Mischief],
    ) -> Hostile {
        let country: Country = country.parse().expect("a country");
        let clock = self.clock.shared();
        let partner = SpocPartner::found(country, clock.clone(), Arc::new(NoLists), self.today() - CVCA_AGE);
        let partner = Arc::new(partner.expect("the partner is founded"));
        partner.with_authority(|cvca| found(cvca, self.today()));
        let binding = Binding::from(self.binding);
        let of_binding = self.state.authorities.iter().find(|(name, _)| *name == self.binding);
        let node = of_binding.expect("the node speaks it").1.registration().expect("the node has a root");
        let holders = [(VERIFIER.to_owned(), Approval::Automatic)];
        partner.register(Neighbour::new(node.clone(), &self.cvca, holders).expect("the node can be registered"));
        partner.misbehave(wrongs);
        let profile = if binding == Binding::Grpc { "icao" } else { "2009" };
        let parts = StationParts {
            partner,
            country,
            binding,
            profile: profile.to_owned(),
            node,
            node_url: self.state.url(self.binding).expect("the node listens"),
            node_address: self.address(),
            clock,
        };
        let station = Station::open(parts).await.expect("the partner opens its port");
        let hostile = Hostile { country, station };
        self.enter(&hostile, binding, profile).await;
        self.turn().await;
        hostile
    }

    /// One officer enters the partner, the other compares the fingerprint.
    async fn enter(&self, hostile: &Hostile, binding: Binding, profile: &str) {
        let root = hostile.station.authority().root();
        let fingerprint = emrtd::x509::Certificate::parse(&root).expect("a root").fingerprint().to_string();
        let registration = Registration {
            country: hostile.country.to_string(),
            name: format!("SPOC of {}", hostile.country),
            binding: binding.as_str().to_owned(),
            profile: profile.to_owned(),
            url: hostile.station.url(),
            email: "spoc@partner.invalid".to_owned(),
            contacts: vec!["nobody we trust".to_owned()],
            answers: "synchronous".to_owned(),
            document_years: 10,
            roots: vec![EnteredRoot { certificate: root, ..EnteredRoot::default() }],
            ..Registration::default()
        };
        let [first, second] = [0, 1].map(|which| self.state.officer(which).expect("an officer"));
        let request = ProposePartnerRequest { context: first.context(), registration: Some(registration) };
        let proposed = first.partners().propose_partner(request).await.expect("the partner is proposed").into_inner();
        let proposal_id = proposed.proposal.unwrap_or_default().id;
        let fingerprints = vec![fingerprint];
        let request = ConfirmPartnerRequest { context: second.context(), proposal_id, fingerprints };
        second.partners().confirm_partner(request).await.expect("the partner is confirmed");
    }

    /// A partner that is a good one so far: registered, its CVCA's oldest root compared by both officers.
    pub async fn meet(&self, country: &str, found: impl FnOnce(&mut AccessAuthority, Date)) -> Hostile {
        let hostile = self.register(country, found, &[]).await;
        assert!(self.confirm_root(&hostile).await, "{country} gave its root");
        // what comes of the first request comes later than that
        self.clock.advance(Duration::from_secs(60));
        hostile
    }

    /// Both officers compare the oldest root of the partner's CVCA; false where it is not held.
    pub async fn confirm_root(&self, hostile: &Hostile) -> bool {
        let root = hostile.root();
        let digest = emrtd::crypto::HashAlgorithm::Sha256.digest(root.as_der()).expect("a digest");
        let fingerprint: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        for which in 0..2 {
            let officer = self.state.officer(which).expect("an officer");
            let context = officer.context();
            let request =
                ConfirmCvcaCertificateRequest { context, fingerprint: fingerprint.clone(), look_at: String::new() };
            match officer.national().confirm_cvca_certificate(request).await {
                Ok(_) => {}
                Err(status) if status.code() == tonic::Code::NotFound => return false,
                Err(status) => panic!("the root is not confirmed: {status}"),
            }
        }
        true
    }

    /// The node subscribes to the partner's CVCA.
    pub async fn subscribe(&self, hostile: &Hostile) {
        let officer = self.state.officer(0).expect("an officer");
        let request = SubscribeRequest {
            context: officer.context(),
            cvca: hostile.cvca(),
            country: hostile.country.to_string(),
            dv_mnemonic: VERIFIER.to_owned(),
            is_mnemonic: "TCC".to_owned(),
            is_days: 14,
        };
        officer.subscriptions().subscribe(request).await.expect("the subscription is taken");
    }

    /// An officer asks for a certificate now. The reference asked for.
    pub async fn renew_now(&self, hostile: &Hostile) -> String {
        let officer = self.state.officer(0).expect("an officer");
        let request = RenewNowRequest { context: officer.context(), cvca: hostile.cvca(), initial: false };
        officer.subscriptions().renew_now(request).await.expect("a request is made").into_inner().chr
    }

    /// The partner is done with: nothing is renewed there any more.
    pub async fn part_from(&self, hostile: &Hostile) {
        let officer = self.state.officer(0).expect("an officer");
        let request = PauseSubscriptionRequest { context: officer.context(), cvca: hostile.cvca() };
        officer.subscriptions().pause_subscription(request).await.expect("the subscription is paused");
    }

    /// How the subscription stands.
    pub async fn subscription(&self, hostile: &Hostile) -> Subscription {
        let all = self.state.subscriptions().await.expect("subscriptions are listed");
        all.into_iter().find(|one| one.cvca == hostile.cvca()).expect("the subscription")
    }

    /// Requests made of the partner, newest first.
    pub async fn renewals(&self, hostile: &Hostile) -> Vec<Renewal> {
        let request = ListRenewalsRequest { cvca: hostile.cvca() };
        let mut client = self.state.officer(0).expect("an officer").subscriptions();
        client.list_renewals(request).await.expect("requests are listed").into_inner().renewals
    }

    /// An officer writes to the partner's.
    pub async fn write(&self, hostile: &Hostile, subject: &str, body: &str) {
        let officer = self.state.officer(0).expect("an officer");
        let request = SendMessageRequest {
            context: officer.context(),
            country: hostile.country.to_string(),
            subject: subject.to_owned(),
            body: body.to_owned(),
            ..SendMessageRequest::default()
        };
        let mut client = MessageServiceClient::new(officer.channel());
        client.send_message(request).await.expect("the message is taken");
    }

    /// Messages to the partner, newest first.
    pub async fn letters(&self, hostile: &Hostile) -> Vec<OutboxMessage> {
        let request = ListOutboxRequest { country: hostile.country.to_string(), ..ListOutboxRequest::default() };
        let mut client = self.state.officer(0).expect("an officer").subscriptions();
        client.list_outbox(request).await.expect("messages are listed").into_inner().messages
    }

    /// What the health board says went wrong with the partner.
    pub async fn failure(&self, hostile: &Hostile) -> String {
        let request = GetHealthRequest { country: hostile.country.to_string() };
        let mut client = self.state.officer(0).expect("an officer").partners();
        let partners = client.get_health(request).await.expect("the board").into_inner().partners;
        partners.into_iter().next().map(|one| one.failure).unwrap_or_default()
    }

    /// The document verifier's certificate in the chain to open a chip of the partner's that trusts `root`; none where the control centre has no
    /// chain. A chain is held against the root alone, by a library that knows nothing of the node.
    pub async fn chain(&self, root: &Certificate) -> Option<Vec<u8>> {
        let authority = self.state.suite.authority().expect("the development authority");
        let centre = |service: &str| {
            let issued = authority.issue_service(service, &Names::loopback()).expect("a certificate");
            let channel = self.state.suite.channel(ServiceName::Spoc, &issued).expect("a channel");
            TerminalControlCentreServiceClient::new(channel)
        };
        let context = Some(CallContext {
            terminal_id: TERMINAL.to_owned(),
            officer: OFFICER.to_owned(),
            purpose: "border_check".to_owned(),
            case_number: String::new(),
            request_id: RequestId::generate(&self.clock).to_string(),
        });
        let inspection_id = InspectionId::generate(&self.clock).to_string();
        let opening = OpenInspectionRequest {
            context: context.clone(),
            inspection_id: inspection_id.clone(),
            opened_at_ms: self.clock.now().millis(),
        };
        centre("identity").open_inspection(opening).await.expect("an inspection is opened");
        let cars = vec![root.chr().to_string()];
        let request = GetCertificateChainRequest { context, inspection_id, cars };
        let answer = centre("gateway").get_certificate_chain(request).await.expect("an answer").into_inner();
        if answer.result() != ChainResult::OkCertificateChainAvailable {
            return None;
        }
        let chain: Vec<Certificate> =
            answer.certificates.iter().map(|one| parse(&one.der).expect("a certificate")).collect();
        let report = VerifyReport::verify(std::slice::from_ref(root), &chain, &VerifyOptions::at(self.today()));
        assert!(report.valid, "a chain no chip would take: {report}");
        let verifier = chain.iter().rev().nth(1).expect("a document verifier above the inspection system");
        Some(verifier.as_der().to_vec())
    }

    /// Ends the node; its journal holds up.
    pub async fn leave(self, database: &TestDatabase) {
        self.state.suite.stop().await.expect("the node ends in order");
        let report = verify::verify_database(database.store(), &Options::default()).await.expect("the journal is read");
        assert!(report.valid && report.size > 0, "{report:?}");
    }
}

/// A partner, and what it does.
#[derive(Debug)]
pub struct Hostile {
    /// Its state.
    pub country: Country,
    /// It, behind its port.
    pub station: Station,
}

impl Hostile {
    /// Its CVCA: country and mnemonic.
    #[must_use]
    pub fn cvca(&self) -> String {
        format!("{}CVCASIM", self.country)
    }

    /// The oldest root of its CVCA, which its documents trust.
    #[must_use]
    pub fn root(&self) -> Certificate {
        self.partner().with_authority(|cvca| cvca.root(0).cloned()).expect("it was founded")
    }

    /// It, without its port.
    #[must_use]
    pub fn partner(&self) -> &SpocPartner {
        self.station.partner()
    }

    /// Does everything as it should from now on.
    pub fn mend(&self) {
        self.partner().misbehave(&[]);
        self.station.authority().publish().expect("a list is published");
        self.station.show_the_proper_one().expect("a proper certificate is shown");
        self.station.set_line(Line::Through);
    }
}

fn parse(der: &[u8]) -> Option<Certificate> {
    Certificate::parse(der).ok().map(|certificate| certificate.to_owned())
}

/// The holder references of renewals, sorted: no two may be the same.
#[must_use]
pub fn references(renewals: &[Renewal]) -> Vec<Reference> {
    let mut all: Vec<Reference> = renewals.iter().map(|one| one.chr.parse().expect("a holder reference")).collect();
    all.sort();
    all
}

/// Lists are brought to the partner's door by other means ([`straznica_exchange_wire::Judge`]).
#[derive(Debug)]
struct NoLists;

#[async_trait]
impl Lists for NoLists {
    async fn fetch(&self, _: &str) -> Option<Vec<u8>> {
        None
    }
}

//! The made-up partner behind real listeners, the node's of both bindings or a door of its own, and the kit on real lines: what concerns TLS, HTTP and
//! documents.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use exchange::development::{Issued, LeafRequest};
use exchange::profile::{Catalogue, Profile};
use exchange::{Binding, Country};
use straznica_conformance::callbacks::{CallbackParts, CallbackServer, decoder, judge, registration};
use straznica_conformance::listener::Listener;
use straznica_conformance::network::{Address, Network};
use straznica_conformance::{Hands, HandsError, Line, Patience, Report, Target, Tester};
use straznica_exchange_wire::development::{DevelopmentSpoc, FixedAdmission, SpocKeys};
use straznica_exchange_wire::grpc::{GrpcClient, GrpcClientConfig, GrpcServer, GrpcServerConfig};
use straznica_exchange_wire::soap::{
    Profiles, SoapClient, SoapLimits, SoapServer, SoapServerParts, SoapTimeouts, SoapTls, SoapUrl,
};
use straznica_exchange_wire::{Admission, CurrentMaterial, PartnerClient, SpocMaterial};
use straznica_simulators::spoc_partner::{Decision, SpocPartner};
use straznica_types::{Clock, ManualClock, Timestamp};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::door::{Door, Flaw};
use crate::stage::{Shelf, a_partner, a_tester, neighbour};

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(20);
/// How long a reader is given that will never be done.
pub(crate) const SHORT_PATIENCE: Duration = Duration::from_secs(3);

/// A partner on loopback and the kit beside it.
pub(crate) struct Street {
    pub(crate) target: Target,
    pub(crate) partner: Arc<SpocPartner>,
    pub(crate) authority: Arc<DevelopmentSpoc>,
    _callbacks: Vec<CallbackServer>,
    stop: CancellationToken,
}

impl Drop for Street {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// Where everybody is.
const HOST: &str = "localhost";

/// What the partner's server shows, made of what would be proper; it may do something to the authority's list as well.
pub(crate) type Show = fn(&DevelopmentSpoc, LeafRequest, Timestamp) -> Issued;

/// What a street is laid out with.
struct Place {
    clock: ManualClock,
    shelf: Shelf,
    profile: Arc<Profile>,
    patience: Duration,
}

/// A free port, and the URL of a SPOC there.
async fn a_port(binding: Binding) -> (TcpListener, String) {
    let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = socket.local_addr().unwrap().port();
    let path = if binding == Binding::Soap { "/spoc" } else { "" };
    (socket, format!("https://{HOST}:{port}{path}"))
}

struct AllAlike(Arc<Profile>);

impl Profiles for AllAlike {
    fn of(&self, _: Country) -> Arc<Profile> {
        self.0.clone()
    }
}

impl Street {
    /// A partner in order behind the node's listeners, met over both bindings.
    pub(crate) async fn open(profile: &str) -> Self {
        let (mut street, place) = Self::laid_out(profile, PATIENCE).await;
        for (binding, states) in [(Binding::Grpc, ["XA", "XC"]), (Binding::Soap, ["XB", "XD"])] {
            let url = street.serve(&place, binding).await;
            street.add_line(&place, binding, &url, states).await;
        }
        street
    }

    /// The same, met over one binding, in the edition of ICAO.
    pub(crate) async fn over(binding: Binding) -> Self {
        let (mut street, place) = Self::laid_out("icao", PATIENCE).await;
        let url = street.serve(&place, binding).await;
        street.add_line(&place, binding, &url, ["XA", "XC"]).await;
        street
    }

    /// A partner behind a door of its own, met over one binding. `show` makes what its server shows of what would be proper.
    pub(crate) async fn with_door(binding: Binding, flaw: Option<Flaw>, show: Show) -> Self {
        Self::with_door_and_patience(binding, flaw, show, PATIENCE).await
    }

    /// The same, with patience of its own.
    pub(crate) async fn with_door_and_patience(
        binding: Binding,
        flaw: Option<Flaw>,
        show: Show,
        patience: Duration,
    ) -> Self {
        let (mut street, place) = Self::laid_out("icao", patience).await;
        let shown = show(&street.authority, street.authority.request(HOST), place.clock.now());
        let (socket, url) = a_port(binding).await;
        let door = Door::new(street.partner.clone(), binding, place.profile.clone(), &shown, flaw);
        tokio::spawn(door.serve(socket, street.stop.clone()));
        street.add_line(&place, binding, &url, ["XA", "XC"]).await;
        street
    }

    /// A partner nobody has a line to yet.
    async fn laid_out(profile: &str, patience: Duration) -> (Self, Place) {
        let clock = ManualClock::starting_at("2026-03-02T12:00:00Z".parse().unwrap());
        let shelf = Shelf::default();
        let country: Country = "UT".parse().unwrap();
        let profile = Catalogue::built_in().unwrap().get(profile).unwrap().clone();
        let authority = Arc::new(DevelopmentSpoc::start(country, SpocKeys::P256, clock.shared()).await.unwrap());
        let partner = a_partner(&clock, &shelf);
        let officers = Officers(partner.clone(), clock.clone(), authority.clone());
        let target = Target { hands: Some(Arc::new(officers)), ..target(country, &clock) };
        let street = Self { target, partner, authority, _callbacks: Vec::new(), stop: CancellationToken::new() };
        (street, Place { clock, shelf, profile, patience })
    }

    /// Puts the partner behind a listener of the node's, and tells where that is.
    async fn serve(&self, place: &Place, binding: Binding) -> String {
        let material = self.authority.material(HOST).unwrap();
        match binding {
            Binding::Grpc => serve_grpc(&self.partner, &material, &self.stop).await,
            Binding::Soap => serve_soap(&self.partner, &material, &place.profile, &self.stop).await,
        }
    }

    async fn add_line(&mut self, place: &Place, binding: Binding, url: &str, [tester, other]: [&str; 2]) {
        let Place { clock, shelf, profile, patience } = place;
        let now = clock.now();
        let (tester, other) = (a_tester(tester, now, shelf), a_tester(other, now, shelf));
        self.partner.register(neighbour(&tester, now));
        self.partner.register(neighbour(&other, now));
        let judge = judge(&clock.shared());
        let registration = registration(self.target.country, &[self.authority.root()], now).unwrap();
        let network = Network {
            binding,
            address: Address::parse(url).unwrap(),
            profile: profile.clone(),
            decoder: decoder(profile).unwrap(),
            patience: *patience,
            registration: registration.clone(),
            judge: judge.clone(),
        };
        let listener = Arc::new(Listener::new(tester.cvca.certificates()));
        let (socket, callback) = a_port(binding).await;
        let credentials = tester.issue(&tester.server(HOST, now)).unwrap();
        let admission = FixedAdmission::new(judge, [registration]);
        let parts = CallbackParts {
            binding,
            url: callback.clone(),
            profile: profile.clone(),
            credentials,
            admission,
            listener: listener.clone(),
        };
        self._callbacks.push(CallbackServer::start(socket, parts).unwrap());
        self.deliver_to(&tester, binding, &callback, profile);
        let carrier = Arc::new(network);
        self.target.lines.push(Line {
            binding,
            carrier,
            profile: profile.clone(),
            tester,
            other: Some(other),
            listener,
        });
    }

    /// The partner's periodic work: tries to deliver every few milliseconds.
    fn deliver_to(&self, tester: &Tester, binding: Binding, url: &str, profile: &Arc<Profile>) {
        let material = self.authority.material(HOST).unwrap();
        let admission: Arc<dyn Admission> = self.partner.clone();
        let client: Arc<dyn PartnerClient> = match binding {
            Binding::Grpc => {
                let (material, config) = (CurrentMaterial::new(material), GrpcClientConfig::default());
                Arc::new(GrpcClient::new(tester.country, url, material, admission, config).unwrap())
            }
            Binding::Soap => Arc::new(SoapClient {
                country: tester.country,
                url: SoapUrl::parse(url).unwrap(),
                profile: profile.clone(),
                tls: SoapTls::client(&material.client, profile.tls()).unwrap(),
                admission,
                decoder: decoder(profile).unwrap(),
                timeouts: SoapTimeouts::default(),
            }),
        };
        let (partner, stop, to) = (self.partner.clone(), self.stop.clone(), tester.country);
        tokio::spawn(async move {
            while !stop.is_cancelled() {
                partner.deliver(to, client.as_ref()).await;
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        });
    }

    pub(crate) async fn run(&self, wanted: impl Fn(&straznica_conformance::Case) -> bool) -> Report {
        straznica_conformance::run(&self.target, wanted, |_| {}).await.unwrap()
    }
}

fn target(country: Country, clock: &ManualClock) -> Target {
    let patience =
        Patience { answer: PATIENCE, callback: Duration::from_secs(10), silence: Duration::from_millis(100) };
    Target { country, cvca: None, lines: Vec::new(), patience, clock: clock.shared(), hands: None }
}

async fn serve_grpc(partner: &Arc<SpocPartner>, material: &SpocMaterial, stop: &CancellationToken) -> String {
    let (socket, url) = a_port(Binding::Grpc).await;
    let material = CurrentMaterial::new(material.clone());
    let server = GrpcServer::new(material, partner.clone(), partner.clone(), GrpcServerConfig::default()).unwrap();
    tokio::spawn(server.serve(socket, stop.clone()));
    url
}

async fn serve_soap(
    partner: &Arc<SpocPartner>,
    material: &SpocMaterial,
    profile: &Arc<Profile>,
    stop: &CancellationToken,
) -> String {
    let (socket, url) = a_port(Binding::Soap).await;
    let server = SoapServer::new(SoapServerParts {
        application: partner.clone(),
        admission: partner.clone(),
        profiles: Arc::new(AllAlike(profile.clone())),
        decoder: decoder(profile).unwrap(),
        tls: SoapTls::server(&material.server, profile.tls()).unwrap(),
        url: SoapUrl::parse(&url).unwrap(),
        limits: SoapLimits::default(),
    });
    tokio::spawn(server.serve(socket, stop.clone()));
    url
}

#[derive(Debug)]
struct Officers(Arc<SpocPartner>, ManualClock, Arc<DevelopmentSpoc>);

impl Officers {
    fn decide(&self, caller: Country, message_id: &str, decision: Decision) -> Result<(), HandsError> {
        match self.0.decide(caller, message_id, decision) {
            true => Ok(()),
            false => Err(HandsError(format!("nothing waits under {message_id}").into())),
        }
    }
}

#[async_trait]
impl Hands for Officers {
    async fn approve(&self, caller: Country, message_id: &str) -> Result<(), HandsError> {
        self.decide(caller, message_id, Decision::Approve)
    }

    async fn decline(&self, caller: Country, message_id: &str) -> Result<(), HandsError> {
        self.decide(caller, message_id, Decision::Decline)
    }

    async fn roll_over(&self) -> Result<(), HandsError> {
        self.0.roll_over().map_err(|error| HandsError(error.into()))
    }

    async fn pass_days(&self, days: u32) -> Result<bool, HandsError> {
        self.1.advance(Duration::from_secs(u64::from(days) * 86_400));
        self.2.publish().map_err(|error| HandsError(error.into()))?;
        Ok(true)
    }
}

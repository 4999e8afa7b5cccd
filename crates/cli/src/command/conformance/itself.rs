//! A throw-away node of this software, which registers the kit as six states and answers them over both bindings, over SOAP in the editions of 2009 and
//! of ICAO. Its officers are the kit's, and so is its clock.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use cvc::StandardisedCurve;
use exchange::identity::Registration;
use exchange::profile::Catalogue;
use exchange::{Binding, Country};
use straznica_conformance::bench::today;
use straznica_conformance::callbacks::{self, CallbackParts, CallbackServer};
use straznica_conformance::cvca::Cvca;
use straznica_conformance::listener::Listener;
use straznica_conformance::network::{Address, Network};
use straznica_conformance::{Case, Hands, HandsError, Holders, Line, Patience, Report, Target, Tester};
use straznica_contracts::spoc::v1::{
    ApproveRequestRequest, ConfirmCvcaCertificateRequest, ConfirmPartnerRequest, DeclineRequestRequest, EnteredRoot,
    ListRequestsRequest, ProposePartnerRequest, Registration as PartnerRegistration,
};
use straznica_exchange_wire::development::{CrlResponder, FixedAdmission};
use straznica_types::{Clock as _, ManualClock, SystemClock};
use tokio::net::TcpListener;
use tonic::Code;

use super::partner::Served;
use super::{ConformanceError, cannot_listen, watch};
use crate::demo::DemoError;
use crate::demo::officer::Officer;
use crate::demo::state::{BindingName, State, StateOptions};

/// Where the kit listens: any port of this machine.
const ANY: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);
/// The node's state.
const NODE: &str = "PL";
/// Who the kit is on each line, the second state there, and how the node answers the two.
const TESTERS: [(BindingName, &str, [&str; 2], &str); 4] = [
    (BindingName::Grpc, "icao", ["XA", "XC"], "synchronous"),
    (BindingName::Soap, "2009", ["XB", "XD"], "synchronous"),
    (BindingName::Soap, "icao", ["XE", "XF"], "synchronous"),
    (BindingName::Soap, "2018", ["XG", "XH"], "asynchronous"),
];
/// Kind of the node's CVCA, in its first two generations.
const KIND: (&str, &str) = ("id-TA-ECDSA-SHA-256", "brainpoolP256r1");
/// Kind of those after them: the first link to it is a switch of algorithm and parameters.
const NEXT_KIND: (&str, &str) = ("id-TA-ECDSA-SHA-384", "brainpoolP384r1");
/// While the list is run, the node's clock goes so much faster than ours: what it repeats after minutes is repeated after seconds.
const HURRY: u32 = 20;
/// Between two turns of the node's periodic work.
const TURN: Duration = Duration::from_millis(50);
/// Turns after which registrations are complete.
const FIRST_TURNS: usize = 6;
/// Turns more in which the node gets what it asked a tester for.
const LAST_TURNS: usize = 10;
/// What passes of the node's time between those.
const PAUSE: Duration = Duration::from_secs(60);

/// Raises the node, runs the list and takes everything down.
pub(super) async fn run(wanted: impl Fn(&Case) -> bool) -> Result<Report, ConformanceError> {
    let clock = ManualClock::starting_at(SystemClock.now());
    let country: Country = NODE.parse().map_err(|_| unexpected("the state of the node"))?;
    let bindings = [BindingName::Grpc, BindingName::Soap];
    let options = StateOptions::spoc_only(country, &bindings, clock.shared());
    let node = Arc::new(Box::pin(State::raise(options)).await?);
    node.create_cvca("CVCA", KIND.0, KIND.1).await?;
    node.roll_over("CVCA", KIND.0, KIND.1).await?;

    let responder = Arc::new(CrlResponder::start_at(ANY).await.map_err(cannot_listen(ANY))?);
    let mut servers = Vec::new();
    let mut lines = Vec::new();
    for (name, edition, [tester, other], answers) in TESTERS {
        let mut street = Street { node: &node, clock: &clock, responder: &responder, name, edition, answers };
        let (other, _, server) = street.settle(other).await?;
        servers.push(server);
        let (tester, listener, server) = street.settle(tester).await?;
        servers.push(server);
        lines.push(street.line(tester, other, listener)?);
    }
    for _ in 0..FIRST_TURNS {
        node.suite.turn().await.map_err(DemoError::from)?;
    }
    for line in &lines {
        for tester in std::iter::once(&line.tester).chain(&line.other) {
            enrol(&node, &clock, tester).await?;
        }
    }
    let hands = Arc::new(Officers { node: node.clone(), clock: clock.clone() });
    let patience = Patience {
        answer: Duration::from_secs(30),
        callback: Duration::from_secs(60),
        silence: Duration::from_secs(2),
    };
    let target = Target { country, cvca: None, lines, patience, clock: clock.shared(), hands: Some(hands) };
    let ticking = tokio::spawn(tick(node.clone(), clock));
    let report = straznica_conformance::run(&target, wanted, watch).await;
    ticking.abort();
    // what the task still holds of the node is gone once it has ended
    drop(ticking.await);
    drop((target, servers));
    if let Some(node) = Arc::into_inner(node) {
        node.suite.stop().await.map_err(DemoError::from)?;
    }
    Ok(report?)
}

/// Lets the node's time pass and its periodic work be done.
async fn tick(node: Arc<State>, clock: ManualClock) {
    loop {
        tokio::time::sleep(TURN).await;
        clock.advance(TURN * HURRY);
        if let Err(error) = node.suite.turn().await {
            eprintln!("a turn of the node's periodic work failed: {error}");
        }
    }
}

/// One line's side of town.
struct Street<'a> {
    node: &'a State,
    clock: &'a ManualClock,
    responder: &'a Arc<CrlResponder>,
    name: BindingName,
    edition: &'static str,
    answers: &'static str,
}

impl Street<'_> {
    fn binding(&self) -> Binding {
        self.name.into()
    }

    /// Makes a tester, opens its server and has the node register it.
    async fn settle(&mut self, country: &str) -> Result<(Tester, Arc<Listener>, CallbackServer), ConformanceError> {
        let country: Country = country.parse().map_err(|_| unexpected("the state of a tester"))?;
        let now = self.clock.now();
        let lists = Served {
            responder: self.responder.clone(),
            base: self.responder.uri("").trim_end_matches('/').to_owned(),
            country: country.to_string(),
        };
        let root = Tester::found_root(country, now, &lists)?;
        let cvca = Cvca::found(country.as_str(), StandardisedCurve::BrainpoolP256r1, today(now))?;
        let holders = Holders {
            automatic: "DVONE".to_owned(),
            second: Some("DVTWO".to_owned()),
            two_person: Some("DVWAIT".to_owned()),
        };
        let tester = Tester::new(country, root, Box::new(lists), cvca, holders, 0);
        tester.publish_list(now)?;

        let socket = TcpListener::bind(ANY).await.map_err(cannot_listen(ANY))?;
        let path = if self.binding() == Binding::Soap { "/SPOC" } else { "" };
        let url = format!("https://{}{path}", socket.local_addr().map_err(cannot_listen(ANY))?);
        let listener = Arc::new(Listener::new(tester.cvca.certificates()));
        let parts = CallbackParts {
            binding: self.binding(),
            url: url.clone(),
            profile: self.profile()?,
            credentials: tester.issue(&tester.server("127.0.0.1", now))?,
            admission: FixedAdmission::new(callbacks::judge(&self.clock.shared()), [self.registration()?]),
            listener: listener.clone(),
        };
        let server = CallbackServer::start(socket, parts)?;
        self.register(&tester, url).await?;
        Ok((tester, listener, server))
    }

    fn profile(&self) -> Result<Arc<exchange::Profile>, ConformanceError> {
        let profiles = Catalogue::built_in()?;
        profiles.get(self.edition).cloned().ok_or_else(|| ConformanceError::NoEdition(self.edition.to_owned()))
    }

    /// What the kit knows of the node on this line.
    fn registration(&self) -> Result<Registration, ConformanceError> {
        let roots = self.node.authorities.iter().filter(|(name, _)| *name == self.name);
        let roots: Vec<Vec<u8>> = roots.map(|(_, authority)| authority.root()).collect();
        Ok(callbacks::registration(self.node.country, &roots, self.clock.now())?)
    }

    /// One officer of the node enters the tester, the other compares the fingerprint of its root.
    async fn register(&self, tester: &Tester, url: String) -> Result<(), DemoError> {
        let country = tester.country.to_string();
        let registration = PartnerRegistration {
            name: format!("conformance kit as {country}"),
            binding: self.binding().as_str().to_owned(),
            profile: self.edition.to_owned(),
            url,
            email: format!("spoc@{}.invalid", country.to_ascii_lowercase()),
            contacts: vec!["the conformance kit".to_owned()],
            answers: self.answers.to_owned(),
            document_years: 10,
            use_from_ms: None,
            use_until_ms: None,
            roots: vec![EnteredRoot { certificate: tester.root(), ..EnteredRoot::default() }],
            cvcas: Vec::new(),
            country,
        };
        let (first, second) = (self.node.officer(0)?, self.node.officer(1)?);
        let request = ProposePartnerRequest { context: first.context(), registration: Some(registration) };
        let proposal = first.partners().propose_partner(request).await?.into_inner().proposal.unwrap_or_default();
        let fingerprints = vec![fingerprint(&tester.root())];
        let request = ConfirmPartnerRequest { context: second.context(), proposal_id: proposal.id, fingerprints };
        second.partners().confirm_partner(request).await?;
        Ok(())
    }

    fn line(&self, tester: Tester, other: Tester, listener: Arc<Listener>) -> Result<Line, ConformanceError> {
        let (binding, profile) = (self.binding(), self.profile()?);
        let url = self.node.url(self.name).ok_or_else(|| unexpected("a listener for each binding"))?;
        let carrier = Arc::new(Network {
            binding,
            address: Address::parse(&url)?,
            decoder: callbacks::decoder(&profile)?,
            profile: profile.clone(),
            patience: Duration::from_secs(30),
            registration: self.registration()?,
            judge: callbacks::judge(&self.clock.shared()),
        });
        Ok(Line { binding, carrier, profile, tester, other: Some(other), listener })
    }
}

/// Both officers compare the tester's CVCA, which came by GetCACertificates, and register its document verifiers.
async fn enrol(node: &State, clock: &ManualClock, tester: &Tester) -> Result<(), DemoError> {
    for officer in [node.officer(0)?, node.officer(1)?] {
        let fingerprint = fingerprint(tester.cvca.expired.root.as_der());
        confirm(node, clock, &officer, &fingerprint).await?;
    }
    let country = tester.country;
    let cvca = tester.cvca.current.reference();
    let domestic = format!("{country}{}", cvca.mnemonic());
    let holders = &tester.holders;
    let automatic = std::iter::once(&holders.automatic).chain(&holders.second).map(|name| (name, "automatic"));
    for (name, approval) in automatic.chain(holders.two_person.iter().map(|name| (name, "two_person"))) {
        node.register_holder(&format!("{country}{name}"), &domestic, approval, 42).await?;
    }
    Ok(())
}

/// An officer compares the root of a tester's CVCA, once the node has got it. Where many answer at once, it lets some wait and comes back to them.
async fn confirm(node: &State, clock: &ManualClock, officer: &Officer, fingerprint: &str) -> Result<(), DemoError> {
    for _ in 0..LAST_TURNS {
        let request = ConfirmCvcaCertificateRequest {
            context: officer.context(),
            fingerprint: fingerprint.to_owned(),
            look_at: String::new(),
        };
        match officer.national().confirm_cvca_certificate(request).await {
            Err(status) if status.code() == Code::NotFound => {
                clock.advance(PAUSE);
                node.suite.turn().await?;
            }
            outcome => return Ok(outcome.map(drop)?),
        }
    }
    Err(unexpected("the CVCA of a tester"))
}

fn fingerprint(bytes: &[u8]) -> String {
    hex::encode(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes))
}

fn unexpected(what: &str) -> DemoError {
    DemoError::Expectation(format!("{what} is missing"))
}

/// The node's officers.
#[derive(Debug)]
struct Officers {
    node: Arc<State>,
    clock: ManualClock,
}

impl Officers {
    /// The request that waits under this message id.
    async fn waiting(&self, caller: Country, message_id: &str) -> Result<String, DemoError> {
        let request = ListRequestsRequest {
            state: "waiting".to_owned(),
            caller: caller.to_string(),
            page_size: 200,
            page_token: String::new(),
        };
        let requests = self.node.officer(0)?.issuing().list_requests(request).await?.into_inner().requests;
        let found = requests.into_iter().find(|request| request.message_id == message_id);
        found.map(|request| request.id).ok_or_else(|| unexpected("a request that waits for the officers"))
    }

    async fn try_approve(&self, caller: Country, message_id: &str) -> Result<(), DemoError> {
        let id = self.waiting(caller, message_id).await?;
        for officer in [self.node.officer(0)?, self.node.officer(1)?] {
            let request = ApproveRequestRequest { context: officer.context(), id: id.clone() };
            officer.issuing().approve_request(request).await?;
        }
        Ok(())
    }

    async fn try_decline(&self, caller: Country, message_id: &str) -> Result<(), DemoError> {
        let id = self.waiting(caller, message_id).await?;
        let officer = self.node.officer(0)?;
        let reason = "a case of the conformance kit".to_owned();
        let request = DeclineRequestRequest { context: officer.context(), id, reason };
        officer.issuing().decline_request(request).await?;
        Ok(())
    }
}

#[async_trait]
impl Hands for Officers {
    async fn approve(&self, caller: Country, message_id: &str) -> Result<(), HandsError> {
        self.try_approve(caller, message_id).await.map_err(|error| HandsError(error.into()))
    }

    async fn decline(&self, caller: Country, message_id: &str) -> Result<(), HandsError> {
        self.try_decline(caller, message_id).await.map_err(|error| HandsError(error.into()))
    }

    async fn roll_over(&self) -> Result<(), HandsError> {
        let rolled = self.node.roll_over("CVCA", NEXT_KIND.0, NEXT_KIND.1).await;
        rolled.map(drop).map_err(|error| HandsError(error.into()))
    }

    async fn pass_days(&self, days: u32) -> Result<bool, HandsError> {
        self.clock.advance(Duration::from_secs(u64::from(days) * 86_400));
        self.node.leapt().map_err(|error| HandsError(error.into()))?;
        self.node.suite.turn().await.map_err(|error| HandsError(error.into()))?;
        Ok(true)
    }
}

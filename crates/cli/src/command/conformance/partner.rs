//! Another state's SPOC, reached as its profile says.

use std::path::Path;
use std::sync::Arc;

use exchange::profile::{Catalogue, Profile};
use exchange::{Binding, Country};
use straznica_conformance::callbacks::{self, CallbackParts, CallbackServer};
use straznica_conformance::dossier::{self, DossierError, LineProfile};
use straznica_conformance::listener::Listener;
use straznica_conformance::network::{Address, Network};
use straznica_conformance::{Case, Holders, Line, Lists, Patience, Report, Target};
use straznica_exchange_wire::development::{CrlResponder, FixedAdmission};
use straznica_types::{SharedClock, SystemClock};
use tokio::net::TcpListener;

use super::{ConformanceError, cannot_listen, watch};

/// Lists served by the kit itself, under the address its certificates name.
#[derive(Debug)]
pub(super) struct Served {
    pub(super) responder: Arc<CrlResponder>,
    pub(super) base: String,
    /// Tells the lists of one tester from those of another.
    pub(super) country: String,
}

impl Lists for Served {
    fn uri(&self, name: &str) -> String {
        format!("{}/{}/{name}", self.base, self.country)
    }

    fn put(&self, name: &str, list: Vec<u8>) {
        self.responder.serve(&format!("{}/{name}", self.country), list);
    }
}

/// Runs the list against the SPOC of a profile; the files it names lie beside it.
pub(super) async fn run(
    profile: dossier::Profile,
    beside: &Path,
    wanted: impl Fn(&Case) -> bool,
) -> Result<Report, ConformanceError> {
    let clock: SharedClock = SystemClock::shared();
    let roots = profile.roots.iter().map(|root| dossier::read_certificate(&beside.join(root)));
    let roots: Vec<Vec<u8>> = roots.collect::<Result<_, _>>()?;
    let mut servers = Vec::new();
    let mut lines = Vec::new();
    for line in &profile.line {
        let (line, server) = open_line(line, beside, profile.country, &roots, profile.patience.into(), &clock).await?;
        lines.push(line);
        servers.push(server);
    }
    let target = Target {
        country: profile.country,
        cvca: profile.cvca,
        lines,
        patience: profile.patience.into(),
        clock,
        hands: None,
    };
    let report = straznica_conformance::run(&target, wanted, watch).await?;
    drop(servers);
    Ok(report)
}

async fn open_line(
    line: &LineProfile,
    beside: &Path,
    country: Country,
    roots: &[Vec<u8>],
    patience: Patience,
    clock: &SharedClock,
) -> Result<(Line, CallbackServer), ConformanceError> {
    let now = clock.now();
    let binding = Binding::from(line.binding);
    let edition = edition(&line.profile, beside)?;
    let responder = CrlResponder::start_at(line.lists.listen).await.map_err(cannot_listen(line.lists.listen))?;
    let responder = Arc::new(responder);
    // which run this is, to the second: references of runs at other times differ
    let run = u32::try_from(now.seconds().rem_euclid(46_656)).unwrap_or(0);
    let open = |directory: &Path| {
        let directory = beside.join(directory);
        let written = dossier::country_of(&directory)?;
        let base = line.lists.url.trim_end_matches('/').to_owned();
        let lists = Served { responder: responder.clone(), base, country: written.to_string() };
        dossier::open(&directory, Box::new(lists), now, run)
    };
    let tester = open(&line.tester)?;
    let other = line.other.as_deref().map(open).transpose()?;
    for tester in std::iter::once(&tester).chain(&other) {
        tester.publish_list(now)?;
    }
    let registration = callbacks::registration(country, roots, now)?;
    let judge = callbacks::judge(clock);
    let callback = Address::parse(&line.callback.url)?;
    let listener = Arc::new(Listener::new(tester.cvca.certificates()));
    let parts = CallbackParts {
        binding,
        url: line.callback.url.clone(),
        profile: edition.clone(),
        credentials: tester.issue(&tester.server(callback.host(), now))?,
        admission: FixedAdmission::new(judge.clone(), [registration.clone()]),
        listener: listener.clone(),
    };
    let socket = TcpListener::bind(line.callback.listen).await.map_err(cannot_listen(line.callback.listen))?;
    let server = CallbackServer::start(socket, parts)?;
    let carrier = Arc::new(Network {
        binding,
        address: Address::parse(&line.url)?,
        profile: edition.clone(),
        decoder: callbacks::decoder(&edition)?,
        patience: patience.answer,
        registration,
        judge,
    });
    Ok((Line { binding, carrier, profile: edition, tester, other, listener }, server))
}

/// A profile that is built in, or a file.
fn edition(name: &str, beside: &Path) -> Result<Arc<Profile>, ConformanceError> {
    if let Some(profile) = Catalogue::built_in()?.get(name) {
        return Ok(profile.clone());
    }
    let text = std::fs::read_to_string(beside.join(name)).map_err(|_| ConformanceError::NoEdition(name.to_owned()))?;
    Ok(Arc::new(Profile::from_toml(&text)?))
}

/// What the partner has to register of a tester.
pub(super) fn told(directory: &Path, country: Country, holders: &Holders) -> Result<String, ConformanceError> {
    let root = dossier::read_certificate(&directory.join("spoc-root.der"))?;
    let path = directory.join("cvca-1.cvcert");
    let cvca = std::fs::read(&path).map_err(|source| DossierError::File { path, source })?;
    let sha256 = |bytes: &[u8]| hex::encode(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes));
    let people = holders.two_person.iter().map(|name| format!("{country}{name} approved by two officers"));
    let automatic = std::iter::once(&holders.automatic).chain(&holders.second);
    let all: Vec<String> =
        automatic.map(|name| format!("{country}{name} answered automatically")).chain(people).collect();
    Ok(format!(
        "The state {country} is ready in {}. The partner registers of it:\n  SPOC root spoc-root.der, SHA-256 {}\n  CVCA cvca-1.cvcert (expired), SHA-256 {}, and \
         its link cvca-2.link.cvcert\n  document verifiers {}",
        directory.display(),
        sha256(&root),
        sha256(&cvca),
        all.join(", ")
    ))
}

//! The states of a scenario, the lines between them, and the documents of each.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use exchange::Country;
use straznica_cli::demo::state::{BindingName, State, StateOptions, settle};
use straznica_store::StoreConfig;
use straznica_tests::{Lane, Line};
use straznica_types::ManualClock;
use time::Date;

use super::passports::{Openings, Outcome, Passports, Reading};
use super::plan::{DocumentPlan, Plan, StatePlan};

/// Mnemonic of every state's inspection systems.
const INSPECTION_SYSTEM: &str = "TCC";
/// Characters of a reference's sequence.
const SEQUENCE: usize = 5;

/// Country and mnemonic of a reference; of what is none, nothing.
pub(super) fn holder_name(reference: &str) -> &str {
    reference.len().checked_sub(SEQUENCE).and_then(|end| reference.get(..end)).unwrap_or_default()
}

/// A state, its documents and its lane.
pub(super) struct Place {
    pub(super) plan: StatePlan,
    pub(super) state: State,
    /// Lines that lead to it, by binding.
    lines: BTreeMap<BindingName, Line>,
    lane: Lane,
    documents: Vec<DocumentPlan>,
    /// Of each kind of document.
    passports: Vec<Passports>,
}

impl Place {
    async fn found(scenario: &Plan, plan: &StatePlan, clock: &ManualClock, database: Option<StoreConfig>) -> Self {
        let country: Country = plan.country.parse().unwrap();
        let mut options = StateOptions::spoc_only(country, &plan.bindings(), clock.shared());
        if let Some(database) = database {
            options.suite.config.spoc.database = database;
        }
        options.suite.config.spoc.issuing.countersigning_cvca = scenario.documents[0].cvca_of(&plan.country);
        let state = Box::pin(State::raise(options)).await.unwrap();
        for document in &scenario.documents {
            state.create_cvca(&document.cvca, &plan.algorithm, &plan.parameters).await.unwrap();
        }
        let mut lines = BTreeMap::new();
        for binding in plan.bindings() {
            let name = match binding {
                BindingName::Grpc => "exchange_grpc",
                BindingName::Soap => "exchange_soap",
            };
            lines.insert(binding, Line::to(state.suite.own_server(name).unwrap()).await);
        }
        let lane = Lane::before(&state.suite);
        let documents = scenario.documents.clone();
        let passports = documents.iter().map(|_| Passports::of(plan, scenario.begins())).collect();
        Self { plan: plan.clone(), state, lines, lane, documents, passports }
    }

    /// Where others reach it.
    fn url(&self, binding: BindingName) -> String {
        let own = self.state.url(binding).unwrap();
        let listener: SocketAddr = match binding {
            BindingName::Grpc => self.state.suite.own_server("exchange_grpc"),
            BindingName::Soap => self.state.suite.own_server("exchange_soap"),
        }
        .unwrap();
        own.replace(&listener.to_string(), &self.lines[&binding].address().to_string())
    }

    /// From now on documents trust the newest root of the CVCA that guards their kind.
    pub(super) async fn personalise_under_newest_roots(&mut self) {
        let own = self.state.own_cvcas().await.unwrap();
        for (document, passports) in self.documents.iter().zip(&mut self.passports) {
            let cvca = document.cvca_of(&self.plan.country);
            let roots = own.iter().filter(|one| one.car == one.chr && holder_name(&one.chr) == cvca);
            passports.trust(roots.map(|root| root.certificate.clone()).collect());
        }
    }
}

/// All of it.
pub(super) struct World {
    pub(super) clock: ManualClock,
    pub(super) places: Vec<Place>,
    documents: usize,
    pub(super) openings: Openings,
}

impl World {
    /// Raises every state and lets each register with every other, subscribe and obtain its certificates.
    pub(super) async fn raise(plan: &Plan, clock: ManualClock, mut databases: Vec<StoreConfig>) -> Self {
        let mut places = Vec::new();
        for state in &plan.states {
            places.push(Box::pin(Place::found(plan, state, &clock, databases.pop())).await);
        }
        let mut world = Self { clock, places, documents: plan.documents.len(), openings: Openings::default() };
        for (reader, issuer) in world.pairs() {
            let (reader, issuer) = (&world.places[reader], &world.places[issuer]);
            let terms = reader.plan.terms_for(&issuer.plan);
            reader.state.register_at(&issuer.state, &terms, issuer.url(terms.binding)).await.unwrap();
        }
        // the registrations are completed by GetCACertificates
        assert!(world.settle().await, "everything is delivered");
        for (reader, issuer) in world.pairs() {
            let (reader, issuer) = (&world.places[reader], &world.places[issuer]);
            assert_eq!(reader.state.confirm_roots_of(&issuer.state).await.unwrap(), plan.documents.len());
        }
        for reading in world.readings() {
            let (reader, issuer) = (&world.places[reading.reader], &world.places[reading.issuer]);
            let document = &plan.documents[reading.document];
            let country = &reader.plan.country;
            let (holder, domestic) = (document.verifier_of(country), plan.documents[0].cvca_of(country));
            issuer.state.register_holder(&holder, &domestic, "automatic", plan.dv_days).await.unwrap();
            let (cvca, verifier) = (document.cvca_of(&issuer.plan.country), &document.verifier);
            let subscribed = reader.state.subscribe(&issuer.state, &cvca, verifier, INSPECTION_SYSTEM, plan.is_days);
            subscribed.await.unwrap();
        }
        assert!(world.settle().await, "everything is delivered");
        let pairs = world.pairs();
        for (issuer, place) in world.places.iter_mut().enumerate() {
            place.personalise_under_newest_roots().await;
            for passports in &mut place.passports {
                let readers = pairs.iter().filter(|pair| pair.1 == issuer).map(|pair| pair.0);
                passports.issue_first(readers, plan.begins());
            }
        }
        world
    }

    /// Every reader with every kind of document of every issuer.
    pub(super) fn readings(&self) -> Vec<Reading> {
        let of_pair = |(reader, issuer)| (0..self.documents).map(move |document| Reading { reader, issuer, document });
        self.pairs().into_iter().flat_map(of_pair).collect()
    }

    /// Every reader with every issuer, as indices.
    fn pairs(&self) -> Vec<(usize, usize)> {
        let all = 0..self.places.len();
        all.clone().flat_map(|reader| all.clone().map(move |issuer| (reader, issuer))).filter(|(r, i)| r != i).collect()
    }

    pub(super) fn place(&self, country: &str) -> &Place {
        self.places.iter().find(|place| place.plan.country == country).unwrap()
    }

    pub(super) fn place_mut(&mut self, country: &str) -> &mut Place {
        self.places.iter_mut().find(|place| place.plan.country == country).unwrap()
    }

    /// One turn of every node's background work.
    pub(super) async fn turn(&self) {
        for place in &self.places {
            place.state.suite.turn().await.unwrap();
        }
    }

    /// Turns until nothing waits to be sent.
    pub(super) async fn settle(&self) -> bool {
        let states: Vec<&State> = self.places.iter().map(|place| &place.state).collect();
        settle(&states).await.unwrap()
    }

    /// Certificates of the transport run out in months: they are made anew, for nodes and lanes.
    pub(super) fn renew_transport(&mut self) {
        for place in &mut self.places {
            place.state.leapt().unwrap();
            place.lane = Lane::before(&place.state.suite);
        }
    }

    /// Cuts a state off from all others, or connects it again: its own lines, and those of others that only it uses.
    pub(super) fn connect(&self, country: &str, connected: bool) {
        for place in &self.places {
            let own = place.plan.country == country;
            for (binding, line) in &place.lines {
                let theirs = *binding == BindingName::Soap && self.only_soap(country);
                match (own || theirs, connected) {
                    (true, true) => line.mend(),
                    (true, false) => line.cut(),
                    (false, _) => {}
                }
            }
        }
    }

    /// Whether SOAP is spoken with this state alone: then the SOAP lines of the others are its way to them.
    fn only_soap(&self, country: &str) -> bool {
        self.places
            .iter()
            .all(|place| (place.plan.country == country) == (place.plan.bindings() == [BindingName::Soap]))
    }

    /// Every state issues a document of each kind.
    pub(super) fn issue_passports(&mut self, today: Date) {
        for passports in self.places.iter_mut().flat_map(|place| &mut place.passports) {
            passports.issue_of(today);
        }
    }

    /// Has a reader open documents of an issuer: the one of today, and one of day 0.
    pub(super) async fn open_passports(&mut self, Reading { reader, issuer, document }: Reading) -> [Outcome; 2] {
        let [from, of] = self.places.get_disjoint_mut([reader, issuer]).unwrap();
        of.passports[document].open(reader, &mut from.lane).await
    }

    /// Has a reader open a document of an issuer that was issued on day 0 and is read for the first time.
    pub(super) async fn open_kept_passport(&mut self, Reading { reader, issuer, document }: Reading) -> Outcome {
        let [from, of] = self.places.get_disjoint_mut([reader, issuer]).unwrap();
        of.passports[document].open_kept(reader, &mut from.lane).await
    }
}

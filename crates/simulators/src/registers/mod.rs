//! State registers of a country that does not exist: adapters of `straznica.sources.v1` with made-up people behind them.
//!
//! Four of them, as a state would run them: persons and identity cards (SRP), drivers and vehicles (CEPiK), persons sought (KSIP), and one for the
//! lighter documents. Each is served by whoever starts it, over the suite's mutual TLS, under its own name ([`RegisterSimulator::service`]). Everybody in
//! them was born in the 1800s; portraits are drawn. A register does wrong on command ([`Fault`]) and remembers what it was asked, so that a
//! test can tell that it was not.

mod documents;
mod fault;
mod people;
mod portrait;
mod visas;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use straznica_contracts::sources::v1::lookup_request::Identifier;
use straznica_contracts::sources::v1::lookup_response::Outcome;
use straznica_contracts::sources::v1::register_service_server::{RegisterService, RegisterServiceServer};
use straznica_contracts::sources::v1::{
    AnsweredKind, DescribeRequest, DescribeResponse, Document, DocumentKind, Found, LookupRefused, LookupRequest,
    LookupResponse, NoSuchDocument, RefusalReason, RegisterUnavailable,
};
use straznica_types::SharedClock;
use tonic::service::Routes;
use tonic::{Request, Response, Status};

use documents::documents;
pub use fault::Fault;
pub use people::{Circumstance, MadeUp, made_up_people};
pub use portrait::portrait;
pub use visas::{MadeUpVisa, VisaSimulator, made_up_visas};

/// One register with its adapter.
pub struct RegisterSimulator {
    service: &'static str,
    source: &'static str,
    kinds: &'static [DocumentKind],
    people: Vec<MadeUp>,
    clock: SharedClock,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    fault: Option<Fault>,
    asked: Vec<DocumentKind>,
}

impl RegisterSimulator {
    /// Persons and identity cards.
    #[must_use]
    pub fn srp(people: Vec<MadeUp>, clock: SharedClock) -> Arc<Self> {
        Self::new("sources-srp", "SRP", &[DocumentKind::IdentityCard, DocumentKind::Person], people, clock)
    }

    /// Drivers and vehicles.
    #[must_use]
    pub fn cepik(people: Vec<MadeUp>, clock: SharedClock) -> Arc<Self> {
        const KINDS: &[DocumentKind] = &[
            DocumentKind::DrivingLicence,
            DocumentKind::VehicleRegistration,
            DocumentKind::LiabilityInsurance,
            DocumentKind::TechnicalInspection,
            DocumentKind::VehicleCard,
        ];
        Self::new("sources-cepik", "CEPiK", KINDS, people, clock)
    }

    /// Persons sought.
    #[must_use]
    pub fn ksip(people: Vec<MadeUp>, clock: SharedClock) -> Arc<Self> {
        Self::new("sources-ksip", "KSIP", &[DocumentKind::WantedPerson], people, clock)
    }

    /// Cards of students, large families, pensioners, schools, cities and programmes.
    #[must_use]
    pub fn light(people: Vec<MadeUp>, clock: SharedClock) -> Arc<Self> {
        const KINDS: &[DocumentKind] = &[
            DocumentKind::StudentCard,
            DocumentKind::LargeFamilyCard,
            DocumentKind::PensionerCard,
            DocumentKind::SchoolCard,
            DocumentKind::CityCard,
            DocumentKind::LoyaltyCard,
        ];
        Self::new("sources-light", "Dokumenty lekkie", KINDS, people, clock)
    }

    fn new(
        service: &'static str,
        source: &'static str,
        kinds: &'static [DocumentKind],
        people: Vec<MadeUp>,
        clock: SharedClock,
    ) -> Arc<Self> {
        Arc::new(Self { service, source, kinds, people, clock, state: Mutex::default() })
    }

    /// Name of the service, as its certificate has it.
    #[must_use]
    pub const fn service(&self) -> &'static str {
        self.service
    }

    /// What it answers for.
    #[must_use]
    pub const fn kinds(&self) -> &'static [DocumentKind] {
        self.kinds
    }

    /// What to serve.
    #[must_use]
    pub fn routes(self: &Arc<Self>) -> Routes {
        Routes::new(RegisterServiceServer::from_arc(self.clone()))
    }

    /// From now on this is wrong with it; nothing with `None`.
    pub fn script(&self, fault: Option<Fault>) {
        self.state().fault = fault;
    }

    /// The kinds of documents it was asked for, in order, whatever it answered.
    #[must_use]
    pub fn asked(&self) -> Vec<DocumentKind> {
        self.state().asked.clone()
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn find(&self, kind: DocumentKind, identifier: &Identifier, age: Duration) -> Vec<Document> {
        let as_of = self.clock.now() - age;
        let of = |person: &MadeUp| documents(person, kind, self.source, as_of);
        match identifier {
            Identifier::Pesel(pesel) => {
                self.people.iter().find(|person| person.pesel.expose() == pesel).map_or_else(Vec::new, of)
            }
            Identifier::DocumentNumber(number) => {
                self.people.iter().flat_map(of).filter(|document| document.number == *number).collect()
            }
        }
    }

    fn unavailable(&self) -> Outcome {
        let mut outcome = RegisterUnavailable::default();
        outcome.source = self.source.to_owned();
        outcome.retry_after_ms = 30_000;
        Outcome::RegisterUnavailable(outcome)
    }

    fn refused(&self, reason: RefusalReason) -> Outcome {
        let mut outcome = LookupRefused::default();
        outcome.source = self.source.to_owned();
        outcome.set_reason(reason);
        Outcome::Refused(outcome)
    }

    async fn outcome(&self, kind: DocumentKind, identifier: &Identifier) -> Result<Outcome, Status> {
        let fault = {
            let mut state = self.state();
            state.asked.push(kind);
            state.fault
        };
        let mut age = Duration::ZERO;
        let mut answered = kind;
        match fault {
            Some(Fault::Down) => return Ok(self.unavailable()),
            Some(Fault::Broken) => return Err(Status::internal("the adapter is broken")),
            Some(Fault::Refusing) => return Ok(self.refused(RefusalReason::Purpose)),
            Some(Fault::Slow(delay)) => tokio::time::sleep(delay).await,
            Some(Fault::Stale(by)) => age = by,
            Some(Fault::Confused) if kind == DocumentKind::IdentityCard => answered = DocumentKind::Person,
            Some(Fault::Confused) => answered = DocumentKind::IdentityCard,
            None => {}
        }
        if !self.kinds.contains(&kind) {
            return Ok(self.refused(RefusalReason::KindNotAnswered));
        }
        let found = self.find(answered, identifier, age);
        if found.is_empty() {
            let mut none = NoSuchDocument::default();
            none.source = self.source.to_owned();
            none.as_of_ms = (self.clock.now() - age).millis();
            return Ok(Outcome::NoSuchDocument(none));
        }
        let mut documents = Found::default();
        documents.documents = found;
        Ok(Outcome::Found(documents))
    }
}

#[tonic::async_trait]
impl RegisterService for RegisterSimulator {
    async fn describe(&self, _: Request<DescribeRequest>) -> Result<Response<DescribeResponse>, Status> {
        let kinds = self.kinds.iter().map(|kind| AnsweredKind {
            kind: i32::from(*kind),
            by_pesel: true,
            by_document_number: !matches!(kind, DocumentKind::Person | DocumentKind::WantedPerson),
        });
        Ok(Response::new(DescribeResponse { source: self.source.to_owned(), kinds: kinds.collect() }))
    }

    async fn lookup(&self, request: Request<LookupRequest>) -> Result<Response<LookupResponse>, Status> {
        let request = request.into_inner();
        let complete = request.context.as_ref().is_some_and(|context| {
            [&context.request_id, &context.institution, &context.officer, &context.purpose, &context.case_number]
                .iter()
                .all(|text| !text.is_empty())
        });
        let Some(identifier) = request.identifier.as_ref().filter(|_| complete) else {
            return Err(Status::invalid_argument("context or identifier is incomplete"));
        };
        let outcome = self.outcome(request.kind(), identifier).await?;
        let mut answer = LookupResponse::default();
        answer.outcome = Some(outcome);
        Ok(Response::new(answer))
    }
}

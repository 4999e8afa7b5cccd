//! The register of visas, with made-up visas of people born in the 1800s.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use straznica_contracts::sources::v1::lookup_visas_request::Criterion;
use straznica_contracts::sources::v1::lookup_visas_response::Outcome;
use straznica_contracts::sources::v1::visa_register_service_server::{VisaRegisterService, VisaRegisterServiceServer};
use straznica_contracts::sources::v1::{
    Holder, LookupRefused, LookupVisasRequest, LookupVisasResponse, NoSuchVisa, RefusalReason, RegisterUnavailable,
    Visa, VisaDocument, VisaState, VisasFound,
};
use straznica_types::{SharedClock, Timestamp};
use tonic::service::Routes;
use tonic::{Request, Response, Status};

use super::Fault;

const SOURCE: &str = "CVR";

/// A visa of the simulator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MadeUpVisa {
    /// The passport it was asked for with.
    pub document: &'static str,
    /// Who issued the passport.
    pub issuer: &'static str,
    /// Surname and given names of the holder.
    pub holder: (&'static str, &'static str),
    /// Day of birth.
    pub born_on: &'static str,
    /// Number of the sticker; empty: none was issued.
    pub number: &'static str,
    /// "A", "C" or "D".
    pub visa_type: &'static str,
    /// Where it stands.
    pub state: VisaState,
    /// First and last day.
    pub valid: (&'static str, &'static str),
    /// Why it was refused, annulled or revoked.
    pub grounds: &'static str,
}

/// The visas of the simulator: one issued, one refused before it, one revoked, one applied for.
#[must_use]
pub const fn made_up_visas() -> [MadeUpVisa; 4] {
    const NOBODY: MadeUpVisa = MadeUpVisa {
        document: "FE123456",
        issuer: "UKR",
        holder: ("SZEWCZENKO", "TARAS"),
        born_on: "1814-03-09",
        number: "",
        visa_type: "D",
        state: VisaState::Refused,
        valid: ("", ""),
        grounds: "",
    };
    [
        MadeUpVisa { number: "POL00000001", state: VisaState::Issued, valid: ("2026-01-10", "2027-01-09"), ..NOBODY },
        MadeUpVisa { visa_type: "C", grounds: "purpose of the journey not shown", ..NOBODY },
        MadeUpVisa {
            document: "MP7654321",
            issuer: "BLR",
            holder: ("BAHUSZEWICZ", "FRANCISZAK"),
            born_on: "1840-03-21",
            number: "POL00000002",
            state: VisaState::Revoked,
            valid: ("2025-06-01", "2026-05-31"),
            grounds: "conditions no longer met",
            ..NOBODY
        },
        MadeUpVisa {
            document: "GE0000003",
            issuer: "GEO",
            holder: ("CZAWCZAWADZE", "ILIA"),
            born_on: "1837-11-08",
            visa_type: "C",
            state: VisaState::AppliedFor,
            ..NOBODY
        },
    ]
}

/// The register with its adapter. It does wrong on command ([`Fault`]) and remembers what it was asked.
pub struct VisaSimulator {
    visas: Vec<MadeUpVisa>,
    clock: SharedClock,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    fault: Option<Fault>,
    asked: Vec<String>,
}

impl VisaSimulator {
    /// A register of some visas, those of one document the newest first.
    #[must_use]
    pub fn of(visas: impl Into<Vec<MadeUpVisa>>, clock: SharedClock) -> Arc<Self> {
        Arc::new(Self { visas: visas.into(), clock, state: Mutex::default() })
    }

    /// Name of the service, as its certificate has it.
    #[must_use]
    pub const fn service(&self) -> &'static str {
        "sources-cvr"
    }

    /// What to serve.
    #[must_use]
    pub fn routes(self: &Arc<Self>) -> Routes {
        Routes::new(VisaRegisterServiceServer::from_arc(self.clone()))
    }

    /// From now on this is wrong with it; nothing with `None`.
    pub fn script(&self, fault: Option<Fault>) {
        self.state().fault = fault;
    }

    /// The numbers it was asked for, in order, whatever it answered.
    #[must_use]
    pub fn asked(&self) -> Vec<String> {
        self.state().asked.clone()
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn find(&self, criterion: &Criterion, as_of: Timestamp) -> Vec<Visa> {
        let asked = |made_up: &&MadeUpVisa| match criterion {
            Criterion::Document(document) => made_up.document == document.number && made_up.issuer == document.issuer,
            Criterion::VisaNumber(number) => !made_up.number.is_empty() && made_up.number == number,
        };
        self.visas.iter().filter(asked).map(|made_up| visa(made_up, as_of)).collect()
    }

    async fn outcome(&self, criterion: &Criterion) -> Result<Outcome, Status> {
        let fault = {
            let mut state = self.state();
            state.asked.push(match criterion {
                Criterion::Document(document) => document.number.clone(),
                Criterion::VisaNumber(number) => number.clone(),
            });
            state.fault
        };
        let (mut age, mut confused) = (Duration::ZERO, false);
        match fault {
            Some(Fault::Down) => {
                let mut outcome = RegisterUnavailable::default();
                outcome.source = SOURCE.to_owned();
                outcome.retry_after_ms = 30_000;
                return Ok(Outcome::RegisterUnavailable(outcome));
            }
            Some(Fault::Broken) => return Err(Status::internal("the adapter is broken")),
            Some(Fault::Refusing) => {
                let mut outcome = LookupRefused::default();
                outcome.source = SOURCE.to_owned();
                outcome.set_reason(RefusalReason::Purpose);
                return Ok(Outcome::Refused(outcome));
            }
            Some(Fault::Slow(delay)) => tokio::time::sleep(delay).await,
            Some(Fault::Stale(by)) => age = by,
            Some(Fault::Confused) => confused = true,
            None => {}
        }
        let as_of = self.clock.now() - age;
        let mut visas = if confused {
            self.visas.iter().map(|made_up| visa(made_up, as_of)).collect()
        } else {
            self.find(criterion, as_of)
        };
        if visas.is_empty() {
            let mut none = NoSuchVisa::default();
            none.source = SOURCE.to_owned();
            none.as_of_ms = as_of.millis();
            return Ok(Outcome::NoSuchVisa(none));
        }
        let mut found = VisasFound::default();
        found.visas.append(&mut visas);
        Ok(Outcome::Found(found))
    }
}

fn visa(made_up: &MadeUpVisa, as_of: Timestamp) -> Visa {
    let mut holder = Holder::default();
    made_up.holder.0.clone_into(&mut holder.surname);
    made_up.holder.1.clone_into(&mut holder.given_names);
    made_up.born_on.clone_into(&mut holder.born_on);
    let mut document = VisaDocument::default();
    made_up.document.clone_into(&mut document.number);
    made_up.issuer.clone_into(&mut document.issuer);
    let mut visa = Visa::default();
    made_up.number.clone_into(&mut visa.number);
    visa.application_number = format!("A{}", made_up.document);
    made_up.visa_type.clone_into(&mut visa.r#type);
    visa.set_state(made_up.state);
    visa.issuing_state = "POL".to_owned();
    visa.office = "Consulate that does not exist".to_owned();
    made_up.valid.0.clone_into(&mut visa.valid_from);
    made_up.valid.1.clone_into(&mut visa.valid_until);
    visa.entries = 0;
    made_up.grounds.clone_into(&mut visa.grounds);
    made_up.issuer.clone_into(&mut visa.nationality);
    visa.holder = Some(holder);
    visa.document = Some(document);
    visa.source = SOURCE.to_owned();
    visa.as_of_ms = as_of.millis();
    visa
}

#[tonic::async_trait]
impl VisaRegisterService for VisaSimulator {
    async fn lookup_visas(
        &self,
        request: Request<LookupVisasRequest>,
    ) -> Result<Response<LookupVisasResponse>, Status> {
        let request = request.into_inner();
        let complete = request.context.as_ref().is_some_and(|context| {
            [&context.request_id, &context.officer, &context.purpose, &context.legal_basis, &context.case_number]
                .iter()
                .all(|text| !text.is_empty())
        });
        let Some(criterion) = request.criterion.as_ref().filter(|_| complete) else {
            return Err(Status::invalid_argument("context or criterion is incomplete"));
        };
        let mut answer = LookupVisasResponse::default();
        answer.outcome = Some(self.outcome(criterion).await?);
        Ok(Response::new(answer))
    }
}

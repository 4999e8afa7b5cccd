//! The service `straznica.registry.v1.VisaService`.

use std::mem::take;
use std::str::FromStr;
use std::sync::Arc;

use straznica_contracts::registry::v1 as proto;
use straznica_contracts::registry::v1::visa_service_server::VisaService;
use straznica_contracts::registry::v1::{ReadCaseVisasRequest, ReadCaseVisasResponse};
use straznica_contracts::sources::v1 as sources;
use tonic::{Request, Response, Status};

use super::request::{UUID, open, refused, required};
use crate::app::{App, VisaAnswer, VisaReading, VisaTold};
use crate::domain::CaseId;

/// Answers the calls. Which peers may make them is decided before, by the table of calls.
#[derive(Clone)]
pub(crate) struct VisaHandler(pub(crate) Arc<App>);

#[tonic::async_trait]
impl VisaService for VisaHandler {
    async fn read_case_visas(
        &self,
        request: Request<ReadCaseVisasRequest>,
    ) -> Result<Response<ReadCaseVisasResponse>, Status> {
        let (caller, message) = open(request, |message| message.context.take())?;
        let mandate = caller.on_persons(&self.0.purposes).map_err(refused)?;
        let id = required(&message.case_id, "/case_id", UUID, CaseId::from_str).map_err(refused)?;
        let read = Box::pin(self.0.case_visas(&mandate, id)).await.map_err(refused)?;
        Ok(Response::new(ReadCaseVisasResponse {
            readings: read.readings.into_iter().map(reading).collect(),
            left_out: u32::try_from(read.left_out).unwrap_or(u32::MAX),
        }))
    }
}

fn reading(reading: VisaReading) -> proto::VisaReading {
    let (outcome, told, visas) = match reading.answer {
        VisaAnswer::Found(visas, told) => (proto::VisaOutcome::Found, Some(told), visas),
        VisaAnswer::None(told) => (proto::VisaOutcome::None, Some(told), Vec::new()),
        VisaAnswer::Unavailable => (proto::VisaOutcome::Unavailable, None, Vec::new()),
        VisaAnswer::Refused => (proto::VisaOutcome::Refused, None, Vec::new()),
        VisaAnswer::NotConfigured => (proto::VisaOutcome::NotConfigured, None, Vec::new()),
    };
    let VisaTold { source, as_of, stale } = match told {
        Some(told) => told,
        None => {
            return proto::VisaReading {
                person_id: reading.person.to_string(),
                statement_id: reading.statement.to_string(),
                outcome: outcome.into(),
                ..proto::VisaReading::default()
            };
        }
    };
    proto::VisaReading {
        person_id: reading.person.to_string(),
        statement_id: reading.statement.to_string(),
        outcome: outcome.into(),
        source,
        as_of_ms: Some(as_of.millis()),
        stale,
        visas: visas.into_iter().map(facts).collect(),
    }
}

/// The register's message wipes itself, so texts are taken out of it.
fn facts(mut visa: sources::Visa) -> proto::VisaFacts {
    let state = match visa.state() {
        sources::VisaState::AppliedFor => "applied_for",
        sources::VisaState::Issued => "issued",
        sources::VisaState::Refused => "refused",
        sources::VisaState::Annulled => "annulled",
        sources::VisaState::Revoked => "revoked",
        sources::VisaState::Expired => "expired",
        // An answer with such a state was taken for none.
        sources::VisaState::Unspecified => "",
    };
    let mut holder = visa.holder.take().unwrap_or_default();
    proto::VisaFacts {
        number: take(&mut visa.number),
        application_number: take(&mut visa.application_number),
        r#type: take(&mut visa.r#type),
        state: state.to_owned(),
        issuing_state: take(&mut visa.issuing_state),
        office: take(&mut visa.office),
        decided_on: take(&mut visa.decided_on),
        valid_from: take(&mut visa.valid_from),
        valid_until: take(&mut visa.valid_until),
        stay_days: visa.stay_days,
        entries: visa.entries,
        purpose: take(&mut visa.purpose),
        grounds: take(&mut visa.grounds),
        holder_surname: take(&mut holder.surname),
        holder_given_names: take(&mut holder.given_names),
        holder_born_on: take(&mut holder.born_on),
        nationality: take(&mut visa.nationality),
    }
}

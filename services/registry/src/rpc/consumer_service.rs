//! The service `straznica.registry.v1.ConsumerService`.

use std::sync::Arc;

use straznica_contracts::registry::v1 as proto;
use straznica_contracts::registry::v1::consumer_service_server::ConsumerService;
use straznica_contracts::registry::v1::read_persons_request::Criterion as ProtoCriterion;
use straznica_contracts::registry::v1::{
    DescribeAccessRequest, DescribeAccessResponse, ReadPersonsRequest, ReadPersonsResponse,
};
use straznica_pki::{PeerIdentity, PeerRole, Tls};
use straznica_runtime::auth::peer;
use straznica_types::CivilDate;
use tonic::{Request, Response, Status};

use super::fact::write;
use super::request::{caller, person_id, refused};
use crate::app::{App, Asker, Criterion, Reading};
use crate::domain::Refusal;
use crate::domain::consumer::{Answer, AskedDocument, Denied, Field, Grant, KnownCase, Told, Way};

/// Longest number of a case.
const LONGEST_CASE_NUMBER: usize = 64;

/// Answers the calls. Which peers may make them is decided before, by the table of calls; what they are told, by their profiles.
#[derive(Clone)]
pub(crate) struct ConsumerHandler {
    pub(crate) app: Arc<App>,
    /// Looks at the certificates the gateway hands on.
    pub(crate) tls: Arc<Tls>,
}

impl ConsumerHandler {
    /// Who asks, and as whom the journal knows them: the peer itself, or, where a service speaks for somebody, whoever the certificates name that it was presented. A consumer
    /// speaks for nobody else.
    fn asker(&self, peer: &PeerIdentity, presented: &[Vec<u8>]) -> (PeerIdentity, Asker) {
        let through = matches!(peer.role, PeerRole::Service(_)).then(|| peer.to_string());
        let named = if through.is_some() { self.vouched(presented) } else { Ok(peer.clone()) };
        match named {
            Ok(PeerIdentity { role: PeerRole::Consumer(name), .. }) if through.is_some() || presented.is_empty() => {
                let identity = PeerIdentity { role: PeerRole::Consumer(name.clone()), ..peer.clone() };
                (identity, Asker { consumer: Ok(name), through })
            }
            _ => (peer.clone(), Asker { consumer: Err(Denied::NotVouched), through }),
        }
    }

    fn vouched(&self, presented: &[Vec<u8>]) -> Result<PeerIdentity, Denied> {
        self.tls.vouched(presented).map_err(|why| {
            tracing::warn!(%why, "a consumer's certificates were handed on that do not hold up");
            Denied::NotVouched
        })
    }
}

#[tonic::async_trait]
impl ConsumerService for ConsumerHandler {
    async fn read_persons(
        &self,
        request: Request<ReadPersonsRequest>,
    ) -> Result<Response<ReadPersonsResponse>, Status> {
        let (identity, asker) = self.asker(peer(&request)?, &request.get_ref().presented);
        let message = request.into_inner();
        let caller = caller(&identity, message.context).map_err(refused)?;
        let criterion = criterion(message.criterion);
        let reading = Box::pin(self.app.read_persons(asker, caller, criterion)).await.map_err(refused)?;
        Ok(Response::new(answer(reading)))
    }

    async fn describe_access(
        &self,
        request: Request<DescribeAccessRequest>,
    ) -> Result<Response<DescribeAccessResponse>, Status> {
        let (_, asker) = self.asker(peer(&request)?, &request.get_ref().presented);
        let profile = asker.consumer.and_then(|name| self.app.consumer(&name)).map_err(refused)?;
        Ok(Response::new(DescribeAccessResponse {
            consumer: profile.id.clone(),
            state: profile.state.to_string(),
            authority: profile.authority.clone(),
            valid_from: profile.valid_from.to_string(),
            valid_to: profile.valid_to.to_string(),
            per_minute: profile.per_minute,
            per_day: profile.per_day,
            purposes: profile.purposes.iter().map(|(purpose, grant)| granted(purpose, grant)).collect(),
        }))
    }
}

fn criterion(criterion: Option<ProtoCriterion>) -> Result<Criterion, Refusal> {
    match criterion.ok_or(Refusal::Missing { member: "/criterion" })? {
        ProtoCriterion::PersonId(id) => Ok(Criterion::Person(person_id(&id)?)),
        ProtoCriterion::CaseNumber(number) => {
            if number.is_empty() || number.len() > LONGEST_CASE_NUMBER || number.chars().any(char::is_control) {
                return Err(Refusal::Invalid { member: "/case_number", expected: "1 to 64 characters" });
            }
            Ok(Criterion::Case(number))
        }
        ProtoCriterion::Document(document) => {
            AskedDocument::new(&document.number, &document.issuer).map(Criterion::Document)
        }
    }
}

fn answer(reading: Reading<'_>) -> ReadPersonsResponse {
    ReadPersonsResponse {
        persons: reading.answers.into_iter().map(person).collect(),
        fields: fields(reading.grant),
        answered_at_ms: reading.at.millis(),
    }
}

fn person(answer: Answer) -> proto::ReadPerson {
    proto::ReadPerson {
        person_id: answer.person.to_string(),
        facts: answer.facts.into_iter().map(fact).collect(),
        procedures: answer.cases.into_iter().map(procedure).collect(),
    }
}

fn fact(told: Told) -> proto::ReadFact {
    let day = |day: Option<CivilDate>| day.map(|day| day.to_string()).unwrap_or_default();
    proto::ReadFact {
        field: field(told.field).into(),
        fact: Some(proto::Fact { fact: Some(write(told.fact)) }),
        valid_from: day(told.validity.from),
        valid_to: day(told.validity.to),
        source: told.source,
        as_of_ms: told.as_of.millis(),
    }
}

fn procedure(case: KnownCase) -> proto::ReadProcedure {
    let issued = case.issued.into_iter();
    proto::ReadProcedure {
        case_number: case.number,
        case_type: case.case_type,
        opened_at_ms: case.opened_at.millis(),
        stage: case.stage,
        closed: case.closed,
        decisions: issued.map(|(decision, at)| proto::ReadDecision { decision, issued_at_ms: at.millis() }).collect(),
        as_of_ms: case.as_of.millis(),
    }
}

fn granted(purpose: &str, grant: &Grant) -> proto::GrantedPurpose {
    let way = |way: &Way| match way {
        Way::PersonId => proto::AskedBy::PersonId,
        Way::CaseNumber => proto::AskedBy::CaseNumber,
        Way::Document => proto::AskedBy::Document,
    };
    proto::GrantedPurpose {
        purpose: purpose.to_owned(),
        legal_basis: grant.legal_basis.clone(),
        fields: fields(grant),
        asked_by: grant.by.iter().map(|by| way(by).into()).collect(),
    }
}

fn fields(grant: &Grant) -> Vec<i32> {
    grant.fields.iter().map(|one| field(*one).into()).collect()
}

const fn field(field: Field) -> proto::PersonField {
    match field {
        Field::MainName => proto::PersonField::MainName,
        Field::OtherNames => proto::PersonField::OtherNames,
        Field::Birth => proto::PersonField::Birth,
        Field::Nationalities => proto::PersonField::Nationalities,
        Field::Sex => proto::PersonField::Sex,
        Field::Documents => proto::PersonField::Documents,
        Field::Addresses => proto::PersonField::Addresses,
        Field::Family => proto::PersonField::Family,
        Field::Vulnerabilities => proto::PersonField::Vulnerabilities,
        Field::Procedures => proto::PersonField::Procedures,
        Field::Decisions => proto::PersonField::Decisions,
    }
}

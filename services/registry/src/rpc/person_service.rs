//! The service `straznica.registry.v1.PersonService`.

use std::sync::Arc;

use straznica_contracts::registry::v1::person_service_server::PersonService;
use straznica_contracts::registry::v1::{
    ChangePersonRequest, ChangePersonResponse, GetPersonRequest, GetPersonResponse, LikelyDuplicate,
    ListPersonCasesRequest, ListPersonCasesResponse, ListPersonHistoryRequest, ListPersonHistoryResponse, PersonCase,
    RegisterPersonRequest, RegisterPersonResponse,
};
use straznica_types::Timestamp;
use tonic::{Request, Response, Status};

use super::fact::statement;
use super::request::{changes, day, new_statements, open, person_id, refused};
use crate::app::{App, ShownPerson};
use crate::domain::file::CaseFile;
use crate::domain::{CallerClaims, Mandate, PersonId};

/// Answers the calls. Which peers may make them is decided before, by the table of calls.
#[derive(Clone)]
pub(crate) struct PersonHandler(pub(crate) Arc<App>);

impl PersonHandler {
    fn mandate(&self, caller: CallerClaims) -> Result<Mandate, Status> {
        caller.on_persons(&self.0.purposes).map_err(refused)
    }
}

#[tonic::async_trait]
impl PersonService for PersonHandler {
    async fn register_person(
        &self,
        request: Request<RegisterPersonRequest>,
    ) -> Result<Response<RegisterPersonResponse>, Status> {
        let (caller, message) = open(request, |message| message.context.take())?;
        let mandate = self.mandate(caller)?;
        let first = new_statements(message.statements).map_err(refused)?;
        let registered = Box::pin(self.0.register_person(&mandate, first)).await.map_err(refused)?;
        let likely = |(person, score): (PersonId, f64)| LikelyDuplicate { person_id: person.to_string(), score };
        Ok(Response::new(RegisterPersonResponse {
            person_id: registered.id.to_string(),
            version: registered.version,
            likely_duplicates: registered.likely_duplicates.into_iter().map(likely).collect(),
        }))
    }

    async fn change_person(
        &self,
        request: Request<ChangePersonRequest>,
    ) -> Result<Response<ChangePersonResponse>, Status> {
        let (caller, message) = open(request, |message| message.context.take())?;
        let mandate = self.mandate(caller)?;
        let id = person_id(&message.person_id).map_err(refused)?;
        let changes = changes(message.changes).map_err(refused)?;
        let changed = self.0.change_person(&mandate, id, message.expected_version, changes);
        let version = Box::pin(changed).await.map_err(refused)?;
        Ok(Response::new(ChangePersonResponse { version }))
    }

    async fn get_person(&self, request: Request<GetPersonRequest>) -> Result<Response<GetPersonResponse>, Status> {
        let (caller, message) = open(request, |message| message.context.take())?;
        let mandate = self.mandate(caller)?;
        let id = person_id(&message.person_id).map_err(refused)?;
        let valid_on = day(&message.valid_on, "/valid_on").map_err(refused)?;
        let known_at = message.known_at_ms.map(Timestamp::from_millis);
        let shown = Box::pin(self.0.person(&mandate, id, known_at, valid_on)).await.map_err(refused)?;
        let merged_person_ids = merged(&shown);
        Ok(Response::new(GetPersonResponse {
            person_id: shown.group.answers_as.to_string(),
            merged_person_ids,
            version: shown.version,
            statements: shown.statements.into_iter().map(statement).collect(),
            withheld: shown.withheld,
        }))
    }

    async fn list_person_history(
        &self,
        request: Request<ListPersonHistoryRequest>,
    ) -> Result<Response<ListPersonHistoryResponse>, Status> {
        let (caller, message) = open(request, |message| message.context.take())?;
        let mandate = self.mandate(caller)?;
        let id = person_id(&message.person_id).map_err(refused)?;
        let shown = Box::pin(self.0.person_history(&mandate, id)).await.map_err(refused)?;
        let merged_person_ids = merged(&shown);
        Ok(Response::new(ListPersonHistoryResponse {
            person_id: shown.group.answers_as.to_string(),
            merged_person_ids,
            version: shown.version,
            statements: shown.statements.into_iter().map(statement).collect(),
            withheld: shown.withheld,
        }))
    }

    async fn list_person_cases(
        &self,
        request: Request<ListPersonCasesRequest>,
    ) -> Result<Response<ListPersonCasesResponse>, Status> {
        let (caller, message) = open(request, |message| message.context.take())?;
        let mandate = self.mandate(caller)?;
        let id = person_id(&message.person_id).map_err(refused)?;
        let cases = Box::pin(self.0.person_cases(&mandate, id)).await.map_err(refused)?;
        let case = |(file, person): (CaseFile, PersonId)| PersonCase {
            case_id: file.id.to_string(),
            number: file.number,
            case_type: file.case_type,
            person_id: person.to_string(),
        };
        Ok(Response::new(ListPersonCasesResponse { cases: cases.into_iter().map(case).collect() }))
    }
}

/// Who was merged into the person that is read.
fn merged(shown: &ShownPerson) -> Vec<String> {
    let others = shown.group.members.iter().filter(|member| **member != shown.group.answers_as);
    others.map(ToString::to_string).collect()
}

//! The service `straznica.registry.v1.DocumentService`.

use std::str::FromStr;
use std::sync::Arc;

use straznica_contracts::registry::v1 as proto;
use straznica_contracts::registry::v1::document_service_server::DocumentService;
use straznica_contracts::registry::v1::{
    ChangeDocumentRequest, ChangeDocumentResponse, ExtendDocumentRequest, ExtendDocumentResponse, GetDocumentRequest,
    GetDocumentResponse, IssueDocumentRequest, IssueDocumentResponse, ListDocumentsRequest, ListDocumentsResponse,
};
use tonic::{Request, Response, Status};

use super::case_service::case_id;
use super::request::{UUID, open, person_id, refused, required};
use crate::app::{App, NewDocument, ShownDocument};
use crate::domain::blank::BlankNumber;
use crate::domain::document::{DocumentState, DocumentStep, StepRecord};
use crate::domain::{CallerClaims, DocumentId, Mandate, Refusal};

/// Answers the calls. Which peers may make them is decided before, by the table of calls.
#[derive(Clone)]
pub(crate) struct DocumentHandler(pub(crate) Arc<App>);

impl DocumentHandler {
    fn mandate(&self, caller: CallerClaims) -> Result<Mandate, Status> {
        caller.on_cases(&self.0.purposes).map_err(refused)
    }
}

fn document_id(text: &str) -> Result<DocumentId, Status> {
    required(text, "/document_id", UUID, DocumentId::from_str).map_err(refused)
}

#[tonic::async_trait]
impl DocumentService for DocumentHandler {
    async fn issue_document(
        &self,
        request: Request<IssueDocumentRequest>,
    ) -> Result<Response<IssueDocumentResponse>, Status> {
        let (caller, message) = open(request, |message| message.context.take())?;
        let mandate = self.mandate(caller)?;
        let id = case_id(&message.case_id)?;
        let new = NewDocument {
            kind: message.kind,
            person: person_id(&message.person_id).map_err(refused)?,
            office: message.office,
            blank: BlankNumber::parse(&message.blank).map_err(refused)?,
        };
        let issued = Box::pin(self.0.issue_document(&mandate, id, message.expected_version, &new));
        let (document, valid_from, version) = issued.await.map_err(refused)?;
        Ok(Response::new(IssueDocumentResponse {
            document_id: document.id.to_string(),
            valid_from: valid_from.to_string(),
            valid_to: document.valid_to.to_string(),
            version,
        }))
    }

    async fn extend_document(
        &self,
        request: Request<ExtendDocumentRequest>,
    ) -> Result<Response<ExtendDocumentResponse>, Status> {
        let (caller, message) = open(request, |message| message.context.take())?;
        let mandate = self.mandate(caller)?;
        let id = document_id(&message.document_id)?;
        let extended = Box::pin(self.0.extend_document(&mandate, id, message.expected_version));
        let document = extended.await.map_err(refused)?;
        let valid_to = document.valid_to.to_string();
        Ok(Response::new(ExtendDocumentResponse { version: document.version, valid_to }))
    }

    async fn change_document(
        &self,
        request: Request<ChangeDocumentRequest>,
    ) -> Result<Response<ChangeDocumentResponse>, Status> {
        let (caller, message) = open(request, |message| message.context.take())?;
        let mandate = self.mandate(caller)?;
        let id = document_id(&message.document_id)?;
        let change = match message.change() {
            proto::DocumentChange::Lost => DocumentStep::Lost,
            proto::DocumentChange::Found => DocumentStep::Found,
            proto::DocumentChange::Returned => DocumentStep::Returned,
            proto::DocumentChange::Annulled => DocumentStep::Annulled,
            proto::DocumentChange::Destroyed => DocumentStep::Destroyed,
            proto::DocumentChange::Unspecified => return Err(refused(Refusal::Missing { member: "/change" })),
        };
        let changed = self.0.change_document(&mandate, id, message.expected_version, change, &message.reason);
        let document = Box::pin(changed).await.map_err(refused)?;
        let mut answer = ChangeDocumentResponse { version: document.version, ..ChangeDocumentResponse::default() };
        answer.set_state(state(document.state, false));
        Ok(Response::new(answer))
    }

    async fn get_document(
        &self,
        request: Request<GetDocumentRequest>,
    ) -> Result<Response<GetDocumentResponse>, Status> {
        let (caller, message) = open(request, |message| message.context.take())?;
        let mandate = self.mandate(caller)?;
        let id = document_id(&message.document_id)?;
        let shown = Box::pin(self.0.document(&mandate, id)).await.map_err(refused)?;
        Ok(Response::new(GetDocumentResponse { document: Some(answer(shown)) }))
    }

    async fn list_documents(
        &self,
        request: Request<ListDocumentsRequest>,
    ) -> Result<Response<ListDocumentsResponse>, Status> {
        let (caller, message) = open(request, |message| message.context.take())?;
        let mandate = self.mandate(caller)?;
        let id = case_id(&message.case_id)?;
        let shown = Box::pin(self.0.documents(&mandate, id)).await.map_err(refused)?;
        Ok(Response::new(ListDocumentsResponse { documents: shown.into_iter().map(answer).collect() }))
    }
}

fn answer(shown: ShownDocument) -> proto::IssuedDocument {
    let ShownDocument { document, steps, expired } = shown;
    let mut answer = proto::IssuedDocument {
        document_id: document.id.to_string(),
        case_id: document.case.to_string(),
        person_id: document.person.to_string(),
        number: document.number.to_string(),
        valid_to: document.valid_to.to_string(),
        version: document.version,
        kind: document.kind,
        office: document.office,
        steps: steps.into_iter().map(step).collect(),
        ..proto::IssuedDocument::default()
    };
    answer.set_state(state(document.state, expired));
    answer
}

fn step(record: StepRecord) -> proto::DocumentStep {
    proto::DocumentStep {
        step: record.step.as_str().to_owned(),
        at_ms: record.at.millis(),
        by: record.by.to_string(),
        reason: record.reason,
        valid_to: record.valid_to.map(|day| day.to_string()).unwrap_or_default(),
    }
}

const fn state(state: DocumentState, expired: bool) -> proto::DocumentState {
    match state {
        DocumentState::Valid if expired => proto::DocumentState::Expired,
        DocumentState::Valid => proto::DocumentState::Valid,
        DocumentState::Lost => proto::DocumentState::Lost,
        DocumentState::Returned => proto::DocumentState::Returned,
        DocumentState::Annulled => proto::DocumentState::Annulled,
        DocumentState::Destroyed => proto::DocumentState::Destroyed,
    }
}

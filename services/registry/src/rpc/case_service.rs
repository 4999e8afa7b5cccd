//! The service `straznica.registry.v1.CaseService`.

use std::str::FromStr;
use std::sync::Arc;

use straznica_contracts::registry::v1::case_service_server::CaseService;
use straznica_contracts::registry::v1::{
    ApproveDecisionRequest, ApproveDecisionResponse, DraftDecisionRequest, DraftDecisionResponse, GetCaseRequest,
    GetCaseResponse, IssueDecisionRequest, IssueDecisionResponse, ListWorkRequest, ListWorkResponse, OpenCaseRequest,
    OpenCaseResponse, RecordEventRequest, RecordEventResponse, TakeCaseRequest, TakeCaseResponse,
};
use straznica_types::Timestamp;
use tonic::{Request, Response, Status};

use super::case_answer;
use super::request::{UUID, event, open, person_ids, refused, required};
use crate::app::App;
use crate::domain::{CallerClaims, CaseId, DecisionId, Mandate, Refusal};

const DEFAULT_PAGE: u32 = 50;
const LONGEST_PAGE: u32 = 200;

/// Answers the calls. Which peers may make them is decided before, by the table of calls.
#[derive(Clone)]
pub(crate) struct CaseHandler(pub(crate) Arc<App>);

impl CaseHandler {
    fn mandate(&self, caller: CallerClaims) -> Result<Mandate, Status> {
        caller.on_cases(&self.0.purposes).map_err(refused)
    }
}

pub(super) fn case_id(text: &str) -> Result<CaseId, Status> {
    required(text, "/case_id", UUID, CaseId::from_str).map_err(refused)
}

pub(super) fn decision_id(text: &str) -> Result<DecisionId, Status> {
    required(text, "/decision_id", UUID, DecisionId::from_str).map_err(refused)
}

#[tonic::async_trait]
impl CaseService for CaseHandler {
    async fn open_case(&self, request: Request<OpenCaseRequest>) -> Result<Response<OpenCaseResponse>, Status> {
        let (caller, message) = open(request, |message| message.context.take())?;
        let mandate = self.mandate(caller)?;
        let persons = person_ids(&message.person_ids, "/person_ids").map_err(refused)?;
        let event = event(message.event).map_err(refused)?;
        let opened = self.0.open_case(&mandate, &message.case_type, &persons, &event);
        let opened = Box::pin(opened).await.map_err(refused)?;
        Ok(Response::new(OpenCaseResponse {
            case_id: opened.file.id.to_string(),
            number: opened.file.number,
            version: opened.file.version,
            stage: opened.stage,
        }))
    }

    async fn record_event(
        &self,
        request: Request<RecordEventRequest>,
    ) -> Result<Response<RecordEventResponse>, Status> {
        let (caller, message) = open(request, |message| message.context.take())?;
        let mandate = self.mandate(caller)?;
        let id = case_id(&message.case_id)?;
        let joining = person_ids(&message.joining_person_ids, "/joining_person_ids").map_err(refused)?;
        let event = event(message.event).map_err(refused)?;
        let recorded = self.0.record_event(&mandate, id, message.expected_version, &event, &joining);
        let (version, stage) = Box::pin(recorded).await.map_err(refused)?;
        Ok(Response::new(RecordEventResponse { version, stage }))
    }

    async fn get_case(&self, request: Request<GetCaseRequest>) -> Result<Response<GetCaseResponse>, Status> {
        let (caller, message) = open(request, |message| message.context.take())?;
        let mandate = self.mandate(caller)?;
        let id = case_id(&message.case_id)?;
        let at = message.at_ms.map(Timestamp::from_millis);
        let shown = Box::pin(self.0.case(&mandate, id, at)).await.map_err(refused)?;
        Ok(Response::new(case_answer::case(shown)))
    }

    async fn list_work(&self, request: Request<ListWorkRequest>) -> Result<Response<ListWorkResponse>, Status> {
        let (caller, message) = open(request, |message| message.context.take())?;
        let mandate = self.mandate(caller)?;
        let limit = match message.limit {
            0 => DEFAULT_PAGE,
            limit @ 1..=LONGEST_PAGE => limit,
            _ => return Err(refused(Refusal::Invalid { member: "/limit", expected: "0 to 200" })),
        };
        let case_type = Some(message.case_type.as_str()).filter(|case_type| !case_type.is_empty());
        let items = Box::pin(self.0.list_work(&mandate, case_type, limit.into())).await.map_err(refused)?;
        Ok(Response::new(ListWorkResponse { items: items.into_iter().map(case_answer::work_item).collect() }))
    }

    async fn take_case(&self, request: Request<TakeCaseRequest>) -> Result<Response<TakeCaseResponse>, Status> {
        let (caller, message) = open(request, |message| message.context.take())?;
        let mandate = self.mandate(caller)?;
        let id = case_id(&message.case_id)?;
        let taken = self.0.take_case(&mandate, id, message.expected_version, &message.reason);
        let (version, out_of_order) = Box::pin(taken).await.map_err(refused)?;
        Ok(Response::new(TakeCaseResponse { version, out_of_order }))
    }

    async fn draft_decision(
        &self,
        request: Request<DraftDecisionRequest>,
    ) -> Result<Response<DraftDecisionResponse>, Status> {
        let (caller, message) = open(request, |message| message.context.take())?;
        let mandate = self.mandate(caller)?;
        let id = case_id(&message.case_id)?;
        let drafted = self.0.draft_decision(&mandate, id, message.expected_version, &message.decision);
        let (version, decision) = Box::pin(drafted).await.map_err(refused)?;
        Ok(Response::new(DraftDecisionResponse { version, decision_id: decision.to_string() }))
    }

    async fn approve_decision(
        &self,
        request: Request<ApproveDecisionRequest>,
    ) -> Result<Response<ApproveDecisionResponse>, Status> {
        let (caller, message) = open(request, |message| message.context.take())?;
        let mandate = self.mandate(caller)?;
        let (id, decision) = (case_id(&message.case_id)?, decision_id(&message.decision_id)?);
        let approved = self.0.approve_decision(&mandate, id, message.expected_version, decision);
        let version = Box::pin(approved).await.map_err(refused)?;
        Ok(Response::new(ApproveDecisionResponse { version }))
    }

    async fn issue_decision(
        &self,
        request: Request<IssueDecisionRequest>,
    ) -> Result<Response<IssueDecisionResponse>, Status> {
        let (caller, message) = open(request, |message| message.context.take())?;
        let mandate = self.mandate(caller)?;
        let (id, decision) = (case_id(&message.case_id)?, decision_id(&message.decision_id)?);
        let issued = self.0.issue_decision(&mandate, id, message.expected_version, decision);
        let (version, stage) = Box::pin(issued).await.map_err(refused)?;
        Ok(Response::new(IssueDecisionResponse { version, stage }))
    }
}

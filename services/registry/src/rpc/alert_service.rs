//! The service `straznica.registry.v1.AlertService`.

use std::str::FromStr;
use std::sync::Arc;

use straznica_contracts::registry::v1::alert_service_server::AlertService;
use straznica_contracts::registry::v1::{
    AlertResolutionVerdict, CheckAtBorderRequest, CheckAtBorderResponse, CheckDocumentRequest, CheckDocumentResponse,
    CheckPersonRequest, CheckPersonResponse, DecideAlertResolutionRequest, DecideAlertResolutionResponse,
    IssuingStateAnswer, ListAlertChecksRequest, ListAlertChecksResponse, ListOpenAlertsRequest, ListOpenAlertsResponse,
    ProposeAlertResolutionRequest, ProposeAlertResolutionResponse, RecordAlertConsultationAnswerRequest,
    RecordAlertConsultationAnswerResponse, RecordAlertConsultationRequest, RecordAlertConsultationResponse,
};
use straznica_types::Timestamp;
use tonic::{Request, Response, Status};

use super::alert_answer;
use super::alert_request::border_question;
use super::request::{UUID, open, optional, person_id, refused, required};
use crate::app::{App, IssuerReply};
use crate::domain::alerts::Verdict;
use crate::domain::{
    AlertConsultationId, AlertFindingId, AlertResolutionId, CallerClaims, CaseId, Mandate, PersonId, Refusal,
    StatementId,
};

const DEFAULT_PAGE: u32 = 50;
const LONGEST_PAGE: u32 = 200;

/// Answers the calls. Which peers may make them is decided before, by the table of calls.
#[derive(Clone)]
pub(crate) struct AlertHandler(pub(crate) Arc<App>);

impl AlertHandler {
    /// For a case, under its number; otherwise under the number the caller names.
    fn mandate(&self, caller: CallerClaims, case: Option<CaseId>) -> Result<Mandate, Status> {
        let purposes = &self.0.purposes;
        if case.is_some() { caller.on_cases(purposes) } else { caller.on_persons(purposes) }.map_err(refused)
    }
}

fn page(limit: u32) -> Result<u32, Refusal> {
    match limit {
        0 => Ok(DEFAULT_PAGE),
        limit @ 1..=LONGEST_PAGE => Ok(limit),
        _ => Err(Refusal::Invalid { member: "/limit", expected: "0 to 200" }),
    }
}

fn case_id(text: &str) -> Result<Option<CaseId>, Status> {
    optional(text, "/case_id", UUID, CaseId::from_str).map_err(refused)
}

#[tonic::async_trait]
impl AlertService for AlertHandler {
    async fn check_person(
        &self,
        request: Request<CheckPersonRequest>,
    ) -> Result<Response<CheckPersonResponse>, Status> {
        let (caller, message) = open(request, |message| message.context.take())?;
        let case = case_id(&message.case_id)?;
        let mandate = self.mandate(caller, case)?;
        let person = person_id(&message.person_id).map_err(refused)?;
        let shown = Box::pin(self.0.check_person(&mandate, person, case)).await.map_err(refused)?;
        Ok(Response::new(CheckPersonResponse { check: Some(alert_answer::check(shown)) }))
    }

    async fn check_document(
        &self,
        request: Request<CheckDocumentRequest>,
    ) -> Result<Response<CheckDocumentResponse>, Status> {
        let (caller, message) = open(request, |message| message.context.take())?;
        let case = case_id(&message.case_id)?;
        let mandate = self.mandate(caller, case)?;
        let person = person_id(&message.person_id).map_err(refused)?;
        let statement =
            required(&message.statement_id, "/statement_id", UUID, StatementId::from_str).map_err(refused)?;
        let shown = Box::pin(self.0.check_document(&mandate, person, statement, case)).await.map_err(refused)?;
        Ok(Response::new(CheckDocumentResponse { check: Some(alert_answer::check(shown)) }))
    }

    async fn check_at_border(
        &self,
        request: Request<CheckAtBorderRequest>,
    ) -> Result<Response<CheckAtBorderResponse>, Status> {
        let (caller, message) = open(request, |message| message.context.take())?;
        let mandate = caller.on_cases(&self.0.alerts.border_purposes).map_err(refused)?;
        let question = border_question(message.holder, message.document).map_err(refused)?;
        let shown = Box::pin(self.0.check_at_border(&mandate, question)).await.map_err(refused)?;
        Ok(Response::new(alert_answer::border(shown)))
    }

    async fn list_alert_checks(
        &self,
        request: Request<ListAlertChecksRequest>,
    ) -> Result<Response<ListAlertChecksResponse>, Status> {
        let (caller, message) = open(request, |message| message.context.take())?;
        let case = case_id(&message.case_id)?;
        let mandate = self.mandate(caller, case)?;
        let person = optional(&message.person_id, "/person_id", UUID, PersonId::from_str).map_err(refused)?;
        let limit = page(message.limit).map_err(refused)?;
        let shown = Box::pin(self.0.alert_checks(&mandate, person, case, limit.into())).await.map_err(refused)?;
        Ok(Response::new(alert_answer::checks(shown)))
    }

    async fn list_open_alerts(
        &self,
        request: Request<ListOpenAlertsRequest>,
    ) -> Result<Response<ListOpenAlertsResponse>, Status> {
        let (caller, message) = open(request, |message| message.context.take())?;
        let mandate = caller.on_cases(&self.0.purposes).map_err(refused)?;
        let limit = page(message.limit).map_err(refused)?;
        let alerts = Box::pin(self.0.open_alerts(&mandate, limit as usize)).await.map_err(refused)?;
        let alerts = alerts.into_iter().map(alert_answer::open).collect();
        Ok(Response::new(ListOpenAlertsResponse { alerts }))
    }

    async fn propose_alert_resolution(
        &self,
        request: Request<ProposeAlertResolutionRequest>,
    ) -> Result<Response<ProposeAlertResolutionResponse>, Status> {
        let (caller, message) = open(request, |message| message.context.take())?;
        let mandate = self.mandate(caller, None)?;
        let finding = required(&message.finding_id, "/finding_id", UUID, AlertFindingId::from_str).map_err(refused)?;
        let verdict = match message.verdict() {
            AlertResolutionVerdict::SamePerson => Verdict::SamePerson,
            AlertResolutionVerdict::NotThePerson => Verdict::NotThePerson,
            AlertResolutionVerdict::Unspecified => return Err(refused(Refusal::Missing { member: "/verdict" })),
        };
        let proposed = self.0.propose_resolution(&mandate, finding, verdict, &message.grounds);
        let id = Box::pin(proposed).await.map_err(refused)?;
        Ok(Response::new(ProposeAlertResolutionResponse { resolution_id: id.to_string() }))
    }

    async fn decide_alert_resolution(
        &self,
        request: Request<DecideAlertResolutionRequest>,
    ) -> Result<Response<DecideAlertResolutionResponse>, Status> {
        let (caller, message) = open(request, |message| message.context.take())?;
        let mandate = self.mandate(caller, None)?;
        let id =
            required(&message.resolution_id, "/resolution_id", UUID, AlertResolutionId::from_str).map_err(refused)?;
        let decided = self.0.decide_resolution(&mandate, id, message.agree, &message.grounds);
        let state = Box::pin(decided).await.map_err(refused)?;
        let mut answer = DecideAlertResolutionResponse::default();
        answer.set_state(alert_answer::resolution_state(state));
        Ok(Response::new(answer))
    }

    async fn record_alert_consultation(
        &self,
        request: Request<RecordAlertConsultationRequest>,
    ) -> Result<Response<RecordAlertConsultationResponse>, Status> {
        let (caller, message) = open(request, |message| message.context.take())?;
        let case = required(&message.case_id, "/case_id", UUID, CaseId::from_str).map_err(refused)?;
        let mandate = self.mandate(caller, Some(case))?;
        let finding = required(&message.finding_id, "/finding_id", UUID, AlertFindingId::from_str).map_err(refused)?;
        let asked_at = Timestamp::from_millis(message.asked_at_ms);
        let recorded = self.0.record_alert_consultation(&mandate, case, finding, asked_at);
        let shown = Box::pin(recorded).await.map_err(refused)?;
        Ok(Response::new(RecordAlertConsultationResponse { consultation: Some(alert_answer::consultation(shown)) }))
    }

    async fn record_alert_consultation_answer(
        &self,
        request: Request<RecordAlertConsultationAnswerRequest>,
    ) -> Result<Response<RecordAlertConsultationAnswerResponse>, Status> {
        let (caller, message) = open(request, |message| message.context.take())?;
        let mandate = caller.on_cases(&self.0.purposes).map_err(refused)?;
        let id = required(&message.consultation_id, "/consultation_id", UUID, AlertConsultationId::from_str)
            .map_err(refused)?;
        let objects = match message.answer() {
            IssuingStateAnswer::NoObjection => false,
            IssuingStateAnswer::Objection => true,
            _ => return Err(refused(Refusal::Invalid { member: "/answer", expected: "no objection or objection" })),
        };
        let at = Timestamp::from_millis(message.answered_at_ms);
        let answer = IssuerReply { objects, at, note: message.note.trim().to_owned() };
        let recorded = self.0.record_alert_consultation_answer(&mandate, id, answer);
        let shown = Box::pin(recorded).await.map_err(refused)?;
        let consultation = Some(alert_answer::consultation(shown));
        Ok(Response::new(RecordAlertConsultationAnswerResponse { consultation }))
    }
}

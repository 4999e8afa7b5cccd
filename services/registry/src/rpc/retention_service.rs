//! The service `straznica.registry.v1.RetentionService`.

use std::str::FromStr;
use std::sync::Arc;

use straznica_contracts::registry::v1 as proto;
use straznica_contracts::registry::v1::retention_service_server::RetentionService;
use straznica_contracts::registry::v1::{
    ApproveErasureRequest, ApproveErasureResponse, GetErasureRequest, GetErasureResponse, LiftHoldRequest,
    LiftHoldResponse, ListErasuresRequest, ListErasuresResponse, ListHoldsRequest, ListHoldsResponse,
    ListRetentionRulesRequest, ListRetentionRulesResponse, PlaceHoldRequest, PlaceHoldResponse, PreviewErasureRequest,
    PreviewErasureResponse, ProposeErasureRequest, ProposeErasureResponse,
};
use straznica_types::Timestamp;
use tonic::{Request, Response, Status};

use super::case_answer;
use super::case_service::case_id;
use super::request::{UUID, open, refused, required};
use crate::app::App;
use crate::domain::retention::{Erasable, Erasure, ErasureItem, ErasureState, Hold, RetentionRule};
use crate::domain::rules::Term;
use crate::domain::{CallerClaims, ErasureId, HoldId, Mandate};

/// Answers the calls. Which peers may make them is decided before, by the table of calls.
#[derive(Clone)]
pub(crate) struct RetentionHandler(pub(crate) Arc<App>);

impl RetentionHandler {
    fn mandate(&self, caller: CallerClaims) -> Result<Mandate, Status> {
        caller.on_cases(&self.0.purposes).map_err(refused)
    }
}

fn erasure_id(text: &str) -> Result<ErasureId, Status> {
    required(text, "/erasure_id", UUID, ErasureId::from_str).map_err(refused)
}

#[tonic::async_trait]
impl RetentionService for RetentionHandler {
    async fn list_retention_rules(
        &self,
        request: Request<ListRetentionRulesRequest>,
    ) -> Result<Response<ListRetentionRulesResponse>, Status> {
        let (caller, _) = open(request, |message| message.context.take())?;
        self.mandate(caller)?;
        let rules = self.0.retention_rules().iter().map(rule).collect();
        Ok(Response::new(ListRetentionRulesResponse { rules }))
    }

    async fn preview_erasure(
        &self,
        request: Request<PreviewErasureRequest>,
    ) -> Result<Response<PreviewErasureResponse>, Status> {
        let (caller, message) = open(request, |message| message.context.take())?;
        let mandate = self.mandate(caller)?;
        let preview = Box::pin(self.0.preview_erasure(&mandate, &message.rule)).await.map_err(refused)?;
        Ok(Response::new(PreviewErasureResponse {
            due: preview.due.into_iter().map(item).collect(),
            more: preview.more,
            held: preview.held.into_iter().map(item).collect(),
        }))
    }

    async fn propose_erasure(
        &self,
        request: Request<ProposeErasureRequest>,
    ) -> Result<Response<ProposeErasureResponse>, Status> {
        let (caller, message) = open(request, |message| message.context.take())?;
        let mandate = self.mandate(caller)?;
        let (id, cases) = Box::pin(self.0.propose_erasure(&mandate, &message.rule)).await.map_err(refused)?;
        let cases = u32::try_from(cases).unwrap_or(u32::MAX);
        Ok(Response::new(ProposeErasureResponse { erasure_id: id.to_string(), cases }))
    }

    async fn approve_erasure(
        &self,
        request: Request<ApproveErasureRequest>,
    ) -> Result<Response<ApproveErasureResponse>, Status> {
        let (caller, message) = open(request, |message| message.context.take())?;
        let mandate = self.mandate(caller)?;
        let id = erasure_id(&message.erasure_id)?;
        Box::pin(self.0.approve_erasure(&mandate, id)).await.map_err(refused)?;
        Ok(Response::new(ApproveErasureResponse {}))
    }

    async fn list_erasures(
        &self,
        request: Request<ListErasuresRequest>,
    ) -> Result<Response<ListErasuresResponse>, Status> {
        let (caller, _) = open(request, |message| message.context.take())?;
        let mandate = self.mandate(caller)?;
        let erasures = Box::pin(self.0.erasures(&mandate)).await.map_err(refused)?;
        Ok(Response::new(ListErasuresResponse { erasures: erasures.into_iter().map(listed).collect() }))
    }

    async fn get_erasure(&self, request: Request<GetErasureRequest>) -> Result<Response<GetErasureResponse>, Status> {
        let (caller, message) = open(request, |message| message.context.take())?;
        let mandate = self.mandate(caller)?;
        let id = erasure_id(&message.erasure_id)?;
        let (erasure, items) = Box::pin(self.0.erasure(&mandate, id)).await.map_err(refused)?;
        let approved_by = erasure.approved.as_ref().map(|(officer, _)| officer.to_string());
        Ok(Response::new(GetErasureResponse {
            proposed_by: erasure.proposed_by.to_string(),
            proposed_at_ms: erasure.proposed_at.millis(),
            approved_by: approved_by.unwrap_or_default(),
            approved_at_ms: erasure.approved.map(|(_, at)| at.millis()),
            rule: erasure.rule,
            items: items.into_iter().map(item).collect(),
            persons_erased: u32::try_from(erasure.persons_erased).unwrap_or(u32::MAX),
            entries_erased: u32::try_from(erasure.entries_erased).unwrap_or(u32::MAX),
        }))
    }

    async fn place_hold(&self, request: Request<PlaceHoldRequest>) -> Result<Response<PlaceHoldResponse>, Status> {
        let (caller, message) = open(request, |message| message.context.take())?;
        let mandate = self.mandate(caller)?;
        let case = case_id(&message.case_id)?;
        let id = Box::pin(self.0.place_hold(&mandate, case, &message.reason)).await.map_err(refused)?;
        Ok(Response::new(PlaceHoldResponse { hold_id: id.to_string() }))
    }

    async fn lift_hold(&self, request: Request<LiftHoldRequest>) -> Result<Response<LiftHoldResponse>, Status> {
        let (caller, message) = open(request, |message| message.context.take())?;
        let mandate = self.mandate(caller)?;
        let id = required(&message.hold_id, "/hold_id", UUID, HoldId::from_str).map_err(refused)?;
        Box::pin(self.0.lift_hold(&mandate, id, &message.reason)).await.map_err(refused)?;
        Ok(Response::new(LiftHoldResponse {}))
    }

    async fn list_holds(&self, request: Request<ListHoldsRequest>) -> Result<Response<ListHoldsResponse>, Status> {
        let (caller, message) = open(request, |message| message.context.take())?;
        let mandate = self.mandate(caller)?;
        let case = case_id(&message.case_id)?;
        let holds = Box::pin(self.0.holds(&mandate, case)).await.map_err(refused)?;
        Ok(Response::new(ListHoldsResponse { holds: holds.into_iter().map(hold).collect() }))
    }
}

fn rule(rule: &RetentionRule) -> proto::RetentionRule {
    let (count, unit) = match rule.keep {
        Term::Hours(count) => (count, "hours"),
        Term::Days(count) => (count, "days"),
        Term::WorkingDays(count) => (count, "working_days"),
        Term::Weeks(count) => (count, "weeks"),
        Term::Months(count) => (count, "months"),
    };
    proto::RetentionRule {
        rule: rule.id.clone(),
        title: Some(case_answer::text(&rule.title)),
        says: Some(case_answer::text(&rule.says)),
        case_types: rule.case_types.clone(),
        keep: count.get().into(),
        unit: unit.to_owned(),
        basis: Some(case_answer::basis(&rule.basis)),
    }
}

fn listed(erasure: Erasure) -> proto::Erasure {
    let (approved_by, approved_at) = erasure.approved.unzip();
    proto::Erasure {
        erasure_id: erasure.id.to_string(),
        proposed_by: erasure.proposed_by.to_string(),
        proposed_at_ms: erasure.proposed_at.millis(),
        approved_by: approved_by.map(|officer| officer.to_string()).unwrap_or_default(),
        approved_at_ms: approved_at.map(Timestamp::millis),
        rule: erasure.rule,
    }
}

fn item(item: ErasureItem) -> proto::ErasureItem {
    let mut answer = proto::ErasureItem {
        case_number: item.number,
        closed_on: item.closed_on.to_string(),
        kept_to: item.kept_to.to_string(),
        ..proto::ErasureItem::default()
    };
    // A consultation is known by its number: it is no case.
    if let Erasable::Case(case) = item.of {
        answer.case_id = case.to_string();
    }
    answer.set_state(match item.state {
        ErasureState::Waiting => proto::ErasureState::Waiting,
        ErasureState::Erased => proto::ErasureState::Erased,
        ErasureState::Kept => proto::ErasureState::Kept,
    });
    answer
}

fn hold(hold: Hold) -> proto::Hold {
    let lifted_at = hold.lifted.as_ref().map(|(_, at, _)| *at);
    let (lifted_by, lifting_reason) = hold.lifted.map(|(by, _, reason)| (by.to_string(), reason)).unwrap_or_default();
    proto::Hold {
        hold_id: hold.id.to_string(),
        reason: hold.reason,
        placed_by: hold.placed_by.to_string(),
        placed_at_ms: hold.placed_at.millis(),
        lifted_by,
        lifted_at_ms: lifted_at.map(Timestamp::millis),
        lifting_reason,
    }
}

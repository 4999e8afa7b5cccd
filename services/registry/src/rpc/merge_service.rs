//! The service `straznica.registry.v1.MergeService`.

use std::str::FromStr;
use std::sync::Arc;

use straznica_contracts::registry::v1 as proto;
use straznica_contracts::registry::v1::merge_service_server::MergeService;
use straznica_contracts::registry::v1::{
    ConfirmProposalRequest, ConfirmProposalResponse, DismissDuplicateRequest, DismissDuplicateResponse, Duplicate,
    ListDuplicatesRequest, ListDuplicatesResponse, ListMergesRequest, ListMergesResponse, MergeStep, MergeStepTaken,
    ProposeMergeRequest, ProposeMergeResponse, ProposeSplitRequest, ProposeSplitResponse, RejectProposalRequest,
    RejectProposalResponse,
};
use tonic::{Request, Response, Status};

use super::request::{UUID, open, optional, person_id, refused, required};
use super::search_service::person;
use crate::app::{App, Likely, Seen};
use crate::domain::merge::{Merge, Step, Taken};
use crate::domain::{CallerClaims, Mandate, MergeId, PersonId, Refusal};

/// Merges that are listed where the call names no number, and at most; likewise pairs.
const USUAL_MERGES: u32 = 50;
const MOST_MERGES: u32 = 200;
const USUAL_PAIRS: u32 = 20;
const MOST_PAIRS: u32 = 50;

/// Answers the calls. Which peers may make them is decided before, by the table of calls.
#[derive(Clone)]
pub(crate) struct MergeHandler(pub(crate) Arc<App>);

impl MergeHandler {
    fn mandate(&self, caller: CallerClaims) -> Result<Mandate, Status> {
        caller.on_persons(&self.0.purposes).map_err(refused)
    }
}

#[tonic::async_trait]
impl MergeService for MergeHandler {
    async fn propose_merge(
        &self,
        request: Request<ProposeMergeRequest>,
    ) -> Result<Response<ProposeMergeResponse>, Status> {
        let (caller, message) = open(request, |message| message.context.take())?;
        let mandate = self.mandate(caller)?;
        let person = person_id(&message.person_id).map_err(refused)?;
        let merged = named(&message.merged_person_id, "/merged_person_id").map_err(refused)?;
        let seen = Seen { person: message.expected_version, merged: message.expected_merged_version };
        let proposed = self.0.propose_merge(&mandate, person, merged, seen, &message.reason);
        let id = Box::pin(proposed).await.map_err(refused)?;
        Ok(Response::new(ProposeMergeResponse { merge_id: id.to_string() }))
    }

    async fn propose_split(
        &self,
        request: Request<ProposeSplitRequest>,
    ) -> Result<Response<ProposeSplitResponse>, Status> {
        let (caller, message) = open(request, |message| message.context.take())?;
        let mandate = self.mandate(caller)?;
        let id = merge_id(&message.merge_id).map_err(refused)?;
        Box::pin(self.0.propose_split(&mandate, id, &message.reason)).await.map_err(refused)?;
        Ok(Response::new(ProposeSplitResponse {}))
    }

    async fn confirm_proposal(
        &self,
        request: Request<ConfirmProposalRequest>,
    ) -> Result<Response<ConfirmProposalResponse>, Status> {
        let (caller, message) = open(request, |message| message.context.take())?;
        let mandate = self.mandate(caller)?;
        let id = merge_id(&message.merge_id).map_err(refused)?;
        let seen = Seen { person: message.expected_version, merged: message.expected_merged_version };
        let version = Box::pin(self.0.confirm_proposal(&mandate, id, seen)).await.map_err(refused)?;
        Ok(Response::new(ConfirmProposalResponse { version }))
    }

    async fn reject_proposal(
        &self,
        request: Request<RejectProposalRequest>,
    ) -> Result<Response<RejectProposalResponse>, Status> {
        let (caller, message) = open(request, |message| message.context.take())?;
        let mandate = self.mandate(caller)?;
        let id = merge_id(&message.merge_id).map_err(refused)?;
        Box::pin(self.0.reject_proposal(&mandate, id, &message.reason)).await.map_err(refused)?;
        Ok(Response::new(RejectProposalResponse {}))
    }

    async fn list_merges(&self, request: Request<ListMergesRequest>) -> Result<Response<ListMergesResponse>, Status> {
        let (caller, message) = open(request, |message| message.context.take())?;
        let mandate = self.mandate(caller)?;
        let person = optional(&message.person_id, "/person_id", UUID, PersonId::from_str).map_err(refused)?;
        let limit = limit(message.limit, USUAL_MERGES, MOST_MERGES);
        let merges = Box::pin(self.0.list_merges(&mandate, person, limit)).await.map_err(refused)?;
        Ok(Response::new(ListMergesResponse { merges: merges.into_iter().map(merge).collect() }))
    }

    async fn list_duplicates(
        &self,
        request: Request<ListDuplicatesRequest>,
    ) -> Result<Response<ListDuplicatesResponse>, Status> {
        let (caller, message) = open(request, |message| message.context.take())?;
        let mandate = self.mandate(caller)?;
        let limit = limit(message.limit, USUAL_PAIRS, MOST_PAIRS);
        let likely = Box::pin(self.0.duplicates(&mandate, limit)).await.map_err(refused)?;
        Ok(Response::new(ListDuplicatesResponse { duplicates: likely.into_iter().map(duplicate).collect() }))
    }

    async fn dismiss_duplicate(
        &self,
        request: Request<DismissDuplicateRequest>,
    ) -> Result<Response<DismissDuplicateResponse>, Status> {
        let (caller, message) = open(request, |message| message.context.take())?;
        let mandate = self.mandate(caller)?;
        let one = person_id(&message.person_id).map_err(refused)?;
        let other = named(&message.other_person_id, "/other_person_id").map_err(refused)?;
        Box::pin(self.0.dismiss_duplicate(&mandate, one, other, &message.reason)).await.map_err(refused)?;
        Ok(Response::new(DismissDuplicateResponse {}))
    }
}

fn merge_id(text: &str) -> Result<MergeId, Refusal> {
    required(text, "/merge_id", UUID, MergeId::from_str)
}

fn named(text: &str, member: &'static str) -> Result<PersonId, Refusal> {
    required(text, member, UUID, PersonId::from_str)
}

fn limit(asked: u32, usual: u32, most: u32) -> u64 {
    u64::from(if asked == 0 { usual } else { asked.min(most) })
}

fn merge(merge: Merge) -> proto::Merge {
    proto::Merge {
        merge_id: merge.id.to_string(),
        person_id: merge.person.to_string(),
        merged_person_id: merge.merged.to_string(),
        steps: merge.steps.into_iter().map(step).collect(),
    }
}

fn step(taken: Taken) -> MergeStepTaken {
    let step = match taken.step {
        Step::Proposed => MergeStep::Proposed,
        Step::Confirmed => MergeStep::Confirmed,
        Step::Rejected => MergeStep::Rejected,
        Step::SplitProposed => MergeStep::SplitProposed,
        Step::SplitConfirmed => MergeStep::SplitConfirmed,
        Step::SplitRejected => MergeStep::SplitRejected,
    };
    MergeStepTaken { step: step.into(), at_ms: taken.at.millis(), officer: taken.by.to_string(), reason: taken.reason }
}

fn duplicate(likely: Likely) -> Duplicate {
    Duplicate {
        person_id: likely.person.to_string(),
        other: Some(person(likely.other)),
        found_at_ms: likely.found_at.millis(),
    }
}

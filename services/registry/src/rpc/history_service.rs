//! The service `straznica.registry.v1.HistoryService`.

use std::sync::Arc;

use straznica_contracts::registry::v1::history_service_server::HistoryService;
use straznica_contracts::registry::v1::list_history_request::Whose as ProtoWhose;
use straznica_contracts::registry::v1::{HistoryEntry, ListHistoryRequest, ListHistoryResponse};
use straznica_journal::FoundEntry;
use tonic::{Request, Response, Status};

use super::case_service::case_id;
use super::request::{open, person_id, refused};
use crate::app::{App, Whose};
use crate::domain::Refusal;

const DEFAULT_PAGE: u32 = 50;
const LONGEST_PAGE: u32 = 200;

/// Answers the calls. Which peers may make them is decided before, by the table of calls.
#[derive(Clone)]
pub(crate) struct HistoryHandler(pub(crate) Arc<App>);

#[tonic::async_trait]
impl HistoryService for HistoryHandler {
    async fn list_history(
        &self,
        request: Request<ListHistoryRequest>,
    ) -> Result<Response<ListHistoryResponse>, Status> {
        let (caller, message) = open(request, |message| message.context.take())?;
        let mandate = caller.on_cases(&self.0.purposes).map_err(refused)?;
        let whose = match &message.whose {
            Some(ProtoWhose::PersonId(id)) => Whose::Person(person_id(id).map_err(refused)?),
            Some(ProtoWhose::CaseId(id)) => Whose::Case(case_id(id)?),
            None => return Err(refused(Refusal::Missing { member: "/person_id" })),
        };
        let limit = match message.limit {
            0 => DEFAULT_PAGE,
            limit @ 1..=LONGEST_PAGE => limit,
            _ => return Err(refused(Refusal::Invalid { member: "/limit", expected: "0 to 200" })),
        };
        let found = Box::pin(self.0.history(&mandate, whose, message.before, limit.into())).await.map_err(refused)?;
        Ok(Response::new(ListHistoryResponse { entries: found.into_iter().map(entry).collect() }))
    }
}

fn entry(found: FoundEntry) -> HistoryEntry {
    HistoryEntry {
        position: found.leaf_index,
        at_ms: found.at.millis(),
        kind: found.kind,
        officer: found.context.officer,
        actor: found.context.actor,
        terminal: found.context.terminal,
        purpose: found.context.purpose,
        case_number: found.context.case_number,
        legal_basis: found.legal_basis,
    }
}

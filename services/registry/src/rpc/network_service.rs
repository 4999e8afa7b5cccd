//! The service `straznica.registry.v1.ConsultationNetworkService`.

use std::sync::Arc;

use straznica_contracts::registry::v1::consultation_network_service_server::ConsultationNetworkService;
use straznica_contracts::registry::v1::{
    ForeignNotice, GetNetworkReportRequest, GetNetworkReportResponse, ListNoticesRequest, ListNoticesResponse,
    ResendFormRequest, ResendFormResponse, SendNoticeRequest, SendNoticeResponse, StrayMessage, UnmatchedForm,
    WaitingForm,
};
use tonic::{Request, Response, Status};

use super::consultation_service::page;
use super::request::{open, refused};
use crate::app::{App, NetworkReport, ShownNotice};
use crate::domain::file::NO_DUE;
use crate::domain::{CallerClaims, Mandate};

/// Answers the calls. Which peers may make them is decided before, by the table of calls.
#[derive(Clone)]
pub(crate) struct NetworkHandler(pub(crate) Arc<App>);

impl NetworkHandler {
    fn mandate(&self, caller: CallerClaims) -> Result<Mandate, Status> {
        caller.on_cases(&self.0.purposes).map_err(refused)
    }
}

#[tonic::async_trait]
impl ConsultationNetworkService for NetworkHandler {
    async fn get_network_report(
        &self,
        request: Request<GetNetworkReportRequest>,
    ) -> Result<Response<GetNetworkReportResponse>, Status> {
        let (caller, _) = open(request, |message| message.context.take())?;
        let mandate = self.mandate(caller)?;
        let report = Box::pin(self.0.network_report(&mandate)).await.map_err(refused)?;
        Ok(Response::new(answer(report)))
    }

    async fn resend_form(&self, request: Request<ResendFormRequest>) -> Result<Response<ResendFormResponse>, Status> {
        let (caller, message) = open(request, |message| message.context.take())?;
        let mandate = self.mandate(caller)?;
        Box::pin(self.0.resend_form(&mandate, &message.unifier)).await.map_err(refused)?;
        Ok(Response::new(ResendFormResponse {}))
    }

    async fn send_notice(&self, request: Request<SendNoticeRequest>) -> Result<Response<SendNoticeResponse>, Status> {
        let (caller, message) = open(request, |message| message.context.take())?;
        let mandate = self.mandate(caller)?;
        let sent = self.0.send_notice(&mandate, &message.state, &message.letter, &message.file_number, &message.text);
        let unifier = Box::pin(sent).await.map_err(refused)?;
        Ok(Response::new(SendNoticeResponse { unifier: unifier.to_string() }))
    }

    async fn list_notices(
        &self,
        request: Request<ListNoticesRequest>,
    ) -> Result<Response<ListNoticesResponse>, Status> {
        let (caller, message) = open(request, |message| message.context.take())?;
        let mandate = self.mandate(caller)?;
        let notices = self.0.notices(&mandate, page(message.limit)?);
        let notices = Box::pin(notices).await.map_err(refused)?;
        Ok(Response::new(ListNoticesResponse { notices: notices.into_iter().map(notice).collect() }))
    }
}

fn answer(report: NetworkReport) -> GetNetworkReportResponse {
    let unmatched = report.unmatched.into_iter().map(|row| UnmatchedForm {
        unifier: row.unifier,
        state: row.state,
        letter: row.letter,
        reference: row.reference,
        made_at_ms: row.made_at,
        attempts: u32::try_from(row.attempts).unwrap_or(u32::MAX),
        next_attempt_at_ms: Some(row.next_attempt_at).filter(|at| *at != NO_DUE.millis()),
        overdue: row.overdue,
    });
    let waiting = report.waiting.into_iter().map(|row| WaitingForm {
        unifier: row.unifier,
        state: row.state,
        letter: row.letter,
        reference: row.reference,
        received_at_ms: row.received_at,
    });
    let strays = report.strays.into_iter().map(|row| StrayMessage {
        state: row.state,
        kind: row.kind,
        what: row.what,
        at_ms: row.at,
    });
    GetNetworkReportResponse {
        sent: report.counted.sent,
        notified: report.counted.notified,
        received: report.counted.received,
        copies: report.counted.copies,
        conflicts: report.counted.conflicts,
        unmatched: unmatched.collect(),
        waiting: waiting.collect(),
        strays: strays.collect(),
    }
}

fn notice(shown: ShownNotice) -> ForeignNotice {
    ForeignNotice {
        unifier: shown.row.unifier,
        state: shown.row.state,
        letter: shown.row.letter,
        file_number: shown.row.reference,
        text: shown.text,
        received_at_ms: shown.row.received_at,
    }
}

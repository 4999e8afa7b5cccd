//! The service `straznica.registry.v1.ConsultationService`.

use std::str::FromStr;
use std::sync::Arc;

use straznica_contracts::registry::v1::consultation_service_server::ConsultationService;
use straznica_contracts::registry::v1::{
    AskFurtherRequest, AskFurtherResponse, GetConsultationRequest, GetConsultationResponse, ListConsultationsRequest,
    ListConsultationsResponse, OpenConsultationRequest, OpenConsultationResponse, ProlongAnswerRequest,
    ProlongAnswerResponse, RecordAnswerRequest, RecordAnswerResponse, RecordConsulToldRequest,
    RecordConsulToldResponse, RecordForeignDeliveryRequest, RecordForeignDeliveryResponse, RecordForeignReplyRequest,
    RecordForeignReplyResponse, WithdrawConsultationRequest, WithdrawConsultationResponse,
};
use straznica_types::Timestamp;
use tonic::{Request, Response, Status};

use super::request::{UUID, open, optional, refused};
use super::{consultation_answer as answer, consultation_request as asked};
use crate::app::{App, Letter};
use crate::domain::{CallerClaims, CaseId, Mandate, Refusal};

const DEFAULT_PAGE: u32 = 50;
const LONGEST_PAGE: u32 = 200;

/// Answers the calls. Which peers may make them is decided before, by the table of calls.
#[derive(Clone)]
pub(crate) struct ConsultationHandler(pub(crate) Arc<App>);

impl ConsultationHandler {
    fn mandate(&self, caller: CallerClaims) -> Result<Mandate, Status> {
        caller.on_cases(&self.0.purposes).map_err(refused)
    }
}

/// How many are wanted.
pub(super) fn page(limit: u32) -> Result<u64, Status> {
    match limit {
        0 => Ok(DEFAULT_PAGE.into()),
        limit @ 1..=LONGEST_PAGE => Ok(limit.into()),
        _ => Err(refused(Refusal::Invalid { member: "/limit", expected: "0 to 200" })),
    }
}

#[tonic::async_trait]
impl ConsultationService for ConsultationHandler {
    async fn open_consultation(
        &self,
        request: Request<OpenConsultationRequest>,
    ) -> Result<Response<OpenConsultationResponse>, Status> {
        let (caller, message) = open(request, |message| message.context.take())?;
        let mandate = self.mandate(caller)?;
        let new = asked::new_consultation(message).map_err(refused)?;
        let opened = Box::pin(self.0.open_consultation(&mandate, new)).await.map_err(refused)?;
        Ok(Response::new(OpenConsultationResponse {
            consultation_id: opened.id.to_string(),
            number: opened.number,
            version: opened.version,
        }))
    }

    async fn ask_further(&self, request: Request<AskFurtherRequest>) -> Result<Response<AskFurtherResponse>, Status> {
        let (caller, message) = open(request, |message| message.context.take())?;
        let mandate = self.mandate(caller)?;
        let id = asked::consultation_id(&message.consultation_id).map_err(refused)?;
        let names = asked::names(&message.asked).map_err(refused)?;
        let further = self.0.ask_further(&mandate, id, message.expected_version, &names);
        let version = Box::pin(further).await.map_err(refused)?;
        Ok(Response::new(AskFurtherResponse { version }))
    }

    async fn get_consultation(
        &self,
        request: Request<GetConsultationRequest>,
    ) -> Result<Response<GetConsultationResponse>, Status> {
        let (caller, message) = open(request, |message| message.context.take())?;
        let mandate = self.mandate(caller)?;
        let id = asked::consultation_id(&message.consultation_id).map_err(refused)?;
        let shown = Box::pin(self.0.consultation(&mandate, id)).await.map_err(refused)?;
        Ok(Response::new(GetConsultationResponse { consultation: Some(answer::consultation(shown)) }))
    }

    async fn list_consultations(
        &self,
        request: Request<ListConsultationsRequest>,
    ) -> Result<Response<ListConsultationsResponse>, Status> {
        let (caller, message) = open(request, |message| message.context.take())?;
        let mandate = self.mandate(caller)?;
        let case = optional(&message.case_id, "/case_id", UUID, CaseId::from_str).map_err(refused)?;
        let list = self.0.list_consultations(&mandate, case, page(message.limit)?);
        let list = Box::pin(list).await.map_err(refused)?;
        let consultations = list.into_iter().map(answer::summary).collect();
        Ok(Response::new(ListConsultationsResponse { consultations }))
    }

    async fn record_answer(
        &self,
        request: Request<RecordAnswerRequest>,
    ) -> Result<Response<RecordAnswerResponse>, Status> {
        let (caller, message) = open(request, |message| message.context.take())?;
        let mandate = self.mandate(caller)?;
        let id = asked::consultation_id(&message.consultation_id).map_err(refused)?;
        let objects = asked::objects(message.reply()).map_err(refused)?;
        let grounds = asked::grounds(message.grounds());
        let answered = self.0.record_answer(&mandate, id, message.expected_version, objects, grounds, &message.remark);
        let version = Box::pin(answered).await.map_err(refused)?;
        Ok(Response::new(RecordAnswerResponse { version }))
    }

    async fn prolong_answer(
        &self,
        request: Request<ProlongAnswerRequest>,
    ) -> Result<Response<ProlongAnswerResponse>, Status> {
        let (caller, message) = open(request, |message| message.context.take())?;
        let mandate = self.mandate(caller)?;
        let id = asked::consultation_id(&message.consultation_id).map_err(refused)?;
        let prolonged = self.0.prolong_answer(&mandate, id, message.expected_version, &message.remark);
        let version = Box::pin(prolonged).await.map_err(refused)?;
        Ok(Response::new(ProlongAnswerResponse { version }))
    }

    async fn record_consul_told(
        &self,
        request: Request<RecordConsulToldRequest>,
    ) -> Result<Response<RecordConsulToldResponse>, Status> {
        let (caller, message) = open(request, |message| message.context.take())?;
        let mandate = self.mandate(caller)?;
        let id = asked::consultation_id(&message.consultation_id).map_err(refused)?;
        let of = asked::of(&message.of).map_err(refused)?;
        let told = self.0.record_consul_told(&mandate, id, message.expected_version, of.as_deref());
        let version = Box::pin(told).await.map_err(refused)?;
        Ok(Response::new(RecordConsulToldResponse { version }))
    }

    async fn withdraw_consultation(
        &self,
        request: Request<WithdrawConsultationRequest>,
    ) -> Result<Response<WithdrawConsultationResponse>, Status> {
        let (caller, message) = open(request, |message| message.context.take())?;
        let mandate = self.mandate(caller)?;
        let id = asked::consultation_id(&message.consultation_id).map_err(refused)?;
        let withdrawn = self.0.withdraw_consultation(&mandate, id, message.expected_version, &message.remark);
        let version = Box::pin(withdrawn).await.map_err(refused)?;
        Ok(Response::new(WithdrawConsultationResponse { version }))
    }

    async fn record_foreign_delivery(
        &self,
        request: Request<RecordForeignDeliveryRequest>,
    ) -> Result<Response<RecordForeignDeliveryResponse>, Status> {
        let (caller, message) = open(request, |message| message.context.take())?;
        let mandate = self.mandate(caller)?;
        let id = asked::consultation_id(&message.consultation_id).map_err(refused)?;
        let of = asked::state(&message.of).map_err(refused)?;
        let (at, reference) = (Timestamp::from_millis(message.at_ms), message.reference.as_str());
        let letter = Letter { of: &of, at, reference };
        let delivered = self.0.record_foreign_delivery(&mandate, id, message.expected_version, &letter);
        let version = Box::pin(delivered).await.map_err(refused)?;
        Ok(Response::new(RecordForeignDeliveryResponse { version }))
    }

    async fn record_foreign_reply(
        &self,
        request: Request<RecordForeignReplyRequest>,
    ) -> Result<Response<RecordForeignReplyResponse>, Status> {
        let (caller, message) = open(request, |message| message.context.take())?;
        let mandate = self.mandate(caller)?;
        let id = asked::consultation_id(&message.consultation_id).map_err(refused)?;
        let of = asked::state(&message.of).map_err(refused)?;
        let objects = asked::objects(message.reply()).map_err(refused)?;
        let (at, reference) = (Timestamp::from_millis(message.at_ms), message.reference.as_str());
        let letter = Letter { of: &of, at, reference };
        let replied = self.0.record_foreign_reply(&mandate, id, message.expected_version, objects, &letter);
        let (version, late) = Box::pin(replied).await.map_err(refused)?;
        Ok(Response::new(RecordForeignReplyResponse { version, late }))
    }
}

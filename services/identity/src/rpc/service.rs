//! The service `straznica.identity.v1.InspectionService`.

use std::sync::Arc;

use straznica_contracts::common::v1::CallContext;
use straznica_contracts::identity::v1::inspection_service_server::InspectionService;
use straznica_contracts::identity::v1::{
    self as proto, AddEvidenceRequest, AddEvidenceResponse, CloseReferralRequest, CloseReferralResponse,
    CreateChallengeRequest, CreateChallengeResponse, CreateInspectionRequest, CreateInspectionResponse,
    GetInspectionRequest, GetInspectionResponse, RecordFingerprintResultRequest, RecordFingerprintResultResponse,
    ReferInspectionRequest, ReferInspectionResponse,
};
use straznica_pki::PeerIdentity;
use straznica_runtime::auth::peer;
use tonic::{Request, Response, Status};

use super::{answer, request};
use crate::app::App;
use crate::domain::{CallerClaims, Inspection};
use crate::error::IdentityError;

/// Answers the calls. Who may make them is decided before, by the table of calls.
#[derive(Clone)]
pub(crate) struct InspectionHandler(pub(crate) Arc<App>);

impl InspectionHandler {
    fn shown(&self, inspection: &Inspection) -> Option<proto::Inspection> {
        Some(answer::inspection(inspection, self.0.judges.profile()))
    }
}

/// Splits a request into who calls and what is asked.
pub(super) fn open<T>(
    request: Request<T>,
    context: impl Fn(&mut T) -> Option<CallContext>,
) -> Result<(CallerClaims, T), Status> {
    let peer: PeerIdentity = peer(&request)?.clone();
    let mut message = request.into_inner();
    let caller = request::caller(&peer, context(&mut message)).map_err(refused)?;
    Ok((caller, message))
}

pub(super) fn refused(error: impl Into<IdentityError>) -> Status {
    straznica_error::status(&error.into())
}

#[tonic::async_trait]
impl InspectionService for InspectionHandler {
    async fn create_challenge(
        &self,
        request: Request<CreateChallengeRequest>,
    ) -> Result<Response<CreateChallengeResponse>, Status> {
        let (caller, _) = open(request, |message| message.context.take())?;
        let issued = self.0.create_challenge(&caller).await.map_err(refused)?;
        Ok(Response::new(CreateChallengeResponse {
            challenge_id: issued.id.to_string(),
            challenge: issued.value.to_vec(),
            expires_at_ms: issued.expires_at.millis(),
        }))
    }

    async fn create_inspection(
        &self,
        request: Request<CreateInspectionRequest>,
    ) -> Result<Response<CreateInspectionResponse>, Status> {
        let (caller, message) = open(request, |message| message.context.take())?;
        let reading = request::reading(message).map_err(refused)?;
        let opened = Box::pin(self.0.open_inspection(&caller, reading)).await.map_err(refused)?;
        Ok(Response::new(CreateInspectionResponse { inspection: self.shown(&opened) }))
    }

    async fn add_evidence(
        &self,
        request: Request<AddEvidenceRequest>,
    ) -> Result<Response<AddEvidenceResponse>, Status> {
        let (caller, message) = open(request, |message| message.context.take())?;
        let id = request::inspection_id(&message.inspection_id).map_err(refused)?;
        let evidence = request::evidence(message.evidence).map_err(refused)?;
        let updated = Box::pin(self.0.add_evidence(&caller, id, evidence)).await.map_err(refused)?;
        Ok(Response::new(AddEvidenceResponse { inspection: self.shown(&updated) }))
    }

    async fn get_inspection(
        &self,
        request: Request<GetInspectionRequest>,
    ) -> Result<Response<GetInspectionResponse>, Status> {
        let (caller, message) = open(request, |message| message.context.take())?;
        let id = request::inspection_id(&message.inspection_id).map_err(refused)?;
        let found = self.0.get_inspection(&caller, id).await.map_err(refused)?;
        Ok(Response::new(GetInspectionResponse { inspection: self.shown(&found) }))
    }

    async fn refer_inspection(
        &self,
        request: Request<ReferInspectionRequest>,
    ) -> Result<Response<ReferInspectionResponse>, Status> {
        let (caller, message) = open(request, |message| message.context.take())?;
        let id = request::inspection_id(&message.inspection_id).map_err(refused)?;
        let referred = self.0.refer(&caller, id, &message.reason).await.map_err(refused)?;
        Ok(Response::new(ReferInspectionResponse { inspection: self.shown(&referred) }))
    }

    async fn close_referral(
        &self,
        request: Request<CloseReferralRequest>,
    ) -> Result<Response<CloseReferralResponse>, Status> {
        let (caller, message) = open(request, |message| message.context.take())?;
        let id = request::inspection_id(&message.inspection_id).map_err(refused)?;
        let outcome = message.outcome.parse().map_err(|refusal: crate::domain::Refusal| refused(refusal))?;
        let closed = self.0.close_referral(&caller, id, outcome).await.map_err(refused)?;
        Ok(Response::new(CloseReferralResponse { inspection: self.shown(&closed) }))
    }

    async fn record_fingerprint_result(
        &self,
        request: Request<RecordFingerprintResultRequest>,
    ) -> Result<Response<RecordFingerprintResultResponse>, Status> {
        let (caller, message) = open(request, |message| message.context.take())?;
        let id = request::inspection_id(&message.inspection_id).map_err(refused)?;
        let result = message.result.parse().map_err(|refusal: crate::domain::Refusal| refused(refusal))?;
        let recorded = self.0.record_fingerprints(&caller, id, result).await.map_err(refused)?;
        Ok(Response::new(RecordFingerprintResultResponse { inspection: self.shown(&recorded) }))
    }
}

//! The service `straznica.identity.v1.CitizenService`.

use std::sync::Arc;

use identifiers::PhoneNumber;
use straznica_contracts::identity::v1 as proto;
use straznica_contracts::identity::v1::citizen_service_server::CitizenService;
use straznica_types::{Secret, Timestamp};
use tonic::{Request, Response, Status};

use super::service::{open, refused};
use super::{answer_verification as answer, request, request_verification as asked};
use crate::app::Verifications;
use crate::domain::verification::PhoneProofId;

/// Answers the calls. Who may make them is decided before, by the table of calls.
#[derive(Clone)]
pub(crate) struct CitizenHandler(pub(crate) Arc<Verifications>);

#[tonic::async_trait]
impl CitizenService for CitizenHandler {
    async fn register_phone(
        &self,
        request: Request<proto::RegisterPhoneRequest>,
    ) -> Result<Response<proto::RegisterPhoneResponse>, Status> {
        let (caller, message) = open(request, |message| message.context.take())?;
        let pesel = asked::pesel(&message.pesel, &self.0.people()).map_err(refused)?;
        let phone = request::required(&message.phone, "/phone", asked::PHONE, PhoneNumber::parse).map_err(refused)?;
        let (id, sent) = Box::pin(self.0.register_phone(&caller, &pesel, &phone)).await.map_err(refused)?;
        Ok(Response::new(proto::RegisterPhoneResponse {
            proof_id: id.to_string(),
            expires_at_ms: sent.expires_at.millis(),
            resend_at_ms: sent.resend_at.millis(),
        }))
    }

    async fn confirm_phone(
        &self,
        request: Request<proto::ConfirmPhoneRequest>,
    ) -> Result<Response<proto::ConfirmPhoneResponse>, Status> {
        let (caller, mut message) = open(request, |message| message.context.take())?;
        let pesel = asked::pesel(&message.pesel, &self.0.people()).map_err(refused)?;
        let id = request::required(&message.proof_id, "/proof_id", request::UUID, |text| text.parse::<PhoneProofId>())
            .map_err(refused)?;
        let code = asked::code(Secret::new(std::mem::take(&mut message.code))).map_err(refused)?;
        Box::pin(self.0.confirm_phone(&caller, &pesel, id, &code)).await.map_err(refused)?;
        Ok(Response::new(proto::ConfirmPhoneResponse {}))
    }

    async fn activate_documents(
        &self,
        request: Request<proto::ActivateDocumentsRequest>,
    ) -> Result<Response<proto::ActivateDocumentsResponse>, Status> {
        let (caller, message) = open(request, |message| message.context.take())?;
        let pesel = asked::pesel(&message.pesel, &self.0.people()).map_err(refused)?;
        let kinds = asked::kinds(&message.kinds).map_err(refused)?;
        asked::not_empty(&kinds).map_err(refused)?;
        let active = self.0.activate(&caller, &pesel, &kinds).await.map_err(refused)?;
        Ok(Response::new(proto::ActivateDocumentsResponse { activations: answer::activations(&active) }))
    }

    async fn withdraw_documents(
        &self,
        request: Request<proto::WithdrawDocumentsRequest>,
    ) -> Result<Response<proto::WithdrawDocumentsResponse>, Status> {
        let (caller, message) = open(request, |message| message.context.take())?;
        let pesel = asked::pesel(&message.pesel, &self.0.people()).map_err(refused)?;
        let kinds = asked::kinds(&message.kinds).map_err(refused)?;
        let active = self.0.withdraw(&caller, &pesel, &kinds).await.map_err(refused)?;
        Ok(Response::new(proto::WithdrawDocumentsResponse { activations: answer::activations(&active) }))
    }

    async fn get_activations(
        &self,
        request: Request<proto::GetActivationsRequest>,
    ) -> Result<Response<proto::GetActivationsResponse>, Status> {
        let (caller, message) = open(request, |message| message.context.take())?;
        let pesel = asked::pesel(&message.pesel, &self.0.people()).map_err(refused)?;
        let (phone_confirmed, active) = self.0.activations(&caller, &pesel).await.map_err(refused)?;
        Ok(Response::new(proto::GetActivationsResponse { phone_confirmed, activations: answer::activations(&active) }))
    }

    async fn list_accesses(
        &self,
        request: Request<proto::ListAccessesRequest>,
    ) -> Result<Response<proto::ListAccessesResponse>, Status> {
        let (caller, message) = open(request, |message| message.context.take())?;
        let pesel = asked::pesel(&message.pesel, &self.0.people()).map_err(refused)?;
        let before = Some(message.before_ms).filter(|millis| *millis > 0).map(Timestamp::from_millis);
        let found = self.0.accesses(&caller, &pesel, before).await.map_err(refused)?;
        Ok(Response::new(proto::ListAccessesResponse { accesses: found.iter().map(answer::access).collect() }))
    }

    async fn get_code_lock(
        &self,
        request: Request<proto::GetCodeLockRequest>,
    ) -> Result<Response<proto::GetCodeLockResponse>, Status> {
        let (caller, message) = open(request, |message| message.context.take())?;
        let pesel = asked::pesel(&message.pesel, &self.0.people()).map_err(refused)?;
        let since = self.0.code_lock(&caller, &pesel).await.map_err(refused)?;
        Ok(Response::new(proto::GetCodeLockResponse { locked_since_ms: since.map(Timestamp::millis) }))
    }

    async fn lift_code_lock(
        &self,
        request: Request<proto::LiftCodeLockRequest>,
    ) -> Result<Response<proto::LiftCodeLockResponse>, Status> {
        let (caller, message) = open(request, |message| message.context.take())?;
        let pesel = asked::pesel(&message.pesel, &self.0.people()).map_err(refused)?;
        self.0.lift_code_lock(&caller, &pesel).await.map_err(refused)?;
        Ok(Response::new(proto::LiftCodeLockResponse {}))
    }
}

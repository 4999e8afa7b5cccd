//! The service `straznica.dispatch.v1.CodeService`.

use std::sync::Arc;

use straznica_contracts::common::v1::CallContext;
use straznica_contracts::dispatch::v1::code_service_server::CodeService;
use straznica_contracts::dispatch::v1::{
    CancelCodeRequest, CancelCodeResponse, GetLockRequest, GetLockResponse, GetTransactionRequest,
    GetTransactionResponse, LiftLockRequest, LiftLockResponse, ResendCodeRequest, ResendCodeResponse, SendCodeRequest,
    SendCodeResponse, ValidateCodeRequest, ValidateCodeResponse,
};
use straznica_pki::PeerIdentity;
use straznica_runtime::auth::peer;
use straznica_types::Timestamp;
use tonic::{Request, Response, Status};

use super::{answer, request};
use crate::app::App;
use crate::domain::CallerClaims;
use crate::error::DispatchError;

/// Answers the calls. Who may make them is decided before, by the table of calls.
#[derive(Clone)]
pub(crate) struct CodeHandler(pub(crate) Arc<App>);

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

pub(super) fn refused(error: impl Into<DispatchError>) -> Status {
    straznica_error::status(&error.into())
}

#[tonic::async_trait]
impl CodeService for CodeHandler {
    async fn send_code(&self, request: Request<SendCodeRequest>) -> Result<Response<SendCodeResponse>, Status> {
        let (caller, message) = open(request, |message| message.context.take())?;
        let asking = request::asking(&caller, &message.institution).map_err(refused)?;
        let wish = request::send_code(message).map_err(refused)?;
        let sent = Box::pin(self.0.send_code(&caller, asking, wish)).await.map_err(refused)?;
        Ok(Response::new(SendCodeResponse {
            expires_at_ms: sent.expires_at.millis(),
            resend_at_ms: sent.resend_at.millis(),
            resends_left: sent.resends_left,
        }))
    }

    async fn resend_code(&self, request: Request<ResendCodeRequest>) -> Result<Response<ResendCodeResponse>, Status> {
        let (caller, message) = open(request, |message| message.context.take())?;
        let asking = request::asking(&caller, &message.institution).map_err(refused)?;
        let id = request::transaction_id(&message.transaction_id).map_err(refused)?;
        let sent = Box::pin(self.0.resend_code(&caller, &asking, id)).await.map_err(refused)?;
        Ok(Response::new(ResendCodeResponse {
            expires_at_ms: sent.expires_at.millis(),
            resend_at_ms: sent.resend_at.millis(),
            resends_left: sent.resends_left,
        }))
    }

    async fn validate_code(
        &self,
        request: Request<ValidateCodeRequest>,
    ) -> Result<Response<ValidateCodeResponse>, Status> {
        let (caller, message) = open(request, |message| message.context.take())?;
        let asking = request::asking(&caller, &message.institution).map_err(refused)?;
        let id = request::transaction_id(&message.transaction_id).map_err(refused)?;
        let code = request::code(message.code).map_err(refused)?;
        let at = Box::pin(self.0.validate_code(&caller, &asking, id, &code)).await.map_err(refused)?;
        Ok(Response::new(ValidateCodeResponse { validated_at_ms: at.millis() }))
    }

    async fn cancel_code(&self, request: Request<CancelCodeRequest>) -> Result<Response<CancelCodeResponse>, Status> {
        let (caller, message) = open(request, |message| message.context.take())?;
        let asking = request::asking(&caller, &message.institution).map_err(refused)?;
        let id = request::transaction_id(&message.transaction_id).map_err(refused)?;
        Box::pin(self.0.cancel_code(&caller, &asking, id)).await.map_err(refused)?;
        Ok(Response::new(CancelCodeResponse {}))
    }

    async fn get_transaction(
        &self,
        request: Request<GetTransactionRequest>,
    ) -> Result<Response<GetTransactionResponse>, Status> {
        let (caller, message) = open(request, |message| message.context.take())?;
        let asking = request::asking(&caller, &message.institution).map_err(refused)?;
        let id = request::transaction_id(&message.transaction_id).map_err(refused)?;
        let standing = self.0.standing(&asking, id).await.map_err(refused)?;
        Ok(Response::new(answer::standing(standing)))
    }

    async fn lift_lock(&self, request: Request<LiftLockRequest>) -> Result<Response<LiftLockResponse>, Status> {
        let (caller, message) = open(request, |message| message.context.take())?;
        let locked = request::locked(message.locked).map_err(refused)?;
        Box::pin(self.0.lift_lock(&caller, &locked, &message.reason)).await.map_err(refused)?;
        Ok(Response::new(LiftLockResponse {}))
    }

    async fn get_lock(&self, request: Request<GetLockRequest>) -> Result<Response<GetLockResponse>, Status> {
        let (_, message) = open(request, |message| message.context.take())?;
        let subject = request::subject(&message.subject).map_err(refused)?;
        let since = self.0.lock_of(&subject).await.map_err(refused)?;
        Ok(Response::new(GetLockResponse { locked_since_ms: since.map(Timestamp::millis) }))
    }
}

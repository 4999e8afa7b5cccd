//! The service `straznica.identity.v1.VerificationService`.

use std::sync::Arc;

use straznica_contracts::identity::v1 as proto;
use straznica_contracts::identity::v1::verification_service_server::VerificationService;
use straznica_types::{OfficerId, Secret};
use tonic::{Request, Response, Status};

use super::service::{open, refused};
use super::{answer_verification as answer, request, request_verification as asked, verifiers as told};
use crate::app::Verifications;
use crate::domain::verification::Institution;

/// Answers the calls. Who may make them is decided before, by the table of calls.
#[derive(Clone)]
pub(crate) struct VerificationHandler(pub(crate) Arc<Verifications>);

#[tonic::async_trait]
impl VerificationService for VerificationHandler {
    async fn open_verification(
        &self,
        request: Request<proto::OpenVerificationRequest>,
    ) -> Result<Response<proto::OpenVerificationResponse>, Status> {
        let (caller, mut message) = open(request, |message| message.context.take())?;
        Institution::check_id(&message.institution_id).map_err(refused)?;
        let kind = asked::kind(message.kind, "/kind").map_err(refused)?;
        let criterion = asked::criterion(message.criterion.take(), &self.0.people()).map_err(refused)?;
        let opened =
            Box::pin(self.0.open(&caller, &message.institution_id, &criterion, kind)).await.map_err(refused)?;
        Ok(Response::new(proto::OpenVerificationResponse {
            verification: Some(answer::verification(&opened.verification)),
            resend_at_ms: opened.asked.resend_at.millis(),
            resends_left: opened.asked.resends_left,
        }))
    }

    async fn resend_code(
        &self,
        request: Request<proto::ResendCodeRequest>,
    ) -> Result<Response<proto::ResendCodeResponse>, Status> {
        let (caller, message) = open(request, |message| message.context.take())?;
        let id = asked::verification_id(&message.verification_id).map_err(refused)?;
        let again = self.0.resend(&caller, &message.institution_id, id).await.map_err(refused)?;
        Ok(Response::new(proto::ResendCodeResponse {
            resend_at_ms: again.resend_at.millis(),
            resends_left: again.resends_left,
        }))
    }

    async fn confirm_code(
        &self,
        request: Request<proto::ConfirmCodeRequest>,
    ) -> Result<Response<proto::ConfirmCodeResponse>, Status> {
        let (caller, mut message) = open(request, |message| message.context.take())?;
        let id = asked::verification_id(&message.verification_id).map_err(refused)?;
        let code = asked::code(Secret::new(std::mem::take(&mut message.code))).map_err(refused)?;
        let confirmed = Box::pin(self.0.confirm(&caller, &message.institution_id, id, &code)).await.map_err(refused)?;
        Ok(Response::new(proto::ConfirmCodeResponse { verification: Some(answer::verification(&confirmed)) }))
    }

    async fn show_document(
        &self,
        request: Request<proto::ShowDocumentRequest>,
    ) -> Result<Response<proto::ShowDocumentResponse>, Status> {
        let (caller, message) = open(request, |message| message.context.take())?;
        let id = asked::verification_id(&message.verification_id).map_err(refused)?;
        let shown = Box::pin(self.0.show(&caller, &message.institution_id, id)).await.map_err(refused)?;
        Ok(Response::new(answer::shown(shown)))
    }

    async fn cancel_verification(
        &self,
        request: Request<proto::CancelVerificationRequest>,
    ) -> Result<Response<proto::CancelVerificationResponse>, Status> {
        let (caller, message) = open(request, |message| message.context.take())?;
        let id = asked::verification_id(&message.verification_id).map_err(refused)?;
        let ended = self.0.cancel(&caller, &message.institution_id, id).await.map_err(refused)?;
        Ok(Response::new(proto::CancelVerificationResponse { verification: Some(answer::verification(&ended)) }))
    }

    async fn get_verification(
        &self,
        request: Request<proto::GetVerificationRequest>,
    ) -> Result<Response<proto::GetVerificationResponse>, Status> {
        let (caller, message) = open(request, |message| message.context.take())?;
        let id = asked::verification_id(&message.verification_id).map_err(refused)?;
        let found = self.0.get(&caller, &message.institution_id, id).await.map_err(refused)?;
        Ok(Response::new(proto::GetVerificationResponse { verification: Some(answer::verification(&found)) }))
    }

    async fn unlock_official(
        &self,
        request: Request<proto::UnlockOfficialRequest>,
    ) -> Result<Response<proto::UnlockOfficialResponse>, Status> {
        let (caller, message) = open(request, |message| message.context.take())?;
        let officer = request::required(&message.officer, "/officer", request::NAME, |text| text.parse::<OfficerId>())
            .map_err(refused)?;
        let reason = told::reason(&message.reason).map_err(refused)?;
        Box::pin(self.0.unlock(&caller, &message.institution_id, &officer, &reason)).await.map_err(refused)?;
        Ok(Response::new(proto::UnlockOfficialResponse {}))
    }
}

//! The service `straznica.identity.v1.PeerCheckService`.

use std::sync::Arc;

use identifiers::PhoneNumber;
use straznica_contracts::identity::v1 as proto;
use straznica_contracts::identity::v1::ask_citizen_request::Criterion as Told;
use straznica_contracts::identity::v1::peer_check_service_server::PeerCheckService;
use straznica_types::Secret;
use tonic::{Request, Response, Status};

use super::request::required;
use super::service::{open, refused};
use super::{answer_verification as answer, request_verification as asked};
use crate::app::Verifications;
use crate::domain::Refusal;
use crate::domain::verification::{AskerName, Criterion, People};

/// Answers the calls. Who may make them is decided before, by the table of calls.
#[derive(Clone)]
pub(crate) struct PeerCheckHandler(pub(crate) Arc<Verifications>);

fn criterion(told: Option<&Told>, people: &People) -> Result<Criterion, Refusal> {
    let member = "/asked_pesel";
    match told {
        None => Err(Refusal::Missing { member }),
        Some(Told::AskedPesel(text)) => {
            required(text, member, asked::PESEL, |text| people.pesel(text)).map(Criterion::Pesel)
        }
        Some(Told::AskedPhone(text)) => {
            required(text, "/asked_phone", asked::PHONE, PhoneNumber::parse).map(Criterion::Phone)
        }
    }
}

#[tonic::async_trait]
impl PeerCheckService for PeerCheckHandler {
    async fn ask_citizen(
        &self,
        request: Request<proto::AskCitizenRequest>,
    ) -> Result<Response<proto::AskCitizenResponse>, Status> {
        let (caller, message) = open(request, |message| message.context.take())?;
        let people = self.0.people();
        let pesel = asked::pesel(&message.pesel, &people).map_err(refused)?;
        let name = AskerName::new(&message.given_names, &message.surname).map_err(refused)?;
        let criterion = criterion(message.criterion.as_ref(), &people).map_err(refused)?;
        let kind = asked::kind(message.kind, "/kind").map_err(refused)?;
        let opened = Box::pin(self.0.ask_citizen(&caller, &pesel, &name, &criterion, kind)).await.map_err(refused)?;
        Ok(Response::new(proto::AskCitizenResponse {
            verification: Some(answer::peer_check(&opened.check, &opened.binding_text)),
            resend_at_ms: opened.asked.resend_at.millis(),
            resends_left: opened.asked.resends_left,
        }))
    }

    async fn resend_peer_code(
        &self,
        request: Request<proto::ResendPeerCodeRequest>,
    ) -> Result<Response<proto::ResendPeerCodeResponse>, Status> {
        let (caller, message) = open(request, |message| message.context.take())?;
        let pesel = asked::pesel(&message.pesel, &self.0.people()).map_err(refused)?;
        let id = asked::verification_id(&message.verification_id).map_err(refused)?;
        let again = Box::pin(self.0.resend_to_peer(&caller, &pesel, id)).await.map_err(refused)?;
        Ok(Response::new(proto::ResendPeerCodeResponse {
            resend_at_ms: again.resend_at.millis(),
            resends_left: again.resends_left,
        }))
    }

    async fn confirm_peer_code(
        &self,
        request: Request<proto::ConfirmPeerCodeRequest>,
    ) -> Result<Response<proto::ConfirmPeerCodeResponse>, Status> {
        let (caller, mut message) = open(request, |message| message.context.take())?;
        let pesel = asked::pesel(&message.pesel, &self.0.people()).map_err(refused)?;
        let id = asked::verification_id(&message.verification_id).map_err(refused)?;
        let code = asked::code(Secret::new(std::mem::take(&mut message.code))).map_err(refused)?;
        let confirmed = Box::pin(self.0.confirm_peer(&caller, &pesel, id, &code)).await.map_err(refused)?;
        let verification = Some(answer::peer_check(&confirmed.check, &confirmed.binding_text));
        Ok(Response::new(proto::ConfirmPeerCodeResponse { verification }))
    }

    async fn show_peer_document(
        &self,
        request: Request<proto::ShowPeerDocumentRequest>,
    ) -> Result<Response<proto::ShowPeerDocumentResponse>, Status> {
        let (caller, message) = open(request, |message| message.context.take())?;
        let pesel = asked::pesel(&message.pesel, &self.0.people()).map_err(refused)?;
        let id = asked::verification_id(&message.verification_id).map_err(refused)?;
        let shown = Box::pin(self.0.show_peer(&caller, &pesel, id)).await.map_err(refused)?;
        let verification = answer::peer_check(&shown.answer.check, &shown.answer.binding_text);
        let shown = answer::disclosed(verification, shown.register, shown.found);
        Ok(Response::new(proto::ShowPeerDocumentResponse { shown: Some(shown) }))
    }

    async fn cancel_peer_check(
        &self,
        request: Request<proto::CancelPeerCheckRequest>,
    ) -> Result<Response<proto::CancelPeerCheckResponse>, Status> {
        let (caller, message) = open(request, |message| message.context.take())?;
        let pesel = asked::pesel(&message.pesel, &self.0.people()).map_err(refused)?;
        let id = asked::verification_id(&message.verification_id).map_err(refused)?;
        let ended = Box::pin(self.0.cancel_peer(&caller, &pesel, id)).await.map_err(refused)?;
        let verification = Some(answer::peer_check(&ended.check, &ended.binding_text));
        Ok(Response::new(proto::CancelPeerCheckResponse { verification }))
    }
}

//! The four operations: admission once more, then the application.

use std::sync::Arc;

use exchange::code::{GeneralMessageCode, GetCaCertificatesCode, RequestCertificateCode, SendCertificatesCode};
use exchange::message::{
    GetCaCertificatesAnswer, MAX_BODY, MAX_CERTIFICATE, MAX_CERTIFICATES, MAX_MESSAGE_ID, MAX_SUBJECT,
    RequestCertificateAnswer,
};
use exchange::operation::Operation;
use http::{Request, Response as HttpResponse};
use straznica_contracts::spoc::v1 as wire;
use straznica_contracts::spoc::v1::spoc_exchange_server::{SpocExchange, SpocExchangeServer};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tonic::body::Body;
use tonic::{Code, Response, Status, async_trait};
use tower::ServiceExt as _;
use tracing::Instrument as _;

use super::convert;
use super::server::GrpcServer;
use crate::{Admission, Application, Caller};

/// Longest message taken where a certificate request is the longest field, bytes.
const REQUEST: usize = 128 * 1024;
/// Longest general message taken: its characters may take four bytes each.
const GENERAL: usize = 4 * (MAX_BODY + MAX_SUBJECT) + 1024;
/// Longest message with certificates taken.
const CERTIFICATES: usize = 4 * 1024 * 1024;

/// What a peer learns that is not admitted: nothing.
pub(super) fn unauthenticated() -> Status {
    Status::new(Code::Unauthenticated, "")
}

/// The service as one admitted caller meets it.
#[derive(Clone)]
pub(super) struct Exchange {
    admission: Arc<dyn Admission>,
    application: Arc<dyn Application>,
    caller: Arc<Caller>,
    refused: CancellationToken,
    work: TaskTracker,
}

impl Exchange {
    pub(super) fn new(server: &GrpcServer, caller: Caller, refused: CancellationToken) -> Self {
        Self {
            admission: server.admission.clone(),
            application: server.application.clone(),
            caller: Arc::new(caller),
            refused,
            work: server.work.clone(),
        }
    }

    /// Answers a request; the longest message taken depends on the operation.
    pub(super) async fn answer(self, request: Request<Body>) -> HttpResponse<Body> {
        let limit = match request.uri().path() {
            "/straznica.spoc.v1.SpocExchange/SendCertificates" => CERTIFICATES,
            "/straznica.spoc.v1.SpocExchange/GeneralMessage" => GENERAL,
            _ => REQUEST,
        };
        let server = SpocExchangeServer::new(self).max_decoding_message_size(limit);
        match server.oneshot(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        }
    }

    /// Asked before every message: a certificate may have been revoked, a partner suspended, since the connection began.
    async fn readmit(&self, caller_id: &str) -> Result<(), Status> {
        let verdict = self.admission.readmit(&self.caller, caller_id).await;
        verdict.map_err(|_| {
            self.refused.cancel();
            unauthenticated()
        })
    }

    /// Lets the application work to its end, even when the caller hangs up meanwhile: it will send the same message again, and get the same
    /// answer. A panic (its message is with the panic hook) is `failed`, and ends this message only.
    async fn work<T: Send + 'static>(&self, work: impl Future<Output = T> + Send + 'static, failed: T) -> T {
        self.work.spawn(work.in_current_span()).await.unwrap_or_else(|error| {
            tracing::error!(%error, "a partner's message could not be worked on");
            failed
        })
    }
}

/// An id that is empty or has odd characters is for the application to judge; one that is endless is not handed on.
fn is_short(message_id: &str) -> bool {
    message_id.chars().count() <= MAX_MESSAGE_ID
}

#[async_trait]
impl SpocExchange for Exchange {
    async fn request_certificate(
        &self,
        request: tonic::Request<wire::RequestCertificateRequest>,
    ) -> Result<Response<wire::RequestCertificateResponse>, Status> {
        let message = convert::request_from_wire(request.into_inner());
        self.readmit(&message.caller_id).await?;
        let answer = if is_short(&message.message_id) && message.certificate_request.len() <= MAX_CERTIFICATE {
            let (application, caller) = (self.application.clone(), self.caller.clone());
            let work = async move { application.request_certificate(&caller, message).await };
            self.work(work, RequestCertificateAnswer::of(RequestCertificateCode::FailureInternalError)).await
        } else {
            self.application.refused(&self.caller, Operation::RequestCertificate).await;
            RequestCertificateAnswer::of(RequestCertificateCode::FailureSyntax)
        };
        Ok(Response::new(convert::request_answer_to_wire(answer)))
    }

    async fn send_certificates(
        &self,
        request: tonic::Request<wire::SendCertificatesRequest>,
    ) -> Result<Response<wire::SendCertificatesResponse>, Status> {
        let message = request.into_inner();
        self.readmit(&message.caller_id).await?;
        let short = message.message_id.as_deref().is_none_or(is_short)
            && message.certificate_sequence.len() <= MAX_CERTIFICATES
            && message.certificate_sequence.iter().all(|one| one.len() <= MAX_CERTIFICATE);
        let code = match convert::send_from_wire(message) {
            Ok(message) if short => {
                let (application, caller) = (self.application.clone(), self.caller.clone());
                let work = async move { application.send_certificates(&caller, message).await };
                self.work(work, SendCertificatesCode::FailureInternalError).await
            }
            _ => {
                self.application.refused(&self.caller, Operation::SendCertificates).await;
                SendCertificatesCode::FailureSyntax
            }
        };
        Ok(Response::new(convert::send_answer_to_wire(code)))
    }

    async fn get_ca_certificates(
        &self,
        request: tonic::Request<wire::GetCaCertificatesRequest>,
    ) -> Result<Response<wire::GetCaCertificatesResponse>, Status> {
        let message = convert::get_ca_from_wire(request.into_inner());
        self.readmit(&message.caller_id).await?;
        let answer = if is_short(&message.message_id) {
            let (application, caller) = (self.application.clone(), self.caller.clone());
            let work = async move { application.get_ca_certificates(&caller, message).await };
            self.work(work, GetCaCertificatesAnswer::of(GetCaCertificatesCode::FailureInternalError)).await
        } else {
            self.application.refused(&self.caller, Operation::GetCaCertificates).await;
            GetCaCertificatesAnswer::of(GetCaCertificatesCode::FailureSyntax)
        };
        Ok(Response::new(convert::get_ca_answer_to_wire(answer)))
    }

    async fn general_message(
        &self,
        request: tonic::Request<wire::GeneralMessageRequest>,
    ) -> Result<Response<wire::GeneralMessageResponse>, Status> {
        let message = convert::general_from_wire(request.into_inner());
        self.readmit(&message.caller_id).await?;
        let short = is_short(&message.message_id)
            && message.subject.chars().count() <= MAX_SUBJECT
            && message.body.chars().count() <= MAX_BODY;
        let code = if short {
            let (application, caller) = (self.application.clone(), self.caller.clone());
            let work = async move { application.general_message(&caller, message).await };
            self.work(work, GeneralMessageCode::FailureInternalError).await
        } else {
            self.application.refused(&self.caller, Operation::GeneralMessage).await;
            GeneralMessageCode::FailureSyntax
        };
        Ok(Response::new(convert::general_answer_to_wire(code)))
    }
}

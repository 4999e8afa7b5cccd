//! The service `straznica.registry.v1.ConsultedBodyService`.

use std::sync::Arc;

use straznica_contracts::registry::v1::consulted_body_service_server::ConsultedBodyService;
use straznica_contracts::registry::v1::{
    ExtendQuestionRequest, ExtendQuestionResponse, GetQuestionRequest, GetQuestionResponse, ListQuestionsRequest,
    ListQuestionsResponse, ReplyToQuestionRequest, ReplyToQuestionResponse,
};
use straznica_pki::PeerRole;
use straznica_runtime::auth::peer;
use tonic::{Request, Response, Status};

use super::case_answer::deadline;
use super::consultation_service::page;
use super::request::{open, refused};
use super::{consultation_answer as answer, consultation_request as asked};
use crate::app::App;
use crate::domain::Refusal;
use crate::domain::consultation::Body;

/// Answers a consulted body: the one its certificate names, or the one the gateway speaks for.
#[derive(Clone)]
pub(crate) struct BodyHandler(pub(crate) Arc<App>);

impl BodyHandler {
    /// Which body asks. What is said beside a body's own certificate has to agree with it, and the gateway is believed about those bodies only the node is configured with for it.
    fn body<T>(&self, request: &Request<T>, named: &str) -> Result<Body, Status> {
        match &peer(request)?.role {
            PeerRole::Consulted(name) if named.is_empty() || named == name => {
                Body::parse(name).map_err(|_| refused(Refusal::OtherBody))
            }
            PeerRole::Service(_) => {
                let body = self.0.rest_bodies.iter().find(|body| body.as_str() == named);
                body.cloned().ok_or_else(|| refused(Refusal::OtherBody))
            }
            _ => Err(refused(Refusal::OtherBody)),
        }
    }
}

#[tonic::async_trait]
impl ConsultedBodyService for BodyHandler {
    async fn list_questions(
        &self,
        request: Request<ListQuestionsRequest>,
    ) -> Result<Response<ListQuestionsResponse>, Status> {
        let body = self.body(&request, &request.get_ref().body)?;
        let (caller, message) = open(request, |message| message.context.take())?;
        let questions = self.0.body_questions(&body, caller, page(message.limit)?);
        let questions = Box::pin(questions).await.map_err(refused)?;
        let questions = questions.into_iter().map(answer::body_question).collect();
        Ok(Response::new(ListQuestionsResponse { questions }))
    }

    async fn get_question(
        &self,
        request: Request<GetQuestionRequest>,
    ) -> Result<Response<GetQuestionResponse>, Status> {
        let body = self.body(&request, &request.get_ref().body)?;
        let (caller, message) = open(request, |message| message.context.take())?;
        let id = asked::consultation_id(&message.consultation_id).map_err(refused)?;
        let question = Box::pin(self.0.body_question(&body, &caller, id)).await.map_err(refused)?;
        Ok(Response::new(GetQuestionResponse { question: Some(answer::body_question(question)) }))
    }

    async fn reply_to_question(
        &self,
        request: Request<ReplyToQuestionRequest>,
    ) -> Result<Response<ReplyToQuestionResponse>, Status> {
        let body = self.body(&request, &request.get_ref().body)?;
        let (caller, message) = open(request, |message| message.context.take())?;
        let id = asked::consultation_id(&message.consultation_id).map_err(refused)?;
        let objects = asked::objects(message.reply()).map_err(refused)?;
        let grounds = asked::grounds(message.grounds());
        let replied = self.0.body_replies(&body, caller, id, objects, grounds, &message.reference);
        let late = Box::pin(replied).await.map_err(refused)?;
        Ok(Response::new(ReplyToQuestionResponse { late }))
    }

    async fn extend_question(
        &self,
        request: Request<ExtendQuestionRequest>,
    ) -> Result<Response<ExtendQuestionResponse>, Status> {
        let body = self.body(&request, &request.get_ref().body)?;
        let (caller, message) = open(request, |message| message.context.take())?;
        let id = asked::consultation_id(&message.consultation_id).map_err(refused)?;
        let extended = self.0.body_extends(&body, caller, id, &message.remark);
        let longer = Box::pin(extended).await.map_err(refused)?;
        Ok(Response::new(ExtendQuestionResponse { deadline: longer.as_ref().map(deadline) }))
    }
}

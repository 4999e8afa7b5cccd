//! Consulted bodies at their own systems: each sees and answers its own questions. Which body it is, its certificate says; which officer of it, a header on every address.

use axum::{
    extract::{FromRequestParts, State},
    response::Response,
};
use http::{HeaderName, request::Parts};
use straznica_contracts::{common::v1::CallContext, registry::v1 as contract};
use straznica_types::OfficerId;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::wire::questions::{
    ExtendedQuestion, NewReply, Question, QuestionList, QuestionQuery, RepliedQuestion, Wish,
};
use crate::{
    app::Gateway,
    domain::idempotency::{BodyDigest, KeyOwner, StoredAnswer},
    error::GatewayError,
    rest::{
        caller::BodyCaller,
        collect,
        extract::{DigestedJson, Parameters, personal_response},
        once::{Once, changed_as},
        people::Named,
    },
};

const OFFICER: HeaderName = HeaderName::from_static("x-officer");

/// Every address for bodies.
pub(super) fn interface() -> OpenApiRouter<Gateway> {
    collect([routes!(list), routes!(show), routes!(reply), routes!(extend)])
}

/// An officer of a body at its system.
#[derive(Debug)]
pub(crate) struct BodyDesk {
    caller: BodyCaller,
    officer: OfficerId,
}

impl<S: Send + Sync> FromRequestParts<S> for BodyDesk {
    type Rejection = GatewayError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, GatewayError> {
        let caller = BodyCaller::from_request_parts(parts, state).await?;
        let mut named = parts.headers.get_all(OFFICER).iter();
        let officer = named.next().ok_or(GatewayError::HeaderMissing("X-Officer"))?;
        if named.next().is_some() {
            return Err(GatewayError::OfficerMalformed);
        }
        let officer = officer.to_str().ok().and_then(|text| OfficerId::parse(text).ok());
        Ok(Self { caller, officer: officer.ok_or(GatewayError::OfficerMalformed)? })
    }
}

impl BodyDesk {
    fn context(&self) -> Option<CallContext> {
        self.caller.context(&self.officer)
    }

    fn body(&self) -> String {
        self.caller.body().to_owned()
    }

    /// Does `work` once, or gives the answer it gave before.
    async fn once(
        &self,
        gateway: &Gateway,
        once: Once,
        sha256: &BodyDigest,
        work: impl Future<Output = Result<StoredAnswer, GatewayError>> + Send + 'static,
    ) -> Result<Response, GatewayError> {
        let owner = KeyOwner::of_body(self.caller.body(), &self.officer);
        // A reply is one of two: nobody is to find out by trying.
        let digest = gateway.keyed_digest(sha256, self.caller.body());
        once.run(gateway, owner, digest, work).await
    }
}

/// What the body is asked
///
/// Questions that wait for its reply, what ends first coming first. After the last day silence is consent, and the question is here no more. The reading is journalled.
#[utoipa::path(get, path = "/v1/consultations", tag = "questions", operation_id = "listQuestions",
    params(("X-Officer" = String, Header, description = "Service identifier of the body's officer, with whom the journal has it", pattern = "^[A-Za-z0-9._-]{1,64}$", example = "abw-17"), QuestionQuery),
    responses((status = 200, description = "The questions", body = QuestionList)))]
pub(crate) async fn list(
    State(gateway): State<Gateway>,
    desk: BodyDesk,
    Parameters(query): Parameters<QuestionQuery>,
) -> Result<Response, GatewayError> {
    let request = contract::ListQuestionsRequest { context: desk.context(), limit: query.limit, body: desk.body() };
    personal_response(&QuestionList::of(gateway.bodies()?.list_questions(request).await?.into_inner())?)
}

/// One question
///
/// Replied to or not. To a body that was not asked there is no such question. The reading is journalled.
#[utoipa::path(get, path = "/v1/consultations/{consultation}", tag = "questions", operation_id = "getQuestion",
    params(("consultation" = String, Path, description = "The consultation", format = Uuid, example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c55"),
        ("X-Officer" = String, Header, description = "Service identifier of the body's officer, with whom the journal has it", pattern = "^[A-Za-z0-9._-]{1,64}$", example = "abw-17")),
    responses((status = 200, description = "The question", body = Question)))]
pub(crate) async fn show(
    State(gateway): State<Gateway>,
    desk: BodyDesk,
    Named(consultation_id): Named,
) -> Result<Response, GatewayError> {
    let request = contract::GetQuestionRequest { context: desk.context(), consultation_id, body: desk.body() };
    let told = gateway.bodies()?.get_question(request).await?.into_inner().question;
    personal_response(&Question::of(told.ok_or(GatewayError::IncompleteAnswer("a question"))?)?)
}

/// Reply to a question
///
/// Once. Of an objection the class of its grounds, and nothing of what is known. A reply after the body's silence has become its consent is kept, and changes nothing: `late`.
#[utoipa::path(post, path = "/v1/consultations/{consultation}/reply", tag = "questions", operation_id = "replyToQuestion",
    params(("consultation" = String, Path, description = "The consultation", format = Uuid, example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c55"),
        ("X-Officer" = String, Header, description = "Service identifier of the body's officer, with whom the journal has it", pattern = "^[A-Za-z0-9._-]{1,64}$", example = "abw-17"),
        ("Idempotency-Key" = Option<String>, Header, description = "1 to 64 visible ASCII characters, a new one for each new request", min_length = 1, max_length = 64, example = "0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77")),
    request_body(content = NewReply, description = "The reply", content_type = "application/json"),
    responses((status = 200, description = "It is on record", body = RepliedQuestion)))]
pub(crate) async fn reply(
    State(gateway): State<Gateway>,
    desk: BodyDesk,
    Named(consultation_id): Named,
    once: Once,
    body: DigestedJson<NewReply>,
) -> Result<Response, GatewayError> {
    let (context, of) = (desk.context(), desk.body());
    let request = contract::ReplyToQuestionRequest { context, consultation_id, body: of, ..body.value.into_contract() };
    let mut bodies = gateway.bodies()?;
    let work = async move {
        let late = bodies.reply_to_question(request).await?.into_inner().late;
        changed_as(&RepliedQuestion { late })
    };
    desk.once(&gateway, once, &body.sha256, work).await
}

/// Ask for a longer term
///
/// Granted at once where the law has it, while the term runs, once; the answer is the new term and how it was counted.
#[utoipa::path(post, path = "/v1/consultations/{consultation}/extension", tag = "questions", operation_id = "extendQuestion",
    params(("consultation" = String, Path, description = "The consultation", format = Uuid, example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c55"),
        ("X-Officer" = String, Header, description = "Service identifier of the body's officer, with whom the journal has it", pattern = "^[A-Za-z0-9._-]{1,64}$", example = "abw-17"),
        ("Idempotency-Key" = Option<String>, Header, description = "1 to 64 visible ASCII characters, a new one for each new request", min_length = 1, max_length = 64, example = "0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77")),
    request_body(content = Wish, description = "Why", content_type = "application/json"),
    responses((status = 200, description = "The term is longer", body = ExtendedQuestion)))]
pub(crate) async fn extend(
    State(gateway): State<Gateway>,
    desk: BodyDesk,
    Named(consultation_id): Named,
    once: Once,
    body: DigestedJson<Wish>,
) -> Result<Response, GatewayError> {
    let (context, of) = (desk.context(), desk.body());
    let remark = body.value.into_contract();
    let request = contract::ExtendQuestionRequest { context, consultation_id, remark, body: of };
    let mut bodies = gateway.bodies()?;
    let work = async move { changed_as(&ExtendedQuestion::of(bodies.extend_question(request).await?.into_inner())?) };
    desk.once(&gateway, once, &body.sha256, work).await
}

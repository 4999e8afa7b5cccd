//! General messages between SPOCs.

use axum::{extract::State, response::Response};
use straznica_contracts::spoc::v1 as contract;

use super::{
    Done, Named, promised,
    wire::messages::{GeneralMessage, MessagePage, MessageQuery, NewMessage, ProposalDecision, TemplateList},
};
use crate::{
    app::Gateway,
    error::GatewayError,
    rest::{
        caller::OperatorCaller,
        extract::{DigestedJson, Json, NothingToSay, Parameters},
        once::{Once, created},
    },
};

/// Messages received and sent
///
/// Newest first, a page at a time, without their texts.
#[utoipa::path(get, path = "/v1/spoc/messages", tag = "messages", operation_id = "listMessages", params(MessageQuery),
    responses((status = 200, description = "One page", body = MessagePage)))]
pub(crate) async fn list(
    State(gateway): State<Gateway>,
    _operator: OperatorCaller,
    Parameters(which): Parameters<MessageQuery>,
) -> Result<Json<MessagePage>, GatewayError> {
    Ok(Json(gateway.messages().list_messages(contract::ListMessagesRequest::from(which)).await?.into_inner().into()))
}

/// Write to a partner
///
/// With a template of the standard's subjects or in free words.
#[utoipa::path(post, path = "/v1/spoc/messages", tag = "messages", operation_id = "sendMessage",
    params(("Idempotency-Key" = Option<String>, Header, description = "1 to 64 visible ASCII characters, a new one for each new request",
        min_length = 1, max_length = 64, example = "0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77")),
    request_body(content = NewMessage, description = "The message", content_type = "application/json"),
    responses((status = 201, description = "The message, on its way", body = GeneralMessage,
        headers(("Location" = String, description = "Address of the message")))))]
pub(crate) async fn send(
    State(gateway): State<Gateway>,
    caller: OperatorCaller,
    once: Once,
    body: DigestedJson<NewMessage>,
) -> Result<Response, GatewayError> {
    let NewMessage { country, subject, parameters, body: text } = body.value;
    let request = contract::SendMessageRequest {
        context: caller.context(),
        country,
        subject: subject.0,
        parameters: parameters.into_iter().collect(),
        body: text,
    };
    let mut messages = gateway.messages();
    let work = async move {
        let sent = messages.send_message(request).await?.into_inner();
        let message = promised(sent.message, "the message")?;
        created(format!("/v1/spoc/messages/{}", message.id), &GeneralMessage::from(message))
    };
    once.run(&gateway, &caller.operator, body.sha256, work).await
}

/// A message with its text, and what it proposes
#[utoipa::path(get, path = "/v1/spoc/messages/{id}", tag = "messages", operation_id = "getMessage",
    params(("id" = String, Path, description = "The message", format = Uuid, example = "0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77")),
    responses((status = 200, description = "The message", body = GeneralMessage)))]
pub(crate) async fn show(
    State(gateway): State<Gateway>,
    _operator: OperatorCaller,
    Named(id): Named<String>,
) -> Result<Json<GeneralMessage>, GatewayError> {
    let answer = gateway.messages().get_message(contract::GetMessageRequest { id }).await?.into_inner();
    Ok(Json(promised(answer.message, "the message")?.into()))
}

/// Note that a message was read
#[utoipa::path(post, path = "/v1/spoc/messages/{id}/acknowledgement", tag = "messages", operation_id = "acknowledgeMessage",
    params(("id" = String, Path, description = "The message", format = Uuid, example = "0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77")),
    responses((status = 204, description = "It is noted")))]
pub(crate) async fn acknowledge(
    State(gateway): State<Gateway>,
    caller: OperatorCaller,
    Named(id): Named<String>,
    NothingToSay: NothingToSay,
) -> Result<Done, GatewayError> {
    let request = contract::AcknowledgeMessageRequest { context: caller.context(), id };
    gateway.messages().acknowledge_message(request).await?;
    Ok(Done)
}

/// Decide on what a message proposes
///
/// Nothing is done because a message says so: an officer decides.
#[utoipa::path(post, path = "/v1/spoc/messages/{id}/decision", tag = "messages", operation_id = "decideProposal",
    params(("id" = String, Path, description = "The message", format = Uuid, example = "0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77")),
    request_body(content = ProposalDecision, description = "The decision", content_type = "application/json"),
    responses((status = 200, description = "The message with the decision", body = GeneralMessage)))]
pub(crate) async fn decide(
    State(gateway): State<Gateway>,
    caller: OperatorCaller,
    Named(id): Named<String>,
    Json(decision): Json<ProposalDecision>,
) -> Result<Json<GeneralMessage>, GatewayError> {
    let request = contract::DecideProposalRequest {
        context: caller.context(),
        id,
        accept: decision.accept,
        reason: decision.reason.0,
        target: decision.target.unwrap_or_default(),
        begins_ms: decision.begins.map(|begins| begins.0.millis()),
        ends_ms: decision.ends.map(|ends| ends.0.millis()),
    };
    let answer = gateway.messages().decide_proposal(request).await?.into_inner();
    Ok(Json(promised(answer.message, "the message")?.into()))
}

/// Subjects of the standard
///
/// Each with the text we write under it and the parameters of that text.
#[utoipa::path(get, path = "/v1/spoc/message-templates", tag = "messages", operation_id = "listMessageTemplates",
    responses((status = 200, description = "The templates", body = TemplateList)))]
pub(crate) async fn templates(
    State(gateway): State<Gateway>,
    _operator: OperatorCaller,
) -> Result<Json<TemplateList>, GatewayError> {
    Ok(Json(gateway.messages().list_templates(contract::ListTemplatesRequest {}).await?.into_inner().into()))
}

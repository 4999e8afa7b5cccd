//! MessageService.

use straznica_contracts::spoc::v1::{
    AcknowledgeMessageRequest, AcknowledgeMessageResponse, DecideProposalRequest, DecideProposalResponse,
    GetMessageRequest, GetMessageResponse, ListMessagesRequest, ListMessagesResponse, ListTemplatesRequest,
    ListTemplatesResponse, Message, Proposal as ProposalMessage, SendMessageRequest, SendMessageResponse, Template,
    message_service_server::MessageService,
};
use straznica_types::Timestamp;
use tonic::{Request, Response, Status};

use super::{
    Handler, call, open,
    partner::{country, id, optional_country},
    refuse,
};
use crate::{
    app::exchange::{
        messages::{self, RECEIVED, SENT, Text},
        proposals::{self, Decision, Proposal},
    },
    domain::exchange::subject,
    error::SpocError,
    store::{entity::general_message, exchange::messages::Narrowing},
};

/// Messages of a page when the caller names no number.
const PAGE: u64 = 50;
/// Most messages of a page.
const LONGEST_PAGE: u64 = 200;

#[tonic::async_trait]
impl MessageService for Handler {
    async fn list_messages(
        &self,
        request: Request<ListMessagesRequest>,
    ) -> Result<Response<ListMessagesResponse>, Status> {
        let (_, wanted) = open(request)?;
        let before = if wanted.before.is_empty() { None } else { Some(id("before", &wanted.before)?) };
        let narrowing = Narrowing {
            country: optional_country(&wanted.country)?,
            direction: word("direction", &wanted.direction, &[RECEIVED, SENT]).map_err(refuse)?,
            state: word("state", &wanted.state, STATES).map_err(refuse)?,
            before,
            limit: if wanted.limit == 0 { PAGE } else { u64::from(wanted.limit).min(LONGEST_PAGE) },
        };
        let (rows, more) = messages::list(&self.0, narrowing).await.map_err(refuse)?;
        let without_body = |row| general_message::Model { body: String::new(), ..row };
        let messages = rows.into_iter().map(without_body).map(message).collect::<Result<_, _>>().map_err(refuse)?;
        Ok(Response::new(ListMessagesResponse { messages, more }))
    }

    async fn get_message(&self, request: Request<GetMessageRequest>) -> Result<Response<GetMessageResponse>, Status> {
        let (_, wanted) = open(request)?;
        let row = messages::get(&self.0, id("id", &wanted.id)?).await.map_err(refuse)?;
        Ok(Response::new(GetMessageResponse { message: Some(message(row).map_err(refuse)?) }))
    }

    async fn acknowledge_message(
        &self,
        request: Request<AcknowledgeMessageRequest>,
    ) -> Result<Response<AcknowledgeMessageResponse>, Status> {
        let (peer, wanted) = open(request)?;
        let call = call(&peer, wanted.context).map_err(refuse)?;
        messages::acknowledge(&self.0, &call, id("id", &wanted.id)?).await.map_err(refuse)?;
        Ok(Response::new(AcknowledgeMessageResponse {}))
    }

    async fn send_message(
        &self,
        request: Request<SendMessageRequest>,
    ) -> Result<Response<SendMessageResponse>, Status> {
        let (peer, wanted) = open(request)?;
        let call = call(&peer, wanted.context).map_err(refuse)?;
        let country = country(&wanted.country)?;
        let text = match (wanted.parameters.is_empty(), wanted.body.is_empty()) {
            // One of the standard's subjects alone: its template, whose parameters are missed.
            (true, true) if subject::Subject::read(&wanted.subject).is_some() => Text::Template(Vec::new()),
            (true, _) => Text::Free(wanted.body),
            (false, true) => Text::Template(wanted.parameters.into_iter().collect()),
            (false, false) => {
                return Err(refuse(SpocError::field("body", "parameters fill a template: no body beside them")));
            }
        };
        let row = messages::send(&self.0, &call, country, &wanted.subject, text).await.map_err(refuse)?;
        Ok(Response::new(SendMessageResponse { message: Some(message(row).map_err(refuse)?) }))
    }

    async fn decide_proposal(
        &self,
        request: Request<DecideProposalRequest>,
    ) -> Result<Response<DecideProposalResponse>, Status> {
        let (peer, wanted) = open(request)?;
        let call = call(&peer, wanted.context).map_err(refuse)?;
        let period = match (wanted.begins_ms, wanted.ends_ms) {
            (Some(begins), Some(ends)) => Some((Timestamp::from_millis(begins), Timestamp::from_millis(ends))),
            (None, None) => None,
            _ => return Err(refuse(SpocError::field("ends_ms", "a period has a beginning and an end"))),
        };
        let decision = Decision {
            accept: wanted.accept,
            why: wanted.reason,
            target: Some(wanted.target).filter(|target| !target.is_empty()),
            period,
        };
        let row = proposals::decide(&self.0, &call, id("id", &wanted.id)?, decision).await.map_err(refuse)?;
        Ok(Response::new(DecideProposalResponse { message: Some(message(row).map_err(refuse)?) }))
    }

    async fn list_templates(
        &self,
        _request: Request<ListTemplatesRequest>,
    ) -> Result<Response<ListTemplatesResponse>, Status> {
        let templates = subject::Subject::all().map(|subject| {
            let template = subject::Template::of(subject);
            Template {
                subject: subject.as_str().to_owned(),
                english: template.english.to_owned(),
                polish: template.polish.to_owned(),
                parameters: template.parameters().into_iter().map(ToOwned::to_owned).collect(),
                implies: subject.implies().map(|implied| implied.as_str().to_owned()).unwrap_or_default(),
            }
        });
        Ok(Response::new(ListTemplatesResponse { templates: templates.collect() }))
    }
}

/// States a list can be narrowed to.
const STATES: &[&str] = &["new", "acknowledged", "sending", "delivered", "failed"];

/// Reads a word that may be left out.
fn word(field: &'static str, text: &str, known: &'static [&'static str]) -> Result<Option<&'static str>, SpocError> {
    if text.is_empty() {
        return Ok(None);
    }
    let word = known.iter().copied().find(|word| *word == text);
    word.map(Some).ok_or(SpocError::field(field, "no such word is known here"))
}

fn message(row: general_message::Model) -> Result<Message, SpocError> {
    let proposal = Proposal::of_row(&row)?.map(|proposal| ProposalMessage {
        kind: proposal.kind.as_str().to_owned(),
        candidates: proposal.candidates,
        begins_ms: proposal.period.map(|(begins, _)| begins.millis()),
        ends_ms: proposal.period.map(|(_, ends)| ends.millis()),
        state: row.proposal_state.unwrap_or_default(),
        decided_by: row.decided_by.unwrap_or_default(),
        decided_at_ms: row.decided_at,
        decision: row.decision.unwrap_or_default(),
    });
    Ok(Message {
        id: row.id.to_string(),
        direction: row.direction,
        country: row.country,
        message_id: row.message_id,
        subject: row.subject,
        body: row.body,
        at_ms: row.at,
        state: row.state,
        handled_by: row.handled_by.unwrap_or_default(),
        handled_at_ms: row.handled_at,
        proposal,
    })
}

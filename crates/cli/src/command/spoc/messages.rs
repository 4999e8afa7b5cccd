//! `straznica spoc messages`.

use straznica_contracts::spoc::v1::{
    AcknowledgeMessageRequest, DecideProposalRequest, GetMessageRequest, ListMessagesRequest, ListMessagesResponse,
    ListTemplatesRequest, ListTemplatesResponse, Message, Proposal, SendMessageRequest,
};

use super::desk::Desk;
use super::table::{Table, lines, one_line};
use super::{SpocError, when};
use crate::arguments::{Decision, MessageState, Messages};

/// Runs the command.
pub(super) async fn run(command: Messages) -> Result<(), SpocError> {
    match command {
        Messages::List { country, state, limit, before, desk } => {
            let desk = Desk::open(desk)?;
            let request = ListMessagesRequest {
                country: country.unwrap_or_default(),
                direction: String::new(),
                state: state.map_or("", state_name).to_owned(),
                before: before.unwrap_or_default(),
                limit,
            };
            let answer = desk.messages().list_messages(request).await?.into_inner();
            desk.print(&answer, list)
        }
        Messages::Read { id, desk } => {
            let desk = Desk::open(desk)?;
            let answer = desk.messages().get_message(GetMessageRequest { id }).await?.into_inner();
            desk.print(&answer, |answer| answer.message.as_ref().map(whole).unwrap_or_default())
        }
        Messages::Ack { id, desk } => {
            let desk = Desk::open(desk)?;
            let request = AcknowledgeMessageRequest { context: desk.context(), id: id.clone() };
            let answer = desk.messages().acknowledge_message(request).await?.into_inner();
            desk.print(&answer, |_| format!("{id} is acknowledged"))
        }
        Messages::Templates { desk } => {
            let desk = Desk::open(desk)?;
            let answer = desk.messages().list_templates(ListTemplatesRequest {}).await?.into_inner();
            desk.print(&answer, templates)
        }
        Messages::Send { country, template, set, subject, body, desk } => {
            let parameters = set.iter().map(|value| parameter(value)).collect::<Result<_, _>>()?;
            let desk = Desk::open(desk)?;
            let request = SendMessageRequest {
                context: desk.context(),
                country,
                subject: template.or(subject).unwrap_or_default(),
                parameters,
                body: body.unwrap_or_default(),
            };
            let answer = desk.messages().send_message(request).await?.into_inner();
            desk.print(&answer, |answer| answer.message.as_ref().map(whole).unwrap_or_default())
        }
        Messages::Decide { id, decision, target, from, until, reason, desk } => {
            let (begins_ms, ends_ms) = (when::read_some(from.as_ref())?, when::read_some(until.as_ref())?);
            let desk = Desk::open(desk)?;
            let request = DecideProposalRequest {
                context: desk.context(),
                id,
                accept: decision == Decision::Accept,
                reason,
                target: target.unwrap_or_default(),
                begins_ms,
                ends_ms,
            };
            let answer = desk.messages().decide_proposal(request).await?.into_inner();
            desk.print(&answer, |answer| answer.message.as_ref().map(whole).unwrap_or_default())
        }
    }
}

fn parameter(text: &str) -> Result<(String, String), SpocError> {
    let (name, value) = text.split_once('=').ok_or_else(|| SpocError::Parameter(text.to_owned()))?;
    Ok((name.to_owned(), value.to_owned()))
}

fn state_name(state: MessageState) -> &'static str {
    match state {
        MessageState::New => "new",
        MessageState::Acknowledged => "acknowledged",
        MessageState::Sending => "sending",
        MessageState::Delivered => "delivered",
        MessageState::Failed => "failed",
    }
}

fn list(answer: &ListMessagesResponse) -> String {
    let rows = answer.messages.iter().map(|message| {
        let Message { id, direction, country, subject, at_ms, state, proposal, .. } = message;
        let open = proposal.as_ref().filter(|proposal| proposal.state == "open");
        let proposes = open.map(|proposal| format!("proposes {}", proposal.kind)).unwrap_or_default();
        let at = when::minute(*at_ms);
        [id, &at, direction, country, state, subject, &proposes].map(ToString::to_string)
    });
    let table =
        Table::new(["ID", "AT (UTC)", "WAY", "PARTNER", "STATE", "SUBJECT", "PROPOSAL"], rows).or("no messages");
    match answer.messages.last() {
        Some(last) if answer.more => format!("{table}older ones: --before {}", last.id),
        _ => table,
    }
}

fn whole(message: &Message) -> String {
    let Message { id, direction, country, message_id, subject, body, at_ms, state, handled_by, handled_at_ms, .. } =
        message;
    let preposition = if direction == "sent" { "to" } else { "from" };
    let mut text = format!(
        "{direction} {preposition} {country}, {} (UTC), {state}\n  id       {id}, its originator's {}\n  subject  {}",
        when::minute(*at_ms),
        one_line(message_id),
        one_line(subject),
    );
    if !handled_by.is_empty() {
        text += &format!("\n  handled  by {handled_by} {}", when::some_minute(*handled_at_ms));
    }
    if let Some(proposal) = &message.proposal {
        text += &proposed(id, proposal);
    }
    if body.is_empty() { text } else { format!("{text}\n\n{}", lines(body)) }
}

/// What a message implies, and what an officer types to decide on it.
fn proposed(id: &str, proposal: &Proposal) -> String {
    let Proposal { kind, candidates, begins_ms, ends_ms, state, decided_by, decided_at_ms, decision } = proposal;
    let mut text = format!("\n  proposes {kind} {}", one_line(&candidates.join(", ")));
    if let (Some(begins), Some(ends)) = (begins_ms, ends_ms) {
        text += &format!(" {} to {}", when::minute(*begins), when::minute(*ends));
    }
    if state == "open" {
        return text + &format!("\n           straznica spoc messages decide {id} accept|reject --reason <why>");
    }
    text + &format!("\n  {state} by {decided_by} {}: {}", when::some_minute(*decided_at_ms), one_line(decision))
}

fn templates(answer: &ListTemplatesResponse) -> String {
    let one = |template: &straznica_contracts::spoc::v1::Template| {
        let parameters: Vec<_> = template.parameters.iter().map(|name| format!(" --set {name}=…")).collect();
        let implied = match template.implies.as_str() {
            "" => "nothing",
            implied => implied,
        };
        format!(
            "--template \"{}\"{}\n  {}\n  {}\n  implies {implied}\n",
            template.subject,
            parameters.concat(),
            template.english,
            template.polish
        )
    };
    answer.templates.iter().map(one).collect::<Vec<_>>().join("\n")
}

//! General messages: what partners write, what we write, and who has read it. What a message implies is [`super::proposals`]' matter.

use exchange::{
    Country,
    code::GeneralMessageCode,
    message::{GeneralMessage, MAX_BODY, MAX_SUBJECT, Message},
    soap::is_character,
};
use prost::Message as _;
use sea_orm::DatabaseTransaction;
use serde_json::json;
use straznica_contracts::spoc::v1::GeneralMessageResponse;
use straznica_exchange_wire::grpc::convert::{self, kept};
use straznica_runtime::failpoint;
use straznica_store::StoreError;
use straznica_types::{RequestId, Timestamp, typed_id};
use uuid::Uuid;

use super::{
    super::{App, call::Call, record},
    outbox, partners, proposals, refused,
    seen::{Received, Seen},
};
use crate::{
    domain::exchange::{
        partner::PartnerState,
        policy::Rule,
        subject::{Subject, Template},
    },
    error::SpocError,
    store::{
        entity::{general_message, outbox as letters},
        exchange::messages::{self as store, Narrowing},
    },
};

typed_id! {
    /// A message for people.
    pub struct GeneralMessageId;
}

/// Times a message is looked at anew when the same one arrives at once.
const ATTEMPTS: usize = 4;

/// Answers GeneralMessage. What fails inside is failure_internal_error: nothing was kept, and the same message may come again.
pub(crate) async fn general_message(app: &App, caller: Country, message: GeneralMessage) -> GeneralMessageCode {
    let call = Call::of_partner(caller, RequestId::generate(app.clock.as_ref()));
    receive(app, &call, caller, &message).await.unwrap_or_else(|failure| {
        tracing::error!(error = &failure as &dyn std::error::Error, %caller, "a general message was not kept");
        GeneralMessageCode::FailureInternalError
    })
}

async fn receive(
    app: &App,
    call: &Call,
    caller: Country,
    message: &GeneralMessage,
) -> Result<GeneralMessageCode, SpocError> {
    let content: [&[u8]; 2] = [message.subject.as_bytes(), message.body.as_bytes()];
    let received = Received::read(caller, &message.caller_id, &message.message_id, kept::GENERAL_MESSAGE, &content);
    let Some(received) = received else {
        return refuse(app, call, caller, Rule::Message).await;
    };
    for _ in 0..ATTEMPTS {
        match received.seen(app.store.reader()).await? {
            Seen::Answered(answer) => return kept_answer(&answer),
            // There is no code for it among those of a general message.
            Seen::Otherwise => return refuse(app, call, caller, Rule::MessageId).await,
            Seen::Never => {}
        }
        match keep(app, call, &received, message).await {
            // The same message came twice at once, and the other one was first.
            Err(SpocError::Store(StoreError::Duplicate(_))) => {}
            decided => return decided,
        }
    }
    Err(SpocError::Busy)
}

/// Refuses a message of which nothing is kept but that it came.
async fn refuse(app: &App, call: &Call, caller: Country, rule: Rule) -> Result<GeneralMessageCode, SpocError> {
    refused::note(app, call, caller, kept::GENERAL_MESSAGE, rule, None).await?;
    Ok(GeneralMessageCode::FailureSyntax)
}

async fn keep(
    app: &App,
    call: &Call,
    received: &Received,
    message: &GeneralMessage,
) -> Result<GeneralMessageCode, SpocError> {
    let now = app.clock.now();
    let well_formed = is_subject(&message.subject) && message.body.chars().count() <= MAX_BODY;
    let code = if well_formed { GeneralMessageCode::Ok } else { GeneralMessageCode::FailureSyntax };
    let answer = convert::general_answer_to_wire(code).encode_to_vec();
    failpoint::reach("spoc.message.received").await;
    app.store
        .write_tx(async |tx| {
            received.answer(tx, answer.clone(), code.as_str(), Some(Rule::Message), now).await?;
            if !well_formed {
                let detail = json!({ "messageId": received.message_id, "rule": Rule::Message.as_str() });
                return record(app, tx, call, "exchange.message_refused", detail).await;
            }
            let proposal = proposals::implied(app, tx, received.caller, &message.subject, &message.body).await?;
            let id = GeneralMessageId::generate_at(now).uuid();
            let detail = json!({
                "message": id, "messageId": received.message_id, "subject": message.subject,
                "implies": proposal.as_ref().map(|proposal| proposal.kind.as_str()),
            });
            let row = general_message::Model {
                id,
                direction: RECEIVED.to_owned(),
                country: received.caller.to_string(),
                message_id: received.message_id.clone(),
                subject: message.subject.clone(),
                body: message.body.clone(),
                at: now.millis(),
                state: "new".to_owned(),
                proposal_state: proposal.as_ref().map(|_| "open".to_owned()),
                proposal: proposal.map(|proposal| proposal.to_column()).transpose()?,
                decided_by: None,
                decided_at: None,
                decision: None,
                handled_by: None,
                handled_at: None,
            };
            store::insert(tx, row).await?;
            record(app, tx, call, "message.received", detail).await
        })
        .await?;
    failpoint::reach("spoc.message.kept").await;
    if well_formed {
        tracing::warn!(caller = %received.caller, "a partner has written a message for people");
    }
    Ok(code)
}

fn is_subject(text: &str) -> bool {
    (1..=MAX_SUBJECT).contains(&text.chars().count()) && text.chars().all(|one| !one.is_control() && is_character(one))
}

fn kept_answer(bytes: &[u8]) -> Result<GeneralMessageCode, SpocError> {
    let corrupt = |why: String| SpocError::Corrupt(format!("an answer kept for a partner: {why}"));
    let answer = GeneralMessageResponse::decode(bytes).map_err(|why| corrupt(why.to_string()))?;
    convert::general_answer_from_wire(answer).map_err(|why| corrupt(why.to_string()))
}

/// Directions of a message.
pub(crate) const RECEIVED: &str = "received";
/// See [`RECEIVED`].
pub(crate) const SENT: &str = "sent";

/// What an officer writes.
#[derive(Debug, Clone)]
pub(crate) enum Text {
    /// The standard's subject, filled in.
    Template(Vec<(String, String)>),
    /// Free words.
    Free(String),
}

/// Writes to a partner: kept here and delivered afterwards.
///
/// # Errors
/// [`SpocError::PartnerUnknown`], [`SpocError::Template`], or [`SpocError::Field`] for a subject or body that is none.
pub(crate) async fn send(
    app: &App,
    call: &Call,
    country: Country,
    subject: &str,
    text: Text,
) -> Result<general_message::Model, SpocError> {
    let officer = call.officer_at_desk()?.to_owned();
    if !is_subject(subject) {
        return Err(SpocError::field("subject", "1 to 256 characters on one line are needed"));
    }
    let (subject, body) = words(subject, text)?;
    if !body.chars().all(is_character) {
        return Err(SpocError::field("body", "a control character cannot be sent"));
    }
    let now = app.clock.now();
    let id = GeneralMessageId::generate_at(now).uuid();
    let message = GeneralMessage {
        caller_id: app.country.to_string(),
        message_id: outbox::message_id(app),
        subject: subject.clone(),
        body: body.clone(),
    };
    let row = general_message::Model {
        id,
        direction: SENT.to_owned(),
        country: country.to_string(),
        message_id: message.message_id.clone(),
        subject,
        body,
        at: now.millis(),
        state: "sending".to_owned(),
        proposal: None,
        proposal_state: None,
        decided_by: None,
        decided_at: None,
        decision: None,
        handled_by: Some(officer),
        handled_at: Some(now.millis()),
    };
    let message = Message::GeneralMessage(message);
    app.store
        .write_tx(async |tx| {
            let partner = partners::load(tx, country).await?;
            let registered = partner.is_some_and(|partner| partner.state != PartnerState::Withdrawn);
            if !registered {
                return Err(SpocError::PartnerUnknown(country));
            }
            outbox::enqueue(app, tx, country, &message, &id.to_string()).await?;
            store::insert(tx, row.clone()).await?;
            let detail =
                json!({ "message": id, "messageId": row.message_id, "country": country, "subject": row.subject });
            record(app, tx, call, "message.sent", detail).await
        })
        .await?;
    Ok(row)
}

fn words(subject: &str, text: Text) -> Result<(String, String), SpocError> {
    match text {
        Text::Free(body) if body.trim().is_empty() || body.chars().count() > MAX_BODY => {
            Err(SpocError::field("body", "1 to 65 535 characters are needed"))
        }
        Text::Free(body) => Ok((subject.to_owned(), body)),
        Text::Template(values) => {
            let subject = Subject::read(subject)
                .ok_or(SpocError::field("subject", "parameters are for one of the standard's subjects"))?;
            Ok((subject.as_str().to_owned(), Template::of(subject).fill(&values)?))
        }
    }
}

/// Notes how the delivery of a message of ours ended, in the transaction that records the answer.
///
/// # Errors
/// [`SpocError::Store`]
pub(crate) async fn settle(
    tx: &DatabaseTransaction,
    letter: &letters::Model,
    delivered: bool,
) -> Result<(), SpocError> {
    let id: Uuid =
        letter.subject.parse().map_err(|_| SpocError::Corrupt(format!("subject of letter {}", letter.id)))?;
    if let Some(row) = store::find(tx, id).await? {
        store::set_state(tx, row, if delivered { "delivered" } else { "failed" }).await?;
    }
    Ok(())
}

/// Messages, newest first, and whether there are older ones.
///
/// # Errors
/// [`SpocError::Store`]
pub(crate) async fn list(app: &App, narrowing: Narrowing) -> Result<(Vec<general_message::Model>, bool), SpocError> {
    let wanted = usize::try_from(narrowing.limit).unwrap_or(usize::MAX);
    let one_more = Narrowing { limit: narrowing.limit.saturating_add(1), ..narrowing };
    let mut rows = store::list(app.store.reader(), &one_more).await?;
    let more = rows.len() > wanted;
    rows.truncate(wanted);
    Ok((rows, more))
}

/// One message.
///
/// # Errors
/// [`SpocError::MessageUnknown`]
pub(crate) async fn get(app: &App, id: Uuid) -> Result<general_message::Model, SpocError> {
    store::find(app.store.reader(), id).await?.ok_or(SpocError::MessageUnknown)
}

/// Says that an officer has read a message. Said again, the first one stands.
///
/// # Errors
/// [`SpocError::MessageUnknown`] when no such message was received.
pub(crate) async fn acknowledge(app: &App, call: &Call, id: Uuid) -> Result<(), SpocError> {
    let officer = call.officer_at_desk()?.to_owned();
    let now = app.clock.now();
    app.store
        .write_tx(async |tx| {
            let row = store::find(tx, id).await?.filter(|row| row.direction == RECEIVED);
            let row = row.ok_or(SpocError::MessageUnknown)?;
            if row.state == "new" {
                read(app, tx, call, row, &officer, now).await?;
            }
            Ok(())
        })
        .await
}

/// Notes that an officer has read a message, in this transaction.
pub(super) async fn read(
    app: &App,
    tx: &DatabaseTransaction,
    call: &Call,
    row: general_message::Model,
    officer: &str,
    now: Timestamp,
) -> Result<general_message::Model, SpocError> {
    let detail = json!({ "message": row.id, "country": row.country, "subject": row.subject });
    let row = store::acknowledge(tx, row, officer, now).await?;
    record(app, tx, call, "message.acknowledged", detail).await?;
    Ok(row)
}

#[cfg(test)]
mod tests;

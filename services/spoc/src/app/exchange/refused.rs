//! Messages of partners that are refused before they mean anything: too many, malformed, or under an identifier that means something else or nothing. Each
//! kind goes on record once an hour for a partner: it can send as many as it likes, and must not fill the journal.

use std::sync::PoisonError;

use exchange::{Country, operation::Operation};
use serde_json::json;
use straznica_exchange_wire::grpc::convert::kept;
use straznica_types::RequestId;

use crate::{
    app::{App, call::Call, record},
    domain::exchange::{policy::Rule, quota::Intake, refusals::Note},
    error::SpocError,
};

/// Puts a refused message on record, or only counts it. What a partner makes up is not quoted; an identifier is, once it is known to be one.
///
/// # Errors
/// [`SpocError`] when the journal cannot be written.
pub(crate) async fn note(
    app: &App,
    call: &Call,
    caller: Country,
    operation: &'static str,
    rule: Rule,
    message_id: Option<&str>,
) -> Result<(), SpocError> {
    app.metrics.message_refused(operation, rule.as_str());
    let note = {
        let mut refusals = app.refused_messages.lock().unwrap_or_else(PoisonError::into_inner);
        refusals.note(Some(caller), &format!("{caller} {operation}"), rule.as_str(), app.clock.now())
    };
    if note == Note::Count {
        tracing::debug!(%caller, operation, rule = rule.as_str(), "a message was refused again");
        return Ok(());
    }
    tracing::warn!(%caller, operation, rule = rule.as_str(), "a message was refused");
    let detail = json!({ "caller": caller, "operation": operation, "messageId": message_id, "rule": rule.as_str() });
    app.store.write_tx(async |tx| record(app, tx, call, "exchange.message_refused", detail.clone()).await).await
}

/// A message the wire refused: too long in one of its fields, or with a code nobody knows. What fails here is in the log: the message is answered
/// already.
pub(crate) async fn unread(app: &App, caller: Country, operation: Operation) {
    let call = Call::of_partner(caller, RequestId::generate(app.clock.as_ref()));
    let operation = name(operation);
    if let Err(failure) = note(app, &call, caller, operation, Rule::Message, None).await {
        tracing::error!(error = &failure as &dyn std::error::Error, %caller, operation, "a refused message could not be recorded");
    }
}

const fn name(operation: Operation) -> &'static str {
    match operation {
        Operation::RequestCertificate => kept::REQUEST_CERTIFICATE,
        Operation::SendCertificates => kept::SEND_CERTIFICATES,
        Operation::GetCaCertificates => kept::GET_CA_CERTIFICATES,
        Operation::GeneralMessage => kept::GENERAL_MESSAGE,
    }
}

/// Whether a message of a partner is taken in: more than policy allows in an hour are not, and the partner is asked to come again. Each replica counts
/// for itself. The hour's first that is not goes on record.
pub(crate) async fn is_taken_in(app: &App, caller: Country, operation: Operation) -> bool {
    let values = app.policy.for_partner(caller).intake;
    let now = app.clock.now();
    let intake = {
        let mut quota = app.quota.lock().unwrap_or_else(PoisonError::into_inner);
        let most = match operation {
            Operation::GeneralMessage => Some(values.general_messages_per_hour),
            Operation::GetCaCertificates => Some(values.ca_certificate_questions_per_hour),
            Operation::RequestCertificate | Operation::SendCertificates => None,
        };
        match (quota.take(caller, "message", values.messages_per_hour, now), most) {
            (Intake::Taken, Some(most)) => quota.take(caller, name(operation), most, now),
            (intake, _) => intake,
        }
    };
    if intake == Intake::Taken {
        return true;
    }
    let operation = name(operation);
    app.metrics.message_over_quota(caller, operation);
    if intake == Intake::FirstTooMany {
        tracing::warn!(%caller, operation, "a partner sends more messages than are taken in an hour");
        let call = Call::of_partner(caller, RequestId::generate(app.clock.as_ref()));
        let detail = json!({ "caller": caller, "operation": operation, "rule": Rule::Intake.as_str() });
        let noted = app
            .store
            .write_tx(async |tx| record(app, tx, &call, "exchange.quota_exceeded", detail.clone()).await)
            .await;
        if let Err(failure) = noted {
            tracing::error!(error = &failure as &dyn std::error::Error, %caller, "that a partner sends too much could not be recorded");
        }
    }
    false
}

//! What the journal is told.

use serde_json::{Value, json};
use straznica_journal::{Context, Entry, Journal};

use crate::domain::{Asking, CallerClaims, Subject, TransactionId};

/// An entry about a subject, by an officer of an institution.
pub(super) fn entry(
    journal: &Journal,
    kind: &'static str,
    caller: &CallerClaims,
    asking: &Asking,
    subject: &Subject,
    transaction: TransactionId,
    detail: Value,
) -> Entry {
    let mut all = json!({
        "transaction": transaction.to_string(),
        "institution": asking.institution.as_str(),
    });
    if let (Value::Object(all), Value::Object(detail)) = (&mut all, detail) {
        all.extend(detail);
    }
    Entry::new(kind, context(caller)).subject(journal.pseudonym("subject", subject.as_str())).detail(all)
}

/// Who calls, for an entry.
pub(super) fn context(caller: &CallerClaims) -> Context {
    Context {
        actor: caller.actor.clone(),
        terminal: caller.terminal.as_ref().map(ToString::to_string).unwrap_or_default(),
        officer: caller.officer.as_ref().map(ToString::to_string).unwrap_or_default(),
        purpose: caller.purpose.clone(),
        case_number: caller.case_number.clone(),
        request_id: caller.request_id.map(|id| id.to_string()).unwrap_or_default(),
    }
}

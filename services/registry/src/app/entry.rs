//! What the journal is told.

use serde_json::{Value, json};
use straznica_journal::{Context, Entry, Journal};

use crate::domain::file::CaseFile;
use crate::domain::{Mandate, PersonId};

/// An entry about a person.
pub(super) fn of_person(
    journal: &Journal,
    kind: &'static str,
    mandate: &Mandate,
    person: PersonId,
    detail: Value,
) -> Entry {
    Entry::new(kind, context(mandate))
        .subject(journal.pseudonym("person", &person.to_string()))
        .legal_basis(mandate.legal_basis.clone())
        .detail(detail)
}

/// An entry about a case, under its number.
pub(super) fn of_case(
    journal: &Journal,
    kind: &'static str,
    mandate: &Mandate,
    file: &CaseFile,
    detail: Value,
) -> Entry {
    let mut all = json!({ "case": file.id.to_string() });
    if let (Value::Object(all), Value::Object(detail)) = (&mut all, detail) {
        all.extend(detail);
    }
    let context = Context { case_number: file.number.clone(), ..context(mandate) };
    Entry::new(kind, context)
        .subject(journal.pseudonym("case", &file.id.to_string()))
        .legal_basis(mandate.legal_basis.clone())
        .detail(all)
}

/// Who calls, for an entry.
pub(super) fn context(mandate: &Mandate) -> Context {
    let caller = &mandate.caller;
    Context {
        actor: caller.actor.clone(),
        terminal: caller.terminal.as_ref().map(ToString::to_string).unwrap_or_default(),
        officer: mandate.officer.to_string(),
        purpose: caller.purpose.clone(),
        case_number: caller.case_number.clone(),
        request_id: caller.request_id.map(|id| id.to_string()).unwrap_or_default(),
    }
}

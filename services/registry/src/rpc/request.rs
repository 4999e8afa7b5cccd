//! Requests → what the use cases take.

use std::str::FromStr;

use straznica_contracts::common::v1::CallContext;
use straznica_contracts::registry::v1 as proto;
use straznica_contracts::registry::v1::statement_change::Change as ProtoChange;
use straznica_pki::PeerIdentity;
use straznica_runtime::auth::peer;
use straznica_types::{CivilDate, OfficerId, RequestId, TerminalId, Timestamp, check_name};
use tonic::{Request, Status};

use super::fact;
use crate::app::NewEvent;
use crate::domain::person::{Change, New, Validity};
use crate::domain::{CallerClaims, PersonId, Refusal};
use crate::error::RegistryError;

pub(super) const NAME: &str = "1 to 64 letters, digits, '.', '_' or '-'";
pub(super) const UUID: &str = "a UUID";
pub(super) const DAY: &str = "a day (YYYY-MM-DD)";
const LONGEST_CASE_NUMBER: usize = 64;

/// Splits a request into who calls and what is asked.
pub(super) fn open<T>(
    request: Request<T>,
    context: impl Fn(&mut T) -> Option<CallContext>,
) -> Result<(CallerClaims, T), Status> {
    let peer: PeerIdentity = peer(&request)?.clone();
    let mut message = request.into_inner();
    let caller = caller(&peer, context(&mut message)).map_err(refused)?;
    Ok((caller, message))
}

pub(super) fn refused(error: impl Into<RegistryError>) -> Status {
    straznica_error::status(&error.into())
}

pub(super) fn caller(peer: &PeerIdentity, context: Option<CallContext>) -> Result<CallerClaims, Refusal> {
    let context = context.unwrap_or_default();
    if context.case_number.len() > LONGEST_CASE_NUMBER || context.case_number.chars().any(char::is_control) {
        return Err(Refusal::Invalid { member: "/context/case_number", expected: "up to 64 characters" });
    }
    Ok(CallerClaims {
        actor: peer.to_string(),
        terminal: optional(&context.terminal_id, "/context/terminal_id", NAME, TerminalId::from_str)?,
        officer: optional(&context.officer, "/context/officer", NAME, OfficerId::from_str)?,
        purpose: context.purpose,
        case_number: context.case_number,
        request_id: optional(&context.request_id, "/context/request_id", UUID, RequestId::from_str)?,
    })
}

pub(super) fn person_id(text: &str) -> Result<PersonId, Refusal> {
    required(text, "/person_id", UUID, PersonId::from_str)
}

pub(super) fn person_ids(texts: &[String], member: &'static str) -> Result<Vec<PersonId>, Refusal> {
    texts.iter().map(|text| required(text, member, UUID, PersonId::from_str)).collect()
}

pub(super) fn day(text: &str, member: &'static str) -> Result<Option<CivilDate>, Refusal> {
    optional(text, member, DAY, CivilDate::from_str)
}

pub(super) fn new_statements(statements: Vec<proto::NewStatement>) -> Result<Vec<Change>, Refusal> {
    statements.into_iter().map(|statement| new(statement).map(Change::Add)).collect()
}

pub(super) fn changes(changes: Vec<proto::StatementChange>) -> Result<Vec<Change>, Refusal> {
    changes.into_iter().map(change).collect()
}

fn change(change: proto::StatementChange) -> Result<Change, Refusal> {
    let statement = |id: &str| required(id, "/statement_id", UUID, FromStr::from_str);
    match change.change.ok_or(Refusal::Missing { member: "/change" })? {
        ProtoChange::Add(added) => Ok(Change::Add(new(added)?)),
        ProtoChange::Correct(correction) => {
            let with = correction.with.ok_or(Refusal::Missing { member: "/with" })?;
            Ok(Change::Correct(statement(&correction.statement_id)?, new(with)?))
        }
        ProtoChange::End(end) => Ok(Change::End {
            statement: statement(&end.statement_id)?,
            to: required(&end.valid_to, "/valid_to", DAY, CivilDate::from_str)?,
            source: end.source,
            reason: end.reason,
        }),
        ProtoChange::Withdraw(withdrawal) => Ok(Change::Withdraw {
            statement: statement(&withdrawal.statement_id)?,
            source: withdrawal.source,
            reason: withdrawal.reason,
        }),
    }
}

fn new(statement: proto::NewStatement) -> Result<New, Refusal> {
    let from = day(&statement.valid_from, "/valid_from")?;
    let to = day(&statement.valid_to, "/valid_to")?;
    Ok(New {
        fact: fact::read(statement.fact.ok_or(Refusal::Missing { member: "/fact" })?)?,
        validity: Validity::new(from, to)?,
        source: statement.source,
        reason: statement.reason,
    })
}

pub(super) fn event(event: Option<proto::CaseEvent>) -> Result<NewEvent, Refusal> {
    let event = event.ok_or(Refusal::Missing { member: "/event" })?;
    let name = |text: &str, member| optional(text, member, NAME, |text| check_name(text).map(|()| text.to_owned()));
    Ok(NewEvent {
        at: Timestamp::from_millis(event.at_ms),
        decision: name(&event.decision, "/event/decision")?,
        of: name(&event.of, "/event/of")?,
        posted_on: day(&event.posted_on, "/event/posted_on")?,
        until: day(&event.until, "/event/until")?,
        event: name(&event.event, "/event/event")?.ok_or(Refusal::Missing { member: "/event/event" })?,
    })
}

pub(super) fn optional<T, E>(
    text: &str,
    member: &'static str,
    expected: &'static str,
    parse: impl Fn(&str) -> Result<T, E>,
) -> Result<Option<T>, Refusal> {
    if text.is_empty() {
        return Ok(None);
    }
    parse(text).map(Some).map_err(|_| Refusal::Invalid { member, expected })
}

pub(super) fn required<T, E>(
    text: &str,
    member: &'static str,
    expected: &'static str,
    parse: impl Fn(&str) -> Result<T, E>,
) -> Result<T, Refusal> {
    optional(text, member, expected, parse)?.ok_or(Refusal::Missing { member })
}

//! Requests → what the use cases take.

use std::str::FromStr;

use identifiers::PhoneNumber;
use straznica_contracts::common::v1::CallContext;
use straznica_contracts::dispatch::v1 as proto;
use straznica_contracts::dispatch::v1::lift_lock_request::Locked as ProtoLocked;
use straznica_pki::PeerIdentity;
use straznica_types::{OfficerId, RequestId, TerminalId};
use zeroize::Zeroizing;

use crate::app::{Locked, SendCode};
use crate::domain::{Asking, CallerClaims, Institution, Life, OneTimeCode, Refusal, Subject, TransactionId};

const NAME: &str = "1 to 64 letters, digits, '.', '_' or '-'";
const UUID: &str = "a UUID";
const LONGEST_CASE_NUMBER: usize = 64;

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

pub(super) fn asking(caller: &CallerClaims, institution: &str) -> Result<Asking, Refusal> {
    Asking::new(caller, Institution::parse(institution)?)
}

pub(super) fn transaction_id(text: &str) -> Result<TransactionId, Refusal> {
    required(text, "/transaction_id", UUID, TransactionId::from_str)
}

pub(super) fn send_code(request: proto::SendCodeRequest) -> Result<SendCode, Refusal> {
    let phone = Zeroizing::new(request.phone);
    let expected = "a phone number (E.164, or nine digits for Poland)";
    Ok(SendCode {
        id: transaction_id(&request.transaction_id)?,
        subject: optional(&request.subject, "/subject", NAME, Subject::parse)?,
        phone: optional(&phone, "/phone", expected, PhoneNumber::parse)?,
        binding_text: request.binding_text,
        language: request.language,
        life: Life::from_seconds(request.life_seconds)?,
        conceal: request.conceal,
        allow_prompt: request.allow_prompt,
    })
}

pub(super) fn code(text: String) -> Result<OneTimeCode, Refusal> {
    let text = Zeroizing::new(text);
    if text.is_empty() {
        return Err(Refusal::Missing { member: "/code" });
    }
    OneTimeCode::parse(&text).ok_or(Refusal::Invalid { member: "/code", expected: "six digits" })
}

pub(super) fn subject(subject: &str) -> Result<Subject, Refusal> {
    Subject::parse(subject)
}

pub(super) fn locked(locked: Option<ProtoLocked>) -> Result<Locked, Refusal> {
    match locked {
        None => Err(Refusal::Missing { member: "/locked" }),
        Some(ProtoLocked::Subject(subject)) => Ok(Locked::Subject(Subject::parse(&subject)?)),
        Some(ProtoLocked::Official(official)) => Ok(Locked::Official {
            institution: Institution::parse(&official.institution)?,
            officer: required(&official.officer, "/official/officer", NAME, OfficerId::from_str)?,
        }),
    }
}

fn optional<T, E>(
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

fn required<T, E>(
    text: &str,
    member: &'static str,
    expected: &'static str,
    parse: impl Fn(&str) -> Result<T, E>,
) -> Result<T, Refusal> {
    optional(text, member, expected, parse)?.ok_or(Refusal::Missing { member })
}

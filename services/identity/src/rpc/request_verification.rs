//! Requests of mDokumenty → what the use cases take.

use identifiers::{Pesel, PhoneNumber};
use straznica_contracts::identity::v1::open_verification_request::Criterion as ProtoCriterion;
use straznica_contracts::sources::v1 as sources;
use straznica_types::Secret;

use super::request::{UUID, required};
use crate::app::contract_kind;
use crate::domain::Refusal;
use crate::domain::verification::{Criterion, DocumentKind, People, VerificationId};

pub(super) const PHONE: &str = "a phone number (E.164, or nine digits for Poland)";
pub(super) const PESEL: &str = "a PESEL of a person this node may know";
const KIND: &str = "a kind of document";

pub(super) fn verification_id(text: &str) -> Result<VerificationId, Refusal> {
    required(text, "/verification_id", UUID, str::parse)
}

pub(super) fn pesel(text: &str, people: &People) -> Result<Pesel, Refusal> {
    required(text, "/pesel", PESEL, |text| people.pesel(text))
}

pub(super) fn criterion(told: Option<ProtoCriterion>, people: &People) -> Result<Criterion, Refusal> {
    match &told {
        None => Err(Refusal::Missing { member: "/pesel" }),
        Some(ProtoCriterion::Pesel(text)) => pesel(text, people).map(Criterion::Pesel),
        Some(ProtoCriterion::Phone(text)) => required(text, "/phone", PHONE, PhoneNumber::parse).map(Criterion::Phone),
    }
}

/// Six digits; whether they are the right ones dispatch knows.
pub(super) fn code(text: Secret<String>) -> Result<Secret<String>, Refusal> {
    if text.expose().is_empty() {
        return Err(Refusal::Missing { member: "/code" });
    }
    let well_formed = text.expose().len() == 6 && text.expose().bytes().all(|byte| byte.is_ascii_digit());
    well_formed.then_some(text).ok_or(Refusal::Invalid { member: "/code", expected: "six digits" })
}

pub(super) fn kind(number: i32, member: &'static str) -> Result<DocumentKind, Refusal> {
    let told = sources::DocumentKind::try_from(number).map_err(|_| Refusal::Invalid { member, expected: KIND })?;
    DocumentKind::ALL.into_iter().find(|kind| contract_kind(*kind) == told).ok_or(Refusal::Missing { member })
}

pub(super) fn kinds(numbers: &[i32]) -> Result<Vec<DocumentKind>, Refusal> {
    if numbers.len() > DocumentKind::ALL.len() {
        return Err(Refusal::Invalid { member: "/kinds", expected: "each kind once" });
    }
    numbers.iter().map(|number| kind(*number, "/kinds")).collect()
}

pub(super) fn not_empty(kinds: &[DocumentKind]) -> Result<(), Refusal> {
    if kinds.is_empty() { Err(Refusal::Missing { member: "/kinds" }) } else { Ok(()) }
}

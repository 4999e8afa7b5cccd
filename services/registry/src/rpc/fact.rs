//! Facts, both ways.

use std::mem::take;
use std::str::FromStr;

use straznica_contracts::registry::v1 as proto;
use straznica_contracts::registry::v1::fact::Fact as ProtoFact;

use super::request::{UUID, day, required};
use crate::app::ShownStatement;
use crate::domain::person::{
    Birth, BirthDate, Country, Fact, FamilyLink, FamilyRelation, Name, NameKind, PlacedAt, Sex, TravelDocument,
    Vulnerability,
};
use crate::domain::{PersonId, Refusal, StatementId};

/// Longest text of a fact, in characters.
const LONGEST_TEXT: usize = 300;

/// Reads a fact. The message wipes itself, so texts are taken out of it.
pub(super) fn read(mut message: proto::Fact) -> Result<Fact, Refusal> {
    let mut fact = message.fact.take().ok_or(Refusal::Missing { member: "/fact" })?;
    Ok(match &mut fact {
        ProtoFact::Name(name) => Fact::Name(read_name(name)?),
        ProtoFact::Birth(birth) => Fact::Birth(Birth {
            date: BirthDate::parse(&birth.date)?,
            place: text(&mut birth.place, "/fact/birth/place")?,
        }),
        ProtoFact::Nationality(nationality) => {
            Fact::Nationality(Country::parse(&nationality.code, "/fact/nationality/code")?)
        }
        ProtoFact::Sex(sex) => Fact::Sex(read_sex(*sex, "/fact/sex")?),
        ProtoFact::Document(document) => Fact::Document(TravelDocument {
            kind: word(&mut document.kind, "/fact/document/kind")?,
            number: filled(&mut document.number, "/fact/document/number")?,
            issuer: Country::parse(&document.issuer, "/fact/document/issuer")?,
            expires_on: day(&document.expires_on, "/fact/document/expires_on")?,
        }),
        ProtoFact::Address(address) => Fact::Address(PlacedAt {
            text: filled(&mut address.text, "/fact/address/text")?,
            country: match address.country.as_str() {
                "" => None,
                country => Some(Country::parse(country, "/fact/address/country")?),
            },
        }),
        ProtoFact::FamilyLink(link) => Fact::FamilyLink(FamilyLink {
            person: required(&link.person_id, "/fact/family_link/person_id", UUID, PersonId::from_str)?,
            relation: relation(link.relation)?,
        }),
        ProtoFact::Vulnerability(vulnerability) => Fact::Vulnerability(Vulnerability {
            kind: word(&mut vulnerability.kind, "/fact/vulnerability/kind")?,
            note: text(&mut vulnerability.note, "/fact/vulnerability/note")?,
        }),
    })
}

/// Reads a sex that has to be told.
pub(super) fn read_sex(sex: i32, member: &'static str) -> Result<Sex, Refusal> {
    match proto::Sex::try_from(sex) {
        Ok(proto::Sex::Female) => Ok(Sex::Female),
        Ok(proto::Sex::Male) => Ok(Sex::Male),
        Ok(proto::Sex::Other) => Ok(Sex::Other),
        Ok(proto::Sex::Unspecified) | Err(_) => Err(Refusal::Missing { member }),
    }
}

fn read_name(name: &mut proto::Name) -> Result<Name, Refusal> {
    let kind = match proto::NameKind::try_from(name.kind) {
        Ok(proto::NameKind::Main) => NameKind::Main,
        Ok(proto::NameKind::Birth) => NameKind::Birth,
        Ok(proto::NameKind::Alias) => NameKind::Alias,
        Ok(proto::NameKind::Unspecified) | Err(_) => return Err(Refusal::Missing { member: "/fact/name/kind" }),
    };
    Name {
        kind,
        original_surname: text(&mut name.original_surname, "/fact/name/original_surname")?,
        original_given: text(&mut name.original_given, "/fact/name/original_given")?,
        latin_surname: text(&mut name.latin_surname, "/fact/name/latin_surname")?,
        latin_given: text(&mut name.latin_given, "/fact/name/latin_given")?,
    }
    .check()
}

fn relation(relation: i32) -> Result<FamilyRelation, Refusal> {
    Ok(match proto::FamilyRelation::try_from(relation) {
        Ok(proto::FamilyRelation::Spouse) => FamilyRelation::Spouse,
        Ok(proto::FamilyRelation::Parent) => FamilyRelation::Parent,
        Ok(proto::FamilyRelation::Child) => FamilyRelation::Child,
        Ok(proto::FamilyRelation::Sibling) => FamilyRelation::Sibling,
        Ok(proto::FamilyRelation::Guardian) => FamilyRelation::Guardian,
        Ok(proto::FamilyRelation::Ward) => FamilyRelation::Ward,
        Ok(proto::FamilyRelation::Unspecified) | Err(_) => {
            return Err(Refusal::Missing { member: "/fact/family_link/relation" });
        }
    })
}

fn text(text: &mut String, member: &'static str) -> Result<String, Refusal> {
    if text.chars().count() > LONGEST_TEXT || text.chars().any(char::is_control) {
        return Err(Refusal::Invalid { member, expected: "up to 300 characters" });
    }
    Ok(take(text))
}

fn filled(value: &mut String, member: &'static str) -> Result<String, Refusal> {
    if value.trim().is_empty() {
        return Err(Refusal::Missing { member });
    }
    text(value, member)
}

fn word(value: &mut String, member: &'static str) -> Result<String, Refusal> {
    let letters = value.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    if value.is_empty() || value.len() > 64 || !letters {
        return Err(Refusal::Invalid { member, expected: "1 to 64 lower case letters and '_'" });
    }
    Ok(take(value))
}

/// Writes a statement.
pub(super) fn statement(ShownStatement { statement, person, replaced_by }: ShownStatement) -> proto::Statement {
    let id = |id: Option<StatementId>| id.map(|id| id.to_string()).unwrap_or_default();
    let day = |day: Option<straznica_types::CivilDate>| day.map(|day| day.to_string()).unwrap_or_default();
    proto::Statement {
        statement_id: statement.id.to_string(),
        fact: statement.fact.map(|fact| proto::Fact { fact: Some(write(fact)) }),
        valid_from: day(statement.validity.from),
        valid_to: day(statement.validity.to),
        source: statement.source,
        reason: statement.reason,
        recorded_at_ms: statement.recorded_at.millis(),
        recorded_by: statement.recorded_by.to_string(),
        replaces: id(statement.replaces),
        replaced_by: id(replaced_by),
        person_id: person.to_string(),
    }
}

/// Writes a fact.
pub(super) fn write(fact: Fact) -> ProtoFact {
    match fact {
        Fact::Name(name) => ProtoFact::Name(write_name(name)),
        Fact::Birth(birth) => ProtoFact::Birth(proto::Birth { date: birth.date.to_string(), place: birth.place }),
        Fact::Nationality(country) => ProtoFact::Nationality(proto::Nationality { code: country.into() }),
        Fact::Sex(sex) => ProtoFact::Sex(i32::from(match sex {
            Sex::Female => proto::Sex::Female,
            Sex::Male => proto::Sex::Male,
            Sex::Other => proto::Sex::Other,
        })),
        Fact::Document(document) => ProtoFact::Document(proto::TravelDocument {
            kind: document.kind,
            number: document.number,
            issuer: document.issuer.into(),
            expires_on: document.expires_on.map(|day| day.to_string()).unwrap_or_default(),
        }),
        Fact::Address(address) => ProtoFact::Address(proto::Address {
            text: address.text,
            country: address.country.map(String::from).unwrap_or_default(),
        }),
        Fact::FamilyLink(link) => ProtoFact::FamilyLink(proto::FamilyLink {
            person_id: link.person.to_string(),
            relation: i32::from(match link.relation {
                FamilyRelation::Spouse => proto::FamilyRelation::Spouse,
                FamilyRelation::Parent => proto::FamilyRelation::Parent,
                FamilyRelation::Child => proto::FamilyRelation::Child,
                FamilyRelation::Sibling => proto::FamilyRelation::Sibling,
                FamilyRelation::Guardian => proto::FamilyRelation::Guardian,
                FamilyRelation::Ward => proto::FamilyRelation::Ward,
            }),
        }),
        Fact::Vulnerability(vulnerability) => {
            ProtoFact::Vulnerability(proto::Vulnerability { kind: vulnerability.kind, note: vulnerability.note })
        }
    }
}

pub(super) fn write_name(name: Name) -> proto::Name {
    let kind = match name.kind {
        NameKind::Main => proto::NameKind::Main,
        NameKind::Birth => proto::NameKind::Birth,
        NameKind::Alias => proto::NameKind::Alias,
    };
    proto::Name {
        kind: i32::from(kind),
        original_surname: name.original_surname,
        original_given: name.original_given,
        latin_surname: name.latin_surname,
        latin_given: name.latin_given,
    }
}

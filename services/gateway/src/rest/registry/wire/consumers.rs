//! What other authorities ask, and what they are told.

use serde::{Deserialize, Serialize};
use straznica_contracts::registry::v1::{self as contract, read_persons_request::Criterion};
use straznica_types::OfficerId;
use utoipa::ToSchema;

use super::{
    facts::{Fact, Personal},
    words,
};
use crate::{
    error::GatewayError,
    rest::wire::scalars::{Instant, Text, present},
};

/// A question of another authority.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct NewReading {
    /// The authority's own identifier of the official who asks. Never a name.
    #[schema(value_type = String, min_length = 1, max_length = 64, pattern = "^[A-Za-z0-9._-]+$", example = "inspector.7")]
    pub(in crate::rest::registry) officer: OfficerId,
    /// What for: a purpose of the caller's profile.
    #[schema(value_type = String, min_length = 1, max_length = 64, example = "social_insurance")]
    pub(in crate::rest::registry) purpose: Text<64>,
    /// The authority's own number of its case.
    #[schema(value_type = String, min_length = 1, max_length = 64, example = "ZUS-99/2026")]
    pub(in crate::rest::registry) case: Text<64>,
    /// Whom.
    pub(in crate::rest::registry) about: About,
}

/// Whom a question is about: exactly one of these.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) enum About {
    /// The register's own identifier of a person.
    #[schema(value_type = String, format = Uuid, example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c55")]
    PersonId(Text<64>),
    /// The number of a case of the register: the persons it covers.
    #[schema(value_type = String, example = "protection/2026/000017")]
    CaseNumber(Text<64>),
    /// A document: whoever it is stated of.
    Document(HeldDocument),
}

/// A document somebody holds in their hands.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct HeldDocument {
    /// As it is written there; spaces, hyphens and small letters do not matter, everything else does.
    #[schema(value_type = String, min_length = 1, max_length = 64, example = "FE100200")]
    number: Personal,
    /// Who issued it, as documents write it (ICAO 9303-3 §5).
    #[schema(value_type = String, pattern = "^[A-Z]{1,3}$", example = "UKR")]
    issuer: Personal,
}

impl About {
    pub(in crate::rest::registry) fn into_contract(self) -> Criterion {
        match self {
            Self::PersonId(id) => Criterion::PersonId(id.0),
            Self::CaseNumber(number) => Criterion::CaseNumber(number.0),
            Self::Document(held) => Criterion::Document(contract::AskedDocument {
                number: held.number.into_contract(),
                issuer: held.issuer.into_contract(),
            }),
        }
    }
}

words! {
    /// What a profile lets be read.
    PersonField, "a field" {
        /// The name under which the person is known.
        MainName,
        /// Name at birth and other identities.
        OtherNames,
        /// Birth.
        Birth,
        /// Nationalities.
        Nationalities,
        /// Sex.
        Sex,
        /// Documents.
        Documents,
        /// Addresses.
        Addresses,
        /// Links to relatives.
        Family,
        /// Vulnerabilities.
        Vulnerabilities,
        /// Cases: number, type, stage.
        Procedures,
        /// Decisions issued in them.
        Decisions,
    }
}

words! {
    /// How a person may be asked for.
    AskedBy, "a way of asking" {
        /// By the register's identifier.
        PersonId,
        /// By the number of a case.
        CaseNumber,
        /// By a document.
        Document,
    }
}

/// What another authority is told.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Reading {
    /// Empty: there is nobody the caller may be told of. Whether anybody is known is not told by that.
    persons: Vec<ReadPerson>,
    /// The fields the answer was made of; of one that is not here nothing is told, nor whether there is anything.
    fields: Vec<PersonField>,
    /// When.
    answered_at: Instant,
}

/// What is told of a person.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ReadPerson {
    /// The register's own identifier.
    #[schema(format = Uuid, example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c55")]
    person_id: String,
    /// As known now and valid today.
    facts: Vec<ReadFact>,
    /// Cases the person is in.
    procedures: Vec<ReadProcedure>,
}

/// A fact as told.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ReadFact {
    /// The field it is told in.
    field: PersonField,
    /// What.
    fact: Fact,
    /// First day on which it holds; absent: nobody knows since when.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = Date, example = "2026-05-28")]
    valid_from: Option<String>,
    /// First day on which it does not hold any more; absent: it still does.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = Date, example = "2026-11-01")]
    valid_to: Option<String>,
    /// Where the register has it from.
    #[schema(example = "passport")]
    source: String,
    /// Since when the register has known it.
    as_of: Instant,
}

/// A case of the register the person is in.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ReadProcedure {
    /// Its number.
    #[schema(example = "protection/2026/000017")]
    case_number: String,
    /// A type of cases of a rule set.
    #[schema(example = "protection")]
    case_type: String,
    /// When it was opened.
    opened_at: Instant,
    /// Where it stands.
    #[schema(example = "merits")]
    stage: String,
    /// Whether it is over.
    #[schema(example = false)]
    closed: bool,
    /// Those that were issued; empty where the profile does not let them be read.
    decisions: Vec<ReadDecision>,
    /// When it was last changed.
    as_of: Instant,
}

/// A decision that was issued.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ReadDecision {
    /// Its name in the rule set.
    #[schema(example = "refugee_status")]
    decision: String,
    /// When.
    issued_at: Instant,
}

impl Reading {
    pub(in crate::rest::registry) fn of(told: contract::ReadPersonsResponse) -> Result<Self, GatewayError> {
        Ok(Self {
            persons: told.persons.into_iter().map(ReadPerson::of).collect::<Result<_, _>>()?,
            fields: told.fields.into_iter().map(PersonField::of).collect::<Result<_, _>>()?,
            answered_at: Instant::at(told.answered_at_ms),
        })
    }
}

impl ReadPerson {
    fn of(told: contract::ReadPerson) -> Result<Self, GatewayError> {
        Ok(Self {
            person_id: told.person_id,
            facts: told.facts.into_iter().map(ReadFact::of).collect::<Result<_, _>>()?,
            procedures: told.procedures.into_iter().map(ReadProcedure::of).collect(),
        })
    }
}

impl ReadFact {
    fn of(told: contract::ReadFact) -> Result<Self, GatewayError> {
        Ok(Self {
            field: PersonField::of(told.field)?,
            fact: Fact::of(told.fact.ok_or(GatewayError::IncompleteAnswer("a fact"))?)?,
            valid_from: present(told.valid_from),
            valid_to: present(told.valid_to),
            source: told.source,
            as_of: Instant::at(told.as_of_ms),
        })
    }
}

impl ReadProcedure {
    fn of(told: contract::ReadProcedure) -> Self {
        let decisions = told.decisions.into_iter();
        let decision = |made: contract::ReadDecision| ReadDecision {
            decision: made.decision,
            issued_at: Instant::at(made.issued_at_ms),
        };
        Self {
            case_number: told.case_number,
            case_type: told.case_type,
            opened_at: Instant::at(told.opened_at_ms),
            stage: told.stage,
            closed: told.closed,
            decisions: decisions.map(decision).collect(),
            as_of: Instant::at(told.as_of_ms),
        }
    }
}

/// What is agreed with the caller.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AccessView {
    /// As in its certificate.
    #[schema(example = "POL.zus")]
    consumer: String,
    /// Whose authority it is.
    #[schema(example = "POL")]
    state: String,
    /// The authority's name.
    #[schema(example = "Zakład Ubezpieczeń Społecznych")]
    authority: String,
    /// First day.
    #[schema(format = Date, example = "2026-01-01")]
    valid_from: String,
    /// First day on which it does not hold any more.
    #[schema(format = Date, example = "2027-01-01")]
    valid_to: String,
    /// Most questions of a minute.
    #[schema(example = 60)]
    per_minute: u32,
    /// Most questions of a day, in Warsaw.
    #[schema(example = 5000)]
    per_day: u32,
    /// What it may ask for.
    purposes: Vec<GrantedPurpose>,
}

/// What the caller may do for a purpose.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct GrantedPurpose {
    /// Its name.
    #[schema(example = "social_insurance")]
    purpose: String,
    /// Act and article.
    #[schema(example = "Act of 13 October 1998 on the social insurance system, art. 50")]
    legal_basis: String,
    /// What is told.
    fields: Vec<PersonField>,
    /// How a person may be asked for.
    asked_by: Vec<AskedBy>,
}

impl AccessView {
    pub(in crate::rest::registry) fn of(told: contract::DescribeAccessResponse) -> Result<Self, GatewayError> {
        Ok(Self {
            consumer: told.consumer,
            state: told.state,
            authority: told.authority,
            valid_from: told.valid_from,
            valid_to: told.valid_to,
            per_minute: told.per_minute,
            per_day: told.per_day,
            purposes: told.purposes.into_iter().map(GrantedPurpose::of).collect::<Result<_, _>>()?,
        })
    }
}

impl GrantedPurpose {
    fn of(told: contract::GrantedPurpose) -> Result<Self, GatewayError> {
        Ok(Self {
            purpose: told.purpose,
            legal_basis: told.legal_basis,
            fields: told.fields.into_iter().map(PersonField::of).collect::<Result<_, _>>()?,
            asked_by: told.asked_by.into_iter().map(AskedBy::of).collect::<Result<_, _>>()?,
        })
    }
}

//! Persons: what is stated of them, and changes of it.

use serde::{Deserialize, Serialize};
use straznica_contracts::registry::v1::{self as contract, statement_change::Change as Contract};
use utoipa::{IntoParams, ToSchema};

use super::facts::Fact;
use crate::{
    error::GatewayError,
    rest::wire::scalars::{Day, Instant, Text, present},
};

/// Registers a person.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct NewPerson {
    /// What is known at first; one of them is a main name.
    #[schema(min_items = 1, max_items = 64)]
    statements: Vec<NewStatement>,
}

impl NewPerson {
    pub(in crate::rest::registry) fn into_contract(self) -> Vec<contract::NewStatement> {
        self.statements.into_iter().map(NewStatement::into_contract).collect()
    }
}

/// Something to be stated of a person.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct NewStatement {
    /// What.
    fact: Fact,
    /// First day on which it holds; absent: nobody knows since when.
    #[serde(default)]
    valid_from: Option<Day>,
    /// First day on which it does not hold any more; absent: it still does.
    #[serde(default)]
    valid_to: Option<Day>,
    /// Where it comes from: a document, the person's own word, another authority.
    #[schema(value_type = String, min_length = 1, max_length = 500, example = "passport")]
    source: Text<500>,
    /// Why it is stated.
    #[schema(value_type = String, min_length = 1, max_length = 500, example = "application for protection")]
    reason: Text<500>,
}

impl NewStatement {
    fn into_contract(self) -> contract::NewStatement {
        contract::NewStatement {
            fact: Some(self.fact.into_contract()),
            valid_from: told(self.valid_from),
            valid_to: told(self.valid_to),
            source: self.source.0,
            reason: self.reason.0,
        }
    }
}

fn told(day: Option<Day>) -> String {
    day.map(|day| day.0.to_string()).unwrap_or_default()
}

/// Changes what is stated: all of it or nothing.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct PersonChanges {
    /// The changes. Each refers to what was known before them all.
    #[schema(min_items = 1, max_items = 64)]
    changes: Vec<StatementChange>,
}

impl PersonChanges {
    pub(in crate::rest::registry) fn into_contract(self) -> Vec<contract::StatementChange> {
        self.changes.into_iter().map(StatementChange::into_contract).collect()
    }
}

/// One change of what is stated: exactly one of these. Nothing is overwritten: what was known before can be asked for ever.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) enum StatementChange {
    /// Something more is known.
    Add(NewStatement),
    /// What was stated was wrong.
    Correct(Correction),
    /// What was stated was right, and is over.
    End(End),
    /// What was stated never was.
    Withdraw(Withdrawal),
}

impl StatementChange {
    fn into_contract(self) -> contract::StatementChange {
        let change = match self {
            Self::Add(new) => Contract::Add(new.into_contract()),
            Self::Correct(Correction { statement_id, with }) => Contract::Correct(contract::Correction {
                statement_id: statement_id.0,
                with: Some(with.into_contract()),
            }),
            Self::End(End { statement_id, valid_to, source, reason }) => Contract::End(contract::End {
                statement_id: statement_id.0,
                valid_to: valid_to.0.to_string(),
                source: source.0,
                reason: reason.0,
            }),
            Self::Withdraw(Withdrawal { statement_id, source, reason }) => Contract::Withdraw(contract::Withdrawal {
                statement_id: statement_id.0,
                source: source.0,
                reason: reason.0,
            }),
        };
        contract::StatementChange { change: Some(change) }
    }
}

/// Puts another statement in the place of one that was wrong.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Correction {
    /// The statement that was wrong.
    #[schema(value_type = String, format = Uuid, example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c55")]
    statement_id: Text<64>,
    /// What stands in its place, of the same kind.
    with: NewStatement,
}

/// Says that what was stated is over.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct End {
    /// The statement.
    #[schema(value_type = String, format = Uuid, example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c55")]
    statement_id: Text<64>,
    /// First day on which it does not hold any more.
    valid_to: Day,
    /// Where that comes from.
    #[schema(value_type = String, min_length = 1, max_length = 500, example = "registry office")]
    source: Text<500>,
    /// Why it is stated.
    #[schema(value_type = String, min_length = 1, max_length = 500, example = "divorce")]
    reason: Text<500>,
}

/// Says that what was stated never was.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Withdrawal {
    /// The statement.
    #[schema(value_type = String, format = Uuid, example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c55")]
    statement_id: Text<64>,
    /// Where that comes from.
    #[schema(value_type = String, min_length = 1, max_length = 500, example = "the person's own word")]
    source: Text<500>,
    /// Why it is stated.
    #[schema(value_type = String, min_length = 1, max_length = 500, example = "taken for somebody else")]
    reason: Text<500>,
}

/// A person who was registered.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RegisteredPerson {
    /// The person's id.
    #[schema(format = Uuid, example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c55")]
    pub(in crate::rest::registry) person_id: String,
    /// To be named by the next change; also the ETag.
    #[schema(example = 1)]
    version: u64,
    /// Persons who may be the same, the likeliest first: `GET /v1/registry/duplicates` says why.
    likely_duplicates: Vec<LikelyDuplicate>,
}

impl From<contract::RegisterPersonResponse> for RegisteredPerson {
    fn from(told: contract::RegisterPersonResponse) -> Self {
        let likely = told.likely_duplicates.into_iter();
        let likely = likely.map(|told| LikelyDuplicate { person_id: told.person_id, score: told.score });
        Self { person_id: told.person_id, version: told.version, likely_duplicates: likely.collect() }
    }
}

/// Somebody who may be the same as who was registered.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LikelyDuplicate {
    /// The person's id.
    #[schema(format = Uuid, example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c60")]
    person_id: String,
    /// From 0 to 1: how likely they are one.
    #[schema(minimum = 0, maximum = 1, example = 0.97)]
    score: f64,
}

/// A version that came to be.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct NewVersion {
    /// To be named by the next change; also the ETag.
    #[schema(example = 2)]
    pub(in crate::rest::registry) version: u64,
}

/// Of which moment and which day.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct PersonQuery {
    /// What was known then; absent: now.
    #[serde(default)]
    #[param(value_type = Option<String>, format = DateTime, example = "2026-05-28T09:14:07Z")]
    pub(in crate::rest::registry) known_at: Option<Instant>,
    /// As it was on this day; absent: today, in Warsaw.
    #[serde(default)]
    #[param(value_type = Option<String>, format = Date, example = "2026-05-28")]
    pub(in crate::rest::registry) valid_on: Option<Day>,
}

impl PersonQuery {
    pub(in crate::rest::registry) fn day(&self) -> String {
        told(self.valid_on)
    }
}

/// What is stated of a person.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PersonView {
    /// Under whose id the person is read: another one where it was merged.
    #[schema(format = Uuid, example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c55")]
    person_id: String,
    /// Who was merged into it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false, example = json!(["0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c60"]))]
    merged_person_ids: Vec<String>,
    /// The version that was seen, the same for every moment and day; also the ETag.
    #[schema(example = 2)]
    pub(in crate::rest::registry) version: u64,
    /// In the order of their recording.
    statements: Vec<Statement>,
    /// There are vulnerabilities that the purpose does not let be seen.
    #[schema(example = false)]
    withheld: bool,
}

impl PersonView {
    pub(in crate::rest::registry) fn of(told: contract::GetPersonResponse) -> Result<Self, GatewayError> {
        let statements = told.statements.into_iter().map(Statement::of).collect::<Result<_, _>>()?;
        let (person_id, merged_person_ids) = (told.person_id, told.merged_person_ids);
        Ok(Self { person_id, merged_person_ids, version: told.version, statements, withheld: told.withheld })
    }

    pub(in crate::rest::registry) fn of_history(
        told: contract::ListPersonHistoryResponse,
    ) -> Result<Self, GatewayError> {
        let contract::ListPersonHistoryResponse { version, statements, withheld, person_id, merged_person_ids } = told;
        Self::of(contract::GetPersonResponse { version, statements, withheld, person_id, merged_person_ids })
    }
}

/// Cases of a person.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PersonCases {
    /// The oldest first.
    cases: Vec<PersonCase>,
}

impl From<contract::ListPersonCasesResponse> for PersonCases {
    fn from(told: contract::ListPersonCasesResponse) -> Self {
        let case = |told: contract::PersonCase| {
            let contract::PersonCase { case_id, number, case_type, person_id } = told;
            PersonCase { case_id, number, case_type, person_id }
        };
        Self { cases: told.cases.into_iter().map(case).collect() }
    }
}

/// A case that covers a person.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PersonCase {
    /// Its id.
    #[schema(format = Uuid, example = "0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77")]
    case_id: String,
    /// As people call it (sygnatura).
    #[schema(example = "protection/2026/000017")]
    number: String,
    /// Its type.
    #[schema(example = "protection")]
    case_type: String,
    /// Under whose id it covers the person: another one where persons were merged.
    #[schema(format = Uuid, example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c55")]
    person_id: String,
}

/// A statement, and what became of it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Statement {
    /// Its id.
    #[schema(format = Uuid, example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c55")]
    statement_id: String,
    /// What; absent where it was withdrawn.
    #[serde(skip_serializing_if = "Option::is_none")]
    fact: Option<Fact>,
    /// First day on which it holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = Date, example = "2026-05-28")]
    valid_from: Option<String>,
    /// First day on which it does not hold any more.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = Date, example = "2026-11-01")]
    valid_to: Option<String>,
    /// Where it comes from.
    #[schema(example = "passport")]
    source: String,
    /// Why it was stated.
    #[schema(example = "application for protection")]
    reason: String,
    /// From when on it is known.
    recorded_at: Instant,
    /// Service identifier of the officer who stated it.
    #[schema(example = "udsc-0001")]
    recorded_by: String,
    /// The statement it replaces.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = Uuid, example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c55")]
    replaces: Option<String>,
    /// The statement that replaced it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = Uuid, example = "0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77")]
    replaced_by: Option<String>,
    /// Of whom it was stated: of several who are read as one, it stays with that one if they are split.
    #[schema(format = Uuid, example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c55")]
    person_id: String,
}

impl Statement {
    fn of(told: contract::Statement) -> Result<Self, GatewayError> {
        Ok(Self {
            statement_id: told.statement_id,
            fact: told.fact.map(Fact::of).transpose()?,
            valid_from: present(told.valid_from),
            valid_to: present(told.valid_to),
            source: told.source,
            reason: told.reason,
            recorded_at: Instant::at(told.recorded_at_ms),
            recorded_by: told.recorded_by,
            replaces: present(told.replaces),
            replaced_by: present(told.replaced_by),
            person_id: told.person_id,
        })
    }
}

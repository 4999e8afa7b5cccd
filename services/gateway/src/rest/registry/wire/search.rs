//! Finding persons: who is looked for, and whom it may be about.

use std::{borrow::Cow, mem::take};

use serde::{Deserialize, Serialize};
use straznica_contracts::registry::v1::{self as contract, person_question::Question as Contract};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{ObjectBuilder, RefOr, Schema, schema::Type},
};

use super::{
    facts::{Fact, Name, Personal, Sex},
    words,
};
use crate::{error::GatewayError, rest::wire::scalars::Instant};

/// Looks for persons.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct PersonSearch {
    /// Who is looked for.
    question: PersonQuestion,
    /// As it was known then: what was stated later finds nobody, what had been replaced by then is history. Absent: now.
    #[serde(default)]
    known_at: Option<Instant>,
    /// At most so many.
    #[serde(default = "page")]
    #[schema(minimum = 1, maximum = 50, default = 10, example = 10)]
    limit: u32,
    /// As the answer before gave it; absent: from the first.
    #[serde(default)]
    #[schema(default = 0, example = 0)]
    offset: u32,
}

const fn page() -> u32 {
    10
}

/// Who is looked for: exactly one of these.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) enum PersonQuestion {
    /// By a number.
    Number(AskedNumber),
    /// By a name, and what else is known.
    Person(PersonDescription),
}

/// A number somebody is looked for by.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub(crate) struct AskedNumber(Personal);

impl PartialSchema for AskedNumber {
    fn schema() -> RefOr<Schema> {
        const SAYS: &str = "Number of any document, of this register (an id) or of a case (sygnatura). Spaces, dashes and case do not matter, and O is found by 0.";
        let text = ObjectBuilder::new().schema_type(Type::String).min_length(Some(1)).max_length(Some(300));
        text.description(Some(SAYS)).examples(["N012345678"]).into()
    }
}

impl ToSchema for AskedNumber {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("AskedNumber")
    }
}

/// What is known of whom is looked for.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct PersonDescription {
    /// In any script, spelling and order.
    #[schema(value_type = String, min_length = 1, max_length = 300, example = "Szewczenko Ołeksandr")]
    name: Personal,
    /// As precisely as it is known: a day, a month, a year; absent: unknown. Day and month may be swapped.
    #[serde(default)]
    #[schema(value_type = String, required = false, pattern = "^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$", example = "1990-05-17")]
    birth_date: Personal,
    /// As documents write it: ISO 3166-1 alpha-3; absent: unknown.
    #[serde(default)]
    #[schema(value_type = String, required = false, pattern = "^[A-Z]{1,3}$", example = "UKR")]
    nationality: Personal,
    /// Absent: unknown.
    #[serde(default)]
    sex: Option<Sex>,
}

impl PersonSearch {
    pub(in crate::rest::registry) fn into_contract(self) -> contract::SearchPersonsRequest {
        let question = match self.question {
            PersonQuestion::Number(AskedNumber(number)) => Contract::Number(number.into_contract()),
            PersonQuestion::Person(person) => Contract::Person(contract::PersonDescription {
                name: person.name.into_contract(),
                birth_date: person.birth_date.into_contract(),
                nationality: person.nationality.into_contract(),
                sex: person.sex.map(Sex::contract).unwrap_or_default(),
            }),
        };
        contract::SearchPersonsRequest {
            context: None,
            question: Some(contract::PersonQuestion { question: Some(question) }),
            known_at_ms: self.known_at.map(|at| at.0.millis()),
            page_size: self.limit,
            offset: self.offset,
        }
    }
}

/// Whom a question may be about.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FoundPersons {
    /// The likeliest first.
    persons: Vec<FoundPerson>,
    /// More share what was asked than were looked at: say more, such as the date of birth.
    #[schema(example = false)]
    too_common: bool,
    /// The keys by which persons are found are being made anew, and not all are there yet.
    #[schema(example = false)]
    incomplete: bool,
    /// Where the next page begins; absent: there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 10)]
    next_offset: Option<u32>,
}

impl FoundPersons {
    pub(in crate::rest::registry) fn of(told: contract::SearchPersonsResponse) -> Result<Self, GatewayError> {
        Ok(Self {
            persons: told.persons.into_iter().map(FoundPerson::of).collect::<Result<_, _>>()?,
            too_common: told.too_common,
            incomplete: told.incomplete,
            next_offset: (told.next_offset != 0).then_some(told.next_offset),
        })
    }
}

/// Somebody the question may be about.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FoundPerson {
    /// The person's id.
    #[schema(format = Uuid, example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c55")]
    person_id: String,
    /// From 0 to 1: how likely it is this person, in a register of this size.
    #[schema(minimum = 0, maximum = 1, example = 0.97)]
    score: f64,
    /// What speaks for it and against, the weightiest first.
    why: Vec<FindingReason>,
    /// Found by what does not hold any more, or was replaced or withdrawn, and by nothing else.
    #[schema(example = false)]
    history: bool,
    /// The name that was found, as it was stated.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<Name>,
    /// What is known: the main name, birth, nationalities and sex.
    known: Vec<Fact>,
}

impl FoundPerson {
    pub(super) fn of(told: contract::FoundPerson) -> Result<Self, GatewayError> {
        Ok(Self {
            person_id: told.person_id,
            score: told.score,
            why: told.why.into_iter().map(FindingReason::of).collect::<Result<_, _>>()?,
            history: told.history,
            name: told.name.map(|mut name| Name::of(&mut name)).transpose()?,
            known: told.known.into_iter().map(Fact::of).collect::<Result<_, _>>()?,
        })
    }
}

words! {
    /// How what was found stands at the moment that was asked for.
    FindingStanding, "a finding's standing" {
        /// It holds.
        Current,
        /// It held once: it ended.
        Ended,
        /// It was stated once, and replaced or withdrawn.
        Replaced,
    }
}

/// One thing that speaks for somebody, or against.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FindingReason {
    /// `name`, `date of birth`, `nationality`, `sex`, `document`, `register` or `case`.
    #[schema(example = "name")]
    field: String,
    /// log2 of how much likelier that is of one person than of two: above zero it speaks for one.
    #[schema(example = 14.2)]
    weight: f64,
    /// In words.
    #[schema(value_type = String, example = "shevchenko is near szewczenko: 0.35 edits")]
    said: Personal,
    /// How it stands.
    standing: FindingStanding,
}

impl FindingReason {
    fn of(mut told: contract::FindingReason) -> Result<Self, GatewayError> {
        Ok(Self {
            field: take(&mut told.field),
            weight: told.weight,
            said: Personal::out_of(&mut told.said),
            standing: FindingStanding::of(told.standing)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_question_is_a_number_or_a_description_and_prints_nothing() {
        let canary = "KANAREK";
        for question in
            [json!({"number": canary}), json!({"person": {"name": canary, "birthDate": canary, "sex": "female"}})]
        {
            let search: PersonSearch = serde_json::from_value(json!({ "question": question })).unwrap();
            assert!(!format!("{search:?}").contains(canary), "{question}");
            let request = search.into_contract();
            assert!(!format!("{request:?}").contains(canary), "{question}");
            assert_eq!((request.page_size, request.offset, request.known_at_ms), (10, 0, None));
        }
        for wrong in [json!({}), json!({"number": "1", "person": {"name": "x"}}), json!({"person": {"surname": "x"}})] {
            assert!(serde_json::from_value::<PersonSearch>(json!({ "question": wrong })).is_err(), "{wrong}");
        }
    }
}

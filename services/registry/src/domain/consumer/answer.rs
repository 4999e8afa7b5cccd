//! What is told of a person: the fields of the grant, and nothing else.

use std::collections::BTreeSet;

use straznica_types::{CivilDate, Timestamp};

use super::origin::Released;
use super::profile::{Field, Grant};
use crate::domain::PersonId;
use crate::domain::person::{Fact, Validity, valid_on};

/// A case a person is in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownCase {
    /// As people call it.
    pub number: String,
    /// A type of a rule set.
    pub case_type: String,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// Where it stands.
    pub stage: String,
    /// Nothing is waited for any more.
    pub closed: bool,
    /// The decisions issued in it, and when.
    pub issued: Vec<(String, Timestamp)>,
    /// When it was last changed.
    pub as_of: Timestamp,
}

/// A fact as told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// The field it is told in.
    pub field: Field,
    /// What it says.
    pub fact: Fact,
    /// When it holds.
    pub validity: Validity,
    /// Where it comes from.
    pub source: String,
    /// Since when it is known.
    pub as_of: Timestamp,
}

/// What is told of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Who.
    pub person: PersonId,
    /// Facts.
    pub facts: Vec<Told>,
    /// Cases, with their decisions where they may be read.
    pub cases: Vec<KnownCase>,
}

impl Answer {
    /// The fields something is told in.
    #[must_use]
    pub fn fields(&self) -> BTreeSet<Field> {
        let mut fields: BTreeSet<Field> = self.facts.iter().map(|told| told.field).collect();
        fields.extend((!self.cases.is_empty()).then_some(Field::Procedures));
        fields.extend(self.cases.iter().any(|case| !case.issued.is_empty()).then_some(Field::Decisions));
        fields
    }
}

/// What a grant lets be told of a person: what is known, and holds on the day. `vulnerable`: the node lets the purpose see vulnerabilities; the grant alone does not do.
#[must_use]
pub fn disclose(
    released: Released<'_>,
    cases: &[KnownCase],
    grant: &Grant,
    day: CivilDate,
    vulnerable: bool,
) -> Answer {
    let subject = released.subject();
    let told = |field: Field| grant.fields.contains(&field) && (vulnerable || field != Field::Vulnerabilities);
    let facts = valid_on(&subject.ever, Timestamp::from_millis(i64::MAX), day)
        .filter_map(|statement| {
            let fact = statement.fact.clone()?;
            Some(Told {
                field: Field::of(&fact),
                fact,
                validity: statement.validity,
                source: statement.source.clone(),
                as_of: statement.recorded_at,
            })
        })
        .filter(|fact| told(fact.field))
        .collect();
    let case = |case: &KnownCase| {
        let issued = if told(Field::Decisions) { case.issued.clone() } else { Vec::new() };
        KnownCase { issued, ..case.clone() }
    };
    let cases = if told(Field::Procedures) { cases.iter().map(case).collect() } else { Vec::new() };
    Answer { person: subject.id, facts, cases }
}

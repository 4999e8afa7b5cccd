//! How like one person is to another.

use straznica_types::{CivilDate, Timestamp};

use super::judge::{Judged, same_document};
use super::keys::writings;
use super::{Described, Findable, Question, Standing};
use crate::domain::person::{BirthDate, Fact, NameKind};

/// Names of a person that are compared with the others.
const NAMES: usize = 4;
/// From which score on two are proposed to be one.
const LIKELY: f64 = 0.5;

impl Findable {
    /// What would be asked for somebody like this one: each name that holds with what else does, and the number of each document.
    #[must_use]
    pub fn questions(&self, at: Timestamp, day: CivilDate) -> Vec<Question> {
        let numbers = self.known(at, day).filter_map(|(fact, _)| match fact {
            Fact::Document(document) => Some(Question::Number(document.number.clone())),
            _ => None,
        });
        self.described(at, day).into_iter().map(Question::Person).chain(numbers).collect()
    }

    /// How likely another is the same, in a register of so many. `None` where it is not likely enough to be proposed: one document is, whatever else differs.
    #[must_use]
    pub fn likely(&self, other: &Self, persons: u64, at: Timestamp, day: CivilDate) -> Option<Judged> {
        let judged = self.likeness(other, persons, at, day)?;
        let one_document = judged.why.iter().any(|reason| reason.field == "document");
        (judged.score >= LIKELY || one_document).then_some(judged)
    }

    /// How likely another is the same, and why.
    #[must_use]
    pub fn likeness(&self, other: &Self, persons: u64, at: Timestamp, day: CivilDate) -> Option<Judged> {
        let by_name = self
            .described(at, day)
            .iter()
            .filter_map(|described| described.judge(other, persons, at, day))
            .max_by(|one, other| one.weight.total_cmp(&other.weight))?;
        let documents = self.known(at, day).filter_map(|(fact, _)| match fact {
            Fact::Document(document) => Some(document),
            _ => None,
        });
        let one_document = documents.filter_map(|document| same_document(document, other, at, day)).next();
        let why = by_name.why.into_iter().chain(one_document).collect();
        Some(Judged::of(why, by_name.name, persons))
    }

    /// The names that hold, the main one first, each with what else does.
    fn described(&self, at: Timestamp, day: CivilDate) -> Vec<Described> {
        let current =
            || self.known(at, day).filter(|(_, standing)| *standing == Standing::Current).map(|(fact, _)| fact);
        let born = current().find_map(|fact| match fact {
            Fact::Birth(birth) => Some(birth.date),
            _ => None,
        });
        let nationality = current().find_map(|fact| match fact {
            Fact::Nationality(country) => Some(country.clone()),
            _ => None,
        });
        let sex = current().find_map(|fact| match fact {
            Fact::Sex(sex) => Some(*sex),
            _ => None,
        });
        let mut names: Vec<_> = current()
            .filter_map(|fact| match fact {
                Fact::Name(name) => Some((name.kind != NameKind::Main, name)),
                _ => None,
            })
            .collect();
        names.sort_by_key(|(other, _)| *other);
        let texts = names.into_iter().flat_map(|(_, name)| writings(name)).take(NAMES);
        let described =
            |name| Described { name, born: born.unwrap_or(BirthDate::Unknown), nationality: nationality.clone(), sex };
        texts.map(described).collect()
    }
}

//! How well somebody fits a question, and why.
//!
//! What speaks for one person is told as log2 of how much likelier it is of one than of two (Fellegi and Sunter), and added up. A name's own score is a
//! probability and makes its weight; the other fields weigh what is typical of registers. What is common to the whole register speaks against everybody alike.

use std::fmt::Write as _;

use names::person::{Field, Level, Record, Weights};
use names::{Name as Compared, compare, score};
use straznica_types::{CivilDate, Timestamp};

use super::keys::{folded, writings};
use super::{Described, Findable, Question, Standing};
use crate::domain::person::{BirthDate, Fact, Name, NameKind, Sex, TravelDocument};

/// What a name weighs at most: namesakes are met in every register.
const MOST_OF_A_NAME: f64 = 13.0;
/// What a name weighs beyond its own score's odds. Those were learned from pairs of strangers who were chosen for being alike; of a register's strangers, one in sixteen is met that
/// looks so.
const STRANGERS: f64 = 4.0;
/// What one word alone weighs at most.
const MOST_OF_A_WORD: f64 = 7.0;
/// What a nationality weighs, for and against: log2 of 0.85 to 0.15. One is shared by many, and it is changed, hidden and told wrong.
const NATIONALITY: f64 = 2.5;
/// What the number of a document weighs, the same and misread, as [`Weights::typical`] has it: log2 of 0.85 to 0.00001, and of 0.09 to 0.00009.
const DOCUMENT: (f64, &str) = (16.4, "same");
const MISREAD_DOCUMENT: (f64, &str) = (10.0, "O and 0 or I and 1 in each other's place");
/// A register of fewer is judged as one of so many: who comes to it comes from a larger world.
const FEWEST: u64 = 10_000;
/// Reasons of a name that are told.
const TOLD: usize = 4;

/// Somebody a question may be about. Prints without what it says of them.
#[derive(Clone)]
pub struct Judged {
    /// From 0 to 1.
    pub score: f64,
    /// log2 of the odds, before it is asked how many are in the register: hits are ordered by it.
    pub weight: f64,
    /// What speaks for and against, the weightiest first.
    pub why: Vec<Reason>,
    /// The name that was found; the main one where it was a number.
    pub name: Option<Name>,
}

/// One thing that speaks for somebody, or against. Its text tells of a person: it is for who asked, and for no log.
#[derive(Clone, PartialEq)]
pub struct Reason {
    /// Of which field.
    pub field: &'static str,
    /// log2 of how much likelier it is of one person than of two.
    pub weight: f64,
    /// In words.
    pub said: String,
    /// How what was found stands.
    pub standing: Standing,
}

impl std::fmt::Debug for Reason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {:+.1} {:?}", self.field, self.weight, self.standing)
    }
}

impl std::fmt::Debug for Judged {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:.3} {:?}", self.score, self.why)
    }
}

impl Judged {
    /// Whether it was found by what does not hold any more, and by nothing else.
    #[must_use]
    pub fn history(&self) -> bool {
        let mut speaking = self.why.iter().filter(|reason| reason.weight > 0.0 && found_by(reason.field)).peekable();
        speaking.peek().is_some() && speaking.all(|reason| reason.standing != Standing::Current)
    }

    pub(super) fn of(why: Vec<Reason>, name: Option<Name>, persons: u64) -> Self {
        let weight: f64 = why.iter().map(|reason| reason.weight).sum();
        let mut why = why;
        why.sort_by(|one, other| other.weight.abs().total_cmp(&one.weight.abs()));
        #[expect(clippy::cast_precision_loss, reason = "a register has fewer than 2^52 persons")]
        let prior = (persons.max(FEWEST) as f64).log2();
        Self { score: 1.0 / (1.0 + (prior - weight).exp2()), weight, why, name }
    }
}

/// Whether somebody is found by such a field, and not only told apart.
fn found_by(field: &str) -> bool {
    matches!(field, "name" | "document")
}

impl Question {
    /// How well somebody fits, as known at a moment of a day, in a register of so many. `None`: what speaks against it outweighs what speaks for it, or it is another name.
    #[must_use]
    pub fn judge(&self, findable: &Findable, persons: u64, at: Timestamp, day: CivilDate) -> Option<Judged> {
        let judged = match self {
            Self::Number(number) => of_number(number, findable, persons, at, day)?,
            Self::Person(described) => described.judge(findable, persons, at, day)?,
        };
        let another_name = judged.why.iter().any(|reason| reason.field == "name" && reason.weight < 0.0);
        (judged.weight > 0.0 && !another_name).then_some(judged)
    }
}

impl Described {
    pub(super) fn judge(&self, findable: &Findable, persons: u64, at: Timestamp, day: CivilDate) -> Option<Judged> {
        let (name, reason) = self.name(findable, at, day)?;
        let mut why = vec![reason];
        let best = |field: &'static str, weigh: &dyn Fn(&Fact) -> Option<(f64, String)>| {
            let reasons = findable.known(at, day).filter_map(|(fact, standing)| {
                let (weight, said) = weigh(fact)?;
                Some(Reason { field, weight, said, standing })
            });
            reasons.max_by(|one, other| one.weight.total_cmp(&other.weight).then(other.standing.cmp(&one.standing)))
        };
        if self.born != BirthDate::Unknown {
            let asked = self.born.to_string();
            why.extend(best("date of birth", &|fact| match fact {
                Fact::Birth(birth) if birth.date != BirthDate::Unknown => {
                    typical(Field::Born, &asked, &birth.date.to_string())
                }
                _ => None,
            }));
        }
        if let Some(asked) = &self.nationality {
            why.extend(best("nationality", &|fact| match fact {
                Fact::Nationality(country) => {
                    let (weight, how) =
                        if country == asked { (NATIONALITY, "same") } else { (-NATIONALITY, "another") };
                    Some((weight, format!("{}: {how}", country.as_str())))
                }
                _ => None,
            }));
        }
        if let Some(asked) = self.sex {
            why.extend(best("sex", &|fact| match fact {
                // X says nothing of either.
                Fact::Sex(told) if *told != Sex::Other && asked != Sex::Other => {
                    typical(Field::Sex, asked.as_str(), told.as_str())
                }
                _ => None,
            }));
        }
        Some(Judged::of(why, Some(name.clone()), persons))
    }

    /// The name that fits best, of any script, and how well.
    fn name<'f>(&self, findable: &'f Findable, at: Timestamp, day: CivilDate) -> Option<(&'f Name, Reason)> {
        let asked = Compared::parse(&self.name);
        let one_word = asked.words().count() == 1;
        let mut best: Option<(f64, Standing, &Name, Compared)> = None;
        for (fact, standing) in findable.known(at, day) {
            let Fact::Name(name) = fact else { continue };
            let parts = [&name.latin_surname, &name.latin_given, &name.original_surname, &name.original_given];
            let parts = parts.into_iter().filter(|part| one_word && !part.trim().is_empty()).cloned();
            for text in writings(name).chain(parts) {
                let other = Compared::parse(&text);
                let fits = score(&asked, &other);
                let better = best.as_ref().is_none_or(|(so_far, stands, ..)| {
                    fits > *so_far + 0.01 || (fits > *so_far - 0.01 && standing < *stands)
                });
                if better {
                    best = Some((fits, standing, name, other));
                }
            }
        }
        let (fits, standing, name, other) = best?;
        let most = if one_word { MOST_OF_A_WORD } else { MOST_OF_A_NAME };
        let weight = ((fits / (1.0 - fits).max(1e-9)).log2() + STRANGERS).clamp(-most, most);
        let mut said = String::new();
        for reason in compare(&asked, &other).why.iter().take(TOLD) {
            let separator = if said.is_empty() { "" } else { "; " };
            // Writing to a text does not fail.
            let _ = write!(said, "{separator}{reason}");
        }
        Some((name, Reason { field: "name", weight, said, standing }))
    }
}

fn of_number(number: &str, findable: &Findable, persons: u64, at: Timestamp, day: CivilDate) -> Option<Judged> {
    let best = documents(findable, at, day).filter_map(|(document, standing)| numbered(number, document, standing));
    let best = best.max_by(|one, other| one.weight.total_cmp(&other.weight).then(other.standing.cmp(&one.standing)))?;
    Some(Judged::of(vec![best], main_name(findable, at, day).cloned(), persons))
}

/// A document of somebody else with the number and the issuer of this one.
pub(super) fn same_document(
    document: &TravelDocument,
    other: &Findable,
    at: Timestamp,
    day: CivilDate,
) -> Option<Reason> {
    let of_issuer = documents(other, at, day).filter(|(theirs, _)| theirs.issuer == document.issuer);
    of_issuer.filter_map(|(theirs, standing)| numbered(&document.number, theirs, standing)).next()
}

fn documents(findable: &Findable, at: Timestamp, day: CivilDate) -> impl Iterator<Item = (&TravelDocument, Standing)> {
    findable.known(at, day).filter_map(|(fact, standing)| match fact {
        Fact::Document(document) => Some((document, standing)),
        _ => None,
    })
}

/// How a document's number agrees with one; `None`: it does not.
fn numbered(number: &str, document: &TravelDocument, standing: Standing) -> Option<Reason> {
    if folded(&document.number) != folded(number) {
        return None;
    }
    let plain = |text: &str| -> String {
        text.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_uppercase).collect()
    };
    let same = plain(&document.number) == plain(number);
    let (weight, how) = if same { DOCUMENT } else { MISREAD_DOCUMENT };
    let said = format!("{} of {}: {how}", document.kind, document.issuer.as_str());
    Some(Reason { field: "document", weight, said, standing })
}

/// The main name, or the first there is.
pub(crate) fn main_name(findable: &Findable, at: Timestamp, day: CivilDate) -> Option<&Name> {
    let names = findable.known(at, day).filter_map(|(fact, standing)| match fact {
        Fact::Name(name) => Some((standing, name.kind != NameKind::Main, name)),
        _ => None,
    });
    names.min_by_key(|(standing, other, _)| (*standing, *other)).map(|(_, _, name)| name)
}

/// What a field typically weighs, and how it agrees.
fn typical(field: Field, asked: &str, told: &str) -> Option<(f64, String)> {
    let record = |text| Record::new("").with(field, text);
    let (_, evidence) = Weights::typical(1).explain(&record(asked), &record(told));
    let evidence = evidence.first()?;
    let how = match evidence.level {
        Level::Same => "same",
        Level::Near => "near",
        Level::Related => "related",
        Level::Different => "different",
    };
    Some((evidence.weight, format!("{told}: {how}")))
}

//! Questions, and the keys they are answered by.

use std::fmt;

use names::keys::words;
use straznica_types::CivilDate;

use super::keys::{
    born_in, day, folded, joined, number, opening, pair, readings, remainder, remainders, single, slip, year,
};
use crate::domain::Refusal;
use crate::domain::person::{BirthDate, Country, Sex};

/// Most keys a question is answered by. The most telling come first.
const MOST_KEYS: usize = 96;
/// Longest name or number, in characters.
const LONGEST: usize = 300;

/// Who is looked for. Prints nothing of it.
#[derive(Clone, PartialEq, Eq)]
pub enum Question {
    /// By the number of a document, of the register or of a case.
    Number(String),
    /// By a name and what else is known.
    Person(Described),
}

/// What is known of whom is looked for.
#[derive(Clone, PartialEq, Eq)]
pub struct Described {
    /// In any script, spelling and order.
    pub name: String,
    /// As precisely as it is known.
    pub born: BirthDate,
    /// If known.
    pub nationality: Option<Country>,
    /// If known.
    pub sex: Option<Sex>,
}

impl fmt::Debug for Question {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Number(_) => "Number(***)",
            Self::Person(_) => "Person(***)",
        })
    }
}

impl Question {
    /// That there is something to look for.
    ///
    /// # Errors
    /// [`Refusal::Missing`] or [`Refusal::Invalid`].
    pub fn check(self) -> Result<Self, Refusal> {
        let (text, member) = match &self {
            Self::Number(number) => (number, "/question/number"),
            Self::Person(described) => (&described.name, "/question/person/name"),
        };
        if text.chars().count() > LONGEST || text.chars().any(char::is_control) {
            return Err(Refusal::Invalid { member, expected: "up to 300 characters" });
        }
        let nothing = match &self {
            Self::Number(number) => folded(number).is_empty(),
            Self::Person(described) => words(&described.name).is_empty(),
        };
        if nothing { Err(Refusal::Missing { member }) } else { Ok(self) }
    }

    /// The keys of whom it may be about, the most telling first, none twice.
    #[must_use]
    pub fn keys(&self) -> Vec<String> {
        let mut keys = match self {
            Self::Number(text) => number(text).into_iter().collect(),
            Self::Person(described) => described.keys(),
        };
        let mut seen = std::collections::BTreeSet::new();
        keys.retain(|key| seen.insert(key.clone()));
        keys.truncate(MOST_KEYS);
        keys
    }

    /// What it asks, in one text: the journal knows it by its pseudonym.
    #[must_use]
    pub fn text(&self) -> String {
        match self {
            Self::Number(text) => folded(text),
            Self::Person(described) => {
                let nationality = described.nationality.as_ref().map_or("", Country::as_str);
                let sex = described.sex.map_or("", Sex::as_str);
                format!("{}|{}|{nationality}|{sex}", described.name.trim().to_lowercase(), described.born)
            }
        }
    }
}

impl Described {
    fn keys(&self) -> Vec<String> {
        let words = joined(words(&self.name));
        let mut keys = Vec::with_capacity(MOST_KEYS);
        keys.extend(day(self.born));
        keys.extend(swapped(self.born).and_then(day));
        if let Some(year) = year(self.born) {
            keys.extend(words.iter().flat_map(readings).map(|reading| born_in(&reading, year)));
        }
        let both = || {
            let ordered = words.iter().enumerate();
            ordered.flat_map(|(at, one)| {
                words.iter().enumerate().filter(move |(other, _)| *other != at).map(move |(_, other)| (one, other))
            })
        };
        for (one, other) in both() {
            for reading in readings(one) {
                keys.extend(readings(other).map(|two| pair(&reading, &two)));
            }
        }
        keys.extend(words.iter().flat_map(readings).map(|reading| single(&reading)));
        for (one, other) in both() {
            for reading in readings(one) {
                keys.extend(other.openings.iter().map(|opened| opening(&reading, *opened)));
            }
        }
        for (one, other) in both() {
            let Some(sound) = other.sounds.first() else { continue };
            // A sound too many here, a sound too few, and another sound.
            let left = remainders(one, 2);
            keys.extend(left.iter().map(|left| pair(left, sound)));
            keys.extend(one.sounds.first().map(|whole| slip(whole, sound)));
            keys.extend(left.iter().map(|left| slip(left, sound)));
        }
        for word in &words {
            let left = remainders(word, 3);
            keys.extend(left.iter().map(|left| single(left)));
            keys.extend(word.sounds.first().map(|whole| remainder(whole)));
            keys.extend(left.iter().map(|left| remainder(left)));
        }
        keys
    }
}

/// A day of birth with day and month in each other's place, where that is a day.
fn swapped(born: BirthDate) -> Option<BirthDate> {
    let BirthDate::Day(date) = born else { return None };
    CivilDate::new(date.year(), date.day(), date.month()).map(BirthDate::Day)
}

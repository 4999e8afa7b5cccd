//! How well one field of two records agrees.

use std::fmt;

use super::record::{FIELDS, Field, Record, Value};
use crate::compare::score;
use crate::distance::{EDIT, of_letters};
use crate::name::Name;

/// How well two values agree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// The same, after normalisation.
    Same,
    /// A slip of the pen, a transliteration, a form of the same name, day and month in the other order, a date known in part.
    Near,
    /// More slips than one; or given name and surname in each other's place.
    Related,
    /// Two values.
    Different,
}

impl Level {
    pub(super) const ALL: [Self; 4] = [Self::Same, Self::Near, Self::Related, Self::Different];
}

/// The levels of all fields of two records; `None` where either is empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Levels(pub(super) [Option<Level>; FIELDS]);

impl Levels {
    pub(super) fn of(left: &Record, right: &Record) -> Self {
        Self(Field::ALL.map(|field| level(field, left, right)))
    }
}

/// What one field says for or against one person.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Evidence {
    /// Which field.
    pub field: Field,
    /// How well it agrees.
    pub level: Level,
    /// log2 of how much likelier that is of one person than of two: above zero it speaks for one.
    pub weight: f64,
}

impl fmt::Display for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let level = match self.level {
            Level::Same => "same",
            Level::Near => "near",
            Level::Related => "related",
            Level::Different => "different",
        };
        write!(f, "{}: {level} ({:+.1})", self.field.name(), self.weight)
    }
}

fn level(field: Field, left: &Record, right: &Record) -> Option<Level> {
    Some(match (left.value(field)?, right.value(field)?) {
        (Value::Name(one), Value::Name(other)) => names(one, other, in_each_others_place(field, left, right)),
        (Value::Date(one), Value::Date(other)) => dates(one, other),
        (Value::Text(one), Value::Text(other)) => texts(one, other),
        (Value::Code(one), Value::Code(other)) => codes(one, other),
        _ => Level::Different,
    })
}

/// Whether a given name is the other's surname, or a surname the other's given name.
fn in_each_others_place(field: Field, left: &Record, right: &Record) -> bool {
    let counterpart = if field == Field::Surname { Field::GivenName } else { Field::Surname };
    let crossed = |one: Option<&Name>, other: Option<&Name>| {
        one.zip(other).is_some_and(|(one, other)| one.letters().eq(other.letters()))
    };
    crossed(left.name(field), right.name(counterpart)) || crossed(left.name(counterpart), right.name(field))
}

fn names(one: &Name, other: &Name, crossed: bool) -> Level {
    let same = one.letters().eq(other.letters());
    if same {
        return Level::Same;
    }
    match score(one, other) {
        score if score >= 0.75 => Level::Near,
        score if score >= 0.4 || crossed => Level::Related,
        _ => Level::Different,
    }
}

fn dates(one: &str, other: &str) -> Level {
    if one == other {
        return Level::Same;
    }
    if one.len() != other.len() {
        return if one.starts_with(other) || other.starts_with(one) { Level::Near } else { Level::Different };
    }
    let swapped = one.len() == 8 && one[..4] == other[..4] && one[4..6] == other[6..] && one[6..] == other[4..6];
    match edits(one, other) {
        _ if swapped => Level::Near,
        0..=1 => Level::Near,
        2 => Level::Related,
        _ => Level::Different,
    }
}

fn texts(one: &str, other: &str) -> Level {
    if one == other {
        return Level::Same;
    }
    let longer = one.len().max(other.len());
    match edits(one, other) as usize {
        edits if edits <= 1 || edits * 6 <= longer => Level::Near,
        edits if edits * 5 <= longer * 2 => Level::Related,
        _ => Level::Different,
    }
}

fn codes(one: &str, other: &str) -> Level {
    match (edits(one, other), one.len().min(other.len())) {
        (0, _) => Level::Same,
        (1, 3..) => Level::Near,
        (2, 6..) => Level::Related,
        _ => Level::Different,
    }
}

/// Whole edits: a digit that looks like a letter is one all the same.
fn edits(one: &str, other: &str) -> u32 {
    of_letters(one.as_bytes(), other.as_bytes()).div_ceil(EDIT)
}

#[cfg(test)]
mod tests {
    use super::{Field, Level, Levels, Record};

    #[test]
    fn fields_agree_as_a_clerk_would_say() {
        use Level::{Different, Near, Related, Same};
        for (field, one, other, expected) in [
            (Field::Born, "1961-04-07", "1961-07-04", Near),
            (Field::Born, "1961-04-07", "1961", Near),
            (Field::Born, "1961-04-07", "1962-04-07", Near),
            (Field::Born, "1961-04-07", "1972-04-07", Related),
            (Field::Born, "1961-04-07", "1962", Different),
            (Field::Surname, "Szewczenko", "Шевченко", Near),
            (Field::Surname, "Nowak", "Kowalski", Different),
            (Field::GivenName, "Hanna", "Anna", Near),
            (Field::Identifier, "44051401359", "44051401358", Near),
            (Field::Identifier, "44051401359", "44051401395", Near),
            (Field::Identifier, "44051401359", "92010112345", Different),
            (Field::Place, "Biała Podlaska", "Biala Podlaska", Same),
            (Field::Place, "Podkowa Lesna", "Podkowa Lesan", Near),
            (Field::Postcode, "00-564", "00564", Same),
            (Field::Sex, "F", "M", Different),
        ] {
            let (left, right) = (Record::new("a").with(field, one), Record::new("b").with(field, other));
            assert_eq!(Levels::of(&left, &right).0[field as usize], Some(expected), "{field:?} {one} {other}");
        }
    }

    #[test]
    fn names_in_each_others_place_are_seen_and_empty_fields_say_nothing() {
        let left = Record::new("a").with(Field::GivenName, "Adam").with(Field::Surname, "Nowicki");
        let right =
            Record::new("b").with(Field::GivenName, "Nowicki").with(Field::Surname, "Adam").with(Field::Sex, "M");
        let levels = Levels::of(&left, &right).0;
        assert_eq!(levels[Field::GivenName as usize], Some(Level::Related));
        assert_eq!(levels[Field::Surname as usize], Some(Level::Related));
        assert_eq!(levels.iter().flatten().count(), 2);
    }
}

//! Whom a source is asked for, and whom an alert is on: what tells people apart.

use std::fmt;

use serde::Serialize;

use crate::domain::person::{BirthDate, Country, Fact, Name, NameKind, Sex, Statement};

/// What tells a person apart. Prints as `***`.
#[derive(Clone, Default, PartialEq, Eq, Serialize)]
pub struct Profile {
    /// The main one first.
    pub names: Vec<Name>,
    /// More than one where they are disputed.
    pub births: Vec<BirthDate>,
    /// Every one.
    pub nationalities: Vec<Country>,
    /// `None`: not known, or disputed.
    pub sex: Option<Sex>,
}

impl Profile {
    /// From what is stated of a person.
    #[must_use]
    pub fn of<'s>(statements: impl IntoIterator<Item = &'s Statement>) -> Self {
        let mut profile = Self::default();
        let mut sexes = Vec::new();
        for statement in statements {
            match &statement.fact {
                Some(Fact::Name(name)) => profile.names.push(name.clone()),
                Some(Fact::Birth(birth)) if birth.date != BirthDate::Unknown => profile.births.push(birth.date),
                Some(Fact::Nationality(country)) => profile.nationalities.push(country.clone()),
                Some(Fact::Sex(sex)) => sexes.push(*sex),
                _ => {}
            }
        }
        profile.names.sort_by_key(|name| name.kind != NameKind::Main);
        profile.sex = match sexes.as_slice() {
            [sex] => Some(*sex),
            _ => None,
        };
        profile
    }

    /// The same text for the same person, whatever the order of what is known: to be digested, never shown.
    #[must_use]
    pub fn canonical(&self) -> String {
        let name = |name: &Name| {
            [&name.original_surname, &name.original_given, &name.latin_surname, &name.latin_given]
                .map(String::as_str)
                .join("\u{1f}")
        };
        let sorted = |mut texts: Vec<String>| {
            texts.sort();
            texts.dedup();
            texts.join("\u{1e}")
        };
        [
            sorted(self.names.iter().map(name).collect()),
            sorted(self.births.iter().map(ToString::to_string).collect()),
            sorted(self.nationalities.iter().map(|country| country.as_str().to_owned()).collect()),
            self.sex.map(|sex| sex.as_str().to_owned()).unwrap_or_default(),
        ]
        .join("\u{1d}")
    }
}

impl fmt::Debug for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Profile(***)")
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(crate) fn profile(latin: &str, birth: &str, nationality: &str) -> Profile {
        let (latin_surname, latin_given) = latin.split_once(' ').unwrap_or((latin, ""));
        let name = Name {
            kind: NameKind::Main,
            original_surname: String::new(),
            original_given: String::new(),
            latin_surname: latin_surname.to_owned(),
            latin_given: latin_given.to_owned(),
        };
        let births = Some(BirthDate::parse(birth).unwrap()).filter(|birth| *birth != BirthDate::Unknown);
        let countries = (!nationality.is_empty()).then(|| Country::parse(nationality, "/").unwrap());
        Profile {
            names: vec![name],
            births: births.into_iter().collect(),
            nationalities: countries.into_iter().collect(),
            sex: Some(Sex::Male),
        }
    }

    #[test]
    fn the_text_of_a_profile_tells_people_apart_and_not_the_order_of_what_is_known() {
        let one = profile("Ivanov Ivan", "1990-05-17", "UKR");
        let mut two = profile("Ivanov Ivan", "1990-05-17", "UKR");
        two.nationalities = vec![Country::parse("RUS", "/").unwrap(), Country::parse("UKR", "/").unwrap()];
        let mut turned = two.clone();
        turned.nationalities.reverse();
        assert_eq!(two.canonical(), turned.canonical());
        for other in [
            two,
            profile("Ivanov Iva", "1990-05-17", "UKR"),
            profile("Ivanov Ivan", "1990-05", "UKR"),
            profile("Ivanov Ivan", "", "UKR"),
            Profile { sex: None, ..one.clone() },
        ] {
            assert_ne!(one.canonical(), other.canonical());
        }
        assert_eq!(format!("{one:?}"), "Profile(***)");
    }
}

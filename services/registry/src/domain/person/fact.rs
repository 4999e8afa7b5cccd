//! What can be stated of a person.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use straznica_types::CivilDate;

use crate::domain::{PersonId, Refusal};

macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($(#[$of:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$of])* $variant,)+ }

        impl $name {
            /// Every one.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The name it has in the database.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }

            /// The one of this name.
            #[must_use]
            pub fn from_name(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.as_str() == name)
            }
        }
    };
}

pub(crate) use words;

words! {
    /// Which kind of fact.
    FactKind {
        /// A name.
        Name = "name",
        /// Birth.
        Birth = "birth",
        /// A nationality.
        Nationality = "nationality",
        /// Sex.
        Sex = "sex",
        /// A document.
        Document = "document",
        /// An address.
        Address = "address",
        /// A link to another person.
        FamilyLink = "family_link",
        /// A vulnerability: seen for some purposes only.
        Vulnerability = "vulnerability",
    }
}

words! {
    /// What a name is.
    NameKind {
        /// Under which the person is known here.
        Main = "main",
        /// At birth.
        Birth = "birth",
        /// Another identity.
        Alias = "alias",
    }
}

words! {
    /// Sex, as documents have it.
    Sex {
        /// F.
        Female = "female",
        /// M.
        Male = "male",
        /// X, or not said.
        Other = "other",
    }
}

words! {
    /// What the other is to the person.
    FamilyRelation {
        /// Husband or wife.
        Spouse = "spouse",
        /// Parent.
        Parent = "parent",
        /// Child.
        Child = "child",
        /// Brother or sister.
        Sibling = "sibling",
        /// Guardian.
        Guardian = "guardian",
        /// Whose guardian the person is.
        Ward = "ward",
    }
}

/// A fact. Prints as its kind: what it says is nobody's log's business.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fact {
    /// A name.
    Name(Name),
    /// Birth.
    Birth(Birth),
    /// A nationality.
    Nationality(Country),
    /// Sex.
    Sex(Sex),
    /// A document.
    Document(TravelDocument),
    /// An address.
    Address(PlacedAt),
    /// A link to another person.
    FamilyLink(FamilyLink),
    /// A vulnerability.
    Vulnerability(Vulnerability),
}

impl Fact {
    /// Which kind.
    #[must_use]
    pub const fn kind(&self) -> FactKind {
        match self {
            Self::Name(_) => FactKind::Name,
            Self::Birth(_) => FactKind::Birth,
            Self::Nationality(_) => FactKind::Nationality,
            Self::Sex(_) => FactKind::Sex,
            Self::Document(_) => FactKind::Document,
            Self::Address(_) => FactKind::Address,
            Self::FamilyLink(_) => FactKind::FamilyLink,
            Self::Vulnerability(_) => FactKind::Vulnerability,
        }
    }
}

impl fmt::Debug for Fact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}(***)", self.kind().as_str())
    }
}

/// A name, in the original script and in Latin as given.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Name {
    /// What it is.
    pub kind: NameKind,
    /// In the original script; empty where nobody gave it.
    pub original_surname: String,
    /// Likewise.
    pub original_given: String,
    /// Latin, as in the document or as given.
    pub latin_surname: String,
    /// Likewise.
    pub latin_given: String,
}

impl Name {
    /// That it has at least one part, in either script.
    ///
    /// # Errors
    /// [`Refusal::Missing`].
    pub fn check(self) -> Result<Self, Refusal> {
        let parts = [&self.original_surname, &self.original_given, &self.latin_surname, &self.latin_given];
        if parts.iter().all(|part| part.trim().is_empty()) {
            return Err(Refusal::Missing { member: "/fact/name" });
        }
        Ok(self)
    }

    /// As a letter writes it: given names and surname in Latin, in the original script where there is none.
    #[must_use]
    pub fn for_letters(&self) -> String {
        let joined = |given: &str, surname: &str| format!("{given} {surname}").trim().to_owned();
        let latin = joined(&self.latin_given, &self.latin_surname);
        if latin.is_empty() { joined(&self.original_given, &self.original_surname) } else { latin }
    }
}

/// Birth.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Birth {
    /// As precisely as it is known.
    pub date: BirthDate,
    /// Where; may be empty.
    pub place: String,
}

/// A date of birth, as precise as it is known. Displays and parses as `1990-05-17`, `1990-05`, `1990`, or nothing.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum BirthDate {
    /// The day.
    Day(CivilDate),
    /// The month of a year.
    Month(i64, u8),
    /// The year.
    Year(i64),
    /// Nobody knows.
    Unknown,
}

impl BirthDate {
    /// From its text.
    ///
    /// # Errors
    /// [`Refusal::Invalid`].
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let first_of = |day: &str| day.parse::<CivilDate>().ok();
        let parsed = match text.len() {
            0 => Some(Self::Unknown),
            4 => first_of(&format!("{text}-01-01")).map(|day| Self::Year(day.year())),
            7 => first_of(&format!("{text}-01")).map(|day| Self::Month(day.year(), day.month())),
            _ => first_of(text).map(Self::Day),
        };
        parsed.ok_or(Refusal::Invalid { member: "/fact/birth/date", expected: "YYYY-MM-DD, YYYY-MM, YYYY or nothing" })
    }
}

impl fmt::Display for BirthDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Day(day) => write!(f, "{day}"),
            Self::Month(year, month) => write!(f, "{year:04}-{month:02}"),
            Self::Year(year) => write!(f, "{year:04}"),
            Self::Unknown => Ok(()),
        }
    }
}

impl Serialize for BirthDate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for BirthDate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

/// A state or nationality as documents write it: one to three capital letters (ICAO 9303-3 §5).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Country(String);

impl Country {
    /// From its letters.
    ///
    /// # Errors
    /// [`Refusal::Invalid`].
    pub fn parse(text: &str, member: &'static str) -> Result<Self, Refusal> {
        let letters = (1..=3).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_uppercase());
        letters
            .then(|| Self(text.to_owned()))
            .ok_or(Refusal::Invalid { member, expected: "one to three capital letters" })
    }

    /// Its letters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Country {
    type Error = Refusal;

    fn try_from(text: String) -> Result<Self, Refusal> {
        Self::parse(&text, "/fact/nationality/code")
    }
}

impl From<Country> for String {
    fn from(country: Country) -> Self {
        country.0
    }
}

/// A document.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TravelDocument {
    /// `passport`, `identity_card` and others.
    pub kind: String,
    /// As it is written in it.
    pub number: String,
    /// Who issued it.
    pub issuer: Country,
    /// The last day; `None`: unknown, or it has none.
    pub expires_on: Option<CivilDate>,
}

/// An address.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlacedAt {
    /// As it is written on an envelope.
    pub text: String,
    /// `None`: Poland.
    pub country: Option<Country>,
}

/// A link to another person of the register.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FamilyLink {
    /// The other.
    pub person: PersonId,
    /// What the other is to the person.
    pub relation: FamilyRelation,
}

/// What makes somebody need more than others.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vulnerability {
    /// `minor`, `disabled`, `tortured` and others.
    pub kind: String,
    /// More; may be empty.
    pub note: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_of_birth_keep_the_precision_they_are_known_with() {
        for text in ["1990-05-17", "1990-05", "1990", ""] {
            assert_eq!(BirthDate::parse(text).unwrap().to_string(), text);
        }
        for text in ["1990-02-30", "1990-13", "199", "90-05-17", "unknown", "1990-5", "19x0"] {
            assert!(BirthDate::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_fact_prints_nothing_of_what_it_says() {
        let fact = Fact::Vulnerability(Vulnerability { kind: "tortured".to_owned(), note: "secret".to_owned() });
        assert_eq!(format!("{fact:?}"), "vulnerability(***)");
    }

    #[test]
    fn countries_are_written_as_documents_write_them() {
        for text in ["POL", "D", "XXA"] {
            assert_eq!(Country::parse(text, "/").unwrap().as_str(), text);
        }
        for text in ["", "pol", "POLE", "P1", "Ż"] {
            assert!(Country::parse(text, "/").is_err(), "{text}");
        }
    }
}

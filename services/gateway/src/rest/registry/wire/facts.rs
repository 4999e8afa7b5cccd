//! What can be stated of a person, both ways. Texts wipe themselves and print as `***`.

use std::{fmt, mem::take};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use straznica_contracts::registry::v1::{self as contract, fact::Fact as Contract};
use utoipa::ToSchema;
use zeroize::Zeroizing;

use super::words;
use crate::error::GatewayError;

/// A text about a person.
#[derive(Default)]
pub(crate) struct Personal(Zeroizing<String>);

impl Serialize for Personal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Personal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Zeroizing::new).map(Self)
    }
}

impl fmt::Debug for Personal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl Personal {
    /// Moves the text out of a message, which would wipe it.
    pub(super) fn out_of(text: &mut String) -> Self {
        Self(Zeroizing::new(take(text)))
    }

    /// Moves the text on.
    pub(super) fn into_contract(mut self) -> String {
        take(&mut *self.0)
    }

    pub(super) fn is_absent(&self) -> bool {
        self.0.is_empty()
    }
}

words! {
    both
    /// What a name is.
    NameKind, "a kind of name" {
        /// Under which the person is known here.
        Main,
        /// At birth (nazwisko rodowe).
        Birth,
        /// Another identity.
        Alias,
    }
}

words! {
    both
    /// Sex, as documents have it.
    Sex, "a sex" {
        /// F.
        Female,
        /// M.
        Male,
        /// X, or not said.
        Other,
    }
}

words! {
    both
    /// What the other is to the person.
    FamilyRelation, "a family relation" {
        /// Husband or wife.
        Spouse,
        /// Parent.
        Parent,
        /// Child.
        Child,
        /// Brother or sister.
        Sibling,
        /// Guardian (kurator, opiekun).
        Guardian,
        /// Whose guardian the person is.
        Ward,
    }
}

/// Something stated of a person: exactly one of these.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Fact {
    /// A name.
    Name(Name),
    /// Birth.
    Birth(Birth),
    /// A nationality.
    Nationality(Nationality),
    /// Sex.
    Sex(Sex),
    /// A document.
    Document(TravelDocument),
    /// An address.
    Address(Address),
    /// A link to another person of the register.
    FamilyLink(FamilyLink),
    /// A vulnerability (szczególne potrzeby). Seen and stated for purposes only that the node lets see it.
    Vulnerability(Vulnerability),
}

/// A name, in the original script and in Latin; at least one part of it.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Name {
    /// What it is. A person has a main name.
    kind: NameKind,
    /// Surname in the original script, where somebody gave it.
    #[serde(default, skip_serializing_if = "Personal::is_absent")]
    #[schema(value_type = String, required = false, max_length = 300, example = "الأحمد")]
    original_surname: Personal,
    /// Given names in the original script.
    #[serde(default, skip_serializing_if = "Personal::is_absent")]
    #[schema(value_type = String, required = false, max_length = 300, example = "سامر")]
    original_given: Personal,
    /// Surname in Latin, as in the document or as given.
    #[serde(default, skip_serializing_if = "Personal::is_absent")]
    #[schema(value_type = String, required = false, max_length = 300, example = "Al-Ahmad")]
    latin_surname: Personal,
    /// Given names in Latin.
    #[serde(default, skip_serializing_if = "Personal::is_absent")]
    #[schema(value_type = String, required = false, max_length = 300, example = "Samer")]
    latin_given: Personal,
}

/// Birth.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Birth {
    /// As precisely as it is known: a day, a month, a year; absent: unknown.
    #[serde(default, skip_serializing_if = "Personal::is_absent")]
    #[schema(value_type = String, required = false, pattern = "^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$", example = "1990-05")]
    date: Personal,
    /// Where.
    #[serde(default, skip_serializing_if = "Personal::is_absent")]
    #[schema(value_type = String, required = false, max_length = 300, example = "Aleppo")]
    place: Personal,
}

/// A nationality.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Nationality {
    /// As documents write it (ICAO 9303-3 §5): ISO 3166-1 alpha-3, or XXA for the stateless, XXB and XXC for refugees, XXX for unknown.
    #[schema(value_type = String, pattern = "^[A-Z]{1,3}$", example = "SYR")]
    code: Personal,
}

/// A document.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct TravelDocument {
    /// `passport`, `identity_card`, `birth_certificate` and others.
    #[schema(value_type = String, pattern = "^[a-z_]{1,64}$", example = "passport")]
    kind: Personal,
    /// As it is written in it.
    #[schema(value_type = String, min_length = 1, max_length = 300, example = "N012345678")]
    number: Personal,
    /// Who issued it, as a nationality is written.
    #[schema(value_type = String, pattern = "^[A-Z]{1,3}$", example = "SYR")]
    issuer: Personal,
    /// The last day; absent: unknown, or it has none.
    #[serde(default, skip_serializing_if = "Personal::is_absent")]
    #[schema(value_type = String, required = false, format = Date, example = "2029-11-30")]
    expires_on: Personal,
}

/// An address.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Address {
    /// As it is written on an envelope.
    #[schema(value_type = String, min_length = 1, max_length = 300, example = "ul. Prosta 1, 00-001 Próbne")]
    text: Personal,
    /// As a nationality is written; absent: Poland.
    #[serde(default, skip_serializing_if = "Personal::is_absent")]
    #[schema(value_type = String, required = false, pattern = "^[A-Z]{1,3}$", example = "DEU")]
    country: Personal,
}

/// A link to another person of the register.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct FamilyLink {
    /// The other.
    #[schema(value_type = String, format = Uuid, example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c55")]
    person_id: Personal,
    /// What the other is to the person.
    relation: FamilyRelation,
}

/// What makes somebody need more than others.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Vulnerability {
    /// `minor`, `disabled`, `pregnant`, `trafficking_victim`, `tortured` and others.
    #[schema(value_type = String, pattern = "^[a-z_]{1,64}$", example = "minor")]
    kind: Personal,
    /// More.
    #[serde(default, skip_serializing_if = "Personal::is_absent")]
    #[schema(value_type = String, required = false, max_length = 300, example = "travels alone")]
    note: Personal,
}

impl Name {
    /// The message wipes itself, so texts are taken out of it.
    pub(super) fn of(told: &mut contract::Name) -> Result<Self, GatewayError> {
        Ok(Self {
            kind: NameKind::of(told.kind)?,
            original_surname: Personal::out_of(&mut told.original_surname),
            original_given: Personal::out_of(&mut told.original_given),
            latin_surname: Personal::out_of(&mut told.latin_surname),
            latin_given: Personal::out_of(&mut told.latin_given),
        })
    }
}

impl Fact {
    pub(super) fn into_contract(self) -> contract::Fact {
        let fact = match self {
            Self::Name(name) => Contract::Name(contract::Name {
                kind: name.kind.contract(),
                original_surname: name.original_surname.into_contract(),
                original_given: name.original_given.into_contract(),
                latin_surname: name.latin_surname.into_contract(),
                latin_given: name.latin_given.into_contract(),
            }),
            Self::Birth(birth) => Contract::Birth(contract::Birth {
                date: birth.date.into_contract(),
                place: birth.place.into_contract(),
            }),
            Self::Nationality(nationality) => {
                Contract::Nationality(contract::Nationality { code: nationality.code.into_contract() })
            }
            Self::Sex(sex) => Contract::Sex(sex.contract()),
            Self::Document(document) => Contract::Document(contract::TravelDocument {
                kind: document.kind.into_contract(),
                number: document.number.into_contract(),
                issuer: document.issuer.into_contract(),
                expires_on: document.expires_on.into_contract(),
            }),
            Self::Address(address) => Contract::Address(contract::Address {
                text: address.text.into_contract(),
                country: address.country.into_contract(),
            }),
            Self::FamilyLink(link) => Contract::FamilyLink(contract::FamilyLink {
                person_id: link.person_id.into_contract(),
                relation: link.relation.contract(),
            }),
            Self::Vulnerability(vulnerability) => Contract::Vulnerability(contract::Vulnerability {
                kind: vulnerability.kind.into_contract(),
                note: vulnerability.note.into_contract(),
            }),
        };
        contract::Fact { fact: Some(fact) }
    }

    /// The message wipes itself, so texts are taken out of it.
    pub(super) fn of(mut told: contract::Fact) -> Result<Self, GatewayError> {
        let mut fact = told.fact.take().ok_or(GatewayError::IncompleteAnswer("a fact"))?;
        Ok(match &mut fact {
            Contract::Name(name) => Self::Name(Name::of(name)?),
            Contract::Birth(birth) => Self::Birth(Birth {
                date: Personal::out_of(&mut birth.date),
                place: Personal::out_of(&mut birth.place),
            }),
            Contract::Nationality(nationality) => {
                Self::Nationality(Nationality { code: Personal::out_of(&mut nationality.code) })
            }
            Contract::Sex(sex) => Self::Sex(Sex::of(*sex)?),
            Contract::Document(document) => Self::Document(TravelDocument {
                kind: Personal::out_of(&mut document.kind),
                number: Personal::out_of(&mut document.number),
                issuer: Personal::out_of(&mut document.issuer),
                expires_on: Personal::out_of(&mut document.expires_on),
            }),
            Contract::Address(address) => Self::Address(Address {
                text: Personal::out_of(&mut address.text),
                country: Personal::out_of(&mut address.country),
            }),
            Contract::FamilyLink(link) => Self::FamilyLink(FamilyLink {
                person_id: Personal::out_of(&mut link.person_id),
                relation: FamilyRelation::of(link.relation)?,
            }),
            Contract::Vulnerability(vulnerability) => Self::Vulnerability(Vulnerability {
                kind: Personal::out_of(&mut vulnerability.kind),
                note: Personal::out_of(&mut vulnerability.note),
            }),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn every_fact_comes_back_from_the_contract_as_it_went_in_and_prints_nothing() {
        let canary = "KANAREK";
        for fact in [
            json!({"name": {"kind": "birth", "originalSurname": canary, "latinGiven": "Samer"}}),
            json!({"birth": {"date": "1990-05", "place": canary}}),
            json!({"nationality": {"code": "SYR"}}),
            json!({"sex": "other"}),
            json!({"document": {"kind": "passport", "number": canary, "issuer": "SYR", "expiresOn": "2029-11-30"}}),
            json!({"address": {"text": canary, "country": "DEU"}}),
            json!({"familyLink": {"personId": "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c55", "relation": "ward"}}),
            json!({"vulnerability": {"kind": "minor", "note": canary}}),
        ] {
            let read: Fact = serde_json::from_value(fact.clone()).unwrap();
            assert!(!format!("{read:?}").contains(canary), "{fact}");
            let back = Fact::of(read.into_contract()).unwrap();
            assert_eq!(serde_json::to_value(&back).unwrap(), fact);
        }
    }

    #[test]
    fn a_fact_is_exactly_one_of_the_kinds() {
        let refused = |fact: Value| serde_json::from_value::<Fact>(fact).is_err();
        assert!(refused(json!({})));
        assert!(refused(json!({"sex": "male", "nationality": {"code": "SYR"}})));
        assert!(refused(json!({"name": {"kind": "main", "nickname": "x"}})));
        assert!(refused(json!({"sex": "unspecified"})));
        assert!(Fact::of(contract::Fact { fact: None }).is_err());
        assert!(Fact::of(contract::Fact { fact: Some(Contract::Sex(0)) }).is_err());
    }
}

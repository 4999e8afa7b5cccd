//! Documents that say who somebody is, and entries about them.

use serde::Serialize;
use straznica_contracts::sources::v1 as contract;
use utoipa::ToSchema;

use super::{Shown as _, sex, shows};

/// Beside what all documents have: an identity card (Act of 6 August 2010 on Identity Cards, Article 12).
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct IdentityCard<'a> {
    /// Family name.
    #[serde(skip_serializing_if = "str::is_empty")]
    #[schema(required = false, example = "PRÓBNA")]
    family_name: &'a str,
    /// Father's given name.
    #[serde(skip_serializing_if = "str::is_empty")]
    #[schema(required = false, example = "JAN")]
    fathers_given_name: &'a str,
    /// Mother's given name.
    #[serde(skip_serializing_if = "str::is_empty")]
    #[schema(required = false, example = "ANNA")]
    mothers_given_name: &'a str,
    /// Place of birth.
    #[serde(skip_serializing_if = "str::is_empty")]
    #[schema(required = false, example = "Zmyślone")]
    place_of_birth: &'a str,
    /// `female`, `male`, or absent.
    #[serde(skip_serializing_if = "str::is_empty")]
    #[schema(required = false, example = "female")]
    sex: &'static str,
    /// Citizenship, ISO 3166-1 alpha-3.
    #[serde(skip_serializing_if = "str::is_empty")]
    #[schema(required = false, example = "POL")]
    citizenship: &'a str,
    /// Card access number, where the register gives it out.
    #[serde(skip_serializing_if = "str::is_empty")]
    #[schema(required = false, example = "123456")]
    card_access_number: &'a str,
}

shows!(IdentityCard {
    family_name, fathers_given_name, mothers_given_name, place_of_birth, citizenship, card_access_number
} and |told| { sex: sex(told.sex()) });

/// A person's entry in the register of persons (Act of 24 September 2010 on the Population Register, Article 8).
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PersonEntry<'a> {
    /// Family name.
    #[serde(skip_serializing_if = "str::is_empty")]
    #[schema(required = false, example = "PRÓBNA")]
    family_name: &'a str,
    /// Place of birth.
    #[serde(skip_serializing_if = "str::is_empty")]
    #[schema(required = false, example = "Zmyślone")]
    place_of_birth: &'a str,
    /// `female`, `male`, or absent.
    #[serde(skip_serializing_if = "str::is_empty")]
    #[schema(required = false, example = "female")]
    sex: &'static str,
    /// Citizenship, ISO 3166-1 alpha-3.
    #[serde(skip_serializing_if = "str::is_empty")]
    #[schema(required = false, example = "POL")]
    citizenship: &'a str,
    /// Father's given name.
    #[serde(skip_serializing_if = "str::is_empty")]
    #[schema(required = false, example = "JAN")]
    fathers_given_name: &'a str,
    /// Mother's given name.
    #[serde(skip_serializing_if = "str::is_empty")]
    #[schema(required = false, example = "ANNA")]
    mothers_given_name: &'a str,
    /// Registered residence.
    #[serde(skip_serializing_if = "str::is_empty")]
    #[schema(required = false, example = "ul. Próbna 2, Zmyślone")]
    residence: &'a str,
    /// When the person died.
    #[serde(skip_serializing_if = "str::is_empty")]
    #[schema(required = false, example = "2099-01-01")]
    died_on: &'a str,
    /// PESELs the person had before.
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    #[schema(value_type = Vec<String>, required = false, example = json!(["99922812345"]))]
    former_pesels: &'a [String],
}

shows!(PersonEntry {
    family_name, place_of_birth, citizenship, fathers_given_name, mothers_given_name, residence, died_on,
    former_pesels
} and |told| { sex: sex(told.sex()) });

/// Whether a person is sought.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct WantedPerson<'a> {
    /// Whether they are. If not, nothing else is said.
    #[schema(example = true)]
    sought: bool,
    /// Why, e.g. `arrest`, `establish_residence`, `missing_person`.
    #[serde(skip_serializing_if = "str::is_empty")]
    #[schema(required = false, example = "establish_residence")]
    ground: &'a str,
    /// What is to be done, in the register's words.
    #[serde(skip_serializing_if = "str::is_empty")]
    #[schema(required = false, example = "powiadomić jednostkę")]
    instruction: &'a str,
    /// Number to quote to the unit that seeks.
    #[serde(skip_serializing_if = "str::is_empty")]
    #[schema(required = false, example = "P-1/2026")]
    reference: &'a str,
    /// The unit that seeks.
    #[serde(skip_serializing_if = "str::is_empty")]
    #[schema(required = false, example = "KPP Zmyślone")]
    contact: &'a str,
    /// Whether they are held for dangerous.
    #[schema(example = false)]
    dangerous: bool,
}

shows!(WantedPerson { sought, ground, instruction, reference, contact, dangerous });

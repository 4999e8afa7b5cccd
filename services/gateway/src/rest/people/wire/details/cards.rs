//! Cards of other registers.

use serde::Serialize;
use straznica_contracts::sources::v1 as contract;
use utoipa::ToSchema;

use super::{Shown as _, shows};

/// A student card.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct StudentCard<'a> {
    /// The university.
    #[serde(skip_serializing_if = "str::is_empty")]
    #[schema(required = false, example = "Uniwersytet Próbny")]
    university: &'a str,
    /// Number of the student.
    #[serde(skip_serializing_if = "str::is_empty")]
    #[schema(required = false, example = "123456")]
    album_number: &'a str,
    /// Until when it is prolonged.
    #[serde(skip_serializing_if = "str::is_empty")]
    #[schema(required = false, example = "2026-09-30")]
    prolonged_until: &'a str,
}

shows!(StudentCard { university, album_number, prolonged_until });

/// A Large Family Card (Act of 5 December 2014).
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LargeFamilyCard<'a> {
    /// `parent`, `child` or `spouse_of_parent`.
    #[serde(skip_serializing_if = "str::is_empty")]
    #[schema(required = false, example = "parent")]
    role: &'a str,
}

shows!(LargeFamilyCard { role });

/// A pensioner's card.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PensionerCard<'a> {
    /// `old_age`, `disability` or `survivor`.
    #[serde(skip_serializing_if = "str::is_empty")]
    #[schema(required = false, example = "old_age")]
    pension_kind: &'a str,
    /// Number of the benefit.
    #[serde(skip_serializing_if = "str::is_empty")]
    #[schema(required = false, example = "E-123456")]
    benefit_number: &'a str,
}

shows!(PensionerCard { pension_kind, benefit_number });

/// A school ID card.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SchoolCard<'a> {
    /// The school.
    #[serde(skip_serializing_if = "str::is_empty")]
    #[schema(required = false, example = "Szkoła Podstawowa nr 1 w Zmyślonem")]
    school: &'a str,
    /// Its address.
    #[serde(skip_serializing_if = "str::is_empty")]
    #[schema(required = false, example = "ul. Próbna 1, Zmyślone")]
    school_address: &'a str,
}

shows!(SchoolCard { school, school_address });

/// A city card.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CityCard<'a> {
    /// The city.
    #[serde(skip_serializing_if = "str::is_empty")]
    #[schema(required = false, example = "Zmyślone")]
    city: &'a str,
    /// What it is for.
    #[serde(skip_serializing_if = "str::is_empty")]
    #[schema(required = false, example = "resident")]
    programme: &'a str,
}

shows!(CityCard { city, programme });

/// A loyalty card.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LoyaltyCard<'a> {
    /// The programme.
    #[serde(skip_serializing_if = "str::is_empty")]
    #[schema(required = false, example = "Klub Próbny")]
    programme: &'a str,
    /// Its level.
    #[serde(skip_serializing_if = "str::is_empty")]
    #[schema(required = false, example = "silver")]
    level: &'a str,
}

shows!(LoyaltyCard { programme, level });

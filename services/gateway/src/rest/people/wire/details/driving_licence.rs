//! The right to drive.

use serde::Serialize;
use straznica_contracts::sources::v1 as contract;
use utoipa::ToSchema;

use super::{Shown as _, shows};

/// A driving licence (Directive 2006/126/EC, Annex I).
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DrivingLicence<'a> {
    /// Categories.
    categories: Vec<DrivingCategory<'a>>,
    /// Restrictions for all categories, codes of field 12.
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    #[schema(value_type = Vec<String>, required = false, example = json!(["01.06"]))]
    restrictions: &'a [String],
    /// Whether the right to drive was withdrawn, the card apart.
    #[schema(example = false)]
    right_withdrawn: bool,
    /// Place of birth.
    #[serde(skip_serializing_if = "str::is_empty")]
    #[schema(required = false, example = "Zmyślone")]
    place_of_birth: &'a str,
    /// Penalty points, where the register gives them out.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 4)]
    penalty_points: Option<u32>,
}

shows!(DrivingLicence {
    restrictions, right_withdrawn, place_of_birth, penalty_points
} and |told| { categories: told.categories.iter().map(DrivingCategory::from).collect() });

/// A category of a driving licence.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DrivingCategory<'a> {
    /// The category.
    #[serde(skip_serializing_if = "str::is_empty")]
    #[schema(required = false, example = "B")]
    category: &'a str,
    /// Since when.
    #[serde(skip_serializing_if = "str::is_empty")]
    #[schema(required = false, example = "2018-05-02")]
    since: &'a str,
    /// Until when.
    #[serde(skip_serializing_if = "str::is_empty")]
    #[schema(required = false, example = "2033-05-02")]
    until: &'a str,
    /// Restrictions of this category.
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    #[schema(value_type = Vec<String>, required = false, example = json!(["01.06"]))]
    restrictions: &'a [String],
}

shows!(DrivingCategory { category, since, until, restrictions });

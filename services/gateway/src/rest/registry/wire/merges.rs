//! Persons who are one: what is proposed, and what was done about it.

use serde::{Deserialize, Serialize};
use straznica_contracts::registry::v1 as contract;
use utoipa::{IntoParams, ToSchema};

use super::{facts::Personal, search::FoundPerson, words};
use crate::{
    error::GatewayError,
    rest::wire::scalars::{Instant, Text},
};

/// How many pairs.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct DuplicateQuery {
    /// At most so many.
    #[serde(default = "pairs")]
    #[param(value_type = Option<u32>, minimum = 1, maximum = 50, default = 20, example = 20)]
    pub(in crate::rest::registry) limit: u32,
}

const fn pairs() -> u32 {
    20
}

/// How many merges.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct MergeQuery {
    /// At most so many.
    #[serde(default = "merges")]
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200, default = 50, example = 50)]
    pub(in crate::rest::registry) limit: u32,
}

const fn merges() -> u32 {
    50
}

/// Pairs of persons who may be one.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Duplicates {
    /// Those nobody has decided about, the likeliest first.
    duplicates: Vec<Duplicate>,
}

impl Duplicates {
    pub(in crate::rest::registry) fn of(told: contract::ListDuplicatesResponse) -> Result<Self, GatewayError> {
        Ok(Self { duplicates: told.duplicates.into_iter().map(Duplicate::of).collect::<Result<_, _>>()? })
    }
}

/// Two who may be one.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Duplicate {
    /// One of them.
    #[schema(format = Uuid, example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c55")]
    person_id: String,
    /// The other, with what speaks for it and against.
    other: FoundPerson,
    /// When they were found alike.
    found_at: Instant,
}

impl Duplicate {
    fn of(told: contract::Duplicate) -> Result<Self, GatewayError> {
        let other = told.other.ok_or(GatewayError::IncompleteAnswer("a duplicate"))?;
        let found_at = Instant::at(told.found_at_ms);
        Ok(Self { person_id: told.person_id, other: FoundPerson::of(other)?, found_at })
    }
}

/// Says that two who were found alike are two.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Dismissal {
    /// One of them.
    #[schema(value_type = String, format = Uuid, example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c55")]
    person_id: Text<64>,
    /// The other.
    #[schema(value_type = String, format = Uuid, example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c60")]
    other_person_id: Text<64>,
    /// Why. It is kept.
    #[schema(value_type = String, min_length = 1, max_length = 500, example = "twins: both were here")]
    reason: Text<500>,
}

impl Dismissal {
    pub(in crate::rest::registry) fn into_contract(self) -> contract::DismissDuplicateRequest {
        let (person_id, other_person_id) = (self.person_id.0, self.other_person_id.0);
        contract::DismissDuplicateRequest { context: None, person_id, other_person_id, reason: self.reason.0 }
    }
}

/// Proposes that two persons are one.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct NewMerge {
    /// Under whose id both are to be read.
    #[schema(value_type = String, format = Uuid, example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c55")]
    person_id: Text<64>,
    /// The version of that person that was seen.
    #[schema(example = 2)]
    version: u64,
    /// Who is to be read under it too.
    #[schema(value_type = String, format = Uuid, example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c60")]
    merged_person_id: Text<64>,
    /// The version of that one that was seen.
    #[schema(example = 1)]
    merged_version: u64,
    /// Why. It is kept.
    #[schema(value_type = String, min_length = 1, max_length = 500, example = "the same passport")]
    reason: Text<500>,
}

impl NewMerge {
    pub(in crate::rest::registry) fn into_contract(self) -> contract::ProposeMergeRequest {
        contract::ProposeMergeRequest {
            context: None,
            person_id: self.person_id.0,
            merged_person_id: self.merged_person_id.0,
            expected_version: self.version,
            expected_merged_version: self.merged_version,
            reason: self.reason.0,
        }
    }
}

/// A merge that was proposed.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ProposedMerge {
    /// Its id.
    #[schema(format = Uuid, example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c56")]
    pub(in crate::rest::registry) merge_id: String,
}

/// The versions of both that were seen.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct SeenVersions {
    /// Of the person under whose id both are or would be read.
    #[schema(example = 2)]
    pub(in crate::rest::registry) version: u64,
    /// Of the other.
    #[schema(example = 1)]
    pub(in crate::rest::registry) merged_version: u64,
}

/// Merges.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Merges {
    /// The oldest first.
    merges: Vec<Merge>,
}

impl Merges {
    pub(in crate::rest::registry) fn of(told: contract::ListMergesResponse) -> Result<Self, GatewayError> {
        Ok(Self { merges: told.merges.into_iter().map(Merge::of).collect::<Result<_, _>>()? })
    }
}

/// Two persons, and what was done about their being one.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Merge {
    /// Its id.
    #[schema(format = Uuid, example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c56")]
    merge_id: String,
    /// Under whose id both are or would be read.
    #[schema(format = Uuid, example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c55")]
    person_id: String,
    /// The other.
    #[schema(format = Uuid, example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c60")]
    merged_person_id: String,
    /// In the order they were taken; the last says how it stands.
    steps: Vec<MergeStepTaken>,
}

impl Merge {
    fn of(told: contract::Merge) -> Result<Self, GatewayError> {
        Ok(Self {
            merge_id: told.merge_id,
            person_id: told.person_id,
            merged_person_id: told.merged_person_id,
            steps: told.steps.into_iter().map(MergeStepTaken::of).collect::<Result<_, _>>()?,
        })
    }
}

words! {
    /// Something done about a merge.
    MergeStep, "a merge's step" {
        /// Somebody takes two persons for one.
        Proposed,
        /// Another officer does so too.
        Confirmed,
        /// They are not one, or it cannot be told.
        Rejected,
        /// Somebody takes them for two after all.
        SplitProposed,
        /// Another officer does so too.
        SplitConfirmed,
        /// They stay one.
        SplitRejected,
    }
}

/// A step, by whom and why.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MergeStepTaken {
    /// What.
    step: MergeStep,
    /// When.
    at: Instant,
    /// Service identifier of the officer.
    #[schema(example = "udsc-0001")]
    officer: String,
    /// Why; absent where it was confirmed.
    #[serde(skip_serializing_if = "Personal::is_absent")]
    #[schema(value_type = String, required = false, example = "the same passport")]
    reason: Personal,
}

impl MergeStepTaken {
    fn of(mut told: contract::MergeStepTaken) -> Result<Self, GatewayError> {
        let reason = Personal::out_of(&mut told.reason);
        Ok(Self { step: MergeStep::of(told.step)?, at: Instant::at(told.at_ms), officer: told.officer, reason })
    }
}

//! Rules of retention, erasures and holds.

use serde::{Deserialize, Serialize};
use straznica_contracts::registry::v1 as contract;
use utoipa::ToSchema;

use super::{
    deadlines::{Bilingual, LegalBasis},
    words,
};
use crate::{
    error::GatewayError,
    rest::wire::scalars::{Instant, Text, present},
};

/// Rules of retention.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RetentionRules {
    /// By class of data.
    rules: Vec<RetentionRule>,
}

impl RetentionRules {
    pub(in crate::rest::registry) fn of(told: contract::ListRetentionRulesResponse) -> Result<Self, GatewayError> {
        Ok(Self { rules: told.rules.into_iter().map(RetentionRule::of).collect::<Result<_, _>>()? })
    }
}

/// How long something is kept.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RetentionRule {
    /// Its name.
    #[schema(example = "protection_files")]
    rule: String,
    /// What it is about.
    title: Bilingual,
    /// The rule in words.
    says: Bilingual,
    /// Types of cases it is for.
    #[schema(example = json!(["protection"]))]
    case_types: Vec<String>,
    /// How many of the unit, from the day the case was closed.
    #[schema(example = 600)]
    keep: u32,
    /// `days`, `working_days`, `weeks` or `months`.
    #[schema(example = "months")]
    unit: String,
    /// The place in the law.
    basis: LegalBasis,
}

impl RetentionRule {
    fn of(told: contract::RetentionRule) -> Result<Self, GatewayError> {
        let incomplete = || GatewayError::IncompleteAnswer("a rule of retention");
        Ok(Self {
            rule: told.rule,
            title: told.title.ok_or_else(incomplete)?.into(),
            says: told.says.ok_or_else(incomplete)?.into(),
            case_types: told.case_types,
            keep: told.keep,
            unit: told.unit,
            basis: LegalBasis::of(told.basis.ok_or_else(incomplete)?)?,
        })
    }
}

words! {
    /// How far the erasure of a case has come.
    ErasureState, "an erasure's state" {
        /// It waits for the job, or for the approval.
        Waiting,
        /// It was erased.
        Erased,
        /// It stays: a hold was placed meanwhile, or something happened in the case.
        Kept,
    }
}

/// A case that is due for erasure, or was.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ErasureItem {
    /// The case.
    #[schema(format = Uuid, example = "0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77")]
    case_id: String,
    /// As people call it (sygnatura).
    #[schema(example = "protection/1976/000017")]
    case_number: String,
    /// The day it was closed.
    #[schema(format = Date, example = "1976-05-21")]
    closed_on: String,
    /// The last day it has to be kept.
    #[schema(format = Date, example = "2026-05-21")]
    kept_to: String,
    /// How far its erasure has come.
    state: ErasureState,
}

impl ErasureItem {
    fn of(told: contract::ErasureItem) -> Result<Self, GatewayError> {
        let state = ErasureState::of(told.state)?;
        let contract::ErasureItem { case_id, case_number, closed_on, kept_to, .. } = told;
        Ok(Self { case_id, case_number, closed_on, kept_to, state })
    }

    fn all(told: Vec<contract::ErasureItem>) -> Result<Vec<Self>, GatewayError> {
        told.into_iter().map(Self::of).collect()
    }
}

/// What a rule would have erased today.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ErasurePreview {
    /// Up to 500, the longest due first.
    due: Vec<ErasureItem>,
    /// There are more.
    #[schema(example = false)]
    more: bool,
    /// Due, and kept by a hold.
    held: Vec<ErasureItem>,
}

impl ErasurePreview {
    pub(in crate::rest::registry) fn of(told: contract::PreviewErasureResponse) -> Result<Self, GatewayError> {
        Ok(Self { due: ErasureItem::all(told.due)?, more: told.more, held: ErasureItem::all(told.held)? })
    }
}

/// Proposes an erasure.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct NewErasure {
    /// Under which rule.
    #[schema(value_type = String, min_length = 1, max_length = 64, example = "protection_files")]
    pub(in crate::rest::registry) rule: Text<64>,
}

/// An erasure that was proposed.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ProposedErasure {
    /// Its id.
    #[schema(format = Uuid, example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c61")]
    pub(in crate::rest::registry) erasure_id: String,
    /// Of how many cases.
    #[schema(example = 17)]
    pub(in crate::rest::registry) cases: u32,
}

/// Erasures.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Erasures {
    /// The newest first.
    erasures: Vec<Erasure>,
}

impl From<contract::ListErasuresResponse> for Erasures {
    fn from(told: contract::ListErasuresResponse) -> Self {
        let one = |told: contract::Erasure| Erasure {
            erasure_id: told.erasure_id,
            rule: told.rule,
            proposed_by: told.proposed_by,
            proposed_at: Instant::at(told.proposed_at_ms),
            approved_by: present(told.approved_by),
            approved_at: told.approved_at_ms.map(Instant::at),
        };
        Self { erasures: told.erasures.into_iter().map(one).collect() }
    }
}

/// An erasure.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Erasure {
    /// Its id.
    #[schema(format = Uuid, example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c61")]
    erasure_id: String,
    /// Under which rule.
    #[schema(example = "protection_files")]
    rule: String,
    /// Service identifier of the archivist who proposed it.
    #[schema(example = "udsc-0021")]
    proposed_by: String,
    /// When.
    proposed_at: Instant,
    /// Service identifier of the archivist who approved it: another one. Absent: it waits.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "udsc-0022")]
    approved_by: Option<String>,
    /// When.
    #[serde(skip_serializing_if = "Option::is_none")]
    approved_at: Option<Instant>,
}

/// How far an erasure has come.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ErasureReport {
    /// Under which rule.
    #[schema(example = "protection_files")]
    rule: String,
    /// Service identifier of the archivist who proposed it.
    #[schema(example = "udsc-0021")]
    proposed_by: String,
    /// When.
    proposed_at: Instant,
    /// Service identifier of the archivist who approved it. Absent: nobody yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "udsc-0022")]
    approved_by: Option<String>,
    /// When.
    #[serde(skip_serializing_if = "Option::is_none")]
    approved_at: Option<Instant>,
    /// Case by case, the longest closed first.
    items: Vec<ErasureItem>,
    /// Persons erased with them: those no other case covers.
    #[schema(example = 31)]
    persons_erased: u32,
    /// Entries of the journal whose payload was erased.
    #[schema(example = 4711)]
    entries_erased: u32,
}

impl ErasureReport {
    pub(in crate::rest::registry) fn of(told: contract::GetErasureResponse) -> Result<Self, GatewayError> {
        Ok(Self {
            rule: told.rule,
            proposed_by: told.proposed_by,
            proposed_at: Instant::at(told.proposed_at_ms),
            approved_by: present(told.approved_by),
            approved_at: told.approved_at_ms.map(Instant::at),
            items: ErasureItem::all(told.items)?,
            persons_erased: told.persons_erased,
            entries_erased: told.entries_erased,
        })
    }
}

/// A hold that was placed.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PlacedHold {
    /// Its id.
    #[schema(format = Uuid, example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c62")]
    pub(in crate::rest::registry) hold_id: String,
}

/// Holds on a case.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CaseHolds {
    /// The oldest first.
    holds: Vec<Hold>,
}

impl From<contract::ListHoldsResponse> for CaseHolds {
    fn from(told: contract::ListHoldsResponse) -> Self {
        let hold = |told: contract::Hold| Hold {
            hold_id: told.hold_id,
            reason: present(told.reason),
            placed_by: told.placed_by,
            placed_at: Instant::at(told.placed_at_ms),
            lifted_by: present(told.lifted_by),
            lifted_at: told.lifted_at_ms.map(Instant::at),
            lifting_reason: present(told.lifting_reason),
        };
        Self { holds: told.holds.into_iter().map(hold).collect() }
    }
}

/// What keeps a case from being erased, or kept it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Hold {
    /// Its id.
    #[schema(format = Uuid, example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c62")]
    hold_id: String,
    /// Who wants it kept, and why. Absent: it was erased with the file.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "the ombudsman asked for it")]
    reason: Option<String>,
    /// Service identifier of who placed it.
    #[schema(example = "udsc-0001")]
    placed_by: String,
    /// When.
    placed_at: Instant,
    /// Service identifier of who lifted it: another one. Absent: it holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "udsc-0021")]
    lifted_by: Option<String>,
    /// When.
    #[serde(skip_serializing_if = "Option::is_none")]
    lifted_at: Option<Instant>,
    /// Why it was lifted.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "the ombudsman is done")]
    lifting_reason: Option<String>,
}

//! Decisions.

use serde::{Deserialize, Serialize};
use straznica_contracts::registry::v1 as contract;
use utoipa::ToSchema;

use super::words;
use crate::{
    error::GatewayError,
    rest::wire::scalars::{Instant, Text, present},
};

/// Drafts a decision.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct NewDecision {
    /// A decision of the rule set.
    #[schema(value_type = String, min_length = 1, max_length = 64, example = "refugee_status")]
    pub(in crate::rest::registry) decision: Text<64>,
}

/// A decision that was drafted.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DraftedDecision {
    /// The case's version, to be named by its next change; also the ETag.
    #[schema(example = 3)]
    pub(in crate::rest::registry) version: u64,
    /// The decision's id.
    #[schema(format = Uuid, example = "0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77")]
    pub(in crate::rest::registry) decision_id: String,
}

words! {
    /// How far a decision is.
    DecisionState, "a decision's state" {
        /// A draft (projekt).
        Drafted,
        /// Another officer approved it.
        Approved,
        /// It was issued (wydana).
        Issued,
    }
}

/// A decision in a case.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Decision {
    /// Its id.
    #[schema(format = Uuid, example = "0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77")]
    decision_id: String,
    /// Its name in the rule set.
    #[schema(example = "refugee_status")]
    decision: String,
    /// How far it is.
    state: DecisionState,
    /// Service identifier of the officer who drafted it.
    #[schema(example = "udsc-0001")]
    drafted_by: String,
    /// When.
    drafted_at: Instant,
    /// Service identifier of the officer who approved it: another one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "udsc-0002")]
    approved_by: Option<String>,
    /// When.
    #[serde(skip_serializing_if = "Option::is_none")]
    approved_at: Option<Instant>,
    /// When it was issued.
    #[serde(skip_serializing_if = "Option::is_none")]
    issued_at: Option<Instant>,
}

impl Decision {
    pub(super) fn of(told: contract::Decision) -> Result<Self, GatewayError> {
        Ok(Self {
            state: DecisionState::of(told.state)?,
            decision_id: told.decision_id,
            decision: told.decision,
            drafted_by: told.drafted_by,
            drafted_at: Instant::at(told.drafted_at_ms),
            approved_by: present(told.approved_by),
            approved_at: told.approved_at_ms.map(Instant::at),
            issued_at: told.issued_at_ms.map(Instant::at),
        })
    }
}

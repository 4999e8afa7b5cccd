//! The worklist.

use serde::{Deserialize, Serialize};
use straznica_contracts::registry::v1 as contract;
use utoipa::{IntoParams, ToSchema};

use super::deadlines::Deadline;
use crate::{
    error::GatewayError,
    rest::wire::scalars::{Instant, Text, present},
};

/// Which cases.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct WorkQuery {
    /// Only cases of this type.
    #[serde(default)]
    #[param(value_type = Option<String>, min_length = 1, max_length = 64, example = "protection")]
    pub(in crate::rest::registry) case_type: Option<Text<64>>,
    /// At most so many.
    #[serde(default = "page")]
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200, default = 50, example = 50)]
    pub(in crate::rest::registry) limit: u32,
}

const fn page() -> u32 {
    50
}

/// Open cases in fair order.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Worklist {
    /// What is due first comes first, and of what is due alike what has waited longest.
    items: Vec<WorkItem>,
}

impl Worklist {
    pub(in crate::rest::registry) fn of(told: contract::ListWorkResponse) -> Result<Self, GatewayError> {
        Ok(Self { items: told.items.into_iter().map(WorkItem::of).collect::<Result<_, _>>()? })
    }
}

/// A case to be worked on.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct WorkItem {
    /// Its id.
    #[schema(format = Uuid, example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c55")]
    case_id: String,
    /// As people call it (sygnatura).
    #[schema(example = "protection/2026/000017")]
    number: String,
    /// Its type.
    #[schema(example = "protection")]
    case_type: String,
    /// Where it stands.
    #[schema(example = "merits")]
    stage: String,
    /// When it was opened.
    opened_at: Instant,
    /// The deadline an authority has to keep that ends first; absent: none runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<Deadline>,
    /// That deadline is over.
    #[schema(example = false)]
    late: bool,
    /// Deadlines of others that have to end before this case can go on.
    #[schema(example = json!(["security_opinion"]))]
    blocked_by: Vec<String>,
    /// Service identifier of the officer who works on it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "udsc-0001")]
    taken_by: Option<String>,
}

impl WorkItem {
    fn of(told: contract::WorkItem) -> Result<Self, GatewayError> {
        Ok(Self {
            case_id: told.case_id,
            number: told.number,
            case_type: told.case_type,
            stage: told.stage,
            opened_at: Instant::at(told.opened_at_ms),
            next: told.next.map(Deadline::of).transpose()?,
            late: told.late,
            blocked_by: told.blocked_by,
            taken_by: present(told.taken_by),
        })
    }
}

/// Takes a case to work on.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Taking {
    /// Why out of order; needed where it is not the next case of its type, and kept.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 500, example = "the applicant is to be operated on")]
    pub(in crate::rest::registry) reason: Option<Text<500>>,
}

/// A case that was taken.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TakenCase {
    /// To be named by the next change; also the ETag.
    #[schema(example = 3)]
    pub(in crate::rest::registry) version: u64,
    /// It was not the next one.
    #[schema(example = false)]
    pub(in crate::rest::registry) out_of_order: bool,
}

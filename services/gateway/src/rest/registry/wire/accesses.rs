//! Who changed and read what is kept of a person or a case.

use serde::{Deserialize, Serialize};
use straznica_contracts::registry::v1 as contract;
use utoipa::{IntoParams, ToSchema};

use crate::rest::wire::scalars::{Instant, present};

/// Which entries.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct AccessQuery {
    /// Only what was recorded before this position, as the answer before gave it; absent: from the newest.
    #[serde(default)]
    #[param(value_type = Option<u64>, example = 4711)]
    pub(in crate::rest::registry) before: Option<u64>,
    /// At most so many.
    #[serde(default = "page")]
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200, default = 50, example = 50)]
    pub(in crate::rest::registry) limit: u32,
}

const fn page() -> u32 {
    50
}

/// Changes and readings of a record.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RecordAccesses {
    /// The newest first.
    entries: Vec<RecordAccess>,
    /// Where the next page begins; absent: there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 4661)]
    before: Option<u64>,
}

impl RecordAccesses {
    pub(in crate::rest::registry) fn of(told: contract::ListHistoryResponse, limit: u32) -> Self {
        let full = told.entries.len() >= limit as usize;
        let before = told.entries.last().and_then(|entry| entry.position).filter(|_| full);
        Self { entries: told.entries.into_iter().map(RecordAccess::from).collect(), before }
    }
}

/// One change or reading.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RecordAccess {
    /// Its position in the journal's tree; absent: not numbered yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 4700)]
    position: Option<u64>,
    /// When.
    at: Instant,
    /// What was done.
    #[schema(example = "person.read")]
    kind: String,
    /// Service identifier of the officer; absent: the service itself, or another authority.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "udsc-0001")]
    officer: Option<String>,
    /// The system that asked, by its certificate.
    #[schema(example = "service/gateway")]
    actor: String,
    /// The terminal it spoke for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "T-1")]
    terminal: Option<String>,
    /// For what.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "protection_proceedings")]
    purpose: Option<String>,
    /// In which case.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "protection/2026/000017")]
    case: Option<String>,
    /// By what law.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "Act of 13 June 2003, art. 119")]
    legal_basis: Option<String>,
}

impl From<contract::HistoryEntry> for RecordAccess {
    fn from(told: contract::HistoryEntry) -> Self {
        Self {
            position: told.position,
            at: Instant::at(told.at_ms),
            kind: told.kind,
            officer: present(told.officer),
            actor: told.actor,
            terminal: present(told.terminal),
            purpose: present(told.purpose),
            case: present(told.case_number),
            legal_basis: present(told.legal_basis),
        }
    }
}

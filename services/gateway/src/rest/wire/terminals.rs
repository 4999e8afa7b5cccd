//! Terminals, as an operator sees them.

use serde::{Deserialize, Serialize};
use straznica_types::TerminalId;
use utoipa::{IntoParams, ToSchema};

use super::scalars::{Fingerprint, Instant, Text};
use crate::domain::terminal::{Standing, Terminal};

/// Enrols a terminal.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct NewTerminal {
    /// Its id, as its certificate names it.
    #[schema(value_type = String, min_length = 1, max_length = 64, pattern = "^[A-Za-z0-9._-]+$", example = "PL-WAW-017")]
    pub(crate) terminal_id: TerminalId,
    /// The only certificate it may present. Without it, any valid certificate that names it will do.
    #[serde(default)]
    pub(crate) pinned_certificate: Option<Fingerprint>,
    /// Where it stands, for people. No names of persons.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 200, example = "Warszawa-Okęcie, lane 17")]
    pub(crate) note: Option<Text<200>>,
}

/// Whether a terminal may call.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum TerminalState {
    /// It may.
    Active,
    /// It may not, until an operator unlocks it.
    Suspended,
}

/// Why and since when a terminal is suspended.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TerminalSuspension {
    /// The operator's reason.
    #[schema(example = "missing from its lane since the morning")]
    reason: String,
    /// When.
    since: Instant,
    /// The operator.
    #[schema(example = "OP-07")]
    by: String,
}

/// An enrolled terminal.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct EnrolledTerminal {
    /// Its id.
    #[schema(example = "PL-WAW-017")]
    terminal_id: String,
    /// Whether it may call.
    state: TerminalState,
    /// SHA-256 of the only certificate it may present, hexadecimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    pinned_certificate: Option<String>,
    /// Where it stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "Warszawa-Okęcie, lane 17")]
    note: Option<String>,
    /// When it was enrolled.
    enrolled_at: Instant,
    /// The operator who enrolled it.
    #[schema(example = "OP-07")]
    enrolled_by: String,
    /// The suspension, while there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    suspension: Option<TerminalSuspension>,
}

impl From<Terminal> for EnrolledTerminal {
    fn from(terminal: Terminal) -> Self {
        let (state, suspension) = match terminal.standing {
            Standing::Active => (TerminalState::Active, None),
            Standing::Suspended(suspension) => (
                TerminalState::Suspended,
                Some(TerminalSuspension {
                    reason: suspension.reason,
                    since: Instant(suspension.since),
                    by: suspension.by.to_string(),
                }),
            ),
        };
        Self {
            terminal_id: terminal.id.to_string(),
            state,
            pinned_certificate: terminal.pinned_certificate.map(hex::encode),
            note: terminal.note,
            enrolled_at: Instant(terminal.enrolled_at),
            enrolled_by: terminal.enrolled_by.to_string(),
            suspension,
        }
    }
}

/// Enrolled terminals in the order of their ids.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TerminalPage {
    /// The terminals.
    pub(crate) terminals: Vec<EnrolledTerminal>,
    /// Where to go on (`after`); absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "PL-WAW-017")]
    pub(crate) next: Option<String>,
}

/// Which page.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct PageQuery {
    /// Terminals after this id.
    #[serde(default)]
    #[param(value_type = Option<String>, example = "PL-WAW-017")]
    pub(crate) after: Option<TerminalId>,
    /// At most this many, 1 to 500.
    #[serde(default)]
    #[param(minimum = 1, maximum = 500, default = 100, example = 100)]
    pub(crate) limit: Option<u16>,
}

//! On whose behalf an inspection was opened. What follows in the same inspection is done on the same officer's behalf and for the same purpose; the
//! requests need not say it again, and the control centre signs for nobody unnamed.

use straznica_types::OfficerId;

/// Officer, purpose and case of an inspection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mission {
    pub(crate) officer: OfficerId,
    pub(crate) purpose: String,
    pub(crate) case: Option<String>,
}

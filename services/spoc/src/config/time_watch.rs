//! What the node's clock is compared with.

use serde::{Deserialize, Serialize};

/// The watch over the node's clock: what is dated by a wrong clock locks terminals out of passports (TR-03110-3 §2.5: a chip's date only moves forward).
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TimeWatchConfig {
    /// SNTP servers, `host:port`. None: the clock is taken as it is, which production has to permit by `required = false`.
    pub sources: Vec<String>,
    /// Largest difference between the clock and a source, in milliseconds.
    pub max_offset_ms: u64,
    /// How often the sources are asked, in seconds.
    pub every_seconds: u64,
    /// How long a confirmation counts, in seconds.
    pub max_age_seconds: u64,
    /// Whether nothing is issued while the clock is in doubt. Absent: yes, when there are sources.
    pub required: Option<bool>,
}

impl Default for TimeWatchConfig {
    fn default() -> Self {
        Self { sources: Vec::new(), max_offset_ms: 5_000, every_seconds: 300, max_age_seconds: 3_600, required: None }
    }
}

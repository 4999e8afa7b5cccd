//! The exchange with other states.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// What an operator can set about the exchange with other states.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ExchangeConfig {
    /// Profiles beside the three that come with the program, or in place of one of the same name: a file each.
    pub profile_files: Vec<PathBuf>,
    /// SHA-256 fingerprints of the roots the production node trusts, one a line: a test node refuses them.
    pub production_roots: Option<PathBuf>,
}

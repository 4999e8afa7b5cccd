//! Test or production.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// What a node is for. A node has one environment and refuses the other's trust, keys and partners.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Environment {
    /// Made-up people, test PKIs; the development certificate authority is accepted.
    Test,
    /// People's lives; the development certificate authority and local accounts are refused.
    Production,
}

impl Environment {
    /// `test` or `production`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Test => "test",
            Self::Production => "production",
        }
    }
}

impl fmt::Display for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A text that names no environment.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown environment: \"test\" or \"production\" expected")]
pub struct UnknownEnvironment;

impl FromStr for Environment {
    type Err = UnknownEnvironment;

    fn from_str(text: &str) -> Result<Self, UnknownEnvironment> {
        [Self::Test, Self::Production].into_iter().find(|one| one.as_str() == text).ok_or(UnknownEnvironment)
    }
}

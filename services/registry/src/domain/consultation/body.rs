//! The bodies that are asked.

use std::fmt;

use serde::{Deserialize, Serialize};
use straznica_types::{InvalidName, check_name};

/// A consulted body, as its certificate names it (`consulted/abw`): `sg` (Border Guard), `police`, `abw` (Internal Security Agency), `aw` (Foreign Intelligence Agency), `mfa`
/// (Ministry of Foreign Affairs), or another the node is configured with.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Body(String);

impl Body {
    /// From its name.
    ///
    /// # Errors
    /// [`InvalidName`].
    pub fn parse(text: &str) -> Result<Self, InvalidName> {
        check_name(text).map(|()| Self(text.to_owned()))
    }

    /// Its name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Body {
    type Error = InvalidName;

    fn try_from(text: String) -> Result<Self, InvalidName> {
        Self::parse(&text)
    }
}

impl From<Body> for String {
    fn from(body: Body) -> Self {
        body.0
    }
}

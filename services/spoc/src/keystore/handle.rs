//! Names of keys.

use std::{fmt, str::FromStr};

use thiserror::Error;
use uuid::Uuid;

/// What a key is for. Each role has its own directory, and may have its own token: CVCA keys should be backed up, DV keys should not, IS keys must not
/// (TR-03139 §6.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeyRole {
    /// The national CVCA.
    NationalCvca,
    /// A document verifier of ours.
    DocumentVerifier,
    /// An inspection system of the terminal control centre.
    InspectionSystem,
    /// The TLS identity of the exchange with other states. Named by the configuration, not by the database.
    ExchangeTls,
}

impl KeyRole {
    /// Every role.
    pub const ALL: [Self; 4] = [Self::NationalCvca, Self::DocumentVerifier, Self::InspectionSystem, Self::ExchangeTls];

    /// The role's name in handles and directories.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NationalCvca => "cvca",
            Self::DocumentVerifier => "dv",
            Self::InspectionSystem => "is",
            Self::ExchangeTls => "tls",
        }
    }
}

impl fmt::Display for KeyRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Names one key: `<role>/<uuid>`. Opaque to callers; reveals nothing about the key but its role.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct KeyHandle {
    role: KeyRole,
    id: Uuid,
}

/// Text that is no key handle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("not a key handle")]
pub struct NotAHandle;

impl KeyHandle {
    pub(crate) fn new(role: KeyRole, id: Uuid) -> Self {
        Self { role, id }
    }

    /// What the key is for.
    #[must_use]
    pub const fn role(&self) -> KeyRole {
        self.role
    }

    pub(super) const fn id(&self) -> Uuid {
        self.id
    }
}

impl fmt::Display for KeyHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.role.as_str(), self.id.hyphenated())
    }
}

impl FromStr for KeyHandle {
    type Err = NotAHandle;

    fn from_str(text: &str) -> Result<Self, NotAHandle> {
        let (role, id) = text.split_once('/').ok_or(NotAHandle)?;
        let role = KeyRole::ALL.into_iter().find(|known| known.as_str() == role).ok_or(NotAHandle)?;
        let uuid = Uuid::try_parse(id).map_err(|_| NotAHandle)?;
        let handle = Self { role, id: uuid };
        // One key, one name: other spellings of the same UUID are refused.
        if handle.to_string() == text { Ok(handle) } else { Err(NotAHandle) }
    }
}

#[cfg(test)]
mod tests {
    use super::{KeyHandle, KeyRole, NotAHandle};
    use uuid::Uuid;

    #[test]
    fn a_handle_reads_back_from_its_text() {
        for role in KeyRole::ALL {
            let handle = KeyHandle::new(role, Uuid::now_v7());
            assert_eq!(handle.to_string().parse(), Ok(handle));
        }
    }

    #[test]
    fn other_text_is_no_handle() {
        for text in [
            "",
            "is",
            "is/",
            "is/../../etc/passwd",
            "xx/0190a6a0-0000-7000-8000-000000000000",
            "is/0190a6a0000070008000000000000000",
        ] {
            assert_eq!(text.parse::<KeyHandle>(), Err(NotAHandle), "{text}");
        }
    }
}

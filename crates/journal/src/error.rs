//! What can go wrong with the journal, and what callers are told of it.

use std::path::PathBuf;
use std::sync::Arc;

use sea_orm::DbErr;
use straznica_error::{Class, Code, Coded};
use straznica_store::StoreError;

/// Failure to write or read the journal.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The shared transaction this entry was written in failed; nothing of it was written.
    #[error("the journal could not be written")]
    SharedCommit(#[source] Arc<JournalError>),
    /// The writer of shared transactions has ended: the process is going down.
    #[error("the journal is closed")]
    Closed,
    /// A text or the detail of an entry is longer than the journal takes.
    #[error("{field} of the journal entry is longer than {limit} bytes")]
    TooLong {
        /// Which part of the entry.
        field: &'static str,
        /// What would be taken, bytes.
        limit: usize,
    },
    /// A key cannot be used.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The system gave no random bytes.
    #[error("the system gave no random bytes")]
    NoRandomness,
    /// The detail of an entry could not be written as JSON.
    #[error("the detail of the entry is not JSON")]
    Detail(#[source] serde_json::Error),
}

impl From<DbErr> for JournalError {
    fn from(failure: DbErr) -> Self {
        Self::Store(failure.into())
    }
}

/// Why a key cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The file is absent or cannot be read.
    #[error("the journal key {} cannot be read", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        #[source]
        cause: std::io::Error,
    },
    /// The file could not be made.
    #[error("the journal key {} cannot be written", path.display())]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        #[source]
        cause: std::io::Error,
    },
    /// Not 64 hexadecimal digits.
    #[error("the journal key {} is not 64 hexadecimal digits", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
    },
    /// The system gave no random bytes for a new key.
    #[error("the system gave no random bytes for a new key")]
    NoRandomness,
    /// The signing key was refused by the cryptographic library.
    #[error("the signing key is refused")]
    Refused,
}

/// Codes of the journal, the same in every service.
pub mod codes {
    use super::{Class, Code};

    /// Without a journal entry nothing changes and nothing is shown.
    pub const UNAVAILABLE: Code =
        Code::new("journal.unavailable", Class::Unavailable, "The journal cannot be written; nothing was done");
    /// A fault of the journal itself.
    pub const FAULT: Code = Code::new("journal.fault", Class::Internal, "A fault inside the suite");
    /// What the entry would hold is too long.
    pub const TOO_LONG: Code =
        Code::new("journal.too_long", Class::InvalidArgument, "The request's context is too long for the journal");
}

impl Coded for JournalError {
    fn code(&self) -> &'static Code {
        match self {
            Self::Store(failure) => failure.code(),
            Self::SharedCommit(_) | Self::Closed => &codes::UNAVAILABLE,
            Self::TooLong { .. } => &codes::TOO_LONG,
            Self::Key(_) | Self::NoRandomness | Self::Detail(_) => &codes::FAULT,
        }
    }

    fn detail(&self) -> String {
        match self {
            Self::TooLong { field, limit } => format!("{field} may have at most {limit} bytes"),
            _ => self.code().title.to_owned(),
        }
    }
}

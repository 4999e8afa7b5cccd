//! What can go wrong with the journal, and what callers are told of it.

use std::path::PathBuf;

use sea_orm::DbErr;
use straznica_error::{Class, Code, Coded};
use straznica_store::StoreError;

use crate::note::NoteError;
use crate::tree::ProofError;

/// Failure to write or read the journal.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
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
    /// What is stored does not fit together: somebody changed the database by hand, or it was restored beside its keys. Nothing is built on it.
    #[error("the journal in the database is damaged: {0}")]
    Damaged(&'static str),
    /// There is no such entry, or it is erased already, or not in the tree asked for.
    #[error("there is no such entry")]
    NoSuchEntry,
    /// The entry records an erasure and cannot be erased itself.
    #[error("an entry that records an erasure cannot be erased")]
    NotErasable,
    /// There is no checkpoint yet, or not of that size.
    #[error("there is no such checkpoint")]
    NoSuchCheckpoint,
    /// A member of the request is missing or malformed.
    #[error("{0} is missing or malformed")]
    Request(&'static str),
    /// Events between the position asked for and the oldest retained are gone.
    #[error("the events after this position are no longer retained")]
    EventsGone,
    /// The event last followed is not in this log, or not at its position.
    #[error("the events were set back to an earlier state: the one last followed is not among them")]
    EventsSetBack,
    /// The effect of this event was recorded before, by another replica.
    #[error("the events up to this position were followed already")]
    AlreadyFollowed,
    /// Another log's checkpoint contradicts what this witness saw of it before.
    #[error("the checkpoint contradicts what was seen of this log before")]
    Fork,
    /// The checkpoint or the key is malformed or not valid.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// The proof is refused.
    #[error(transparent)]
    Proof(#[from] ProofError),
    /// Another service could not be asked, or refused.
    #[error("the exchange of checkpoints with another service failed")]
    Exchange(#[source] Box<tonic::Status>),
    /// An export could not be written.
    #[error("the export could not be written")]
    Export(#[source] std::io::Error),
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

impl From<tonic::Status> for JournalError {
    fn from(status: tonic::Status) -> Self {
        Self::Exchange(Box::new(status))
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
    /// The origin cannot name a key: it is empty, longer than 256 bytes, or has spaces or plus signs.
    #[error("the journal's origin is empty, too long, or has spaces or plus signs")]
    Origin,
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
    /// No such entry or checkpoint.
    pub const NOT_FOUND: Code = Code::new("journal.not_found", Class::NotFound, "There is no such entry or checkpoint");
    /// A request is not well-formed.
    pub const MALFORMED: Code = Code::new("journal.malformed", Class::InvalidArgument, "The request is malformed");
    /// A checkpoint that does not extend the last one seen.
    pub const FORK: Code = Code::new(
        "journal.checkpoint_contradicts",
        Class::FailedPrecondition,
        "The checkpoint contradicts what was seen of this log before",
    );
    /// A follower was away longer than events are kept.
    pub const EVENTS_GONE: Code =
        Code::new("journal.events_gone", Class::FailedPrecondition, "The events after this position are gone");
    /// A follower knows of an event that this log, brought back from a backup, does not.
    pub const EVENTS_SET_BACK: Code = Code::new(
        "journal.events_set_back",
        Class::FailedPrecondition,
        "The events were set back to an earlier state: the one last followed is not among them",
    );
    /// Another replica was faster.
    pub const ALREADY_FOLLOWED: Code =
        Code::new("journal.already_followed", Class::Conflict, "The event was taken into account already");
    /// An erasure stays on record.
    pub const NOT_ERASABLE: Code =
        Code::new("journal.not_erasable", Class::FailedPrecondition, "A record of an erasure cannot be erased");
}

impl Coded for JournalError {
    fn code(&self) -> &'static Code {
        match self {
            Self::Store(failure) => failure.code(),
            Self::TooLong { .. } => &codes::TOO_LONG,
            Self::NoSuchEntry | Self::NoSuchCheckpoint => &codes::NOT_FOUND,
            Self::NotErasable => &codes::NOT_ERASABLE,
            Self::Request(_) | Self::Note(_) | Self::Proof(_) => &codes::MALFORMED,
            Self::Fork => &codes::FORK,
            Self::EventsGone => &codes::EVENTS_GONE,
            Self::EventsSetBack => &codes::EVENTS_SET_BACK,
            Self::AlreadyFollowed => &codes::ALREADY_FOLLOWED,
            Self::Exchange(_) => &codes::UNAVAILABLE,
            Self::Key(_) | Self::NoRandomness | Self::Detail(_) | Self::Damaged(_) | Self::Export(_) => &codes::FAULT,
        }
    }

    fn detail(&self) -> String {
        match self {
            Self::TooLong { field, limit } => format!("{field} may have at most {limit} bytes"),
            Self::Request(_) | Self::Note(_) | Self::Proof(_) => self.to_string(),
            _ => self.code().title.to_owned(),
        }
    }
}

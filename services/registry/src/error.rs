//! What can go wrong at the registry, and the code of each.

use std::time::Duration;

use sea_orm::DbErr;
use straznica_error::{Class, Code, Coded, FieldError, common};
use straznica_journal::JournalError;
use straznica_store::StoreError;

use crate::domain::Refusal;
use crate::keys::Unopenable;
use crate::store::UnreadableRow;

/// A call that did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    /// The rules refuse it.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// What is kept of a person does not open.
    #[error(transparent)]
    Sealed(#[from] Unopenable),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The journal could not be written, so nothing was changed or shown.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// A row that cannot be read.
    #[error(transparent)]
    Row(#[from] UnreadableRow),
}

impl From<DbErr> for RegistryError {
    fn from(failure: DbErr) -> Self {
        StoreError::from(failure).into()
    }
}

/// The codes of the registry.
pub mod codes {
    use super::{Class, Code};

    /// A member of the request is missing or holds what it cannot hold.
    pub const INVALID_REQUEST: Code =
        Code::new("registry.invalid_request", Class::InvalidArgument, "A member of the request is missing or wrong");
    /// No such person, case, decision or statement.
    pub const NOT_FOUND: Code = Code::new("registry.not_found", Class::NotFound, "There is no such thing");
    /// Somebody changed it meanwhile.
    pub const STALE: Code = Code::new("registry.stale", Class::Conflict, "Somebody else changed it meanwhile");
    /// The law, or what happened so far, does not let it happen.
    pub const NOT_NOW: Code =
        Code::new("registry.not_now", Class::FailedPrecondition, "The rules of the case do not let it happen now");
    /// The purpose does not allow it.
    pub const NOT_FOR_THIS_PURPOSE: Code =
        Code::new("registry.not_for_this_purpose", Class::PermissionDenied, "The purpose does not allow it");
    /// Another officer has to do it.
    pub const FOUR_EYES: Code =
        Code::new("registry.four_eyes", Class::PermissionDenied, "Another officer has to do it");
    /// Out of order without a reason.
    pub const OUT_OF_ORDER: Code = Code::new(
        "registry.out_of_order",
        Class::FailedPrecondition,
        "It is not the next case, and no reason is given",
    );
}

impl Refusal {
    const fn code(&self) -> &'static Code {
        match self {
            Self::Missing { .. } | Self::Invalid { .. } | Self::Future => &codes::INVALID_REQUEST,
            Self::NoPerson | Self::NoCase | Self::NoDecision | Self::NoStatement => &codes::NOT_FOUND,
            Self::Stale => &codes::STALE,
            Self::OtherKind
            | Self::NoName
            | Self::NoRules
            | Self::NotNow(_)
            | Self::ByIssuing
            | Self::DecisionState
            | Self::Taken => &codes::NOT_NOW,
            Self::Vulnerabilities => &codes::NOT_FOR_THIS_PURPOSE,
            Self::OwnDraft => &codes::FOUR_EYES,
            Self::OutOfOrder => &codes::OUT_OF_ORDER,
        }
    }
}

impl Coded for RegistryError {
    fn code(&self) -> &'static Code {
        match self {
            Self::Refused(refusal) => refusal.code(),
            Self::Sealed(_) | Self::Row(_) => &common::INTERNAL,
            Self::Store(failure) => failure.code(),
            Self::Journal(failure) => failure.code(),
        }
    }

    fn detail(&self) -> String {
        match self {
            Self::Refused(refusal) => refusal.to_string(),
            Self::Store(failure) => failure.detail(),
            Self::Journal(failure) => failure.detail(),
            Self::Sealed(_) | Self::Row(_) => self.code().title.to_owned(),
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Store(failure) => failure.retry_after(),
            _ => None,
        }
    }

    fn field_errors(&self) -> Vec<FieldError> {
        match self {
            Self::Refused(Refusal::Missing { member }) => vec![FieldError::new(*member, "missing".to_owned())],
            Self::Refused(Refusal::Invalid { member, expected }) => {
                vec![FieldError::new(*member, format!("{expected} expected"))]
            }
            _ => Vec::new(),
        }
    }
}

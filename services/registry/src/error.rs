//! What can go wrong at the registry, and the code of each.

use std::time::Duration;

use sea_orm::DbErr;
use straznica_error::{Class, Code, Coded, FieldError, common};
use straznica_journal::JournalError;
use straznica_store::StoreError;

use crate::domain::Refusal;
use crate::domain::consumer::Denied;
use crate::domain::intake::FileProblem;
use crate::keys::Unopenable;
use crate::store::UnreadableRow;

/// A call that did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    /// The rules refuse it.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Nothing of a file can be taken.
    #[error(transparent)]
    File(#[from] FileProblem),
    /// The profile of a consumer does not allow it.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// A consumer has asked as often as was agreed.
    #[error("as many questions were asked as were agreed")]
    TooOften {
        /// When the next one may be.
        retry_after: Duration,
    },
    /// Not everybody is found by their documents yet: nobody would be told of who is there.
    #[error("not everybody can be found yet")]
    NotFindable,
    /// What is kept of a person does not open.
    #[error(transparent)]
    Sealed(#[from] Unopenable),
    /// A file could not be looked at: the work on it broke off.
    #[error("the work on a file broke off")]
    Work(#[from] tokio::task::JoinError),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The journal could not be written, so nothing was changed or shown.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The consultation network did not take or give messages; only jobs meet this.
    #[error("the consultation network cannot be reached")]
    Network(#[source] Box<tonic::Status>),
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
    pub const STALE: Code =
        Code::new("registry.stale", Class::PreconditionFailed, "Somebody else changed it meanwhile");
    /// The law, or what happened so far, does not let it happen.
    pub const NOT_NOW: Code =
        Code::new("registry.not_now", Class::FailedPrecondition, "The rules of the case do not let it happen now");
    /// The purpose does not allow it.
    pub const NOT_FOR_THIS_PURPOSE: Code =
        Code::new("registry.not_for_this_purpose", Class::PermissionDenied, "The purpose does not allow it");
    /// There is no agreement with the caller, or it does not hold.
    pub const NO_ACCESS: Code =
        Code::new("registry.no_access", Class::PermissionDenied, "Nothing is agreed with this caller");
    /// More questions than were agreed.
    pub const TOO_OFTEN: Code =
        Code::new("registry.too_often", Class::TooManyRequests, "As many questions were asked as were agreed");
    /// A file that cannot be read as what it was sent as.
    pub const UNREADABLE_FILE: Code =
        Code::new("registry.unreadable_file", Class::UnprocessableContent, "Nothing of the file can be taken");
    /// The caller is not the consulted body it speaks of.
    pub const NOT_THIS_BODY: Code = Code::new(
        "registry.not_this_body",
        Class::PermissionDenied,
        "The caller is not that consulted body, nor may speak for it here",
    );
    /// Another officer has to do it.
    pub const FOUR_EYES: Code =
        Code::new("registry.four_eyes", Class::PermissionDenied, "Another officer has to do it");
    /// Out of order without a reason.
    pub const OUT_OF_ORDER: Code = Code::new(
        "registry.out_of_order",
        Class::FailedPrecondition,
        "It is not the next case, and no reason is given",
    );
    /// A check, a resolution or a consultation has to come first.
    pub const ALERTS_FIRST: Code =
        Code::new("registry.alerts_first", Class::FailedPrecondition, "Alerts stand in the way of the decision");
}

impl Refusal {
    const fn code(&self) -> &'static Code {
        match self {
            Self::Missing { .. } | Self::Invalid { .. } | Self::Future => &codes::INVALID_REQUEST,
            Self::NoPerson
            | Self::NoCase
            | Self::NoDecision
            | Self::NoStatement
            | Self::NoMerge
            | Self::NoIntake
            | Self::NoDocument
            | Self::NoOrder
            | Self::NoDuplicate
            | Self::NoConsultation
            | Self::NoForm
            | Self::NotAsked
            | Self::NoFinding
            | Self::NoResolution
            | Self::NoAlertConsultation => &codes::NOT_FOUND,
            Self::Stale => &codes::STALE,
            Self::OtherKind
            | Self::NoName
            | Self::NoRules
            | Self::NotNow(_)
            | Self::ByIssuing
            | Self::DecisionState
            | Self::NoText
            | Self::Blank
            | Self::Unmergeable
            | Self::NotMerged
            | Self::NothingProposed
            | Self::IntakeState
            | Self::Replied
            | Self::NotLonger
            | Self::NoNetwork
            | Self::ByItself
            | Self::Resolved
            | Self::NothingOwed
            | Self::OnRecord
            | Self::Settled
            | Self::NothingDue
            | Self::DocumentRule
            | Self::DocumentState
            | Self::HasOne
            | Self::NotEntitled
            | Self::Taken => &codes::NOT_NOW,
            Self::Vulnerabilities => &codes::NOT_FOR_THIS_PURPOSE,
            Self::OwnDraft | Self::OwnProposal | Self::TookPart | Self::OwnIntake | Self::OwnResolution => {
                &codes::FOUR_EYES
            }
            Self::OtherBody => &codes::NOT_THIS_BODY,
            Self::Panel(_) => &codes::INVALID_REQUEST,
            Self::Alerts(_) => &codes::ALERTS_FIRST,
            Self::OutOfOrder => &codes::OUT_OF_ORDER,
        }
    }
}

const fn denial(denied: Denied) -> &'static Code {
    match denied {
        Denied::NotVouched | Denied::NoProfile | Denied::OtherState | Denied::NotNow => &codes::NO_ACCESS,
        Denied::Purpose | Denied::Way => &codes::NOT_FOR_THIS_PURPOSE,
    }
}

impl Coded for RegistryError {
    fn code(&self) -> &'static Code {
        match self {
            Self::Refused(refusal) => refusal.code(),
            Self::File(_) => &codes::UNREADABLE_FILE,
            Self::Denied(denied) => denial(*denied),
            Self::TooOften { .. } => &codes::TOO_OFTEN,
            Self::Network(_) | Self::NotFindable => &common::UNAVAILABLE,
            Self::Sealed(_) | Self::Row(_) | Self::Work(_) => &common::INTERNAL,
            Self::Store(failure) => failure.code(),
            Self::Journal(failure) => failure.code(),
        }
    }

    fn detail(&self) -> String {
        match self {
            Self::Refused(refusal) => refusal.to_string(),
            Self::File(_) | Self::Denied(_) | Self::TooOften { .. } | Self::NotFindable => self.to_string(),
            Self::Store(failure) => failure.detail(),
            Self::Journal(failure) => failure.detail(),
            Self::Network(_) | Self::Sealed(_) | Self::Row(_) | Self::Work(_) => self.code().title.to_owned(),
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Store(failure) => failure.retry_after(),
            Self::TooOften { retry_after } => Some(*retry_after),
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

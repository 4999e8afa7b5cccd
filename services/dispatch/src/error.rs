//! What can go wrong at dispatch, and the code of each.

use std::time::Duration;

use sea_orm::DbErr;
use straznica_ephemeral::EphemeralError;
use straznica_error::{Class, Code, Coded, FieldError, common};
use straznica_journal::JournalError;
use straznica_store::StoreError;

use crate::domain::Refusal;
use crate::keys::Unsealable;
use crate::store::UnreadableRow;

/// A call that did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum DispatchError {
    /// The rules refuse it.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Short-lived state: nothing was sent or compared.
    #[error(transparent)]
    Ephemeral(#[from] EphemeralError),
    /// What short-lived state holds is not what was put there.
    #[error(transparent)]
    Sealed(#[from] Unsealable),
    /// No random bytes.
    #[error("the random number generator failed")]
    Random,
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The journal could not be written, so nothing was changed or compared.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// A row that cannot be read.
    #[error(transparent)]
    Row(#[from] UnreadableRow),
}

impl From<DbErr> for DispatchError {
    fn from(failure: DbErr) -> Self {
        StoreError::from(failure).into()
    }
}

/// The codes of dispatch. Those CAMARA one-time-password-sms has keep its names.
pub mod codes {
    use super::{Class, Code};

    /// A member of the request is missing or holds what it cannot hold.
    pub const INVALID_REQUEST: Code =
        Code::new("dispatch.invalid_request", Class::InvalidArgument, "A member of the request is missing or wrong");
    /// CAMARA `INVALID_OTP`.
    pub const INVALID_OTP: Code =
        Code::new("dispatch.invalid_otp", Class::InvalidArgument, "The code is not the one that was sent");
    /// CAMARA `VERIFICATION_EXPIRED`.
    pub const VERIFICATION_EXPIRED: Code = Code::new(
        "dispatch.verification_expired",
        Class::InvalidArgument,
        "The transaction is not, or no longer, open",
    );
    /// CAMARA `VERIFICATION_FAILED`.
    pub const VERIFICATION_FAILED: Code =
        Code::new("dispatch.verification_failed", Class::InvalidArgument, "No attempt is left");
    /// CAMARA `MAX_OTP_CODES_EXCEEDED`.
    pub const MAX_OTP_CODES_EXCEEDED: Code =
        Code::new("dispatch.max_otp_codes_exceeded", Class::PermissionDenied, "No more codes are sent");
    /// CAMARA `PHONE_NUMBER_NOT_ALLOWED`.
    pub const PHONE_NUMBER_NOT_ALLOWED: Code = Code::new(
        "dispatch.phone_number_not_allowed",
        Class::PermissionDenied,
        "No codes are sent to this kind of number",
    );
    /// CAMARA `PHONE_NUMBER_BLOCKED`.
    pub const PHONE_NUMBER_BLOCKED: Code =
        Code::new("dispatch.phone_number_blocked", Class::PermissionDenied, "No codes are sent to this number");
    /// Too often.
    pub const RATE_EXCEEDED: Code =
        Code::new("dispatch.rate_exceeded", Class::TooManyRequests, "Too many codes in a short time");
    /// The officer has to be unlocked first.
    pub const OFFICIAL_LOCKED: Code =
        Code::new("dispatch.official_locked", Class::PermissionDenied, "The officer is locked");
    /// Another transaction has this id.
    pub const TRANSACTION_EXISTS: Code = Code::new(
        "dispatch.transaction_exists",
        Class::AlreadyExists,
        "A transaction of this id was opened with other words",
    );
}

impl Refusal {
    const fn code(&self) -> &'static Code {
        match self {
            Self::Missing { .. } | Self::Invalid { .. } => &codes::INVALID_REQUEST,
            Self::InvalidCode => &codes::INVALID_OTP,
            Self::Expired => &codes::VERIFICATION_EXPIRED,
            Self::Failed => &codes::VERIFICATION_FAILED,
            Self::CodesExceeded => &codes::MAX_OTP_CODES_EXCEEDED,
            Self::NumberNotAllowed => &codes::PHONE_NUMBER_NOT_ALLOWED,
            Self::NumberBlocked => &codes::PHONE_NUMBER_BLOCKED,
            Self::Rate { .. } => &codes::RATE_EXCEEDED,
            Self::OfficialLocked => &codes::OFFICIAL_LOCKED,
            Self::TransactionExists => &codes::TRANSACTION_EXISTS,
        }
    }
}

impl Coded for DispatchError {
    fn code(&self) -> &'static Code {
        match self {
            Self::Refused(refusal) => refusal.code(),
            Self::Ephemeral(failure) => failure.code(),
            Self::Sealed(_) | Self::Random | Self::Row(_) => &common::INTERNAL,
            Self::Store(failure) => failure.code(),
            Self::Journal(failure) => failure.code(),
        }
    }

    fn detail(&self) -> String {
        match self {
            Self::Refused(refusal) => refusal.to_string(),
            Self::Store(failure) => failure.detail(),
            Self::Journal(failure) => failure.detail(),
            _ => self.code().title.to_owned(),
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Refused(Refusal::Rate { after }) => *after,
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

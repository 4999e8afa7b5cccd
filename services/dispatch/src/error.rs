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
    /// A value that cannot be written as JSON.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
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
    /// No such words.
    pub const TEMPLATE_UNKNOWN: Code = Code::new(
        "dispatch.template_unknown",
        Class::NotFound,
        "There is no such version of the template, or it is not approved",
    );
    /// Four eyes.
    pub const OWN_PROPOSAL: Code =
        Code::new("dispatch.own_proposal", Class::PermissionDenied, "A proposal is approved by another officer");
    /// No such notice.
    pub const NOTICE_UNKNOWN: Code = Code::new("dispatch.notice_unknown", Class::NotFound, "There is no such notice");
    /// Too early or too late.
    pub const NOTICE_STATE: Code =
        Code::new("dispatch.notice_state", Class::FailedPrecondition, "The notice is not where this can be done");
    /// Another notice has this id.
    pub const NOTICE_EXISTS: Code =
        Code::new("dispatch.notice_exists", Class::AlreadyExists, "A notice of this id was created with other words");
    /// Another recipient has this reference.
    pub const RECIPIENT_EXISTS: Code = Code::new(
        "dispatch.recipient_exists",
        Class::AlreadyExists,
        "A recipient of this reference was added with other words",
    );
    /// A limit of the node.
    pub const TOO_MANY: Code = Code::new("dispatch.too_many", Class::FailedPrecondition, "There are as many as may be");
}

impl Refusal {
    const fn code(&self) -> &'static Code {
        match self {
            Self::Missing { .. } | Self::Invalid { .. } | Self::Words { .. } | Self::Recipient { .. } => {
                &codes::INVALID_REQUEST
            }
            Self::InvalidCode => &codes::INVALID_OTP,
            Self::Expired => &codes::VERIFICATION_EXPIRED,
            Self::Failed => &codes::VERIFICATION_FAILED,
            Self::CodesExceeded => &codes::MAX_OTP_CODES_EXCEEDED,
            Self::NumberNotAllowed => &codes::PHONE_NUMBER_NOT_ALLOWED,
            Self::NumberBlocked => &codes::PHONE_NUMBER_BLOCKED,
            Self::Rate { .. } => &codes::RATE_EXCEEDED,
            Self::OfficialLocked => &codes::OFFICIAL_LOCKED,
            Self::TransactionExists => &codes::TRANSACTION_EXISTS,
            Self::TemplateUnknown => &codes::TEMPLATE_UNKNOWN,
            Self::OwnProposal => &codes::OWN_PROPOSAL,
            Self::NoticeUnknown => &codes::NOTICE_UNKNOWN,
            Self::NoticeState(_) => &codes::NOTICE_STATE,
            Self::NoticeExists => &codes::NOTICE_EXISTS,
            Self::RecipientExists { .. } => &codes::RECIPIENT_EXISTS,
            Self::TooMany(_) => &codes::TOO_MANY,
        }
    }
}

impl Coded for DispatchError {
    fn code(&self) -> &'static Code {
        match self {
            Self::Refused(refusal) => refusal.code(),
            Self::Ephemeral(failure) => failure.code(),
            Self::Sealed(_) | Self::Random | Self::Json(_) | Self::Row(_) => &common::INTERNAL,
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
            Self::Refused(Refusal::Words { language, problem }) => {
                vec![FieldError::new(format!("/texts/{language}"), problem.clone())]
            }
            Self::Refused(Refusal::Recipient { at, member, expected }) => {
                vec![FieldError::new(format!("/recipients/{at}/{member}"), format!("{expected} expected"))]
            }
            Self::Refused(Refusal::RecipientExists { at }) => {
                vec![FieldError::new(format!("/recipients/{at}/reference"), "added with other words".to_owned())]
            }
            _ => Vec::new(),
        }
    }
}

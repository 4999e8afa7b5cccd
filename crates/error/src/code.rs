//! Codes: what a service can answer with, declared once.

use std::time::Duration;

use crate::{Class, FieldError};

/// One thing that can go wrong, declared as a constant beside the errors of a service.
///
/// ```
/// use straznica_error::{Class, Code};
/// pub const INSPECTION_TOO_OLD: Code =
///     Code::new("spoc.inspection_too_old", Class::FailedPrecondition, "The inspection is too old for a signature");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Code {
    /// `<service>.<what happened>`, lower case and underscores. Never changes its meaning.
    pub id: &'static str,
    /// What the caller can do about it.
    pub class: Class,
    /// The code in words; no full stop at the end.
    pub title: &'static str,
}

impl Code {
    /// Declares a code.
    pub const fn new(id: &'static str, class: Class, title: &'static str) -> Self {
        Self { id, class, title }
    }

    /// The URN that names it in problem documents: `urn:straznica:problem:<id>`.
    pub fn urn(&self) -> String {
        urn(self.id)
    }
}

pub(crate) fn urn(id: &str) -> String {
    format!("urn:straznica:problem:{id}")
}

/// An error a caller may meet.
pub trait Coded: std::error::Error {
    /// Which of the declared codes it is.
    fn code(&self) -> &'static Code;

    /// What happened this time. Goes to the caller: no personal data, no secrets, no internals. The title where there is no more to say.
    fn detail(&self) -> String {
        self.code().title.to_owned()
    }

    /// When a repetition may succeed, if that is known.
    fn retry_after(&self) -> Option<Duration> {
        None
    }

    /// Which members of the request are wrong.
    fn field_errors(&self) -> Vec<FieldError> {
        Vec::new()
    }
}

/// Codes that belong to no single service.
pub mod common {
    use super::{Class, Code};

    /// No peer certificate, or none that is trusted.
    pub const UNAUTHENTICATED: Code =
        Code::new("common.unauthenticated", Class::Unauthenticated, "No trusted certificate was presented");
    /// The peer is known and may not call this.
    pub const PERMISSION_DENIED: Code =
        Code::new("common.permission_denied", Class::PermissionDenied, "This peer may not call this");
    /// The peer's certificate was revoked while the connection was open.
    pub const CERTIFICATE_REVOKED: Code =
        Code::new("common.certificate_revoked", Class::Unauthenticated, "The peer's certificate is revoked");
    /// A status or response without a code of its own, by class.
    pub const INTERNAL: Code = Code::new("common.internal", Class::Internal, "A fault inside the suite");
    /// Something needed cannot be reached.
    pub const UNAVAILABLE: Code = Code::new("common.unavailable", Class::Unavailable, "Temporarily unavailable");
    /// The answer did not come in time.
    pub const DEADLINE_EXCEEDED: Code =
        Code::new("common.deadline_exceeded", Class::DeadlineExceeded, "The answer did not come in time");
    /// The message is larger than what is taken.
    pub const PAYLOAD_TOO_LARGE: Code =
        Code::new("common.payload_too_large", Class::PayloadTooLarge, "The message is too large");
    /// The request cannot be read.
    pub const INVALID_ARGUMENT: Code =
        Code::new("common.invalid_argument", Class::InvalidArgument, "The request is malformed");
    /// No such thing.
    pub const NOT_FOUND: Code = Code::new("common.not_found", Class::NotFound, "There is no such thing");
    /// It exists already.
    pub const ALREADY_EXISTS: Code = Code::new("common.already_exists", Class::AlreadyExists, "It exists already");
    /// Somebody else is at it.
    pub const CONFLICT: Code = Code::new("common.conflict", Class::Conflict, "Somebody else changed it meanwhile");
    /// What the caller saw is no longer so.
    pub const PRECONDITION_FAILED: Code =
        Code::new("common.precondition_failed", Class::PreconditionFailed, "What was seen is no longer so");
    /// The caller has to say what it saw.
    pub const PRECONDITION_REQUIRED: Code =
        Code::new("common.precondition_required", Class::PreconditionRequired, "What was seen has to be named");
    /// The state of things forbids it.
    pub const FAILED_PRECONDITION: Code =
        Code::new("common.failed_precondition", Class::FailedPrecondition, "The state of things forbids it");
    /// Too often.
    pub const TOO_MANY_REQUESTS: Code =
        Code::new("common.too_many_requests", Class::TooManyRequests, "Too many requests");
    /// Not offered.
    pub const UNIMPLEMENTED: Code = Code::new("common.unimplemented", Class::Unimplemented, "Not offered here");
    /// Wrong method for the address.
    pub const METHOD_NOT_ALLOWED: Code =
        Code::new("common.method_not_allowed", Class::MethodNotAllowed, "This address is not used that way");
    /// A content type that is not understood.
    pub const UNSUPPORTED_MEDIA_TYPE: Code = Code::new(
        "common.unsupported_media_type",
        Class::UnsupportedMediaType,
        "This type of content is not understood",
    );
    /// Well-formed, but not acceptable.
    pub const UNPROCESSABLE_CONTENT: Code =
        Code::new("common.unprocessable_content", Class::UnprocessableContent, "The content is not acceptable");

    /// The code for an error of which only the class is known.
    pub const fn of(class: Class) -> &'static Code {
        match class {
            Class::InvalidArgument => &INVALID_ARGUMENT,
            Class::Unauthenticated => &UNAUTHENTICATED,
            Class::PermissionDenied => &PERMISSION_DENIED,
            Class::NotFound => &NOT_FOUND,
            Class::MethodNotAllowed => &METHOD_NOT_ALLOWED,
            Class::AlreadyExists => &ALREADY_EXISTS,
            Class::Conflict => &CONFLICT,
            Class::PreconditionFailed => &PRECONDITION_FAILED,
            Class::PreconditionRequired => &PRECONDITION_REQUIRED,
            Class::FailedPrecondition => &FAILED_PRECONDITION,
            Class::PayloadTooLarge => &PAYLOAD_TOO_LARGE,
            Class::UnsupportedMediaType => &UNSUPPORTED_MEDIA_TYPE,
            Class::UnprocessableContent => &UNPROCESSABLE_CONTENT,
            Class::TooManyRequests => &TOO_MANY_REQUESTS,
            Class::Unimplemented => &UNIMPLEMENTED,
            Class::Unavailable => &UNAVAILABLE,
            Class::DeadlineExceeded => &DEADLINE_EXCEEDED,
            Class::Internal => &INTERNAL,
        }
    }
}

//! Classes of errors and the numbers they become.

use std::{fmt, str::FromStr};

use http::StatusCode;

macro_rules! classes {
    ($($(#[$meta:meta])* $name:ident = $text:literal, $code:ident, $status:ident;)*) => {
        /// The kind of an error: what the caller can do about it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Class {
            $($(#[$meta])* $name,)*
        }

        impl Class {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The name that travels in [`ErrorDetail`](crate::ErrorDetail), e.g. `failed_precondition`.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// The gRPC status code.
            pub const fn grpc(self) -> tonic::Code {
                match self { $(Self::$name => tonic::Code::$code,)* }
            }

            /// The HTTP status.
            pub const fn http(self) -> StatusCode {
                match self { $(Self::$name => StatusCode::$status,)* }
            }
        }
    };
}

classes! {
    /// The request is malformed or lacks a member: repeat it only after mending it.
    InvalidArgument = "invalid_argument", InvalidArgument, BAD_REQUEST;
    /// Nobody known is asking.
    Unauthenticated = "unauthenticated", Unauthenticated, UNAUTHORIZED;
    /// The one who asks is known and may not.
    PermissionDenied = "permission_denied", PermissionDenied, FORBIDDEN;
    /// There is no such thing, or not for this caller.
    NotFound = "not_found", NotFound, NOT_FOUND;
    /// This address is not used that way.
    MethodNotAllowed = "method_not_allowed", Unimplemented, METHOD_NOT_ALLOWED;
    /// The thing exists already.
    AlreadyExists = "already_exists", AlreadyExists, CONFLICT;
    /// Somebody else changed it, or is at it: look again and repeat.
    Conflict = "conflict", Aborted, CONFLICT;
    /// What the caller saw is no longer so: look again and repeat.
    PreconditionFailed = "precondition_failed", Aborted, PRECONDITION_FAILED;
    /// The caller has to say what it saw.
    PreconditionRequired = "precondition_required", InvalidArgument, PRECONDITION_REQUIRED;
    /// The state of things forbids it: something else has to happen first.
    FailedPrecondition = "failed_precondition", FailedPrecondition, CONFLICT;
    /// Larger than what is taken.
    PayloadTooLarge = "payload_too_large", OutOfRange, PAYLOAD_TOO_LARGE;
    /// A type of content that is not understood.
    UnsupportedMediaType = "unsupported_media_type", InvalidArgument, UNSUPPORTED_MEDIA_TYPE;
    /// Well-formed, but its content is not acceptable.
    UnprocessableContent = "unprocessable_content", InvalidArgument, UNPROCESSABLE_ENTITY;
    /// Too often; later.
    TooManyRequests = "too_many_requests", ResourceExhausted, TOO_MANY_REQUESTS;
    /// Not offered here.
    Unimplemented = "unimplemented", Unimplemented, NOT_IMPLEMENTED;
    /// Not now: something this depends on cannot be reached. The same request may succeed later.
    Unavailable = "unavailable", Unavailable, SERVICE_UNAVAILABLE;
    /// Not in time. Whether it happened is unknown.
    DeadlineExceeded = "deadline_exceeded", DeadlineExceeded, GATEWAY_TIMEOUT;
    /// A fault on our side.
    Internal = "internal", Internal, INTERNAL_SERVER_ERROR;
}

impl Class {
    /// The class of a status that carries no [`ErrorDetail`](crate::ErrorDetail): made by tonic itself or by somebody else's service.
    ///
    /// A client's own time-out shows as CANCELLED, and tonic answers a message above the limit with OUT_OF_RANGE.
    pub const fn of_grpc(code: tonic::Code) -> Self {
        use tonic::Code;
        match code {
            Code::InvalidArgument => Self::InvalidArgument,
            Code::Unauthenticated => Self::Unauthenticated,
            Code::PermissionDenied => Self::PermissionDenied,
            Code::NotFound => Self::NotFound,
            Code::AlreadyExists => Self::AlreadyExists,
            Code::Aborted => Self::Conflict,
            Code::FailedPrecondition => Self::FailedPrecondition,
            Code::OutOfRange => Self::PayloadTooLarge,
            Code::ResourceExhausted => Self::TooManyRequests,
            Code::Unimplemented => Self::Unimplemented,
            Code::Unavailable => Self::Unavailable,
            Code::DeadlineExceeded | Code::Cancelled => Self::DeadlineExceeded,
            Code::Ok | Code::Unknown | Code::Internal | Code::DataLoss => Self::Internal,
        }
    }

    /// Ours to mend rather than the caller's: such errors are logged with their causes.
    pub const fn is_fault(self) -> bool {
        matches!(self, Self::Internal | Self::Unavailable | Self::DeadlineExceeded)
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A text that names no class.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no class of errors has this name")]
pub struct UnknownClass;

impl FromStr for Class {
    type Err = UnknownClass;

    fn from_str(text: &str) -> Result<Self, UnknownClass> {
        Self::ALL.iter().copied().find(|class| class.as_str() == text).ok_or(UnknownClass)
    }
}

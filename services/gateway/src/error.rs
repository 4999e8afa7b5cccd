//! What the gateway itself refuses or fails at, and each one's code. What an inner service refuses keeps that service's code.

use std::time::Duration;

use straznica_error::{Class, Code, Coded, FieldError, common};
use straznica_journal::JournalError;
use straznica_store::StoreError;

use crate::app::people::oidc::LoginFailure;
use crate::domain::{
    people::{person::NoRight, sealing::CryptoFailed},
    terminal::{NotAdmitted, NotChanged},
};

/// A refusal or failure of the gateway.
#[derive(Debug, thiserror::Error)]
pub(crate) enum GatewayError {
    #[error("the body is not JSON")]
    MalformedJson { line: usize, column: usize },
    #[error("members of the request are wrong")]
    Members(Vec<FieldError>),
    #[error("the query is wrong")]
    Query(&'static str),
    #[error("the path names no {0}")]
    PathParameter(&'static str),
    #[error("the content is not application/json")]
    NotJson,
    #[error("the body is larger than {limit} bytes")]
    TooLarge { limit: usize },
    #[error("the body ended early")]
    BodyBroken,
    #[error("the body carries the content of data group {0}")]
    BiometricDataGroup(u8),
    #[error("no such address")]
    UnknownRoute,
    #[error("no such method here")]
    MethodNotAllowed,
    #[error("no client certificate")]
    NoCertificate,
    #[error("this peer may not call this")]
    WrongPeer,
    #[error("the terminal is not admitted: {why:?}")]
    NotAdmitted { why: NotAdmitted, contact: String },
    #[error("too many requests")]
    RateLimited { retry_after: Duration },
    #[error("the Idempotency-Key is malformed")]
    IdempotencyKeyMalformed,
    #[error("the X-Officer header names no officer")]
    OfficerMalformed,
    #[error("the Idempotency-Key belongs to another request")]
    IdempotencyKeyReused,
    #[error("the same request is in progress")]
    IdempotencyInProgress,
    #[error("the terminal is enrolled already")]
    AlreadyEnrolled,
    #[error("no such terminal")]
    UnknownTerminal,
    #[error("the terminal's standing forbids it: {0:?}")]
    NotChanged(NotChanged),
    #[error("the terminal has opened no such inspection")]
    InspectionUnknown,
    #[error("no chain can be given")]
    Chain { code: &'static Code, detail: String },
    #[error("no signature can be given")]
    Signature { code: &'static Code, detail: String },
    #[error("there is no dispatch here")]
    NoCodes,
    #[error("there is no registry here")]
    NoRegistry,
    #[error("header {0} is missing")]
    HeaderMissing(&'static str),
    #[error("header {0} is malformed")]
    HeaderMalformed(&'static str),
    #[error("the version that was seen is not named")]
    VersionMissing,
    #[error("nobody is logged in")]
    NotLoggedIn,
    #[error("the token against forged requests is absent or wrong")]
    CsrfToken,
    #[error("the request comes from another site's page")]
    CrossSite,
    #[error("the person may not: {0:?}")]
    NoRight(NoRight),
    #[error("account, password or code is wrong")]
    LoginRefused,
    #[error("too many attempts to log in")]
    LoginPaused { retry_after: Duration },
    #[error("the login at a provider came to nothing: {0:?}")]
    Login(LoginFailure),
    #[error("no such login provider")]
    UnknownProvider,
    #[error("too many logins at a time")]
    LoginBusy,
    #[error("this node has no local accounts")]
    AccountsOff,
    #[error("an account of this name exists")]
    AccountExists,
    #[error("no such account")]
    UnknownAccount,
    #[error(transparent)]
    Crypto(#[from] CryptoFailed),
    #[error("an inner service answered without {0}")]
    IncompleteAnswer(&'static str),
    #[error("a row of table {table} makes no sense")]
    CorruptRow { table: &'static str },
    #[error("an answer cannot be written as JSON")]
    Unwritable(#[source] serde_json::Error),
    #[error("a handler ended without an answer")]
    Panicked,
    #[error("an inner service refused or failed")]
    Upstream(#[source] Box<tonic::Status>),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Journal(#[from] JournalError),
}

/// The codes, for the description of the interface and for tests.
pub(crate) mod codes {
    use super::{Class, Code};

    macro_rules! codes {
        ($($name:ident = $id:literal, $class:ident, $title:literal;)*) => {
            $(pub(crate) const $name: Code = Code::new($id, Class::$class, $title);)*
            /// All of them.
            #[cfg(test)]
            pub(crate) const ALL: &[&Code] = &[$(&$name),*];
        };
    }

    codes! {
        MALFORMED_JSON = "gateway.malformed_json", InvalidArgument, "The body is not well-formed JSON";
        INVALID_MEMBERS = "gateway.invalid_members", InvalidArgument, "Members of the request are missing, unknown or wrong";
        INVALID_PARAMETER = "gateway.invalid_parameter", InvalidArgument, "A parameter of the address is wrong";
        INVALID_HEADER = "gateway.invalid_header", InvalidArgument, "A header is wrong";
        UNSUPPORTED_MEDIA_TYPE = "gateway.unsupported_media_type", UnsupportedMediaType, "The body has to be application/json";
        TOO_LARGE = "gateway.too_large", PayloadTooLarge, "The body is too large";
        BODY_BROKEN = "gateway.body_broken", InvalidArgument, "The body did not arrive whole, or not in time";
        BIOMETRIC_DATA_GROUP = "gateway.biometric_data_group", UnprocessableContent, "Fingerprints and irises stay in the terminal";
        UNKNOWN_ROUTE = "gateway.unknown_route", NotFound, "There is nothing at this address";
        METHOD_NOT_ALLOWED = "gateway.method_not_allowed", MethodNotAllowed, "This address is not used that way";
        NO_CERTIFICATE = "gateway.no_certificate", Unauthenticated, "A client certificate is required";
        WRONG_PEER = "gateway.wrong_peer", PermissionDenied, "This certificate does not allow this";
        NOT_ENROLLED = "gateway.terminal_not_enrolled", PermissionDenied, "The terminal is not enrolled";
        SUSPENDED = "gateway.terminal_suspended", PermissionDenied, "The terminal is suspended";
        OTHER_CERTIFICATE = "gateway.terminal_certificate_differs", PermissionDenied, "The terminal is pinned to another certificate";
        RATE_LIMITED = "gateway.rate_limited", TooManyRequests, "The caller asks too often";
        IDEMPOTENCY_KEY_REUSED = "gateway.idempotency_key_reused", UnprocessableContent, "The Idempotency-Key belongs to another request";
        IDEMPOTENCY_IN_PROGRESS = "gateway.idempotency_in_progress", Conflict, "The same request is in progress";
        ALREADY_ENROLLED = "gateway.terminal_already_enrolled", AlreadyExists, "The terminal is enrolled already";
        UNKNOWN_TERMINAL = "gateway.unknown_terminal", NotFound, "No such terminal is enrolled";
        ALREADY_SUSPENDED = "gateway.terminal_already_suspended", FailedPrecondition, "The terminal is suspended already";
        NOT_SUSPENDED = "gateway.terminal_not_suspended", FailedPrecondition, "The terminal is not suspended";
        INSPECTION_UNKNOWN = "gateway.inspection_unknown", NotFound, "The terminal has no such inspection open";
        CAR_UNKNOWN = "gateway.failure_car_unknown", NotFound, "None of the certification authority references is known";
        NO_CHAIN = "gateway.failure_other_error", FailedPrecondition, "The reference is known, but no valid chain with its key is held under it";
        CHAIN_SYNTAX = "gateway.failure_chain_syntax", InvalidArgument, "The control centre cannot read the request";
        CHR_UNKNOWN = "gateway.failure_chr_unknown", NotFound, "The inspection system is unknown, expired or suspended";
        SIGNATURE_SYNTAX = "gateway.failure_signature_syntax", InvalidArgument, "The control centre cannot sign this";
        NO_CODES = "gateway.no_codes", Unavailable, "This node sends no codes";
        NO_REGISTRY = "gateway.no_registry", Unavailable, "This node has no register of aliens";
        VERSION_MISSING = "gateway.version_missing", PreconditionRequired, "If-Match has to name the version that was seen";
        NOT_LOGGED_IN = "gateway.not_logged_in", Unauthenticated, "Nobody is logged in, or the session is over";
        CSRF_TOKEN = "gateway.csrf_token", PermissionDenied, "X-Csrf-Token is absent or not this session's";
        CROSS_SITE = "gateway.cross_site", PermissionDenied, "Another site's page may not ask for this";
        ROLE_MISSING = "gateway.role_missing", PermissionDenied, "The person logged in may not do this";
        WHICH_INSTITUTION = "gateway.which_institution", InvalidArgument, "The person acts for several institutions: X-Institution has to name one";
        LOGIN_REFUSED = "gateway.login_refused", Unauthenticated, "Account, password or code is wrong, or the account is locked";
        LOGIN_PAUSED = "gateway.login_paused", TooManyRequests, "Too many attempts to log in: wait";
        UNKNOWN_PROVIDER = "gateway.unknown_provider", NotFound, "There is no such login provider";
        PROVIDER_UNREACHABLE = "gateway.provider_unreachable", Unavailable, "The login provider does not answer";
        LOGIN_CANCELLED = "gateway.login_cancelled", PermissionDenied, "The login was given up";
        LOGIN_OVER = "gateway.login_over", FailedPrecondition, "The login was begun in another browser, too long ago, or completed before";
        LOGIN_NOT_TRUSTED = "gateway.login_not_trusted", Unauthenticated, "The login provider's answer cannot be trusted";
        LOGIN_TOO_WEAK = "gateway.login_too_weak", Unauthenticated, "A surer login is needed";
        LOGIN_TOO_OLD = "gateway.login_too_old", Unauthenticated, "A fresher login is needed";
        NO_PESEL = "gateway.no_pesel", PermissionDenied, "The login provider vouches for no PESEL";
        LOGIN_BUSY = "gateway.login_busy", Unavailable, "Too many logins at a time";
        ACCOUNTS_OFF = "gateway.accounts_off", NotFound, "This node has no local accounts";
        ACCOUNT_EXISTS = "gateway.account_exists", AlreadyExists, "An account of this name exists";
        UNKNOWN_ACCOUNT = "gateway.unknown_account", NotFound, "There is no such account";
        CONTROL_CENTRE = "gateway.failure_internal_error", Internal, "The control centre reports a fault of its own";
    }
}

impl GatewayError {
    /// One wrong member of a request, as the JSON names it.
    pub(crate) fn member(pointer: &str, detail: &str) -> Self {
        Self::Members(vec![FieldError::new(pointer, detail)])
    }
}

impl From<tonic::Status> for GatewayError {
    fn from(status: tonic::Status) -> Self {
        Self::Upstream(Box::new(status))
    }
}

impl Coded for GatewayError {
    fn code(&self) -> &'static Code {
        match self {
            Self::MalformedJson { .. } => &codes::MALFORMED_JSON,
            Self::Members(_) => &codes::INVALID_MEMBERS,
            Self::Query(_) | Self::PathParameter(_) => &codes::INVALID_PARAMETER,
            Self::NotJson => &codes::UNSUPPORTED_MEDIA_TYPE,
            Self::TooLarge { .. } => &codes::TOO_LARGE,
            Self::BodyBroken => &codes::BODY_BROKEN,
            Self::BiometricDataGroup(_) => &codes::BIOMETRIC_DATA_GROUP,
            Self::UnknownRoute => &codes::UNKNOWN_ROUTE,
            Self::MethodNotAllowed => &codes::METHOD_NOT_ALLOWED,
            Self::NoCertificate => &codes::NO_CERTIFICATE,
            Self::WrongPeer => &codes::WRONG_PEER,
            Self::NotAdmitted { why: NotAdmitted::NotEnrolled, .. } => &codes::NOT_ENROLLED,
            Self::NotAdmitted { why: NotAdmitted::Suspended, .. } => &codes::SUSPENDED,
            Self::NotAdmitted { why: NotAdmitted::OtherCertificate, .. } => &codes::OTHER_CERTIFICATE,
            Self::RateLimited { .. } => &codes::RATE_LIMITED,
            Self::IdempotencyKeyMalformed
            | Self::OfficerMalformed
            | Self::HeaderMissing(_)
            | Self::HeaderMalformed(_) => &codes::INVALID_HEADER,
            Self::IdempotencyKeyReused => &codes::IDEMPOTENCY_KEY_REUSED,
            Self::IdempotencyInProgress => &codes::IDEMPOTENCY_IN_PROGRESS,
            Self::AlreadyEnrolled => &codes::ALREADY_ENROLLED,
            Self::UnknownTerminal => &codes::UNKNOWN_TERMINAL,
            Self::NotChanged(NotChanged::AlreadySuspended) => &codes::ALREADY_SUSPENDED,
            Self::NotChanged(NotChanged::NotSuspended) => &codes::NOT_SUSPENDED,
            Self::InspectionUnknown => &codes::INSPECTION_UNKNOWN,
            Self::Chain { code, .. } | Self::Signature { code, .. } => code,
            Self::NoCodes => &codes::NO_CODES,
            Self::NoRegistry => &codes::NO_REGISTRY,
            Self::VersionMissing => &codes::VERSION_MISSING,
            Self::NotLoggedIn => &codes::NOT_LOGGED_IN,
            Self::CsrfToken => &codes::CSRF_TOKEN,
            Self::CrossSite => &codes::CROSS_SITE,
            Self::NoRight(NoRight::Role) => &codes::ROLE_MISSING,
            Self::NoRight(NoRight::WhichInstitution) => &codes::WHICH_INSTITUTION,
            Self::LoginRefused => &codes::LOGIN_REFUSED,
            Self::LoginPaused { .. } => &codes::LOGIN_PAUSED,
            Self::UnknownProvider => &codes::UNKNOWN_PROVIDER,
            Self::Login(why) => match why {
                LoginFailure::Unreachable => &codes::PROVIDER_UNREACHABLE,
                LoginFailure::Cancelled => &codes::LOGIN_CANCELLED,
                LoginFailure::Declined | LoginFailure::NotBegunHere => &codes::LOGIN_OVER,
                LoginFailure::Untrusted(_) => &codes::LOGIN_NOT_TRUSTED,
                LoginFailure::TooWeak => &codes::LOGIN_TOO_WEAK,
                LoginFailure::TooOld => &codes::LOGIN_TOO_OLD,
                LoginFailure::NoPesel => &codes::NO_PESEL,
            },
            Self::LoginBusy => &codes::LOGIN_BUSY,
            Self::AccountsOff => &codes::ACCOUNTS_OFF,
            Self::AccountExists => &codes::ACCOUNT_EXISTS,
            Self::UnknownAccount => &codes::UNKNOWN_ACCOUNT,
            Self::Upstream(status) => common::of(straznica_error::class_of(status)),
            Self::Store(failure) => failure.code(),
            Self::Journal(failure) => failure.code(),
            Self::IncompleteAnswer(_)
            | Self::CorruptRow { .. }
            | Self::Unwritable(_)
            | Self::Panicked
            | Self::Crypto(_) => &common::INTERNAL,
        }
    }

    fn detail(&self) -> String {
        match self {
            Self::MalformedJson { line, column } => format!("Not JSON from line {line}, column {column}."),
            Self::Members(members) => {
                let named: Vec<_> = members.iter().map(|member| member.pointer.trim_start_matches('/')).collect();
                format!("Look at: {}.", named.join(", "))
            }
            Self::Query(what) => (*what).to_owned(),
            Self::PathParameter(what) => format!("The address names no {what}."),
            Self::TooLarge { limit } => format!("At most {limit} bytes are taken here."),
            Self::BiometricDataGroup(number) => {
                format!("Data group {number} is never sent: send its digest in digests, member \"{number}\".")
            }
            Self::NotAdmitted { contact, .. } => contact.clone(),
            Self::IdempotencyKeyMalformed => "Idempotency-Key takes 1 to 64 visible ASCII characters.".to_owned(),
            Self::OfficerMalformed => {
                "X-Officer takes 1 to 64 characters out of A-Z, a-z, 0-9, '.', '_' and '-'.".to_owned()
            }
            Self::HeaderMissing(name) => format!("{name} is needed here."),
            Self::HeaderMalformed(name) => format!("{name} is not as described."),
            Self::IdempotencyKeyReused => {
                "The key was used with another body; a new request needs a new key.".to_owned()
            }
            Self::IdempotencyInProgress => "Ask again with the same key to get its answer.".to_owned(),
            Self::Chain { detail, .. } | Self::Signature { detail, .. } if !detail.is_empty() => detail.clone(),
            Self::Store(failure) => failure.detail(),
            Self::Journal(failure) => failure.detail(),
            _ => self.code().title.to_owned(),
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::RateLimited { retry_after } | Self::LoginPaused { retry_after } => Some(*retry_after),
            Self::IdempotencyInProgress => Some(Duration::from_secs(1)),
            Self::Store(failure) => failure.retry_after(),
            Self::Journal(failure) => failure.retry_after(),
            _ => None,
        }
    }

    fn field_errors(&self) -> Vec<FieldError> {
        match self {
            Self::Members(members) => members.clone(),
            Self::BiometricDataGroup(number) => {
                vec![FieldError::new(format!("/dataGroups/{number}"), "stays in the terminal")]
            }
            _ => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::codes;

    #[test]
    fn every_code_is_the_gateways_and_unlike_the_others() {
        let mut ids: Vec<_> = codes::ALL.iter().map(|code| code.id).collect();
        assert!(ids.iter().all(|id| id.starts_with("gateway.")));
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), codes::ALL.len());
    }
}

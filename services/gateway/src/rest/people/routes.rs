//! The rows of the authorisation table for people.

use straznica_error::{Class, Code};

use crate::{
    domain::people::person::Role,
    error::codes,
    rest::routes::{
        Access::{self, Citizen, Newcomer, Person},
        BodySize::{self, None as Nothing, Small},
        Route,
        Verb::{self, Get, Post},
    },
};

const OFFICIAL: Access = Access::Roles(&[Role::Official]);
const LOCAL: Access = Access::Roles(&[Role::LocalAdministrator]);
const SECURITY: Access = Access::Roles(&[Role::SecurityOfficer]);
const CENTRAL: Access = Access::Roles(&[Role::CentralAdministrator]);
const LOCAL_OR_CENTRAL: Access = Access::Roles(&[Role::LocalAdministrator, Role::CentralAdministrator]);
const LOCAL_OR_SECURITY: Access = Access::Roles(&[Role::LocalAdministrator, Role::SecurityOfficer]);
const SECURITY_OR_CENTRAL: Access = Access::Roles(&[Role::SecurityOfficer, Role::CentralAdministrator]);
const ANY_ADMINISTRATOR: Access =
    Access::Roles(&[Role::LocalAdministrator, Role::SecurityOfficer, Role::CentralAdministrator]);
/// Whoever has a post.
const WITH_POST: Access = Access::Roles(&Role::ALL);

/// Every address of people.
pub(in crate::rest) static ROUTES: &[Route] = &[
    own(Post, "/v1/sessions/password", Newcomer, Small, LOGIN),
    own(Post, "/v1/sessions/certificate", Newcomer, Small, &[&codes::NO_CERTIFICATE, &codes::LOGIN_REFUSED]),
    own(Get, "/v1/sessions/oidc", Newcomer, Nothing, &[]),
    own(Get, "/v1/sessions/oidc/{provider}", Newcomer, Nothing, PROVIDER),
    own(Get, "/v1/sessions/oidc/{provider}/callback", Newcomer, Nothing, RETURN),
    own(Get, "/v1/session", Person, Nothing, &[]),
    own(Post, "/v1/session/end", Person, Small, &[]),
    own(Post, "/v1/session/end-everywhere", Person, Small, &[]),
    row(Post, "/v1/verifications", OFFICIAL, Small, OPENED),
    row(Get, "/v1/verifications/{id}", OFFICIAL, Nothing, &[&UNKNOWN]),
    row(Post, "/v1/verifications/{id}/resend", OFFICIAL, Small, &[&UNKNOWN, &FORBIDDEN, &TOO_OFTEN]),
    row(Post, "/v1/verifications/{id}/code", OFFICIAL, Small, &[&UNKNOWN, &CODE_WRONG, &FORBIDDEN]),
    row(Post, "/v1/verifications/{id}/document", OFFICIAL, Small, &[&UNKNOWN, &FORBIDDEN]),
    row(Post, "/v1/verifications/{id}/cancellation", OFFICIAL, Small, &[&UNKNOWN, &FORBIDDEN]),
    row(Post, "/v1/citizen/phone", Citizen, Small, &[&REFUSED, &FORBIDDEN, &TOO_OFTEN]),
    row(Post, "/v1/citizen/phone/confirmation", Citizen, Small, &[&UNKNOWN, &CODE_WRONG, &FORBIDDEN]),
    row(Get, "/v1/citizen/activations", Citizen, Nothing, &[]),
    row(Post, "/v1/citizen/activations", Citizen, Small, &[&REFUSED, &FORBIDDEN]),
    row(Post, "/v1/citizen/withdrawals", Citizen, Small, &[&REFUSED, &FORBIDDEN]),
    row(Get, "/v1/citizen/accesses", Citizen, Nothing, &[&codes::INVALID_PARAMETER]),
    row(Get, "/v1/citizen/codes/lock", Citizen, Nothing, &[]),
    row(Post, "/v1/citizen/codes/lock/lifting", Citizen, Small, &[&FORBIDDEN]),
    row(Post, "/v1/citizen/checks", Citizen, Small, OPENED),
    row(Post, "/v1/citizen/checks/{id}/resend", Citizen, Small, &[&UNKNOWN, &FORBIDDEN, &TOO_OFTEN]),
    row(Post, "/v1/citizen/checks/{id}/code", Citizen, Small, &[&UNKNOWN, &CODE_WRONG, &FORBIDDEN]),
    row(Post, "/v1/citizen/checks/{id}/document", Citizen, Small, &[&UNKNOWN, &FORBIDDEN]),
    row(Post, "/v1/citizen/checks/{id}/cancellation", Citizen, Small, &[&UNKNOWN, &FORBIDDEN]),
    row(Post, "/v1/institutions", CENTRAL, Small, CREATED),
    row(Get, "/v1/institutions", CENTRAL, Nothing, &[&codes::INVALID_PARAMETER]),
    row(Get, "/v1/institutions/{institution}", WITH_POST, Nothing, &[&UNKNOWN, &NOT_THEIRS]),
    row(Post, "/v1/institutions/{institution}/decision", CENTRAL, Small, CHANGED),
    row(Post, "/v1/institutions/{institution}/suspension", CENTRAL, Small, CHANGED),
    row(Post, "/v1/institutions/{institution}/resumption", CENTRAL, Small, CHANGED),
    row(Post, "/v1/institutions/{institution}/closure", CENTRAL, Small, CHANGED),
    row(Post, "/v1/stages", CENTRAL, Small, CHANGED),
    row(Get, "/v1/stages", WITH_POST, Nothing, &[]),
    row(
        Get,
        "/v1/institutions/{institution}/officials",
        LOCAL_OR_SECURITY,
        Nothing,
        &[&UNKNOWN, &NOT_THEIRS, &codes::INVALID_PARAMETER],
    ),
    row(Post, "/v1/institutions/{institution}/officials", LOCAL_OR_CENTRAL, Small, CHANGED),
    row(Post, "/v1/institutions/{institution}/officials/{officer}/withdrawal", LOCAL_OR_CENTRAL, Small, CHANGED),
    row(Post, "/v1/institutions/{institution}/officials/{officer}/logins", LOCAL_OR_CENTRAL, Small, CHANGED),
    row(Post, "/v1/institutions/{institution}/officials/{officer}/unlock", LOCAL, Small, CHANGED),
    row(Get, "/v1/central-administrators", CENTRAL, Nothing, &[&codes::INVALID_PARAMETER]),
    row(Post, "/v1/central-administrators", CENTRAL, Small, CHANGED),
    row(Post, "/v1/central-administrators/{officer}/withdrawal", CENTRAL, Small, CHANGED),
    row(Get, "/v1/institutions/{institution}/privileges", WITH_POST, Nothing, &[&UNKNOWN, &NOT_THEIRS]),
    row(Post, "/v1/institutions/{institution}/privileges", LOCAL, Small, CREATED),
    row(Post, "/v1/institutions/{institution}/privileges/{privilege}/decision", SECURITY_OR_CENTRAL, Small, CHANGED),
    row(Post, "/v1/institutions/{institution}/privileges/{privilege}/withdrawal", ANY_ADMINISTRATOR, Small, CHANGED),
    row(Post, "/v1/checks", OFFICIAL, Small, &[&REFUSED, &NOT_THEIRS, &FORBIDDEN]),
    row(Get, "/v1/institutions/{institution}/reviews", SECURITY, Nothing, &[&NOT_THEIRS, &codes::INVALID_PARAMETER]),
    row(Post, "/v1/institutions/{institution}/reviews/{verification}/result", SECURITY, Small, CHANGED),
    row(Get, "/v1/institutions/{institution}/alerts", SECURITY, Nothing, &[&NOT_THEIRS, &codes::INVALID_PARAMETER]),
    row(Post, "/v1/institutions/{institution}/alerts/{alert}/acknowledgement", SECURITY, Small, CHANGED),
    row(Post, "/v1/institutions/{institution}/notice-templates", LOCAL, Small, NOTICE_WORDS),
    row(Get, "/v1/institutions/{institution}/notice-templates", LOCAL, Nothing, NOTICE_READ),
    row(Post, "/v1/institutions/{institution}/notice-templates/{template}/approval", LOCAL, Small, NOTICE_CHANGED),
    row(Post, "/v1/institutions/{institution}/notice-choices", LOCAL, Small, NOTICE_CHANGED),
    row(Post, "/v1/institutions/{institution}/notices", LOCAL, Small, NOTICE_CHANGED),
    row(Get, "/v1/institutions/{institution}/notices", LOCAL, Nothing, NOTICE_READ),
    row(Get, "/v1/institutions/{institution}/notices/{notice}", LOCAL, Nothing, NOTICE_READ),
    row(Post, "/v1/institutions/{institution}/notices/{notice}/recipients", LOCAL, BodySize::List, NOTICE_CHANGED),
    row(Get, "/v1/institutions/{institution}/notices/{notice}/recipients", LOCAL, Nothing, NOTICE_READ),
    row(Get, "/v1/institutions/{institution}/notices/{notice}/preview", LOCAL, Nothing, NOTICE_READ),
    row(Post, "/v1/institutions/{institution}/notices/{notice}/proposal", LOCAL, Small, NOTICE_CHANGED),
    row(Post, "/v1/institutions/{institution}/notices/{notice}/start", LOCAL, Small, NOTICE_CHANGED),
    row(Post, "/v1/institutions/{institution}/notices/{notice}/stop", LOCAL, Small, NOTICE_CHANGED),
    row(Post, "/v1/institutions/{institution}/journal/searches", SECURITY, Small, &[&NOT_THEIRS]),
    row(Post, "/v1/journal/searches", Access::SecurityOfficer, Small, &[]),
    own(
        Post,
        "/v1/accounts",
        Access::Operator,
        Small,
        &[&codes::ACCOUNTS_OFF, &codes::ACCOUNT_EXISTS, &codes::LOGIN_BUSY],
    ),
    own(Get, "/v1/accounts", Access::Operator, Nothing, &[&codes::ACCOUNTS_OFF]),
    own(Post, "/v1/accounts/{name}/lock", Access::Operator, Small, &[&codes::ACCOUNTS_OFF, &codes::UNKNOWN_ACCOUNT]),
    own(Post, "/v1/accounts/{name}/unlock", Access::Operator, Small, &[&codes::ACCOUNTS_OFF, &codes::UNKNOWN_ACCOUNT]),
    own(
        Post,
        "/v1/accounts/{name}/second-factor",
        Access::Operator,
        Small,
        &[&codes::ACCOUNTS_OFF, &codes::UNKNOWN_ACCOUNT, &codes::LOGIN_PAUSED, &codes::LOGIN_BUSY],
    ),
];

/// What the gateway answers by itself.
const fn own(
    verb: Verb,
    path: &'static str,
    access: Access,
    body: BodySize,
    problems: &'static [&'static Code],
) -> Route {
    Route { verb, path, access, body, problems, upstream: false }
}

/// What identity answers, or dispatch.
const fn row(
    verb: Verb,
    path: &'static str,
    access: Access,
    body: BodySize,
    problems: &'static [&'static Code],
) -> Route {
    Route { verb, path, access, body, problems, upstream: true }
}

/// Of these the browser shows a page.
const PROVIDER: &[&Code] = &[&codes::UNKNOWN_PROVIDER, &codes::PROVIDER_UNREACHABLE];
const RETURN: &[&Code] = &[
    &codes::UNKNOWN_PROVIDER,
    &codes::PROVIDER_UNREACHABLE,
    &codes::LOGIN_CANCELLED,
    &codes::LOGIN_OVER,
    &codes::LOGIN_NOT_TRUSTED,
    &codes::LOGIN_TOO_WEAK,
    &codes::LOGIN_TOO_OLD,
    &codes::NO_PESEL,
];

const LOGIN: &[&Code] = &[&codes::LOGIN_REFUSED, &codes::LOGIN_PAUSED, &codes::LOGIN_BUSY, &codes::ACCOUNTS_OFF];

/// What makes something may refuse.
const CREATED: &[&Code] = &[
    &REFUSED,
    &NOT_THEIRS,
    &FORBIDDEN,
    &codes::IDEMPOTENCY_KEY_REUSED,
    &codes::IDEMPOTENCY_IN_PROGRESS,
    &codes::INVALID_HEADER,
];
/// What changes something may refuse.
const CHANGED: &[&Code] = &[&REFUSED, &UNKNOWN, &NOT_THEIRS, &FORBIDDEN];
/// What dispatch may refuse of notices.
const NOTICE_READ: &[&Code] = &[&UNKNOWN, &codes::INVALID_PARAMETER, &codes::NO_CODES];
const NOTICE_CHANGED: &[&Code] = &[&REFUSED, &UNKNOWN, &NOT_THEIRS, &FORBIDDEN, &OTHERWISE, &codes::NO_CODES];
const NOTICE_WORDS: &[&Code] = &[
    &REFUSED,
    &FORBIDDEN,
    &codes::NO_CODES,
    &codes::IDEMPOTENCY_KEY_REUSED,
    &codes::IDEMPOTENCY_IN_PROGRESS,
    &codes::INVALID_HEADER,
];
/// What asks somebody may refuse.
const OPENED: &[&Code] = &[
    &REFUSED,
    &FORBIDDEN,
    &TOO_OFTEN,
    &codes::IDEMPOTENCY_KEY_REUSED,
    &codes::IDEMPOTENCY_IN_PROGRESS,
    &codes::INVALID_HEADER,
];

// identity and dispatch have codes of their own for these; here only their kind is promised.
const UNKNOWN: Code = Code::new("", Class::NotFound, "There is no such thing, or not for this person");
const FORBIDDEN: Code = Code::new("", Class::FailedPrecondition, "Its state forbids it, or it is over");
const NOT_THEIRS: Code = Code::new(
    "",
    Class::PermissionDenied,
    "Not theirs to do: another institution's, their own, or another person has to",
);
const REFUSED: Code = Code::new("", Class::InvalidArgument, "Members of the request are wrong");
const OTHERWISE: Code = Code::new("", Class::AlreadyExists, "It was sent before, with other words");
const TOO_OFTEN: Code = Code::new("", Class::TooManyRequests, "Too many messages in a short time");
const CODE_WRONG: Code =
    Code::new("", Class::InvalidArgument, "The code is not the one that was sent: `identity.code_wrong`");

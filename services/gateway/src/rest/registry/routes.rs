//! The rows of the authorisation table for the register of aliens, and for the bodies that are consulted about them.

use straznica_error::{Class, Code};

use crate::{
    domain::people::person::Role,
    error::codes,
    rest::routes::{
        Access,
        BodySize::{self, File, List, None as Nothing, Small},
        Route,
        Verb::{self, Get, Post},
    },
};

/// Whoever may read persons and cases.
const READERS: &[Role] = &[Role::RegistryReader, Role::RegistryIntake, Role::RegistryOfficer, Role::RegistryApprover];
/// Whoever takes in, and records what happens.
pub(super) const INTAKE: &[Role] = &[Role::RegistryIntake, Role::RegistryOfficer];
/// Whoever plans work at the office.
const PLANNERS: &[Role] = &[Role::RegistryReader, Role::RegistryOfficer, Role::RegistryApprover];
/// Whoever asks another register in the state's name; readers read this one.
const ASKERS: &[Role] = &[Role::RegistryIntake, Role::RegistryOfficer, Role::RegistryApprover];
/// Whoever works on cases.
pub(super) const OFFICERS: &[Role] = &[Role::RegistryOfficer];
/// Whoever approves.
pub(super) const APPROVERS: &[Role] = &[Role::RegistryApprover];
/// Whoever issues what was approved.
pub(super) const ISSUERS: &[Role] = &[Role::RegistryOfficer, Role::RegistryApprover];

/// Whoever has blanks of documents in hand; whoever may give up what came in by file.
pub(super) const STOREKEEPERS: &[Role] = &[Role::RegistryIntake, Role::RegistryOfficer, Role::RegistryApprover];

/// Whoever erases.
pub(super) const ARCHIVISTS: &[Role] = &[Role::RegistryArchivist];
/// Whoever may want a case kept.
pub(super) const KEEPERS: &[Role] = &[Role::RegistryOfficer, Role::RegistryApprover, Role::RegistryArchivist];

/// Every address of the register.
pub(in crate::rest) static ROUTES: &[Route] = &[
    row(Post, "/v1/registry/persons", INTAKE, List, CREATED),
    row(Get, "/v1/registry/persons/{person}", READERS, Nothing, READ),
    row(Post, "/v1/registry/persons/{person}/changes", INTAKE, List, CHANGED_ONCE),
    row(Get, "/v1/registry/persons/{person}/history", READERS, Nothing, READ),
    row(Get, "/v1/registry/persons/{person}/cases", READERS, Nothing, READ),
    row(Get, "/v1/registry/persons/{person}/merges", READERS, Nothing, READ),
    row(Get, "/v1/registry/persons/{person}/accesses", ISSUERS, Nothing, READ),
    row(Post, "/v1/registry/search", READERS, Small, ASKED),
    row(Get, "/v1/registry/duplicates", READERS, Nothing, READ),
    row(Post, "/v1/registry/duplicates/dismissals", OFFICERS, Small, DECIDED),
    row(Post, "/v1/registry/merges", OFFICERS, Small, DECIDED),
    row(Get, "/v1/registry/merges", READERS, Nothing, READ),
    row(Post, "/v1/registry/merges/{merge}/confirmation", APPROVERS, Small, DECIDED),
    row(Post, "/v1/registry/merges/{merge}/rejection", ISSUERS, Small, DECIDED),
    row(Post, "/v1/registry/merges/{merge}/split", OFFICERS, Small, DECIDED),
    row(Post, "/v1/registry/cases", INTAKE, Small, CREATED),
    row(Get, "/v1/registry/cases/{case}", READERS, Nothing, READ),
    row(Post, "/v1/registry/cases/{case}/events", INTAKE, Small, CHANGED_ONCE),
    row(Get, "/v1/registry/cases/{case}/accesses", ISSUERS, Nothing, READ),
    row(Post, "/v1/registry/cases/{case}/documents", INTAKE, Small, CHANGED_ONCE),
    row(Get, "/v1/registry/cases/{case}/documents", READERS, Nothing, READ),
    row(Get, "/v1/registry/documents/{document}", READERS, Nothing, READ),
    row(Post, "/v1/registry/documents/{document}/extension", INTAKE, Small, CHANGED),
    row(Post, "/v1/registry/documents/{document}/changes", INTAKE, Small, CHANGED_ONCE),
    row(Post, "/v1/registry/blanks/orders", STOREKEEPERS, Small, CREATED),
    row(Get, "/v1/registry/blanks/orders", STOREKEEPERS, Nothing, READ),
    row(Post, "/v1/registry/blanks/orders/{order}/confirmation", STOREKEEPERS, Small, DECIDED),
    row(Post, "/v1/registry/blanks/spoilt", STOREKEEPERS, Small, DECIDED),
    row(Post, "/v1/registry/blanks/counts", STOREKEEPERS, List, CREATED),
    row(Post, "/v1/registry/blanks/counts/{count}/confirmation", STOREKEEPERS, List, DECIDED),
    row(Get, "/v1/registry/blanks/balance", READERS, Nothing, READ),
    row(Get, "/v1/registry/cases/{case}/visas", ASKERS, Nothing, READ),
    row(Get, "/v1/registry/retention/rules", ARCHIVISTS, Nothing, READ),
    row(Get, "/v1/registry/retention/rules/{rule}/due", ARCHIVISTS, Nothing, READ),
    row(Post, "/v1/registry/retention/erasures", ARCHIVISTS, Small, CREATED),
    row(Get, "/v1/registry/retention/erasures", ARCHIVISTS, Nothing, READ),
    row(Get, "/v1/registry/retention/erasures/{erasure}", ARCHIVISTS, Nothing, READ),
    row(Post, "/v1/registry/retention/erasures/{erasure}/approval", ARCHIVISTS, Small, DECIDED),
    row(Post, "/v1/registry/cases/{case}/holds", KEEPERS, Small, CREATED),
    row(Get, "/v1/registry/cases/{case}/holds", KEEPERS, Nothing, READ),
    row(Post, "/v1/registry/holds/{hold}/lifting", ARCHIVISTS, Small, DECIDED),
    row(Post, "/v1/registry/intakes", INTAKE, File, CREATED),
    row(Get, "/v1/registry/intakes", READERS, Nothing, READ),
    row(Get, "/v1/registry/intakes/{intake}", READERS, Nothing, READ),
    row(Get, "/v1/registry/intakes/{intake}/rows", READERS, Nothing, READ),
    row(Post, "/v1/registry/intakes/{intake}/start", ISSUERS, Small, DECIDED),
    row(Post, "/v1/registry/intakes/{intake}/giving-up", STOREKEEPERS, Small, DECIDED),
    row(Post, "/v1/registry/former-numbers", READERS, Small, ASKED),
    row(Get, "/v1/registry/persons/{person}/former-records", READERS, Nothing, READ),
    row(Get, "/v1/registry/sources/{source}/reconciliation", ISSUERS, Nothing, READ),
    row(Get, "/v1/registry/worklist", PLANNERS, Nothing, READ),
    row(Post, "/v1/registry/cases/{case}/taking", OFFICERS, Small, CHANGED),
    row(Post, "/v1/registry/cases/{case}/decisions", OFFICERS, Small, CHANGED_ONCE),
    row(Post, "/v1/registry/cases/{case}/decisions/{decision}/approval", APPROVERS, Small, CHANGED),
    row(Post, "/v1/registry/cases/{case}/decisions/{decision}/issue", ISSUERS, Small, CHANGED),
    row(Get, "/v1/registry/cases/{case}/decisions/{decision}", READERS, Nothing, READ),
    row(Post, "/v1/registry/cases/{case}/decisions/{decision}/text", OFFICERS, List, CHANGED_ONCE),
    row(Get, "/v1/registry/cases/{case}/decisions/{decision}/letter", READERS, Nothing, READ),
    row(Post, "/v1/registry/cases/{case}/decisions/{decision}/service", INTAKE, Small, CHANGED_ONCE),
    row(Post, "/v1/registry/persons/{person}/alert-checks", INTAKE, Small, MADE),
    row(Get, "/v1/registry/persons/{person}/alert-checks", READERS, Nothing, READ),
    row(Post, "/v1/registry/persons/{person}/documents/{statement}/alert-checks", INTAKE, Small, MADE),
    row(Post, "/v1/registry/cases/{case}/alert-checks", INTAKE, Small, MADE),
    row(Get, "/v1/registry/cases/{case}/alert-checks", READERS, Nothing, READ),
    row(Get, "/v1/registry/open-alerts", ISSUERS, Nothing, READ),
    row(Post, "/v1/registry/alert-findings/{finding}/resolution", OFFICERS, Small, MADE),
    row(Post, "/v1/registry/alert-resolutions/{resolution}/decision", ISSUERS, Small, COMPARED),
    row(Post, "/v1/registry/cases/{case}/alert-consultations", OFFICERS, Small, MADE),
    row(Post, "/v1/registry/alert-consultations/{consultation}/answer", OFFICERS, Small, MADE),
    row(Post, "/v1/registry/consultations", OFFICERS, Small, CREATED),
    row(Get, "/v1/registry/consultations", PLANNERS, Nothing, READ),
    row(Get, "/v1/registry/consultations/{consultation}", PLANNERS, Nothing, READ),
    row(Post, "/v1/registry/consultations/{consultation}/questions", OFFICERS, Small, CHANGED_ONCE),
    row(Post, "/v1/registry/consultations/{consultation}/answer", OFFICERS, Small, CHANGED_ONCE),
    row(Post, "/v1/registry/consultations/{consultation}/prolongation", OFFICERS, Small, CHANGED_ONCE),
    row(Post, "/v1/registry/consultations/{consultation}/consul-information", OFFICERS, Small, CHANGED_ONCE),
    row(Post, "/v1/registry/consultations/{consultation}/withdrawal", OFFICERS, Small, CHANGED_ONCE),
    row(Post, "/v1/registry/consultations/{consultation}/deliveries", OFFICERS, Small, CHANGED_ONCE),
    row(Post, "/v1/registry/consultations/{consultation}/replies", OFFICERS, Small, CHANGED_ONCE),
    row(Get, "/v1/registry/consultation-network", PLANNERS, Nothing, READ),
    row(Post, "/v1/registry/consultation-network/forms/{unifier}/sending", OFFICERS, Small, CREATED),
    row(Post, "/v1/registry/consultation-network/notices", OFFICERS, Small, CREATED),
    row(Get, "/v1/registry/consultation-network/notices", PLANNERS, Nothing, READ),
    asked(Get, "/v1/consultations", Nothing, BODY_ASKED),
    asked(Get, "/v1/consultations/{consultation}", Nothing, BODY_ASKED),
    asked(Post, "/v1/consultations/{consultation}/reply", Small, BODY_REPLIED),
    asked(Post, "/v1/consultations/{consultation}/extension", Small, BODY_REPLIED),
];

/// What other authorities read of it.
pub(in crate::rest) static CONSUMERS: &[Route] = &[
    Route {
        verb: Post,
        path: "/v1/register/readings",
        access: Access::Consumer,
        body: Small,
        problems: &[&REFUSED, &NOT_AGREED, &TOO_OFTEN, &codes::NO_REGISTRY],
        upstream: true,
    },
    Route {
        verb: Get,
        path: "/v1/register/access",
        access: Access::Consumer,
        body: Nothing,
        problems: &[&NOT_AGREED, &codes::NO_REGISTRY],
        upstream: true,
    },
];

/// What registry answers.
const fn row(
    verb: Verb,
    path: &'static str,
    roles: &'static [Role],
    body: BodySize,
    problems: &'static [&'static Code],
) -> Route {
    Route { verb, path, access: Access::Roles(roles), body, problems, upstream: true }
}

/// What registry answers a consulted body.
const fn asked(verb: Verb, path: &'static str, body: BodySize, problems: &'static [&'static Code]) -> Route {
    Route { verb, path, access: Access::Consulted, body, problems, upstream: true }
}

const BODY_ASKED: &[&Code] =
    &[&REFUSED, &NOT_ASKED, &NOT_THIS_BODY, &codes::INVALID_HEADER, &codes::INVALID_PARAMETER, &codes::NO_REGISTRY];
const BODY_REPLIED: &[&Code] = &[
    &REFUSED,
    &NOT_ASKED,
    &NOT_THIS_BODY,
    &NOT_NOW,
    &codes::IDEMPOTENCY_KEY_REUSED,
    &codes::IDEMPOTENCY_IN_PROGRESS,
    &codes::INVALID_HEADER,
    &codes::NO_REGISTRY,
];
const READ: &[&Code] = &[&REFUSED, &UNKNOWN, &codes::INVALID_HEADER, &codes::INVALID_PARAMETER, &codes::NO_REGISTRY];
const ASKED: &[&Code] = &[&REFUSED, &codes::INVALID_HEADER, &codes::NO_REGISTRY];
const DECIDED: &[&Code] = &[
    &REFUSED,
    &UNKNOWN,
    &NOT_NOW,
    &NOT_FOR_THIS_PURPOSE,
    &FOUR_EYES,
    &STALE,
    &codes::INVALID_HEADER,
    &codes::NO_REGISTRY,
];
const CREATED: &[&Code] = &[
    &REFUSED,
    &UNKNOWN,
    &NOT_NOW,
    &NOT_FOR_THIS_PURPOSE,
    &codes::IDEMPOTENCY_KEY_REUSED,
    &codes::IDEMPOTENCY_IN_PROGRESS,
    &codes::INVALID_HEADER,
    &codes::NO_REGISTRY,
];
const MADE: &[&Code] =
    &[&REFUSED, &UNKNOWN, &NOT_NOW, &NOT_FOR_THIS_PURPOSE, &codes::INVALID_HEADER, &codes::NO_REGISTRY];
const COMPARED: &[&Code] =
    &[&REFUSED, &UNKNOWN, &NOT_NOW, &NOT_FOR_THIS_PURPOSE, &FOUR_EYES, &codes::INVALID_HEADER, &codes::NO_REGISTRY];
const CHANGED: &[&Code] = &[
    &REFUSED,
    &UNKNOWN,
    &NOT_NOW,
    &NOT_FOR_THIS_PURPOSE,
    &FOUR_EYES,
    &STALE,
    &codes::VERSION_MISSING,
    &codes::INVALID_HEADER,
    &codes::NO_REGISTRY,
];
const CHANGED_ONCE: &[&Code] = &[
    &REFUSED,
    &UNKNOWN,
    &NOT_NOW,
    &NOT_FOR_THIS_PURPOSE,
    &STALE,
    &codes::VERSION_MISSING,
    &codes::IDEMPOTENCY_KEY_REUSED,
    &codes::IDEMPOTENCY_IN_PROGRESS,
    &codes::INVALID_HEADER,
    &codes::NO_REGISTRY,
];

// registry has codes of its own for these; here only their kind is promised.
const UNKNOWN: Code = Code::new(
    "",
    Class::NotFound,
    "There is no such person, case, decision, statement, merge, document or proposal: `registry.not_found`",
);
const NOT_ASKED: Code = Code::new("", Class::NotFound, "The body was asked no such thing: `registry.not_found`");
const NOT_THIS_BODY: Code = Code::new(
    "",
    Class::PermissionDenied,
    "The body comes to the registry itself, and not by REST: `registry.not_this_body`",
);
const REFUSED: Code = Code::new("", Class::InvalidArgument, "Members of the request, or its purpose, are wrong");
const NOT_NOW: Code = Code::new(
    "",
    Class::FailedPrecondition,
    "The law, or what happened so far, does not let it happen: `registry.not_now`, or `registry.out_of_order` without a reason",
);
const NOT_FOR_THIS_PURPOSE: Code =
    Code::new("", Class::PermissionDenied, "The purpose does not allow it: `registry.not_for_this_purpose`");
const NOT_AGREED: Code = Code::new(
    "",
    Class::PermissionDenied,
    "The caller's profile does not allow it: `registry.no_access` where nothing is agreed, `registry.not_for_this_purpose` where not this",
);
const TOO_OFTEN: Code =
    Code::new("", Class::TooManyRequests, "As many questions were asked as were agreed: `registry.too_often`");
const FOUR_EYES: Code = Code::new("", Class::PermissionDenied, "Another officer has to do it: `registry.four_eyes`");
const STALE: Code =
    Code::new("", Class::PreconditionFailed, "Somebody else changed it meanwhile: `registry.stale`. Look again");

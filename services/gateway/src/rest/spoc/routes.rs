//! The rows of the authorisation table for the exchange with other states: operators only.

use straznica_error::{Class, Code};

use crate::{
    error::codes,
    rest::routes::{
        Access,
        BodySize::{self, Certificate, Document, ExchangeFile, None as Nothing, Small},
        Route,
        Verb::{self, Get, Post},
    },
};

/// Every address of the exchange.
pub(crate) static ROUTES: &[Route] = &[
    row(Get, "/v1/spoc/partners", Nothing, &[]),
    row(Post, "/v1/spoc/partners", Certificate, CREATED),
    row(Get, "/v1/spoc/partners/{country}", Nothing, &[&UNKNOWN]),
    row(Post, "/v1/spoc/partner-proposals/{id}/confirmation", Small, CHANGED),
    row(Post, "/v1/spoc/partner-proposals/{id}/withdrawal", Small, CHANGED),
    row(Post, "/v1/spoc/partners/{country}/suspension", Small, CHANGED),
    row(Post, "/v1/spoc/partners/{country}/resumption", Small, CHANGED),
    row(Post, "/v1/spoc/resumption-proposals/{id}/confirmation", Small, CHANGED),
    row(Post, "/v1/spoc/partners/{country}/withdrawal", Small, CHANGED),
    row(Post, "/v1/spoc/partners/{country}/roots", Certificate, CREATED),
    row(Post, "/v1/spoc/partners/{country}/roots/{fingerprint}/confirmation", Small, CHANGED),
    row(Post, "/v1/spoc/partners/{country}/roots/{fingerprint}/withdrawal", Small, CHANGED),
    row(Post, "/v1/spoc/partners/{country}/outages", Small, CREATED),
    row(Post, "/v1/spoc/outages/{id}/removal", Small, CHANGED),
    row(Post, "/v1/spoc/partners/{country}/revocation-lists", ExchangeFile, CHANGED),
    row(Get, "/v1/spoc/health", Nothing, &[&codes::INVALID_PARAMETER, &UNKNOWN]),
    row(Post, "/v1/spoc/partners/{country}/bundle", Small, CHANGED),
    row(Post, "/v1/spoc/bundles", ExchangeFile, &[&REFUSED]),
    row(Get, "/v1/spoc/requests", Nothing, &[&codes::INVALID_PARAMETER]),
    row(Get, "/v1/spoc/requests/{id}", Nothing, &[&UNKNOWN]),
    row(Post, "/v1/spoc/requests/{id}/approval", Small, CHANGED),
    row(Post, "/v1/spoc/requests/{id}/refusal", Small, CHANGED),
    row(Get, "/v1/spoc/holders", Nothing, &[]),
    row(Post, "/v1/spoc/holders", Small, CREATED),
    row(Post, "/v1/spoc/holder-changes", Small, CREATED),
    row(Post, "/v1/spoc/holders/{holder}/confirmation", Small, CHANGED),
    row(Post, "/v1/spoc/holders/{holder}/suspension", Small, CHANGED),
    row(Post, "/v1/spoc/holders/{holder}/resumption", Small, CHANGED),
    row(Get, "/v1/spoc/certificates", Nothing, &[]),
    row(Get, "/v1/spoc/certificates/issued", Nothing, &[&codes::INVALID_PARAMETER]),
    row(Get, "/v1/spoc/certificates/cvca", Nothing, &[]),
    row(Post, "/v1/spoc/certificates/cvca", Small, CREATED),
    row(Post, "/v1/spoc/certificates/cvca-imports", Document, CHANGED),
    row(Post, "/v1/spoc/certificates/waiting/confirmation", Small, CHANGED),
    row(Post, "/v1/spoc/certificates/waiting/{chr}/rejection", Small, CHANGED),
    row(Post, "/v1/spoc/certificates/dv-requests", Small, CREATED),
    row(Post, "/v1/spoc/certificates/dv-imports", Document, CHANGED),
    row(Post, "/v1/spoc/certificates/document-verifiers", Small, CREATED),
    row(Post, "/v1/spoc/certificates/inspection-systems", Small, CREATED),
    row(Post, "/v1/spoc/certificates/exchange-keys", Small, CREATED),
    row(Post, "/v1/spoc/certificates/{car}/{chr}/suspension", Small, CHANGED),
    row(Post, "/v1/spoc/certificates/{car}/{chr}/resumption", Small, CHANGED),
    row(Get, "/v1/spoc/certificates/sequences", Nothing, &[]),
    row(Post, "/v1/spoc/certificates/sequences", Small, &[&FORBIDDEN]),
    row(Post, "/v1/spoc/certificates/rollovers", Small, CREATED),
    row(Post, "/v1/spoc/certificates/rollovers/{cvca}/confirmation", Small, CHANGED),
    row(Get, "/v1/spoc/calendar", Nothing, &[&codes::INVALID_PARAMETER]),
    row(Get, "/v1/spoc/renewals", Nothing, &[]),
    row(Post, "/v1/spoc/renewals", Small, CREATED),
    row(Get, "/v1/spoc/renewals/{cvca}", Nothing, &[&UNKNOWN]),
    row(Post, "/v1/spoc/renewals/{cvca}/renewal", Small, CREATED),
    row(Post, "/v1/spoc/renewals/{cvca}/pause", Small, CHANGED),
    row(Post, "/v1/spoc/renewals/{cvca}/resumption", Small, CHANGED),
    row(Get, "/v1/spoc/deliveries", Nothing, &[&codes::INVALID_PARAMETER]),
    row(Post, "/v1/spoc/deliveries/{id}/retry", Small, CHANGED),
    row(Post, "/v1/spoc/deliveries/{id}/cancellation", Small, CHANGED),
    row(Get, "/v1/spoc/messages", Nothing, &[&codes::INVALID_PARAMETER]),
    row(Post, "/v1/spoc/messages", Certificate, CREATED),
    row(Get, "/v1/spoc/messages/{id}", Nothing, &[&UNKNOWN]),
    row(Post, "/v1/spoc/messages/{id}/acknowledgement", Small, CHANGED),
    row(Post, "/v1/spoc/messages/{id}/decision", Small, CHANGED),
    row(Get, "/v1/spoc/message-templates", Nothing, &[]),
];

const fn row(verb: Verb, path: &'static str, body: BodySize, problems: &'static [&'static Code]) -> Route {
    Route { verb, path, access: Access::Operator, body, problems, upstream: true }
}

/// What makes something may refuse.
const CREATED: &[&Code] = &[
    &UNKNOWN,
    &FORBIDDEN,
    &REFUSED,
    &codes::IDEMPOTENCY_KEY_REUSED,
    &codes::IDEMPOTENCY_IN_PROGRESS,
    &codes::INVALID_HEADER,
];

/// What changes something may refuse.
const CHANGED: &[&Code] = &[&UNKNOWN, &FORBIDDEN, &REFUSED];

// spoc has codes of its own for these; here only their kind is promised.
const UNKNOWN: Code = Code::new("", Class::NotFound, "There is no such thing here");
const FORBIDDEN: Code = Code::new(
    "",
    Class::FailedPrecondition,
    "Its state forbids it, or it takes another officer than the one who proposed it",
);
const REFUSED: Code = Code::new("", Class::UnprocessableContent, "It breaks a rule of the exchange");

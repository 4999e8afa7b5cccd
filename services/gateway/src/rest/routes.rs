//! The authorisation table: every address of the interface, who may use it, and how large its body may be. What is not in it is refused.

use http::Method;
use straznica_error::Code;

use super::{people, registry, spoc};
use crate::{config::LimitsConfig, domain::people::person::Role, error::codes};

/// Who may use an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// Whoever reaches the listener.
    Anyone,
    /// An enrolled terminal that is not suspended.
    Terminal,
    /// An operator.
    Operator,
    /// Another authority's system.
    Authority,
    /// A consulted body's system.
    Consulted,
    /// Another authority that reads the register of aliens.
    Consumer,
    /// Whoever is about to log in.
    Newcomer,
    /// Whoever is logged in.
    Person,
    /// A citizen who is logged in.
    Citizen,
    /// An official who is logged in and has one of these roles.
    Roles(&'static [Role]),
    /// A security officer of the node, by certificate.
    SecurityOfficer,
}

/// How large a body an address takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BodySize {
    /// It takes none.
    None,
    /// A handful of members.
    Small,
    /// One certificate.
    Certificate,
    /// What was read from a chip.
    Document,
    /// A page of a long list.
    List,
    /// A file of rows.
    File,
    /// A file that another state sent by e-mail.
    ExchangeFile,
}

impl BodySize {
    /// In bytes.
    pub(crate) fn limit(self, limits: &LimitsConfig) -> usize {
        match self {
            Self::None => 0,
            Self::Small => limits.small_body_bytes,
            Self::Certificate => limits.certificate_body_bytes,
            Self::Document | Self::List => limits.document_body_bytes,
            Self::File => limits.file_body_bytes,
            Self::ExchangeFile => limits.exchange_file_body_bytes,
        }
    }
}

/// The methods in use here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verb {
    /// GET, and HEAD as GET without the body.
    Get,
    /// POST.
    Post,
}

impl Verb {
    fn of(method: &Method) -> Option<Self> {
        match *method {
            Method::GET | Method::HEAD => Some(Self::Get),
            Method::POST => Some(Self::Post),
            _ => None,
        }
    }
}

/// One address.
#[derive(Debug)]
pub(crate) struct Route {
    pub(crate) verb: Verb,
    /// As axum and the description of the interface write it.
    pub(crate) path: &'static str,
    pub(crate) access: Access,
    pub(crate) body: BodySize,
    /// What it refuses beside what its access and its body bring.
    pub(crate) problems: &'static [&'static Code],
    /// It needs an inner service.
    pub(crate) upstream: bool,
}

impl Route {
    /// Method and path, as the table has them.
    pub(crate) fn address(&self) -> String {
        let verb = match self.verb {
            Verb::Get => "GET",
            Verb::Post => "POST",
        };
        format!("{verb} {}", self.path)
    }
}

const fn route(verb: Verb, path: &'static str, access: Access, body: BodySize) -> Route {
    Route { verb, path, access, body, problems: &[], upstream: matches!(access, Access::Terminal | Access::Authority) }
}

const fn refusing(route: Route, problems: &'static [&'static Code]) -> Route {
    Route { problems, ..route }
}

use Access::{Anyone, Authority, Operator, Terminal};
use BodySize::{Certificate, Document, None as Nothing, Small};

/// Every address.
pub(crate) fn routes() -> impl Iterator<Item = &'static Route> {
    BORDER
        .iter()
        .chain(spoc::routes::ROUTES)
        .chain(people::routes::ROUTES)
        .chain(registry::routes::ROUTES)
        .chain(registry::routes::CONSUMERS)
}

/// The border check, in its order, and the terminals it is made at.
static BORDER: &[Route] = &[
    route(Verb::Get, "/", Anyone, Nothing),
    route(Verb::Get, "/docs", Anyone, Nothing),
    route(Verb::Get, "/openapi.json", Anyone, Nothing),
    route(Verb::Post, "/v1/inspections/challenge", Terminal, Small),
    refusing(
        route(Verb::Post, "/v1/inspections", Terminal, Document),
        &[
            &codes::BIOMETRIC_DATA_GROUP,
            &codes::IDEMPOTENCY_KEY_REUSED,
            &codes::IDEMPOTENCY_IN_PROGRESS,
            &codes::INVALID_HEADER,
        ],
    ),
    refusing(
        route(Verb::Post, "/v1/inspections/{id}/data-groups", Terminal, Document),
        &[&codes::BIOMETRIC_DATA_GROUP, &UNKNOWN_INSPECTION, &STATE_FORBIDS],
    ),
    refusing(
        route(Verb::Get, "/v1/inspections/{id}", Terminal, Nothing),
        &[&UNKNOWN_INSPECTION, &codes::INVALID_HEADER],
    ),
    refusing(
        route(Verb::Post, "/v1/inspections/{id}/referral", Terminal, Small),
        &[&UNKNOWN_INSPECTION, &STATE_FORBIDS],
    ),
    refusing(
        route(Verb::Post, "/v1/inspections/{id}/referral/outcome", Terminal, Small),
        &[&UNKNOWN_INSPECTION, &STATE_FORBIDS],
    ),
    refusing(
        route(Verb::Post, "/v1/inspections/{id}/fingerprint-result", Terminal, Small),
        &[&UNKNOWN_INSPECTION, &STATE_FORBIDS],
    ),
    refusing(
        route(Verb::Post, "/v1/terminal-authentication/chain", Terminal, Small),
        &[&codes::INSPECTION_UNKNOWN, &codes::CAR_UNKNOWN, &codes::NO_CHAIN, &codes::CHAIN_SYNTAX],
    ),
    refusing(
        route(Verb::Post, "/v1/terminal-authentication/signature", Terminal, Small),
        &[&codes::INSPECTION_UNKNOWN, &codes::CHR_UNKNOWN, &codes::SIGNATURE_SYNTAX, &STATE_FORBIDS],
    ),
    route(Verb::Post, "/v1/trust/document-signer", Terminal, Certificate),
    refusing(route(Verb::Get, "/v1/trust/master-list", Terminal, Nothing), &[&NO_LIST]),
    refusing(route(Verb::Get, "/v1/trust/defect-list", Terminal, Nothing), &[&NO_LIST]),
    route(Verb::Get, "/v1/trust/summary", Terminal, Nothing),
    refusing(route(Verb::Post, "/v1/terminals", Operator, Small), &[&codes::ALREADY_ENROLLED]),
    refusing(route(Verb::Get, "/v1/terminals", Operator, Nothing), &[&codes::INVALID_PARAMETER]),
    refusing(
        route(Verb::Post, "/v1/terminals/{id}/suspension", Operator, Small),
        &[&codes::UNKNOWN_TERMINAL, &codes::ALREADY_SUSPENDED],
    ),
    refusing(
        route(Verb::Post, "/v1/terminals/{id}/unlock", Operator, Small),
        &[&codes::UNKNOWN_TERMINAL, &codes::NOT_SUSPENDED],
    ),
    refusing(
        route(Verb::Post, "/v1/one-time-codes/send-code", Authority, Small),
        &[&CODE_REQUEST, &NO_MORE_CODES, &TOO_MANY_CODES, &codes::NO_CODES],
    ),
    refusing(
        route(Verb::Post, "/v1/one-time-codes/validate-code", Authority, Small),
        &[&CODE_REFUSED, &OFFICER_LOCKED, &TOO_MANY_CODES, &codes::NO_CODES],
    ),
];

// Inner services have codes of their own for these; here only their kind is promised.
const UNKNOWN_INSPECTION: Code =
    Code::new("", straznica_error::Class::NotFound, "No such inspection, or not this terminal's");
const STATE_FORBIDS: Code =
    Code::new("", straznica_error::Class::FailedPrecondition, "The state of the inspection forbids it");
const NO_LIST: Code = Code::new("", straznica_error::Class::NotFound, "None has been imported yet");

const CODE_REQUEST: Code = Code::new("", straznica_error::Class::InvalidArgument, "Members of the request are wrong");
const NO_MORE_CODES: Code = Code::new(
    "",
    straznica_error::Class::PermissionDenied,
    "No code is sent: `dispatch.phone_number_not_allowed`, `dispatch.phone_number_blocked`, `dispatch.max_otp_codes_exceeded` or `dispatch.official_locked`",
);
const TOO_MANY_CODES: Code =
    Code::new("", straznica_error::Class::TooManyRequests, "Too many codes in a short time: `dispatch.rate_exceeded`");
const CODE_REFUSED: Code = Code::new(
    "",
    straznica_error::Class::InvalidArgument,
    "Not the code: `dispatch.invalid_otp`, `dispatch.verification_expired` or, with no attempt left, `dispatch.verification_failed`",
);
const OFFICER_LOCKED: Code =
    Code::new("", straznica_error::Class::PermissionDenied, "The officer is locked: `dispatch.official_locked`");

/// What the table says of an address.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Lookup {
    /// It is this one.
    Found(&'static Route),
    /// The path is used with these methods.
    OtherMethods(&'static str),
    /// The path is not in the table.
    Unknown,
}

/// Looks an address up by the path the router matched.
pub(crate) fn lookup(method: &Method, path: &str) -> Lookup {
    let find = |verb: Verb| routes().find(|route| route.path == path && route.verb == verb);
    if let Some(route) = Verb::of(method).and_then(find) {
        return Lookup::Found(route);
    }
    match (find(Verb::Get), find(Verb::Post)) {
        (Some(_), Some(_)) => Lookup::OtherMethods("GET, HEAD, POST"),
        (Some(_), None) => Lookup::OtherMethods("GET, HEAD"),
        (None, Some(_)) => Lookup::OtherMethods("POST"),
        (None, None) => Lookup::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_describes_the_interface_is_for_anyone() {
        let public: Vec<_> = routes().filter(|route| route.access == Access::Anyone).map(|route| route.path).collect();
        assert_eq!(public, ["/", "/docs", "/openapi.json"]);
    }

    #[test]
    fn codes_are_for_other_authorities_and_nothing_else_is() {
        for route in routes() {
            let code = route.path.starts_with("/v1/one-time-codes/");
            assert_eq!(code, route.access == Access::Authority, "{}", route.path);
        }
    }

    #[test]
    fn questions_to_bodies_are_for_bodies_and_nothing_else_is() {
        for route in routes() {
            let question = route.path.starts_with("/v1/consultations");
            assert_eq!(question, route.access == Access::Consulted, "{}", route.path);
        }
    }

    #[test]
    fn the_register_is_read_by_other_authorities_at_addresses_of_their_own() {
        for route in routes() {
            let register = route.path.starts_with("/v1/register/");
            assert_eq!(register, route.access == Access::Consumer, "{}", route.path);
        }
    }

    #[test]
    fn terminals_accounts_and_the_exchange_are_administered_by_operators_and_by_nobody_else() {
        for route in routes() {
            let administration =
                ["/v1/terminals", "/v1/spoc/", "/v1/accounts"].iter().any(|start| route.path.starts_with(start));
            assert_eq!(administration, route.access == Access::Operator, "{}", route.path);
        }
    }

    #[test]
    fn an_address_is_found_by_method_and_path_or_not_at_all() {
        assert!(matches!(lookup(&Method::POST, "/v1/inspections"), Lookup::Found(route) if route.access == Terminal));
        assert!(matches!(lookup(&Method::HEAD, "/docs"), Lookup::Found(_)));
        assert!(matches!(lookup(&Method::DELETE, "/v1/inspections"), Lookup::OtherMethods("POST")));
        assert!(matches!(lookup(&Method::PUT, "/v1/terminals"), Lookup::OtherMethods("GET, HEAD, POST")));
        assert!(matches!(lookup(&Method::GET, "/v1/inspections/x"), Lookup::Unknown));
    }
}

//! Who is asking, as the admission layer found out.

use axum::extract::FromRequestParts;
use http::request::Parts;
use std::sync::Arc;
use straznica_contracts::common::v1::CallContext;

use straznica_journal::Pseudonym;
use straznica_pki::{PeerRole, Presented};
use straznica_types::{OfficerId, RequestId, TerminalId};

use crate::{
    app::people::sessions::{Arrival, LiveSession},
    domain::{
        mission::Mission,
        people::person::{Citizen, Institution, NoRight, Rights, Role},
    },
    error::GatewayError,
};

/// An admitted terminal and the request it makes.
#[derive(Debug, Clone)]
pub(crate) struct TerminalCaller {
    pub(crate) terminal: TerminalId,
    pub(crate) request_id: RequestId,
}

/// An operator and the request they make.
#[derive(Debug, Clone)]
pub(crate) struct OperatorCaller {
    pub(crate) operator: OfficerId,
    pub(crate) request_id: RequestId,
}

/// Another authority's system and the request it makes.
#[derive(Debug, Clone)]
pub(crate) struct AuthorityCaller {
    /// The institution its certificate names.
    pub(crate) institution: String,
    pub(crate) request_id: RequestId,
}

impl AuthorityCaller {
    /// The call context for dispatch: the officer and the purpose as the authority says them.
    pub(crate) fn context(&self, officer: &OfficerId, purpose: &str, case: Option<&str>) -> Option<CallContext> {
        Some(CallContext {
            terminal_id: String::new(),
            officer: officer.to_string(),
            purpose: purpose.to_owned(),
            case_number: case.unwrap_or_default().to_owned(),
            request_id: self.request_id.to_string(),
        })
    }
}

/// A consulted body's system and the request it makes. Which body is the certificate's to say, and nothing of a request: the name is in nobody's hands but [`Self::by_certificate`]'s.
#[derive(Debug, Clone)]
pub(crate) struct BodyCaller {
    body: String,
    request_id: RequestId,
}

impl BodyCaller {
    /// The body a certificate names; of another peer's there is none.
    pub(crate) fn by_certificate(role: &PeerRole, request_id: RequestId) -> Option<Self> {
        match role {
            PeerRole::Consulted(body) => Some(Self { body: body.clone(), request_id }),
            _ => None,
        }
    }

    /// The body, for registry.
    pub(crate) fn body(&self) -> &str {
        &self.body
    }

    /// The call context for registry: the body's officer as its system names them.
    pub(crate) fn context(&self, officer: &OfficerId) -> Option<CallContext> {
        Some(CallContext {
            officer: officer.to_string(),
            request_id: self.request_id.to_string(),
            ..CallContext::default()
        })
    }
}

/// Another authority that reads the register of aliens, and the request it makes. Only admission makes one: of the certificates that were presented.
#[derive(Debug, Clone)]
pub(crate) struct ConsumerCaller {
    /// What it presented in the handshake: registry looks at it for itself, so that nothing said here makes anybody a consumer.
    presented: Presented,
    request_id: RequestId,
}

impl ConsumerCaller {
    pub(super) const fn new(presented: Presented, request_id: RequestId) -> Self {
        Self { presented, request_id }
    }

    /// What registry is shown of it, in DER.
    pub(crate) fn presented(&self) -> Vec<Vec<u8>> {
        self.presented.to_der()
    }

    /// The call context for registry: official, purpose and case number as the authority says them.
    pub(crate) fn context(&self, officer: &OfficerId, purpose: &str, case: &str) -> Option<CallContext> {
        Some(CallContext {
            terminal_id: String::new(),
            officer: officer.to_string(),
            purpose: purpose.to_owned(),
            case_number: case.to_owned(),
            request_id: self.request_id.to_string(),
        })
    }
}

/// What an officer's request says about itself; empty where the address does not ask.
#[derive(Debug, Clone, Default)]
pub(crate) struct Claims {
    pub(crate) officer: Option<OfficerId>,
    pub(crate) purpose: Option<String>,
    pub(crate) case: Option<String>,
}

impl Claims {
    /// An officer who acts within an inspection: purpose and case are the inspection's.
    pub(crate) fn officer(officer: OfficerId) -> Self {
        Self { officer: Some(officer), ..Self::default() }
    }
}

impl From<Mission> for Claims {
    fn from(mission: Mission) -> Self {
        Self { officer: Some(mission.officer), purpose: Some(mission.purpose), case: mission.case }
    }
}

/// Purpose of what operators do about the exchange with other states, in the journal.
const EXCHANGE: &str = "exchange_administration";

impl OperatorCaller {
    /// The call context for spoc: the operator from the certificate.
    pub(crate) fn context(&self) -> Option<CallContext> {
        Some(CallContext {
            terminal_id: String::new(),
            officer: self.operator.to_string(),
            purpose: EXCHANGE.to_owned(),
            case_number: String::new(),
            request_id: self.request_id.to_string(),
        })
    }
}

impl TerminalCaller {
    /// The call context for the inner services: the terminal from the certificate, the rest from the request.
    pub(crate) fn context(&self, claims: Claims) -> Option<CallContext> {
        Some(CallContext {
            terminal_id: self.terminal.to_string(),
            officer: claims.officer.map(|officer| officer.to_string()).unwrap_or_default(),
            purpose: claims.purpose.unwrap_or_default(),
            case_number: claims.case.unwrap_or_default(),
            request_id: self.request_id.to_string(),
        })
    }
}

/// Whoever is logged in, and the request they make.
#[derive(Debug, Clone)]
pub(crate) struct SessionCaller {
    pub(crate) live: Arc<LiveSession>,
    pub(crate) request_id: RequestId,
}

/// An official in one of the roles the address asks for.
#[derive(Debug, Clone)]
pub(crate) struct OfficialCaller {
    pub(crate) rights: Rights,
    /// The institution the request names, where they have several.
    pub(crate) named: Option<String>,
    /// The device they work at, where it has a certificate.
    pub(crate) terminal: Option<TerminalId>,
    /// How the journal and idempotency keys know them.
    pub(crate) owner: Pseudonym,
    pub(crate) request_id: RequestId,
}

impl OfficialCaller {
    /// For whom they ask for documents.
    pub(crate) fn institution(&self) -> Result<&Institution, GatewayError> {
        self.rights.institution(Role::Official, self.named.as_deref()).map_err(GatewayError::NoRight)
    }

    /// Whether they are a security officer of this institution.
    pub(crate) fn institution_of(&self, id: &str) -> Result<&Institution, GatewayError> {
        self.rights.institution(Role::SecurityOfficer, Some(id)).map_err(GatewayError::NoRight)
    }

    /// The institution whose local administrator they are.
    pub(crate) fn administers(&self, id: &str) -> Result<&Institution, GatewayError> {
        self.rights.institution(Role::LocalAdministrator, Some(id)).map_err(GatewayError::NoRight)
    }

    /// The same, where something new is begun: a suspended institution's people may only read, and stop.
    pub(crate) fn administers_active(&self, id: &str) -> Result<&Institution, GatewayError> {
        let institution = self.administers(id)?;
        if institution.active { Ok(institution) } else { Err(GatewayError::NoRight(NoRight::Role)) }
    }

    /// The call context for identity: the official as identity knows them, and the device; purpose and case as they say.
    pub(crate) fn context(&self, purpose: Option<&str>, case: Option<&str>) -> Option<CallContext> {
        Some(CallContext {
            terminal_id: self.terminal.as_ref().map(ToString::to_string).unwrap_or_default(),
            officer: self.rights.officer.to_string(),
            purpose: purpose.unwrap_or_default().to_owned(),
            case_number: case.unwrap_or_default().to_owned(),
            request_id: self.request_id.to_string(),
        })
    }
}

/// A security officer of the node and the request they make.
#[derive(Debug, Clone)]
pub(crate) struct SecurityCaller {
    pub(crate) officer: OfficerId,
    pub(crate) request_id: RequestId,
}

impl SecurityCaller {
    /// The call context for a journal: who reads, and why.
    pub(crate) fn context(&self, purpose: &str, case: Option<&str>) -> Option<CallContext> {
        Some(CallContext {
            terminal_id: String::new(),
            officer: self.officer.to_string(),
            purpose: purpose.to_owned(),
            case_number: case.unwrap_or_default().to_owned(),
            request_id: self.request_id.to_string(),
        })
    }
}

/// A citizen; who they are is there for the length of a request.
#[derive(Debug, Clone)]
pub(crate) struct CitizenCaller {
    pub(crate) citizen: Citizen,
    /// How idempotency keys know them.
    pub(crate) owner: Pseudonym,
    pub(crate) request_id: RequestId,
}

impl CitizenCaller {
    /// The PESEL, for a request to identity, which wipes it.
    pub(crate) fn pesel(&self) -> String {
        self.citizen.pesel.expose().clone()
    }

    /// The call context for identity: nobody but the citizen acts.
    pub(crate) fn context(&self) -> Option<CallContext> {
        Some(CallContext { request_id: self.request_id.to_string(), ..CallContext::default() })
    }
}

/// A handler that asks for a caller the table did not admit gets none.
macro_rules! from_extensions {
    ($caller:ty) => {
        impl<S: Sync> FromRequestParts<S> for $caller {
            type Rejection = GatewayError;

            async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, GatewayError> {
                parts.extensions.get::<Self>().cloned().ok_or(GatewayError::WrongPeer)
            }
        }
    };
}

from_extensions!(TerminalCaller);
from_extensions!(OperatorCaller);
from_extensions!(AuthorityCaller);
from_extensions!(BodyCaller);
from_extensions!(ConsumerCaller);
from_extensions!(Arrival);
from_extensions!(SecurityCaller);
from_extensions!(SessionCaller);
from_extensions!(OfficialCaller);
from_extensions!(CitizenCaller);

//! Who is asking, as the admission layer found out.

use axum::extract::FromRequestParts;
use http::request::Parts;
use straznica_contracts::common::v1::CallContext;
use straznica_types::{OfficerId, RequestId, TerminalId};

use crate::{domain::mission::Mission, error::GatewayError};

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

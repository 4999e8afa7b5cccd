//! On whose behalf a call is made, and why.

use straznica_types::{OfficerId, RequestId, TerminalId};

use super::{Purposes, Refusal};

/// Who calls, as far as the call says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallerClaims {
    /// The peer, from its certificate, e.g. `service/gateway`.
    pub actor: String,
    /// The terminal the peer speaks for.
    pub terminal: Option<TerminalId>,
    /// The officer.
    pub officer: Option<OfficerId>,
    /// Why, by the id of a purpose.
    pub purpose: String,
    /// For which case.
    pub case_number: String,
    /// Correlation id of the request.
    pub request_id: Option<RequestId>,
}

/// Who may do something, and by what law: what the journal is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mandate {
    /// The call's claims.
    pub caller: CallerClaims,
    /// The officer.
    pub officer: OfficerId,
    /// The purpose's law.
    pub legal_basis: String,
    /// Whether vulnerabilities are shown.
    pub vulnerabilities: bool,
}

impl CallerClaims {
    /// What work on cases needs: an officer and a purpose of this node. The number is that of the case.
    ///
    /// # Errors
    /// [`Refusal::Missing`] or [`Refusal::Invalid`], naming the member.
    pub fn on_cases(self, purposes: &Purposes) -> Result<Mandate, Refusal> {
        let officer = self.officer.clone().ok_or(Refusal::Missing { member: "/context/officer" })?;
        if self.purpose.is_empty() {
            return Err(Refusal::Missing { member: "/context/purpose" });
        }
        let purpose = purposes.get(&self.purpose).ok_or(Refusal::Invalid {
            member: "/context/purpose",
            expected: "one of the purposes this node is configured with",
        })?;
        let (legal_basis, vulnerabilities) = (purpose.legal_basis.clone(), purpose.vulnerabilities);
        Ok(Mandate { caller: self, officer, legal_basis, vulnerabilities })
    }

    /// What work on persons needs: a case number besides.
    ///
    /// # Errors
    /// As [`Self::on_cases`].
    pub fn on_persons(self, purposes: &Purposes) -> Result<Mandate, Refusal> {
        let mandate = self.on_cases(purposes)?;
        if mandate.caller.case_number.is_empty() {
            return Err(Refusal::Missing { member: "/context/case_number" });
        }
        Ok(mandate)
    }
}

//! On whose behalf a use case runs.

use exchange::Country;
use straznica_types::{InspectionId, OfficerId, RequestId, TerminalId};

use crate::error::SpocError;

/// The peer that called and what it says about the request. Field names in errors are those of the contract's `CallContext`.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    /// The peer, from its certificate, e.g. `service/gateway`.
    pub(crate) actor: String,
    /// The operator the peer's certificate names, where it names one.
    pub(crate) operator: Option<String>,
    /// Terminal; empty for an operator at a desk.
    pub(crate) terminal_id: String,
    /// Officer's service identifier.
    pub(crate) officer: String,
    /// Purpose of the request.
    pub(crate) purpose: String,
    /// Case number, where the purpose's legal basis asks for one.
    pub(crate) case_number: String,
    /// Correlation id of the request.
    pub(crate) request_id: String,
}

/// The service people at a desk log in to.
const GATEWAY: &str = "service/gateway";

/// Longest purpose, case number and reason taken.
const MAX_TEXT: usize = 200;

impl Call {
    /// The node itself, where a rule and no person decides. `purpose` names the rule, e.g. `dv_renewal`.
    pub(crate) fn of_node(purpose: &'static str, request: RequestId) -> Self {
        Self::without_officer("service/spoc".to_owned(), purpose, request)
    }

    /// Another state's SPOC.
    pub(crate) fn of_partner(country: Country, request: RequestId) -> Self {
        Self::without_officer(format!("partner/{country}"), "certificate_exchange", request)
    }

    fn without_officer(actor: String, purpose: &'static str, request: RequestId) -> Self {
        Self {
            actor,
            operator: None,
            terminal_id: String::new(),
            officer: String::new(),
            purpose: purpose.to_owned(),
            case_number: String::new(),
            request_id: request.to_string(),
        }
    }

    /// Whom to name as the author of what this call makes: the officer at a desk, or the peer or node itself.
    pub(crate) fn author(&self) -> &str {
        self.officer_at_desk().unwrap_or(&self.actor)
    }

    /// The officer of a call made at a desk: the operator the certificate names, or whom the gateway has logged in and vouches for.
    ///
    /// # Errors
    /// As [`Self::operator`].
    pub(crate) fn officer_at_desk(&self) -> Result<&str, SpocError> {
        if self.actor != GATEWAY {
            return self.operator();
        }
        OfficerId::parse(&self.officer)
            .map_err(|_| SpocError::field("context.officer", "a service identifier is needed"))?;
        Ok(&self.officer)
    }

    /// The officer of a call an operator makes: the context's, which must be the one the certificate names.
    ///
    /// # Errors
    /// [`SpocError::Field`] when the officer is missing or malformed, [`SpocError::OfficerNotCaller`] when it is somebody else.
    pub(crate) fn operator(&self) -> Result<&str, SpocError> {
        let officer = OfficerId::parse(&self.officer)
            .map_err(|_| SpocError::field("context.officer", "a service identifier is needed"))?;
        match &self.operator {
            Some(named) if named == officer.as_str() => Ok(&self.officer),
            _ => Err(SpocError::OfficerNotCaller),
        }
    }

    /// Checks that terminal, officer and purpose are there, as a call for a terminal needs.
    ///
    /// # Errors
    /// [`SpocError::Field`] names the first that is missing or malformed.
    pub(crate) fn for_terminal(&self) -> Result<&Self, SpocError> {
        TerminalId::parse(&self.terminal_id)
            .map_err(|_| SpocError::field("context.terminal_id", "the terminal's identifier is needed"))?;
        OfficerId::parse(&self.officer)
            .map_err(|_| SpocError::field("context.officer", "a service identifier is needed"))?;
        if self.purpose.is_empty() {
            return Err(SpocError::field("context.purpose", "a purpose is needed"));
        }
        short("context.purpose", &self.purpose)?;
        short("context.case_number", &self.case_number)?;
        Ok(self)
    }
}

/// Reads an inspection's id.
///
/// # Errors
/// [`SpocError::Field`] when it is no UUID.
pub(crate) fn inspection_id(text: &str) -> Result<InspectionId, SpocError> {
    InspectionId::parse(text).map_err(|_| SpocError::field("inspection_id", "a UUID is needed"))
}

/// Checks a reason an operator gives.
///
/// # Errors
/// [`SpocError::Field`] when it is empty or too long.
pub(crate) fn reason(text: &str) -> Result<&str, SpocError> {
    if text.trim().is_empty() {
        return Err(SpocError::field("reason", "a reason is needed"));
    }
    short("reason", text)
}

/// Checks that an officer confirms the proposal that was seen.
///
/// # Errors
/// [`SpocError::Field`] when none is named, [`SpocError::ProposalReplaced`] when another one stands in its place.
pub(crate) fn is_seen(seen: &str, proposed: &str, subject: &str) -> Result<(), SpocError> {
    if seen.is_empty() {
        return Err(SpocError::field("proposal", "the name of the proposal that was seen is needed"));
    }
    if seen.eq_ignore_ascii_case(proposed) { Ok(()) } else { Err(SpocError::ProposalReplaced(subject.to_owned())) }
}

fn short<'a>(field: &'static str, text: &'a str) -> Result<&'a str, SpocError> {
    if text.chars().count() > MAX_TEXT {
        return Err(SpocError::field(field, "at most 200 characters are taken"));
    }
    if text.chars().any(char::is_control) {
        return Err(SpocError::field(field, "control characters are not taken"));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::Call;
    use straznica_types::{RequestId, Timestamp};

    fn call(actor: &str, operator: Option<&str>, officer: &str) -> Call {
        let node = Call::of_node("test", RequestId::generate_at(Timestamp::from_millis(0)));
        Call { actor: actor.to_owned(), operator: operator.map(ToOwned::to_owned), officer: officer.to_owned(), ..node }
    }

    #[test]
    fn an_officer_at_a_desk_is_named_by_a_certificate_or_vouched_for_by_the_gateway() {
        let cases = [
            ("operator/so-1", Some("so-1"), "so-1", Some("so-1")),
            ("operator/so-1", Some("so-1"), "so-2", None),
            ("operator/so-1", Some("so-1"), "", None),
            ("service/gateway", None, "so-1", Some("so-1")),
            ("service/gateway", None, "", None),
            ("service/identity", None, "so-1", None),
        ];
        for (actor, operator, officer, expected) in cases {
            assert_eq!(call(actor, operator, officer).officer_at_desk().ok(), expected, "{actor} {officer}");
        }
    }

    #[test]
    fn what_no_officer_makes_has_its_peer_as_author() {
        assert_eq!(call("service/gateway", None, "so-1").author(), "so-1");
        assert_eq!(call("service/identity", None, "so-1").author(), "service/identity");
    }
}

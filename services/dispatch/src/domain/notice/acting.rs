//! Who deals with notices.

use super::Institution;
use crate::domain::{CallerClaims, Refusal};

/// Somebody who acts for an institution.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acting {
    /// Who calls.
    pub caller: CallerClaims,
    /// Who acts: the officer a service vouches for, or an operator by their own certificate (`operator/…`). Two of them stand behind every sending.
    pub by: String,
    /// For whom.
    pub institution: Institution,
}

impl Acting {
    /// From the caller's claims. Only a service is believed about an officer: an operator who could name one could be two people.
    ///
    /// # Errors
    /// [`Refusal::Missing`] when a service names no officer.
    pub fn new(mut caller: CallerClaims, institution: Institution) -> Result<Self, Refusal> {
        let by = if caller.actor.starts_with("service/") {
            let officer = caller.officer.as_ref().ok_or(Refusal::Missing { member: "/context/officer" })?;
            officer.to_string()
        } else {
            caller.officer = None;
            caller.actor.clone()
        };
        Ok(Self { caller, by, institution })
    }
}

#[cfg(test)]
mod tests {
    use straznica_types::OfficerId;

    use super::*;

    fn acting(actor: &str, officer: Option<&str>) -> Result<Acting, Refusal> {
        let caller = CallerClaims {
            actor: actor.to_owned(),
            terminal: None,
            officer: officer.map(|officer| OfficerId::parse(officer).unwrap()),
            purpose: String::new(),
            case_number: String::new(),
            request_id: None,
        };
        Acting::new(caller, Institution::parse("udsc").unwrap())
    }

    #[test]
    fn an_operator_is_one_person_whatever_the_call_says() {
        assert_eq!(acting("service/gateway", Some("a.nowak")).unwrap().by, "a.nowak");
        assert_eq!(acting("service/gateway", None), Err(Refusal::Missing { member: "/context/officer" }));
        let operator = acting("operator/j.kowalska", Some("a.nowak")).unwrap();
        assert_eq!((operator.by.as_str(), operator.caller.officer), ("operator/j.kowalska", None));
    }
}

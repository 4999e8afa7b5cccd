//! On whose behalf a call is made, and why.

use std::fmt;

use straznica_types::{OfficerId, RequestId, TerminalId};

use super::{Purposes, Refusal};

/// Number of a case at the authority.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseNumber(String);

impl CaseNumber {
    const MAX_LENGTH: usize = 64;

    /// 1 to 64 ASCII letters, digits and `. / _ - :`, so that nothing but a number fits into it.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] otherwise.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"./_-:".contains(&byte);
        if text.is_empty() || text.len() > Self::MAX_LENGTH || !text.bytes().all(allowed) {
            return Err(Refusal::Invalid {
                member: "/context/case_number",
                expected: "1 to 64 letters, digits, '.', '/', '_', '-' or ':'",
            });
        }
        Ok(Self(text.to_owned()))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CaseNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Who calls, as far as the call says; each use case asks for what it needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallerClaims {
    /// The peer, from its certificate, e.g. `service/gateway`.
    pub actor: String,
    /// The terminal the peer speaks for.
    pub terminal: Option<TerminalId>,
    /// The officer at it.
    pub officer: Option<OfficerId>,
    /// Why, by the id of a purpose.
    pub purpose: Option<String>,
    /// For which case.
    pub case_number: Option<CaseNumber>,
    /// Correlation id of the request.
    pub request_id: Option<RequestId>,
}

impl CallerClaims {
    /// The terminal.
    ///
    /// # Errors
    /// [`Refusal::Missing`] when the call names none.
    pub fn terminal(&self) -> Result<&TerminalId, Refusal> {
        self.terminal.as_ref().ok_or(Refusal::Missing { member: "/context/terminal_id" })
    }

    /// The officer.
    ///
    /// # Errors
    /// [`Refusal::Missing`] when the call names none.
    pub fn officer(&self) -> Result<&OfficerId, Refusal> {
        self.officer.as_ref().ok_or(Refusal::Missing { member: "/context/officer" })
    }

    /// What an inspection is opened with: everything the purpose's law asks for.
    ///
    /// # Errors
    /// [`Refusal::Missing`] or [`Refusal::Invalid`], naming the member.
    pub fn mission(&self, purposes: &Purposes) -> Result<Mission, Refusal> {
        let terminal = self.terminal()?.clone();
        let officer = self.officer()?.clone();
        let id = self.purpose.as_deref().ok_or(Refusal::Missing { member: "/context/purpose" })?;
        let purpose = purposes.get(id).ok_or(Refusal::Invalid {
            member: "/context/purpose",
            expected: "one of the purposes this node is configured with",
        })?;
        if purpose.case_required && self.case_number.is_none() {
            return Err(Refusal::Missing { member: "/context/case_number" });
        }
        Ok(Mission {
            terminal,
            officer,
            purpose: purpose.id.clone(),
            legal_basis: purpose.legal_basis.clone(),
            case_number: self.case_number.clone(),
        })
    }
}

/// Who opened an inspection and why. Calls that follow inherit what they do not say themselves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mission {
    /// The terminal in whose hands the document is.
    pub terminal: TerminalId,
    /// The officer at it.
    pub officer: OfficerId,
    /// Id of the purpose.
    pub purpose: String,
    /// The purpose's law, as it was when the inspection was opened.
    pub legal_basis: String,
    /// The case, where the law asks for one or the terminal named one.
    pub case_number: Option<CaseNumber>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Purpose;

    fn purposes() -> Purposes {
        let purpose = |id: &str, case_required| Purpose {
            id: id.to_owned(),
            legal_basis: "Act, Article 1".to_owned(),
            case_required,
        };
        Purposes::new(&[purpose("border_check", false), purpose("proceedings", true)]).unwrap()
    }

    fn claims() -> CallerClaims {
        CallerClaims {
            actor: "service/gateway".to_owned(),
            terminal: TerminalId::parse("PL-WAW-017").ok(),
            officer: OfficerId::parse("sg-4711").ok(),
            purpose: Some("border_check".to_owned()),
            case_number: None,
            request_id: None,
        }
    }

    #[test]
    fn an_inspection_is_opened_only_with_everything_the_purpose_needs() {
        type Spoil = fn(&mut CallerClaims);
        let table: [(&str, Spoil, Refusal); 5] = [
            ("no terminal", |claims| claims.terminal = None, Refusal::Missing { member: "/context/terminal_id" }),
            ("no officer", |claims| claims.officer = None, Refusal::Missing { member: "/context/officer" }),
            ("no purpose", |claims| claims.purpose = None, Refusal::Missing { member: "/context/purpose" }),
            (
                "unknown purpose",
                |claims| claims.purpose = Some("curiosity".to_owned()),
                Refusal::Invalid {
                    member: "/context/purpose",
                    expected: "one of the purposes this node is configured with",
                },
            ),
            (
                "no case where the law asks for one",
                |claims| claims.purpose = Some("proceedings".to_owned()),
                Refusal::Missing { member: "/context/case_number" },
            ),
        ];
        for (name, spoil, refusal) in table {
            let mut claims = claims();
            spoil(&mut claims);
            assert_eq!(claims.mission(&purposes()), Err(refusal), "{name}");
        }
        assert_eq!(claims().mission(&purposes()).unwrap().legal_basis, "Act, Article 1");
        let with_case = CallerClaims {
            purpose: Some("proceedings".to_owned()),
            case_number: CaseNumber::parse("NW-12/2026").ok(),
            ..claims()
        };
        assert!(with_case.mission(&purposes()).is_ok());
    }

    #[test]
    fn a_case_number_holds_nothing_but_a_number() {
        for text in ["", "Jan Kowalski", "NW 12", "ż", &"1".repeat(65)] {
            assert!(CaseNumber::parse(text).is_err(), "{text:?}");
        }
        assert_eq!(CaseNumber::parse("SG-NW.0131:12/2026").unwrap().as_str(), "SG-NW.0131:12/2026");
    }
}

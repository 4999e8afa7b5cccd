//! Who asks for somebody's document, and why. A code is bound to it.

use std::time::Duration;

use straznica_types::{OfficerId, TerminalId, check_name};

use super::{DocumentKind, VerificationPurposes};
use crate::domain::verifiers::InstitutionKind;
use crate::domain::{CallerClaims, CaseNumber, Refusal};

/// An institution, as it is registered with the suite.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Institution {
    id: String,
    name: String,
    kind: InstitutionKind,
}

impl Institution {
    const LONGEST_NAME: usize = 36;

    /// `id` as the gateway knows it, `name` as the citizen reads it.
    ///
    /// # Errors
    /// [`Refusal::Invalid`]: an id is 1 to 64 letters, digits, '.', '_' or '-'; a name 1 to 36 characters without control characters.
    pub fn new(id: &str, name: &str, kind: InstitutionKind) -> Result<Self, Refusal> {
        Self::check_id(id)?;
        let length = name.chars().count();
        if !(1..=Self::LONGEST_NAME).contains(&length) || name.chars().any(char::is_control) {
            return Err(Refusal::Invalid { member: "/name", expected: "1 to 36 characters" });
        }
        Ok(Self { id: id.to_owned(), name: name.to_owned(), kind })
    }

    /// Whether a text can be an identifier.
    ///
    /// # Errors
    /// [`Refusal::Missing`], [`Refusal::Invalid`].
    pub fn check_id(id: &str) -> Result<(), Refusal> {
        let member = "/institution_id";
        if id.is_empty() {
            return Err(Refusal::Missing { member });
        }
        let expected = "1 to 64 letters, digits, '.', '_' or '-'";
        check_name(id).map_err(|_| Refusal::Invalid { member, expected })
    }

    /// As the gateway knows it.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// As the citizen reads it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Of which sort it is.
    #[must_use]
    pub const fn kind(&self) -> InstitutionKind {
        self.kind
    }
}

/// Official, institution, purpose and case of a verification. Purpose and case number are never absent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mandate {
    /// The official. Never a name.
    pub officer: OfficerId,
    /// The terminal, where one was used.
    pub terminal: Option<TerminalId>,
    /// Whom the official acts for.
    pub institution: Institution,
    /// Id of the purpose.
    pub purpose: String,
    /// The purpose's law, as it was when the verification was opened.
    pub legal_basis: String,
    /// The case.
    pub case_number: CaseNumber,
}

impl Mandate {
    /// The mandate a call shows, and how much later the citizen may read of it.
    ///
    /// # Errors
    /// [`Refusal::Missing`] or [`Refusal::Invalid`], naming the member.
    pub fn of(
        caller: &CallerClaims,
        institution: Institution,
        purposes: &VerificationPurposes,
    ) -> Result<(Self, Duration), Refusal> {
        let officer = caller.officer()?.clone();
        let id = caller.purpose.as_deref().ok_or(Refusal::Missing { member: "/context/purpose" })?;
        let purpose = purposes.get(id).ok_or(Refusal::Invalid {
            member: "/context/purpose",
            expected: "one of the purposes this node is configured with",
        })?;
        let case_number = caller.case_number.clone().ok_or(Refusal::Missing { member: "/context/case_number" })?;
        let mandate = Self {
            officer,
            terminal: caller.terminal.clone(),
            institution,
            purpose: purpose.id.clone(),
            legal_basis: purpose.legal_basis.clone(),
            case_number,
        };
        Ok((mandate, purpose.deferral()))
    }

    /// What the citizen reads with the code, the official on the screen: who asks for which document and why. At most 80 characters.
    #[must_use]
    pub fn binding_text(&self, kind: DocumentKind, purposes: &VerificationPurposes) -> String {
        let purpose = purposes.get(&self.purpose).map_or("", |purpose| &purpose.in_message);
        format!("{}: {}, {purpose}", self.institution.name, kind.in_message())
    }

    /// Whether the caller is the one it was opened for: the same official of the same institution, and no other purpose or case named.
    #[must_use]
    pub fn is_of(&self, caller: &CallerClaims, institution: &str) -> bool {
        caller.officer.as_ref() == Some(&self.officer)
            && institution == self.institution.id
            && caller.purpose.as_ref().is_none_or(|purpose| *purpose == self.purpose)
            && caller.case_number.as_ref().is_none_or(|case| *case == self.case_number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::verification::VerificationPurpose;

    fn purposes() -> VerificationPurposes {
        let purpose = VerificationPurpose {
            id: "office_matter".to_owned(),
            legal_basis: "Act, Article 1".to_owned(),
            in_message: "m".repeat(18),
            deferred_days: 2,
        };
        VerificationPurposes::new(&[purpose]).unwrap()
    }

    fn claims() -> CallerClaims {
        CallerClaims {
            actor: "service/gateway".to_owned(),
            terminal: None,
            officer: OfficerId::parse("um-1").ok(),
            purpose: Some("office_matter".to_owned()),
            case_number: CaseNumber::parse("OR.1/2026").ok(),
            request_id: None,
        }
    }

    fn institution(name: &str) -> Institution {
        Institution::new("um-zmyslone", name, InstitutionKind::Office).unwrap()
    }

    #[test]
    fn nobody_asks_without_official_purpose_and_case() {
        type Spoil = fn(&mut CallerClaims);
        let table: [(Spoil, &str); 4] = [
            (|claims| claims.officer = None, "/context/officer"),
            (|claims| claims.purpose = None, "/context/purpose"),
            (|claims| claims.purpose = Some("curiosity".to_owned()), "/context/purpose"),
            (|claims| claims.case_number = None, "/context/case_number"),
        ];
        for (spoil, expected) in table {
            let mut claims = claims();
            spoil(&mut claims);
            let refused = Mandate::of(&claims, institution("Urząd"), &purposes()).unwrap_err();
            let (Refusal::Missing { member } | Refusal::Invalid { member, .. }) = refused else { panic!("{refused}") };
            assert_eq!(member, expected);
        }
        let (mandate, deferral) = Mandate::of(&claims(), institution("Urząd"), &purposes()).unwrap();
        assert_eq!((mandate.legal_basis.as_str(), deferral), ("Act, Article 1", Duration::from_secs(172_800)));
    }

    #[test]
    fn the_text_bound_to_the_code_says_who_what_and_why_and_fits() {
        for kind in DocumentKind::ALL {
            let longest = "Ż".repeat(36);
            let (mandate, _) = Mandate::of(&claims(), institution(&longest), &purposes()).unwrap();
            let text = mandate.binding_text(kind, &purposes());
            assert!(text.chars().count() <= 80, "{text}");
            assert!(text.contains(&longest) && text.contains(kind.in_message()) && text.ends_with(&"m".repeat(18)));
        }
        for (id, name) in [("um", "u".repeat(37).as_str()), ("um", "a\nb"), ("u m", "Urząd"), ("", "Urząd")] {
            assert!(Institution::new(id, name, InstitutionKind::Office).is_err());
        }
    }

    #[test]
    fn another_official_institution_purpose_or_case_is_another_mandate() {
        let (mandate, _) = Mandate::of(&claims(), institution("Urząd"), &purposes()).unwrap();
        assert!(mandate.is_of(&claims(), "um-zmyslone"));
        let unsaid = CallerClaims { purpose: None, case_number: None, ..claims() };
        assert!(mandate.is_of(&unsaid, "um-zmyslone"));
        assert!(!mandate.is_of(&claims(), "um-inne"));
        for other in [
            CallerClaims { officer: OfficerId::parse("um-2").ok(), ..claims() },
            CallerClaims { officer: None, ..claims() },
            CallerClaims { purpose: Some("other".to_owned()), ..claims() },
            CallerClaims { case_number: CaseNumber::parse("OR.2/2026").ok(), ..claims() },
        ] {
            assert!(!mandate.is_of(&other, "um-zmyslone"), "{other:?}");
        }
    }
}

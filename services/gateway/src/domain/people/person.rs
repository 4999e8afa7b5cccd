//! Who is logged in, as a login provider names them, and what they may do here.

use straznica_types::{OfficerId, Secret};

/// A person: a provider's issuer and the subject it names (OpenID Connect Core 1.0 §2). Never an address of mail or a name.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Person {
    pub(crate) issuer: String,
    pub(crate) subject: String,
}

/// What a login vouches for of a citizen. In the database only sealed, in memory for the length of a request.
#[derive(Debug, Clone)]
pub(crate) struct Citizen {
    pub(crate) pesel: Secret<String>,
    /// Given names and surname; empty where the provider vouches for none.
    pub(crate) given_names: Secret<String>,
    pub(crate) surname: Secret<String>,
}

impl Citizen {
    /// One text, to be sealed: names have no line breaks.
    pub(crate) fn to_text(&self) -> Secret<String> {
        Secret::new(format!("{}\n{}\n{}", self.pesel.expose(), self.given_names.expose(), self.surname.expose()))
    }

    /// From what [`Self::to_text`] gave.
    pub(crate) fn from_text(text: &Secret<String>) -> Option<Self> {
        let mut parts = text.expose().splitn(3, '\n').map(|part| Secret::new(part.to_owned()));
        Some(Self { pesel: parts.next()?, given_names: parts.next()?, surname: parts.next()? })
    }
}

/// Whether a text may be a citizen's name: nothing but a line of text.
pub(crate) fn is_name(text: &str) -> bool {
    text.chars().count() <= 100 && !text.chars().any(char::is_control)
}

/// Whether a text has the form of a PESEL. Whose it is, and whether there is one, identity knows.
pub(crate) fn is_pesel(text: &str) -> bool {
    text.len() == 11 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// What a person is logged in as. A provider and an account are for one of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PersonKind {
    /// Asks for others' documents, or administers that.
    Official,
    /// Lets documents be asked for.
    Citizen,
}

impl PersonKind {
    pub(crate) const ALL: [Self; 2] = [Self::Official, Self::Citizen];

    /// As database and interface name it.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Official => "official",
            Self::Citizen => "citizen",
        }
    }

    pub(crate) fn named(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

/// What an official may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Role {
    /// Opens verifications.
    Official,
    /// Grants and withdraws rights within an institution, and unlocks.
    LocalAdministrator,
    /// Reads journals.
    SecurityOfficer,
    /// Admits institutions.
    CentralAdministrator,
    /// Reads the register of aliens.
    RegistryReader,
    /// Takes applications in: the Border Guard's.
    RegistryIntake,
    /// Works on cases.
    RegistryOfficer,
    /// Approves what another officer drafted.
    RegistryApprover,
    /// Erases what need not be kept any more, with another one.
    RegistryArchivist,
}

impl Role {
    pub(crate) const ALL: [Self; 9] = [
        Self::Official,
        Self::LocalAdministrator,
        Self::SecurityOfficer,
        Self::CentralAdministrator,
        Self::RegistryReader,
        Self::RegistryIntake,
        Self::RegistryOfficer,
        Self::RegistryApprover,
        Self::RegistryArchivist,
    ];

    /// As the interface names it.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Official => "official",
            Self::LocalAdministrator => "local_administrator",
            Self::SecurityOfficer => "security_officer",
            Self::CentralAdministrator => "central_administrator",
            Self::RegistryReader => "registry_reader",
            Self::RegistryIntake => "registry_intake",
            Self::RegistryOfficer => "registry_officer",
            Self::RegistryApprover => "registry_approver",
            Self::RegistryArchivist => "registry_archivist",
        }
    }
}

/// A role of an official, for an institution or for the node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Grant {
    pub(crate) role: Role,
    /// The institution; none for a role of the whole node.
    pub(crate) institution: Option<Institution>,
}

/// An institution, as its officials see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Institution {
    pub(crate) id: String,
    /// As citizens read it.
    pub(crate) name: String,
    /// Whether it may act; a suspended one's people may only read.
    pub(crate) active: bool,
    /// Whether the official is locked there.
    pub(crate) locked: bool,
}

/// What an official may do at this moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rights {
    /// The official's service identifier. Never a name.
    pub(crate) officer: OfficerId,
    pub(crate) grants: Vec<Grant>,
}

/// Why an official may not act.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoRight {
    /// The role is not theirs, or not for that institution.
    Role,
    /// It is theirs for several institutions, and none was named.
    WhichInstitution,
}

impl Rights {
    /// Whether the role is theirs for anything.
    pub(crate) fn has(&self, role: Role) -> bool {
        self.grants.iter().any(|grant| grant.role == role)
    }

    /// Whether one of the roles is theirs in an institution that may act: the one that was named, or any.
    pub(crate) fn acts_in(&self, roles: &[Role], named: Option<&str>) -> bool {
        let at_work = |institution: &Institution| {
            institution.active && !institution.locked && named.is_none_or(|id| institution.id == id)
        };
        self.grants
            .iter()
            .filter(|grant| roles.contains(&grant.role))
            .any(|grant| grant.institution.as_ref().is_some_and(at_work))
    }

    /// The institution an official acts for in a role: the one that was named, or the only one there is.
    pub(crate) fn institution(&self, role: Role, named: Option<&str>) -> Result<&Institution, NoRight> {
        let mut theirs =
            self.grants.iter().filter(|grant| grant.role == role).filter_map(|grant| grant.institution.as_ref());
        match named {
            Some(id) => theirs.find(|institution| institution.id == id).ok_or(NoRight::Role),
            None => match (theirs.next(), theirs.next()) {
                (Some(only), None) => Ok(only),
                (None, _) => Err(NoRight::Role),
                (Some(_), Some(_)) => Err(NoRight::WhichInstitution),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grant(role: Role, institution: &str) -> Grant {
        Grant {
            role,
            institution: Some(Institution {
                id: institution.to_owned(),
                name: "Urząd".to_owned(),
                active: true,
                locked: false,
            }),
        }
    }

    #[test]
    fn what_is_sealed_of_a_citizen_comes_back() {
        let secret = |text: &str| Secret::new(text.to_owned());
        let citizen = Citizen { pesel: secret("99922812345"), given_names: secret("Anna Maria"), surname: secret("") };
        let again = Citizen::from_text(&citizen.to_text()).unwrap();
        assert_eq!(again.pesel.expose(), "99922812345");
        assert_eq!((again.given_names.expose().as_str(), again.surname.expose().as_str()), ("Anna Maria", ""));
        assert!(Citizen::from_text(&secret("99922812345")).is_none());
        assert!(is_pesel("99922812345") && !is_pesel("9992281234") && !is_pesel("9992281234x"));
        assert!(is_name("Anna Maria") && !is_name("a\nb"));
    }

    #[test]
    fn an_official_acts_for_the_institution_of_the_grant_and_for_no_other() {
        let officer = OfficerId::parse("um-1").unwrap();
        let grants =
            vec![grant(Role::Official, "um-a"), grant(Role::Official, "um-b"), grant(Role::LocalAdministrator, "um-a")];
        let rights = Rights { officer, grants };
        assert_eq!(rights.institution(Role::Official, Some("um-b")).unwrap().id, "um-b");
        assert_eq!(rights.institution(Role::Official, None), Err(NoRight::WhichInstitution));
        assert_eq!(rights.institution(Role::LocalAdministrator, None).unwrap().id, "um-a");
        assert_eq!(rights.institution(Role::LocalAdministrator, Some("um-b")), Err(NoRight::Role));
        assert_eq!(rights.institution(Role::SecurityOfficer, None), Err(NoRight::Role));
        assert!(rights.has(Role::Official) && !rights.has(Role::CentralAdministrator));
    }

    #[test]
    fn nobody_acts_for_an_institution_that_may_not() {
        let of = |active, locked| {
            let mut grant = grant(Role::RegistryOfficer, "udsc");
            let institution = grant.institution.as_mut().unwrap();
            (institution.active, institution.locked) = (active, locked);
            Rights { officer: OfficerId::parse("udsc-1").unwrap(), grants: vec![grant] }
        };
        for (active, locked, acts) in [(true, false, true), (false, false, false), (true, true, false)] {
            assert_eq!(of(active, locked).acts_in(&[Role::RegistryOfficer], None), acts, "{active} {locked}");
        }
        let rights = of(true, false);
        assert!(rights.acts_in(&[Role::RegistryIntake, Role::RegistryOfficer], Some("udsc")));
        assert!(!rights.acts_in(&[Role::RegistryOfficer], Some("sg")));
        assert!(!rights.acts_in(&[Role::RegistryApprover], None));
    }
}

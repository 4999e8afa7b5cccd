//! The people of institutions: how they are known, and what they are.

use std::fmt;

use straznica_types::{OfficerId, Timestamp};

use crate::domain::Refusal;

/// What somebody may do in an institution, or in the node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Asks for documents.
    Official,
    /// Looks after the people of the institution.
    LocalAdministrator,
    /// Grants privileges and reviews their use.
    SecurityOfficer,
    /// Decides on institutions and stages. Of the node.
    CentralAdministrator,
    /// Reads the register of aliens.
    RegistryReader,
    /// Takes applications in.
    RegistryIntake,
    /// Works on cases.
    RegistryOfficer,
    /// Approves what another officer drafted.
    RegistryApprover,
    /// Erases what need not be kept any more, with another one.
    RegistryArchivist,
}

impl Role {
    /// All of them.
    pub const ALL: [Self; 9] = [
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

    /// As the database and events name it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
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

    /// Whether an institution gives it to its own people. All else is given by the centre: who looks after the people, who watches them and who is let into
    /// the register of aliens. Otherwise one local administrator could make the second person wherever two are needed.
    #[must_use]
    pub const fn is_given_within(self) -> bool {
        matches!(self, Self::Official)
    }

    /// The role of this name.
    #[must_use]
    pub fn named(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == text)
    }
}

/// SHA-256 of a client certificate (DER), 64 small hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Thumbprint(String);

impl Thumbprint {
    /// Capital letters are taken for small ones.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        digits.then(|| Self(text.to_ascii_lowercase()))
    }

    /// The digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// One way of being known. Prints as `***`.
#[derive(Clone, PartialEq, Eq)]
pub enum Login {
    /// An account at an `OpenID` provider.
    Oidc {
        /// `iss`.
        issuer: String,
        /// `sub`.
        subject: String,
    },
    /// A client certificate.
    Certificate(Thumbprint),
}

impl Login {
    const LONGEST: usize = 255;

    /// An account, `iss` and `sub` as the provider says them; `None`: not of 1 to 255 characters, or with control characters.
    #[must_use]
    pub fn oidc(issuer: &str, subject: &str) -> Option<Self> {
        let usable =
            |text: &str| (1..=Self::LONGEST).contains(&text.chars().count()) && !text.chars().any(char::is_control);
        (usable(issuer) && usable(subject))
            .then(|| Self::Oidc { issuer: issuer.to_owned(), subject: subject.to_owned() })
    }
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// How somebody is known when they log in: at least one way. Prints as `***`.
#[derive(Clone, PartialEq, Eq)]
pub struct Logins {
    oidc: Option<(String, String)>,
    certificate: Option<Thumbprint>,
}

impl Logins {
    /// From what a call says; `None` where it says nothing.
    ///
    /// # Errors
    /// [`Refusal::Invalid`].
    pub fn new(issuer: &str, subject: &str, thumbprint: &str) -> Result<Option<Self>, Refusal> {
        let oidc = match (issuer, subject) {
            ("", "") => None,
            _ => match Login::oidc(issuer, subject) {
                Some(Login::Oidc { issuer, subject }) => Some((issuer, subject)),
                _ => {
                    let expected = "issuer and subject, each of 1 to 255 characters";
                    return Err(Refusal::Invalid { member: "/logins/subject", expected });
                }
            },
        };
        let certificate = match thumbprint {
            "" => None,
            text => Some(Thumbprint::parse(text).ok_or(Refusal::Invalid {
                member: "/logins/certificate_thumbprint",
                expected: "64 hexadecimal digits",
            })?),
        };
        Ok((oidc.is_some() || certificate.is_some()).then_some(Self { oidc, certificate }))
    }

    /// Issuer and subject, where there is an account.
    #[must_use]
    pub fn oidc(&self) -> Option<(&str, &str)> {
        self.oidc.as_ref().map(|(issuer, subject)| (issuer.as_str(), subject.as_str()))
    }

    /// The certificate, where there is one.
    #[must_use]
    pub const fn certificate(&self) -> Option<&Thumbprint> {
        self.certificate.as_ref()
    }

    /// Whether this is one of the ways.
    #[must_use]
    pub fn has(&self, login: &Login) -> bool {
        match login {
            Login::Oidc { issuer, subject } => self.oidc() == Some((issuer, subject)),
            Login::Certificate(thumbprint) => self.certificate() == Some(thumbprint),
        }
    }

    /// The ways, one by one.
    pub fn each(&self) -> impl Iterator<Item = Login> + '_ {
        let account = self.oidc.clone().map(|(issuer, subject)| Login::Oidc { issuer, subject });
        account.into_iter().chain(self.certificate.clone().map(Login::Certificate))
    }
}

impl fmt::Debug for Logins {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// A role somebody holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleHeld {
    /// In which institution; empty: of the node.
    pub institution: String,
    /// Who.
    pub officer: OfficerId,
    /// What.
    pub role: Role,
    /// Who gave it.
    pub granted_by: OfficerId,
    /// When.
    pub granted_at: Timestamp,
    /// When it ends by itself.
    pub expires_at: Option<Timestamp>,
    /// Why it was given.
    pub reason: String,
}

impl RoleHeld {
    /// Whether it has not ended by itself.
    #[must_use]
    pub fn is_in_force(&self, now: Timestamp) -> bool {
        self.expires_at.is_none_or(|end| now < end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logins_are_whole_or_refused_and_do_not_print() {
        let thumbprint = "AB".repeat(32);
        let both = Logins::new("https://login.example", "s-1", &thumbprint).unwrap().unwrap();
        assert_eq!(both.certificate().unwrap().as_str(), "ab".repeat(32));
        assert!(both.has(&Login::oidc("https://login.example", "s-1").unwrap()));
        assert!(!both.has(&Login::oidc("https://login.example", "s-2").unwrap()));
        assert_eq!(both.each().count(), 2);
        assert_eq!(format!("{both:?} {:?}", both.each().next().unwrap()), "*** ***");
        assert_eq!(Logins::new("", "", "").unwrap(), None);
        for (issuer, subject, thumbprint) in [
            ("https://login.example", "", ""),
            ("", "s-1", ""),
            ("", "", "ab"),
            ("a\n", "b", ""),
            ("", "", &"g".repeat(64)),
        ] {
            assert!(Logins::new(issuer, subject, thumbprint).is_err(), "{issuer} {subject} {thumbprint}");
        }
    }

    #[test]
    fn roles_are_read_back_by_name() {
        for role in Role::ALL {
            assert_eq!(Role::named(role.as_str()), Some(role));
        }
        assert_eq!(Role::named("king"), None);
    }
}

//! On whose behalf a call is made, and whom it is about.

use std::fmt;

use straznica_types::{OfficerId, RequestId, TerminalId, check_name};

use super::Refusal;

const NAME: &str = "1 to 64 letters, digits, '.', '_' or '-'";

macro_rules! named {
    ($(#[$meta:meta])* $name:ident, $member:literal) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash)]
        pub struct $name(String);

        impl $name {
            /// 1 to 64 letters, digits, '.', '_' or '-'.
            ///
            /// # Errors
            /// [`Refusal::Missing`], [`Refusal::Invalid`].
            pub fn parse(text: &str) -> Result<Self, Refusal> {
                if text.is_empty() {
                    return Err(Refusal::Missing { member: $member });
                }
                check_name(text).map_err(|_| Refusal::Invalid { member: $member, expected: NAME })?;
                Ok(Self(text.to_owned()))
            }

            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

named! {
    /// The institution that asks.
    Institution, "/institution"
}

named! {
    /// A person, as the caller's keyed pseudonym.
    Subject, "/subject"
}

/// Who calls, as far as the call says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallerClaims {
    /// The peer, from its certificate, e.g. `service/identity`.
    pub actor: String,
    /// The terminal the peer speaks for.
    pub terminal: Option<TerminalId>,
    /// The officer.
    pub officer: Option<OfficerId>,
    /// Why.
    pub purpose: String,
    /// For which case.
    pub case_number: String,
    /// Correlation id of the request.
    pub request_id: Option<RequestId>,
}

/// Who asks a citizen, and why: what a code belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asking {
    /// The officer.
    pub officer: OfficerId,
    /// Of this institution.
    pub institution: Institution,
    /// Why, by the id of a purpose.
    pub purpose: String,
}

impl Asking {
    /// From the caller's claims and the institution the request names.
    ///
    /// # Errors
    /// [`Refusal::Missing`], [`Refusal::Invalid`], naming the member.
    pub fn new(caller: &CallerClaims, institution: Institution) -> Result<Self, Refusal> {
        let officer = caller.officer.clone().ok_or(Refusal::Missing { member: "/context/officer" })?;
        if caller.purpose.is_empty() {
            return Err(Refusal::Missing { member: "/context/purpose" });
        }
        check_name(&caller.purpose).map_err(|_| Refusal::Invalid { member: "/context/purpose", expected: NAME })?;
        Ok(Self { officer, institution, purpose: caller.purpose.clone() })
    }

    /// The officer as counters and locks know them: `institution/officer`.
    #[must_use]
    pub fn official(&self) -> String {
        format!("{}/{}", self.institution, self.officer)
    }
}

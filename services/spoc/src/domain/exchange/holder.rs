//! Document verifiers our CVCA certifies, other states' and our own: what two officers registered about each (TR-03139 §4).

use cvc::{chat::Rights, reference::Reference};
use exchange::Country;
use thiserror::Error;

use super::policy::{Rule, Validity};

/// Longest free text of a registration, characters.
const MAX_TEXT: usize = 500;

/// Who decides on a holder's requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ApprovalMode {
    /// The rules alone.
    Automatic,
    /// The rules, and two officers for each request.
    TwoPerson,
}

impl ApprovalMode {
    /// The mode's name in the database and the journal.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Automatic => "automatic",
            Self::TwoPerson => "two_person",
        }
    }

    /// Reads [`Self::as_str`].
    #[must_use]
    pub fn from_name(text: &str) -> Option<Self> {
        [Self::Automatic, Self::TwoPerson].into_iter().find(|mode| mode.as_str() == text)
    }
}

/// What is registered about a holder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registration {
    /// Country and mnemonic.
    pub name: String,
    /// Name of the CVCA of its own state: it, or one that links lead to from it, countersigns the holder's initial requests ([`Rule::DomesticCvca`]). For our own
    /// verifiers our configuration says which of ours does.
    pub domestic_cvca: String,
    /// What it reads documents for.
    pub purposes: String,
    /// Organisations that subscribe to it.
    pub organisations: String,
    /// Who decides on its requests.
    pub approval: ApprovalMode,
    /// May read fingerprints.
    pub dg3: bool,
    /// May read iris images.
    pub dg4: bool,
    /// Days its certificates are valid; zero for the policy's default.
    pub validity_days: u16,
}

/// A registered holder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// What two officers agreed on.
    pub registration: Registration,
    /// Whether an officer suspended it.
    pub suspended: bool,
}

/// Why a registration cannot be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum HolderRefusal {
    /// Not two letters and a mnemonic.
    #[error("a country and a mnemonic of one to nine characters of ISO 8859-1 are needed")]
    Name,
    /// The CVCA is another state's.
    #[error("the holder's own CVCA is of another country")]
    OtherCountry,
    /// A text is too long.
    #[error("purposes and organisations take 500 characters each, without control characters but line breaks")]
    Text,
    /// The validity lies outside policy.
    #[error("a document verifier's certificate is not valid that long, or longer than that")]
    Validity,
}

impl HolderRefusal {
    /// The rule it rests on.
    #[must_use]
    pub const fn rule(self) -> Rule {
        match self {
            Self::Name | Self::OtherCountry => Rule::RegisteredHolder,
            Self::Text => Rule::RegisteredParticulars,
            Self::Validity => Rule::Validity,
        }
    }
}

impl Registration {
    /// Checks the registration against what references and policy allow; gives the holder's country.
    ///
    /// # Errors
    /// [`HolderRefusal`] names what cannot be.
    pub fn check(&self, validity: &Validity) -> Result<Country, HolderRefusal> {
        let country = country_of(&self.name).ok_or(HolderRefusal::Name)?;
        if country_of(&self.domestic_cvca) != Some(country) {
            return Err(HolderRefusal::OtherCountry);
        }
        if [&self.purposes, &self.organisations].into_iter().any(|text| !is_text(text)) {
            return Err(HolderRefusal::Text);
        }
        if self.validity_days != 0 && !validity.dv.permits_days(self.validity_days) {
            return Err(HolderRefusal::Validity);
        }
        Ok(country)
    }

    /// Rights its certificates carry.
    #[must_use]
    pub const fn rights(&self) -> Rights {
        Rights::inspection(self.dg3, self.dg4)
    }

    /// Days its certificates are valid under `validity`.
    #[must_use]
    pub const fn days(&self, validity: &Validity) -> u16 {
        if self.validity_days == 0 { validity.dv_granted_days } else { self.validity_days }
    }
}

/// Country of a holder's or CVCA's name, when it is one.
fn country_of(name: &str) -> Option<Country> {
    // With a sequence that is never given the name is a reference, and so obeys its rules.
    let reference: Reference = format!("{name}00000").parse().ok()?;
    if reference.mnemonic().is_empty() {
        return None;
    }
    reference.country().parse().ok()
}

fn is_text(text: &str) -> bool {
    text.chars().count() <= MAX_TEXT && !text.chars().any(|one| one.is_control() && one != '\n')
}

#[cfg(test)]
mod tests {
    use super::{ApprovalMode, HolderRefusal, Registration};
    use crate::domain::exchange::policy::{Policy, Rule};

    fn registration() -> Registration {
        Registration {
            name: "DEDVBUND".to_owned(),
            domestic_cvca: "DECVCA".to_owned(),
            purposes: "border control".to_owned(),
            organisations: "Federal Police".to_owned(),
            approval: ApprovalMode::Automatic,
            dg3: true,
            dg4: false,
            validity_days: 0,
        }
    }

    #[test]
    fn a_registration_is_of_one_state_and_within_policy() {
        let validity = Policy::embedded().common().validity;
        assert_eq!(registration().check(&validity), Ok("DE".parse().unwrap()));
        assert_eq!(registration().days(&validity), 42);
        let cases: [(fn(&mut Registration), _, _); 9] = [
            (|one| one.name = "DE".to_owned(), HolderRefusal::Name, Rule::RegisteredHolder),
            (|one| one.name = "DEMNEMONIC9".to_owned() + "0", HolderRefusal::Name, Rule::RegisteredHolder),
            (|one| one.name = "deDV".to_owned(), HolderRefusal::Name, Rule::RegisteredHolder),
            (|one| one.name = "DE\u{1f}".to_owned(), HolderRefusal::Name, Rule::RegisteredHolder),
            (|one| one.domestic_cvca = "FRCVCA".to_owned(), HolderRefusal::OtherCountry, Rule::RegisteredHolder),
            (|one| one.purposes = "x".repeat(501), HolderRefusal::Text, Rule::RegisteredParticulars),
            (|one| one.organisations = "a\u{7}".to_owned(), HolderRefusal::Text, Rule::RegisteredParticulars),
            (|one| one.validity_days = 13, HolderRefusal::Validity, Rule::Validity),
            (|one| one.validity_days = 100, HolderRefusal::Validity, Rule::Validity),
        ];
        for (change, refusal, rule) in cases {
            let mut changed = registration();
            change(&mut changed);
            assert_eq!((changed.check(&validity), refusal.rule()), (Err(refusal), rule), "{changed:?}");
        }
    }
}

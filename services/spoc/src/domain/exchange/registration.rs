//! Registration of a partner: what one officer enters, a second one confirms with the fingerprints before them (TR-03139, registration of SPOCs).

use std::collections::BTreeSet;

use exchange::{Country, profile::Catalogue};
use serde::{Deserialize, Serialize};
use straznica_exchange_wire::Binding;
use straznica_types::{Environment, Timestamp};
use thiserror::Error;

use super::{
    partner::{
        Answers, Bindings, EndsBeforeItBegins, Partner, PartnerCvca, PartnerRoot, PartnerState, Period, SpocUrl,
        UrlRefusal,
    },
    policy::{Rule, SpocCertificates},
    root::{self, RootEntry, RootRefusal, RootRules, is_fingerprint},
};
use crate::domain::environment::{self, SpecimenInProduction};

/// A registration as an officer enters it: the first one of a partner, or the change of one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The state, ISO 3166-1 alpha-2.
    pub country: String,
    /// What people call its SPOC.
    pub name: String,
    /// `grpc` or `soap`.
    pub binding: String,
    /// Name of its profile.
    pub profile: String,
    /// Where its SPOC answers.
    pub url: String,
    /// For bundles when the link is down.
    pub email: String,
    /// Co-ordinators.
    pub contacts: Vec<String>,
    /// `synchronous` or `asynchronous`.
    pub answers: String,
    /// Years its travel documents are valid.
    pub document_years: u32,
    /// First moment of use.
    pub use_from: Timestamp,
    /// End of use, if there is one.
    pub use_until: Option<Timestamp>,
    /// Its roots; none in a change, for roots are announced by themselves.
    pub roots: Vec<EnteredRoot>,
    /// Its CVCAs.
    pub cvcas: Vec<EnteredCvca>,
}

/// A root as it is kept in a proposal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnteredRoot {
    /// The certificate, DER in hex.
    pub certificate: String,
    /// First moment of use.
    pub use_from: Option<Timestamp>,
    /// End of use.
    pub use_until: Option<Timestamp>,
    /// `grpc`, `soap`, `both`; empty for what its key can serve.
    pub bindings: String,
}

/// A CVCA of the partner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnteredCvca {
    /// Country and mnemonic.
    pub name: String,
    /// The travel documents it is for.
    pub document_types: String,
    /// The CVCA it replaces; empty where none.
    pub replaces: String,
}

/// Why a partner cannot be registered like this.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RegistrationRefusal {
    /// No country.
    #[error("country: two capital letters are needed (ISO 3166-1 alpha-2)")]
    Country,
    /// This node's own.
    #[error("country: a state is no partner of itself")]
    Own,
    /// The specimen state in production.
    #[error(transparent)]
    Specimen(#[from] SpecimenInProduction),
    /// A text is missing, too long, or has control characters.
    #[error("{field}: 1 to {longest} characters on one line are needed")]
    Text {
        /// Which.
        field: &'static str,
        /// Most characters taken.
        longest: usize,
    },
    /// A word that is none of those known.
    #[error("{field}: {expected} is needed")]
    Word {
        /// Which.
        field: &'static str,
        /// What is taken.
        expected: &'static str,
    },
    /// A profile nobody loaded.
    #[error("profile: {0} is not loaded")]
    Profile(String),
    /// The URL.
    #[error("url: {0}")]
    Url(#[from] UrlRefusal),
    /// An address of a machine.
    #[error("url: a production partner is reached by its name")]
    NumericHost,
    /// The e-mail address.
    #[error("email: no address")]
    Email,
    /// Too many contacts.
    #[error("contacts: at most {MAX_CONTACTS} are taken")]
    Contacts,
    /// Documents of no time.
    #[error("document_years: 1 to 15 are taken")]
    DocumentYears,
    /// The period of use.
    #[error("use: {0}")]
    Period(#[from] EndsBeforeItBegins),
    /// The first registration without a root.
    #[error("roots: at least one is needed")]
    NoRoot,
    /// A change with roots.
    #[error("roots: further roots of a registered partner are announced by themselves")]
    RootsInChange,
    /// Too many, or the same twice.
    #[error("roots: at most {MAX_ROOTS}, each once")]
    Roots,
    /// A root.
    #[error("roots[{position}]: {why}")]
    Root {
        /// Which, from zero.
        position: usize,
        /// What is wrong.
        why: RootRefusal,
    },
    /// No root serves the binding chosen.
    #[error("binding: no root of the partner may be used over {0}")]
    NoRootForBinding(Binding),
    /// A CVCA.
    #[error("cvcas: {name}: {why}")]
    Cvca {
        /// As entered.
        name: String,
        /// What is wrong.
        why: &'static str,
    },
}

impl RegistrationRefusal {
    /// The rule it rests on.
    #[must_use]
    pub const fn rule(&self) -> Rule {
        match self {
            Self::Country | Self::Own => Rule::RegisteredState,
            Self::Specimen(_) => Rule::Environment,
            Self::Text { .. } | Self::Word { .. } | Self::Contacts => Rule::RegisteredParticulars,
            Self::Profile(_) => Rule::RegisteredProfile,
            Self::Url(_) | Self::NumericHost => Rule::RegisteredUrl,
            Self::Email => Rule::RegisteredEmail,
            Self::DocumentYears => Rule::RegisteredDocuments,
            Self::Period(_) => Rule::RegisteredPeriod,
            Self::NoRoot | Self::RootsInChange | Self::Roots => Rule::RegisteredRoots,
            Self::Root { why, .. } => why.rule(),
            Self::NoRootForBinding(_) => Rule::RootBinding,
            Self::Cvca { .. } => Rule::RegisteredCvcaNames,
        }
    }
}

/// What a registration is held against.
#[derive(Debug, Clone, Copy)]
pub struct Rules<'a> {
    /// This node's state.
    pub own: Country,
    /// This node's environment.
    pub environment: Environment,
    /// Fingerprints of what belongs to the other environment.
    pub other_environment: &'a BTreeSet<String>,
    /// What the policy for the partner asks of its certificates.
    pub certificates: SpocCertificates,
    /// The profiles loaded.
    pub profiles: &'a Catalogue,
    /// Now.
    pub now: Timestamp,
}

const MAX_NAME: usize = 200;
const MAX_CONTACTS: usize = 20;
const MAX_ROOTS: usize = 8;
const MAX_CVCAS: usize = 16;
/// Longest country and mnemonic (TR-03110-3 §D.2.1.2).
const MAX_HOLDER: usize = 11;

impl Entry {
    /// Judges the entry and puts it into the form a partner is kept in. `held` is the partner as it is registered, for a change.
    ///
    /// # Errors
    /// [`RegistrationRefusal`] names the field.
    pub fn judge(&self, held: Option<&Partner>, rules: &Rules<'_>) -> Result<Partner, RegistrationRefusal> {
        let country: Country = self.country.parse().map_err(|_| RegistrationRefusal::Country)?;
        if country == rules.own {
            return Err(RegistrationRefusal::Own);
        }
        environment::permits(rules.environment, country.as_str())?;
        let binding = match Bindings::from_name(&self.binding) {
            Some(Bindings::Only(binding)) => binding,
            Some(Bindings::Both) | None => return Err(word("binding", "grpc or soap")),
        };
        if rules.profiles.get(&self.profile).is_none() {
            return Err(RegistrationRefusal::Profile(self.profile.clone()));
        }
        if !(1..=15).contains(&self.document_years) {
            return Err(RegistrationRefusal::DocumentYears);
        }
        let roots = self.roots(country, held, rules)?;
        if !roots.iter().any(|root| root.bindings.allow(binding)) {
            return Err(RegistrationRefusal::NoRootForBinding(binding));
        }
        Ok(Partner {
            country,
            name: line("name", &self.name)?,
            binding,
            profile: self.profile.clone(),
            url: self.url(rules.environment)?,
            email: email(&self.email)?,
            contacts: self.contacts()?,
            answers: Answers::from_name(&self.answers).ok_or(word("answers", "synchronous or asynchronous"))?,
            document_years: self.document_years,
            state: held.map_or(PartnerState::Active, |held| match &held.state {
                PartnerState::Withdrawn => PartnerState::Active,
                other => other.clone(),
            }),
            in_use: Period::new(self.use_from, self.use_until)?,
            roots,
            cvcas: self.cvcas(country)?,
            outages: held.map(|held| held.outages.clone()).unwrap_or_default(),
        })
    }

    fn roots(
        &self,
        country: Country,
        held: Option<&Partner>,
        rules: &Rules<'_>,
    ) -> Result<Vec<PartnerRoot>, RegistrationRefusal> {
        if let Some(held) = held.filter(|held| held.state != PartnerState::Withdrawn) {
            return if self.roots.is_empty() {
                Ok(held.roots.clone())
            } else {
                Err(RegistrationRefusal::RootsInChange)
            };
        }
        if self.roots.is_empty() {
            return Err(RegistrationRefusal::NoRoot);
        }
        let Rules { own, environment, other_environment, certificates, now, .. } = *rules;
        let rules = RootRules { country, own, environment, other_environment, certificates, now };
        let judged = self.roots.iter().enumerate().map(|(position, entered)| {
            let entry = entered.entry().ok_or(word("roots.bindings", "grpc, soap, both or nothing"))?;
            root::examine(&entry, &[], &rules).map_err(|why| RegistrationRefusal::Root { position, why })
        });
        let roots = judged.collect::<Result<Vec<_>, _>>()?;
        let distinct: BTreeSet<&str> = roots.iter().map(|root| root.fingerprint.as_str()).collect();
        if roots.len() > MAX_ROOTS || distinct.len() != roots.len() {
            return Err(RegistrationRefusal::Roots);
        }
        Ok(roots)
    }

    fn url(&self, environment: Environment) -> Result<SpocUrl, RegistrationRefusal> {
        let url = SpocUrl::parse(&self.url)?;
        if environment == Environment::Production && url.names_an_address() {
            return Err(RegistrationRefusal::NumericHost);
        }
        Ok(url)
    }

    fn contacts(&self) -> Result<String, RegistrationRefusal> {
        if self.contacts.len() > MAX_CONTACTS {
            return Err(RegistrationRefusal::Contacts);
        }
        let lines = self.contacts.iter().map(|contact| line("contacts", contact)).collect::<Result<Vec<_>, _>>()?;
        Ok(lines.join("\n"))
    }

    fn cvcas(&self, country: Country) -> Result<Vec<PartnerCvca>, RegistrationRefusal> {
        let refuse = |name: &str, why| RegistrationRefusal::Cvca { name: name.to_owned(), why };
        if self.cvcas.len() > MAX_CVCAS {
            return Err(refuse("", "too many"));
        }
        let mut seen = BTreeSet::new();
        let mut cvcas = Vec::with_capacity(self.cvcas.len());
        for entered in &self.cvcas {
            let EnteredCvca { name, document_types, replaces } = entered;
            if !is_holder_of(name, country) {
                return Err(refuse(name, "the country and a mnemonic of 1 to 9 visible characters are needed"));
            }
            if !seen.insert(name) {
                return Err(refuse(name, "named twice"));
            }
            if !replaces.is_empty() && (replaces == name || !is_holder_of(replaces, country)) {
                return Err(refuse(name, "it can replace another CVCA of the same state only"));
            }
            cvcas.push(PartnerCvca {
                name: name.clone(),
                document_types: line("cvcas.document_types", document_types)?,
                replaces: Some(replaces.clone()).filter(|replaces| !replaces.is_empty()),
            });
        }
        Ok(cvcas)
    }
}

impl EnteredRoot {
    /// `None` when the bindings are no known word. Bytes that are no certificate are for [`root::examine`] to refuse.
    fn entry(&self) -> Option<RootEntry> {
        let bindings = match self.bindings.as_str() {
            "" => None,
            name => Some(Bindings::from_name(name)?),
        };
        let certificate = hex::decode(&self.certificate).unwrap_or_default();
        Some(RootEntry { certificate, use_from: self.use_from, use_until: self.use_until, bindings, link: None })
    }
}

/// Whether the fingerprints an officer typed are exactly those of `roots`.
#[must_use]
pub fn are_fingerprints_of(typed: &[String], roots: &[PartnerRoot]) -> bool {
    typed.len() == roots.len()
        && roots.iter().all(|root| typed.iter().any(|typed| is_fingerprint(typed, &root.fingerprint)))
}

const fn word(field: &'static str, expected: &'static str) -> RegistrationRefusal {
    RegistrationRefusal::Word { field, expected }
}

fn line(field: &'static str, text: &str) -> Result<String, RegistrationRefusal> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > MAX_NAME || text.chars().any(char::is_control) {
        return Err(RegistrationRefusal::Text { field, longest: MAX_NAME });
    }
    Ok(text.to_owned())
}

fn email(text: &str) -> Result<String, RegistrationRefusal> {
    let unfit = |character: char| {
        character.is_control() || character.is_whitespace() || matches!(character, '<' | '>' | ',' | ';')
    };
    let (local, domain) = text.rsplit_once('@').ok_or(RegistrationRefusal::Email)?;
    if text.len() > 254 || local.is_empty() || domain.is_empty() || text.chars().any(unfit) {
        return Err(RegistrationRefusal::Email);
    }
    Ok(text.to_owned())
}

fn is_holder_of(name: &str, country: Country) -> bool {
    name.len() <= MAX_HOLDER
        && name
            .strip_prefix(country.as_str())
            .is_some_and(|mnemonic| !mnemonic.is_empty() && mnemonic.bytes().all(|byte| byte.is_ascii_graphic()))
}

#[cfg(test)]
mod tests;

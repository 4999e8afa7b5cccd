//! The certificate policy as data: values and rules of one file (TR-03139, CSN 36 9791, Doc 9303-12), each partner's deviations among them.
//!
//! Every verdict names a [`Rule`]; the file says where each comes from and what it asks, so that an operator reads the same words in the journal,
//! in a list of requests and in the file.

mod reading;
mod rule;
#[cfg(test)]
mod tests;
mod values;

use std::collections::BTreeMap;

use exchange::Country;
use thiserror::Error;

use reading::Read;
pub use reading::{Fault, Wrong};
pub use rule::{Rule, RuleText};
pub use values::{
    Alarms, Answers, Delivery, Intake, Keys, Limits, Renewal, Retention, Revocation, Rollover, Span, SpocCertificates,
    Validity, Values,
};

/// The file shipped with the program.
const EMBEDDED: &str = include_str!("../../../policy/tr-03139.toml");

/// Why a policy file is not used.
#[derive(Debug, Error)]
pub enum PolicyError {
    /// It is no TOML.
    #[error("the policy file cannot be read: {0}")]
    Unreadable(#[from] toml::de::Error),
    /// Everything that is missing, unknown or senseless in it.
    #[error("{}", told(.0))]
    Faults(Vec<Fault>),
}

fn told(faults: &[Fault]) -> String {
    let each: Vec<String> = faults.iter().map(ToString::to_string).collect();
    each.join("; ")
}

/// A policy in force.
#[derive(Debug, Clone)]
pub struct Policy {
    title: String,
    common: Values,
    partners: BTreeMap<Country, Values>,
    rules: BTreeMap<Rule, RuleText>,
}

impl Policy {
    /// The policy shipped with the program.
    #[must_use]
    #[expect(clippy::expect_used, reason = "a test reads the embedded file")]
    pub fn embedded() -> Self {
        Self::parse(EMBEDDED).expect("the embedded policy")
    }

    /// Reads a policy file.
    ///
    /// # Errors
    /// [`PolicyError`] names all that is missing, unknown or senseless, each with its path.
    pub fn parse(text: &str) -> Result<Self, PolicyError> {
        let Read { title, common, partners, rules, faults } = reading::read(&text.parse()?)?;
        if faults.is_empty() { Ok(Self { title, common, partners, rules }) } else { Err(PolicyError::Faults(faults)) }
    }

    /// What the policy is called.
    #[must_use]
    pub fn title(&self) -> &str {
        &self.title
    }

    /// The values that hold where no partner is concerned.
    #[must_use]
    pub const fn common(&self) -> &Values {
        &self.common
    }

    /// The values that hold for a partner.
    #[must_use]
    pub fn for_partner(&self, country: Country) -> &Values {
        self.partners.get(&country).unwrap_or(&self.common)
    }

    /// The same by the letters of its country; the common values where they name no country.
    #[must_use]
    pub fn for_country(&self, country: &str) -> &Values {
        country.parse().map_or(&self.common, |country| self.for_partner(country))
    }

    /// The partners that have values of their own.
    pub fn deviating(&self) -> impl Iterator<Item = (Country, &Values)> {
        self.partners.iter().map(|(country, values)| (*country, values))
    }

    /// Source and words of a rule.
    #[must_use]
    pub fn text(&self, rule: Rule) -> Option<&RuleText> {
        self.rules.get(&rule)
    }
}

//! The certificate policy as data: values and rules of one file (TR-03139, CSN 36 9791, Doc 9303-12), each partner's deviations among them.
//!
//! Every verdict names a [`Rule`]; the file says where each comes from and what it asks, so that an operator reads the same words in the journal,
//! in a list of requests and in the file.

mod rule;
mod values;

use std::collections::BTreeMap;

use exchange::Country;
use serde::Deserialize;
use thiserror::Error;

pub use rule::{Rule, RuleText};
pub use values::{
    Answers, Delivery, Intake, Keys, Limits, Renewal, Retention, Revocation, Rollover, Span, Validity, Values,
};

/// The file shipped with the program.
const EMBEDDED: &str = include_str!("../../../policy/tr-03139.toml");

/// Why a policy file is not used.
#[derive(Debug, Error)]
pub enum PolicyError {
    /// It is no TOML, or holds names or values this program does not know.
    #[error("the policy file cannot be read: {0}")]
    Unreadable(#[from] toml::de::Error),
    /// The values of a partner, laid over the common ones, cannot be read.
    #[error("the policy for partner {country}: {cause}")]
    Partner {
        /// The partner.
        country: Country,
        /// What is wrong.
        cause: Box<toml::de::Error>,
    },
    /// A rule of the program has no text.
    #[error("the policy file says nothing about rule {0}")]
    RuleMissing(Rule),
    /// A rule the program does not have.
    #[error("the policy file has a rule this program does not know: {0}")]
    RuleUnknown(String),
    /// A value that contradicts another or the standards, or that would rule nothing.
    #[error("the policy cannot be: {0}")]
    Contradiction(&'static str),
    /// The same, of the values that hold for a partner.
    #[error("the policy for partner {country} cannot be: {what}")]
    PartnerContradiction {
        /// The partner.
        country: Country,
        /// What is wrong.
        what: &'static str,
    },
    /// A partner is to have a value of its own where there is one for all.
    #[error("the policy for partner {country} cannot deviate in {value}: {why}")]
    NoDeviation {
        /// The partner.
        country: Country,
        /// The value.
        value: String,
        /// Why there is one for all.
        why: &'static str,
    },
}

/// Values that are the same whoever the partner is, and why.
const FOR_ALL: [(&str, &str, &str); 2] = [
    (
        "validity",
        "document_years",
        "it is how long our own documents are valid, whoever reads them; that of a partner's documents is in its registration",
    ),
    ("rollover", "cvca_lead_days", "it is when our own CVCA is succeeded, for all partners at once"),
];

/// A policy in force.
#[derive(Debug, Clone)]
pub struct Policy {
    title: String,
    common: Values,
    partners: BTreeMap<Country, Values>,
    rules: BTreeMap<Rule, RuleText>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    title: String,
    values: toml::Table,
    #[serde(default)]
    partner: BTreeMap<Country, toml::Table>,
    rules: BTreeMap<String, RuleText>,
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
    /// [`PolicyError`] names what is missing, unknown or contradictory.
    pub fn parse(text: &str) -> Result<Self, PolicyError> {
        let file: File = toml::from_str(text)?;
        let common = Values::read(file.values.clone())?.map_err(PolicyError::Contradiction)?;
        let mut partners = BTreeMap::new();
        for (country, deviations) in file.partner {
            may_deviate(country, &deviations)?;
            let mut merged = file.values.clone();
            lay_over(&mut merged, deviations);
            let values =
                Values::read(merged).map_err(|cause| PolicyError::Partner { country, cause: Box::new(cause) })?;
            partners.insert(country, values.map_err(|what| PolicyError::PartnerContradiction { country, what })?);
        }
        Ok(Self { title: file.title, common, partners, rules: rules(file.rules)? })
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

fn may_deviate(country: Country, deviations: &toml::Table) -> Result<(), PolicyError> {
    let named = FOR_ALL.into_iter().find(|(section, name, _)| {
        deviations.get(*section).and_then(toml::Value::as_table).is_some_and(|values| values.contains_key(*name))
    });
    named.map_or(Ok(()), |(section, name, why)| {
        Err(PolicyError::NoDeviation { country, value: format!("{section}.{name}"), why })
    })
}

/// Puts single values over a table of the same shape.
fn lay_over(base: &mut toml::Table, deviations: toml::Table) {
    for (name, value) in deviations {
        match (base.get_mut(&name), value) {
            (Some(toml::Value::Table(below)), toml::Value::Table(above)) => lay_over(below, above),
            (_, value) => {
                base.insert(name, value);
            }
        }
    }
}

fn rules(texts: BTreeMap<String, RuleText>) -> Result<BTreeMap<Rule, RuleText>, PolicyError> {
    let mut rules = BTreeMap::new();
    for (name, text) in texts {
        let rule = Rule::from_name(&name).ok_or(PolicyError::RuleUnknown(name))?;
        rules.insert(rule, text);
    }
    match Rule::ALL.iter().find(|rule| !rules.contains_key(rule)) {
        Some(missing) => Err(PolicyError::RuleMissing(*missing)),
        None => Ok(rules),
    }
}

#[cfg(test)]
mod tests {
    use super::{EMBEDDED, Policy, PolicyError, Rule};

    fn with(from: &str, to: &str) -> Result<Policy, PolicyError> {
        assert!(EMBEDDED.contains(from), "{from}");
        Policy::parse(&EMBEDDED.replacen(from, to, 1))
    }

    #[test]
    fn the_embedded_policy_has_the_values_of_tr_03139_and_every_rule() {
        let policy = Policy::embedded();
        let values = policy.common();
        assert_eq!(values.validity.as_checked_by_cvc(), cvc::policy::TR_03139);
        assert_eq!((values.renewal.lead_days, values.renewal.fallback_days, values.answers.within_days), (11, 3, 7));
        assert_eq!(values.revocation.crl_max_age_days, 90);
        assert!(Rule::ALL.iter().all(|rule| policy.text(*rule).is_some_and(|text| !text.source.is_empty())));
    }

    #[test]
    fn a_partner_deviates_in_single_values_and_keeps_the_rest() {
        let text = format!("{EMBEDDED}\n[partner.DE.renewal]\nlead_days = 20\n[partner.DE.keys]\nec_bits = 384\n");
        let policy = Policy::parse(&text).unwrap();
        let germany = policy.for_partner("DE".parse().unwrap());
        assert_eq!((germany.renewal.lead_days, germany.renewal.fallback_days, germany.keys.ec_bits), (20, 3, 384));
        assert_eq!(policy.for_partner("FR".parse().unwrap()).renewal.lead_days, 11);
    }

    #[test]
    fn what_is_unknown_missing_or_contradictory_is_refused() {
        assert!(matches!(with("lead_days = 11", "led_days = 11"), Err(PolicyError::Unreadable(_))));
        assert!(matches!(with("lead_days = 11", "lead_days = -1"), Err(PolicyError::Unreadable(_))));
        assert!(matches!(with("[rules.\"CSN-36-9791/message\"]", "[rules.x]"), Err(PolicyError::RuleUnknown(_))));
        let partner = format!("{EMBEDDED}\n[partner.DE.renewal]\nled_days = 20\n");
        assert!(matches!(Policy::parse(&partner), Err(PolicyError::Partner { .. })));
        let lower_case = format!("{EMBEDDED}\n[partner.de.renewal]\nlead_days = 20\n");
        assert!(matches!(Policy::parse(&lower_case), Err(PolicyError::Unreadable(_))));
        let cut = EMBEDDED.split("[rules.\"TR-03139/table-2/6 declined\"]").next().unwrap();
        assert!(matches!(Policy::parse(cut), Err(PolicyError::RuleMissing(Rule::Declined))));
        for (from, to) in [
            ("\"id-TA-ECDSA-SHA-224\"", "\"id-TA-ECDSA-SHA-1\""),
            ("dv_granted_days = 42", "dv_granted_days = 120"),
            ("dv_granted_days = 42", "dv_granted_days = 3"),
            ("alert_days = 2", "alert_days = 9"),
            ("longest_seconds = 3600", "longest_seconds = 1"),
            ("shortest = { months = 6 }", "shortest = { months = 60 }"),
        ] {
            assert!(matches!(with(from, to), Err(PolicyError::Contradiction(_))), "{to}");
        }
    }

    #[test]
    fn a_value_that_means_nothing_is_refused_in_its_own_words() {
        let cases = [
            (
                "cvca = { shortest = { months = 6 }",
                "cvca = { shortest = { months = 0 }",
                "a shortest validity is nothing",
            ),
            ("dv = { shortest = { days = 14 }", "dv = { shortest = { days = 0 }", "a shortest validity is nothing"),
            (
                "inspection_system = { shortest = { days = 1 }",
                "inspection_system = { shortest = { days = 0 }",
                "a shortest validity is nothing",
            ),
            ("document_years = 10", "document_years = 0", "document_years is zero"),
            ("ec_bits = 224", "ec_bits = 0", "ec_bits is less than 160 or more than 521"),
            ("ec_bits = 224", "ec_bits = 522", "ec_bits is less than 160 or more than 521"),
            ("rsa_bits = 2048", "rsa_bits = 0", "rsa_bits is less than 1024 or more than 8192"),
            ("rsa_bits = 2048", "rsa_bits = 8193", "rsa_bits is less than 1024 or more than 8192"),
            ("within_days = 7\n", "within_days = 0\n", "within_days is zero"),
            ("callback_overdue_days = 8", "callback_overdue_days = 0", "callback_overdue_days is zero"),
            ("internal_error_days = 1", "internal_error_days = 0", "internal_error_days is zero"),
            ("lead_days = 11", "lead_days = 0", "lead_days is zero"),
            ("lead_days = 11", "lead_days = 89", "a renewal would begin before what it renews"),
            ("first_seconds = 30", "first_seconds = 0", "first_seconds is zero"),
            ("crl_max_age_days = 90", "crl_max_age_days = 0", "crl_max_age_days is zero"),
            ("root_distributed_days = 10", "root_distributed_days = 0", "root_distributed_days is zero"),
            ("cvca_lead_days = 60", "cvca_lead_days = 0", "cvca_lead_days is zero"),
            ("messages_per_hour = 3600", "messages_per_hour = 0", "no message would be taken in"),
            ("general_messages_per_hour = 60", "general_messages_per_hour = 0", "no message would be taken in"),
            ("cvca_months = 6", "cvca_months = 0", "cvca_months is zero"),
            ("dv_months = 12", "dv_months = 0", "dv_months is zero"),
            ("messages_months = 24", "messages_months = 0", "messages_months is zero"),
        ];
        for (from, to, words) in cases {
            match with(from, to) {
                Err(PolicyError::Contradiction(what)) => assert_eq!(what, words, "{to}"),
                other => panic!("{to}: {other:?}"),
            }
        }
        let partner = format!("{EMBEDDED}\n[partner.DE.retention]\ndv_months = 0\n");
        let told = Policy::parse(&partner).unwrap_err().to_string();
        assert_eq!(told, "the policy for partner DE cannot be: dv_months is zero");
    }
}

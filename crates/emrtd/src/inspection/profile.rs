//! Profiles: which check weighs how much (BSI TR-03135-1 §3.7), and the verdict drawn from them.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use super::{Check, CheckName, CheckResult, UnknownCheck};
use crate::presentation::Scope;

/// How much a check weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Weight {
    /// Genuine only if successful; not genuine if failed.
    Mandatory,
    /// Likewise, unless the document does not have the feature.
    MandatoryWhereSupported,
    /// Not genuine if performed and failed.
    Optional,
    /// Reported, without weight.
    Evaluatory,
}

/// What an inspection concludes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Every mandatory check is successful, no weighty one failed.
    Genuine,
    /// A mandatory or performed optional check failed.
    NotGenuine,
    /// Something mandatory could not be decided.
    Undetermined,
}

/// Why a profile file is refused.
#[derive(Debug, thiserror::Error)]
pub enum ProfileError {
    /// Not TOML of the right form.
    #[error("profile: {0}")]
    Form(#[from] toml::de::Error),
    /// It weighs a check there is not.
    #[error("profile: {0}")]
    Check(#[from] UnknownCheck),
    /// A scope without any mandatory check would find everything genuine.
    #[error("profile: scope {0:?} has no mandatory check")]
    NothingMandatory(Scope),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    document: BTreeMap<String, Weight>,
    security_object: BTreeMap<String, Weight>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Weights {
    checks: BTreeMap<CheckName, Weight>,
    other_hashes: Weight,
}

/// The weights of both scopes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    document: Weights,
    security_object: Weights,
}

impl Profile {
    /// The profile of `profiles/tr-03135-default.toml`.
    #[must_use]
    pub fn standard() -> &'static Self {
        #[expect(clippy::expect_used, reason = "the profile is part of the program; a test reads it")]
        static PROFILE: LazyLock<Profile> = LazyLock::new(|| {
            Profile::parse(include_str!("../../profiles/tr-03135-default.toml")).expect("the built-in profile")
        });
        &PROFILE
    }

    /// Reads a profile file; `profiles/tr-03135-default.toml` documents the form.
    ///
    /// # Errors
    /// [`ProfileError`]
    pub fn parse(text: &str) -> Result<Self, ProfileError> {
        let file: File = toml::from_str(text)?;
        Ok(Self {
            document: Weights::read(file.document, Scope::Document)?,
            security_object: Weights::read(file.security_object, Scope::SecurityObject)?,
        })
    }

    fn of(&self, scope: Scope) -> &Weights {
        match scope {
            Scope::Document => &self.document,
            Scope::SecurityObject => &self.security_object,
        }
    }

    /// How much a check weighs.
    #[must_use]
    pub fn weight(&self, scope: Scope, check: CheckName) -> Weight {
        let weights = self.of(scope);
        match (weights.checks.get(&check), check) {
            (Some(weight), _) => *weight,
            (None, CheckName::DataGroupHash(_)) => weights.other_hashes,
            (None, _) => Weight::Optional,
        }
    }

    /// The verdict on some checks. A mandatory check that is not among them counts as undecided.
    #[must_use]
    pub fn verdict(&self, scope: Scope, checks: &[Check]) -> Verdict {
        let failed = checks
            .iter()
            .any(|check| check.result == CheckResult::Failed && self.weight(scope, check.check) != Weight::Evaluatory);
        if failed {
            return Verdict::NotGenuine;
        }
        let satisfied = self.of(scope).checks.iter().all(|(name, weight)| {
            let result = checks.iter().find(|check| check.check == *name).map(|check| check.result);
            match weight {
                Weight::Mandatory => result == Some(CheckResult::Successful),
                Weight::MandatoryWhereSupported => {
                    matches!(result, Some(CheckResult::Successful | CheckResult::NotSupported))
                }
                Weight::Optional | Weight::Evaluatory => true,
            }
        });
        // `dg_hash` has no check of its own name: it stands for whichever hashes there are to check.
        let hashes = checks.iter().all(|check| match (check.check, self.weight(scope, check.check)) {
            (CheckName::DataGroupHash(_), Weight::Mandatory) => check.result == CheckResult::Successful,
            (CheckName::DataGroupHash(_), Weight::MandatoryWhereSupported) => {
                matches!(check.result, CheckResult::Successful | CheckResult::NotSupported)
            }
            _ => true,
        });
        if satisfied && hashes { Verdict::Genuine } else { Verdict::Undetermined }
    }
}

impl Weights {
    fn read(file: BTreeMap<String, Weight>, scope: Scope) -> Result<Self, ProfileError> {
        let mut weights = Self { checks: BTreeMap::new(), other_hashes: Weight::Optional };
        for (name, weight) in file {
            if name == "dg_hash" {
                weights.other_hashes = weight;
            } else {
                weights.checks.insert(name.parse()?, weight);
            }
        }
        if !weights.checks.values().any(|weight| *weight == Weight::Mandatory) {
            return Err(ProfileError::NothingMandatory(scope));
        }
        Ok(weights)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inspection::Evidence;

    fn check(name: &str, result: CheckResult) -> Check {
        Check::new(name.parse().unwrap(), result, Evidence::new())
    }

    fn all_mandatory() -> Vec<Check> {
        let names =
            ["sod_signature", "ds_signature", "ds_validity", "ds_revocation", "issuing_state", "dg1_hash", "dg2_hash"];
        let mut checks: Vec<Check> = names.iter().map(|name| check(name, CheckResult::Successful)).collect();
        checks.push(check("chip_authenticity", CheckResult::NotSupported));
        checks
    }

    #[test]
    fn the_verdict_follows_the_weights() {
        use CheckResult::{Aborted, Failed, NotSupported, Successful, Undetermined};
        let table = [
            ("ds_revocation", Successful, Verdict::Genuine),
            ("ds_revocation", Undetermined, Verdict::Undetermined),
            ("ds_revocation", Failed, Verdict::NotGenuine),
            ("dg2_hash", Aborted, Verdict::Undetermined),
            ("dg2_hash", NotSupported, Verdict::Undetermined),
            ("chip_authenticity", Successful, Verdict::Genuine),
            ("chip_authenticity", Undetermined, Verdict::Undetermined),
            ("chip_authenticity", Failed, Verdict::NotGenuine),
            ("csca_validity", Failed, Verdict::Genuine),
            ("active_authentication", Failed, Verdict::Genuine),
            ("dg15_hash", Failed, Verdict::NotGenuine),
            ("dg15_hash", Undetermined, Verdict::Genuine),
            ("com_consistency", Failed, Verdict::NotGenuine),
        ];
        for (name, result, verdict) in table {
            let mut checks = all_mandatory();
            checks.retain(|existing| existing.check != name.parse().unwrap());
            checks.push(check(name, result));
            assert_eq!(Profile::standard().verdict(Scope::Document, &checks), verdict, "{name} {result:?}");
        }
    }

    #[test]
    fn a_mandatory_check_that_was_not_made_leaves_the_verdict_open() {
        let checks = all_mandatory();
        for left_out in 0..checks.len() {
            let mut fewer = checks.clone();
            fewer.remove(left_out);
            assert_eq!(Profile::standard().verdict(Scope::Document, &fewer), Verdict::Undetermined);
        }
    }

    #[test]
    fn a_mandatory_hash_of_every_data_group_is_missed_where_one_was_not_read() {
        let text = include_str!("../../profiles/tr-03135-default.toml");
        let profile = Profile::parse(&text.replace("dg_hash = \"optional\"", "dg_hash = \"mandatory\"")).unwrap();
        for (result, verdict) in [
            (CheckResult::Successful, Verdict::Genuine),
            (CheckResult::Undetermined, Verdict::Undetermined),
            (CheckResult::Aborted, Verdict::Undetermined),
            (CheckResult::Failed, Verdict::NotGenuine),
        ] {
            let mut checks = all_mandatory();
            checks.push(check("dg7_hash", result));
            assert_eq!(profile.verdict(Scope::Document, &checks), verdict, "{result:?}");
        }
    }

    #[test]
    fn profiles_that_decide_nothing_or_name_unknown_checks_are_refused() {
        let nothing = "[document]\nds_validity = \"optional\"\n[security_object]\nds_validity = \"mandatory\"";
        assert!(matches!(Profile::parse(nothing), Err(ProfileError::NothingMandatory(Scope::Document))));
        let unknown = "[document]\nds_vality = \"mandatory\"\n[security_object]\nds_validity = \"mandatory\"";
        assert!(matches!(Profile::parse(unknown), Err(ProfileError::Check(_))));
    }
}

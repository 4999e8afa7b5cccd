//! The file of rules.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use toml::Spanned;

use super::{ErasedData, RetentionRule};
use crate::domain::rules::{Act, RawBasis, RuleBook, RuleError, Source, Term, Text};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFile {
    acts: BTreeMap<String, Act>,
    rule: Vec<RawRule>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRule {
    id: Spanned<String>,
    title: Text,
    says: Text,
    basis: RawBasis,
    data: ErasedData,
    case_types: Vec<Spanned<String>>,
    keep: Spanned<Term>,
}

/// Every rule of retention, in the order of the file.
#[derive(Debug, Clone)]
pub struct RetentionBook {
    rules: Vec<RetentionRule>,
}

impl RetentionBook {
    /// Reads the file; `file` is what errors call it. Types of cases are those of the rule sets.
    ///
    /// # Errors
    /// [`RuleError`], naming file and line.
    pub fn parse(file: &str, text: &str, law: &RuleBook) -> Result<Self, RuleError> {
        Self::read(file, text, Some(law))
    }

    fn read(file: &str, text: &str, law: Option<&RuleBook>) -> Result<Self, RuleError> {
        let source = Source::new(file, text);
        let raw: RawFile = source.read()?;
        let mut ids = BTreeSet::new();
        let mut rules = Vec::with_capacity(raw.rule.len());
        for rule in raw.rule {
            let (place, id) = (source.place(&rule.id), rule.id.into_inner());
            if !ids.insert(id.clone()) {
                return Err(RuleError::Twice { place, what: "rule", id });
            }
            if rule.keep.get_ref().in_hours() {
                return Err(RuleError::HoursDoNotRoll { place: source.place(&rule.keep), id });
            }
            let known = |case: &Spanned<String>| law.is_none_or(|law| is_known(law, case.get_ref()));
            if let Some(unknown) = rule.case_types.iter().find(|case| !known(case)) {
                let (place, id) = (source.place(unknown), unknown.get_ref().clone());
                return Err(RuleError::Dangling { place, what: "case", id });
            }
            if let Some(other) = rule.case_types.iter().find(|case| !rule.data.is_of(case.get_ref())) {
                let (place, id) = (source.place(other), other.get_ref().clone());
                return Err(RuleError::Dangling { place, what: "such data of", id });
            }
            rules.push(RetentionRule {
                basis: rule.basis.check(&raw.acts, &source)?,
                case_types: rule.case_types.into_iter().map(Spanned::into_inner).collect(),
                keep: rule.keep.into_inner(),
                title: rule.title,
                says: rule.says,
                data: rule.data,
                id,
            });
        }
        Ok(Self { rules })
    }

    /// The rules built into the program, as far as the node's law has such cases.
    ///
    /// # Errors
    /// None that its tests would let through.
    pub fn built_in(law: &RuleBook) -> Result<Self, RuleError> {
        let text = include_str!("../../../rules/retention/retention.toml");
        let mut book = Self::read("retention.toml", text, None)?;
        for rule in &mut book.rules {
            rule.case_types.retain(|case| is_known(law, case));
        }
        book.rules.retain(|rule| !rule.case_types.is_empty());
        Ok(book)
    }

    /// Every rule.
    #[must_use]
    pub fn rules(&self) -> &[RetentionRule] {
        &self.rules
    }

    /// The rule of this name.
    #[must_use]
    pub fn rule(&self, id: &str) -> Option<&RetentionRule> {
        self.rules.iter().find(|rule| rule.id == id)
    }
}

fn is_known(law: &RuleBook, case: &str) -> bool {
    law.sets().iter().any(|set| set.case(case).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::consultation::Flow;
    use crate::domain::story::calendar;

    const BUILT_IN: &str = include_str!("../../../rules/retention/retention.toml");

    #[test]
    fn every_type_of_cases_has_a_rule_for_its_file_and_keeps_it_for_years() {
        let law = RuleBook::built_in().unwrap();
        let book = RetentionBook::built_in(&law).unwrap();
        // Consultations are no cases: they have rules of their own, but for opinions, which are part of a case's file.
        for flow in Flow::ALL {
            let of_it = book.rules().iter().filter(|rule| rule.case_types.iter().any(|case| case == flow.as_str()));
            let data: Vec<ErasedData> = of_it.map(|rule| rule.data).collect();
            let expected: &[ErasedData] = if flow.is_opinion() { &[] } else { &[ErasedData::Consultations] };
            assert_eq!(data, expected, "{}", flow.as_str());
        }
        let cases = law.sets().iter().filter(|set| set.family != "consultation").flat_map(|set| &set.cases);
        for case in cases {
            let rules = book.rules().iter().filter(|rule| rule.data == ErasedData::File);
            let of_it = rules.filter(|rule| rule.case_types.contains(&case.id)).count();
            assert_eq!(of_it, 1, "{}", case.id);
        }
        let rule = book.rule("residence_grounds").unwrap();
        let kept_to = rule.kept_to("2026-08-31".parse().unwrap(), &calendar());
        assert_eq!(kept_to.to_string(), "2036-08-31");
    }

    #[test]
    fn a_wrong_file_is_refused_with_its_line() {
        let law = RuleBook::built_in().unwrap();
        for (good, bad, expected) in [
            ("data = \"texts\"", "data = \"everything\"", "unknown variant `everything`"),
            ("id = \"return_files\"", "id = \"residence_files\"", "rule \"residence_files\" stands twice"),
            ("case_types = [\"return\"]", "case_types = [\"turn\"]", "no case \"turn\""),
            (
                "case_types = [\"return\"]",
                "case_types = [\"consultation_incoming\"]",
                "no such data of \"consultation_incoming\"",
            ),
            ("[\"consultation_incoming\",", "[\"opinion_protection\",", "no such data of \"opinion_protection\""),
            ("keep = { months = 120 }", "keep = { hours = 120 }", "counted in hours"),
            ("act = \"gdpr\"", "act = \"rodo\"", "no act \"rodo\""),
        ] {
            let broken = BUILT_IN.replacen(good, bad, 1);
            assert_ne!(broken, BUILT_IN, "{good}");
            let error = RetentionBook::parse("retention.toml", &broken, &law).expect_err(expected).to_string();
            assert!(error.contains(expected) && error.starts_with("retention.toml:"), "{expected}: {error}");
        }
    }
}

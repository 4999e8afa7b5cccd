//! What can be done against a decision: it follows from the deadlines its service or its issuing begins for the person.

use crate::domain::rules::{CaseType, DeadlineRule, DecisionRule, Party, Passing};

/// The remedies the rules name for a decision, in the order of the rules.
#[must_use]
pub fn remedies<'r>(law: &'r CaseType, decision: &DecisionRule) -> Vec<&'r DeadlineRule> {
    let about_it = |event: &String| law.event(event).is_some_and(|rule| rule.about_decision_of == Some(decision.by));
    law.deadlines
        .iter()
        .filter(|rule| rule.owed_by == Party::Applicant && rule.passing == Passing::RightLapses)
        .filter(|rule| rule.decisions.contains(&decision.id) && rule.starts.iter().any(about_it))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::story::case_type;

    #[test]
    fn each_decision_has_the_remedies_its_rules_name() {
        for (set, decision, expected) in [
            ("protection-2015", "refusal", &["appeal"][..]),
            ("protection-2015", "refusal_accelerated", &["appeal_accelerated"]),
            ("protection-2015", "discontinued_explicit", &["appeal_withdrawal", "reopening"]),
            ("protection-2015", "discontinued_implicit", &["appeal", "reopening"]),
            ("protection-2015", "board_upheld", &["complaint"]),
            ("protection-2015", "board_annulled", &[]),
            ("protection-2026", "inadmissible", &["appeal_short"]),
        ] {
            let law = case_type(set, "protection");
            let found = remedies(&law, law.decision(decision).unwrap());
            let found: Vec<&str> = found.iter().map(|rule| rule.id.as_str()).collect();
            assert_eq!(found, expected, "{set} {decision}");
        }
    }
}

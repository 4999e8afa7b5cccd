//! The published list, a file a group.
//!
//! A case is independent of the others: it makes its own keys, references and message ids, and leaves nothing behind that another would stumble over.
//! What the standards leave open is left open here: several codes are right then.

mod ca_certificates;
mod delivery;
mod general;
mod grpc;
mod identity;
mod issued;
mod later;
mod malformed;
mod repetition;
mod request;
mod soap;

use crate::case::Case;

/// Every case, in the order they are run: those that move the clock are the last.
pub fn all() -> impl Iterator<Item = &'static Case> {
    [
        identity::CASES,
        request::CASES,
        malformed::CASES,
        issued::CASES,
        ca_certificates::CASES,
        repetition::CASES,
        delivery::CASES,
        general::CASES,
        soap::CASES,
        grpc::CASES,
        later::CASES,
    ]
    .into_iter()
    .flatten()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    #[test]
    fn every_case_has_a_name_of_its_own_a_rule_and_a_source() {
        let mut names = BTreeSet::new();
        for case in super::all() {
            assert!(names.insert(case.id), "{} twice", case.id);
            assert!(case.id.bytes().all(|byte| byte.is_ascii_lowercase() || b"/-0123456789".contains(&byte)));
            for text in [case.title, case.steps, case.source] {
                assert!(!text.is_empty() && !text.ends_with('.'), "{}: {text}", case.id);
            }
        }
        assert!(names.len() > 80, "{}", names.len());
    }
}

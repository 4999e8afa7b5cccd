//! What holds for any two names.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::time::{Duration, Instant};

use names::{Name, compare, score};
use proptest::prelude::{ProptestConfig, any, prop_assert, prop_assert_eq, prop_assume, proptest};

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_two_texts_have_a_score_and_it_does_not_matter_which_is_first(left in any::<String>(), right in any::<String>()) {
        let (left, right) = (Name::parse(&left), Name::parse(&right));
        let comparison = compare(&left, &right);
        prop_assert!((0.0..=1.0).contains(&comparison.score));
        prop_assert_eq!(comparison.score.to_bits(), score(&right, &left).to_bits());
        prop_assert!(!comparison.why.is_empty());
    }

    #[test]
    fn names_of_people_have_one_score_in_either_order(left in "([A-Z][a-z]{1,8}[ -]?){1,6}", right in "([A-Z][a-z]{1,8}[ -]?){1,6}") {
        let (left, right) = (Name::parse(&left), Name::parse(&right));
        prop_assert_eq!(score(&left, &right).to_bits(), score(&right, &left).to_bits());
    }

    #[test]
    fn a_name_is_itself_in_any_order_and_case(words in proptest::collection::vec("[a-zа-я]{2,9}", 1..6), turned in 0usize..6) {
        let name = Name::parse(&words.join(" "));
        prop_assume!(!name.is_empty());
        let mut other: Vec<String> = words.iter().map(|word| word.to_uppercase()).collect();
        let turned = turned % other.len();
        other.rotate_left(turned);
        prop_assert_eq!(score(&name, &Name::parse(&other.join(", "))), 1.0);
    }
}

#[test]
fn long_texts_take_no_longer_than_long_names() {
    let (left, right) = ("Abcde Fghij ".repeat(100_000), "Bcdef Ghijk-".repeat(100_000));
    let started = Instant::now();
    assert!(score(&Name::parse(&left), &Name::parse(&right)) < 0.5);
    assert!(started.elapsed() < Duration::from_millis(250), "{:?}", started.elapsed());
}

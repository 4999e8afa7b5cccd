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

    // Without an X: capitals with one among consonants are an Arabic name as a machine-readable zone codes it (Doc 9303-3), and small letters are none.
    #[test]
    fn a_name_is_itself_in_any_order_and_case(words in proptest::collection::vec("[a-wyzа-я]{2,9}", 1..6), turned in 0usize..6) {
        let name = Name::parse(&words.join(" "));
        prop_assume!(!name.is_empty());
        let mut other: Vec<String> = words.iter().map(|word| word.to_uppercase()).collect();
        let turned = turned % other.len();
        other.rotate_left(turned);
        prop_assert_eq!(score(&name, &Name::parse(&other.join(", "))), 1.0);
    }
}

#[test]
fn names_are_one_or_two_as_an_officer_would_say() {
    for (left, right, is_match) in [
        ("Ганна Шевчук", "SZEWCZUK, Hanna", true),
        ("Щербаков Юрий Ильич", "Iurii Shcherbakov", true),
        ("Щербаков Юрий", "Youri Chtcherbakov", true),
        ("Abd al-Rahman al-Suwaidi", "Abdurrahman Suwaidi", true),
        ("محمود الخطيب", "Mahmoud al-Khatib", true),
        ("MXHMWD ALXKHXTTYB", "محمود الخطيب", true),
        ("Αλέξανδρος Παππάς", "Alexandros Pappas", true),
        ("გიორგი ბერიძე", "Giorgi Beridze", true),
        ("Արամ Հակոբյան", "Aram Hakobyan", true),
        ("王小明", "Wang Xiaoming", true),
        ("박지훈", "Park Jihoon", true),
        ("Jörg Haidinger", "Haidinger, Joerg", true),
        ("J. Kowalska", "Joanna Kowalska", true),
        ("Dr. Hanna-Maria Wrona", "Hanna Maria Wrona", true),
        ("Hanna Maria Wrona", "Hanna Wrona", true),
        ("Ivan Wrona", "John Wrona", true),
        ("Anna Kowalska", "Anna Nowak", false),
        ("M. Kowalska", "Joanna Kowalska", false),
        ("Omar Khatib", "Omar Haddad", false),
        ("Иван Щербаков", "Сергей Щербаков", false),
        ("محمود الخطيب", "Mahmoud Haddad", false),
        ("Wrona", "Hanna Maria Nowak", false),
        ("", "Hanna Nowak", false),
    ] {
        let comparison = compare(&Name::parse(left), &Name::parse(right));
        assert_eq!(comparison.is_match(), is_match, "{left} | {right}: {comparison:?}");
    }
}

#[test]
fn a_score_comes_with_its_reasons_in_words() {
    let why = |left, right| -> Vec<String> {
        compare(&Name::parse(left), &Name::parse(right)).why.iter().map(ToString::to_string).collect()
    };
    assert_eq!(
        why("Dr. J. Kowlaska", "Joanna Maria Kowalska"),
        [
            "maria stands in the second name only",
            "kowlaska is near kowalska: 1.00 edits",
            "j may stand for joanna",
            "the title dr stands in the first name only: counts little",
        ]
    );
    assert_eq!(why("Ivan Wrona", "Wrona John"), ["ivan and john are forms of one name", "wrona stands in both"]);
    assert_eq!(why("?", "Wrona"), ["a name without letters is nobody's"]);
}

#[test]
fn long_texts_take_no_longer_than_long_names() {
    let (left, right) = ("Abcde Fghij ".repeat(100_000), "Bcdef Ghijk-".repeat(100_000));
    let started = Instant::now();
    assert!(score(&Name::parse(&left), &Name::parse(&right)) < 0.5);
    assert!(started.elapsed() < Duration::from_millis(250), "{:?}", started.elapsed());
}

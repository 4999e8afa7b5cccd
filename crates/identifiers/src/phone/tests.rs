use proptest::prelude::*;

use super::*;

#[test]
fn what_people_type_becomes_one_international_form() {
    for text in [
        "501234567",
        "501 234 567",
        "+48 501-234-567",
        "0048501234567",
        "+48 (501) 234 567",
        "+48.501.234.567",
        " 501/234/567 ",
    ] {
        assert_eq!(PhoneNumber::parse(text).unwrap().expose(), "+48501234567", "{text}");
    }
    let abroad = PhoneNumber::parse("+380 50 123 4567").unwrap();
    assert_eq!((abroad.expose(), abroad.national()), ("+380501234567", "501234567"));
}

#[test]
fn ranges_of_the_polish_plan_are_told_apart() {
    for (text, range) in [
        ("450000000", PolishRange::Mobile),
        ("501234567", PolishRange::Mobile),
        ("881234567", PolishRange::Mobile),
        ("210123456", PolishRange::Machine),
        ("221234567", PolishRange::Fixed),
        ("957123456", PolishRange::Fixed),
        ("700123456", PolishRange::Premium),
        ("709123456", PolishRange::Premium),
        ("800123456", PolishRange::SharedCost),
        ("801123456", PolishRange::SharedCost),
        ("391234567", PolishRange::Internet),
        ("641234567", PolishRange::Paging),
    ] {
        assert_eq!(PhoneNumber::parse(text).unwrap().kind(), PhoneKind::Polish(range), "{text}");
    }
}

#[test]
fn numbers_outside_the_plan_are_refused() {
    for (text, expected) in [
        ("", InvalidIdentifier::Form),
        ("+", InvalidIdentifier::Form),
        ("50123456", InvalidIdentifier::Plan),
        ("5012345678", InvalidIdentifier::Plan),
        ("112", InvalidIdentifier::Plan),
        ("991234567", InvalidIdentifier::Plan),
        ("802123456", InvalidIdentifier::Plan),
        ("50123456a", InvalidIdentifier::Form),
        ("٥٠١٢٣٤٥٦٧", InvalidIdentifier::Form),
        ("+48+501234567", InvalidIdentifier::Form),
        ("+210123456789", InvalidIdentifier::Plan),
        ("+999123456789", InvalidIdentifier::Plan),
        ("+0501234567", InvalidIdentifier::Plan),
        ("+380123", InvalidIdentifier::Plan),
        ("+3801234567890123", InvalidIdentifier::Form),
        (&"5".repeat(41), InvalidIdentifier::Form),
    ] {
        assert_eq!(PhoneNumber::parse(text), Err(expected), "{text}");
    }
}

#[test]
fn a_number_of_no_country_is_a_services() {
    for text in ["+80012345678", "+881612345678", "+979123456789", "+883510012345678"] {
        assert!(matches!(PhoneNumber::parse(text).unwrap().kind(), PhoneKind::Service(_)), "{text}");
    }
    assert!(matches!(PhoneNumber::parse("+4915112345678").unwrap().kind(), PhoneKind::Foreign(_)));
}

#[test]
fn a_number_shows_itself_in_no_printout_and_its_prefix_does() {
    let number = PhoneNumber::parse("501234567").unwrap();
    assert_eq!(format!("{number} {number:?}"), "*** ***");
    assert_eq!(number.prefix(3).to_string(), "+48501");
    assert_eq!(number.prefix(99).to_string(), "+4850123", "a prefix never is a number");
    assert_eq!(number.calling_code().to_string(), "+48");
    assert!(number.starts_with(&"+4850".parse().unwrap()) && !number.starts_with(&"+4851".parse().unwrap()));
}

#[test]
fn a_prefix_has_a_country() {
    for text in ["48", "+", "+48a", "+999", "+0", "+480000000000"] {
        assert!(PhonePrefix::parse(text).is_err(), "{text}");
    }
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "\\PC{0,48}") {
        let _ = PhoneNumber::parse(&text);
        let _ = PhonePrefix::parse(&text);
    }

    #[test]
    fn the_international_form_is_read_back_as_itself(digits in "[1-9][0-9]{6,14}") {
        if let Ok(number) = PhoneNumber::parse(&format!("+{digits}")) {
            prop_assert_eq!(PhoneNumber::parse(number.expose()), Ok(number.clone()));
            prop_assert_eq!(format!("{}{}", number.calling_code(), number.national()), number.expose());
            prop_assert!(number.prefix(4).as_str().len() < number.expose().len());
        }
    }
}

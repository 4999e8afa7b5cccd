//! What is written is read, nothing else is, and nothing makes the reader panic.

use std::time::Duration;

use proptest::prelude::*;
use straznica_types::{CivilDate, Timestamp};

use super::*;
use crate::domain::consultation::Subject;
use crate::domain::person::{BirthDate, Country, Sex};

fn number(text: &str) -> FileNumber {
    FileNumber::parse(text).unwrap()
}

fn form(content: Content) -> Form {
    Form { unifier: Unifier::parse("DB-SQNR06755-MTS-ID-AUT").unwrap(), content }
}

fn subject(surname: &str) -> Subject {
    Subject {
        surname: surname.to_owned(),
        given_names: String::new(),
        birth: BirthDate::parse("1990-05").unwrap(),
        sex: Some(Sex::Female),
        nationality: Country::parse("BLR", "").unwrap(),
        document_number: "MP1234567".to_owned(),
        matter: "C".to_owned(),
    }
}

fn request(surname: &str) -> Form {
    form(Content::Request(Request { reference: number("AUT0000010106"), subject: subject(surname) }))
}

fn reply() -> Form {
    form(Content::Reply(Reply {
        reference: number("DSL0290096401230100"),
        reply_reference: number("FRA0010020030040050"),
        objects: true,
        on: "1996-03-05".parse().unwrap(),
    }))
}

#[test]
fn a_reply_is_written_as_the_decision_of_the_council_shows_it() {
    let message = encode(&reply());
    assert_eq!(message.subject, "DSL0290096401230100.B");
    let lines: Vec<&str> = message.body.split("\r\n").collect();
    assert_eq!(
        lines,
        [
            "000 DB-SQNR06755-MTS-ID-AUT",
            "001 DSL0290096401230100",
            "040 FRA0010020030040050",
            "041 1",
            "042 19960305",
            ""
        ]
    );
    assert_eq!(decode(&message), Ok(reply()));
}

#[test]
fn every_form_is_read_as_it_was_written() {
    let notice = |letter, text: &str| {
        Content::Notice(Notice { letter, file_number: number("FRA2007022457471104"), text: text.to_owned() })
    };
    let mut forms = vec![request("IWANOW"), reply(), form(Content::Receipt)];
    forms.push(form(Content::Cancellation { reference: number("AUT1") }));
    forms.extend(NoticeLetter::ALL.map(|letter| form(notice(letter, "visa CZE000000001"))));
    let mut letters = String::new();
    for form in forms {
        let message = encode(&form);
        letters.push(form.content.letter());
        assert_eq!(decode(&message), Ok(form), "{}", message.subject);
    }
    assert_eq!(letters, "ABRCEFGH");
    // The file number of an LTV stands under a heading of its own.
    assert!(encode(&form(notice(NoticeLetter::E, ""))).body.contains("048 FRA2007022457471104"));
}

#[test]
fn a_text_that_is_no_form_is_told_why() {
    let good = encode(&reply());
    for (from, to, expected) in [
        ("000 DB-SQNR06755-MTS-ID-AUT\r\n", "", "a heading is missing"),
        ("DB-SQNR06755-MTS-ID-AUT", &"A".repeat(51), "a document unifier has 1 to 50 characters"),
        ("041 1", "041 2", "the reply is no code"),
        ("041 1", "041 1 ", "a value is too long"),
        ("041 1", "41 1", "a heading is no number"),
        ("041 1", "+41 1", "a heading is no number"),
        ("041 1", "999 1", "a heading is unknown"),
        ("041 1", "090 x\r\n041 1", "a heading is not of this form"),
        ("041 1", "041 1\r\n041 1", "a heading stands twice"),
        ("041 1", "041", "a line has no heading"),
        ("041 1\r\n042 19960305", "042 19960305\r\n041 1", "not written as it should be"),
        ("19960305", "19960230", "the day of the reply is none"),
        ("19960305", "1996030ż", "the day of the reply is none"),
        ("\r\n042", "\n042", "a value is too long"),
        ("042 19960305\r\n", "042 19960305", "the last line does not end"),
        ("040 FRA", "040 FRA ", "a file number has"),
    ] {
        let broken = Message { body: good.body.replacen(from, to, 1), ..good.clone() };
        assert_ne!(broken, good, "{from}");
        let error = decode(&broken).unwrap_err().to_string();
        assert!(error.contains(expected), "{expected}: {error}");
    }
    for (subject, expected) in [
        ("DSL0290096401230100", "names no form"),
        ("DSL0290096401230100.BB", "names no form"),
        ("DSL0290096401230100.", "names no form"),
        ("DSL0290096401230100.D", "no such form"),
        ("DSL0290096401230101.B", "not written as it should be"),
    ] {
        let error = decode(&Message { subject: subject.to_owned(), ..good.clone() }).unwrap_err().to_string();
        assert!(error.contains(expected), "{expected}: {error}");
    }
    let long = Message { body: "090 x\r\n".repeat(LARGEST_BODY / 7 + 1), ..good };
    assert_eq!(decode(&long), Err(Unreadable("the message is too long")));
}

#[test]
fn which_headings_were_compared_with_the_decision_is_on_record() {
    let verified: Vec<u16> =
        Heading::ALL.into_iter().filter(|heading| heading.verified()).map(Heading::number).collect();
    assert_eq!(verified, [0, 1, 26, 40, 41, 42, 45, 48]);
    assert!(Heading::ALL.windows(2).all(|pair| pair[0].number() < pair[1].number() && pair[0] < pair[1]));
}

#[test]
fn a_consultation_of_ours_has_a_file_number_of_nineteen_letters_and_digits() {
    let poland = State::parse("POL").unwrap();
    let number = FileNumber::of_consultation(&poland, "KSK/2026/000017").unwrap();
    assert_eq!(number.as_str(), "POL2026000000000017");
    for wrong in ["", "KSK", "KSK/2026", "KSK/2026/x"] {
        assert!(FileNumber::of_consultation(&poland, wrong).is_err(), "{wrong}");
    }
    let at = Timestamp::from_seconds(1_795_341_600);
    let unifier = Unifier::generate(&poland, at);
    assert_eq!(Unifier::parse(unifier.as_str()).as_ref(), Ok(&unifier));
    assert_ne!(unifier, Unifier::generate(&poland, at));
}

#[test]
fn a_form_is_sent_again_at_doubling_intervals_and_then_left_to_people() {
    let minutes = |minutes: u64| Duration::from_secs(60 * minutes);
    let rule = ResendRule { first: minutes(30), longest: minutes(240), most: 6, overdue: minutes(1_440) };
    let now = Timestamp::from_seconds(1_795_341_600);
    let after: Vec<Option<u64>> =
        (1..=6).map(|sent| rule.next(sent, now).map(|next| next.saturating_since(now).as_secs() / 60)).collect();
    assert_eq!(after, [Some(30), Some(60), Some(120), Some(240), Some(240), None]);
    assert_eq!(ResendRule { most: u32::MAX, ..rule }.next(1_000_000, now), Some(now + minutes(240)));
}

proptest! {
    #[test]
    fn any_request_is_read_as_it_was_written(surname in "[^\\p{C}\\s][^\\p{C}]{0,60}[^\\p{C}\\s]", day in 0_i64..80_000) {
        let mut form = request(surname.trim());
        if let Content::Request(request) = &mut form.content {
            request.subject.birth = BirthDate::Day(CivilDate::from_days_since_epoch(day));
        }
        prop_assert_eq!(decode(&encode(&form)), Ok(form));
    }

    #[test]
    fn no_text_makes_the_reader_panic_and_what_it_reads_is_written_the_same(subject in ".{0,30}", body in "([0-9]{2,4} .{0,8}(\r\n|\n)){0,6}") {
        let message = Message { subject, body };
        if let Ok(form) = decode(&message) {
            prop_assert_eq!(encode(&form), message);
        }
    }

    #[test]
    fn a_form_changed_anywhere_is_another_form_or_none(at in any::<proptest::sample::Index>(), to in proptest::char::range(' ', '~')) {
        let good = encode(&reply());
        let mut chars: Vec<char> = good.body.chars().collect();
        let at = at.index(chars.len());
        prop_assume!(chars[at] != to);
        chars[at] = to;
        let changed = Message { body: chars.into_iter().collect(), ..good };
        prop_assert!(decode(&changed) != Ok(reply()));
    }
}

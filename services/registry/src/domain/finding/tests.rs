//! Spellings of one name meet in a key and are judged one.

use proptest::prelude::*;
use straznica_types::{CivilDate, Timestamp};

use super::*;
use crate::domain::person::{Birth, BirthDate, Country, Fact, Name, NameKind, Sex, TravelDocument};

fn at() -> Timestamp {
    Timestamp::from_seconds(1_700_000_000)
}

fn today() -> CivilDate {
    "2026-05-04".parse().unwrap()
}

fn known(fact: Fact) -> KnownFact {
    KnownFact { fact, since: 0, replaced: None, ended: None }
}

fn name(given: &str, surname: &str, original_given: &str, original_surname: &str) -> Fact {
    Fact::Name(Name {
        kind: NameKind::Main,
        original_surname: original_surname.to_owned(),
        original_given: original_given.to_owned(),
        latin_surname: surname.to_owned(),
        latin_given: given.to_owned(),
    })
}

fn born(date: &str) -> Fact {
    Fact::Birth(Birth { date: BirthDate::parse(date).unwrap(), place: String::new() })
}

fn document(number: &str) -> Fact {
    let issuer = Country::parse("UKR", "/").unwrap();
    Fact::Document(TravelDocument { kind: "passport".to_owned(), number: number.to_owned(), issuer, expires_on: None })
}

fn person(facts: Vec<Fact>) -> Findable {
    Findable { facts: facts.into_iter().map(known).collect() }
}

fn asked(name: &str, date: &str) -> Question {
    let born = BirthDate::parse(date).unwrap();
    Question::Person(Described { name: name.to_owned(), born, nationality: None, sex: None }).check().unwrap()
}

fn shared(question: &Question, findable: &Findable) -> usize {
    let keys = keys_of(findable);
    question.keys().iter().filter(|key| keys.contains(*key)).count()
}

fn found(question: &Question, findable: &Findable) -> Option<Judged> {
    (shared(question, findable) > 0).then(|| question.judge(findable, 1_000_000, at(), today())).flatten()
}

#[test]
fn a_name_is_found_by_every_spelling_of_it_and_by_a_slip_in_one_word() {
    let ukrainian = person(vec![name("Oleksandr", "Shevchenko", "Олександр", "Шевченко"), born("1990-05-07")]);
    let arabic = person(vec![name("", "", "محمد", "الخطيب"), born("1985-01-01")]);
    let vietnamese = person(vec![name("Thi Hoa", "Nguyen", "Thị Hoa", "Nguyễn"), born("2001-11-30")]);
    for (findable, spellings) in [
        (
            &ukrainian,
            &[
                "Szewczenko Ołeksandr",
                "Alexander Shevchenko",
                "Александр Шевченко",
                "Shevchneko Oleksandr",
                "Oleksandr Shevhcenko",
                "Oleksandr Sevcenko",
                "O. Shevchenko",
            ][..],
        ),
        (&arabic, &["Mohammed Al-Khatib", "Muhamad el Chatib", "محمد الخطيب", "Mohamed Khatip"]),
        (&vietnamese, &["Nguyen Thi Hoa", "Hoa Nguyễn", "Nguyen Thi Hao"]),
    ] {
        for spelling in spellings {
            assert!(
                found(&asked(spelling, ""), findable).is_some(),
                "{spelling} {}",
                shared(&asked(spelling, ""), findable)
            );
        }
    }
    for other in ["Kowalski Jan", "Volodymyr Zelenko", "Ahmed Hassan"] {
        assert!(found(&asked(other, ""), &ukrainian).is_none(), "{other}");
    }
}

#[test]
fn a_birth_date_finds_whom_the_name_does_not_and_weighs_by_how_well_it_is_known() {
    let findable = person(vec![name("Oleksandr", "Shevchenko", "", ""), born("1990-05-07")]);
    let weight = |date: &str| found(&asked("Oleksandr Shevchenko", date), &findable).unwrap().weight;
    assert!(weight("1990-05-07") > weight("1990-07-05"), "swapped");
    assert!(weight("1990-07-05") > weight(""), "swapped is better than nothing");
    assert!(weight("1990") > weight(""));
    assert!(weight("") > weight("1961-12-24"));
    for date in ["1990-05-07", "1990-07-05"] {
        let misheard = asked("Sash Czefczuk", date);
        assert!(shared(&misheard, &findable) > 0, "{date}");
    }
    let namesake = found(&asked("Oleksandr Shevchenko", ""), &findable).unwrap();
    let same = found(&asked("Oleksandr Shevchenko", "1990-05-07"), &findable).unwrap();
    assert!(namesake.score < 0.1 && same.score > 0.9, "{} {}", namesake.score, same.score);
    let said: Vec<&str> = same.why.iter().map(|reason| reason.said.as_str()).collect();
    assert_eq!(said, ["1990-05-07: same", "oleksandr stands in both; shevchenko stands in both"]);
}

#[test]
fn nationality_and_sex_speak_for_and_against() {
    let nationality = |code: &str| Country::parse(code, "/").unwrap();
    let facts = || vec![name("Anna", "Kowal", "", ""), Fact::Nationality(nationality("UKR")), Fact::Sex(Sex::Female)];
    let findable = person([facts(), vec![Fact::Nationality(nationality("POL"))]].concat());
    let ask = |code: Option<&str>, sex| {
        let described = Described {
            name: "Anna Kowal".to_owned(),
            born: BirthDate::Unknown,
            nationality: code.map(nationality),
            sex,
        };
        Question::Person(described).judge(&findable, 1_000, at(), today()).unwrap().weight
    };
    let plain = ask(None, None);
    assert!(ask(Some("UKR"), None) > plain && ask(Some("POL"), None) > plain && ask(Some("VNM"), None) < plain);
    assert!(ask(None, Some(Sex::Female)) > plain && ask(None, Some(Sex::Male)) < plain);
}

#[test]
fn a_number_is_found_as_people_write_it_and_nothing_else_by_it() {
    let findable = person(vec![name("Anna", "Kowal", "", ""), document("FA 012345")]);
    for (number, there) in [("FA012345", true), ("fa-012345", true), ("FAO12345", true), ("FA012346", false)] {
        let question = Question::Number(number.to_owned()).check().unwrap();
        assert_eq!(found(&question, &findable).is_some(), there, "{number}");
    }
    let weight = |number: &str| found(&Question::Number(number.to_owned()), &findable).unwrap().weight;
    assert!(weight("FA012345") > weight("FAO12345"));
    for nothing in ["", " - "] {
        assert!(Question::Number(nothing.to_owned()).check().is_err());
        let described =
            Described { name: nothing.to_owned(), born: BirthDate::Year(1990), nationality: None, sex: None };
        assert!(Question::Person(described).check().is_err());
    }
}

#[test]
fn what_was_replaced_or_ended_is_found_as_history_and_what_was_stated_later_not_at_all() {
    let mut findable = person(vec![name("Anna", "Kowal", "", ""), name("Anna", "Zielińska", "", "")]);
    let moment = at().millis();
    (findable.facts[0].since, findable.facts[0].replaced) = (moment - 100, Some(moment - 10));
    findable.facts[1].since = moment - 10;
    let judged = |name: &str, millis: i64| {
        asked(name, "").judge(&findable, 1_000, Timestamp::from_millis(millis), today()).map(|judged| judged.history())
    };
    assert_eq!(judged("Anna Kowal", moment), Some(true));
    assert_eq!(judged("Anna Zielińska", moment), Some(false));
    assert_eq!(judged("Anna Kowal", moment - 50), Some(false));
    assert_eq!(judged("Anna Zielińska", moment - 50), None);
    let mut ended = person(vec![name("Anna", "Kowal", "", ""), document("FA1")]);
    ended.facts[1].ended = Some(today().days_since_epoch());
    let judged = Question::Number("FA1".to_owned()).judge(&ended, 1_000, at(), today()).unwrap();
    assert!(judged.history() && judged.why[0].standing == Standing::Ended);
}

proptest! {
    #[test]
    fn what_is_stated_later_takes_no_key_away(
        names in proptest::collection::vec("[A-Za-zА-я ]{1,20}", 1..4),
        years in proptest::collection::vec(1950_i64..2020, 0..3),
    ) {
        let facts: Vec<Fact> = names.iter().map(|text| name("", text, "", "")).chain(years.iter().map(|year| born(&year.to_string()))).collect();
        let mut before = keys_of(&Findable::default());
        for count in 1..=facts.len() {
            let after = keys_of(&person(facts[..count].to_vec()));
            prop_assert!(before.is_subset(&after));
            before = after;
        }
    }

    #[test]
    fn anybody_is_found_by_the_name_that_was_stated(given in "[A-Z][a-z]{2,8}", surname in "[A-Z][a-z]{2,8}") {
        let findable = person(vec![name(&given, &surname, "", "")]);
        let question = asked(&format!("{surname} {given}"), "");
        prop_assume!(!keys_of(&findable).is_empty());
        prop_assert!(found(&question, &findable).is_some());
    }
}

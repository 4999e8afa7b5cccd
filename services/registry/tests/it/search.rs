//! Persons are found however somebody writes them, and nothing of it lies open.

use straznica_contracts::common::v1::CallContext;
use straznica_contracts::registry::v1::fact::Fact as Stated;
use straznica_contracts::registry::v1::person_question::Question;
use straznica_contracts::registry::v1::search_service_client::SearchServiceClient;
use straznica_contracts::registry::v1::statement_change::Change;
use straznica_contracts::registry::v1::{
    Birth, Correction, End, FindingStanding, Name, NameKind, Nationality, NewStatement, PersonDescription,
    PersonQuestion, SearchPersonsRequest, SearchPersonsResponse, TravelDocument,
};
use straznica_registry::Migrations;
use straznica_store::on_both_engines;
use straznica_types::Timestamp;
use tonic::Status;

use crate::house::{House, context, event, refusal, statement};

pub(crate) fn named(given: &str, surname: &str, original_given: &str, original_surname: &str) -> NewStatement {
    statement(Stated::Name(Name {
        kind: NameKind::Main.into(),
        original_surname: original_surname.to_owned(),
        original_given: original_given.to_owned(),
        latin_surname: surname.to_owned(),
        latin_given: given.to_owned(),
    }))
}

pub(crate) fn born(date: &str) -> NewStatement {
    statement(Stated::Birth(Birth { date: date.to_owned(), place: String::new() }))
}

pub(crate) fn passport(number: &str) -> NewStatement {
    statement(Stated::Document(TravelDocument {
        kind: "passport".to_owned(),
        number: number.to_owned(),
        issuer: "UKR".to_owned(),
        expires_on: String::new(),
    }))
}

fn national(code: &str) -> NewStatement {
    statement(Stated::Nationality(Nationality { code: code.to_owned() }))
}

async fn ask(house: &House, question: Question, known_at: Option<Timestamp>) -> Result<SearchPersonsResponse, Status> {
    let request = SearchPersonsRequest {
        context: Some(context("first")),
        question: Some(PersonQuestion { question: Some(question) }),
        known_at_ms: known_at.map(Timestamp::millis),
        page_size: 0,
        offset: 0,
    };
    Ok(SearchServiceClient::new(house.channel.clone()).search_persons(request).await?.into_inner())
}

fn described(name: &str, birth_date: &str, nationality: &str) -> Question {
    Question::Person(PersonDescription {
        name: name.to_owned(),
        birth_date: birth_date.to_owned(),
        nationality: nationality.to_owned(),
        sex: 0,
    })
}

async fn ids(house: &House, question: Question) -> Vec<String> {
    let found = ask(house, question, None).await.unwrap();
    found.persons.into_iter().map(|person| person.person_id).collect()
}

/// A town of people, and the one of each script who is looked for.
async fn town(house: &House) -> [String; 3] {
    for (given, surname, date) in [
        ("Jan", "Kowalski", "1970-03-04"),
        ("Olena", "Shevchuk", "1990-05-07"),
        ("Ahmed", "Hassan", "1985-01-01"),
        ("Tran", "Van Minh", "2001-11-30"),
    ] {
        house.register(vec![named(given, surname, "", ""), born(date)]).await.unwrap();
    }
    let ukrainian = vec![
        named("Oleksandr", "Shevchenko", "Олександр", "Шевченко"),
        born("1990-05-07"),
        national("UKR"),
        passport("FA 012345"),
    ];
    let arabic = vec![named("Mohammed", "Al-Khatib", "محمد", "الخطيب"), born("1985-01-01"), national("SYR")];
    let vietnamese = vec![named("Thi Hoa", "Nguyen", "Thị Hoa", "Nguyễn"), born("2001-11-30"), national("VNM")];
    [
        house.register(ukrainian).await.unwrap(),
        house.register(arabic).await.unwrap(),
        house.register(vietnamese).await.unwrap(),
    ]
}

on_both_engines! {
    Migrations;

    async fn a_name_of_another_script_is_found_by_its_spellings_and_slips(database: TestDatabase) {
        let house = House::open(database).await;
        let [ukrainian, arabic, vietnamese] = town(&house).await;
        for (name, whom) in [
            ("Szewczenko Ołeksandr", &ukrainian),
            ("Alexander Shevchenko", &ukrainian),
            ("Александр Шевченко", &ukrainian),
            ("Shevchenko", &ukrainian),
            ("Oleksandr Shevhcenko", &ukrainian),
            ("Muhamad el Chatib", &arabic),
            ("محمد الخطيب", &arabic),
            ("Hoa Nguyễn", &vietnamese),
            ("Nguyen Thi Hao", &vietnamese),
        ] {
            let found = ids(&house, described(name, "", "")).await;
            assert_eq!(found.first(), Some(whom), "{name}");
        }
        assert_eq!(ids(&house, described("Zbigniew Brzęczyszczykiewicz", "", "")).await, Vec::<String>::new());
        house.close().await;
    }

    async fn hits_say_why_and_a_swapped_date_is_near(database: TestDatabase) {
        let house = House::open(database).await;
        let [ukrainian, ..] = town(&house).await;
        let found = ask(&house, described("Szewczenko Aleksander", "1990-07-05", "UKR"), None).await.unwrap();
        assert!(!found.too_common && found.next_offset == 0);
        let first = &found.persons[0];
        assert!(first.person_id == ukrainian && first.score > 0.8 && !first.history, "{}", first.score);
        let why: Vec<(&str, &str)> = first.why.iter().map(|reason| (reason.field.as_str(), reason.said.as_str())).collect();
        assert!(why.contains(&("date of birth", "1990-05-07: near")), "{why:?}");
        assert!(why.contains(&("nationality", "UKR: same")) && why.iter().any(|(field, said)| *field == "name" && said.contains("szewczenko")), "{why:?}");
        let known: Vec<bool> = first.known.iter().map(|fact| matches!(fact.fact, Some(Stated::Document(_)))).collect();
        assert_eq!(known, [false; 3], "name, birth and nationality");
        let elsewhere = ask(&house, described("Szewczenko Aleksander", "1961-12-24", "VNM"), None).await.unwrap();
        assert!(elsewhere.persons.first().is_none_or(|person| person.score < first.score));
        house.close().await;
    }

    async fn a_number_finds_whom_it_names_also_when_it_is_over(database: TestDatabase) {
        let house = House::open(database).await;
        let [ukrainian, arabic, _] = town(&house).await;
        let opened = house.open_case("protection", &[&ukrainian, &arabic], event("application_registered", house.at("2026-04-21T08:00:00Z"))).await.unwrap();
        let number = |text: &str| Question::Number(text.to_owned());
        for text in ["FA012345", "fa 012-345", "FAO12345", ukrainian.as_str()] {
            assert_eq!(ids(&house, number(text)).await, [ukrainian.as_str()], "{text}");
        }
        assert_eq!(ids(&house, number(&opened.number)).await.len(), 2);
        assert_eq!(ids(&house, number("FA012346")).await, Vec::<String>::new());
        let passport = house.person(&ukrainian).await.statements[3].statement_id.clone();
        let end = End { statement_id: passport, valid_to: "2026-04-01".to_owned(), source: "word".to_owned(), reason: "lost".to_owned() };
        house.change(&ukrainian, 1, vec![Change::End(end)]).await.unwrap();
        let found = ask(&house, number("FA012345"), None).await.unwrap().persons;
        assert!(found.len() == 1 && found[0].history && found[0].why[0].standing() == FindingStanding::Ended);
        house.close().await;
    }

    async fn a_name_that_was_corrected_is_found_as_history_and_then_as_it_was(database: TestDatabase) {
        let house = House::open(database).await;
        let registered = house.at("2026-05-04T08:00:00Z");
        let id = house.register(vec![named("Anna", "Kowal", "", "")]).await.unwrap();
        house.at("2026-05-05T08:00:00Z");
        let wrong = house.person(&id).await.statements[0].statement_id.clone();
        let with = Some(named("Joanna", "Zielińska", "", ""));
        house.change(&id, 1, vec![Change::Correct(Correction { statement_id: wrong, with })]).await.unwrap();
        for (name, known_at, history) in [
            ("Anna Kowal", None, Some(true)),
            ("Joanna Zielinska", None, Some(false)),
            ("Anna Kowal", Some(registered), Some(false)),
            ("Joanna Zielinska", Some(registered), None),
        ] {
            let found = ask(&house, described(name, "", ""), known_at).await.unwrap().persons;
            assert_eq!(found.first().map(|person| person.history), history, "{name} {known_at:?}");
            assert!(found.iter().all(|person| person.person_id == id));
        }
        house.close().await;
    }

    async fn a_search_is_journalled_with_whom_it_showed_and_refused_without_a_purpose(database: TestDatabase) {
        let house = House::open(database).await;
        let [ukrainian, ..] = town(&house).await;
        assert_eq!(ids(&house, Question::Number("FA012345".to_owned())).await, [ukrainian]);
        let kinds = house.journal_kinds().await;
        assert_eq!(kinds[kinds.len() - 2..], ["persons.searched", "person.found"]);
        let request = SearchPersonsRequest {
            context: Some(CallContext { case_number: String::new(), ..context("first") }),
            question: Some(PersonQuestion { question: Some(described("Shevchenko", "", "")) }),
            ..SearchPersonsRequest::default()
        };
        let refused = SearchServiceClient::new(house.channel.clone()).search_persons(request).await;
        assert_eq!(refusal(refused), "registry.invalid_request");
        for question in [described("…", "", ""), described("Anna", "1990-02-30", ""), described("Anna", "", "ukr"), Question::Number("-".to_owned())] {
            assert_eq!(refusal(ask(&house, question, None).await), "registry.invalid_request");
        }
        assert_eq!(house.journal_kinds().await.len(), kinds.len());
        for text in house.texts("SELECT detail FROM journal_payload WHERE detail IS NOT NULL").await {
            assert!(!text.contains("FA012345") && !text.to_lowercase().contains("shevchenko"), "{text}");
        }
        house.close().await;
    }

    async fn what_persons_are_found_by_is_made_again_from_nothing(database: TestDatabase) {
        let house = House::open(database).await;
        let [ukrainian, ..] = town(&house).await;
        let keys = house.texts("SELECT CAST(COUNT(*) AS TEXT) FROM finding_key").await;
        house.execute("DELETE FROM finding_key WHERE digest > 0").await;
        house.execute("UPDATE finding_record SET version = 0").await;
        house.execute("INSERT INTO finding_key SELECT 7, id FROM person").await;
        assert_eq!(ids(&house, described("Shevchenko Oleksandr", "", "")).await, Vec::<String>::new());
        let house = house.restarted().await;
        for _ in 0..200 {
            if house.texts("SELECT CAST(COUNT(*) AS TEXT) FROM finding_key").await == keys {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        assert_eq!(house.texts("SELECT CAST(COUNT(*) AS TEXT) FROM finding_key").await, keys);
        let found = ask(&house, described("Shevchenko Oleksandr", "", ""), None).await.unwrap();
        assert!(found.persons[0].person_id == ukrainian && !found.incomplete);
        house.close().await;
    }
}

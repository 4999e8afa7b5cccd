//! Persons: nothing is overwritten, and nobody sees what their purpose does not let them.

use straznica_contracts::common::v1::CallContext;
use straznica_contracts::registry::v1::fact::Fact as Stated;
use straznica_contracts::registry::v1::statement_change::Change;
use straznica_contracts::registry::v1::{
    Birth, Correction, End, FamilyLink, FamilyRelation, GetPersonResponse, ListPersonHistoryRequest, Nationality,
    Vulnerability, Withdrawal,
};
use straznica_registry::Migrations;
use straznica_store::on_both_engines;

use crate::house::{House, code, context, name, refusal, statement};

fn nationality(code: &str) -> Stated {
    Stated::Nationality(Nationality { code: code.to_owned() })
}

fn nationalities(person: &GetPersonResponse) -> Vec<String> {
    let facts = person.statements.iter().filter_map(|statement| statement.fact.as_ref()?.fact.as_ref());
    facts
        .filter_map(|fact| match fact {
            Stated::Nationality(nationality) => Some(nationality.code.clone()),
            _ => None,
        })
        .collect()
}

on_both_engines! {
    Migrations;

    async fn what_was_known_on_a_day_is_answered_for_every_moment(database: TestDatabase) {
        let house = House::open(database).await;
        let registered = house.at("2026-05-04T08:00:00Z");
        let mut stated = statement(nationality("RUS"));
        stated.valid_from = "2000-01-01".to_owned();
        let id = house.register(vec![statement(name("Iwanow", "Іванов")), stated]).await.unwrap();
        let first = house.person(&id).await;
        assert_eq!((first.version, nationalities(&first)), (1, vec!["RUS".to_owned()]));

        let corrected = house.at("2026-05-05T08:00:00Z");
        let mut with = statement(nationality("UKR"));
        with.valid_from = "2000-01-01".to_owned();
        let wrong = first.statements[1].statement_id.clone();
        let change = Change::Correct(Correction { statement_id: wrong.clone(), with: Some(with) });
        assert_eq!(house.change(&id, 1, vec![change]).await.unwrap(), 2);
        let ended = house.at("2026-05-06T08:00:00Z");
        let current = house.person(&id).await.statements[1].statement_id.clone();
        let end = End {
            statement_id: current,
            valid_to: "2020-01-01".to_owned(),
            source: "decree".to_owned(),
            reason: "lost".to_owned(),
        };
        assert_eq!(house.change(&id, 2, vec![Change::End(end)]).await.unwrap(), 3);

        for (known_at, on, expected) in [
            (registered, "2010-01-01", &["RUS"][..]),
            (registered, "1999-12-31", &[]),
            (corrected, "2026-05-05", &["UKR"]),
            (ended, "2019-12-31", &["UKR"]),
            (ended, "2020-01-01", &[]),
        ] {
            let then = house.person_as(context("first"), &id, Some(known_at), on).await.unwrap();
            assert_eq!(nationalities(&then), expected, "{known_at} {on}");
        }
        let request = ListPersonHistoryRequest { context: Some(context("first")), person_id: id.clone() };
        let history = house.persons.clone().list_person_history(request).await.unwrap().into_inner();
        assert_eq!(history.statements.len(), 4);
        assert_eq!(history.statements[1].replaced_by, history.statements[2].statement_id);
        assert_eq!(history.statements[2].replaces, wrong);
        let mut kinds = house.journal_kinds().await;
        assert_eq!(kinds.pop().as_deref(), Some("person.history_read"));
        assert_eq!(kinds[..4], ["person.registered", "person.read", "person.changed", "person.read"]);
        house.close().await;
    }

    async fn of_two_who_change_a_person_at_once_one_is_told_to_look_again(database: TestDatabase) {
        let house = House::open(database).await;
        let id = house.somebody().await;
        let change = |code: &str| vec![Change::Add(statement(nationality(code)))];
        let (one, other) = tokio::join!(house.change(&id, 1, change("UKR")), house.change(&id, 1, change("BLR")));
        let refused = [one, other].into_iter().filter_map(Result::err).collect::<Vec<_>>();
        assert_eq!(refused.len(), 1);
        assert_eq!((code(&refused[0]).as_str(), refused[0].code()), ("registry.stale", tonic::Code::Aborted));
        assert_eq!(nationalities(&house.person(&id).await).len(), 1);
        assert_eq!(refusal(house.change(&id, 1, change("GEO")).await), "registry.stale");
        house.close().await;
    }

    async fn vulnerabilities_are_withheld_from_purposes_that_do_not_need_them(database: TestDatabase) {
        let house = House::open(database).await;
        let vulnerable = Stated::Vulnerability(Vulnerability { kind: "tortured".to_owned(), note: String::new() });
        let id = house.register(vec![statement(name("Iwanow", "")), statement(vulnerable.clone())]).await.unwrap();
        let residence = CallContext { purpose: "residence_proceedings".to_owned(), ..context("other") };
        let seen = house.person_as(residence.clone(), &id, None, "").await.unwrap();
        assert_eq!((seen.statements.len(), seen.withheld), (1, true));
        let all = house.person(&id).await;
        assert_eq!((all.statements.len(), all.withheld), (2, false));
        let stated = house.change_as(residence.clone(), &id, 1, vec![Change::Add(statement(vulnerable))]).await;
        assert_eq!(refusal(stated), "registry.not_for_this_purpose");
        let withdrawal = Withdrawal {
            statement_id: all.statements[1].statement_id.clone(),
            source: "word".to_owned(),
            reason: "mistake".to_owned(),
        };
        let withdrawn = house.change_as(residence, &id, 1, vec![Change::Withdraw(withdrawal)]).await;
        assert_eq!(refusal(withdrawn), "registry.not_for_this_purpose");
        house.close().await;
    }

    async fn nothing_is_done_without_officer_purpose_and_case_number(database: TestDatabase) {
        let house = House::open(database).await;
        let id = house.somebody().await;
        let entries = house.journal_kinds().await.len();
        for (broken, member) in [
            (CallContext { officer: String::new(), ..context("first") }, "/context/officer"),
            (CallContext { purpose: String::new(), ..context("first") }, "/context/purpose"),
            (CallContext { purpose: "curiosity".to_owned(), ..context("first") }, "/context/purpose"),
            (CallContext { case_number: String::new(), ..context("first") }, "/context/case_number"),
        ] {
            let refused = house.person_as(broken, &id, None, "").await.unwrap_err();
            let detail = straznica_error::detail_of(&refused).unwrap();
            assert_eq!((detail.code.as_str(), detail.errors[0].pointer.as_str()), ("registry.invalid_request", member));
        }
        assert_eq!(house.journal_kinds().await.len(), entries);
        house.close().await;
    }

    async fn what_cannot_be_stated_is_refused(database: TestDatabase) {
        let house = House::open(database).await;
        let id = house.somebody().await;
        let birth = |date: &str| Stated::Birth(Birth { date: date.to_owned(), place: String::new() });
        let link = |person: &str| {
            let relation = FamilyRelation::Spouse.into();
            Stated::FamilyLink(FamilyLink { person_id: person.to_owned(), relation })
        };
        let nobody = "01900000-0000-7000-8000-000000000000";
        for fact in [birth("1990-02-30"), nationality("ukr"), name("", " "), link(&id), link(nobody), link("x")] {
            let outcome = house.change(&id, 1, vec![Change::Add(statement(fact.clone()))]).await;
            assert_eq!(refusal(outcome), "registry.invalid_request");
        }
        assert_eq!(refusal(house.register(vec![statement(nationality("UKR"))]).await), "registry.not_now");
        assert_eq!(refusal(house.person_as(context("first"), nobody, None, "").await), "registry.not_found");
        let other = house.somebody().await;
        for fact in [birth("1990"), birth("1990-05"), birth(""), link(&other)] {
            let version = house.person(&id).await.version;
            house.change(&id, version, vec![Change::Add(statement(fact))]).await.unwrap();
        }
        house.close().await;
    }

    async fn nothing_of_a_person_lies_open_in_the_database(database: TestDatabase) {
        let house = House::open(database).await;
        house.register(vec![statement(name("Canaryow", "Канарьов"))]).await.unwrap();
        let sealed = "SELECT CAST(COUNT(*) AS TEXT) FROM statement WHERE sealed IS NOT NULL";
        assert_eq!(house.texts(sealed).await, ["1"]);
        let reader = house.database.store().reader();
        let statement = sea_orm::Statement::from_string(
            sea_orm::ConnectionTrait::get_database_backend(reader),
            "SELECT sealed FROM statement",
        );
        let rows = sea_orm::ConnectionTrait::query_all_raw(reader, statement).await.unwrap();
        let bytes: Vec<u8> = rows[0].try_get_by_index(0).unwrap();
        for planted in ["Canaryow", "Канарьов", "passport", "intake"] {
            let there = bytes.windows(planted.len()).any(|window| window == planted.as_bytes());
            assert!(!there, "{planted}");
            let told = house.texts("SELECT detail FROM journal_payload WHERE detail IS NOT NULL").await;
            assert!(!told.is_empty() && !told.iter().any(|text| text.contains(planted)), "{planted}");
        }
        house.close().await;
    }
}

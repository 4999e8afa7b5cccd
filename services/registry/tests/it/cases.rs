//! Cases: opened, moved by what the rules let happen, shown with deadlines that say why.

use prost::Message as _;
use sea_orm::{ConnectionTrait, Statement};
use straznica_contracts::registry::events::v1::{CaseMoved, CaseOpened};
use straznica_contracts::registry::v1::{
    CaseEvent, CountingKind, Deadline, DeadlineState, GetCaseRequest, GetCaseResponse, RecordEventRequest,
};
use straznica_registry::Migrations;
use straznica_store::on_both_engines;

use crate::house::{House, code, context, event, refusal};

fn deadline<'a>(case: &'a GetCaseResponse, rule: &str) -> &'a Deadline {
    case.deadlines.iter().find(|deadline| deadline.rule == rule).unwrap_or_else(|| panic!("no {rule}"))
}

async fn payloads(house: &House, name: &str) -> Vec<Vec<u8>> {
    let reader = house.database.store().reader();
    let sql = format!("SELECT payload FROM event WHERE type_name LIKE '%.{name}' ORDER BY at");
    let rows = reader.query_all_raw(Statement::from_string(reader.get_database_backend(), sql)).await.unwrap();
    rows.iter().map(|row| row.try_get_by_index(0).unwrap()).collect()
}

on_both_engines! {
    Migrations;

    async fn an_application_goes_from_the_border_to_the_office_and_shows_its_deadlines(database: TestDatabase) {
        let house = House::open(database).await;
        let (mother, child) = (house.somebody().await, house.somebody().await);
        // Wednesday 29 April 2026: working days are Thursday 30; Friday is 1 May; then Monday 4 and Tuesday 5 May.
        let declared = house.at("2026-04-29T08:00:00Z");
        let both = [mother.as_str(), child.as_str()];
        let opened = house.open_case("protection", &both, event("intention_declared", declared)).await.unwrap();
        assert_eq!((opened.number.as_str(), opened.stage.as_str()), ("protection/2026/000001", "declared"));
        let case = house.case(&opened.case_id).await;
        assert_eq!((case.rule_set.as_str(), case.person_ids.len()), ("protection-2015", 2));
        let registration = deadline(&case, "registration");
        assert_eq!(registration.last_day, "2026-05-05");
        assert_eq!(registration.state(), DeadlineState::Running);
        let basis = registration.basis.clone().unwrap();
        assert!(basis.journal.starts_with("Dz.U.") && basis.article.starts_with("art. 28"), "{basis:?}");
        let says = registration.says.clone().unwrap();
        assert!(says.pl.contains("3 dni") && says.en.contains("3 working days"), "{says:?}");
        let first = &registration.why[0];
        assert_eq!((first.kind(), first.event.as_str()), (CountingKind::Counted, "intention_declared"));
        assert_eq!((first.day.as_str(), first.reaches.as_str()), ("2026-04-29", "2026-05-05"));

        let registered = house.at("2026-05-04T08:00:00Z");
        let recorded = house.record(&opened.case_id, 1, event("application_registered", registered)).await.unwrap();
        assert_eq!((recorded.version, recorded.stage.as_str()), (2, "registered"));
        let case = house.case(&opened.case_id).await;
        assert_eq!(deadline(&case, "registration").state(), DeadlineState::Met);
        let forwarding = deadline(&case, "forwarding");
        assert_eq!((forwarding.last_day.as_str(), forwarding.due_at_ms), ("", registered.millis() + 48 * 3_600_000));
        assert_eq!(deadline(&case, "merits").last_day, "2026-11-04");
        // As it stood the day before, the application was not there.
        let request = GetCaseRequest {
            context: Some(context("first")),
            case_id: opened.case_id.clone(),
            at_ms: Some(declared.millis() + 1),
        };
        let then = house.cases.clone().get_case(request).await.unwrap().into_inner();
        assert_eq!((then.stage.as_str(), then.deadlines.len()), ("declared", 1));

        assert_eq!(
            house.journal_kinds().await[2..],
            ["case.opened", "case.read", "case.event_recorded", "case.read", "case.read"]
        );
        let numbers = house.texts("SELECT case_number FROM journal_payload WHERE case_number LIKE 'protection/%'").await;
        assert_eq!(numbers.len(), 5);
        let told = CaseOpened::decode(payloads(&house, "CaseOpened").await[0].as_slice()).unwrap();
        assert_eq!((told.persons, told.stage.as_str()), (2, "declared"));
        let told = CaseMoved::decode(payloads(&house, "CaseMoved").await[0].as_slice()).unwrap();
        assert_eq!((told.event.as_str(), told.stage.as_str()), ("application_registered", "registered"));
        house.close().await;
    }

    async fn the_law_of_the_day_governs_a_case(database: TestDatabase) {
        let house = House::open(database).await;
        let person = house.somebody().await;
        let now = house.at("2026-06-12T10:00:00Z");
        let before = "2026-06-11T10:00:00Z".parse().unwrap();
        for (first, at, expected) in [
            ("application_registered", before, "protection-2015"),
            // Not lodged by then.
            ("intention_declared", before, "protection-2026"),
            ("intention_declared", now, "protection-2026"),
        ] {
            let opened = house.open_case("protection", &[&person], event(first, at)).await.unwrap();
            assert_eq!(house.case(&opened.case_id).await.rule_set, expected);
        }
        let long_ago = event("intention_declared", "2015-11-12T10:00:00Z".parse().unwrap());
        assert_eq!(refusal(house.open_case("protection", &[&person], long_ago).await), "registry.not_now");
        house.close().await;
    }

    async fn what_the_rules_do_not_let_happen_is_refused_and_leaves_nothing(database: TestDatabase) {
        let house = House::open(database).await;
        let person = house.somebody().await;
        let now = house.at("2026-05-04T08:00:00Z");
        let registered = event("application_registered", now);
        let opened = house.open_case("protection", &[&person], registered.clone()).await.unwrap();
        let entries = house.journal_kinds().await.len();
        let later = "2026-05-05T08:00:00Z".parse().unwrap();
        for (wrong, expected) in [
            (event("appeal_filed", now), "registry.not_now"),
            (event("danced", now), "registry.not_now"),
            (event("application_forwarded", later), "registry.invalid_request"),
            (event("decision_issued", now), "registry.not_now"),
            (event("person_joined", now), "registry.invalid_request"),
            (event("", now), "registry.invalid_request"),
        ] {
            assert_eq!(refusal(house.record(&opened.case_id, 1, wrong.clone()).await), expected, "{wrong:?}");
        }
        let nobody = "01900000-0000-7000-8000-000000000000";
        let unknown = house.open_case("protection", &[nobody], registered.clone()).await;
        assert_eq!(refusal(unknown), "registry.not_found");
        let twice = house.open_case("protection", &[&person, &person], registered.clone()).await;
        assert_eq!(refusal(twice), "registry.invalid_request");
        assert_eq!(refusal(house.open_case("dancing", &[&person], registered.clone()).await), "registry.not_now");
        assert_eq!(refusal(house.record(nobody, 1, registered).await), "registry.not_found");
        assert_eq!(house.journal_kinds().await.len(), entries);
        assert_eq!(house.case(&opened.case_id).await.version, 1);
        house.close().await;
    }

    async fn of_two_who_record_at_once_one_is_told_to_look_again(database: TestDatabase) {
        let house = House::open(database).await;
        let person = house.somebody().await;
        let now = house.at("2026-05-04T08:00:00Z");
        let opened = house.open_case("protection", &[&person], event("application_registered", now)).await.unwrap();
        let record = |name: &str| house.record(&opened.case_id, 1, event(name, now));
        let (one, other) = tokio::join!(record("tztc_issued"), record("application_forwarded"));
        let refused: Vec<_> = [one, other].into_iter().filter_map(Result::err).collect();
        assert_eq!(refused.len(), 1);
        assert_eq!((code(&refused[0]).as_str(), refused[0].code()), ("registry.stale", tonic::Code::Aborted));
        let case = house.case(&opened.case_id).await;
        assert_eq!((case.version, case.events.len()), (2, 2));
        house.close().await;
    }

    async fn a_child_born_during_the_case_joins_it(database: TestDatabase) {
        let house = House::open(database).await;
        let (mother, child) = (house.somebody().await, house.somebody().await);
        let now = house.at("2026-05-04T08:00:00Z");
        let opened = house.open_case("protection", &[&mother], event("application_registered", now)).await.unwrap();
        let join = |joining: Vec<String>, version| RecordEventRequest {
            context: Some(context("first")),
            case_id: opened.case_id.clone(),
            expected_version: version,
            event: Some(event("person_joined", now)),
            joining_person_ids: joining,
        };
        let cases = || house.cases.clone();
        cases().record_event(join(vec![child.clone()], 1)).await.unwrap();
        assert_eq!(house.case(&opened.case_id).await.person_ids, [mother.clone(), child.clone()]);
        let again = cases().record_event(join(vec![child], 2)).await;
        assert_eq!(refusal(again), "registry.invalid_request");
        house.close().await;
    }

    async fn silence_and_a_notice_on_the_board_move_a_case_by_themselves(database: TestDatabase) {
        let house = House::open(database).await;
        let person = house.somebody().await;
        let now = house.at("2026-05-04T08:00:00Z");
        let opened = house.open_case("protection", &[&person], event("application_registered", now)).await.unwrap();
        let asked = CaseEvent { of: "abw".to_owned(), ..event("security_opinion_requested", now) };
        house.record(&opened.case_id, 1, asked).await.unwrap();
        let standing = |case: GetCaseResponse| {
            let opinion = deadline(&case, "security_opinion").clone();
            (opinion.state(), opinion.passing, opinion.of)
        };
        // Thirty days from 4 May: Wednesday 3 June.
        let told = standing(house.case(&opened.case_id).await);
        assert_eq!(told, (DeadlineState::Running, String::new(), "abw".to_owned()));
        house.at("2026-06-03T22:00:00Z");
        let told = standing(house.case(&opened.case_id).await);
        assert_eq!(told, (DeadlineState::Passed, "requirement_met".to_owned(), "abw".to_owned()));
        house.close().await;
    }
}

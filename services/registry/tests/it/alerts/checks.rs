//! A person and a document are checked, and the check is kept.

use straznica_contracts::registry::v1::{AlertResult, AlertStanding, AlertSubject, AlertUnavailability};
use straznica_registry::Migrations;
use straznica_store::on_both_engines;

use super::desk::{Desk, NOTHING, born, came_to, named, passport};
use crate::house::{House, context, event, refusal};

on_both_engines! {
    Migrations;

    async fn a_check_says_what_is_to_be_done_and_is_kept(database: TestDatabase) {
        let desk = Desk::open(database).await;
        let nobody = desk.register("Nikt", "Nijaki", "1871-01-01").await;
        let clear = desk.check(&nobody, "").await.unwrap();
        assert_eq!((came_to(&clear), clear.findings.len()), ((AlertResult::NoHit, NOTHING), 0));
        assert_eq!((clear.source.as_str(), clear.checked_by.as_str(), clear.subject()), ("N.SIS", "first", AlertSubject::Person));
        assert_eq!(clear.as_of_ms, Some(clear.checked_at_ms));

        let sought = desk.register("Niebylski", "Dobrogost", "1855-12-24").await;
        let hit = desk.check(&sought, "").await.unwrap();
        assert_eq!(came_to(&hit), (AlertResult::Hit, NOTHING));
        let [found] = &hit.findings[..] else { panic!("one alert: {hit:?}") };
        assert_eq!((found.category.as_str(), found.action.as_str(), found.issuing_state.as_str()), ("arrest", "arrest", "ESP"));
        assert_eq!((found.standing(), found.discreet, found.likeness.is_some()), (AlertStanding::Exact, false, false));
        assert!(found.instruction.as_ref().unwrap().pl.contains("SIRENE"));
        assert!(found.basis.as_ref().unwrap().journal.contains("L 312"));
        let discreet = desk.register("Cichy", "Wrócisław", "1866-06-06").await;
        assert!(desk.check(&discreet, "").await.unwrap().findings[0].discreet);

        let listed = desk.list(&sought).await;
        assert_eq!(listed.checks, [hit]);
        let kinds = desk.house.journal_kinds().await;
        assert_eq!(kinds.iter().filter(|kind| *kind == "alerts.checked").count(), 3);
        assert_eq!(kinds.last().map(String::as_str), Some("alerts.read"));
        desk.close().await;
    }

    async fn a_document_is_checked_by_itself(database: TestDatabase) {
        let desk = Desk::open(database).await;
        let statements = vec![named("Nikt", "Nijaki", ""), born("1871-01-01"), passport("UT 0000990"), passport("UT0000991")];
        let person = desk.house.register(statements).await.unwrap();
        let shown = desk.house.person(&person).await;
        let ids: Vec<&str> = shown.statements.iter().map(|statement| statement.statement_id.as_str()).collect();
        let stolen = desk.check_document(&person, ids[2]).await.unwrap();
        assert_eq!((stolen.result(), stolen.subject(), stolen.statement_id.as_str()), (AlertResult::Hit, AlertSubject::Document, ids[2]));
        assert_eq!((stolen.findings[0].category.as_str(), stolen.findings[0].action.as_str()), ("object", "seize"));
        assert_eq!(desk.check_document(&person, ids[3]).await.unwrap().result(), AlertResult::NoHit);
        assert_eq!(refusal(desk.check_document(&person, ids[0]).await), "registry.not_found");
        assert_eq!(desk.check(&person, "").await.unwrap().result(), AlertResult::NoHit);
        desk.close().await;
    }

    async fn a_check_for_a_case_is_of_somebody_in_it_and_shown_in_it(database: TestDatabase) {
        let desk = Desk::open(database).await;
        let person = desk.register("Nikt", "Nijaki", "1871-01-01").await;
        let other = desk.register("Nikt", "Inny", "1872-01-01").await;
        let now = desk.house.at("2026-04-20T08:00:00Z");
        let opened = desk.house.open_case("protection", &[&person], event("application_registered", now)).await.unwrap();
        let check = desk.check(&person, &opened.case_id).await.unwrap();
        assert_eq!(check.case_id, opened.case_id);
        assert_eq!(refusal(desk.check(&other, &opened.case_id).await), "registry.invalid_request");
        assert_eq!(desk.list_of("", &opened.case_id).await.checks, std::slice::from_ref(&check));
        let case = desk.house.case(&opened.case_id).await;
        assert_eq!(case.alert_checks.len(), 1);
        assert_eq!((case.alert_checks[0].check_id.as_str(), case.alert_checks[0].result()), (check.check_id.as_str(), AlertResult::NoHit));
        // Journalled under the number of the case.
        let numbers = desk.house.texts("SELECT case_number FROM journal_payload JOIN journal USING (entry_id) WHERE kind = 'alerts.checked'").await;
        assert_eq!(numbers, [opened.number]);
        desk.close().await;
    }

    async fn a_node_without_a_source_checks_nobody_and_says_so(database: TestDatabase) {
        let house = House::open(database).await;
        let person = house.somebody().await;
        let alerts = straznica_contracts::registry::v1::alert_service_client::AlertServiceClient::new(house.channel.clone());
        let request = straznica_contracts::registry::v1::CheckPersonRequest {
            context: Some(context("first")),
            person_id: person,
            case_id: String::new(),
        };
        let check = alerts.clone().check_person(request).await.unwrap().into_inner().check.unwrap();
        assert_eq!(came_to(&check), (AlertResult::Unavailable, AlertUnavailability::NotConfigured));
        assert_eq!((check.source.as_str(), check.as_of_ms), ("", None));
        house.close().await;
    }

    async fn what_was_found_is_forgotten_in_time_and_that_it_was_checked_later(database: TestDatabase) {
        let desk = Desk::open(database).await;
        let sought = desk.register("Niebylski", "Dobrogost", "1855-12-24").await;
        desk.check(&sought, "").await.unwrap();
        let sealed = desk.house.texts("SELECT alert FROM alert_finding").await;
        assert!(sealed.len() == 1 && !sealed[0].contains("sis"), "{sealed:?}");
        // The job runs every second; thirty days after the check nothing of the alert is left.
        desk.house.at("2026-05-20T08:00:01Z");
        desk.until("SELECT alert FROM alert_finding", 0).await;
        let listed = desk.list(&sought).await;
        let [check] = &listed.checks[..] else { panic!("{listed:?}") };
        assert_eq!((check.result(), check.forgotten, check.findings.len()), (AlertResult::Hit, true, 0));
        desk.until("SELECT kind FROM journal WHERE kind = 'alerts.forgotten'", 1).await;
        desk.close().await;
    }
}

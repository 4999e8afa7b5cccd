//! Who changed and read what is kept, as an officer reads it.

use straznica_contracts::registry::v1::ListHistoryRequest;
use straznica_contracts::registry::v1::history_service_client::HistoryServiceClient;
use straznica_contracts::registry::v1::list_history_request::Whose;
use straznica_registry::Migrations;
use straznica_store::on_both_engines;

use crate::house::{House, context, event, refusal};

on_both_engines! {
    Migrations;

    async fn an_officer_reads_who_changed_and_read_a_record_and_is_in_it_from_then_on(database: TestDatabase) {
        let house = House::open(database).await;
        let (person, other) = (house.somebody().await, house.somebody().await);
        house.person_as(context("second"), &person, None, "").await.unwrap();
        house.person_as(context("third"), &other, None, "").await.unwrap();
        let now = house.at("2026-05-04T08:00:00Z");
        let opened = house.open_case("protection", &[&person], event("application_registered", now)).await.unwrap();
        house.case(&opened.case_id).await;
        let list = async |whose: Option<Whose>, limit: u32| {
            let request = ListHistoryRequest { context: Some(context("auditor")), before: None, limit, whose };
            let mut history = HistoryServiceClient::new(house.channel.clone());
            Ok::<_, tonic::Status>(history.list_history(request).await?.into_inner().entries)
        };
        let told = |entries: &[straznica_contracts::registry::v1::HistoryEntry]| -> Vec<(String, String)> {
            entries.iter().map(|entry| (entry.kind.clone(), entry.officer.clone())).collect()
        };
        let row = |kind: &str, officer: &str| (kind.to_owned(), officer.to_owned());
        let of_person = list(Some(Whose::PersonId(person.clone())), 0).await.unwrap();
        assert_eq!(told(&of_person), [row("person.read", "second"), row("person.registered", "first")]);
        assert_eq!((of_person[0].purpose.as_str(), of_person[0].case_number.as_str()), ("protection_proceedings", "DPU-420-1/2026"));
        assert!(!of_person[0].legal_basis.is_empty());
        let of_case = list(Some(Whose::CaseId(opened.case_id.clone())), 0).await.unwrap();
        assert_eq!(told(&of_case), [row("case.read", "first"), row("case.opened", "first")]);
        // Who reads a history is in it, the next time.
        let again = list(Some(Whose::CaseId(opened.case_id.clone())), 1).await.unwrap();
        assert_eq!(told(&again), [row("case.history_listed", "auditor")]);

        let nobody = "01900000-0000-7000-8000-000000000000".to_owned();
        assert_eq!(refusal(list(Some(Whose::PersonId(nobody.clone())), 0).await), "registry.not_found");
        assert_eq!(refusal(list(Some(Whose::CaseId(nobody)), 0).await), "registry.not_found");
        assert_eq!(refusal(list(None, 0).await), "registry.invalid_request");
        assert_eq!(refusal(list(Some(Whose::PersonId(person)), 201).await), "registry.invalid_request");
        house.close().await;
    }
}

//! Whoever stands at the border is checked, and nothing of them is kept.

use straznica_contracts::registry::v1::{
    AlertResult, AlertUnavailability, BorderDocument, BorderHolder, CheckAtBorderRequest, CheckAtBorderResponse, Sex,
};
use straznica_registry::Migrations;
use straznica_simulators::alerts::Fault;
use straznica_store::on_both_engines;
use tonic::{Code, Status};

use super::desk::{Desk, at_border};
use crate::house::{context, refusal};

fn question(surname: &str, given: &str, birth: &str, number: &str) -> CheckAtBorderRequest {
    let mut holder = BorderHolder::default();
    holder.latin_surname = surname.to_owned();
    holder.latin_given = given.to_owned();
    holder.birth_date = birth.to_owned();
    holder.nationality = "UTO".to_owned();
    holder.set_sex(Sex::Male);
    let mut document = BorderDocument::default();
    document.kind = "passport".to_owned();
    document.number = number.to_owned();
    document.issuing_state = "UTO".to_owned();
    CheckAtBorderRequest { context: Some(at_border()), holder: Some(holder), document: Some(document) }
}

impl Desk {
    async fn ask(&self, request: CheckAtBorderRequest) -> Result<CheckAtBorderResponse, Status> {
        let mut client = self.as_identity();
        Ok(client.check_at_border(request).await?.into_inner())
    }
}

on_both_engines! {
    Migrations;

    async fn holder_and_document_are_checked_together_and_kept_nowhere(database: TestDatabase) {
        let desk = Desk::open(database).await;
        let none = AlertUnavailability::Unspecified;
        for (surname, given, birth, number, result, found) in [
            ("Nikt", "Nijaki", "1871-01-01", "UT0000991", AlertResult::NoHit, &[][..]),
            ("Nikt", "Nijaki", "1871-01-01", "UT0000990", AlertResult::Hit, &["seize"]),
            ("ZMYŚLONY", "MŚCIWÓJ", "1873-02-19", "UT0000990", AlertResult::Hit, &["refuse_entry", "seize"]),
            ("Niebilski", "Jan", "1855-01-01", "UT0000991", AlertResult::Possible, &["arrest"]),
        ] {
            let answer = desk.ask(question(surname, given, birth, number)).await.unwrap();
            let actions: Vec<&str> = answer.findings.iter().map(|finding| finding.action.as_str()).collect();
            assert_eq!((answer.result(), answer.unavailable(), actions.as_slice()), (result, none, found), "{surname} {number}");
            assert!(answer.findings.iter().all(|finding| finding.finding_id.is_empty()));
        }
        let checked = desk.ask(question("Nikt", "Nijaki", "1871-01-01", "UT0000991")).await.unwrap().check_id;
        assert_eq!(checked.len(), 36, "{checked}");
        desk.sis.script(Some(Fault::Down));
        let answer = desk.ask(question("Nikt", "Nijaki", "1871-01-01", "UT0000991")).await.unwrap();
        assert_eq!((answer.result(), answer.unavailable()), (AlertResult::Unavailable, AlertUnavailability::SourceDown));
        assert_eq!(answer.as_of_ms, None);
        for table in ["alert_check", "alert_finding", "person"] {
            assert_eq!(desk.house.texts(&format!("SELECT 'row' FROM {table}")).await.len(), 0, "{table}");
        }
        let kinds = desk.house.journal_kinds().await;
        assert_eq!(kinds.iter().filter(|kind| *kind == "alerts.border_checked").count(), 6);
        let detail = desk.house.texts("SELECT detail FROM journal_payload WHERE detail IS NOT NULL").await.join("\n");
        assert!(!detail.contains("UT00009") && !detail.contains("ZMY"), "{detail}");
        assert!(detail.contains(&checked), "the check is found by its id: {detail}");
        desk.close().await;
    }

    async fn only_identity_asks_for_the_border_and_for_the_borders_purposes(database: TestDatabase) {
        let desk = Desk::open(database).await;
        let mut from_gateway = desk.alerts.clone();
        let refused = from_gateway.check_at_border(question("Nikt", "N", "", "UT1")).await.unwrap_err();
        assert_eq!(refused.code(), Code::PermissionDenied);
        let request = CheckAtBorderRequest { context: Some(context("first")), ..question("Nikt", "N", "", "UT1") };
        assert_eq!(refusal(desk.ask(request).await), "registry.invalid_request");
        for spoilt in [
            question("", "", "1871-01-01", "UT1"),
            question("Nikt", "N", "yesterday", "UT1"),
            question("Nikt", "N", "", " "),
            CheckAtBorderRequest { holder: None, ..question("Nikt", "N", "", "UT1") },
            CheckAtBorderRequest { document: None, ..question("Nikt", "N", "", "UT1") },
        ] {
            assert_eq!(refusal(desk.ask(spoilt).await), "registry.invalid_request");
        }
        assert_eq!(desk.sis.asked(), 0);
        desk.close().await;
    }
}

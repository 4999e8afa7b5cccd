//! What need not be kept any more: proposed by one archivist, approved by another, kept as long as somebody wants it kept.

use serde_json::json;
use straznica_store::{NoMigrations, on_both_engines};
use straznica_types::ManualClock;

use super::office::{Office, done, main_name, refused, tag};

/// A month, for what takes fifty years.
fn short_lives(folder: &std::path::Path) -> std::path::PathBuf {
    let built_in = include_str!("../../../services/registry/rules/retention/retention.toml");
    let file = folder.join("retention.toml");
    std::fs::write(&file, built_in.replace("months = 600", "days = 1")).unwrap();
    file
}

on_both_engines! {
    NoMigrations;

    async fn a_file_that_is_over_is_erased_by_two_archivists_and_by_nobody_else(database: TestDatabase) {
        let folder = tempfile::tempdir().unwrap();
        let rules = short_lives(folder.path());
        let clock = ManualClock::starting_at("2026-04-20T08:00:00Z".parse().unwrap());
        let office = Office::found_with(database, clock, move |options| options.config.registry.retention = Some(rules)).await;
        let officer = office.let_in("udsc-0001", &["registry_officer"]).await;
        let approver = office.let_in("udsc-0002", &["registry_approver"]).await;
        let person = officer.registers(&[main_name("", "Ivanov")]).await;
        let (case, number) = officer.opens(&[&person], "application_registered", "2026-04-20T08:00:00Z").await;
        let drafted = officer.change(&format!("{case}/decisions"), &tag(&officer.get(&case).await), &json!({"decision": "left_unexamined"})).await;
        let decision = done(&drafted)["decisionId"].as_str().unwrap().to_owned();
        let at = |rest: &str| format!("{case}/decisions/{decision}{rest}");
        let text = json!({
            "operative": ["Wniosek pozostawia się bez rozpoznania."],
            "grounds": [{"act": "ustawa z dnia 13 czerwca 2003 r.", "article": "art. 40", "text": "Brak danych."}],
        });
        let written = officer.change(&at("/text"), &tag(&drafted), &text).await;
        let approved = approver.change(&at("/approval"), &tag(&written), &json!({})).await;
        done(&officer.change(&at("/issue"), &tag(&approved), &json!({})).await);
        let happened = |event: &str, at: &str| json!({"event": event, "decision": "left_unexamined", "at": at});
        office.pass(86_400);
        officer.records(&case, &happened("decision_served", "2026-04-21T08:00:00Z")).await;
        office.pass(16 * 86_400);
        assert_eq!(officer.records(&case, &happened("decision_final", "2026-05-07T08:00:00Z")).await, "closed");
        office.pass(3 * 86_400);

        // Who decides cases does not make their files go.
        refused(&approver.get("/retention/rules").await, 403, "gateway.role_missing");
        let archivist = office.let_in("udsc-0021", &["registry_archivist"]).await;
        let other = office.let_in("udsc-0022", &["registry_archivist"]).await;
        refused(&archivist.get(&format!("/persons/{person}")).await, 403, "gateway.role_missing");
        let rules = done(&archivist.get("/retention/rules").await);
        assert_eq!((&rules["rules"][0]["rule"], &rules["rules"][0]["keep"], &rules["rules"][0]["basis"]["verified"]), (&json!("protection_files"), &json!(1), &json!("no")), "{rules}");
        let due = done(&archivist.get("/retention/rules/protection_files/due").await);
        assert_eq!((&due["due"][0]["caseNumber"], &due["due"][0]["closedOn"], &due["held"]), (&json!(number), &json!("2026-05-07"), &json!([])));

        // Somebody wants it kept: it is not due as long as that holds.
        let holds = format!("{case}/holds");
        let hold = done(&officer.make(&holds, &json!({"reason": "the ombudsman asked for it"})).await)["holdId"].as_str().unwrap().to_owned();
        let rule = json!({"rule": "protection_files"});
        refused(&archivist.make("/retention/erasures", &rule).await, 409, "registry.not_now");
        let lifting = format!("/holds/{hold}/lifting");
        refused(&officer.make(&lifting, &json!({"reason": "done"})).await, 403, "gateway.role_missing");
        assert_eq!(archivist.make(&lifting, &json!({"reason": "the ombudsman is done"})).await.status, 204);
        let listed = done(&approver.get(&holds).await);
        assert_eq!((&listed["holds"][0]["placedBy"], &listed["holds"][0]["liftedBy"]), (&json!("udsc-0001"), &json!("udsc-0021")));

        // Proposed once, though the answer was lost.
        let key = [("idempotency-key", "0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77")];
        let proposed = done(&archivist.send("/retention/erasures", &key, &rule).await);
        assert_eq!(done(&archivist.send("/retention/erasures", &key, &rule).await), proposed);
        assert_eq!(proposed["cases"], 1);
        let erasure = proposed["erasureId"].as_str().unwrap().to_owned();
        let listed = done(&other.get("/retention/erasures").await)["erasures"].clone();
        let listed = listed.as_array().unwrap();
        assert_eq!((listed.len(), &listed[0]["erasureId"], listed[0].get("approvedBy")), (1, &json!(erasure), None));
        let approval = format!("/retention/erasures/{erasure}/approval");
        refused(&archivist.make(&approval, &json!({})).await, 403, "registry.four_eyes");
        refused(&approver.make(&approval, &json!({})).await, 403, "gateway.role_missing");
        assert_eq!(other.make(&approval, &json!({})).await.status, 204);
        refused(&other.make(&approval, &json!({})).await, 409, "registry.not_now");
        // A job does it within a minute; what it erases is told beside the registry itself.
        let report = done(&other.get(&format!("/retention/erasures/{erasure}")).await);
        assert_eq!((&report["proposedBy"], &report["approvedBy"]), (&json!("udsc-0021"), &json!("udsc-0022")), "{report}");
        assert_eq!(report["items"][0]["caseNumber"], json!(number));
        office.end().await;
    }
}

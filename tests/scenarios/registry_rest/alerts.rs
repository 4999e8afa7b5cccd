//! Somebody who may be the one another state has an alert on: two officers compare, and the decision goes out.

use serde_json::{Value, json};
use straznica_cli::alert_source::Served;
use straznica_simulators::alerts::Fault;
use straznica_store::{NoMigrations, on_both_engines};

use super::office::{Desk, Office, done, refused, tag};

/// Of the name and year of somebody Germany refuses entry, born on another day.
fn of_that_name() -> [Value; 2] {
    [
        json!({"name": {"kind": "main", "latinSurname": "Zmyslony", "latinGiven": "Msciwoj"}}),
        json!({"birth": {"date": "1873-02-20", "place": "Próbne"}}),
    ]
}

/// A case of one person with a decision that may be issued, alerts aside; the case, and the decision's address.
async fn ripe(officer: Desk, other: Desk, person: &str) -> (Desk, Desk, String, String) {
    let (case, number) = officer.opens(&[person], "application_registered", "2026-04-20T08:00:00Z").await;
    let (officer, other) = (officer.on(&number), other.on(&number));
    for event in ["application_forwarded", "merits_opened"] {
        officer.records(&case, &json!({"event": event, "at": "2026-04-20T08:00:00Z"})).await;
    }
    let seen = tag(&officer.get(&case).await);
    let drafted = officer.change(&format!("{case}/decisions"), &seen, &json!({"decision": "refugee_status"})).await;
    let decision = format!("{case}/decisions/{}", done(&drafted)["decisionId"].as_str().unwrap());
    let text = json!({
        "operative": ["Nadaje się status uchodźcy."],
        "grounds": [{"act": "ustawa z dnia 13 czerwca 2003 r.", "article": "art. 13 ust. 1", "text": "Obawa jest uzasadniona."}],
    });
    let written = officer.change(&format!("{decision}/text"), &tag(&drafted), &text).await;
    done(&written);
    done(&other.change(&format!("{decision}/approval"), &tag(&written), &json!({})).await);
    (officer, other, case, decision)
}

/// Tries to issue the decision; what it waits for, or nothing.
async fn issue(officer: &Desk, case: &str, decision: &str) -> Option<String> {
    let seen = tag(&officer.get(case).await);
    let answer = officer.change(&format!("{decision}/issue"), &seen, &json!({})).await;
    if answer.status.is_success() {
        return None;
    }
    refused(&answer, 409, "registry.alerts_first");
    Some(answer.json()["detail"].as_str().unwrap().to_owned())
}

async fn end(office: Office, sis: Served) {
    sis.stop().await.unwrap();
    office.end().await;
}

on_both_engines! {
    NoMigrations;

    async fn a_possible_hit_cleared_by_two_officers_lets_the_decision_go_out(database: TestDatabase) {
        let (office, sis) = Office::with_alerts(database, "2026-04-20T08:00:00Z".parse().unwrap()).await;
        let officer = office.let_in("udsc-0001", &["registry_officer", "registry_approver"]).await;
        let other = office.let_in("udsc-0002", &["registry_approver"]).await;
        let person = officer.registers(&of_that_name()).await;
        let (officer, other, case, decision) = ripe(officer, other, &person).await;
        assert!(issue(&officer, &case, &decision).await.unwrap().contains("everybody"));

        // What could not be checked is not checked.
        sis.simulator.script(Some(Fault::Down));
        let nothing = done(&officer.make(&format!("{case}/alert-checks"), &json!({})).await);
        let check = &nothing["checks"][0];
        assert_eq!((&check["result"], &check["unavailable"]), (&json!("unavailable"), &json!("source_down")));
        assert!(issue(&officer, &case, &decision).await.unwrap().contains("could not be checked"));
        sis.simulator.script(None);

        let checked = done(&officer.make(&format!("{case}/alert-checks"), &json!({})).await);
        let check = &checked["checks"][0];
        assert_eq!((&check["result"], &check["personId"]), (&json!("possible"), &json!(person)));
        let found = &check["findings"][0];
        assert_eq!((&found["category"], &found["standing"], &found["issuingState"]), (&json!("refusal_of_entry"), &json!("possible"), &json!("DEU")));
        assert_eq!((&found["likeness"]["birth"], found["likeness"]["nameScore"].as_f64().unwrap() > 0.5), (&json!("different"), true));
        assert!(issue(&officer, &case, &decision).await.unwrap().contains("two officers"));

        // It waits for somebody to look, and then for somebody else.
        let open = done(&other.get("/open-alerts").await);
        assert_eq!(open["items"][0]["findingId"], found["findingId"]);
        let finding = found["findingId"].as_str().unwrap();
        let says = json!({"verdict": "not_the_person", "grounds": "another day of birth, another face"});
        let proposal = officer.make(&format!("/alert-findings/{finding}/resolution"), &says).await;
        let resolution = done(&proposal)["resolutionId"].as_str().unwrap().to_owned();
        let address = format!("/alert-resolutions/{resolution}/decision");
        let agrees = json!({"agree": true, "grounds": "seen the same"});
        refused(&officer.make(&address, &agrees).await, 403, "registry.four_eyes");
        assert!(issue(&officer, &case, &decision).await.unwrap().contains("two officers"));
        assert_eq!(done(&other.get("/open-alerts").await)["items"][0]["proposedBy"], "udsc-0001");
        assert_eq!(done(&other.make(&address, &agrees).await), json!({"state": "agreed"}));

        assert_eq!(done(&other.get("/open-alerts").await), json!({"items": []}));
        let listed = done(&officer.get(&format!("{case}/alert-checks")).await);
        assert_eq!((&listed["checks"][0]["result"], &listed["checks"][0]["findings"][0]["standing"]), (&json!("no_hit"), &json!("cleared")));
        assert_eq!(issue(&officer, &case, &decision).await, None);
        end(office, sis).await;
    }

    async fn the_state_that_refused_entry_is_asked_and_answers(database: TestDatabase) {
        let (office, sis) = Office::with_alerts(database, "2026-04-20T08:00:00Z".parse().unwrap()).await;
        let officer = office.let_in("udsc-0001", &["registry_officer", "registry_approver"]).await;
        let other = office.let_in("udsc-0002", &["registry_approver"]).await;
        let facts = [
            json!({"name": {"kind": "main", "latinSurname": "Zmyślony", "latinGiven": "Mściwój"}}),
            json!({"birth": {"date": "1873-02-19", "place": "Próbne"}}),
        ];
        let person = officer.registers(&facts).await;
        let (officer, _, case, decision) = ripe(officer, other, &person).await;
        let body = json!({"caseId": case.strip_prefix("/cases/").unwrap()});
        let check = done(&officer.make(&format!("/persons/{person}/alert-checks"), &body).await);
        assert_eq!((&check["result"], &check["findings"][0]["standing"]), (&json!("hit"), &json!("exact")));
        assert!(issue(&officer, &case, &decision).await.unwrap().contains("consulted"));
        let asked = json!({"findingId": check["findings"][0]["findingId"], "askedAt": "2026-04-20T08:00:00Z"});
        let recorded = done(&officer.make(&format!("{case}/alert-consultations"), &asked).await);
        assert_eq!((&recorded["issuingState"], &recorded["lastDay"], &recorded["answer"]), (&json!("DEU"), &json!("2026-04-30"), &json!("awaited")));
        assert!(issue(&officer, &case, &decision).await.unwrap().contains("2026-04-30"));
        let answer = json!({"objects": false, "answeredAt": "2026-04-20T08:00:00Z"});
        let address = format!("/alert-consultations/{}/answer", recorded["consultationId"].as_str().unwrap());
        assert_eq!(done(&officer.make(&address, &answer).await)["answer"], "no_objection");
        assert_eq!(issue(&officer, &case, &decision).await, None);
        end(office, sis).await;
    }

    async fn who_reads_the_register_checks_nobody_and_resolves_nothing(database: TestDatabase) {
        let (office, sis) = Office::with_alerts(database, "2026-04-20T08:00:00Z".parse().unwrap()).await;
        let guard = office.let_in("sg-0001", &["registry_intake"]).await;
        let reader = office.let_in("udsc-0003", &["registry_reader"]).await;
        let person = guard.registers(&of_that_name()).await;
        let address = format!("/persons/{person}/alert-checks");
        refused(&reader.make(&address, &json!({})).await, 403, "gateway.role_missing");
        assert_eq!(sis.simulator.asked(), 0);
        let found = done(&guard.make(&address, &json!({})).await)["findings"][0]["findingId"].as_str().unwrap().to_owned();
        let says = json!({"verdict": "not_the_person", "grounds": "another face"});
        for desk in [&guard, &reader] {
            refused(&desk.make(&format!("/alert-findings/{found}/resolution"), &says).await, 403, "gateway.role_missing");
            refused(&desk.get("/open-alerts").await, 403, "gateway.role_missing");
        }
        let before = office.readings().await;
        assert_eq!(done(&reader.get(&address).await)["checks"][0]["result"], "possible");
        assert_eq!(office.readings().await, before + 1, "who looked is on record");
        end(office, sis).await;
    }
}

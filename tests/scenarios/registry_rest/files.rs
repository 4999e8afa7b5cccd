//! Files over REST: an old register brought over by two officers, with every fault such registers have.

use std::time::Duration;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::{Value, json};
use straznica_store::{NoMigrations, on_both_engines};
use straznica_testkit::old_register::{self, Old};
use straznica_types::ManualClock;

use super::office::{Desk, Office, done, refused};

fn proposal(mapping: &str, file: &[u8], dry_run: bool) -> Value {
    json!({
        "mapping": mapping, "format": "csv", "encoding": "windows-1250", "dryRun": dry_run,
        "file": BASE64_STANDARD.encode(file),
    })
}

/// Counts as [all, waiting, accepted, unchanged, refused].
fn sums(counts: &Value) -> [u64; 5] {
    ["rows", "waiting", "accepted", "unchanged", "refused"].map(|name| counts[name].as_u64().unwrap())
}

async fn proposed(office: &Office, desk: &Desk, new: &Value) -> String {
    // Within a millisecond they are in no order.
    office.pass(1);
    done(&desk.make("/intakes", new).await)["intakeId"].as_str().unwrap().to_owned()
}

/// Waits for the last row.
async fn ended(desk: &Desk, intake: &str) -> [u64; 5] {
    for _ in 0..1_200 {
        let shown = done(&desk.get(&format!("/intakes/{intake}")).await);
        if shown["state"] == "done" {
            return sums(&shown["counts"]);
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the intake does not end");
}

/// Started by another officer than who proposed it, and taken in.
async fn taken_in(office: &Office, one: &Desk, other: &Desk, new: &Value) -> (String, [u64; 5]) {
    let intake = proposed(office, one, new).await;
    let started = done(&other.make(&format!("/intakes/{intake}/start"), &json!({})).await);
    assert!(["running", "done"].contains(&started["state"].as_str().unwrap()), "{started}");
    let sums = ended(one, &intake).await;
    (intake, sums)
}

async fn refused_rows(desk: &Desk, intake: &str) -> Vec<Value> {
    let mut rows = Vec::new();
    loop {
        let after = rows.last().map_or(0, |row: &Value| row["number"].as_u64().unwrap());
        let page = done(&desk.get(&format!("/intakes/{intake}/rows?outcome=refused&after={after}&limit=10")).await);
        let page = page["rows"].as_array().unwrap();
        if page.is_empty() {
            return rows;
        }
        rows.extend(page.iter().cloned());
    }
}

on_both_engines! {
    NoMigrations;

    async fn an_old_register_of_two_hundred_rows_a_file_is_brought_over_by_two_officers(database: TestDatabase) {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in old_register::MAPPINGS {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        let mappings = Some(folder.path().to_owned());
        let clock = ManualClock::starting_at("2026-04-20T08:00:00Z".parse().unwrap());
        let office = Office::found_with(database, clock, |options| options.config.registry.mappings = mappings).await;
        let one = office.let_in("udsc-0001", &["registry_officer"]).await;
        let other = office.let_in("udsc-0002", &["registry_approver"]).await;
        let reader = office.let_in("udsc-0003", &["registry_reader"]).await;
        let old = Old::of(10);
        let files = old.files();
        let rows = |file: &old_register::Expected| file.rows - file.accepted;

        // Nobody starts their own file, readers propose none, and what is no mapping or no base64 says so.
        let (mapping, file, expected) = &files[0];
        let new = proposal(mapping, file, true);
        refused(&reader.make("/intakes", &new).await, 403, "gateway.role_missing");
        refused(&one.make("/intakes", &proposal("pobyt-v9", file, true)).await, 400, "registry.invalid_request");
        let mut no_file = new.clone();
        no_file["file"] = json!("no base64");
        refused(&one.make("/intakes", &no_file).await, 400, "gateway.invalid_members");

        // A dry run tells everything and changes nothing.
        let intake = proposed(&office, &one, &new).await;
        let listed = done(&reader.get("/intakes").await);
        let listed = &listed["intakes"][0];
        assert_eq!((&listed["intakeId"], &listed["state"], &listed["dryRun"]), (&json!(intake), &json!("proposed"), &json!(true)));
        refused(&one.make(&format!("/intakes/{intake}/start"), &json!({})).await, 403, "registry.four_eyes");
        done(&other.make(&format!("/intakes/{intake}/start"), &json!({})).await);
        assert_eq!(ended(&one, &intake).await, [expected.rows, 0, expected.accepted, 0, rows(expected)]);
        let number = json!({"number": old.person_number});
        assert_eq!(done(&reader.make("/former-numbers", &number).await), json!({"found": []}));

        // One is given up before it began.
        let given_up = proposed(&office, &one, &proposal(mapping, file, false)).await;
        assert_eq!(done(&other.make(&format!("/intakes/{given_up}/giving-up"), &json!({})).await), json!({"state": "given_up"}));
        refused(&other.make(&format!("/intakes/{given_up}/start"), &json!({})).await, 409, "registry.not_now");

        for (mapping, file, expected) in &files {
            let (intake, counts) = taken_in(&office, &one, &other, &proposal(mapping, file, false)).await;
            assert_eq!(counts, [expected.rows, 0, expected.accepted, 0, rows(expected)], "{mapping}");
            let wrong = refused_rows(&one, &intake).await;
            let word = |row: &'_ Value, member: &str| row[member].as_str().unwrap_or_default().to_owned();
            let codes: Vec<_> = wrong.iter().map(|row| (word(row, "code"), word(row, "column"))).collect();
            let codes = old_register::by_code(codes.iter().map(|(code, column)| (code.as_str(), column.as_str())));
            assert_eq!(codes, expected.refused, "{mapping}");
            assert!(wrong.iter().all(|row| row["says"].as_str().is_some_and(|says| says.len() > 10)), "{wrong:?}");
        }

        // Numbers are kept, and so is what was kept under them.
        let found = done(&reader.make("/former-numbers", &number).await);
        assert_eq!((&found["found"][0]["source"], &found["found"][0]["kind"]), (&json!("pobyt-v1"), &json!("persons")));
        let person = found["found"][0]["id"].as_str().unwrap();
        assert_eq!(done(&reader.get(&format!("/persons/{person}")).await)["statements"][0]["source"], "pobyt-v1, recorded there on 2009-03-04");
        let records = done(&reader.get(&format!("/persons/{person}/former-records")).await);
        let (case, consultation) = (&records["records"][0], &records["records"][1]);
        assert_eq!((&case["number"], &case["type"], &case["outcome"]), (&json!(old.case_number), &json!("UCHODZCA"), &json!("ODMOWA")));
        assert_eq!((&consultation["kind"], &consultation["caseRecordId"]), (&json!("consultations"), &case["recordId"]));

        let both_sides = done(&other.get("/sources/pobyt-v1/reconciliation").await);
        assert_eq!((&both_sides["addsUp"], both_sides["kinds"].as_array().unwrap().len()), (&json!(true), 4), "{both_sides}");
        assert_eq!(both_sides["kinds"][0]["changed"], json!(old.changed));
        refused(&reader.get("/sources/pobyt-v1/reconciliation").await, 403, "gateway.role_missing");

        // The same file again changes nothing, nor does the same request.
        let (mapping, file, expected) = &files[0];
        let again = proposal(mapping, file, false);
        office.pass(1);
        let key = [("idempotency-key", "brought-over-again")];
        let first = done(&one.send("/intakes", &key, &again).await);
        assert_eq!(done(&one.send("/intakes", &key, &again).await)["intakeId"], first["intakeId"]);
        let intake = first["intakeId"].as_str().unwrap();
        done(&other.make(&format!("/intakes/{intake}/start"), &json!({})).await);
        assert_eq!(ended(&one, intake).await, [expected.rows, 0, 0, expected.accepted, rows(expected)]);
        let page = done(&reader.get(&format!("/intakes?before={intake}&limit=1")).await);
        assert_eq!((page["intakes"].as_array().unwrap().len(), &page["intakes"][0]["kind"]), (1, &json!("consultations")));
        office.end().await;
    }
}

//! Security officers read journals, and that they did is in them.

use serde_json::json;
use straznica_contracts::identity::v1::Role;
use straznica_journal::{Context, Entry, Journal, JournalConfig};
use straznica_store::{Engine, NoMigrations, on_both_engines, testing::TestDatabase as Database};
use straznica_types::SystemClock;

use super::browser::{Account, Browser};
use crate::it::{doubles::IdentityDouble, house::House, journal::JournalOnly};

on_both_engines! {
    NoMigrations;

    async fn a_security_officer_of_the_node_reads_the_journal_and_the_reading_is_in_it(database: TestDatabase) {
        let house = House::people(database).await;
        let account = Account::official(&house, "j.kowalska").await;
        Browser::logged_in(&house, &account).await;
        let officer = house.caller("security-officer/SO-1");
        let search = json!({"journal": "gateway", "purpose": "complaint", "case": "SK.1", "kind": "session.opened"});
        let found = officer.post("/v1/journal/searches", &search).await;
        assert_eq!(found.status, 200, "{found:?}");
        assert_eq!(found.header("cache-control"), "no-store");
        let entries = found.json()["entries"].clone();
        assert_eq!((entries.as_array().unwrap().len(), &entries[0]["kind"]), (1, &json!("session.opened")));
        assert_eq!(entries[0]["detail"]["acr"], "urn:straznica:acr:password-and-code");
        assert!(!entries.to_string().contains("j.kowalska"), "{entries}");

        let again = officer.post("/v1/journal/searches", &json!({"journal": "gateway", "purpose": "audit", "kind": "journal.searched"})).await;
        let read = &again.json()["entries"][0];
        assert_eq!((&read["officer"], &read["purpose"], &read["case"]), (&json!("SO-1"), &json!("complaint"), &json!("SK.1")));

        for other in ["operator/OP-1", "terminal/T-1"] {
            house.caller(other).post("/v1/journal/searches", &search).await.problem(403, "gateway.wrong_peer");
        }
        house.visitor().post("/v1/journal/searches", &search).await.problem(404, "gateway.unknown_route");
        house.end().await;
    }

    async fn a_security_officer_of_an_institution_reads_what_was_done_for_it_alone(database: TestDatabase) {
        let neighbour = Database::fresh::<JournalOnly>(Engine::Sqlite).await.unwrap();
        let keys = tempfile::tempdir().unwrap();
        let config = JournalConfig::embedded("identity.test/journal", keys.path());
        let journal = Journal::open(neighbour.store().clone(), &config, SystemClock::shared()).await.unwrap();
        for (kind, detail) in [
            ("inspection.opened", json!({})),
            ("verification.opened", json!({"institution_id": "um-b", "criterion": "00ff", "decoy": false})),
            ("verification.opened", json!({"institution_id": "um-a", "criterion": "00ff", "decoy": true, "asked_today": 7})),
            ("verification.locked", json!({"institution_id": "um-a", "stage": "locked"})),
        ] {
            let context = Context { officer: "um-0001".to_owned(), ..Context::of_service("service/gateway") };
            let subject = journal.pseudonym("citizen", "1");
            journal.record_read(Entry::new(kind, context).subject(subject).detail(detail)).await.unwrap();
        }
        journal.sequence().await.unwrap();
        let identity = IdentityDouble::new();
        assert!(identity.journal.set(journal).is_ok());
        let house = House::beside(identity, database, |config| {
            config.people.accounts.enabled = true;
            config.rate.burst = 1_000;
        })
        .await;
        let account = Account::official(&house, "a.straznik").await;
        house.people.knows("a.straznik", &[("um-a", &[Role::SecurityOfficer]), ("um-b", &[Role::Official])]);
        let browser = Browser::logged_in(&house, &account).await;
        let path = "/v1/institutions/um-a/journal/searches";
        let mut search = json!({"journal": "identity", "purpose": "complaint"});
        let missing = browser.post(path, &search).await.problem(400, "gateway.invalid_members");
        assert_eq!(missing["errors"][0]["pointer"], "/officer");
        search["officer"] = "um-0001".into();
        let found = browser.post(path, &search).await.json();
        let entries = found["entries"].as_array().unwrap();
        let kinds: Vec<_> = entries.iter().map(|entry| entry["kind"].as_str().unwrap()).collect();
        assert_eq!(kinds, ["verification.locked", "verification.opened"]);
        assert_eq!(entries[1]["detail"], json!({"institution_id": "um-a", "criterion": "00ff"}), "not whether there is somebody");
        assert!(entries.iter().all(|entry| entry.get("subject").is_none()), "nor by the subject: {found}");
        assert!(found.get("before").is_none(), "that was all");

        search["limit"] = 1.into();
        let newest = browser.post(path, &search).await.json();
        assert_eq!((newest["entries"].as_array().unwrap().len(), &newest["before"]), (1, &json!(3)));
        search["before"] = newest["before"].clone();
        assert_eq!(browser.post(path, &search).await.json()["entries"][0]["kind"], "verification.opened");

        // Dispatch's journal says of each code whether there was somebody to send it to.
        for (member, value) in [("journal", "dispatch"), ("subject", "00ff")] {
            let mut telling = search.clone();
            telling[member] = value.into();
            let refused = browser.post(path, &telling).await.problem(400, "gateway.invalid_members");
            assert_eq!(refused["errors"][0]["pointer"], format!("/{member}"));
        }
        browser.post("/v1/institutions/um-b/journal/searches", &search).await.problem(403, "gateway.role_missing");
        house.end().await;
    }
}

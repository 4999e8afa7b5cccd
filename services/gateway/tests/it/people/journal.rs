//! Security officers read journals, and that they did is in them.

use serde_json::json;
use straznica_contracts::identity::v1::Role;
use straznica_store::{NoMigrations, on_both_engines};

use super::browser::{Account, Browser};
use crate::it::house::House;

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

    async fn a_security_officer_of_an_institution_reads_of_its_own_people_alone(database: TestDatabase) {
        let house = House::people(database).await;
        let account = Account::official(&house, "a.straznik").await;
        house.people.knows("a.straznik", &[("um-a", &[Role::SecurityOfficer]), ("um-b", &[Role::Official])]);
        let browser = Browser::logged_in(&house, &account).await;
        let path = "/v1/institutions/um-a/journal/searches";
        let mut search = json!({"journal": "gateway", "purpose": "complaint"});
        let missing = browser.post(path, &search).await.problem(400, "gateway.invalid_members");
        assert_eq!(missing["errors"][0]["pointer"], "/officer");
        search["officer"] = "somebody-else".into();
        let foreign = browser.post(path, &search).await.problem(400, "gateway.invalid_members");
        assert_eq!(foreign["errors"][0]["detail"], "none of this institution's people");
        search["officer"] = "um-0001".into();
        assert_eq!(browser.post(path, &search).await.status, 200);
        browser.post("/v1/institutions/um-b/journal/searches", &search).await.problem(403, "gateway.role_missing");
        house.end().await;
    }
}

//! Who reaches the register, and what is on record of who tried.

use serde_json::json;
use straznica_store::{NoMigrations, on_both_engines};

use super::office::{Office, done, main_name, refused};

on_both_engines! {
    NoMigrations;

    async fn whoever_has_no_role_is_refused_and_that_is_on_record(database: TestDatabase) {
        let office = Office::found(database).await;
        let officer = office.let_in("udsc-0001", &["registry_officer"]).await;
        let person = officer.registers(&[main_name("", "Ivanov")]).await;
        // The institution's own administrator opens the register to nobody.
        let administrator = office.log_in("udsc-admin").await;
        refused(&office.grants(&administrator, "udsc-0009", "registry_reader").await, 403, "identity.not_entitled");
        done(&office.grants(&administrator, "udsc-0009", "official").await);
        let official = office.log_in("udsc-0009").await;
        let headers = [("x-purpose", "protection_proceedings"), ("x-case", "protection/2026/000001")];
        let path = format!("/v1/registry/persons/{person}");
        refused(&official.get_with(&path, &headers).await.unwrap(), 403, "gateway.role_missing");

        let reader = office.let_in("udsc-0010", &["registry_reader"]).await;
        done(&reader.get(&format!("/persons/{person}")).await);
        let made = reader.make("/persons", &json!({"statements": []})).await;
        refused(&made, 403, "gateway.role_missing");

        let issued = office.suite.authority().unwrap().issue_security_officer("SO-1").unwrap();
        let security = office.suite.rest(&issued).unwrap();
        let search = |journal: &str, kind: &str| json!({"journal": journal, "purpose": "audit", "kind": kind});
        let found = done(&security.post("/v1/journal/searches", &search("gateway", "access.refused")).await.unwrap());
        let addresses: Vec<_> = found["entries"].as_array().unwrap().iter().map(|entry| entry["detail"]["address"].clone()).collect();
        assert_eq!(addresses, ["POST /v1/registry/persons", "GET /v1/registry/persons/{person}"]);
        // Who read, why and in which case is in registry's journal.
        let found = done(&security.post("/v1/journal/searches", &search("registry", "person.read")).await.unwrap());
        let entry = &found["entries"][0];
        assert_eq!((&entry["officer"], &entry["purpose"]), (&json!("udsc-0010"), &json!("protection_proceedings")), "{entry}");
        assert_eq!(entry["case"], "NO-SG.420.1.2026", "{entry}");
        assert_eq!(found["entries"].as_array().unwrap().len(), 1, "the refused reading read nothing");
        office.end().await;
    }

    async fn vulnerabilities_are_withheld_where_the_purpose_does_not_need_them(database: TestDatabase) {
        let office = Office::found(database).await;
        let officer = office.let_in("udsc-0001", &["registry_officer"]).await;
        let person = officer.registers(&[main_name("", "Ivanov"), json!({"vulnerability": {"kind": "tortured"}})]).await;
        let path = format!("/v1/registry/persons/{person}");
        let shown = done(&officer.get(&format!("/persons/{person}")).await);
        assert_eq!((shown["statements"].as_array().unwrap().len(), &shown["withheld"]), (2, &json!(false)));
        let same = office.let_in("udsc-0002", &["registry_reader"]).await;
        let other = same.for_purpose(&path, "residence_proceedings").await;
        assert_eq!((done(&other)["statements"].as_array().unwrap().len(), &other.json()["withheld"]), (1, &json!(true)));
        refused(&same.for_purpose(&path, "curiosity").await, 400, "registry.invalid_request");
        office.end().await;
    }
}

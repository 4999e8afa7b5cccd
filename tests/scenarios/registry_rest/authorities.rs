//! Other authorities at the register, over REST: a social insurance office, and an office of the state somebody fled from.

use std::path::Path;

use serde_json::{Value, json};
use straznica_cli::rest::{Answer, RestClient};
use straznica_pki::{Names, PeerRole};
use straznica_store::{NoMigrations, on_both_engines};

use super::office::{Office, done, main_name, refused};

const READINGS: &str = "/v1/register/readings";
const UKRAINE: &str = "UKR";

/// What was agreed with each, as an operator writes it down.
fn agreed(folder: &Path) {
    for (id, state, purpose, fields, minute) in [
        ("POL.zus", "POL", "social_insurance", "\"main_name\", \"nationalities\", \"procedures\"", 7),
        ("UKR.dmsu", "UKR", "social_insurance", "\"main_name\"", 60),
    ] {
        let text = format!(
            "id = \"{id}\"\nstate = \"{state}\"\nauthority = \"{id}\"\npasses_on_to = []\nvalid_from = \"2026-01-01\"\n\
             valid_to = \"2027-01-01\"\nper_minute = {minute}\nper_day = 1000\n[[purpose]]\nid = \"{purpose}\"\n\
             legal_basis = \"Act of 13 October 1998 on the social insurance system, art. 50\"\nfields = [{fields}]\n\
             by = [\"person_id\", \"document\"]\n"
        );
        std::fs::write(folder.join(format!("{id}.toml")), text).unwrap();
    }
}

fn authority(office: &Office, name: &str) -> RestClient {
    let ca = office.suite.authority().unwrap();
    let role = PeerRole::Consumer(name.to_owned());
    office.suite.rest(&ca.issue(&role, &Names::default(), ca.usual_validity()).unwrap()).unwrap()
}

async fn asks(authority: &RestClient, purpose: &str, about: Value) -> Answer {
    let question = json!({"officer": "inspector.7", "purpose": purpose, "case": "ZUS-99/2026", "about": about});
    authority.post(READINGS, &question).await.unwrap()
}

fn passport(number: &str) -> Value {
    json!({"document": {"number": number, "issuer": UKRAINE}})
}

fn held(number: &str) -> Value {
    json!({"document": {"kind": "passport", "number": number, "issuer": UKRAINE}})
}

/// Everything of an answer but its correlation id, which no two have in common.
fn seen(answer: &Answer) -> (u16, Vec<(String, String)>, Vec<u8>) {
    let headers = answer.headers.iter().filter(|(name, _)| *name != "x-request-id" && *name != "date");
    let headers = headers.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()));
    (answer.status.as_u16(), headers.collect(), answer.body.to_vec())
}

on_both_engines! {
    NoMigrations;

    async fn a_social_insurance_office_reads_what_was_agreed_and_no_more(database: TestDatabase) {
        let folder = tempfile::tempdir().unwrap();
        agreed(folder.path());
        let office = Office::with_consumers(database, folder.path(), "2026-04-20T08:00:00Z".parse().unwrap()).await;
        let officer = office.let_in("udsc-0001", &["registry_officer"]).await;
        let facts = [main_name("Іваненко", "Ivanenko"), json!({"nationality": {"code": UKRAINE}}), held("FE100200")];
        let person = officer.registers(&facts).await;
        let (_, number) = officer.opens(&[&person], "application_registered", "2026-04-20T08:00:00Z").await;

        let zus = authority(&office, "POL.zus");
        let access = done(&zus.get("/v1/register/access").await.unwrap());
        assert_eq!(access["purposes"][0]["askedBy"], json!(["person_id", "document"]));
        // By the passport on the counter: who it is, and that there is a case; not the passport itself.
        let told = done(&asks(&zus, "social_insurance", passport("FE 100-200")).await);
        assert_eq!(told["persons"][0]["personId"], json!(person));
        assert_eq!(told["persons"][0]["procedures"][0]["caseNumber"], json!(number));
        let fields: Vec<_> = told["persons"][0]["facts"].as_array().unwrap().iter().map(|fact| fact["field"].clone()).collect();
        assert_eq!(fields, ["main_name", "nationalities"]);
        let told = done(&asks(&zus, "social_insurance", json!({"personId": person})).await);
        assert_eq!(told["persons"].as_array().unwrap().len(), 1);

        // Another purpose, another way of asking, and another authority's door are refused, each on record.
        refused(&asks(&zus, "protection_proceedings", passport("FE100200")).await, 403, "registry.not_for_this_purpose");
        let by_case = json!({"caseNumber": number});
        refused(&asks(&zus, "social_insurance", by_case).await, 403, "registry.not_for_this_purpose");
        refused(&asks(&authority(&office, "POL.krus"), "social_insurance", passport("FE100200")).await, 403, "registry.no_access");
        let own = office.suite.authority().unwrap().issue_authority("POL.zus").unwrap();
        let other_door = office.suite.rest(&own).unwrap();
        refused(&asks(&other_door, "social_insurance", passport("FE100200")).await, 403, "gateway.wrong_peer");

        // Seven a minute were agreed, and refused ones count.
        for number in ["AA000001", "AA000002", "AA000003"] {
            assert_eq!(done(&asks(&zus, "social_insurance", passport(number)).await)["persons"], json!([]));
        }
        let limited = asks(&zus, "social_insurance", passport("FE100200")).await;
        refused(&limited, 429, "registry.too_often");
        assert_eq!(limited.headers["retry-after"], "60");
        office.pass(60);
        done(&asks(&zus, "social_insurance", passport("FE100200")).await);

        let issued = office.suite.authority().unwrap().issue_security_officer("SO-1").unwrap();
        let security = office.suite.rest(&issued).unwrap();
        let search = json!({"journal": "registry", "purpose": "audit", "kind": "consumer.answered"});
        let found = done(&security.post("/v1/journal/searches", &search).await.unwrap());
        let entries = found["entries"].as_array().unwrap();
        assert_eq!(entries.len(), 3, "{found}");
        for entry in entries {
            assert_eq!((&entry["officer"], &entry["case"]), (&json!("inspector.7"), &json!("ZUS-99/2026")), "{entry}");
            assert_eq!(entry["detail"]["through"], "service/gateway", "{entry}");
        }
        office.end().await;
    }

    async fn the_state_somebody_may_come_from_cannot_tell_them_from_nobody(database: TestDatabase) {
        let folder = tempfile::tempdir().unwrap();
        agreed(folder.path());
        let office = Office::with_consumers(database, folder.path(), "2026-04-20T08:00:00Z".parse().unwrap()).await;
        let officer = office.let_in("udsc-0001", &["registry_officer"]).await;
        let facts = [main_name("Іваненко", "Ivanenko"), json!({"nationality": {"code": UKRAINE}}), held("FE100200")];
        let person = officer.registers(&facts).await;
        let dmsu = authority(&office, "UKR.dmsu");
        let withheld = asks(&dmsu, "social_insurance", passport("FE100200")).await;
        let nobody = asks(&dmsu, "social_insurance", passport("FE999999")).await;
        assert_eq!(done(&withheld)["persons"], json!([]));
        assert_eq!(seen(&withheld), seen(&nobody));
        let other = person.replace(|letter: char| letter.is_ascii_digit(), "7");
        let withheld = asks(&dmsu, "social_insurance", json!({"personId": person})).await;
        let nobody = asks(&dmsu, "social_insurance", json!({"personId": other})).await;
        assert_eq!(seen(&withheld), seen(&nobody));
        office.end().await;
    }
}

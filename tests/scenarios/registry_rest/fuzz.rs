//! A tester nobody here wrote (schemathesis) asks every address of the register for what the description lets it ask, and for what it does not: no answer is a fault of ours, each has a status, a
//! type and a body that are described.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::json;
use straznica_cli::rest::Answer;
use straznica_pki::PeerRole;
use straznica_store::{NoMigrations, on_both_engines};
use straznica_testkit::python_with;
use straznica_types::{Clock as _, SystemClock};
use tokio::process::Command;

use super::bodies::certificate;
use super::office::{Desk, Office, done, main_name, tag};

/// What is held against each answer.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance";
/// A tester that has not ended this long after its time was over is stuck.
const PATIENCE: Duration = Duration::from_secs(240);

/// Seconds for somebody who may do everything, and for each role alone. `STRAZNICA_FUZZ_SECONDS` gives the first more.
fn seconds() -> (u64, u64) {
    let told = std::env::var("STRAZNICA_FUZZ_SECONDS").ok().and_then(|text| text.parse().ok());
    (told.unwrap_or(30), 8)
}

/// What was agreed with the authority a tester plays; the purpose is the one the description has for an example.
const PROFILE: &str = r#"
id = "POL.zus"
state = "POL"
authority = "Zakład Próbny"
passes_on_to = ["UKR"]
valid_from = "2026-01-01"
valid_to = "2100-01-01"
per_minute = 6000
per_day = 1000000

[[purpose]]
id = "social_insurance"
legal_basis = "Act of 13 October 1998 on the social insurance system, art. 50"
fields = ["main_name", "birth", "procedures"]
by = ["person_id", "case_number", "document"]
"#;

/// What is there to be asked about, so that not everything ends at "no such thing".
fn configuration(known: &[(&str, Vec<String>)]) -> String {
    let entries = |values: &[String]| values.iter().map(|value| format!("{value:?}")).collect::<Vec<_>>().join(", ");
    let (mut dictionaries, mut parameters) = (String::new(), String::new());
    // One word of an address may name two kinds of things.
    let mut by_name: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (name, values) in known {
        by_name.entry(name).or_default().extend(values.iter().cloned());
    }
    for (name, values) in &by_name {
        dictionaries += &format!("{name}s = {{ values = [{}] }}\n", entries(values));
        parameters += &format!("\"path.{name}\" = {{ dictionary = \"{name}s\", probability = 0.8 }}\n");
    }
    format!(
        "[dictionaries]\n{dictionaries}\
         purposes = {{ values = [\"protection_proceedings\", \"residence_proceedings\", \"consultations\"] }}\n\
         versions = {{ values = ['\"1\"', '\"2\"', '\"3\"'] }}\n\n\
         [parameters]\n{parameters}\
         \"header.X-Purpose\" = {{ dictionary = \"purposes\", probability = 0.9 }}\n\
         \"header.If-Match\" = {{ dictionary = \"versions\", probability = 0.8 }}\n"
    )
}

/// Two who may be one, a merge and an order that wait, a document, a count: something for each address to be about.
async fn something_of_each(office: &Office, desk: &Desk, now: &str) -> Vec<(&'static str, Vec<String>)> {
    let name = |given: &str| json!({"name": {"kind": "main", "latinSurname": "Ivanov", "latinGiven": given}});
    let passport = json!({"document": {"kind": "passport", "number": "FA012345", "issuer": "UKR"}});
    let persons = [
        desk.registers(&[main_name("Іванова", "Ivanova"), passport.clone()]).await,
        desk.registers(&[name("Ivan"), json!({"sex": "male"}), passport]).await,
    ];
    let (first, _) = desk.opens(&[&persons[0], &persons[1]], "application_registered", now).await;
    let (second, _) = desk.opens(&[&persons[0]], "application_registered", now).await;
    let made = |answer: &Answer, member: &str| done(answer)[member].as_str().unwrap().to_owned();
    let new = json!({"personId": persons[0], "version": 1, "mergedPersonId": persons[1], "mergedVersion": 1, "reason": "one passport"});
    let merge = made(&desk.make("/merges", &new).await, "mergeId");
    let range = json!({"first": 1, "count": 50});
    let delivery = json!({"action": "delivery", "office": "debak", "kind": "tztc", "series": "TZ", "range": range});
    let delivered = made(&desk.make("/blanks/orders", &delivery).await, "orderId");
    let other = office.let_in("udsc-0002", &["registry_approver"]).await;
    assert_eq!(other.make(&format!("/blanks/orders/{delivered}/confirmation"), &json!({})).await.status, 204);
    let order = made(&other.make("/blanks/orders", &json!({"action": "withdrawal", "office": "debak", "kind": "tztc", "series": "TZ", "range": {"first": 40, "count": 2}})).await, "orderId");
    let count = json!({"office": "debak", "kind": "tztc", "series": "TZ", "found": [range]});
    let count = made(&other.make("/blanks/counts", &count).await, "countId");
    let card = json!({"kind": "tztc", "personId": persons[0], "office": "debak", "blank": "TZ0000001"});
    let seen = tag(&desk.get(&first).await);
    let document = made(&desk.change(&format!("{first}/documents"), &seen, &card).await, "documentId");
    // What a body is asked about, and what it is not.
    let subject = json!({"surname": "Iwanow", "nationality": "BLR"});
    let mut consultations = Vec::new();
    for asked in [["abw", "sg"], ["police", "sg"]] {
        let new = json!({"flow": "national", "subject": subject, "askedBy": "PL-MSK", "asked": asked});
        consultations.push(made(&desk.make("/consultations", &new).await, "consultationId"));
    }
    let file = BASE64_STANDARD.encode("row_id,surname,number,sex\n1,Zmyślony,A-17,Q\n");
    let file = json!({"source": "centre.debak", "kind": "persons", "format": "csv", "encoding": "utf-8", "file": file});
    let intake = made(&desk.make("/intakes", &file).await, "intakeId");
    let hold =
        made(&desk.make(&format!("{second}/holds"), &json!({"reason": "the ombudsman asked for it"})).await, "holdId");
    let cases = [first, second].map(|case| case.strip_prefix("/cases/").unwrap().to_owned());
    vec![
        ("person", persons.into()),
        ("case", cases.into()),
        ("merge", vec![merge]),
        ("order", vec![order, delivered]),
        ("count", vec![count]),
        ("document", vec![document]),
        ("consultation", consultations),
        ("hold", vec![hold]),
        ("intake", vec![intake]),
        ("source", vec!["centre.debak".to_owned(), "nowhere".to_owned()]),
        ("rule", vec!["protection_files".to_owned(), "residence_grounds".to_owned()]),
    ]
}

async fn no_fault_is_found(python: &Path, office: &Office, folder: &Path, desk: &Desk, seconds: u64) {
    let issued = office.suite.authority().unwrap().issue_operator("nobody").unwrap();
    let roots = office.suite.write_identity(&issued).unwrap().trust_anchors;
    let at = format!("https://{}", office.suite.people());
    let mut tester = tester(python, folder, &format!("{at}/openapi.json"), &at, &roots);
    for (name, value) in desk.credentials() {
        tester.args(["-H", &format!("{name}: {value}")]);
    }
    tester.args(["--include-path-regex", "^/v1/registry/"]);
    ends_well(tester, folder, seconds).await;
}

/// The same at the listener for certificates, as somebody's system.
async fn no_fault_is_found_by(python: &Path, office: &Office, folder: &Path, role: &PeerRole, seconds: u64) {
    let issued = certificate(office, role);
    let files = office.suite.write_identity(&issued).unwrap();
    let described = office.suite.people_rest().unwrap().get("/openapi.json").await.unwrap();
    let schema = folder.join("openapi.json");
    std::fs::write(&schema, &described.body).unwrap();
    let at = format!("https://{}", office.suite.terminals());
    let mut tester = tester(python, folder, schema.to_str().unwrap(), &at, &files.trust_anchors);
    tester.arg("--request-cert").arg(files.certificate_chain).arg("--request-cert-key").arg(files.private_key);
    tester.args(match role {
        PeerRole::Consumer(_) => ["--include-path-regex", "^/v1/register/"].map(str::to_owned).to_vec(),
        body => ["-H", &format!("X-Officer: {}-17", body.id()), "--include-path-regex", "^/v1/consultations"]
            .map(str::to_owned)
            .to_vec(),
    });
    ends_well(tester, folder, seconds).await;
}

fn tester(python: &Path, folder: &Path, schema: &str, at: &str, roots: &Path) -> Command {
    let mut tester = Command::new(python);
    tester.args(["-m", "schemathesis.cli", "--config-file"]).arg(folder.join("schemathesis.toml"));
    tester.args(["--no-color", "run", schema, "--url", at, "--tls-verify"]).arg(roots);
    tester
}

async fn ends_well(mut tester: Command, folder: &Path, seconds: u64) {
    tester.args(["--checks", CHECKS, "--phases", "examples,coverage,fuzzing"]);
    tester.args(["--max-time", &seconds.to_string(), "--max-examples", "30", "--seed", "7", "--warnings", "off"]);
    tester.args(["--request-timeout", "30", "--suppress-health-check", "all"]);
    tester.current_dir(folder).kill_on_drop(true);
    let ended = tokio::time::timeout(PATIENCE, tester.output()).await.expect("the tester ends in time").unwrap();
    let told = String::from_utf8_lossy(&ended.stdout);
    assert!(ended.status.success(), "{told}\n{}", String::from_utf8_lossy(&ended.stderr));
    let generated = told.lines().filter_map(|line| line.trim().split_once(" generated")).next();
    let generated: u32 = generated.and_then(|(count, _)| count.parse().ok()).unwrap_or_default();
    assert!(generated >= 20, "it asked for too little: {told}");
}

/// Something found on somebody, something said of something like it, and a state that was asked.
async fn with_alerts(desk: &Desk, now: &str) -> [(&'static str, Vec<String>); 3] {
    let word = |answer: &serde_json::Value, member: &str| answer[member].as_str().unwrap().to_owned();
    let facts = |name: &str, day: &str| [main_name("", name), json!({"birth": {"date": day}})];
    let alike = desk.registers(&facts("Niebilski", "1855-01-01")).await;
    let possible = done(&desk.make(&format!("/persons/{alike}/alert-checks"), &json!({})).await);
    let possible = word(&possible["findings"][0], "findingId");
    let says = json!({"verdict": "not_the_person", "grounds": "another face"});
    let said = done(&desk.make(&format!("/alert-findings/{possible}/resolution"), &says).await);
    let sought = desk.registers(&facts("Zmyślony Mściwój", "1873-02-19")).await;
    let (case, _) = desk.opens(&[&sought], "application_registered", now).await;
    let check = done(&desk.make(&format!("/persons/{sought}/alert-checks"), &json!({})).await);
    let finding = word(&check["findings"][0], "findingId");
    let asked = json!({"findingId": finding, "askedAt": now});
    let asked = done(&desk.make(&format!("{case}/alert-consultations"), &asked).await);
    [
        ("finding", vec![finding, possible]),
        ("resolution", vec![word(&said, "resolutionId")]),
        ("consultation", vec![word(&asked, "consultationId")]),
    ]
}

on_both_engines! {
    NoMigrations;

    async fn whatever_a_tester_asks_of_the_register_is_no_fault_of_ours(database: TestDatabase) {
        let Some(python) = python_with("schemathesis") else { return };
        let now = SystemClock.now();
        let (office, sis) = Office::with_alerts(database, now).await;
        let roles = ["registry_reader", "registry_intake", "registry_officer", "registry_approver", "registry_archivist"];
        let everything = office.let_in("udsc-0001", &roles).await;
        let mut known = something_of_each(&office, &everything, &now.to_string()).await;
        known.extend(with_alerts(&everything, &now.to_string()).await);
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("schemathesis.toml"), configuration(&known)).unwrap();
        let (long, short) = seconds();
        let before = office.readings().await;
        no_fault_is_found(&python, &office, folder.path(), &everything, long).await;
        assert!(office.readings().await > before, "what it asked for was never in order");
        for (at, role) in roles.into_iter().enumerate() {
            let desk = office.let_in(&format!("udsc-001{at}"), &[role]).await;
            no_fault_is_found(&python, &office, folder.path(), &desk, short).await;
        }
        let before = office.looks("consultation.question_read").await;
        no_fault_is_found_by(&python, &office, folder.path(), &PeerRole::Consulted("abw".to_owned()), short * 2).await;
        assert!(office.looks("consultation.question_read").await > before, "no question of a body's was ever shown");
        sis.stop().await.unwrap();
        office.end().await;
    }

    async fn whatever_a_tester_asks_as_another_authority_is_no_fault_of_ours(database: TestDatabase) {
        let Some(python) = python_with("schemathesis") else { return };
        let (now, folder) = (SystemClock.now(), tempfile::tempdir().unwrap());
        let profiles = folder.path().join("profiles");
        std::fs::create_dir(&profiles).unwrap();
        std::fs::write(profiles.join("zus.toml"), PROFILE).unwrap();
        let office = Office::with_consumers(database, &profiles, now).await;
        let officer = office.let_in("udsc-0001", &["registry_officer"]).await;
        let passport = json!({"document": {"kind": "passport", "number": "FE100200", "issuer": "UKR"}});
        officer.registers(&[main_name("Іванова", "Ivanova"), passport]).await;
        std::fs::write(folder.path().join("schemathesis.toml"), "").unwrap();
        let before = office.looks("consumer.%").await;
        let consumer = |name: &str| PeerRole::Consumer(name.to_owned());
        no_fault_is_found_by(&python, &office, folder.path(), &consumer("POL.zus"), seconds().0).await;
        assert!(office.looks("consumer.%").await > before, "what it asked for did not reach the register");
        office.end().await;
    }
}

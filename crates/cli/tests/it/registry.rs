//! `straznica registry` against a running registry, and the law of cases as files.

use std::path::Path;
use std::process::Output;

use straznica_cli::arguments::ServiceName;
use straznica_cli::suite::{Suite, SuiteOptions};
use straznica_contracts::common::v1::CallContext;
use straznica_contracts::registry::v1::alert_service_client::AlertServiceClient;
use straznica_contracts::registry::v1::case_service_client::CaseServiceClient;
use straznica_contracts::registry::v1::fact::Fact as Stated;
use straznica_contracts::registry::v1::person_service_client::PersonServiceClient;
use straznica_contracts::registry::v1::{
    CaseEvent, CheckPersonRequest, Fact, Name, NameKind, NewStatement, OpenCaseRequest, RegisterPersonRequest,
};

use super::{json, path, straznica, straznica_told};

const NUMBER: &str = "DPU.420.1.2026";

fn read(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// A suite with one person and one case; their ids.
async fn office() -> (Suite, String, String) {
    let suite = Suite::start(SuiteOptions::embedded(None)).await.unwrap();
    let channel = suite.operator_channel(ServiceName::Registry, "OP-07").unwrap();
    let context = Some(CallContext {
        officer: "OP-07".to_owned(),
        purpose: "protection_proceedings".to_owned(),
        case_number: NUMBER.to_owned(),
        ..CallContext::default()
    });
    let name = Stated::Name(Name {
        kind: NameKind::Main.into(),
        original_surname: "Іванова".to_owned(),
        original_given: String::new(),
        latin_surname: "Ivanova".to_owned(),
        latin_given: String::new(),
    });
    let statement = NewStatement {
        fact: Some(Fact { fact: Some(name) }),
        source: "passport".to_owned(),
        reason: "intake".to_owned(),
        ..NewStatement::default()
    };
    let request = RegisterPersonRequest { context: context.clone(), statements: vec![statement] };
    let person = PersonServiceClient::new(channel.clone()).register_person(request).await.unwrap().into_inner();
    let event = CaseEvent {
        event: "intention_declared".to_owned(),
        at_ms: suite.clock().now().millis(),
        ..CaseEvent::default()
    };
    let request = OpenCaseRequest {
        context,
        case_type: "protection".to_owned(),
        person_ids: vec![person.person_id.clone()],
        event: Some(event),
    };
    let case = CaseServiceClient::new(channel).open_case(request).await.unwrap().into_inner();
    (suite, person.person_id, case.case_id)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_officer_looks_at_a_person_a_case_and_what_is_to_be_done() {
    let (suite, person, case) = office().await;
    let issued = suite.authority().unwrap().issue_operator("OP-07").unwrap();
    let certificate = suite.write_identity(&issued).unwrap().certificate_chain;
    let address = suite.address(ServiceName::Registry).unwrap().to_string();
    let types = |words: &[&str]| {
        let access = ["--registry", &address, "--certificate", certificate.to_str().unwrap()];
        straznica(&[&["registry"], words, &access[..]].concat())
    };

    let shown = read(&types(&["persons", "show", &person, "--case", NUMBER]));
    assert!(shown.contains("Ivanova (Іванова)") && shown.contains("version 1"), "{shown}");
    let history = read(&types(&["persons", "history", &person, "--case", NUMBER]));
    assert!(history.contains("OP-07") && history.contains("intake"), "{history}");
    let answer = json(&types(&["persons", "show", &person, "--case", NUMBER, "--json"]));
    assert_eq!(answer["statements"][0]["fact"]["name"]["latin_surname"], "Ivanova");

    // A node without a source checks nobody, and says so.
    let context = Some(CallContext {
        officer: "OP-07".to_owned(),
        purpose: "protection_proceedings".to_owned(),
        case_number: NUMBER.to_owned(),
        ..CallContext::default()
    });
    let check = CheckPersonRequest { context, person_id: person.clone(), case_id: case.clone() };
    let channel = suite.operator_channel(ServiceName::Registry, "OP-07").unwrap();
    AlertServiceClient::new(channel).check_person(check).await.unwrap();
    for words in [["alerts", "person", &person, "--case", NUMBER], ["alerts", "case", &case, "--case", NUMBER]] {
        let checked = read(&types(&words));
        assert!(checked.contains("unavailable (not configured)  by OP-07"), "{checked}");
    }
    assert!(read(&types(&["alerts", "open"])).contains("nothing waits for an officer"));

    let listed = read(&types(&["worklist"]));
    assert!(listed.contains("protection/") && listed.contains("declared") && listed.contains(&case), "{listed}");
    let brief = read(&types(&["cases", "show", &case]));
    assert!(brief.contains("intention_declared") && brief.contains("border_guard"), "{brief}");
    assert!(!brief.contains("counted from"), "{brief}");
    let long = read(&types(&["cases", "show", &case, "--why"]));
    assert!(long.contains("counted from intention_declared (event 1) of"), "{long}");

    // Who is looked for is said where nobody else reads it.
    let access = ["--registry", &address, "--certificate", certificate.to_str().unwrap(), "--case", NUMBER];
    let asks = |words: &[&str], who: &str| straznica_told(&[&["registry"], words, &access[..]].concat(), who);
    let found = read(&asks(&["find", "--sex", "female"], "Iwanowa\n"));
    assert!(found.contains(&person) && found.contains("Ivanova (Іванова)") && found.contains("name:"), "{found}");
    assert!(read(&asks(&["find", "--number"], &person)).starts_with("1.00"));
    assert_eq!(read(&asks(&["find"], "Brzęczyszczykiewicz")).trim(), "nobody");
    let answer = json(&asks(&["find", "--json"], "Ivanova"));
    assert_eq!(answer["persons"][0]["person_id"], person);
    let empty = asks(&["find"], "");
    assert!(String::from_utf8(empty.stderr).unwrap().contains("/question/person/name is missing"));
    let looked = read(&types(&["persons", "accesses", &person, "--case", NUMBER, "--limit", "2"]));
    assert!(looked.contains("person.found") && looked.contains("OP-07"), "{looked}");
    assert!(read(&types(&["cases", "accesses", &case])).contains("case.opened"));
    assert_eq!(read(&types(&["duplicates", "--case", NUMBER])).trim(), "nobody waits to be decided about");
    assert_eq!(read(&types(&["merges", "--case", NUMBER])).trim(), "none");
    assert_eq!(read(&types(&["documents", &case])).trim(), "no document was issued");
    assert!(read(&types(&["blanks", "debak", "tztc"])).contains("in stock by what happened: 0"));
    assert!(read(&types(&["retention", "rules"])).contains("protection_files"));
    assert_eq!(read(&types(&["retention", "due", "protection_files"])).trim(), "nothing is due");
    assert_eq!(read(&types(&["retention", "erasures"])).trim(), "none");

    for (words, why) in [
        (&["persons", "show", &person][..], "case_number"),
        (&["blanks", "debak", "paper"], "kind"),
        (&["persons", "show", &person, "--case", NUMBER, "--purpose", "curiosity"], "purpose"),
        (&["persons", "show", "nobody", "--case", NUMBER], "person_id"),
        (&["cases", "show", &case, "--at", "someday"], "someday"),
    ] {
        let refused = types(words);
        assert_eq!(refused.status.code(), Some(1), "{words:?}");
        let told = String::from_utf8(refused.stderr).unwrap();
        assert!(told.contains(why), "{words:?}: {told}");
    }
    suite.stop().await.unwrap();
}

#[test]
fn the_law_is_listed_and_a_file_of_rules_is_checked_with_file_and_line() {
    let listed = read(&straznica(&["registry", "rules", "list"]));
    assert!(listed.contains("protection-2015") && listed.contains("2026-06-12"), "{listed}");
    let sets = json(&straznica(&["registry", "rules", "list", "--json"]));
    assert!(sets["sets"].as_array().unwrap().len() >= 4, "{sets}");

    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../services/registry/rules");
    let of_family = |name: &str| own.join(name).to_str().unwrap().to_owned();
    let both = [of_family("protection-2015.toml"), of_family("protection-2026.toml")];
    let sound = straznica(&["registry", "rules", "check", &both[0], &both[1]]);
    assert_eq!(read(&sound).trim(), "sound");

    let folder = tempfile::tempdir().unwrap();
    let text = std::fs::read_to_string(&both[0]).unwrap();
    let wrong = path(folder.path(), "law.toml");
    std::fs::write(&wrong, text.replacen("opens = \"declared\"", "opens = \"nowhere\"", 1)).unwrap();
    let refused = straznica(&["registry", "rules", "check", &wrong, "--json"]);
    assert_eq!(refused.status.code(), Some(1));
    let told: serde_json::Value = serde_json::from_slice(&refused.stdout).unwrap();
    let error = told["error"].as_str().unwrap();
    assert!(error.contains("law.toml:") && error.contains("nowhere"), "{error}");
    let absent = straznica(&["registry", "rules", "check", &path(folder.path(), "none.toml")]);
    assert_eq!(absent.status.code(), Some(2));

    let days = json(&straznica(&["registry", "holidays", "2026", "--json"]));
    let days: Vec<_> = days["days"].as_array().unwrap().iter().map(|off| off["day"].as_str().unwrap()).collect();
    assert!(days.contains(&"2026-05-01") && days.contains(&"2026-12-24"), "{days:?}");
    let known = straznica(&["registry", "persons", "show", "--help"]);
    assert!(read(&known).contains("--known-at"), "help teaches");
}

const CENTRE: &str = "row_id,surname,given_names,original_surname,birth_date,sex,nationality\n\
    1,Shevchenko,Taras,Шевченко,1990-05-17,M,UKR\n\
    2,Kowalska,Anna,,1990-02-30,F,POL\n";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_officers_take_in_a_file_from_their_desks() {
    let (suite, _, case) = office().await;
    let folder = tempfile::tempdir().unwrap();
    let address = suite.address(ServiceName::Registry).unwrap().to_string();
    let types = |officer: &str, words: &[&str]| {
        let issued = suite.authority().unwrap().issue_operator(officer).unwrap();
        let certificate = suite.write_identity(&issued).unwrap().certificate_chain;
        let access = ["--case", NUMBER, "--registry", &address, "--certificate", certificate.to_str().unwrap()];
        straznica(&[&["registry"], words, &access[..]].concat())
    };
    let file = path(folder.path(), "centre.csv");
    let propose = ["intakes", "propose", &file, "--source", "centre.debak", "--kind", "persons"];
    let missing = types("OP-07", &propose);
    assert_eq!(missing.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&missing.stderr).contains("centre.csv"));
    std::fs::write(&file, CENTRE).unwrap();

    let proposed = read(&types("OP-07", &propose));
    assert!(proposed.contains("2 rows: 0 accepted, 0 unchanged, 1 refused, 1 waiting"), "{proposed}");
    let id = proposed.lines().next().unwrap();
    let wrong = read(&types("OP-11", &["intakes", "rows", id, "--outcome", "refused"]));
    assert!(wrong.contains("3     refused  impossible_date  birth_date:"), "{wrong}");
    assert!(read(&types("OP-11", &["intakes", "list"])).contains("centre.debak  persons  proposed  OP-07"));
    let own = types("OP-07", &["intakes", "start", id]);
    assert_eq!(own.status.code(), Some(1));
    assert!(read(&types("OP-11", &["intakes", "start", id])).contains("one by one"));
    let mut shown = String::new();
    for _ in 0..600 {
        shown = read(&types("OP-07", &["intakes", "show", id]));
        if shown.starts_with("done") {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    assert!(shown.starts_with("done: persons of centre.debak\n2 rows: 1 accepted"), "{shown}");
    assert!(read(&types("OP-07", &["intakes", "reconcile", "centre.debak"])).ends_with("everything adds up\n"));
    let nothing = types("OP-07", &["intakes", "reconcile", "centre.biala"]);
    assert_eq!(nothing.status.code(), Some(1), "nothing is not everything");
    let again = json(&types("OP-07", &[&propose[..], &["--json"]].concat()));
    let id = again["intake_id"].as_str().unwrap();
    assert!(read(&types("OP-11", &["intakes", "give-up", id])).contains("given up"));

    // A node without a register of visas says so, and not "none".
    let visas = types("OP-07", &["visas", &case]);
    assert!(String::from_utf8_lossy(&visas.stdout).contains("nothing was asked"), "{visas:?}");
    suite.stop().await.unwrap();
}

//! A whole reading of a passport leaves nothing of its holder behind: every file of the suite is searched for what the document says, in every disguise.

use std::path::{Path, PathBuf};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::{Map, Value, json};
use straznica_cli::alert_source;
use straznica_simulators::alerts::{Alert, AlertSimulator};
use straznica_simulators::terminal::Terminal;
use straznica_testkit::canary::finds;
use straznica_tests::{Border, OFFICER, in_folder};

const NUMBER: &str = "UT7K3Q9ZX";
const ALERT: &str = "sis-canary-774";
const REFERENCE: &str = "canary-reference-58213";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_of_the_person_is_written_anywhere() {
    let folder = tempfile::tempdir().unwrap();
    let mut options = in_folder(folder.path().to_owned());
    let sis = AlertSimulator::new(vec![Alert::document(ALERT, "BEL", NUMBER, "UTO")], options.clock.clone());
    let sis = alert_source::announce(sis, &mut options.config).await.unwrap();
    let border = Box::pin(Border::raise_on(options)).await;
    let sis = sis.serve(&border.suite).unwrap();
    let mut chip = border.partner.passport(NUMBER, border.today).unwrap();
    let terminal = Terminal::connect(&mut chip, false).unwrap();
    let reading = terminal.read_document().unwrap();
    let groups: Map<String, Value> = reading
        .data_groups
        .iter()
        .map(|(number, content)| (number.to_string(), BASE64_STANDARD.encode(content).into()))
        .collect();
    let body = json!({
        "documentRef": REFERENCE, "access": "bac", "mrzOptical": reading.optical_mrz,
        "sod": BASE64_STANDARD.encode(&reading.sod), "dataGroups": groups,
        "readAt": border.suite.clock().now().to_string(),
        "officer": OFFICER, "purpose": "border_check", "line": "first",
    });
    let headers = [("content-type", "application/json"), ("idempotency-key", "once-0001")];
    let answer =
        border.terminal.send(http::Method::POST, "/v1/inspections", &headers, body.to_string().into()).await.unwrap();
    assert_eq!(answer.status.as_u16(), 201, "{}", answer.json());
    let found = &answer.json()["alerts"]["found"][0];
    assert_eq!(found["action"], "seize", "the traveller's document is sought");
    let instruction = found["instruction"]["en"].as_str().unwrap().to_owned();
    let id = answer.json()["id"].as_str().unwrap().to_owned();
    let referral = json!({ "reason": "document_suspect", "officer": OFFICER });
    let referred = border.terminal.post(&format!("/v1/inspections/{id}/referral"), &referral).await.unwrap();
    assert!(referred.status.is_success(), "{}", referred.json());
    sis.stop().await.unwrap();
    border.suite.stop().await.unwrap();

    let zone: String = reading.optical_mrz.split_whitespace().collect();
    // the names field of the first line of a TD3 zone, and the portrait in DG2
    let names = zone[5..44].trim_end_matches('<').to_owned();
    let portrait = reading.data_groups[&2][reading.data_groups[&2].len() - 24..].to_vec();
    let canaries = [
        NUMBER.as_bytes(),
        REFERENCE.as_bytes(),
        names.as_bytes(),
        &zone.as_bytes()[44..72],
        &portrait,
        // nor what was found on the document
        ALERT.as_bytes(),
        instruction.as_bytes(),
    ];
    let files = settled_files(folder.path()).await;
    assert!(files.iter().any(|file| file.ends_with("identity.db")), "{files:?}");
    for file in files {
        let content = std::fs::read(&file).unwrap();
        for canary in canaries {
            assert!(!finds(&content, canary), "{} holds {}", file.display(), String::from_utf8_lossy(canary));
        }
    }
}

/// The files once SQLite has put its write-ahead logs into the databases, which it does when the last connection closes.
async fn settled_files(folder: &Path) -> Vec<PathBuf> {
    for _ in 0..600 {
        let files = files(folder);
        if !files.iter().any(|file| file.extension().is_some_and(|extension| extension == "db-wal")) {
            return files;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("the databases were not closed: {:?}", files(folder));
}

fn files(folder: &Path) -> Vec<PathBuf> {
    std::fs::read_dir(folder)
        .unwrap()
        .flat_map(|entry| {
            let path = entry.unwrap().path();
            if path.is_dir() { files(&path) } else { vec![path] }
        })
        .collect()
}

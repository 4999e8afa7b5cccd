//! The main job from end to end on both engines, and what survives when the suite stops in the middle of it.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use emrtd::crypto::HashAlgorithm;
use serde_json::{Value, json};
use straznica_cli::arguments::Demo;
use straznica_cli::demo;
use straznica_cli::suite::{Suite, SuiteOptions};
use straznica_simulators::terminal::Terminal;
use straznica_store::Engine;
use straznica_store::testing::TestDatabase;
use straznica_tests::{Border, NoMigrations, OFFICER, TERMINAL, in_folder};

/// Every step of the demonstration, with each service's database on a PostgreSQL server.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_step_holds_on_postgresql() {
    let mut databases = Vec::new();
    for _ in 0..3 {
        let Some(database) = TestDatabase::fresh::<NoMigrations>(Engine::Postgres).await else { return };
        databases.push(database);
    }
    let mut options = SuiteOptions::demonstration(None);
    options.config.spoc.database = databases[0].config().clone();
    options.config.identity.database = databases[1].config().clone();
    options.config.gateway.database = databases[2].config().clone();
    Box::pin(demo::run_on(&Demo { json: true, ..Demo::default() }, options)).await.unwrap();
}

/// The suite stops between the verdict and the fingerprints, and starts again: the inspection is still open, the keys are still there, and the
/// chip opens.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_inspection_goes_on_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let border = Box::pin(Border::raise_on(in_folder(folder.path().to_owned()))).await;
    let mut chip = border.partner.passport("UT0000201", border.today).unwrap();
    let mut terminal = Terminal::connect(&mut chip, false).unwrap();
    let reading = terminal.read_document().unwrap();
    let report = terminal.chip_authentication().unwrap();
    let opened = border
        .terminal
        .post(
            "/v1/inspections",
            &json!({
                "documentRef": "lane 17/restart",
                "access": "bac",
                "sod": BASE64_STANDARD.encode(&reading.sod),
                "dataGroups": { "1": BASE64_STANDARD.encode(&reading.data_groups[&1]), "14": BASE64_STANDARD.encode(&reading.data_groups[&14]) },
                "chipAuthentication": { "protocol": "ca_v1", "result": "successful", "evidence": BASE64_STANDARD.encode(&report.chip_public_key), "keyId": report.key_id },
                "readAt": border.suite.clock().now().to_string(),
                "officer": OFFICER, "purpose": "border_check", "line": "first",
            }),
        )
        .await
        .unwrap()
        .json();
    let id = opened["id"].as_str().unwrap_or_else(|| panic!("{opened}")).to_owned();
    border.suite.stop().await.unwrap();

    let suite = Suite::start(in_folder(folder.path().to_owned())).await.unwrap();
    let lane = suite.terminal_rest(TERMINAL).unwrap();
    let cars: Vec<String> = terminal.trusted_authorities().unwrap().iter().map(ToString::to_string).collect();
    let chain = lane
        .post("/v1/terminal-authentication/chain", &json!({ "cars": cars, "inspectionId": id }))
        .await
        .unwrap()
        .json();
    let certificates: Vec<Vec<u8>> = chain["certificates"]
        .as_array()
        .unwrap_or_else(|| panic!("{chain}"))
        .iter()
        .map(|one| decode(&one["der"]))
        .collect();
    terminal.present_chain(&certificates).unwrap();
    let input = terminal.signature_input().unwrap();
    let hash = HashAlgorithm::Sha256.digest(&input.message()).unwrap();
    let signed = lane
        .post(
            "/v1/terminal-authentication/signature",
            &json!({ "inspectionId": id, "isChr": chain["isChr"], "hash": BASE64_STANDARD.encode(hash) }),
        )
        .await
        .unwrap()
        .json();
    terminal.authenticate(&decode(&signed["signature"])).unwrap();
    terminal.read_fingerprints().unwrap();
    let updated = lane
        .post(
            &format!("/v1/inspections/{id}/data-groups"),
            &json!({ "dataGroups": { "2": BASE64_STANDARD.encode(&reading.data_groups[&2]) } }),
        )
        .await
        .unwrap()
        .json();
    assert_eq!(updated["verdict"], "genuine", "{updated}");
    suite.stop().await.unwrap();
}

fn decode(member: &Value) -> Vec<u8> {
    BASE64_STANDARD.decode(member.as_str().unwrap_or_else(|| panic!("{member}"))).unwrap()
}

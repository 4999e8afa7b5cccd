//! The program as it is run: exit statuses, JSON, and the demonstration that must fail when its input is sabotaged.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod it {
    pub(crate) use super::{json, lines, path, status, straznica, straznica_told, straznica_watched};

    mod account;
    mod conformance;
    mod private_keys;
    mod registry;
    mod spoc;
    mod token;
    mod two_doors;
}
mod kill_dispatch;
mod two_states;

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use straznica_testkit::vectors;

fn straznica(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_straznica")).args(arguments).output().unwrap()
}

/// The same with its temporary files in `temporary`; `look` is called every few milliseconds while it runs.
fn straznica_watched(arguments: &[&str], temporary: &Path, mut look: impl FnMut()) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_straznica"));
    command.args(arguments).env("TMPDIR", temporary).stdout(Stdio::piped()).stderr(Stdio::piped());
    let running = command.spawn().unwrap();
    let (ended, end) = std::sync::mpsc::channel();
    let waiting = std::thread::spawn(move || {
        let output = running.wait_with_output().unwrap();
        // nobody listens any more when the test has failed
        let _ = ended.send(());
        output
    });
    while end.recv_timeout(std::time::Duration::from_millis(20)) == Err(std::sync::mpsc::RecvTimeoutError::Timeout) {
        look();
    }
    waiting.join().unwrap()
}

/// The same, told something on standard input.
fn straznica_told(arguments: &[&str], text: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_straznica"));
    let running = command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut running = running.spawn().unwrap();
    running.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    running.wait_with_output().unwrap()
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stdout)))
}

fn status(output: &Output) -> i32 {
    output.status.code().unwrap()
}

fn path(folder: &Path, name: &str) -> String {
    folder.join(name).to_str().unwrap().to_owned()
}

/// One JSON object a step; nothing else may be on standard output.
fn lines(output: &Output) -> impl Iterator<Item = Value> {
    let text = str::from_utf8(&output.stdout).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
}

/// The steps of the border check: name and outcome, in order.
fn steps(output: &Output) -> Vec<(String, bool)> {
    lines(output)
        .map(|line| {
            assert_eq!(line["scene"], "border-check");
            assert!(line["ms"].is_number());
            (line["step"].as_str().unwrap().to_owned(), line["ok"].as_bool().unwrap())
        })
        .collect()
}

#[test]
fn the_demonstration_plays_its_scenes_in_order() {
    let output = straznica(&["demo", "--json"]);
    assert_eq!(status(&output), 0, "{}", String::from_utf8_lossy(&output.stderr));
    let scenes: Vec<String> = lines(&output).map(|line| line["scene"].as_str().unwrap().to_owned()).collect();
    let mut played = scenes.clone();
    played.dedup();
    assert_eq!(played, ["spoc-exchange", "border-check", "mdokumenty", "protection-case"]);
    assert_eq!(scenes.iter().filter(|scene| *scene == "spoc-exchange").count(), 7);
}

#[test]
fn somebody_asks_for_protection_on_a_node_of_its_own() {
    let output = straznica(&["demo", "--json", "--scene", "protection-case"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let steps: Vec<String> = lines(&output).map(|line| line["step"].as_str().unwrap().to_owned()).collect();
    assert_eq!(
        steps,
        [
            "raise-suite",
            "admit-people",
            "register-person",
            "ask-for-protection",
            "take-the-application",
            "consult",
            "decide",
            "give-opinions",
            "check-alerts",
            "issue-and-serve",
            "verify-journals"
        ]
    );
}

#[test]
fn a_document_is_shown_by_code_and_by_phone_on_a_node_of_its_own() {
    let output = straznica(&["demo", "--json", "--scene", "mdokumenty"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let steps: Vec<String> = lines(&output).map(|line| line["step"].as_str().unwrap().to_owned()).collect();
    assert_eq!(
        steps,
        [
            "raise-suite",
            "admit-office",
            "join",
            "ask-by-text",
            "refuse-guess",
            "show-once",
            "ask-by-phone",
            "refuse-by-phone",
            "read-who-asked",
            "verify-journals"
        ]
    );
}

#[test]
fn the_border_check_alone_proves_every_step() {
    let output = straznica(&["demo", "--json", "--scene", "border-check"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let steps = steps(&output);
    assert!(steps.len() >= 18 && steps.iter().all(|(_, ok)| *ok), "{steps:?}");
}

#[test]
fn each_sabotage_is_caught_by_the_step_that_should() {
    for (what, step) in [
        ("sod", "read-genuine"),
        ("chain", "present-chain"),
        ("trust-point", "reach-old-trust-point"),
        ("ta-signature", "authenticate-terminal"),
        ("clone", "refuse-clone"),
        ("journal", "verify-journals"),
    ] {
        let output = straznica(&["demo", "--json", "--scene", "border-check", "--break", what]);
        assert_eq!(status(&output), 1, "{what}");
        let steps = steps(&output);
        let (last, before) = steps.split_last().unwrap();
        assert_eq!(*last, (step.to_owned(), false), "{what}");
        assert!(before.iter().all(|(_, ok)| *ok), "{what}: {before:?}");
    }
}

#[test]
fn a_certificate_is_shown_with_every_member_the_interface_promises() {
    let Some(vectors) = vectors() else { return };
    let trees = vectors.join("cvc/openscdp-eid-sim/UTISCVCA");
    let shown = json(&straznica(&["cvc", "show", "--json", &path(&trees, "UTISCVCA00001.selfsigned.cvcert")]));
    for member in [
        "kind",
        "car",
        "chr",
        "outer_car",
        "role",
        "rights",
        "algorithm",
        "parameters",
        "effective",
        "expires",
        "self_signature",
        "inner_signature",
    ] {
        assert!(shown.get(member).is_some(), "{member} is missing in {shown}");
    }
    assert_eq!(shown["kind"], "certificate");
    assert_eq!(shown["chr"], "UTISCVCA00001");
    assert_eq!(shown["parameters"], "brainpoolP256r1");
    assert_eq!(shown["effective"], "2018-05-04");
    assert_eq!(shown["self_signature"], "valid");
    let request = json(&straznica(&["cvc", "show", "--json", &path(&trees, "UTISCVCA00001.cvreq")]));
    assert_eq!((&request["kind"], &request["inner_signature"]), (&"request".into(), &"valid".into()));
}

#[test]
fn a_chain_is_valid_not_valid_or_unreadable_by_exit_status() {
    let Some(vectors) = vectors() else { return };
    let trees = vectors.join("cvc/openscdp-eid-sim");
    let root = path(&trees, "UTISCVCA/UTISCVCA00001.selfsigned.cvcert");
    let verifier = path(&trees, "UTISCVCA/UTISDVCAOD/UTISDVCAOD00001.cvcert");
    let terminal = path(&trees, "UTISCVCA/UTISDVCAOD/UTTERM/UTTERM00001.cvcert");
    let foreign = path(&trees, "UTATCVCA/UTATCVCA00001.selfsigned.cvcert");
    let verify = |trust: &str, more: &[&str]| {
        let mut arguments = vec!["cvc", "verify", "--json", "--at", "2020-01-01"];
        arguments.extend_from_slice(more);
        arguments.extend(["--trust", trust, "--", verifier.as_str(), terminal.as_str()]);
        straznica(&arguments)
    };
    let valid = verify(&root, &[]);
    assert_eq!(status(&valid), 0);
    let report = json(&valid);
    assert_eq!(report["path"], serde_json::json!(["UTISCVCA00001", "UTISDVCAOD00001", "UTTERM00001"]));
    assert_eq!(report["rights"]["terminal_type"], "IS");
    assert_eq!(report["rights"]["dg3"], true);

    let by_policy = verify(&root, &["--policy", "tr-03139"]);
    assert_eq!(status(&by_policy), 1, "a ten-year document verifier is against the policy");
    assert!(json(&by_policy)["findings"].to_string().contains("UTISDVCAOD00001"));
    let elsewhere = verify(&foreign, &[]);
    assert_eq!((status(&elsewhere), &json(&elsewhere)["valid"]), (1, &Value::Bool(false)));

    let folder = tempfile::tempdir().unwrap();
    let noise = path(folder.path(), "noise");
    std::fs::write(&noise, b"a letter to the ministry").unwrap();
    let unreadable = straznica(&["cvc", "verify", "--trust", &root, "--", &noise]);
    assert_eq!(status(&unreadable), 2);
    assert!(String::from_utf8_lossy(&unreadable.stderr).contains("noise"), "the message names the file");
    assert_eq!(status(&straznica(&["cvc", "show", "/no/such/file"])), 2);
}

#[test]
fn a_passport_is_genuine_not_genuine_undetermined_or_unreadable_by_exit_status() {
    let Some(vectors) = vectors() else { return };
    let sods = vectors.join("lds/real-sods");
    let lists = vectors.join("masterlists");
    let verify = |sod: &str, more: &[&str]| {
        let mut arguments = vec!["passport", "verify", "--json", "--sod", sod];
        arguments.extend_from_slice(more);
        straznica(&arguments)
    };
    let austrian = path(&sods, "AT_EF_SOD.bin");
    let list = path(&lists, "DE_ML_2026-05-28-08-28-45.ml");
    let anchor = path(&lists, "DE_ROOT_CA_CSCA07.cer");
    let signer = json(&verify(&austrian, &["--csca", &path(&sods, "AT_CSCA.der")]));
    let until =
        signer["checks"].as_array().unwrap().iter().find(|check| check["check"] == "ds_validity").unwrap()["evidence"]
            .to_string();
    let day = until.split('"').filter(|text| text.len() >= 10 && text.starts_with("20")).map(|text| &text[..10]).min();
    let inside = day.unwrap_or_else(|| panic!("no date in {until}"));

    let genuine = verify(&austrian, &["--master-list", &list, "--ml-anchor", &anchor, "--at", inside]);
    assert_eq!(status(&genuine), 0, "{}", json(&genuine));
    assert_eq!(json(&genuine)["scope"], "security_object");
    assert_eq!(json(&genuine)["issuing_state"], "AT");
    let unanchored = verify(&austrian, &["--master-list", &list, "--at", inside]);
    assert_eq!(status(&unanchored), 3, "a list nobody vouches for decides nothing");
    let foreign = verify(&austrian, &["--csca", &path(&sods, "FI_CSCA.der"), "--at", inside]);
    assert!(matches!(status(&foreign), 1 | 3), "{}", json(&foreign));

    let dataset = vectors.join("lds/bsi-tr03105-5-reference-dataset");
    let sod = path(&dataset, "EF_SOD.bin");
    let group = |number: u8| format!("{number}={}", path(&dataset, &format!("Datagroup{number}.bin")));
    let groups: Vec<String> = [1, 2, 3, 4, 14].into_iter().map(group).collect();
    let groups: Vec<&str> = std::iter::once("--dg").chain(groups.iter().map(String::as_str)).collect();
    let specimen = verify(&sod, &[&groups[..], &["--at", "2014-06-01"]].concat());
    assert_eq!(status(&specimen), 3, "its CSCA is not published");
    let unlisted = group(15);
    let with_unlisted = verify(&sod, &[&groups[..], &["--dg", &unlisted, "--at", "2014-06-01"]].concat());
    assert_eq!(status(&with_unlisted), 1, "DG15 is not in the security object");

    assert_eq!(status(&verify(&anchor, &[])), 2, "a certificate is no security object");
}

#[test]
fn two_master_lists_are_compared() {
    let Some(vectors) = vectors() else { return };
    let lists = vectors.join("masterlists");
    let (old, new) = (path(&lists, "DE_ML_2026-01-08-12-20-54.ml"), path(&lists, "DE_ML_2026-05-28-08-28-45.ml"));
    let difference = json(&straznica(&["trust", "diff", "--json", &old, &new]));
    let count = |member: &str| difference[member].as_array().unwrap().len() as u64;
    assert_eq!(difference["unchanged"].as_u64().unwrap() + count("appeared"), 588, "{difference}");
    assert_eq!(json(&straznica(&["trust", "diff", "--json", &new, &old]))["appeared"], difference["disappeared"]);
}

#[test]
fn configuration_shows_every_member_and_refuses_what_nobody_knows() {
    let shown = straznica(&["config", "show", "--set", "spoc.server.listen.grpc=127.0.0.1:7001"]);
    assert!(shown.status.success(), "{}", String::from_utf8_lossy(&shown.stderr));
    let text = String::from_utf8_lossy(&shown.stdout).into_owned();
    assert!(text.contains("127.0.0.1:7001") && text.contains("[gateway"), "{text}");
    let folder = tempfile::tempdir().unwrap();
    let file = path(folder.path(), "node.toml");
    std::fs::write(&file, "[spoc]\ncolour = \"red\"\n").unwrap();
    let refused = straznica(&["config", "show", "--config", &file]);
    assert_eq!(status(&refused), 1);
    assert!(String::from_utf8_lossy(&refused.stderr).contains("colour"));
}

#[test]
fn nobody_listens_means_not_ready() {
    let output = straznica(&["healthcheck", "--admin", "127.0.0.1:1"]);
    assert_eq!(status(&output), 1);
    assert!(String::from_utf8_lossy(&output.stderr).contains("127.0.0.1:1"));
}

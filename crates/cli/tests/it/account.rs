//! `straznica account` against a running gateway: what an operator hands over is what people log in with.

use std::path::Path;

use serde_json::{Value, json};
use straznica_cli::suite::{Suite, SuiteOptions};
use straznica_types::Timestamp;

use super::{json, path, straznica};

/// A suite and an operator beside it.
struct Office {
    suite: Suite,
    access: [String; 4],
}

impl Office {
    async fn open() -> Self {
        let suite = Suite::start(SuiteOptions::embedded(None)).await.unwrap();
        let access = Self::access(&suite, "OP-07");
        Self { suite, access }
    }

    fn access(suite: &Suite, operator: &str) -> [String; 4] {
        let issued = suite.authority().unwrap().issue_operator(operator).unwrap();
        let certificate = suite.write_identity(&issued).unwrap().certificate_chain;
        let certificate = certificate.to_str().unwrap().to_owned();
        ["--gateway".to_owned(), suite.terminals().to_string(), "--certificate".to_owned(), certificate]
    }

    fn types(&self, words: &[&str]) -> std::process::Output {
        let access: Vec<&str> = self.access.iter().map(String::as_str).collect();
        straznica(&[&["account"], words, &access].concat())
    }

    fn reads(&self, words: &[&str]) -> String {
        let output = self.types(words);
        assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    fn json(&self, words: &[&str]) -> Value {
        let output = self.types(&[words, &["--json"]].concat());
        assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
        json(&output)
    }

    fn refused(&self, words: &[&str]) -> String {
        let output = self.types(words);
        assert_eq!(output.status.code(), Some(1), "{words:?}: {}", String::from_utf8_lossy(&output.stdout));
        assert!(output.stdout.is_empty(), "{words:?}");
        String::from_utf8(output.stderr).unwrap()
    }

    /// What the gateway answers to somebody who logs in at this time.
    async fn log_in(&self, account: &Value, password: &str, at: Timestamp) -> u16 {
        let secret = totp_rs::Secret::try_from_base32(account["secondFactor"].as_str().unwrap()).unwrap();
        let factor = totp_rs::Builder::new().with_secret(secret).build().unwrap();
        let code = factor.generate(u64::try_from(at.millis() / 1_000).unwrap()).to_string();
        let typed = json!({"account": account["name"], "password": password, "code": code});
        let answer = self.suite.people_rest().unwrap().post("/v1/sessions/password", &typed).await.unwrap();
        answer.status.as_u16()
    }
}

fn password_file(folder: &Path) -> String {
    let file = path(folder, "password.txt");
    std::fs::write(&file, "koń bateria zszywka\n").unwrap();
    file
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_an_operator_hands_over_is_what_people_log_in_with() {
    let office = Office::open().await;
    assert_eq!(office.reads(&["list"]), "no accounts\n");
    let made = office.json(&["add", "j.kowalska"]);
    let password = made["password"].as_str().unwrap();
    assert_eq!((&made["issuer"], &made["subject"]), (&json!("urn:straznica:accounts"), &json!("j.kowalska")));
    let now = office.suite.clock().now();
    assert_eq!(office.log_in(&made, password, now).await, 201);

    let folder = tempfile::tempdir().unwrap();
    let file = password_file(folder.path());
    let citizen = ["--pesel", "99722812346", "--given-names", "Anna Maria", "--surname", "Próbna"];
    let told = office.reads(&[&["add", "a.probna", "--password-file", &file][..], &citizen].concat());
    assert!(told.contains("otpauth://totp/Straznica:a.probna?secret=") && !told.contains("zszywka"), "{told}");

    // A lock ends what was open and shuts the door; the reason is on the list.
    office.reads(&["lock", "j.kowalska", "--reason", "left the office"]);
    let later = now + std::time::Duration::from_secs(30);
    assert_eq!(office.log_in(&made, password, later).await, 401);
    let list = office.reads(&["list"]);
    let lines: Vec<&str> = list.lines().collect();
    assert!(lines[0].starts_with("NAME") && lines[1].starts_with("a.probna    citizen"), "{list}");
    assert!(lines[2].starts_with("j.kowalska  official") && lines[2].ends_with("OP-07  left the office"), "{list}");
    office.reads(&["unlock", "j.kowalska", "--reason", "back"]);
    assert_eq!(office.log_in(&made, password, later).await, 201);

    // The authenticator is lost: the old one is worth nothing, the password stays.
    let found = office.json(&["reset-factor", "a.probna", "--password-file", &file]);
    assert_ne!(found["secondFactor"], made["secondFactor"]);
    assert_eq!(office.log_in(&found, "koń bateria zszywka", now).await, 201);
    office.suite.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_wrong_is_told_and_nothing_is_done() {
    let mut office = Office::open().await;
    let folder = tempfile::tempdir().unwrap();
    let file = password_file(folder.path());
    office.reads(&["add", "j.kowalska", "--password-file", &file]);
    let (short, two_lines) = (path(folder.path(), "short"), path(folder.path(), "two-lines"));
    std::fs::write(&short, "short").unwrap();
    std::fs::write(&two_lines, "one line of it\nand another").unwrap();
    for (words, told) in [
        (&["add", "j.kowalska"][..], "exists"),
        (&["add", "j kowalska"], "name: expected"),
        (&["add", "new", "--password-file", &short], "password: expected 12 to 128 characters"),
        (&["add", "new", "--password-file", &two_lines], "one line"),
        (&["add", "new", "--password-file", "/no/such/file"], "/no/such/file"),
        (&["add", "new", "--pesel", "1234"], "pesel: expected eleven digits"),
        (&["lock", "nobody", "--reason", "x"], "no such account"),
        (&["lock", "../terminals/T-1", "--reason", "x"], "letters, digits"),
        (&["unlock", "nobody", "--reason", "x"], "no such account"),
        (&["reset-factor", "j.kowalska", "--password-file", &two_lines], "one line"),
    ] {
        let refused = office.refused(words);
        assert!(refused.contains(told), "{words:?}: {refused}");
    }
    std::fs::write(&short, "not the password").unwrap();
    let refused = office.refused(&["reset-factor", "j.kowalska", "--password-file", &short]);
    assert!(refused.contains("password: not the password of this account"), "{refused}");
    assert_eq!(office.json(&["list"])["accounts"].as_array().unwrap().len(), 1);

    let [_, gateway, _, certificate] = office.access.clone();
    "nowhere".clone_into(&mut office.access[1]);
    assert!(office.refused(&["list"]).contains("HOST:PORT"));
    office.access[1] = gateway;
    let issued = office.suite.authority().unwrap().issue_terminal("PL-WAW-017").unwrap();
    office.access[3] = office.suite.write_identity(&issued).unwrap().certificate_chain.to_str().unwrap().to_owned();
    assert!(office.refused(&["list"]).contains("no operator"));
    office.access[3] = certificate;
    office.suite.stop().await.unwrap();
}

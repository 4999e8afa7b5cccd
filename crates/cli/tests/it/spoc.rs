//! `straznica spoc` against a running spoc: what two officers do at their desks, and what they read.

use std::path::{Path, PathBuf};
use std::process::Output;
use std::time::Duration;

use cvc::domain_parameters::StandardisedCurve;
use exchange::development::{Algorithm, Authority, Digest, Validity};
use exchange::profile::Profile;
use serde_json::Value;
use straznica_cli::arguments::ServiceName;
use straznica_cli::suite::{Suite, SuiteOptions};

use super::{json, path, straznica};

const FIRST: &str = "OP-07";
const SECOND: &str = "OP-11";

/// A suite and two officers with their certificates.
struct Office {
    suite: Suite,
    folder: tempfile::TempDir,
    address: String,
}

impl Office {
    async fn open() -> Self {
        let suite = Suite::start(SuiteOptions::embedded(None)).await.unwrap();
        let address = suite.address(ServiceName::Spoc).unwrap().to_string();
        Self { suite, folder: tempfile::tempdir().unwrap(), address }
    }

    fn certificate(&self, officer: &str) -> PathBuf {
        let issued = self.suite.authority().unwrap().issue_operator(officer).unwrap();
        self.suite.write_identity(&issued).unwrap().certificate_chain
    }

    /// Types a command.
    fn types(&self, officer: &str, words: &[&str]) -> Output {
        let certificate = self.certificate(officer);
        let access = ["--spoc", &self.address, "--certificate", certificate.to_str().unwrap()];
        straznica(&[words, &access[..]].concat())
    }

    /// Types a command that succeeds, and reads what it prints.
    fn reads(&self, officer: &str, words: &[&str]) -> String {
        let output = self.types(officer, words);
        assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// The same as JSON.
    fn json(&self, officer: &str, words: &[&str]) -> Value {
        let output = self.types(officer, &[words, &["--json"]].concat());
        assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
        json(&output)
    }

    /// Types a command that is refused, and reads why.
    fn refused(&self, officer: &str, words: &[&str]) -> String {
        let output = self.types(officer, words);
        assert_eq!(output.status.code(), Some(1), "{words:?}: {}", String::from_utf8_lossy(&output.stdout));
        assert!(output.stdout.is_empty(), "{words:?}");
        String::from_utf8(output.stderr).unwrap()
    }

    fn file(&self, name: &str) -> String {
        path(self.folder.path(), name)
    }

    /// A root of Utopia's SPOC as a file, and its fingerprint.
    fn root(&self, name: &str) -> (Authority, String) {
        let algorithm = Algorithm::ecdsa(StandardisedCurve::P256, Digest::Sha256);
        let validity = Validity::days(self.suite.clock().now() - Duration::from_secs(86_400), 1000);
        let root = Authority::root("UT", name, algorithm, validity, None, Vec::new()).unwrap();
        std::fs::write(self.folder.path().join(format!("{name}.cer")), root.certificate()).unwrap();
        let fingerprint = root.fingerprint().unwrap().to_string();
        (root, fingerprint)
    }

    /// Registers Utopia by the example; gives the fingerprint of its root.
    fn registers_utopia(&self) -> String {
        let example = straznica(&["spoc", "partners", "example"]);
        let example = String::from_utf8(example.stdout).unwrap();
        let (_, fingerprint) = self.root("utopia-spoc-root");
        let today = self.suite.clock().now().date().to_string();
        let registration = example.replace("use_from = \"2027-01-01\"      ", &format!("use_from = \"{today}\"      "));
        std::fs::write(self.folder.path().join("utopia.toml"), registration).unwrap();
        let told = self.reads(FIRST, &["spoc", "partners", "register", &self.file("utopia.toml")]);
        assert!(told.contains(&fingerprint), "{told}");
        let typed = told.lines().find(|line| line.contains("straznica spoc partners confirm")).unwrap();
        let words: Vec<_> =
            typed.split_whitespace().skip(1).map(|word| word.replace("<SHA-256>", &fingerprint)).collect();
        let words: Vec<_> = words.iter().map(String::as_str).collect();

        let own = self.refused(FIRST, &words);
        assert!(own.contains("officer"), "{own}");
        let start = if fingerprint.starts_with('0') { "1" } else { "0" };
        let other = [start, &fingerprint[1..]].concat();
        let wrong: Vec<_> = words.iter().map(|word| if *word == fingerprint { other.as_str() } else { word }).collect();
        self.refused(SECOND, &wrong);
        let told = self.reads(SECOND, &words);
        assert!(told.contains("UT is registered"), "{told}");
        fingerprint
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_officers_look_after_a_partner_from_their_desks() {
    let office = Office::open().await;
    let fingerprint = office.registers_utopia();

    let listed = office.json(FIRST, &["spoc", "partners", "list"]);
    assert_eq!(listed["partners"][0]["country"], "UT");
    assert_eq!(listed["partners"][0]["served"], true, "{listed}");
    assert_eq!(listed["partners"][0]["roots"][0]["fingerprint"], fingerprint.as_str());
    assert!(office.reads(FIRST, &["spoc", "partners", "list"]).contains("UT       active  yes     grpc     icao"));
    let shown = office.reads(FIRST, &["spoc", "partners", "show", "UT"]);
    assert!(shown.contains("Utopian Border Agency") && shown.contains(&fingerprint), "{shown}");
    assert!(office.reads(FIRST, &["spoc", "partners", "health"]).contains("reached    never"));

    office.refused(FIRST, &["spoc", "partners", "suspend", "XX", "--reason", "nobody"]);
    office.reads(FIRST, &["spoc", "partners", "suspend", "UT", "--reason", "key stolen"]);
    assert!(office.reads(FIRST, &["spoc", "partners", "show", "UT"]).contains("suspended: key stolen"));
    let proposed = office.json(FIRST, &["spoc", "partners", "resume", "UT", "--reason", "new key"]);
    let proposal = proposed["proposal"]["id"].as_str().unwrap();
    office.refused(FIRST, &["spoc", "partners", "confirm", proposal]);
    assert!(office.reads(SECOND, &["spoc", "partners", "confirm", proposal]).contains("UT is served again"));
    assert!(office.refused(SECOND, &["spoc", "partners", "confirm", proposal]).contains("no proposal"));

    std::fs::write(office.folder.path().join("no-root.cer"), b"root").unwrap();
    let broken = office.refused(FIRST, &["spoc", "partners", "announce-root", "UT", &office.file("no-root.cer")]);
    assert!(broken.contains("(root/certificate)"), "{broken}");
    let (_, next) = office.root("next-root");
    let announced = office.reads(FIRST, &["spoc", "partners", "announce-root", "UT", &office.file("next-root.cer")]);
    assert!(announced.contains(&next) && announced.contains("confirm-root UT"), "{announced}");
    let proposal = announced.lines().find_map(|line| line.split("--proposal ").nth(1)).unwrap();
    let confirm = ["spoc", "partners", "confirm-root", "UT", &next, "--proposal"];
    office.refused(FIRST, &[&confirm[..], &[proposal]].concat());
    office.refused(SECOND, &[&confirm[..], &["0000000000000000"]].concat());
    assert!(office.reads(SECOND, &[&confirm[..], &[proposal]].concat()).contains("confirmed"));
    office.reads(FIRST, &["spoc", "partners", "withdraw-root", "UT", &next, "--reason", "not used"]);

    let add = ["spoc", "partners", "outage", "add", "UT", "--from", "2099-05-01", "--until"];
    let entered = office.json(FIRST, &[&add[..], &["2099-05-15T06:00:00Z", "--reason", "a move"]].concat());
    assert_eq!(entered["outage"]["ends_ms"], 4_082_508_000_000_i64);
    let never = office.refused(FIRST, &[&add[..], &["some day", "--reason", "a move"]].concat());
    assert!(never.contains("some day"), "{never}");
    let outage = entered["outage"]["id"].as_str().unwrap();
    office.reads(FIRST, &["spoc", "partners", "outage", "remove", outage, "--reason", "not needed"]);

    let templates = office.json(FIRST, &["spoc", "messages", "templates"]);
    assert!(templates["templates"].as_array().unwrap().len() >= 16, "{templates}");
    assert!(
        templates["templates"].as_array().unwrap().iter().any(|one| one["implies"] == "suspend_holder"),
        "{templates}"
    );
    let words = ["spoc", "messages", "send", "UT", "--subject", "Test", "--body", "Please answer\nby telephone."];
    let sent = office.json(FIRST, &words);
    assert_eq!(sent["message"]["state"], "sending", "{sent}");
    let id = sent["message"]["id"].as_str().unwrap();
    assert!(office.reads(FIRST, &["spoc", "messages", "list", "--country", "UT"]).contains("Test"));
    assert!(office.reads(FIRST, &["spoc", "messages", "read", id]).contains("Please answer\nby telephone."));
    office.refused(FIRST, &["spoc", "messages", "ack", id]);

    // without a SPOC certificate of ours nothing can be signed, and nothing half-written is left
    office.refused(FIRST, &["spoc", "partners", "bundle", "export", "UT", "--out", &office.file("bundle.p7m")]);
    assert!(!office.folder.path().join("bundle.p7m").exists());

    let withdrawn = office.reads(FIRST, &["spoc", "partners", "withdraw", "UT", "--reason", "agreement ended"]);
    assert!(withdrawn.contains("a partner no more"), "{withdrawn}");
    office.suite.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_operator_looks_after_the_cvca_and_its_renewals() {
    let office = Office::open().await;
    office.registers_utopia();
    let register = ["spoc", "holders", "register", "UTDV", "--domestic-cvca", "UTCVCA", "--dg3", "--two-person"];
    let proposed = office.reads(FIRST, &register);
    let typed = proposed.lines().find(|line| line.contains("holders confirm UTDV --proposal")).unwrap().to_owned();
    let words: Vec<_> = typed.split_whitespace().skip(1).collect();
    assert!(office.reads(SECOND, &["spoc", "holders", "list"]).contains(words[words.len() - 1]));
    office.refused(FIRST, &words);
    office.refused(SECOND, &["spoc", "holders", "confirm", "UTDV", "--proposal", "0000000000000000"]);
    office.reads(SECOND, &words);
    office.reads(FIRST, &["spoc", "holders", "suspend", "UTDV", "--reason", "key stolen"]);
    let holders = office.reads(FIRST, &["spoc", "holders", "list"]);
    assert!(holders.contains("UTDV    UTCVCA    two_person  DG3     policy    suspended: key stolen"), "{holders}");
    let resume = ["spoc", "holders", "resume", "UTDV", "--reason", "new key"];
    assert!(office.reads(FIRST, &resume).contains("Another officer who agrees types"));
    assert!(office.reads(SECOND, &["spoc", "holders", "list"]).contains("would resume it: new key"));
    assert!(office.reads(SECOND, &resume).contains("certified again"));
    assert_eq!(office.json(FIRST, &["spoc", "holders", "list"])["holders"][0]["state"], "active");

    assert_eq!(office.reads(FIRST, &["spoc", "requests", "list", "--state", "waiting"]).trim(), "no requests");
    office.refused(FIRST, &["spoc", "requests", "approve", "0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77"]);

    office.reads(FIRST, &["pki", "create-cvca", "--out", &office.file("cvca.cvcert")]);
    let proposed = office.reads(FIRST, &["spoc", "certificates", "rollover", "propose"]);
    let typed = proposed.lines().find(|line| line.contains("rollover confirm")).unwrap().to_owned();
    let words: Vec<_> = typed.split_whitespace().skip(1).collect();
    office.refused(FIRST, &words);
    assert!(office.reads(SECOND, &words).contains("issues from now on"));
    let generations = office.json(FIRST, &["spoc", "certificates", "list", "--kind", "cvca"]);
    let current = |one: &&Value| one["current"] == true;
    let chr = generations["certificates"].as_array().unwrap().iter().find(current).unwrap()["chr"].as_str().unwrap();
    assert!(chr.ends_with("CVCA00002"), "{generations}");
    assert!(office.reads(FIRST, &["spoc", "certificates", "list"]).contains(chr));
    assert!(
        office
            .reads(FIRST, &["spoc", "certificates", "list", "--kind", "issued"])
            .contains("no certificate was issued")
    );

    office.refused(FIRST, &["spoc", "renewals", "subscribe", "XXCVCA"]);
    assert!(office.reads(FIRST, &["spoc", "renewals", "list"]).contains("nothing is subscribed to"));
    let board = office.json(FIRST, &["spoc", "renewals", "board", "--country", "UT"]);
    let operations: Vec<_> =
        board["messages"].as_array().unwrap().iter().map(|message| &message["operation"]).collect();
    assert!(operations.contains(&&"get_ca_certificates".into()), "{board}");
    assert!(operations.contains(&&"send_certificates".into()), "the new root is on its way: {board}");
    let id = board["messages"][0]["id"].as_str().unwrap();
    office.reads(FIRST, &["spoc", "renewals", "retry", id]);
    office.reads(FIRST, &["spoc", "renewals", "cancel", id]);
    assert!(office.reads(FIRST, &["spoc", "renewals", "board", "--state", "cancelled"]).contains(id));

    let calendar = office.reads(FIRST, &["spoc", "certificates", "calendar", "--to", "2099-12-31"]);
    assert!(calendar.contains("national_cvca_expires"), "{calendar}");
    let ics = office.file("expiries.ics");
    office.reads(FIRST, &["spoc", "certificates", "calendar", "--to", "2099-12-31", "--ics", &ics]);
    let written = std::fs::read_to_string(Path::new(&ics)).unwrap();
    assert!(written.contains(&format!("SUMMARY:National CVCA certificate {chr} expires\r\n")), "{written}");
    let again = ["spoc", "certificates", "calendar", "--ics", &ics];
    assert!(office.refused(FIRST, &again).contains("expiries.ics"), "a file that exists is not written over");
    office.suite.stop().await.unwrap();
}

#[test]
fn a_profile_is_printed_as_a_file_to_edit() {
    for edition in ["2009", "icao", "2018"] {
        let printed = straznica(&["spoc", "partners", "profile", edition]);
        assert!(printed.status.success());
        let printed = String::from_utf8(printed.stdout).unwrap();
        assert!(printed.starts_with("# ") && printed.contains("\n[spelling]\n"), "with its comments: {printed}");
        let profile = Profile::from_toml(&printed).unwrap();
        assert_eq!((profile.name(), profile.verified()), (edition, edition != "2018"));
    }
    assert!(!straznica(&["spoc", "partners", "profile", "2017"]).status.success());
}

#[test]
fn every_command_of_the_exchange_teaches_by_an_example() {
    let help = |words: &[&str]| String::from_utf8(straznica(&[words, &["--help"]].concat()).stdout).unwrap();
    let verbs = |text: &str| -> Vec<String> {
        let commands = text.split("Commands:\n").nth(1).unwrap_or_default().split("\n\n").next().unwrap_or_default();
        let first = commands.lines().filter(|line| line.starts_with("  ") && !line.starts_with("   "));
        first
            .filter_map(|line| line.split_whitespace().next())
            .filter(|verb| *verb != "help")
            .map(str::to_owned)
            .collect()
    };
    let mut open = vec![vec!["spoc".to_owned()]];
    let mut leaves = 0;
    while let Some(words) = open.pop() {
        let typed: Vec<_> = words.iter().map(String::as_str).collect();
        let text = help(&typed);
        let verbs = verbs(&text);
        if verbs.is_empty() {
            leaves += 1;
            let example = format!("straznica {}", words.join(" "));
            assert!(text.contains(&example), "{example}: {text}");
        }
        open.extend(verbs.into_iter().map(|verb| [&words[..], &[verb]].concat()));
    }
    assert!(leaves >= 40, "{leaves}");
}

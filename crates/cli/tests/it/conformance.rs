//! `straznica spoc conformance`: this software held against the list, and a partner's node that knows the tester by nothing but its files.

use std::collections::BTreeSet;
use std::net::TcpListener;
use std::path::Path;
use std::process::Output;

use serde_json::Value;
use straznica_cli::arguments::ServiceName;
use straznica_cli::demo::state::{BindingName, State, StateOptions};
use straznica_cli::suite::Pace;
use straznica_types::SystemClock;

use super::{json, path, status, straznica};

const OFFICERS: [&str; 2] = ["OP-07", "OP-11"];

#[test]
fn this_software_passes_every_case_over_both_bindings_in_every_edition() {
    let folder = tempfile::tempdir().unwrap();
    let written = path(folder.path(), "report.md");
    let output = straznica(&["spoc", "conformance", "--self", "--json", "--report", &written]);
    assert_eq!(status(&output), 0, "{}", String::from_utf8_lossy(&output.stdout));
    let report = json(&output);
    let members: BTreeSet<&str> = report.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(members, BTreeSet::from(["cases", "passed", "failed"]));
    assert_eq!(report["failed"], serde_json::json!([]));
    assert_eq!(report["cases"], report["passed"]);

    let text = std::fs::read_to_string(written).unwrap();
    let over = |binding: &str| text.lines().filter(|line| line.contains(&format!("| {binding} |"))).count() as u64;
    let lines = ["grpc", "soap 2009", "soap icao", "soap 2018"].map(over);
    assert!(lines.iter().all(|cases| *cases > 100), "{text}");
    assert_eq!(Some(lines.iter().sum()), report["cases"].as_u64(), "every case is in the readable report");
}

/// A partner that runs this software, and what lies on the tester's desk.
struct Partner {
    node: State,
    desk: tempfile::TempDir,
}

impl Partner {
    async fn raise() -> Self {
        let bindings = [BindingName::Grpc, BindingName::Soap];
        let mut options = StateOptions::spoc_only("UT".parse().unwrap(), &bindings, SystemClock::shared());
        options.suite.pace = Pace::Intervals;
        let node = Box::pin(State::raise(options)).await.unwrap();
        let kind = ("id-TA-ECDSA-SHA-256", "brainpoolP256r1");
        node.create_cvca("CVCA", kind.0, kind.1).await.unwrap();
        node.roll_over("CVCA", kind.0, kind.1).await.unwrap();
        Self { node, desk: tempfile::tempdir().unwrap() }
    }

    fn file(&self, name: &str) -> String {
        path(self.desk.path(), name)
    }

    /// Makes a tester with the program, and gives what it told to register: the fingerprints of the root and of the CVCA.
    fn prepares(&self, country: &str) -> [String; 2] {
        let directory = self.file(country);
        let told = straznica(&["spoc", "conformance", "--prepare", &directory, "--country", country]);
        let again = straznica(&["spoc", "conformance", "--prepare", &directory, "--country", country]);
        assert_eq!(status(&again), 2, "what is there is not written over");
        assert!(String::from_utf8_lossy(&again.stderr).contains("spoc-root.der"));
        let told = String::from_utf8(told.stdout).unwrap();
        let after = |word: &str| {
            let line = told.lines().find(|line| line.contains(word)).unwrap_or_else(|| panic!("{word}: {told}"));
            line.split("SHA-256 ").nth(1).unwrap()[..64].to_owned()
        };
        [after("spoc-root.der"), after("cvca-1.cvcert")]
    }

    /// An officer of the node types a command.
    fn types(&self, officer: usize, words: &[&str]) -> String {
        let issued = self.node.suite.authority().unwrap().issue_operator(OFFICERS[officer]).unwrap();
        let certificate = self.node.suite.write_identity(&issued).unwrap().certificate_chain;
        let address = self.node.suite.address(ServiceName::Spoc).unwrap().to_string();
        let access = ["--spoc", &address, "--certificate", certificate.to_str().unwrap()];
        let output = straznica(&[words, &access[..]].concat());
        assert_eq!(status(&output), 0, "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// Two officers register the SPOC of a tester; the first imports its CVCA.
    fn registers_spoc(&self, line: &Line, root: &str) {
        let Line { country, binding, edition, callback, .. } = line;
        let text = format!(
            "country = \"{country}\"\nname = \"conformance kit\"\nbinding = \"{binding}\"\nprofile = \"{edition}\"\n\
             url = \"{}\"\nemail = \"kit@example.test\"\nanswers = \"synchronous\"\ndocument_years = 10\n\
             [[root]]\ncertificate = \"{country}/spoc-root.der\"\n",
            callback_url(binding, *callback)
        );
        let file = self.file(&format!("{country}.toml"));
        std::fs::write(&file, text).unwrap();
        let told = self.types(0, &["spoc", "partners", "register", &file]);
        let typed = told.lines().find(|line| line.contains("straznica spoc partners confirm")).unwrap();
        let words: Vec<_> = typed.split_whitespace().skip(1).map(|word| word.replace("<SHA-256>", root)).collect();
        self.types(1, &words.iter().map(String::as_str).collect::<Vec<_>>());
        let certificates = ["cvca-1.cvcert", "cvca-2.link.cvcert"].map(|name| self.file(&format!("{country}/{name}")));
        self.types(0, &["pki", "import-cvca", &certificates[0], &certificates[1]]);
    }

    /// The second officer compares its CVCA, and both register its document verifiers.
    fn registers_cvca(&self, country: &str, fingerprint: &str) {
        assert!(self.types(1, &["pki", "confirm-cvca", fingerprint]).contains("is in use"));
        let domestic = format!("{country}CVCAKIT");
        for (name, approval) in [("DVKITONE", None), ("DVKITTWO", None), ("DVKITWAIT", Some("--two-person"))] {
            let holder = format!("{country}{name}");
            let words = ["spoc", "holders", "register", &holder, "--domestic-cvca", &domestic, "--dg3", "--days", "42"];
            let told = self.types(0, &[&words[..], approval.as_slice()].concat());
            let typed = told.lines().find(|line| line.contains("straznica spoc holders confirm")).unwrap();
            self.types(1, &typed.split_whitespace().skip(1).collect::<Vec<_>>());
        }
    }

    /// Writes the profile of the node.
    fn profile(&self, lines: &[Line]) -> String {
        let mut text = "country = \"UT\"\nroots = [\"ut-grpc.der\", \"ut-soap.der\"]\n\
            patience = { answer = 30, callback = 60, silence = 1 }\n"
            .to_owned();
        for (name, authority) in &self.node.authorities {
            let file = if *name == BindingName::Grpc { "ut-grpc.der" } else { "ut-soap.der" };
            std::fs::write(self.file(file), authority.root()).unwrap();
        }
        for Line { country, name, binding, edition, callback, lists } in lines {
            let (url, callback_url) = (self.node.url(*name).unwrap(), callback_url(binding, *callback));
            text += &format!(
                "[[line]]\nbinding = \"{binding}\"\nurl = \"{url}\"\nprofile = \"{edition}\"\ntester = \"{country}\"\n\
                 callback = {{ listen = \"127.0.0.1:{callback}\", url = \"{callback_url}\" }}\n\
                 lists = {{ listen = \"127.0.0.1:{lists}\", url = \"http://127.0.0.1:{lists}\" }}\n"
            );
        }
        std::fs::write(self.file("profile.toml"), text).unwrap();
        self.file("profile.toml")
    }
}

fn callback_url(binding: &str, port: u16) -> String {
    format!("https://127.0.0.1:{port}{}", if binding == "soap" { "/SPOC" } else { "" })
}

/// Who the tester is on a line, and where it listens.
struct Line {
    country: &'static str,
    name: BindingName,
    binding: &'static str,
    edition: &'static str,
    callback: u16,
    lists: u16,
}

/// A line of each binding, on ports that are free.
fn lines() -> [Line; 2] {
    let [a, b, c, d] = std::array::from_fn(|_| straznica_testkit::free_port());
    let grpc = Line { country: "XA", name: BindingName::Grpc, binding: "grpc", edition: "icao", callback: a, lists: b };
    let soap = Line { country: "XB", name: BindingName::Soap, binding: "soap", edition: "2009", callback: c, lists: d };
    [grpc, soap]
}

fn holds(profile: &str, more: &[&str]) -> Output {
    straznica(&[&["spoc", "conformance", "--partner", profile, "--json"], more].concat())
}

/// What failed, and what was seen instead.
fn failures(output: &Output) -> Vec<(String, String, String)> {
    let report = json(output);
    let failed = report["failed"].as_array().unwrap().iter();
    let word = |failure: &Value, member: &str| failure[member].as_str().unwrap().to_owned();
    failed.map(|failure| (word(failure, "case"), word(failure, "binding"), word(failure, "got"))).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_partner_registers_the_tester_from_its_files_and_is_held_against_the_list() {
    let partner = Partner::raise().await;
    let lines = lines();
    let fingerprints = lines.each_ref().map(|line| partner.prepares(line.country));
    let profile = partner.profile(&lines);

    // nobody is registered: who is no partner is refused, and each failure says so
    let output = holds(&profile, &["--only", "general/"]);
    assert_eq!(status(&output), 1);
    let refused = failures(&output);
    for (case, binding) in [("general/taken", "grpc"), ("general/taken", "soap"), ("general/any-text", "soap")] {
        assert!(refused.contains(&(case.into(), binding.into(), "refused".into())), "{case} {binding}: {refused:?}");
    }

    for (line, [root, _]) in lines.iter().zip(&fingerprints) {
        partner.registers_spoc(line, root);
    }
    // a CVCA that one officer imported: messages are taken, and it vouches for nothing
    assert_eq!(failures(&holds(&profile, &["--only", "general/"])), []);
    let output = holds(&profile, &["--only", "request/initial"]);
    assert_eq!(status(&output), 1);
    let failed = failures(&output);
    let refused = |binding: &str| ("request/initial".into(), binding.into(), "failure_outer_signature".into());
    assert_eq!(failed, [refused("grpc"), refused("soap")]);

    for (line, [_, cvca]) in lines.iter().zip(&fingerprints) {
        partner.registers_cvca(line.country, cvca);
    }
    for (group, least) in [("request/", 50), ("identity/", 50)] {
        let output = holds(&profile, &["--only", group]);
        assert_eq!((status(&output), failures(&output)), (0, Vec::new()), "{group}");
        assert!(json(&output)["cases"].as_u64().unwrap() >= least, "{}", json(&output));
    }
    let report = partner.file("report.md");
    let output = holds(&profile, &["--only", "delivery/", "--report", &report]);
    assert_eq!((status(&output), failures(&output)), (0, Vec::new()));
    let text = std::fs::read_to_string(report).unwrap();
    assert!(text.starts_with("# Conformance of the SPOC of UT\n"), "{text}");
    // what the tester has nobody for was not run, and is not called passed
    let row = text.lines().find(|line| line.contains("`delivery/other-states-link`")).unwrap();
    assert!(row.starts_with("| not run |") && row.contains("no second state is registered"), "{row}");
    partner.node.suite.stop().await.unwrap();
}

const PROFILE: &str = r#"country = "UT"
roots = ["root.der"]
[[line]]
binding = "soap"
url = "https://127.0.0.1:1/SPOC"
profile = "2009"
tester = "XA"
callback = { listen = "127.0.0.1:0", url = "https://127.0.0.1:1/SPOC" }
lists = { listen = "127.0.0.1:0", url = "http://127.0.0.1:1" }
"#;

#[test]
fn a_profile_that_cannot_be_used_is_told_with_its_name_and_what_is_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let tester = path(folder.path(), "XA");
    let made = straznica(&["spoc", "conformance", "--prepare", &tester, "--country", "XA"]);
    assert_eq!(status(&made), 0);
    std::fs::copy(Path::new(&tester).join("spoc-root.der"), folder.path().join("root.der")).unwrap();
    std::fs::write(folder.path().join("letter.der"), "a letter to the ministry").unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = taken.local_addr().unwrap().to_string();
    let profile = path(folder.path(), "utopia.toml");
    let refused = |text: &str| {
        std::fs::write(&profile, text).unwrap();
        let output = holds(&profile, &["--only", "general/"]);
        assert_eq!(status(&output), 2, "{text}");
        assert!(output.stdout.is_empty(), "{text}");
        String::from_utf8(output.stderr).unwrap()
    };
    for (from, to, named) in [
        ("country =", "county =", "county"),
        ("\"UT\"", "\"Utopia\"", "country"),
        ("\"soap\"", "\"post\"", "post"),
        ("\"root.der\"", "\"nowhere.der\"", "nowhere.der"),
        ("\"root.der\"", "\"letter.der\"", "letter.der"),
        ("\"2009\"", "\"2010\"", "2010"),
        ("tester = \"XA\"", "tester = \"XZ\"", "XZ"),
        ("\"https://127.0.0.1:1/SPOC\"\nprofile", "\"http://127.0.0.1:1/SPOC\"\nprofile", "https://host"),
        ("listen = \"127.0.0.1:0\", url = \"https", &format!("listen = \"{taken}\", url = \"https"), "in use"),
    ] {
        let told = refused(&PROFILE.replacen(from, to, 1));
        assert!(told.contains(named) && told.contains("utopia.toml"), "{to}: {told}");
    }
    let absent = holds(&path(folder.path(), "absent.toml"), &[]);
    assert_eq!(status(&absent), 2);
    assert!(String::from_utf8_lossy(&absent.stderr).contains("absent.toml"));
}

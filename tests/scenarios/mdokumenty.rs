//! mDokumenty over REST, the whole suite and nobody played: an institution is admitted, an official logs in and asks, the code arrives on the citizen's phone,
//! the document is shown once, and the citizen reads who asked.

use std::time::Duration;

use serde_json::{Value, json};
use straznica_cli::person::{Account, Holder, Person};
use straznica_cli::registers::{self, Served};
use straznica_cli::rest::Answer;
use straznica_cli::suite::{Suite, SuiteOptions};
use straznica_identity::domain::verification::DocumentKind;
use straznica_simulators::registers::{RegisterSimulator, made_up_people};
use straznica_types::{Clock as _, SystemClock};

const OFFICE: &str = "um-zmyslone";
const PHONE: &str = "+48501234567";
const ISSUER: &str = straznica_gateway::LOCAL_ISSUER;

/// The suite, a register behind it, and people who are logged in.
struct Town {
    suite: Suite,
    register: Served,
    surname: String,
    pesel: String,
    official: Person,
    citizen: Person,
}

#[track_caller]
fn done(answer: &Answer) -> Value {
    assert!(answer.status.is_success(), "{} {}", answer.status, answer.json());
    answer.json()
}

#[track_caller]
fn refused(answer: &Answer, status: u16, code: &str) {
    assert_eq!((answer.status.as_u16(), answer.json()["code"].as_str()), (status, Some(code)), "{}", answer.json());
}

impl Town {
    async fn found() -> Self {
        let mut options = SuiteOptions::embedded(None);
        let people = made_up_people(SystemClock.now().date()).unwrap();
        let register = RegisterSimulator::srp(people.clone(), SystemClock::shared());
        let register = registers::announce(register, &[DocumentKind::IdentityCard], &mut options.config).await.unwrap();
        let central = |name: &str| json!({ "officer": name, "issuer": ISSUER, "subject": name });
        options.config.identity.verifiers.central_administrators =
            serde_json::from_value(json!([central("mc-0001"), central("mc-0002")])).unwrap();
        let suite = Suite::start(options).await.unwrap();
        let register = register.serve(&suite).unwrap();

        let holder = &people[0];
        let pesel = holder.pesel.expose().to_owned();
        let (first, second) = (logged_in(&suite, "mc-0001").await, logged_in(&suite, "mc-0002").await);
        let local = logged_in(&suite, "um-0009").await;
        let official = logged_in(&suite, "um-0001").await;
        let whose = Holder::Citizen { pesel: &pesel, given_names: holder.given_names, surname: holder.surname };
        let operator = suite.operator_rest("OP-07").unwrap();
        let account = Account::make(&operator, "citizen-1", whose).await.unwrap();
        let rest = suite.people_rest().unwrap();
        let citizen = Person::log_in(rest, &account, suite.clock().now()).await.unwrap();
        admit(&first, &second, &local).await;
        let surname = holder.surname.to_owned();
        Self { suite, register, surname, pesel, official, citizen }
    }

    /// The code of the message that is the `count`th to the citizen's phone.
    async fn code(&self, count: usize) -> String {
        for _ in 0..3_000 {
            if let Some(message) = self.suite.messages().messages_to(PHONE).get(count - 1) {
                return message.text[..6].to_owned();
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("message {count} did not come");
    }

    /// The citizen joins.
    async fn join(&self) {
        let proof = done(&self.citizen.post("/v1/citizen/phone", &json!({"phone": PHONE})).await.unwrap());
        let proof = json!({"proofId": proof["proofId"], "code": self.code(1).await});
        done(&self.citizen.post("/v1/citizen/phone/confirmation", &proof).await.unwrap());
        let kinds = json!({"kinds": ["identity_card"]});
        done(&self.citizen.post("/v1/citizen/activations", &kinds).await.unwrap());
    }

    /// The official asks for the citizen's identity card; the address of the verification.
    async fn open(&self) -> String {
        let asking = json!({
            "pesel": self.pesel, "kind": "identity_card", "purpose": "office_matter", "case": "OR.5345.1.2026",
        });
        let opened = done(&self.official.post("/v1/verifications", &asking).await.unwrap());
        let verification = &opened["verification"];
        assert_eq!(verification["stage"], "challenged");
        assert!(verification["bindingText"].as_str().unwrap().starts_with("Urząd Gminy Próbne"), "{verification}");
        format!("/v1/verifications/{}", verification["id"].as_str().unwrap())
    }

    async fn confirm(&self, verification: &str, code: &str) -> Answer {
        self.official.post(&format!("{verification}/code"), &json!({"code": code})).await.unwrap()
    }

    async fn show(&self, verification: &str) -> Answer {
        self.official.post(&format!("{verification}/document"), &json!({})).await.unwrap()
    }

    async fn end(self) {
        self.suite.stop().await.unwrap();
        self.register.stop().await.unwrap();
    }
}

/// Makes an official's account and logs in to it.
async fn logged_in(suite: &Suite, name: &str) -> Person {
    let operator = suite.operator_rest("OP-07").unwrap();
    let account = Account::make(&operator, name, Holder::Official).await.unwrap();
    Person::log_in(suite.people_rest().unwrap(), &account, suite.clock().now()).await.unwrap()
}

/// An office applies, another central administrator approves, identity cards are served, and its local administrator lets an official in.
async fn admit(first: &Person, second: &Person, local: &Person) {
    let application = json!({
        "id": OFFICE, "name": "Urząd Gminy Próbne", "kind": "office", "legalBasis": "Act of 6 August 2010, Article 4",
        "contact": "sekretariat@probne.example", "kinds": ["identity_card"], "purposes": ["office_matter"],
        "administrator": "um-0009", "administratorLogins": {"issuer": ISSUER, "subject": "um-0009"},
    });
    done(&first.post("/v1/institutions", &application).await.unwrap());
    let decision = json!({"approve": true, "reason": "agreement 1/2026"});
    let path = format!("/v1/institutions/{OFFICE}/decision");
    assert!(first.post(&path, &decision).await.unwrap().status.is_client_error(), "not by the one who entered it");
    done(&second.post(&path, &decision).await.unwrap());
    done(&first.post("/v1/stages", &json!({"kind": "identity_card", "from": "2020-01-01T00:00:00Z"})).await.unwrap());
    let grant = json!({
        "officer": "um-0001", "role": "official", "logins": {"issuer": ISSUER, "subject": "um-0001"},
        "reason": "new in the office",
    });
    done(&local.post(&format!("/v1/institutions/{OFFICE}/officials"), &grant).await.unwrap());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_official_confirms_an_identity_over_rest_and_the_citizen_reads_who_asked() {
    let town = Town::found().await;
    let session = done(&town.official.get("/v1/session").await.unwrap());
    assert_eq!((&session["officer"], &session["roles"][0]["institution"]), (&json!("um-0001"), &json!(OFFICE)));
    town.join().await;
    let verification = town.open().await;
    assert!(town.show(&verification).await.status.is_client_error());
    assert!(town.register.register.asked().is_empty(), "nobody asked the register before the citizen said yes");
    let code = town.code(2).await;
    let wrong = if code == "000000" { "000001" } else { "000000" };
    refused(&town.confirm(&verification, wrong).await, 400, "identity.code_wrong");
    assert_eq!(done(&town.confirm(&verification, &code).await)["stage"], "approved");
    let shown = done(&town.show(&verification).await);
    assert_eq!((&shown["outcome"], &shown["register"]), (&json!("found"), &json!("srp")));
    assert_eq!(shown["documents"][0]["holder"]["surname"], town.surname);
    assert!(town.show(&verification).await.status.is_client_error(), "once");
    assert_eq!(town.register.register.asked().len(), 1);

    let accesses = done(&town.citizen.get("/v1/citizen/accesses").await.unwrap());
    let access = &accesses["accesses"][0];
    assert_eq!((&access["institution"], &access["officer"]), (&json!("Urząd Gminy Próbne"), &json!("um-0001")));
    assert_eq!((&access["stage"], &access["case"]), (&json!("shown"), &json!("OR.5345.1.2026")));
    Box::pin(town.end()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_wrong_codes_and_a_withdrawal_show_nothing() {
    let town = Town::found().await;
    town.join().await;
    let verification = town.open().await;
    let code = town.code(2).await;
    let wrong = if code == "000000" { "000001" } else { "000000" };
    for _ in 0..4 {
        refused(&town.confirm(&verification, wrong).await, 400, "identity.code_wrong");
    }
    assert!(town.confirm(&verification, wrong).await.status.is_client_error());
    assert!(town.confirm(&verification, &code).await.status.is_client_error(), "the right one after five wrong ones");
    assert!(town.show(&verification).await.status.is_client_error());

    let verification = town.open().await;
    let code = town.code(3).await;
    done(&town.citizen.post("/v1/citizen/withdrawals", &json!({"kinds": []})).await.unwrap());
    assert!(town.confirm(&verification, &code).await.status.is_client_error());
    assert!(town.show(&verification).await.status.is_client_error());
    assert!(town.register.register.asked().is_empty());
    let accesses = done(&town.citizen.get("/v1/citizen/accesses").await.unwrap());
    assert_eq!(accesses["accesses"].as_array().unwrap().len(), 2, "both in vain, both told");
    Box::pin(town.end()).await;
}

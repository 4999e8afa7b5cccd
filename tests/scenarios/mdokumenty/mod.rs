//! mDokumenty over REST, the whole suite and nobody played, on both engines: a story a file. The clock moves only when a story moves it.
//!
//! What becomes of messages when dispatch is killed is shown where processes are killed: crates/cli/tests/kill_dispatch.

mod by_phone;
mod by_text;
mod daily_lock;
mod forgotten_codes;
mod guesses;
mod out_of_time;
mod register_down;
mod sent_again;
mod without_a_code;

use std::pin::Pin;
use std::time::Duration;

use sea_orm_migration::sea_orm::{ConnectionTrait as _, Statement};
use serde_json::{Value, json};
use straznica_cli::person::{Account, Holder, Person};
use straznica_cli::registers::{self, Served};
use straznica_cli::rest::Answer;
use straznica_cli::suite::{Suite, SuiteOptions};
use straznica_identity::domain::verification::DocumentKind;
use straznica_simulators::registers::{MadeUp, RegisterSimulator, made_up_people};
use straznica_store::NoMigrations;
use straznica_store::testing::TestDatabase;
use straznica_types::{Clock as _, ManualClock};

const OFFICE: &str = "um-zmyslone";
const PHONE: &str = "+48501234567";
const ISSUER: &str = straznica_gateway::LOCAL_ISSUER;

/// The suite, a register behind it, and people who are logged in.
struct Town {
    suite: Suite,
    clock: ManualClock,
    register: Served,
    holder: MadeUp,
    /// Administrators of the node: one enters what the other approves.
    central: [Person; 2],
    /// The office's administrator.
    local: Person,
    official: Person,
    citizen: Person,
    local_account: Account,
    official_account: Account,
    citizen_account: Account,
    databases: Databases,
}

/// The services' databases, of one engine. The tables are made by the services.
struct Databases {
    _identity: TestDatabase,
    dispatch: TestDatabase,
    _gateway: TestDatabase,
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

/// The seconds after which an answer invites to ask again.
#[track_caller]
fn retry_after(answer: &Answer) -> u64 {
    answer.headers.get("retry-after").expect("the answer says when").to_str().unwrap().parse().unwrap()
}

/// A code that is not this one.
fn wrong(code: &str) -> &'static str {
    if code == "000000" { "000001" } else { "000000" }
}

impl Town {
    async fn found(identity: TestDatabase) -> Self {
        Self::found_with(identity, |_| {}).await
    }

    /// On the heap: the configuration of every service is in it.
    fn found_with(
        identity: TestDatabase,
        adjust: impl FnOnce(&mut SuiteOptions),
    ) -> Pin<Box<impl Future<Output = Self>>> {
        Box::pin(Self::begin(identity, adjust))
    }

    async fn begin(identity: TestDatabase, adjust: impl FnOnce(&mut SuiteOptions)) -> Self {
        let clock = ManualClock::starting_at("2026-11-22T10:00:00Z".parse().unwrap());
        let mut options = SuiteOptions { clock: clock.shared(), ..SuiteOptions::embedded(None) };
        let engine = identity.store().engine();
        let fresh = || TestDatabase::fresh::<NoMigrations>(engine);
        let (dispatch, gateway) = (fresh().await.unwrap(), fresh().await.unwrap());
        options.config.identity.database = identity.config().clone();
        options.config.dispatch.database = dispatch.config().clone();
        options.config.gateway.database = gateway.config().clone();
        options.config.identity.verification.sweep_seconds = 1;
        // what is counted here are codes; requests are counted by a clock that stands still
        options.config.gateway.rate.burst = 10_000;
        let central = |name: &str| json!({ "officer": name, "issuer": ISSUER, "subject": name });
        options.config.identity.verifiers.central_administrators =
            serde_json::from_value(json!([central("mc-0001"), central("mc-0002")])).unwrap();
        let people = made_up_people(clock.now().date()).unwrap();
        let register = RegisterSimulator::srp(people.clone(), clock.shared());
        let register = registers::announce(register, &[DocumentKind::IdentityCard], &mut options.config).await.unwrap();
        adjust(&mut options);
        let suite = Suite::start(options).await.unwrap();
        let register = register.serve(&suite).unwrap();

        let holder = people[0].clone();
        let central = [official(&suite, "mc-0001").await.1, official(&suite, "mc-0002").await.1];
        let (local_account, local) = official(&suite, "um-0009").await;
        let (official_account, official) = official(&suite, "um-0001").await;
        let whose =
            Holder::Citizen { pesel: holder.pesel.expose(), given_names: holder.given_names, surname: holder.surname };
        let operator = suite.operator_rest("OP-07").unwrap();
        let citizen_account = Account::make(&operator, "citizen-1", whose).await.unwrap();
        let citizen = log_in(&suite, &citizen_account).await;
        let databases = Databases { _identity: identity, dispatch, _gateway: gateway };
        let town = Self {
            suite,
            clock,
            register,
            holder,
            central,
            local,
            official,
            citizen,
            local_account,
            official_account,
            citizen_account,
            databases,
        };
        town.admit("office", OFFICE, "Urząd Gminy Próbne", "office_matter", "um-0009").await;
        let stage = json!({"kind": "identity_card", "from": "2020-01-01T00:00:00Z"});
        done(&town.central[0].post("/v1/stages", &stage).await.unwrap());
        town.grant(&town.local, OFFICE, "um-0001", "official").await;
        town
    }

    /// An institution applies, and another central administrator approves.
    async fn admit(&self, kind: &str, id: &str, name: &str, purpose: &str, administrator: &str) {
        let [first, second] = &self.central;
        let application = json!({
            "id": id, "name": name, "kind": kind, "legalBasis": "Act of 6 August 2010, Article 4",
            "contact": "sekretariat@probne.example", "kinds": ["identity_card"], "purposes": [purpose],
            "administrator": administrator, "administratorLogins": {"issuer": ISSUER, "subject": administrator},
        });
        done(&first.post("/v1/institutions", &application).await.unwrap());
        let decision = json!({"approve": true, "reason": "agreement 1/2026"});
        let path = format!("/v1/institutions/{id}/decision");
        assert!(first.post(&path, &decision).await.unwrap().status.is_client_error(), "not by the one who entered it");
        done(&second.post(&path, &decision).await.unwrap());
    }

    /// An institution's administrator lets somebody in.
    async fn grant(&self, administrator: &Person, institution: &str, officer: &str, role: &str) {
        let grant = json!({
            "officer": officer, "role": role, "logins": {"issuer": ISSUER, "subject": officer}, "reason": "new here",
        });
        done(&administrator.post(&format!("/v1/institutions/{institution}/officials"), &grant).await.unwrap());
    }

    /// Logs in anew, where a story outlasts a session.
    async fn log_in(&self, account: &Account) -> Person {
        log_in(&self.suite, account).await
    }

    fn pass(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    /// How many text messages the citizen has got.
    fn messages(&self) -> usize {
        self.suite.messages().messages_to(PHONE).len()
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

    /// The citizen joins; the first message is the proof of the phone.
    async fn join(&self) {
        let proof = done(&self.citizen.post("/v1/citizen/phone", &json!({"phone": PHONE})).await.unwrap());
        let proof = json!({"proofId": proof["proofId"], "code": self.code(1).await});
        done(&self.citizen.post("/v1/citizen/phone/confirmation", &proof).await.unwrap());
        let kinds = json!({"kinds": ["identity_card"]});
        done(&self.citizen.post("/v1/citizen/activations", &kinds).await.unwrap());
    }

    /// An official asks for the citizen's identity card.
    async fn ask(&self, official: &Person) -> Answer {
        Self::ask_about(official, json!({"pesel": self.holder.pesel.expose()})).await
    }

    /// An official asks for the identity card of whoever this is.
    async fn ask_about(official: &Person, mut whom: Value) -> Answer {
        let asking = json!({"kind": "identity_card", "purpose": "office_matter", "case": "OR.5345.1.2026"});
        whom.as_object_mut().unwrap().extend(asking.as_object().unwrap().clone());
        official.post("/v1/verifications", &whom).await.unwrap()
    }

    /// The office's official asks; the address of the verification.
    async fn open(&self) -> String {
        let opened = done(&self.ask(&self.official).await);
        let verification = &opened["verification"];
        assert_eq!(verification["stage"], "challenged");
        assert!(verification["bindingText"].as_str().unwrap().starts_with("Urząd Gminy Próbne"), "{verification}");
        format!("/v1/verifications/{}", verification["id"].as_str().unwrap())
    }

    /// What the official's screen shows.
    async fn look(&self, verification: &str) -> Value {
        done(&self.official.get(verification).await.unwrap())
    }

    async fn confirm(&self, verification: &str, code: &str) -> Answer {
        self.official.post(&format!("{verification}/code"), &json!({"code": code})).await.unwrap()
    }

    async fn resend(&self, verification: &str) -> Answer {
        self.official.post(&format!("{verification}/resend"), &json!({})).await.unwrap()
    }

    async fn show(&self, verification: &str) -> Answer {
        self.official.post(&format!("{verification}/document"), &json!({})).await.unwrap()
    }

    /// The document is shown, and is the citizen's.
    async fn sees_the_document(&self, verification: &str) -> Value {
        let shown = done(&self.show(verification).await);
        assert_eq!((&shown["outcome"], &shown["register"]), (&json!("found"), &json!("srp")));
        assert_eq!(shown["documents"][0]["holder"]["surname"], self.holder.surname);
        shown
    }

    /// How often the register was asked.
    fn asked_of_the_register(&self) -> usize {
        self.register.simulator.asked().len()
    }

    /// What the citizen reads of accesses, newest first.
    async fn accesses(&self) -> Vec<Value> {
        read_accesses(&self.citizen).await
    }

    /// Where the accesses ended, as the citizen reads it: stage and who or how.
    async fn ends(&self) -> Vec<(String, String)> {
        let word = |access: &Value, member: &str| access[member].as_str().unwrap_or_default().to_owned();
        self.accesses().await.iter().map(|access| (word(access, "stage"), word(access, "qualifier"))).collect()
    }

    /// A whole number out of dispatch's database.
    async fn count_at_dispatch(&self, sql: &str) -> i64 {
        let reader = self.databases.dispatch.store().reader();
        let row = reader.query_one_raw(Statement::from_string(reader.get_database_backend(), sql)).await.unwrap();
        row.unwrap().try_get_by_index(0).unwrap()
    }

    /// Nothing waits to be handed over any more.
    async fn outbox_is_quiet(&self) {
        for _ in 0..3_000 {
            let waiting = "SELECT count(*) FROM outbox WHERE state IN ('created', 'queued')";
            if self.count_at_dispatch(waiting).await == 0 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("the outbox is not quiet");
    }

    async fn end(self) {
        self.suite.stop().await.unwrap();
        self.register.stop().await.unwrap();
    }
}

/// An official's account and the person logged in to it.
async fn official(suite: &Suite, name: &str) -> (Account, Person) {
    let operator = suite.operator_rest("OP-07").unwrap();
    let account = Account::make(&operator, name, Holder::Official).await.unwrap();
    let person = log_in(suite, &account).await;
    (account, person)
}

async fn log_in(suite: &Suite, account: &Account) -> Person {
    Person::log_in(suite.people_rest().unwrap(), account, suite.clock().now()).await.unwrap()
}

async fn read_accesses(citizen: &Person) -> Vec<Value> {
    let accesses = done(&citizen.get("/v1/citizen/accesses").await.unwrap());
    accesses["accesses"].as_array().unwrap().clone()
}

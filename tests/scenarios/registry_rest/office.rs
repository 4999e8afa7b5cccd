//! An office whose people work with the register: admitted by two central administrators, its people let in by one of them.

use std::path::Path;
use std::pin::Pin;
use std::time::Duration;

use sea_orm_migration::sea_orm::{ConnectionTrait as _, Statement};
use serde_json::{Value, json};
use straznica_cli::alert_source::{self, Served};
use straznica_cli::config::NodeConfig;
use straznica_cli::person::{Account, Holder, Person};
use straznica_cli::rest::Answer;
use straznica_cli::suite::{Suite, SuiteOptions};
use straznica_simulators::alerts::{AlertSimulator, made_up_alerts};
use straznica_store::NoMigrations;
use straznica_store::testing::TestDatabase;
use straznica_types::{ManualClock, Timestamp};

const ISSUER: &str = straznica_gateway::LOCAL_ISSUER;
/// What the proceedings are looked at for.
const PURPOSE: &str = "protection_proceedings";
/// The number an officer works under before the case has its own.
pub(super) const INTAKE_NUMBER: &str = "NO-SG.420.1.2026";

/// The suite and the office's people.
pub(super) struct Office {
    pub(super) suite: Suite,
    pub(super) clock: ManualClock,
    central: Person,
    databases: [TestDatabase; 4],
}

/// One of the office's people, at work on a case.
pub(super) struct Desk {
    person: Person,
    pub(super) case: String,
}

#[track_caller]
pub(super) fn done(answer: &Answer) -> Value {
    assert!(answer.status.is_success(), "{} {}", answer.status, answer.json());
    answer.json()
}

#[track_caller]
pub(super) fn refused(answer: &Answer, status: u16, code: &str) {
    assert_eq!((answer.status.as_u16(), answer.json()["code"].as_str()), (status, Some(code)), "{}", answer.json());
}

/// The tag an answer carries.
#[track_caller]
pub(super) fn tag(answer: &Answer) -> String {
    answer.headers.get("etag").expect("the answer is tagged").to_str().unwrap().to_owned()
}

impl Office {
    /// On Monday 20 April 2026 at ten in the morning. On the heap: the configuration of every service is in it.
    pub(super) fn found(registry: TestDatabase) -> Pin<Box<impl Future<Output = Self>>> {
        Self::found_at(registry, "2026-04-20T08:00:00Z".parse().unwrap())
    }

    /// At another moment: whoever is not of ours looks at certificates by their own clock.
    pub(super) fn found_at(registry: TestDatabase, now: Timestamp) -> Pin<Box<impl Future<Output = Self>>> {
        Box::pin(Self::begin(registry, ManualClock::starting_at(now), |_| ()))
    }

    /// Whose registry asks a source of alerts; the source is served once the office is there.
    pub(super) fn with_alerts(
        registry: TestDatabase,
        now: Timestamp,
    ) -> Pin<Box<impl Future<Output = (Self, Served)>>> {
        Box::pin(async move {
            let mut scratch = Box::new(NodeConfig::default());
            let clock = ManualClock::starting_at(now);
            let sis = AlertSimulator::new(made_up_alerts(), clock.shared());
            let announced = alert_source::announce(sis, &mut scratch).await.unwrap();
            let alerts = scratch.registry.alerts;
            let adjust = move |options: &mut SuiteOptions| options.config.registry.alerts = alerts;
            let office = Box::pin(Self::begin(registry, clock, adjust)).await;
            let served = announced.serve(&office.suite).unwrap();
            (office, served)
        })
    }

    /// With what a story needs beside the usual.
    pub(super) fn found_with(
        registry: TestDatabase,
        clock: ManualClock,
        adjust: impl FnOnce(&mut SuiteOptions) + 'static,
    ) -> Pin<Box<impl Future<Output = Self>>> {
        Box::pin(Self::begin(registry, clock, adjust))
    }

    /// With what was agreed with other authorities, a file each.
    pub(super) fn with_consumers(
        registry: TestDatabase,
        profiles: &Path,
        now: Timestamp,
    ) -> Pin<Box<impl Future<Output = Self>>> {
        let consumers = Some(profiles.to_owned());
        let clock = ManualClock::starting_at(now);
        Self::found_with(registry, clock, |options| options.config.registry.consumers = consumers)
    }

    async fn begin(registry: TestDatabase, clock: ManualClock, adjust: impl FnOnce(&mut SuiteOptions)) -> Self {
        let mut options = SuiteOptions { clock: clock.shared(), ..SuiteOptions::embedded(None) };
        adjust(&mut options);
        let engine = registry.store().engine();
        let fresh = || TestDatabase::fresh::<NoMigrations>(engine);
        let (identity, dispatch) = (fresh().await.unwrap(), fresh().await.unwrap());
        let gateway = fresh().await.unwrap();
        options.config.registry.database = registry.config().clone();
        options.config.identity.database = identity.config().clone();
        options.config.dispatch.database = dispatch.config().clone();
        options.config.gateway.database = gateway.config().clone();
        // requests are counted by a clock that stands still
        options.config.gateway.rate.burst = 1_000_000;
        // nor are stories about how long somebody stays logged in
        let sessions = &mut options.config.gateway.people.sessions;
        (sessions.idle_seconds, sessions.absolute_seconds) = (30 * 86_400, 30 * 86_400);
        let central = |name: &str| json!({ "officer": name, "issuer": ISSUER, "subject": name });
        options.config.identity.verifiers.central_administrators =
            serde_json::from_value(json!([central("mc-0001"), central("mc-0002")])).unwrap();
        let suite = Suite::start(options).await.unwrap();
        let [first, second] = [log_in(&suite, "mc-0001").await, log_in(&suite, "mc-0002").await];
        let application = json!({
            "id": "udsc", "name": "Urząd Próbny do Spraw Cudzoziemców", "kind": "office",
            "legalBasis": "Act of 13 June 2003, Article 3", "contact": "ul. Próbna 1, 00-001 Próbne",
            "kinds": ["identity_card"], "purposes": ["office_matter"],
            "administrator": "udsc-admin", "administratorLogins": {"issuer": ISSUER, "subject": "udsc-admin"},
        });
        done(&first.post("/v1/institutions", &application).await.unwrap());
        let decision = json!({"approve": true, "reason": "agreement 1/2026"});
        done(&second.post("/v1/institutions/udsc/decision", &decision).await.unwrap());
        Self { suite, clock, central: second, databases: [registry, identity, dispatch, gateway] }
    }

    /// Lets somebody in with these roles, and logs them in.
    pub(super) async fn let_in(&self, officer: &str, roles: &[&str]) -> Desk {
        for role in roles {
            done(&self.grants(&self.central, officer, role).await);
        }
        Desk { person: log_in(&self.suite, officer).await, case: INTAKE_NUMBER.to_owned() }
    }

    pub(super) async fn grants(&self, by: &Person, officer: &str, role: &str) -> Answer {
        let grant = json!({
            "officer": officer, "role": role, "logins": {"issuer": ISSUER, "subject": officer}, "reason": "new here",
        });
        by.post("/v1/institutions/udsc/officials", &grant).await.unwrap()
    }

    /// Somebody who has an account, and what identity knows of them.
    pub(super) async fn log_in(&self, name: &str) -> Person {
        log_in(&self.suite, name).await
    }

    /// How many readings of the register are on record.
    pub(super) async fn readings(&self) -> i64 {
        self.looks("%.read").await
    }

    /// How many entries of this kind.
    pub(super) async fn looks(&self, kind: &str) -> i64 {
        let reader = self.databases[0].store().reader();
        let sql = format!("SELECT count(*) FROM journal WHERE kind LIKE '{kind}'");
        let row = reader.query_one_raw(Statement::from_string(reader.get_database_backend(), sql)).await.unwrap();
        row.unwrap().try_get_by_index(0).unwrap()
    }

    /// Moves the clock to a moment.
    pub(super) fn at(&self, moment: &str) {
        self.clock.set(moment.parse().unwrap());
    }

    pub(super) fn pass(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    /// On the heap, as it was founded.
    pub(super) fn end(self) -> Pin<Box<impl Future<Output = ()>>> {
        Box::pin(async move { self.suite.stop().await.unwrap() })
    }
}

async fn log_in(suite: &Suite, name: &str) -> Person {
    let operator = suite.operator_rest("OP-07").unwrap();
    let account = Account::make(&operator, name, Holder::Official).await.unwrap();
    Person::log_in(suite.people_rest().unwrap(), &account, suite.clock().now()).await.unwrap()
}

impl Desk {
    /// Works under the number of this case from now on.
    pub(super) fn on(self, case: &str) -> Self {
        Self { case: case.to_owned(), ..self }
    }

    pub(super) async fn get(&self, path: &str) -> Answer {
        let headers = [("x-purpose", PURPOSE), ("x-case", self.case.as_str())];
        self.person.get_with(&format!("/v1/registry{path}"), &headers).await.unwrap()
    }

    /// What a browser sends with each request.
    pub(super) fn credentials(&self) -> [(&'static str, &str); 2] {
        self.person.credentials()
    }

    /// The same person or case looked at for another purpose.
    pub(super) async fn for_purpose(&self, address: &str, purpose: &str) -> Answer {
        let headers = [("x-purpose", purpose), ("x-case", self.case.as_str())];
        self.person.get_with(address, &headers).await.unwrap()
    }

    /// What makes something.
    pub(super) async fn make(&self, path: &str, body: &Value) -> Answer {
        self.send(path, &[], body).await
    }

    /// What changes something that was seen under this tag.
    pub(super) async fn change(&self, path: &str, tag: &str, body: &Value) -> Answer {
        self.send(path, &[("if-match", tag)], body).await
    }

    pub(super) async fn send(&self, path: &str, headers: &[(&str, &str)], body: &Value) -> Answer {
        let own = [("x-purpose", PURPOSE), ("x-case", self.case.as_str())];
        let headers = [&own[..], headers].concat();
        self.person.post_with(&format!("/v1/registry{path}"), &headers, body).await.unwrap()
    }

    /// Registers somebody with a name; their id.
    pub(super) async fn registers(&self, facts: &[Value]) -> String {
        let statements: Vec<_> = facts
            .iter()
            .map(|fact| json!({"fact": fact, "source": "own word", "reason": "application for protection"}))
            .collect();
        let registered = done(&self.make("/persons", &json!({"statements": statements})).await);
        registered["personId"].as_str().unwrap().to_owned()
    }

    /// Opens a case by an event of this moment; its address and number.
    pub(super) async fn opens(&self, persons: &[&str], event: &str, at: &str) -> (String, String) {
        let new = json!({"caseType": "protection", "personIds": persons, "event": {"event": event, "at": at}});
        let opened = self.make("/cases", &new).await;
        let number = done(&opened)["number"].as_str().unwrap().to_owned();
        let location = opened.headers["location"].to_str().unwrap().strip_prefix("/v1/registry").unwrap().to_owned();
        (location, number)
    }

    /// Records an event in the case as it is now; the case's stage after it.
    pub(super) async fn records(&self, case: &str, event: &Value) -> String {
        let seen = tag(&self.get(case).await);
        let moved = done(&self.change(&format!("{case}/events"), &seen, &json!({ "event": event })).await);
        moved["stage"].as_str().unwrap().to_owned()
    }
}

pub(super) fn main_name(original: &str, latin: &str) -> Value {
    json!({"name": {"kind": "main", "originalSurname": original, "latinSurname": latin}})
}

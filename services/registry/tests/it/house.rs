//! registry on a free port of this machine, mutual TLS, a clock that stands still.

use std::time::Duration;

use sea_orm::{ConnectionTrait, Statement};
use straznica_contracts::common::v1::CallContext;
use straznica_contracts::registry::v1::case_service_client::CaseServiceClient;
use straznica_contracts::registry::v1::fact::Fact as Stated;
use straznica_contracts::registry::v1::person_service_client::PersonServiceClient;
use straznica_contracts::registry::v1::statement_change::Change;
use straznica_contracts::registry::v1::{
    CaseEvent, ChangePersonRequest, Fact, GetCaseRequest, GetCaseResponse, GetPersonRequest, GetPersonResponse, Name,
    NameKind, NewStatement, OpenCaseRequest, OpenCaseResponse, RecordEventRequest, RecordEventResponse,
    RegisterPersonRequest, StatementChange,
};
use straznica_journal::JournalConfig;
use straznica_pki::{DevelopmentCa, Names, Tls};
use straznica_registry::{Config, PersonKeysConfig};
use straznica_runtime::channel::{self, Channel, ChannelConfig};
use straznica_runtime::service::{self, ListenConfig, Listeners, ServiceContext};
use straznica_runtime::shutdown::Shutdown;
use straznica_store::testing::TestDatabase;
use straznica_types::{Environment, ManualClock, Timestamp};
use tempfile::TempDir;
use tokio::task::JoinHandle;
use tonic::Status;

/// Everything of one test.
pub(crate) struct House {
    pub(crate) clock: ManualClock,
    pub(crate) persons: PersonServiceClient<Channel>,
    pub(crate) cases: CaseServiceClient<Channel>,
    pub(crate) database: TestDatabase,
    shutdown: Shutdown,
    running: JoinHandle<()>,
    _keys: TempDir,
}

/// Why the service does not start on this configuration; `None` when it would.
pub(crate) async fn refused_to_start(adjust: impl FnOnce(&mut Config)) -> Option<String> {
    let database =
        TestDatabase::fresh::<straznica_registry::Migrations>(straznica_store::Engine::Sqlite).await.unwrap();
    let keys = tempfile::tempdir().unwrap();
    let mut config = config_in(&keys, &database);
    adjust(&mut config);
    let clock = ManualClock::starting_at("2026-04-20T08:00:00Z".parse().unwrap());
    let ca = DevelopmentCa::create("development.straznica", clock.shared()).unwrap();
    let error = straznica_registry::build(&config, &context_of(&ca, &clock)).await.err()?;
    Some(format!("{error}: {}", std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default()))
}

fn config_in(keys: &TempDir, database: &TestDatabase) -> Config {
    Config {
        database: database.config().clone(),
        journal: JournalConfig::embedded("registry.test/journal", keys.path()),
        person_keys: PersonKeysConfig { directory: keys.path().join("persons"), create: true },
        ..Config::default()
    }
}

fn tls(ca: &DevelopmentCa, clock: &ManualClock, name: &str) -> std::sync::Arc<Tls> {
    let issued = ca.issue_service(name, &Names::default()).unwrap();
    Tls::from_material(ca.material(&issued).unwrap(), Environment::Test, clock.shared()).unwrap()
}

fn context_of(ca: &DevelopmentCa, clock: &ManualClock) -> ServiceContext {
    ServiceContext::new("registry", Environment::Test, clock.shared(), tls(ca, clock, "registry"))
}

impl House {
    /// On Monday 20 April 2026 at ten in the morning; certificates last ninety days from then.
    pub(crate) async fn open(database: TestDatabase) -> Self {
        let clock = ManualClock::starting_at("2026-04-20T08:00:00Z".parse().unwrap());
        let ca = DevelopmentCa::create("development.straznica", clock.shared()).unwrap();
        let keys = tempfile::tempdir().unwrap();
        let config = config_in(&keys, &database);
        let context = context_of(&ca, &clock);
        let parts = straznica_registry::build(&config, &context).await.unwrap();
        let listeners = Listeners::bind(&ListenConfig::default()).await.unwrap();
        let address = listeners.addresses.grpc;
        let shutdown = context.shutdown.clone();
        let running = tokio::spawn(async move { service::run(listeners, parts, context).await.unwrap() });
        let patient = ChannelConfig { timeout_ms: 60_000, connect_timeout_ms: 20_000, ..ChannelConfig::at(address) };
        let channel = channel::connect("registry", &patient, &tls(&ca, &clock, "gateway")).unwrap();
        let persons = PersonServiceClient::new(channel.clone());
        Self { clock, persons, cases: CaseServiceClient::new(channel), database, shutdown, running, _keys: keys }
    }

    /// Moves the clock.
    pub(crate) fn at(&self, text: &str) -> Timestamp {
        let at = text.parse().unwrap();
        self.clock.set(at);
        at
    }

    pub(crate) async fn register(&self, statements: Vec<NewStatement>) -> Result<String, Status> {
        let request = RegisterPersonRequest { context: Some(context("first")), statements };
        Ok(self.persons.clone().register_person(request).await?.into_inner().person_id)
    }

    /// Somebody with a name.
    pub(crate) async fn somebody(&self) -> String {
        self.register(vec![statement(name("Iwanow", "Іванов"))]).await.unwrap()
    }

    pub(crate) async fn change(&self, id: &str, expected: u64, changes: Vec<Change>) -> Result<u64, Status> {
        self.change_as(context("first"), id, expected, changes).await
    }

    pub(crate) async fn change_as(
        &self,
        context: CallContext,
        id: &str,
        expected: u64,
        changes: Vec<Change>,
    ) -> Result<u64, Status> {
        let request = ChangePersonRequest {
            context: Some(context),
            person_id: id.to_owned(),
            expected_version: expected,
            changes: changes.into_iter().map(|change| StatementChange { change: Some(change) }).collect(),
        };
        Ok(self.persons.clone().change_person(request).await?.into_inner().version)
    }

    pub(crate) async fn person(&self, id: &str) -> GetPersonResponse {
        self.person_as(context("first"), id, None, "").await.unwrap()
    }

    pub(crate) async fn person_as(
        &self,
        context: CallContext,
        id: &str,
        known_at: Option<Timestamp>,
        valid_on: &str,
    ) -> Result<GetPersonResponse, Status> {
        let request = GetPersonRequest {
            context: Some(context),
            person_id: id.to_owned(),
            known_at_ms: known_at.map(Timestamp::millis),
            valid_on: valid_on.to_owned(),
        };
        Ok(self.persons.clone().get_person(request).await?.into_inner())
    }

    pub(crate) async fn open_case(
        &self,
        case_type: &str,
        persons: &[&str],
        event: CaseEvent,
    ) -> Result<OpenCaseResponse, Status> {
        let request = OpenCaseRequest {
            context: Some(context("first")),
            case_type: case_type.to_owned(),
            person_ids: persons.iter().map(|id| (*id).to_owned()).collect(),
            event: Some(event),
        };
        Ok(self.cases.clone().open_case(request).await?.into_inner())
    }

    pub(crate) async fn record(
        &self,
        case: &str,
        expected: u64,
        event: CaseEvent,
    ) -> Result<RecordEventResponse, Status> {
        let request = RecordEventRequest {
            context: Some(context("first")),
            case_id: case.to_owned(),
            expected_version: expected,
            event: Some(event),
            joining_person_ids: Vec::new(),
        };
        Ok(self.cases.clone().record_event(request).await?.into_inner())
    }

    pub(crate) async fn case(&self, id: &str) -> GetCaseResponse {
        let request = GetCaseRequest { context: Some(context("first")), case_id: id.to_owned(), at_ms: None };
        self.cases.clone().get_case(request).await.unwrap().into_inner()
    }

    /// The first column of a query, as texts.
    pub(crate) async fn texts(&self, sql: &str) -> Vec<String> {
        let reader = self.database.store().reader();
        let rows = reader.query_all_raw(Statement::from_string(reader.get_database_backend(), sql)).await.unwrap();
        rows.iter().map(|row| row.try_get_by_index(0).unwrap()).collect()
    }

    /// Kinds of the journal's entries, in the order they were written.
    pub(crate) async fn journal_kinds(&self) -> Vec<String> {
        self.texts("SELECT kind FROM journal ORDER BY row_number").await
    }

    pub(crate) async fn close(self) {
        self.shutdown.begin();
        tokio::time::timeout(Duration::from_secs(20), self.running).await.unwrap().unwrap();
    }
}

/// An officer at protection proceedings.
pub(crate) fn context(officer: &str) -> CallContext {
    CallContext {
        officer: officer.to_owned(),
        purpose: "protection_proceedings".to_owned(),
        case_number: "DPU-420-1/2026".to_owned(),
        ..CallContext::default()
    }
}

pub(crate) fn statement(fact: Stated) -> NewStatement {
    NewStatement {
        fact: Some(Fact { fact: Some(fact) }),
        source: "passport".to_owned(),
        reason: "intake".to_owned(),
        ..NewStatement::default()
    }
}

pub(crate) fn name(latin: &str, original: &str) -> Stated {
    Stated::Name(Name {
        kind: NameKind::Main.into(),
        original_surname: original.to_owned(),
        original_given: String::new(),
        latin_surname: latin.to_owned(),
        latin_given: String::new(),
    })
}

pub(crate) fn event(event: &str, at: Timestamp) -> CaseEvent {
    CaseEvent { event: event.to_owned(), at_ms: at.millis(), ..CaseEvent::default() }
}

pub(crate) fn about(name: &str, decision: &str, at: Timestamp) -> CaseEvent {
    CaseEvent { decision: decision.to_owned(), ..event(name, at) }
}

/// The code a refusal carries.
pub(crate) fn code(status: &Status) -> String {
    straznica_error::detail_of(status).unwrap_or_else(|| panic!("no detail in {status:?}")).code
}

/// The code an outcome was refused with.
pub(crate) fn refusal<T: std::fmt::Debug>(outcome: Result<T, Status>) -> String {
    code(&outcome.unwrap_err())
}

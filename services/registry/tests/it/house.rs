//! registry on a free port of this machine, mutual TLS, a clock that stands still.

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use sea_orm::{ConnectionTrait, DatabaseBackend, Statement};
use straznica_contracts::common::v1::CallContext;
use straznica_contracts::registry::v1::case_service_client::CaseServiceClient;
use straznica_contracts::registry::v1::consultation_network_service_client::ConsultationNetworkServiceClient;
use straznica_contracts::registry::v1::consultation_service_client::ConsultationServiceClient;
use straznica_contracts::registry::v1::consumer_service_client::ConsumerServiceClient;
use straznica_contracts::registry::v1::decision_service_client::DecisionServiceClient;
use straznica_contracts::registry::v1::fact::Fact as Stated;
use straznica_contracts::registry::v1::intake_service_client::IntakeServiceClient;
use straznica_contracts::registry::v1::person_service_client::PersonServiceClient;
use straznica_contracts::registry::v1::statement_change::Change;
use straznica_contracts::registry::v1::{
    CaseEvent, ChangePersonRequest, DecisionText, Fact, GetCaseRequest, GetCaseResponse, GetPersonRequest,
    GetPersonResponse, Ground, Name, NameKind, NewStatement, OpenCaseRequest, OpenCaseResponse, PanelVote,
    RecordEventRequest, RecordEventResponse, RegisterPersonRequest, StatementChange, WriteDecisionTextRequest,
};
use straznica_journal::JournalConfig;
use straznica_pki::{DevelopmentCa, Names, PeerRole, Tls, Validity};
use straznica_registry::{Config, ConsultationConfig, NetworkConfig, PersonKeysConfig};
use straznica_runtime::BoxError;
use straznica_runtime::channel::{self, Channel, ChannelConfig};
use straznica_runtime::job::Job;
use straznica_runtime::service::{self, ListenConfig, Listeners, ServiceContext, ServiceParts};
use straznica_runtime::shutdown::Shutdown;
use straznica_simulators::consultation_network::{ConsultationNetworkSimulator, Weather};
use straznica_store::testing::TestDatabase;
use straznica_types::{Clock as _, Environment, ManualClock, Timestamp};
use tempfile::TempDir;
use tokio::task::JoinHandle;
use tonic::Status;

use crate::consultation_network::NETWORK_JOBS;

const DAY: NonZeroU32 = NonZeroU32::new(86_400).unwrap();

/// Everything of one test.
pub(crate) struct House {
    pub(crate) clock: ManualClock,
    pub(crate) persons: PersonServiceClient<Channel>,
    pub(crate) cases: CaseServiceClient<Channel>,
    pub(crate) decisions: DecisionServiceClient<Channel>,
    /// The gateway's, for clients of other services.
    pub(crate) channel: Channel,
    validity: Validity,
    pub(crate) consultations: ConsultationServiceClient<Channel>,
    pub(crate) forms: ConsultationNetworkServiceClient<Channel>,
    network: Option<Arc<ConsultationNetworkSimulator>>,
    served: Option<(Shutdown, JoinHandle<()>)>,
    pub(crate) database: TestDatabase,
    pub(crate) ca: DevelopmentCa,
    config: Config,
    address: SocketAddr,
    jobs: Vec<Job>,
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
        // Tests look for silence themselves.
        consultation: ConsultationConfig { silence_seconds: DAY, ..ConsultationConfig::default() },
        ..Config::default()
    }
}

pub(crate) fn tls(ca: &DevelopmentCa, clock: &ManualClock, name: &str) -> std::sync::Arc<Tls> {
    let issued = ca.issue_service(name, &Names::default()).unwrap();
    Tls::from_material(ca.material(&issued).unwrap(), Environment::Test, clock.shared()).unwrap()
}

fn context_of(ca: &DevelopmentCa, clock: &ManualClock) -> ServiceContext {
    // Certificates are judged on the first day, so that a case may take years.
    let first_day = ManualClock::starting_at(clock.now());
    ServiceContext::new("registry", Environment::Test, clock.shared(), tls(ca, &first_day, "registry"))
}

impl House {
    /// On Monday 20 April 2026 at ten in the morning.
    pub(crate) async fn open(database: TestDatabase) -> Self {
        Box::pin(Self::built(database, None, |_, _| ())).await
    }

    /// As [`Self::open`], with another configuration; what files it needs lie in the folder.
    pub(crate) async fn open_with(database: TestDatabase, adjust: impl FnOnce(&mut Config, &Path)) -> Self {
        Box::pin(Self::built(database, None, adjust)).await
    }

    /// As [`Self::open`], at a consultation network of this weather.
    pub(crate) async fn on_network(database: TestDatabase, weather: Weather) -> Self {
        Box::pin(Self::built(database, Some(weather), |_, _| ())).await
    }

    pub(crate) async fn built(
        database: TestDatabase,
        weather: Option<Weather>,
        adjust: impl FnOnce(&mut Config, &Path),
    ) -> Self {
        let clock = ManualClock::starting_at("2026-04-20T08:00:00Z".parse().unwrap());
        let ca = DevelopmentCa::create("development.straznica", clock.shared()).unwrap();
        let keys = tempfile::tempdir().unwrap();
        let mut config = config_in(&keys, &database);
        adjust(&mut config, keys.path());
        let network = weather.map(|weather| ConsultationNetworkSimulator::new("POL", weather, clock.shared()));
        let mut served = None;
        if let Some(network) = &network {
            let listeners = Listeners::bind(&ListenConfig::default()).await.unwrap();
            config.consultation.network = Some(NetworkConfig {
                channel: patient(listeners.addresses.grpc),
                poll_seconds: DAY,
                ..NetworkConfig::default()
            });
            let own = tls(&ca, &ManualClock::starting_at(clock.now()), network.service());
            let context = ServiceContext::new(network.service(), Environment::Test, clock.shared(), own);
            let parts = ServiceParts { grpc: network.routes(), ..ServiceParts::default() };
            let shutdown = context.shutdown.clone();
            served =
                Some((shutdown, tokio::spawn(async move { service::run(listeners, parts, context).await.unwrap() })));
        }
        let validity = ca.usual_validity();
        let house = Box::pin(Self::start(clock, database, ca, config, validity, keys)).await;
        Self { network, served, ..house }
    }

    async fn start(
        clock: ManualClock,
        database: TestDatabase,
        ca: DevelopmentCa,
        config: Config,
        validity: Validity,
        keys: TempDir,
    ) -> Self {
        let context = context_of(&ca, &clock);
        let mut parts = straznica_registry::build(&config, &context).await.unwrap();
        let listeners = Listeners::bind(&ListenConfig::default()).await.unwrap();
        let address = listeners.addresses.grpc;
        let jobs = parts.jobs.clone();
        // What goes over the network goes in the tests' own turns.
        parts.jobs.retain(|job| !NETWORK_JOBS.contains(&job.name()));
        let shutdown = context.shutdown.clone();
        let running = tokio::spawn(async move { service::run(listeners, parts, context).await.unwrap() });
        let first_day = ManualClock::starting_at(clock.now());
        let channel = channel::connect("registry", &patient(address), &tls(&ca, &first_day, "gateway")).unwrap();
        let persons = PersonServiceClient::new(channel.clone());
        let cases = CaseServiceClient::new(channel.clone());
        let decisions = DecisionServiceClient::new(channel.clone());
        Self {
            clock,
            persons,
            cases,
            decisions,
            consultations: ConsultationServiceClient::new(channel.clone()),
            forms: ConsultationNetworkServiceClient::new(channel.clone()),
            channel,
            network: None,
            served: None,
            validity,
            database,
            ca,
            config,
            address,
            jobs,
            shutdown,
            running,
            _keys: keys,
        }
    }

    /// The same service, ended and begun anew on the same database and keys.
    pub(crate) async fn restarted(self) -> Self {
        self.shutdown.begin();
        tokio::time::timeout(Duration::from_secs(20), self.running).await.unwrap().unwrap();
        let (network, served) = (self.network, self.served);
        let begun = Self::start(self.clock, self.database, self.ca, self.config, self.validity, self._keys);
        Self { network, served, ..Box::pin(begun).await }
    }

    pub(crate) fn intakes(&self) -> IntakeServiceClient<Channel> {
        IntakeServiceClient::new(self.channel.clone())
    }

    /// Changes the database behind the service's back.
    pub(crate) async fn execute(&self, sql: &str) {
        let sql = sql.to_owned();
        let store = self.database.store();
        let written = store.write_tx(async |tx| {
            tx.execute_unprepared(&sql).await?;
            Ok::<_, straznica_store::StoreError>(())
        });
        written.await.unwrap();
    }

    /// Another peer's connection.
    pub(crate) fn channel_of(&self, role: &PeerRole) -> Channel {
        let issued = self.ca.issue(role, &Names::default(), self.validity).unwrap();
        let first_day = ManualClock::starting_at(self.validity.not_before + Duration::from_secs(2 * 86_400));
        let material = self.ca.material(&issued).unwrap();
        let tls = Tls::from_material(material, Environment::Test, first_day.shared()).unwrap();
        channel::connect("registry", &patient(self.address), &tls).unwrap()
    }

    /// Another authority, by its name in the certificate.
    pub(crate) fn consumer(&self, name: &str) -> ConsumerServiceClient<Channel> {
        ConsumerServiceClient::new(self.channel_of(&PeerRole::Consumer(name.to_owned())))
    }

    /// Writes what a draft says, as an officer; tells the case's version.
    pub(crate) async fn write(
        &self,
        officer: &str,
        (case, expected): (&str, u64),
        decision: &str,
        text: DecisionText,
    ) -> Result<u64, Status> {
        let request = WriteDecisionTextRequest {
            context: Some(context(officer)),
            case_id: case.to_owned(),
            expected_version: expected,
            decision_id: decision.to_owned(),
            text: Some(text),
        };
        Ok(self.decisions.clone().write_decision_text(request).await?.into_inner().version)
    }

    /// The network it is at.
    pub(crate) fn network(&self) -> &ConsultationNetworkSimulator {
        self.network.as_ref().unwrap()
    }

    /// Every consultation's id, in the order they were opened.
    pub(crate) async fn consultation_ids(&self) -> Vec<String> {
        let engine = self.database.store().reader().get_database_backend();
        let id = if engine == DatabaseBackend::Sqlite { "lower(hex(id))" } else { "replace(id::text, '-', '')" };
        let hex = self.texts(&format!("SELECT {id} FROM consultation ORDER BY number")).await;
        let hyphenated =
            |id: &String| format!("{}-{}-{}-{}-{}", &id[..8], &id[8..12], &id[12..16], &id[16..20], &id[20..]);
        hex.iter().map(hyphenated).collect()
    }

    /// One turn of a job.
    pub(crate) async fn turn(&self, job: &str) {
        self.try_turn(job).await.unwrap();
    }

    /// One turn of a job that may fail.
    pub(crate) async fn try_turn(&self, job: &str) -> Result<(), BoxError> {
        let job = self.jobs.iter().find(|one| one.name() == job).unwrap_or_else(|| panic!("no {job}"));
        job.turn().await
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
        if let Some((shutdown, running)) = self.served {
            shutdown.begin();
            tokio::time::timeout(Duration::from_secs(20), running).await.unwrap().unwrap();
        }
    }
}

fn patient(address: SocketAddr) -> ChannelConfig {
    ChannelConfig { timeout_ms: 60_000, connect_timeout_ms: 20_000, ..ChannelConfig::at(address) }
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

/// What a decision says; one of a panel, where it has members, by all of them.
pub(crate) fn text(members: &[&str]) -> DecisionText {
    let vote = |member: &&str| PanelVote { member: (*member).to_owned(), agrees: true, dissent: String::new() };
    DecisionText {
        operative: vec!["Odmawia się nadania statusu uchodźcy.".to_owned()],
        grounds: vec![Ground {
            act: "ustawa z dnia 13 czerwca 2003 r. (Dz.U. 2023 poz. 1504)".to_owned(),
            article: "art. 19 ust. 1".to_owned(),
            text: "Strona nie wykazała obawy przed prześladowaniem.".to_owned(),
        }],
        translation: None,
        panel: members.iter().map(vote).collect(),
    }
}

/// The code a refusal carries.
pub(crate) fn code(status: &Status) -> String {
    straznica_error::detail_of(status).unwrap_or_else(|| panic!("no detail in {status:?}")).code
}

/// The code an outcome was refused with.
pub(crate) fn refusal<T: std::fmt::Debug>(outcome: Result<T, Status>) -> String {
    code(&outcome.unwrap_err())
}

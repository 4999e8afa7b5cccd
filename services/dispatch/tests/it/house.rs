//! dispatch on free ports of this machine, called over mutual TLS as identity.

use std::sync::Arc;
use std::time::Duration;

use prost::Message as _;
use sea_orm::{ConnectionTrait, Statement};
use straznica_contracts::common::v1::CallContext;
use straznica_contracts::dispatch::events::v1::CodeMessageMoved;
use straznica_contracts::dispatch::v1::code_service_client::CodeServiceClient;
use straznica_contracts::dispatch::v1::lift_lock_request::Locked;
use straznica_contracts::dispatch::v1::{
    CancelCodeRequest, GetLockRequest, GetTransactionRequest, GetTransactionResponse, LiftLockRequest,
    ResendCodeRequest, ResendCodeResponse, SendCodeRequest, SendCodeResponse, ValidateCodeRequest,
};
use straznica_dispatch::domain::TransactionId;
use straznica_dispatch::{ClientKeyConfig, Config, Delivery, Hint, KeysConfig, PhoneConfig, PhoneKind};
use straznica_ephemeral::EphemeralConfig;
use straznica_journal::JournalConfig;
use straznica_pki::{DevelopmentCa, Issued, Names, Tls};
use straznica_runtime::channel::{self, Channel, ChannelConfig};
use straznica_runtime::service::{self, Listeners, ServiceContext};
use straznica_runtime::shutdown::Shutdown;
use straznica_simulators::phone_operator::PhoneOperator;
use straznica_store::StoreError;
use straznica_store::testing::TestDatabase;
use straznica_types::{Clock as _, Environment, ManualClock, Timestamp};
use tempfile::TempDir;
use tokio::task::JoinHandle;
use tonic::Status;

use crate::operator::Operator;

/// Makes four tests of one body: SQLite and PostgreSQL, short-lived state in process and in Redis.
macro_rules! on_all_engines {
    ($( async fn $name:ident($house:ident: House) $body:block )*) => { $(
        mod $name {
            #[allow(unused_imports, reason = "what the body needs of the surrounding module")]
            use super::*;

            async fn scenario($house: crate::house::House) $body

            async fn run(engine: straznica_store::Engine, redis: bool) {
                let database = straznica_store::testing::TestDatabase::fresh::<straznica_dispatch::Migrations>(engine);
                let ephemeral = match redis {
                    true => straznica_ephemeral::testing::shared_redis(),
                    false => Some(straznica_ephemeral::EphemeralConfig::in_process("dispatch")),
                };
                if let (Some(database), Some(ephemeral)) = (database.await, ephemeral) {
                    let house = crate::house::House::open(database, |config| config.ephemeral = ephemeral).await;
                    scenario(house).await;
                }
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite_in_process() {
                run(straznica_store::Engine::Sqlite, false).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite_redis() {
                run(straznica_store::Engine::Sqlite, true).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres_in_process() {
                run(straznica_store::Engine::Postgres, false).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres_redis() {
                run(straznica_store::Engine::Postgres, true).await;
            }
        }
    )* };
}
pub(crate) use on_all_engines;

pub(crate) const PHONE: &str = "+48501234567";

/// Everything of one test.
pub(crate) struct House {
    pub(crate) clock: ManualClock,
    pub(crate) operator: Arc<Operator>,
    /// Asks phones, those that were connected.
    pub(crate) phones: PhoneOperator,
    /// Where providers notify, if they do.
    pub(crate) door: Option<std::net::SocketAddr>,
    pub(crate) codes: CodeServiceClient<Channel>,
    address: std::net::SocketAddr,
    pub(crate) database: TestDatabase,
    shutdown: Shutdown,
    running: JoinHandle<()>,
    config: Config,
    pub(crate) ca: DevelopmentCa,
    pub(crate) keys: TempDir,
}

fn config_in(keys: &TempDir, database: &TestDatabase) -> Config {
    let codes = keys.path().join("codes");
    std::fs::create_dir(&codes).unwrap();
    Config {
        database: database.config().clone(),
        journal: JournalConfig::embedded("dispatch.test/journal", keys.path()),
        keys: KeysConfig::embedded(codes),
        ephemeral: EphemeralConfig::in_process("dispatch"),
        ..Config::default()
    }
}

/// Why a production node does not start on this configuration; `None` when it would.
pub(crate) async fn refused_in_production(adjust: impl FnOnce(&mut Config)) -> Option<String> {
    let database =
        TestDatabase::fresh::<straznica_dispatch::Migrations>(straznica_store::Engine::Sqlite).await.unwrap();
    let keys = tempfile::tempdir().unwrap();
    let mut config = config_in(&keys, &database);
    adjust(&mut config);
    let clock = ManualClock::starting_at("2026-11-22T10:00:00Z".parse().unwrap());
    let ca = DevelopmentCa::create("development.straznica", clock.shared()).unwrap();
    let issued = ca.issue_service("dispatch", &Names::default()).unwrap();
    let tls = Tls::from_material(ca.material(&issued).unwrap(), Environment::Test, clock.shared()).unwrap();
    let context = ServiceContext::new("dispatch", Environment::Production, clock.shared(), tls);
    let built = straznica_dispatch::build(&config, Arc::new(Operator::default()), &context).await;
    let error = built.err()?;
    Some(format!("{error}: {}", std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default()))
}

impl House {
    pub(crate) async fn open(database: TestDatabase, adjust: impl FnOnce(&mut Config)) -> Self {
        Self::open_at("2026-11-22T10:00:00Z".parse().unwrap(), database, adjust).await
    }

    pub(crate) async fn open_at(start_at: Timestamp, database: TestDatabase, adjust: impl FnOnce(&mut Config)) -> Self {
        let clock = ManualClock::starting_at(start_at);
        let ca = DevelopmentCa::create("development.straznica", clock.shared()).unwrap();
        let keys = tempfile::tempdir().unwrap();
        let mut config = config_in(&keys, &database);
        let phones = PhoneOperator::new();
        let issuer = phones.listen(clock.shared()).await.unwrap();
        let file = keys.path().join("phones.pem");
        std::fs::write(&file, phones.admit("straznica").unwrap()).unwrap();
        config.phones = vec![provider("double", PhoneKind::MobileConnect, &issuer, file)];
        config.prompts.look_ms = 20;
        // The clock stands still: what was not handed over is due again at once.
        (config.outbox.look_ms, config.outbox.retry_ms) = (20, 0);
        adjust(&mut config);
        let operator = Arc::new(Operator::default());
        let (shutdown, running, address, door) = start(&config, &operator, &clock, &ca).await;
        let codes = CodeServiceClient::new(channel(
            address,
            &clock,
            &ca,
            &ca.issue_service("identity", &Names::loopback()).unwrap(),
        ));
        Self { clock, operator, phones, door, codes, address, database, shutdown, running, config, ca, keys }
    }

    /// On SQLite, with short-lived state in process: there the test's clock decides about everything.
    pub(crate) async fn on_sqlite(adjust: impl FnOnce(&mut Config)) -> Self {
        let database = TestDatabase::fresh::<straznica_dispatch::Migrations>(straznica_store::Engine::Sqlite).await;
        Self::open(database.unwrap(), adjust).await
    }

    /// Ends the service and starts another one on the same database and the same short-lived state, where that outlives a process.
    pub(crate) async fn restart(self) -> Self {
        self.reopen(|_| {}).await
    }

    /// [`Self::restart`] with another configuration.
    pub(crate) async fn reopen(self, adjust: impl FnOnce(&mut Config)) -> Self {
        let Self { clock, operator, phones, database, shutdown, running, mut config, ca, keys, .. } = self;
        adjust(&mut config);
        shutdown.begin();
        tokio::time::timeout(Duration::from_secs(20), running).await.unwrap().unwrap();
        let (shutdown, running, address, door) = start(&config, &operator, &clock, &ca).await;
        let codes = CodeServiceClient::new(channel(
            address,
            &clock,
            &ca,
            &ca.issue_service("identity", &Names::loopback()).unwrap(),
        ));
        Self { clock, operator, phones, door, codes, address, database, shutdown, running, config, ca, keys }
    }

    /// A channel of somebody else than identity.
    pub(crate) fn channel_of(&self, issued: &Issued) -> Channel {
        channel(self.address, &self.clock, &self.ca, issued)
    }

    pub(crate) fn id(&self) -> String {
        TransactionId::generate_at(self.clock.now()).to_string()
    }

    /// A wish as identity makes it: a known subject with a phone.
    pub(crate) fn wish(&self) -> SendCodeRequest {
        SendCodeRequest {
            context: Some(context()),
            transaction_id: self.id(),
            subject: "subject-1".to_owned(),
            phone: PHONE.to_owned(),
            institution: "um-lodz".to_owned(),
            binding_text: "UM Łódź: dowód osobisty".to_owned(),
            language: "pl".to_owned(),
            life_seconds: 0,
            conceal: true,
            allow_prompt: false,
        }
    }

    /// A wish about the same person with another number: a number has its own share of an hour.
    pub(crate) fn wish_to(&self, number: usize) -> SendCodeRequest {
        SendCodeRequest { phone: format!("+48501234{number:03}"), ..self.wish() }
    }

    pub(crate) async fn send(&self, wish: &SendCodeRequest) -> Result<SendCodeResponse, Status> {
        Ok(self.codes.clone().send_code(wish.clone()).await?.into_inner())
    }

    pub(crate) async fn resend(&self, id: &str) -> Result<ResendCodeResponse, Status> {
        let request = ResendCodeRequest {
            context: Some(context()),
            transaction_id: id.to_owned(),
            institution: "um-lodz".to_owned(),
        };
        Ok(self.codes.clone().resend_code(request).await?.into_inner())
    }

    /// Sends a code that arrives; its transaction and the code.
    pub(crate) async fn sent(&self, wish: &SendCodeRequest) -> (String, String) {
        let before = self.operator.received().len();
        self.send(wish).await.unwrap();
        (wish.transaction_id.clone(), self.operator.message(before + 1).await.code())
    }

    pub(crate) async fn validate(&self, id: &str, code: &str) -> Result<i64, Status> {
        self.validate_as(&context(), "um-lodz", id, code).await
    }

    pub(crate) async fn validate_as(
        &self,
        context: &CallContext,
        institution: &str,
        id: &str,
        code: &str,
    ) -> Result<i64, Status> {
        let request = ValidateCodeRequest {
            context: Some(context.clone()),
            transaction_id: id.to_owned(),
            institution: institution.to_owned(),
            code: code.to_owned(),
        };
        Ok(self.codes.clone().validate_code(request).await?.into_inner().validated_at_ms)
    }

    pub(crate) async fn standing(&self, id: &str) -> GetTransactionResponse {
        self.standing_as(context(), "um-lodz", id).await.unwrap()
    }

    pub(crate) async fn standing_as(
        &self,
        context: CallContext,
        institution: &str,
        id: &str,
    ) -> Result<GetTransactionResponse, Status> {
        let request = GetTransactionRequest {
            context: Some(context),
            transaction_id: id.to_owned(),
            institution: institution.to_owned(),
        };
        Ok(self.codes.clone().get_transaction(request).await?.into_inner())
    }

    pub(crate) async fn cancel(&self, id: &str) -> Result<(), Status> {
        let request = CancelCodeRequest {
            context: Some(context()),
            transaction_id: id.to_owned(),
            institution: "um-lodz".to_owned(),
        };
        self.codes.clone().cancel_code(request).await.map(drop)
    }

    pub(crate) async fn lift(&self, locked: Locked, reason: &str) -> Result<(), Status> {
        let request = LiftLockRequest { context: Some(context()), locked: Some(locked), reason: reason.to_owned() };
        self.codes.clone().lift_lock(request).await.map(drop)
    }

    /// Since when a subject is locked.
    pub(crate) async fn locked_since(&self, subject: &str) -> Option<i64> {
        let request = GetLockRequest { context: Some(context()), subject: subject.to_owned() };
        self.codes.clone().get_lock(request).await.unwrap().into_inner().locked_since_ms
    }

    /// The first column of a query, as texts.
    pub(crate) async fn texts(&self, sql: &str) -> Vec<String> {
        let reader = self.database.store().reader();
        let rows = reader.query_all_raw(Statement::from_string(reader.get_database_backend(), sql)).await.unwrap();
        rows.iter().map(|row| row.try_get_by_index(0).unwrap()).collect()
    }

    /// Changes the database behind the service's back.
    pub(crate) async fn execute(&self, sql: &str) {
        let changed = self.database.store().write_tx(async |tx| {
            tx.execute_unprepared(sql).await.map_err(StoreError::from)?;
            Ok::<_, StoreError>(())
        });
        changed.await.unwrap();
    }

    /// Waits until a query gives these texts.
    pub(crate) async fn becomes(&self, sql: &str, expected: &[&str]) {
        let mut found = Vec::new();
        for _ in 0..3_000 {
            found = self.texts(sql).await;
            if found == expected {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("{sql}: {found:?}, not {expected:?}");
    }

    /// How many entries of a kind the journal has.
    pub(crate) async fn journalled(&self, kind: &str) -> usize {
        self.texts(&format!("SELECT kind FROM journal WHERE kind = '{kind}'")).await.len()
    }

    /// What was published of a transaction's messages.
    pub(crate) async fn outcomes(&self, transaction: &str) -> Vec<String> {
        let reader = self.database.store().reader();
        let sql = "SELECT payload FROM event WHERE type_name LIKE '%.CodeMessageMoved'";
        let rows = reader.query_all_raw(Statement::from_string(reader.get_database_backend(), sql)).await.unwrap();
        let events = rows.iter().map(|row| {
            let payload: Vec<u8> = row.try_get_by_index(0).unwrap();
            CodeMessageMoved::decode(payload.as_slice()).unwrap()
        });
        events.filter(|event| event.transaction_id == transaction).map(|event| event.outcome).collect()
    }

    /// Waits until nothing is queued or being handed over.
    pub(crate) async fn outbox_is_quiet(&self) {
        self.becomes("SELECT state FROM outbox WHERE state IN ('queued', 'submitted')", &[]).await;
    }

    pub(crate) async fn close(self) {
        self.shutdown.begin();
        tokio::time::timeout(Duration::from_secs(20), self.running).await.unwrap().unwrap();
    }
}

async fn start(
    config: &Config,
    operator: &Arc<Operator>,
    clock: &ManualClock,
    ca: &DevelopmentCa,
) -> (Shutdown, JoinHandle<()>, std::net::SocketAddr, Option<std::net::SocketAddr>) {
    let issued = ca.issue_service("dispatch", &Names::loopback()).unwrap();
    let tls = Tls::from_material(ca.material(&issued).unwrap(), Environment::Test, clock.shared()).unwrap();
    let context = ServiceContext::new("dispatch", Environment::Test, clock.shared(), tls);
    let parts = straznica_dispatch::build(config, operator.clone(), &context).await.unwrap();
    let listeners = Listeners::bind(&config.server.listen).await.unwrap();
    let (address, door) = (listeners.addresses.grpc, listeners.addresses.http_open);
    let shutdown = context.shutdown.clone();
    let running = tokio::spawn(async move { service::run(listeners, parts, context).await.unwrap() });
    (shutdown, running, address, door)
}

/// A channel of somebody with this certificate.
fn channel(address: std::net::SocketAddr, clock: &ManualClock, ca: &DevelopmentCa, issued: &Issued) -> Channel {
    let tls = Tls::from_material(ca.material(issued).unwrap(), Environment::Test, clock.shared()).unwrap();
    // Two hundred calls at once take their time on a busy machine.
    let patient = ChannelConfig { timeout_ms: 60_000, connect_timeout_ms: 20_000, ..ChannelConfig::at(address) };
    channel::connect("dispatch", &patient, &tls).unwrap()
}

/// A provider that serves every number.
pub(crate) fn provider(name: &str, kind: PhoneKind, issuer: &str, key: std::path::PathBuf) -> PhoneConfig {
    PhoneConfig {
        name: name.to_owned(),
        kind,
        issuer: issuer.to_owned(),
        client_id: "straznica".to_owned(),
        key: ClientKeyConfig { file: key, id: "client-1".to_owned(), algorithm: "ES256".to_owned() },
        delivery: Delivery::Poll,
        scope: "openid".to_owned(),
        acr_values: vec!["3".to_owned()],
        levels: Vec::new(),
        hint: Hint::Number,
        prefixes: Vec::new(),
        notification_uri: None,
        version: None,
        roots: None,
        ask_seconds: 20,
        look_seconds: 20,
    }
}

pub(crate) fn context() -> CallContext {
    CallContext {
        officer: "j.kowalska".to_owned(),
        purpose: "identity_confirmation".to_owned(),
        case_number: "RP.5345.7.2026".to_owned(),
        ..CallContext::default()
    }
}

/// A code that is not this one.
pub(crate) fn wrong(code: &str) -> String {
    format!("{:06}", (code.parse::<u32>().unwrap() + 1) % 1_000_000)
}

/// The code a refusal carries.
pub(crate) fn code(status: &Status) -> String {
    straznica_error::detail_of(status).unwrap_or_else(|| panic!("no detail in {status:?}")).code
}

/// The code an outcome was refused with.
pub(crate) fn refusal<T: std::fmt::Debug>(outcome: Result<T, Status>) -> String {
    code(&outcome.unwrap_err())
}

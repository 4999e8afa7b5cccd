//! A one-time code ordered, handed over, read and found right, inside dispatch (its own gRPC services called in memory, no wire), against what that cannot do
//! without in the same run: the same operations on the same short-lived state, and as many bare commits of one row in the same database, by as many
//! callers at once.
//!
//! Prints `ratio one_time_codes_<callers> …`: codes a second over baselines a second, in turns; aim: at least 0.7. Few callers and many: those who come at
//! once share commits, bare ones do not. Then what the code itself costs (derivation and comparison). `STRAZNICA_TEST_POSTGRES_URL` and `STRAZNICA_TEST_REDIS_URL` name the servers; without them it is SQLite and this process.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark ends at the first surprise and reports on standard output"
)]

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use criterion::Criterion;
use futures::StreamExt as _;
use sea_orm::{ConnectionTrait as _, Statement};
use sms::receipt::MessageId;
use sms::smpp::PartOutcome;
use straznica_contracts::common::v1::CallContext;
use straznica_contracts::dispatch::v1::code_service_client::CodeServiceClient;
use straznica_contracts::dispatch::v1::{SendCodeRequest, ValidateCodeRequest};
use straznica_dispatch::domain::{Asking, CODE_DIGITS, CodeKey, Institution, Nonce, OneTimeCode, TransactionId};
use straznica_dispatch::{Channel, Config, KeysConfig, Message, Outcome};
use straznica_ephemeral::{Ephemeral, EphemeralConfig, Key};
use straznica_journal::JournalConfig;
use straznica_pki::{DevelopmentCa, Names, PeerIdentity, Tls};
use straznica_runtime::service::{self, ListenConfig, Listeners, ServiceContext};
use straznica_store::testing::TestDatabase;
use straznica_store::{Engine, Isolation, NoMigrations, Store, StoreConfig, StoreError};
use straznica_types::{Clock as _, Environment, OfficerId, SystemClock, Timestamp};
use tokio::sync::oneshot;
use tonic::service::Routes;
use tonic::service::interceptor::InterceptedService;

/// Callers at once, few and many.
const AT_ONCE: [usize; 2] = [16, 64];
/// Codes of a turn, and turns.
const TURN: usize = 800;
const TURNS: usize = 7;
/// Commits dispatch cannot do without for one code: the order, the count of the attempt before the comparison, the success, and what became of the message.
const COMMITS: usize = 4;

fn main() {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap()
        .block_on(Box::pin(run()));
}

async fn run() {
    let engine = match std::env::var_os(straznica_store::testing::POSTGRES_URL) {
        Some(_) => Engine::Postgres,
        None => Engine::Sqlite,
    };
    let state = straznica_ephemeral::testing::shared_redis();
    println!("{engine:?}, short-lived state in {}", if state.is_some() { "Redis" } else { "this process" });
    let state = state.unwrap_or_else(|| EphemeralConfig::in_process("bench"));
    let (house, bare) = (House::open(engine, &state).await, Bare::open(engine, &state).await);

    for callers in AT_ONCE {
        house.turn(callers).await;
        bare.turn(callers).await;
        for database in [&house.database, &bare.database] {
            settle(database.store()).await;
        }
        let mut ratios = Vec::new();
        let (mut codes, mut baselines) = (Vec::new(), Vec::new());
        for _ in 0..TURNS {
            let (code, baseline) = (rate(house.turn(callers).await), rate(bare.turn(callers).await));
            ratios.push(code / baseline);
            codes.push(code);
            baselines.push(baseline);
        }
        println!(
            "{callers} at once: {:.0} codes a second, {:.0} baselines a second (medians of {TURNS} turns of {TURN})",
            median(&mut codes),
            median(&mut baselines)
        );
        println!("ratio one_time_codes_{callers} {:.3}", median(&mut ratios));
    }
    code_alone();
}

/// What a server does by itself within a minute, and this run is shorter: it learns how large the tables have become. Plans made while they were empty read
/// them from end to end.
async fn settle(store: &Store) {
    let analysed = store.write_tx_with(Isolation::ReadCommitted, async |tx| {
        tx.execute_unprepared("ANALYZE").await?;
        Ok::<_, StoreError>(())
    });
    analysed.await.unwrap();
}

/// What the code itself costs, without anything that is kept.
fn code_alone() {
    let key = CodeKey::new(&[7; 32]);
    let id = TransactionId::generate_at(SystemClock.now());
    let asking = Asking {
        officer: OfficerId::parse("j.kowalska").unwrap(),
        institution: Institution::parse("um-lodz").unwrap(),
        purpose: "identity_confirmation".to_owned(),
    };
    let typed = OneTimeCode::parse(&"1".repeat(CODE_DIGITS)).unwrap();
    let once = || {
        let nonce = Nonce::random().unwrap();
        std::hint::black_box(key.code(&nonce, id, &asking, "+48501234567").is(&typed))
    };
    let began = Instant::now();
    for _ in 0..100_000 {
        once();
    }
    println!("a nonce drawn, its code derived and compared: {:?}", began.elapsed() / 100_000);
    let mut criterion = Criterion::default().configure_from_args().sample_size(20);
    criterion.bench_function("one_time_code_alone", |bencher| bencher.iter(once));
    criterion.final_summary();
}

/// dispatch, with its jobs running, and an operator that hands each text to whoever waits for it.
struct House {
    codes: CodeServiceClient<InterceptedService<Routes, Peer>>,
    phones: Arc<Phones>,
    next: AtomicUsize,
    database: TestDatabase,
    _keys: tempfile::TempDir,
}

/// Puts identity's certificate beside each call, as the listener does.
#[derive(Clone)]
struct Peer(Arc<PeerIdentity>);

impl tonic::service::Interceptor for Peer {
    fn call(&mut self, mut request: tonic::Request<()>) -> Result<tonic::Request<()>, tonic::Status> {
        request.extensions_mut().insert(self.0.clone());
        Ok(request)
    }
}

/// Texts by number.
#[derive(Default)]
struct Phones(Mutex<HashMap<String, oneshot::Sender<String>>>);

#[async_trait]
impl Channel for Phones {
    fn name(&self) -> &'static str {
        "phones"
    }

    async fn submit(&self, message: Message) -> Outcome {
        if let Some(phone) = self.0.lock().unwrap().remove(message.to.expose()) {
            let _ = phone.send(message.text.expose().clone());
        }
        let accepted = PartOutcome::Accepted(MessageId::new(&message.id.to_string()));
        Outcome { link: None, parts: vec![accepted], waited: None }
    }
}

impl House {
    async fn open(engine: Engine, state: &EphemeralConfig) -> Self {
        let clock = SystemClock::shared();
        let database = TestDatabase::fresh::<straznica_dispatch::Migrations>(engine).await.unwrap();
        let keys = tempfile::tempdir().unwrap();
        let mut config = Config {
            database: roomy(database.config()),
            journal: JournalConfig::embedded("dispatch.bench/journal", keys.path()),
            keys: KeysConfig::embedded(keys.path().join("codes")),
            ephemeral: state.clone(),
            ..Config::default()
        };
        // A few officers ask all day long here.
        let (limits, rates) = (&mut config.limits, &mut config.rates);
        (limits.attempts_per_official_and_day, limits.messages_per_official_and_day) = (u32::MAX, u32::MAX);
        (rates.institution, rates.prefix, rates.poland) = (u32::MAX, u32::MAX, u32::MAX);
        let ca = DevelopmentCa::create("development.straznica", clock.clone()).unwrap();
        let tls = |name| {
            let issued = ca.issue_service(name, &Names::default()).unwrap();
            Tls::from_material(ca.material(&issued).unwrap(), Environment::Test, clock.clone()).unwrap()
        };
        let context = ServiceContext::new("dispatch", Environment::Test, clock.clone(), tls("dispatch"));
        let phones = Arc::<Phones>::default();
        let parts = straznica_dispatch::build(&config, phones.clone(), &context).await.unwrap();
        let codes = CodeServiceClient::with_interceptor(parts.grpc.clone(), Peer(tls("identity").own()));
        let listeners = Listeners::bind(&ListenConfig::default()).await.unwrap();
        // Its jobs hand the messages over; nobody calls its listener.
        tokio::spawn(async move { service::run(listeners, parts, context).await.unwrap() });
        Self { codes, phones, next: AtomicUsize::new(0), database, _keys: keys }
    }

    async fn turn(&self, callers: usize) -> Duration {
        let began = Instant::now();
        futures::stream::iter(0..TURN).for_each_concurrent(callers, |_| self.once()).await;
        began.elapsed()
    }

    async fn once(&self) {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let phone = format!("+48501{number:06}");
        let (sender, text) = oneshot::channel();
        self.phones.0.lock().unwrap().insert(phone.clone(), sender);
        let context = CallContext {
            officer: format!("officer-{}", number % AT_ONCE[0]),
            purpose: "identity_confirmation".to_owned(),
            case_number: "RP.5345.7.2026".to_owned(),
            ..CallContext::default()
        };
        let id = TransactionId::generate_at(SystemClock.now()).to_string();
        let wish = SendCodeRequest {
            context: Some(context.clone()),
            transaction_id: id.clone(),
            subject: format!("subject-{number}"),
            phone,
            institution: "um-lodz".to_owned(),
            binding_text: "UM Łódź: dowód osobisty".to_owned(),
            language: "pl".to_owned(),
            conceal: true,
            ..SendCodeRequest::default()
        };
        self.codes.clone().send_code(wish).await.unwrap();
        let text = text.await.unwrap();
        let request = ValidateCodeRequest {
            context: Some(context),
            transaction_id: id,
            institution: "um-lodz".to_owned(),
            code: text[..CODE_DIGITS].to_owned(),
        };
        self.codes.clone().validate_code(request).await.unwrap();
    }
}

/// The same short-lived state, and commits of one row.
struct Bare {
    state: Ephemeral,
    store: Store,
    next: AtomicUsize,
    database: TestDatabase,
}

impl Bare {
    async fn open(engine: Engine, state: &EphemeralConfig) -> Self {
        let clock = SystemClock::shared();
        let database = TestDatabase::fresh::<NoMigrations>(engine).await.unwrap();
        let store = Store::connect(&roomy(database.config()), clock.clone()).await.unwrap();
        let made = store.write_tx(async |tx| {
            tx.execute_unprepared("CREATE TABLE bare (id BIGINT PRIMARY KEY, at BIGINT NOT NULL)").await?;
            Ok::<_, StoreError>(())
        });
        made.await.unwrap();
        let state = Ephemeral::open(&EphemeralConfig { namespace: "bare".to_owned(), ..state.clone() }, clock).unwrap();
        Self { state, store, next: AtomicUsize::new(0), database }
    }

    async fn turn(&self, callers: usize) -> Duration {
        let began = Instant::now();
        futures::stream::iter(0..TURN).for_each_concurrent(callers, |_| self.once()).await;
        began.elapsed()
    }

    /// Send: one of several identical calls goes first, four shares, the nonce, the pause. Hand over. Compare: the attempt, the nonce, its end.
    async fn once(&self) {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let about = |part: usize| [number.to_be_bytes(), part.to_be_bytes()].concat();
        let (hour, life) = (Duration::from_secs(3_600), Duration::from_secs(300));
        let (code, value) = (Key::new("code", &about(0)), [9; 64]);
        assert!(self.state.put_if_absent(&Key::new("opening", &about(0)), b"", life).await.unwrap());
        for (part, about) in
            [("institution", vec![1; 16]), ("number", about(1)), ("range", vec![2; 16]), ("country", vec![3; 16])]
        {
            self.state.count(&Key::new(part, &about), u32::MAX, hour).await.unwrap();
        }
        self.state.put_if_absent(&code, &value, life).await.unwrap();
        self.state.cooldown(&Key::new("pause", &about(0)), life).await.unwrap();
        self.commit(number * COMMITS).await;
        self.commit(number * COMMITS + 1).await;
        self.state.count(&Key::new("attempts", &about(0)), 5, life).await.unwrap();
        self.commit(number * COMMITS + 2).await;
        self.state.get(&code).await.unwrap();
        assert!(self.state.compare_and_delete(&code, &value).await.unwrap());
        self.commit(number * COMMITS + 3).await;
    }

    async fn commit(&self, id: usize) {
        let written = self.store.write_tx_with(Isolation::ReadCommitted, async |tx| {
            let values = [i64::try_from(id).unwrap_or(i64::MAX).into(), Timestamp::from_millis(0).millis().into()];
            let sql = "INSERT INTO bare (id, at) VALUES ($1, $2)";
            tx.execute_raw(Statement::from_sql_and_values(tx.get_database_backend(), sql, values)).await?;
            Ok::<_, StoreError>(())
        });
        written.await.unwrap();
    }
}

/// As many connections as there are callers.
fn roomy(config: &StoreConfig) -> StoreConfig {
    let callers = AT_ONCE.into_iter().max().and_then(|callers| u32::try_from(callers).ok());
    StoreConfig { max_connections: callers.unwrap_or(u32::MAX), ..config.clone() }
}

fn rate(turn: Duration) -> f64 {
    f64::from(u32::try_from(TURN).unwrap_or(u32::MAX)) / turn.as_secs_f64()
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

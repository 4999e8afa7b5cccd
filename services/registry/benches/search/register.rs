//! A register of made-up persons behind the service, and the same names in clear beside it.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use sea_orm::prelude::Uuid;
use sea_orm::{ConnectionTrait as _, DbBackend, Statement};
use straznica_contracts::common::v1::CallContext;
use straznica_contracts::registry::v1::person_question::Question;
use straznica_contracts::registry::v1::search_service_client::SearchServiceClient;
use straznica_contracts::registry::v1::{PersonDescription, PersonQuestion, SearchPersonsRequest};
use straznica_journal::JournalConfig;
use straznica_pki::{DevelopmentCa, Names, Tls};
use straznica_registry::domain::PersonId;
use straznica_registry::testing::Filler;
use straznica_registry::{Config, Migrations, PersonKeysConfig};
use straznica_runtime::channel::{self, Channel, ChannelConfig};
use straznica_runtime::service::{self, ListenConfig, Listeners, ServiceContext};
use straznica_runtime::shutdown::Shutdown;
use straznica_store::testing::TestDatabase;
use straznica_store::{Engine, Isolation, StoreError};
use straznica_types::{Environment, SystemClock};
use tempfile::TempDir;
use tokio::task::JoinHandle;

use crate::people::{Asked, Somebody};
use crate::{SHOWN, numbered};

/// Persons of one transaction.
const BATCH: u64 = 2_000;
/// Keys of one statement.
const KEYS: usize = 20_000;

pub(crate) struct Register {
    database: TestDatabase,
    client: SearchServiceClient<Channel>,
    shutdown: Shutdown,
    running: JoinHandle<()>,
    _keys: TempDir,
}

impl Register {
    /// Fills it, and starts the service before it. `None`: there is no such server.
    pub(crate) async fn of(engine: Engine, persons: u64) -> Option<Self> {
        let database = TestDatabase::fresh::<Migrations>(engine).await?;
        let keys = tempfile::tempdir().unwrap();
        let config = Config {
            database: database.config().clone(),
            journal: JournalConfig::embedded("registry.bench/journal", keys.path()),
            person_keys: PersonKeysConfig { directory: keys.path().join("persons"), create: true },
            ..Config::default()
        };
        let start = Instant::now();
        fill(&database, engine, &config.person_keys, persons).await;
        println!("  {engine:?}, {persons} persons: filled in {:.0?}", start.elapsed());
        let ca = DevelopmentCa::create("development.straznica", SystemClock::shared()).unwrap();
        let tls = |name: &str| {
            let issued = ca.issue_service(name, &Names::default()).unwrap();
            Tls::from_material(ca.material(&issued).unwrap(), Environment::Test, SystemClock::shared()).unwrap()
        };
        let context = ServiceContext::new("registry", Environment::Test, SystemClock::shared(), tls("registry"));
        let parts = straznica_registry::build(&config, &context).await.unwrap();
        let listeners = Listeners::bind(&ListenConfig::default()).await.unwrap();
        let at = ChannelConfig { timeout_ms: 60_000, ..ChannelConfig::at(listeners.addresses.grpc) };
        let channel = channel::connect("registry", &at, &tls("gateway")).unwrap();
        let shutdown = context.shutdown.clone();
        let running = tokio::spawn(async move { service::run(listeners, parts, context).await.unwrap() });
        let register = Self { database, client: SearchServiceClient::new(channel), shutdown, running, _keys: keys };
        register.complete().await;
        Some(register)
    }

    /// Until the service has seen that everybody is found by keys of its version.
    async fn complete(&self) {
        let seen = async {
            while self.answer("Anna", "1990").await.1 {
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(120), seen).await.unwrap();
    }

    /// By the service: whom it shows.
    pub(crate) async fn search(&self, asked: &Asked) -> Vec<u64> {
        self.answer(&asked.name, &asked.born).await.0
    }

    async fn answer(&self, name: &str, born: &str) -> (Vec<u64>, bool) {
        let person = PersonDescription {
            name: name.to_owned(),
            birth_date: born.to_owned(),
            nationality: String::new(),
            sex: 0,
        };
        let request = SearchPersonsRequest {
            context: Some(CallContext {
                officer: "bench".to_owned(),
                purpose: "protection_proceedings".to_owned(),
                case_number: "DPU-420-1/2026".to_owned(),
                ..CallContext::default()
            }),
            question: Some(PersonQuestion { question: Some(Question::Person(person)) }),
            known_at_ms: None,
            page_size: u32::try_from(SHOWN).unwrap(),
            offset: 0,
        };
        let answer = self.client.clone().search_persons(request).await.unwrap().into_inner();
        let numbers = answer.persons.iter().map(|found| numbered(found.person_id.parse::<Uuid>().unwrap().as_u128()));
        (numbers.collect(), answer.incomplete)
    }

    /// By trigrams of names in clear.
    pub(crate) async fn trigrams(&self, asked: &Asked) -> Vec<u64> {
        const SQL: &str = "SELECT number FROM plain_person WHERE name % $1 \
             ORDER BY similarity(name, $1) + CASE WHEN born LIKE $2 THEN 0.5 ELSE 0 END DESC LIMIT $3";
        let name: String = asked.name.chars().map(plain).collect();
        let values = [name.into(), format!("{}%", asked.born).into(), i64::try_from(SHOWN).unwrap().into()];
        let reader = self.database.store().reader();
        let statement = Statement::from_sql_and_values(DbBackend::Postgres, SQL, values);
        let rows = reader.query_all_raw(statement).await.unwrap();
        rows.iter().map(|row| u64::try_from(row.try_get_by_index::<i64>(0).unwrap()).unwrap()).collect()
    }

    pub(crate) async fn close(self) {
        self.shutdown.begin();
        self.running.await.unwrap();
    }
}

/// Without marks: under this locale trigrams are of ASCII alone, and a letter with a mark would part a word.
const fn plain(letter: char) -> char {
    match letter {
        'ż' => 'z',
        'ł' => 'l',
        'ć' => 'c',
        'ö' => 'o',
        'ğ' => 'g',
        other => other,
    }
}

/// The id of the person of a number: in order of their time, as others are.
fn id(number: u64) -> Uuid {
    Uuid::from_u128(u128::from(1_700_000_000_000 + number) << 80 | 7 << 76 | 2 << 62 | u128::from(number))
}

/// Everybody's rows. On PostgreSQL keys go in without their index, which is made at the end.
async fn fill(database: &TestDatabase, engine: Engine, keys: &PersonKeysConfig, persons: u64) {
    let filler = std::sync::Arc::new(Filler::open(keys).unwrap());
    if engine == Engine::Postgres {
        execute(database, "CREATE EXTENSION IF NOT EXISTS pg_trgm").await;
        execute(
            database,
            "CREATE TABLE plain_person (number bigint PRIMARY KEY, name text NOT NULL, born text NOT NULL)",
        )
        .await;
        execute(database, "ALTER TABLE finding_key DROP CONSTRAINT finding_key_pkey").await;
    }
    let made = |batch: u64| {
        let filler = filler.clone();
        tokio::task::spawn_blocking(move || rows(engine, &filler, batch * BATCH..persons.min((batch + 1) * BATCH)))
    };
    let mut ahead = std::collections::VecDeque::from([made(0), made(1)]);
    let mut batch = 2;
    while let Some(statements) = ahead.pop_front() {
        ahead.extend((batch * BATCH < persons).then(|| made(batch)));
        batch += 1;
        let statements = statements.await.unwrap();
        let statements = &statements;
        let written = database.store().write_tx_with(Isolation::ReadCommitted, async move |tx| {
            for statement in statements {
                tx.execute_unprepared(statement).await?;
            }
            Ok::<_, StoreError>(())
        });
        written.await.unwrap();
    }
    if engine == Engine::Postgres {
        execute(database, "ALTER TABLE finding_key ADD PRIMARY KEY (digest, person_id)").await;
        execute(database, "CREATE INDEX plain_name ON plain_person USING gin (name gin_trgm_ops)").await;
        // Not in a transaction.
        for table in ["finding_key", "finding_record", "person", "plain_person"] {
            let vacuum = format!("VACUUM ANALYZE {table}");
            database.store().reader().execute_unprepared(&vacuum).await.unwrap();
        }
    } else {
        execute(database, "ANALYZE").await;
    }
}

async fn execute(database: &TestDatabase, sql: &str) {
    let done = database.store().write_tx_with(Isolation::ReadCommitted, async move |tx| {
        tx.execute_unprepared(sql).await?;
        Ok::<_, StoreError>(())
    });
    done.await.unwrap();
}

/// Statements that put some persons in.
fn rows(engine: Engine, filler: &Filler, numbers: std::ops::Range<u64>) -> Vec<String> {
    let (mut persons, mut records, mut plain, mut keys) = (
        Values::of("person (id, version, registered_at)"),
        Values::of("finding_record (person_id, version, sealed)"),
        Values::of("plain_person (number, name, born)"),
        Values::of("finding_key (digest, person_id)"),
    );
    let mut statements = Vec::new();
    for number in numbers {
        let (somebody, id) = (Somebody::number(number), id(number));
        let found = filler.found(PersonId::from_uuid(id), &somebody.findable(number)).unwrap();
        let sealed: String = found.sealed.iter().fold(String::new(), |mut hex, byte| {
            write!(hex, "{byte:02x}").unwrap();
            hex
        });
        let (id, sealed) = match engine {
            Engine::Sqlite => (format!("x'{}'", id.simple()), format!("x'{sealed}'")),
            Engine::Postgres => (format!("'{id}'"), format!("'\\x{sealed}'")),
        };
        persons.row(format_args!("{id},1,{}", 1_700_000_000_000_u64));
        records.row(format_args!("{id},{},{sealed}", found.version));
        if engine == Engine::Postgres {
            let (name, born) = somebody.plain();
            plain.row(format_args!("{number},'{name}','{born}'"));
        }
        for digest in found.digests {
            keys.row(format_args!("{digest},{id}"));
            if keys.rows == KEYS {
                statements.push(std::mem::replace(&mut keys, Values::of("finding_key (digest, person_id)")).text);
            }
        }
    }
    let all = [persons, records, plain].into_iter().filter(|values| values.rows > 0).map(|values| values.text);
    all.chain(statements).chain((keys.rows > 0).then_some(keys.text)).collect()
}

/// One statement of many rows.
struct Values {
    text: String,
    rows: usize,
}

impl Values {
    fn of(into: &str) -> Self {
        Self { text: format!("INSERT INTO {into} VALUES "), rows: 0 }
    }

    fn row(&mut self, row: std::fmt::Arguments<'_>) {
        let separator = if self.rows == 0 { "" } else { "," };
        write!(self.text, "{separator}({row})").unwrap();
        self.rows += 1;
    }
}

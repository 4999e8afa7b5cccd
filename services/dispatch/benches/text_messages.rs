//! Text messages a second through the spool, on each database, against the ceiling of the same message centre (npm `smpp`): bulk messages that lie in the outbox
//! are claimed and marked, submitted over SMPP, their ids and receipts are put on record, and each receipt is answered for after its commit. The ceiling is a
//! bare pump of the codec that stores nothing.
//!
//! Prints `ratio text_messages_<engine> <value>`: the share of the ceiling that the spool reaches. The aim is at least 0.80. Rounds of both sides alternate
//! and the median counts. Afterwards every message is delivered on record, and the link has written each once. `STRAZNICA_TEST_POSTGRES_URL` names the
//! PostgreSQL server.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark ends at the first surprise and reports on standard output"
)]

#[path = "../../../crates/sms/benches/pump/mod.rs"]
mod pump;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use identifiers::PhoneNumber;
use sea_orm::{ConnectionTrait as _, DatabaseTransaction, Statement};
use serde_json::json;
use sms::life::State;
use straznica_dispatch::domain::{MessageId, TransactionId};
use straznica_dispatch::spool::{MessageState, Moved, Pending, Recorder, Reporter, Spool, SpoolConfig, Step, Texts};
use straznica_dispatch::{
    Bind, Class, DispatchError, Message, Migrations, OperatorConfig, Operators, SenderConfig, ValidityForm,
};
use straznica_store::testing::TestDatabase;
use straznica_store::{Engine, Isolation, Store, StoreError};
use straznica_testkit::MessageCentre;
use straznica_types::{Clock as _, Environment, Secret, SystemClock};
use tokio_util::sync::CancellationToken;

use pump::{TEXT, pump};

const WINDOW: u16 = 400;
const MESSAGES: usize = 20_000;
const ROUNDS: usize = 5;

fn main() {
    // One for each side: a message centre gives receipts to whoever is bound.
    let start = || MessageCentre::start(&json!({ "quiet": true }));
    let (Some(bare), Some(centre)) = (start(), start()) else { return };
    let runtime = || tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime().block_on(Box::pin(run(&bare, &centre)));
}

async fn run(bare: &MessageCentre, centre: &MessageCentre) {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let Some(database) = TestDatabase::fresh::<Migrations>(engine).await else { continue };
        let house = House::open(&database, centre.port());
        let (mut ceilings, mut rates, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
        // The first round of each only warms up.
        for round in 0..=ROUNDS {
            let ceiling = rate(pump(bare.port(), MESSAGES, WINDOW).await.unwrap());
            let spool = rate(house.round().await);
            if round == 0 {
                settle(database.store()).await;
            } else {
                ceilings.push(ceiling);
                rates.push(spool);
                ratios.push(spool / ceiling);
            }
        }
        house.close(MESSAGES * (ROUNDS + 1)).await;
        println!(
            "  {engine:?}: codec pump {:.0} messages/s, spool {:.0} messages/s (medians of {ROUNDS} rounds of {MESSAGES})",
            median(&mut ceilings),
            median(&mut rates)
        );
        println!("ratio text_messages_{} {:.3}", format!("{engine:?}").to_lowercase(), median(&mut ratios));
    }
}

/// What a server does by itself within a minute, and this run is shorter: it learns how large the tables have become.
async fn settle(store: &Store) {
    let analysed = store.write_tx_with(Isolation::ReadCommitted, async |tx| {
        tx.execute_unprepared("ANALYZE").await?;
        Ok::<_, StoreError>(())
    });
    analysed.await.unwrap();
}

fn rate(taken: Duration) -> f64 {
    f64::from(u32::try_from(MESSAGES).unwrap()) / taken.as_secs_f64()
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Makes the same text for everybody.
struct OneText;

#[async_trait]
impl Texts for OneText {
    async fn steps(&self, claimed: &[Pending]) -> Vec<Step> {
        let message = |pending: &Pending| Message {
            id: pending.id,
            to: PhoneNumber::parse("+48600100200").unwrap(),
            text: Secret::new(TEXT.to_owned()),
            class: pending.class,
            valid_until: pending.expires_at,
        };
        claimed.iter().map(|pending| Step::HandOver(message(pending))).collect()
    }
}

/// Counts what is delivered.
#[derive(Default)]
struct Delivered(AtomicUsize);

#[async_trait]
impl Reporter for Delivered {
    async fn moved(&self, _tx: &DatabaseTransaction, moved: &[Moved]) -> Result<(), DispatchError> {
        let delivered = moved.iter().filter(|one| one.state == MessageState::Life(State::Delivered)).count();
        self.0.fetch_add(delivered, Ordering::Relaxed);
        Ok(())
    }
}

/// A spool with a link to the message centre.
struct House {
    store: Store,
    spool: Spool,
    operators: Arc<Operators>,
    delivered: Arc<Delivered>,
    _folder: tempfile::TempDir,
}

impl House {
    fn open(database: &TestDatabase, port: u16) -> Self {
        let (store, clock) = (database.store().clone(), SystemClock::shared());
        let folder = tempfile::tempdir().unwrap();
        let password_file = folder.path().join("password");
        std::fs::write(&password_file, "tajne").unwrap();
        let operator = OperatorConfig {
            name: "bench".to_owned(),
            host: "127.0.0.1".to_owned(),
            port,
            tls: None,
            system_id: "straznica".to_owned(),
            password_file,
            system_type: String::new(),
            bind: Bind::Transceiver,
            validity: ValidityForm::Relative,
            sender: SenderConfig::Name("Straznica".to_owned()),
            window: WINDOW.try_into().unwrap(),
            parts_per_second: 1_000_000.try_into().unwrap(),
            weight: 1.try_into().unwrap(),
            answer_seconds: 30,
        };
        let delivered = Arc::new(Delivered::default());
        let recorder = Recorder::start(store.clone(), clock.clone(), delivered.clone(), Duration::from_secs(2));
        let operators = Operators::start(&[operator], Environment::Test, &clock, &recorder).unwrap().unwrap();
        let config = SpoolConfig { look_ms: 20, ..SpoolConfig::default() };
        let spool = Spool::new(store.clone(), clock, operators.clone(), recorder, config);
        Self { store, spool, operators, delivered, _folder: folder }
    }

    /// From a backlog that lies in the outbox until the last receipt is on record.
    async fn round(&self) -> Duration {
        let now = SystemClock.now();
        let (transaction, expires_at) = (TransactionId::generate_at(now), now + Duration::from_secs(3_600));
        let backlog: Vec<Pending> = (0..u32::try_from(MESSAGES).unwrap())
            .map(|sequence| Pending {
                id: MessageId::generate_at(now),
                transaction,
                sequence,
                class: Class::Bulk,
                expires_at,
            })
            .collect();
        self.spool.enqueue(&backlog).await.unwrap();
        let until = self.delivered.0.load(Ordering::Relaxed) + MESSAGES;
        let (stop, spool) = (CancellationToken::new(), self.spool.clone());
        let begun = Instant::now();
        let pumping = tokio::spawn({
            let (stop, texts) = (stop.clone(), Arc::new(OneText) as Arc<dyn Texts>);
            async move { spool.pump(&texts, &stop).await }
        });
        while self.delivered.0.load(Ordering::Relaxed) < until {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        let taken = begun.elapsed();
        stop.cancel();
        pumping.await.unwrap().unwrap();
        taken
    }

    /// Ends it, and looks whether everything is on record.
    async fn close(self, messages: usize) {
        self.operators.stop().await;
        self.spool.close().await;
        let written = self.operators.states().iter().map(|state| state.counters.written).sum::<u64>();
        assert_eq!(written, u64::try_from(messages).unwrap(), "each was written once");
        let reader = self.store.reader();
        for (table, state) in [("outbox", "delivered"), ("message_part", "delivered")] {
            let sql = format!("SELECT COUNT(*) FROM {table} WHERE state = '{state}'");
            let row = reader.query_one_raw(Statement::from_string(reader.get_database_backend(), sql)).await.unwrap();
            let count: i64 = row.unwrap().try_get_by_index(0).unwrap();
            assert_eq!(usize::try_from(count).unwrap(), messages, "{table}");
        }
    }
}

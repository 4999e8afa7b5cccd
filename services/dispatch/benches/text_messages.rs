//! Text messages a second through the spool, on each database, against the ceiling of the same message centre (npm `smpp`): bulk messages that lie in the outbox
//! are claimed and marked, submitted over SMPP, their ids and receipts are put on record, and each receipt is answered for after its commit. The ceiling is a
//! bare pump of the codec that stores nothing.
//!
//! Prints `ratio text_messages_<engine> <value>`: the share of the ceiling that the spool reaches. The aim is at least 0.80. Rounds of both sides alternate
//! and the median counts. `ratio text_messages_<engine>_beside_kannel <value>` is how many times as many it does as Kannel with its spool on disk, from a backlog to the
//! last receipt as well, beside the same message centre; the aim is more than 1. Without Kannel (Debian's `kannel`) that part is left out, and said. Afterwards every message is delivered on record, and the link has written each once. `STRAZNICA_TEST_POSTGRES_URL` names the
//! PostgreSQL server.
//!
//! `ratio code_behind_backlog_<engine> <value>` is how long a code waits from its order (its commit and the claim's included) until it is written to the link, while
//! 100,000 bulk messages lie in the outbox of a link of 200 parts a second: the 99th percentile, in slots of 5 ms. The aim is at most 1. What of it the link's
//! own queue takes is printed beside; what is left is commits. It goes by way of the outbox, the slower of the two ways codes have: one there is room for goes with
//! its order, and waits in the link's queue alone. Arguments that begin with `code` run this part alone.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark ends at the first surprise and reports on standard output"
)]

mod kannel;
#[path = "../../../crates/sms/benches/pump/mod.rs"]
mod pump;

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use identifiers::PhoneNumber;
use sea_orm::{ConnectionTrait as _, DatabaseTransaction, Statement};
use serde_json::json;
use sms::life::State;
use straznica_dispatch::domain::{MessageId, TransactionId};
use straznica_dispatch::spool::{MessageState, Moved, Pending, Recorder, Reporter, Spool, SpoolConfig, Step, Texts};
use straznica_dispatch::{
    Bind, Channel, Class, DispatchError, Message, Migrations, OperatorConfig, Operators, Outcome, SenderConfig,
    ValidityForm,
};
use straznica_store::testing::TestDatabase;
use straznica_store::{Engine, Isolation, Store, StoreError};
use straznica_testkit::MessageCentre;
use straznica_types::{Clock as _, Environment, Secret, SystemClock};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use pump::{TEXT, pump};

const WINDOW: u16 = 400;
const MESSAGES: usize = 20_000;
const ROUNDS: usize = 5;

/// Of the part with codes: messages that wait, the link's parts a second and its window, codes.
const BACKLOG: usize = 100_000;
const RATE: u32 = 200;
const NARROW: u16 = 10;
const CODES: u32 = 200;

fn main() {
    // One for each side: a message centre gives receipts to whoever is bound.
    let start = || MessageCentre::start(&json!({ "quiet": true }));
    let (Some(bare), Some(centre)) = (start(), start()) else { return };
    let runtime = || tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    if !std::env::args().skip(1).any(|argument| argument.starts_with("code")) {
        runtime().block_on(Box::pin(run(&bare, &centre)));
    }
    let Some(slow) = start() else { return };
    runtime().block_on(Box::pin(codes_behind_a_backlog(&slow)));
}

async fn run(bare: &MessageCentre, centre: &MessageCentre) {
    let kannel = kannel::installed();
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let Some(database) = TestDatabase::fresh::<Migrations>(engine).await else { continue };
        let house = House::open(&database, centre.port(), WINDOW, 1_000_000);
        let (mut ceilings, mut rates, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
        let (mut kannels, mut beside) = (Vec::new(), Vec::new());
        // The first round of each only warms up.
        for round in 0..=ROUNDS {
            let ceiling = rate(pump(bare.port(), MESSAGES, WINDOW).await.unwrap());
            let spool = rate(house.round().await);
            let peer = kannel.as_ref().map(|kannel| rate(kannel.round(MESSAGES, WINDOW, TEXT)));
            if round == 0 {
                settle(database.store()).await;
            } else {
                ceilings.push(ceiling);
                rates.push(spool);
                ratios.push(spool / ceiling);
                kannels.extend(peer);
                beside.extend(peer.map(|peer| spool / peer));
            }
        }
        house.close(MESSAGES * (ROUNDS + 1)).await;
        println!(
            "  {engine:?}: codec pump {:.0} messages/s, spool {:.0} messages/s (medians of {ROUNDS} rounds of {MESSAGES})",
            median(&mut ceilings),
            median(&mut rates)
        );
        let engine = format!("{engine:?}").to_lowercase();
        println!("ratio text_messages_{engine} {:.3}", median(&mut ratios));
        if kannel.is_some() {
            println!("  Kannel {:.0} messages/s", median(&mut kannels));
            println!("ratio text_messages_{engine}_beside_kannel {:.3}", median(&mut beside));
        }
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

/// Codes, one at a time and at every phase of a slot, while bulk waits.
async fn codes_behind_a_backlog(centre: &MessageCentre) {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let Some(database) = TestDatabase::fresh::<Migrations>(engine).await else { continue };
        let house = House::open(&database, centre.port(), NARROW, RATE);
        house.spool.enqueue(&messages(Class::Bulk, BACKLOG)).await.unwrap();
        let stop = CancellationToken::new();
        let pumping = house.pump(&stop);
        while house.operators.states()[0].counters.written < u64::from(RATE) {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        for code in 0..CODES {
            let ordered = messages(Class::Code, 1);
            house.timed.ordered.lock().unwrap().insert(ordered[0].id, Instant::now());
            house.spool.enqueue(&ordered).await.unwrap();
            tokio::time::sleep(Duration::from_micros(40_000 + u64::from(code) * 37)).await;
        }
        while house.timed.waits.lock().unwrap().len() < usize::try_from(CODES).unwrap() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        stop.cancel();
        house.operators.stop().await;
        house.spool.close().await;
        pumping.await.unwrap().unwrap();
        let (mut all, mut link): (Vec<Duration>, Vec<Duration>) =
            house.timed.waits.lock().unwrap().iter().copied().unzip();
        let left = BACKLOG + usize::try_from(CODES).unwrap()
            - usize::try_from(house.operators.states()[0].counters.written).unwrap();
        let mut at = |percent| (percentile(&mut all, percent), percentile(&mut link, percent));
        let ((half, half_link), (most, most_link)) = (at(50), at(99));
        println!(
            "  {engine:?}: a code waits {half:.2?} (median) and {most:.2?} (p99) behind {left} messages; in the link's queue {half_link:.2?} and {most_link:.2?}"
        );
        let slots = most.as_secs_f64() * f64::from(RATE);
        println!("ratio code_behind_backlog_{} {slots:.3}", format!("{engine:?}").to_lowercase());
    }
}

fn percentile(waits: &mut [Duration], percent: usize) -> Duration {
    waits.sort_unstable();
    waits[(waits.len() * percent / 100).min(waits.len() - 1)]
}

/// Messages of a class, ordered now.
fn messages(class: Class, count: usize) -> Vec<Pending> {
    let now = SystemClock.now();
    let (transaction, expires_at) = (TransactionId::generate_at(now), now + Duration::from_secs(3_600));
    let message = |sequence| Pending { id: MessageId::generate_at(now), transaction, sequence, class, expires_at };
    (0..u32::try_from(count).unwrap()).map(message).collect()
}

/// The links, with a watch beside: when a code was ordered, and how long until it was written.
struct Timed {
    operators: Arc<Operators>,
    ordered: Mutex<HashMap<MessageId, Instant>>,
    /// From order to wire, and what of it was in the link's queue.
    waits: Mutex<Vec<(Duration, Duration)>>,
}

#[async_trait]
impl Channel for Timed {
    fn name(&self) -> &'static str {
        self.operators.name()
    }

    async fn submit(&self, message: Message) -> Outcome {
        let ordered = self.ordered.lock().unwrap().remove(&message.id);
        let claimed = Instant::now();
        let outcome = self.operators.submit(message).await;
        if let (Some(ordered), Some(waited)) = (ordered, outcome.waited) {
            self.waits.lock().unwrap().push((claimed - ordered + waited, waited));
        }
        outcome
    }

    fn room(&self) -> usize {
        self.operators.room()
    }

    fn gives_receipts(&self) -> bool {
        self.operators.gives_receipts()
    }
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
    timed: Arc<Timed>,
    delivered: Arc<Delivered>,
    _folder: tempfile::TempDir,
}

impl House {
    fn open(database: &TestDatabase, port: u16, window: u16, parts_per_second: u32) -> Self {
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
            window: window.try_into().unwrap(),
            parts_per_second: parts_per_second.try_into().unwrap(),
            weight: 1.try_into().unwrap(),
            answer_seconds: 30,
        };
        let delivered = Arc::new(Delivered::default());
        let recorder = Recorder::start(store.clone(), clock.clone(), delivered.clone(), Duration::from_secs(2));
        let operators = Operators::start(&[operator], Environment::Test, &clock, &recorder).unwrap().unwrap();
        let config = SpoolConfig { look_ms: 20, ..SpoolConfig::default() };
        let timed =
            Arc::new(Timed { operators: operators.clone(), ordered: Mutex::default(), waits: Mutex::default() });
        let spool = Spool::new(store.clone(), clock, timed.clone(), recorder, config);
        Self { store, spool, operators, timed, delivered, _folder: folder }
    }

    /// From a backlog that lies in the outbox until the last receipt is on record.
    async fn round(&self) -> Duration {
        self.spool.enqueue(&messages(Class::Bulk, MESSAGES)).await.unwrap();
        let until = self.delivered.0.load(Ordering::Relaxed) + MESSAGES;
        let stop = CancellationToken::new();
        let begun = Instant::now();
        let pumping = self.pump(&stop);
        while self.delivered.0.load(Ordering::Relaxed) < until {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        let taken = begun.elapsed();
        stop.cancel();
        pumping.await.unwrap().unwrap();
        taken
    }

    /// Hands over until it is told to stop.
    fn pump(&self, stop: &CancellationToken) -> JoinHandle<Result<(), DispatchError>> {
        let (stop, spool, texts) = (stop.clone(), self.spool.clone(), Arc::new(OneText) as Arc<dyn Texts>);
        tokio::spawn(async move { spool.pump(&texts, &stop).await })
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

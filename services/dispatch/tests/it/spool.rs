//! The spool by itself: messages in bulk, of several parts, and codes among them.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use identifiers::PhoneNumber;
use sea_orm::{ConnectionTrait, DatabaseTransaction, Statement};
use serde_json::json;
use straznica_dispatch::domain::{MessageId, TransactionId};
use straznica_dispatch::spool::{Moved, Pending, Recorder, Reporter, Spool, SpoolConfig, Step, Texts};
use straznica_dispatch::{Class, DispatchError, Message, Migrations, OperatorConfig, Operators};
use straznica_store::on_both_engines;
use straznica_store::testing::TestDatabase;
use straznica_testkit::MessageCentre;
use straznica_types::{Clock as _, Environment, Secret, SystemClock};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::operators::operator;

/// Texts by message.
#[derive(Default)]
struct Notices(Mutex<HashMap<MessageId, String>>);

#[async_trait]
impl Texts for Notices {
    async fn steps(&self, claimed: &[Pending]) -> Vec<Step> {
        let texts = self.0.lock().unwrap();
        let message = |pending: &Pending| Message {
            id: pending.id,
            to: PhoneNumber::parse("+48600100200").unwrap(),
            text: Secret::new(texts[&pending.id].clone()),
            class: pending.class,
            valid_until: pending.expires_at,
        };
        claimed.iter().map(|pending| Step::HandOver(message(pending))).collect()
    }
}

struct Silent;

#[async_trait]
impl Reporter for Silent {
    async fn moved(&self, _tx: &DatabaseTransaction, _moved: &[Moved]) -> Result<(), DispatchError> {
        Ok(())
    }
}

struct House {
    database: TestDatabase,
    spool: Spool,
    operators: Arc<Operators>,
    notices: Arc<Notices>,
    pumping: JoinHandle<Result<(), DispatchError>>,
    stop: CancellationToken,
    _folder: tempfile::TempDir,
}

impl House {
    fn open(
        database: TestDatabase,
        centre: &MessageCentre,
        change: impl FnOnce(OperatorConfig) -> OperatorConfig,
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let configured = change(operator(Path::new(folder.path()), "operator-a", centre));
        let (store, clock) = (database.store().clone(), SystemClock::shared());
        let recorder = Recorder::start(store.clone(), clock.clone(), Arc::new(Silent), Duration::from_millis(50));
        let operators = Operators::start(&[configured], Environment::Test, &clock, &recorder).unwrap().unwrap();
        let config = SpoolConfig { look_ms: 20, ..SpoolConfig::default() };
        let spool = Spool::new(store, clock, operators.clone(), recorder, config);
        let (notices, stop) = (Arc::new(Notices::default()), CancellationToken::new());
        let pumping = tokio::spawn({
            let (spool, texts, stop) = (spool.clone(), notices.clone() as Arc<dyn Texts>, stop.clone());
            async move { spool.pump(&texts, &stop).await }
        });
        Self { database, spool, operators, notices, pumping, stop, _folder: folder }
    }

    async fn queue(&self, class: Class, texts: impl IntoIterator<Item = String>) -> Vec<Pending> {
        let now = SystemClock.now();
        let transaction = TransactionId::generate_at(now);
        let mut messages = Vec::new();
        for (sequence, text) in (0..).zip(texts) {
            let id = MessageId::generate_at(now);
            self.notices.0.lock().unwrap().insert(id, text);
            messages.push(Pending { id, transaction, sequence, class, expires_at: now + Duration::from_secs(600) });
        }
        self.spool.enqueue(&messages).await.unwrap();
        messages
    }

    /// States of all messages, in the order they were queued.
    async fn states(&self) -> Vec<String> {
        self.column("SELECT state FROM outbox ORDER BY sequence").await
    }

    async fn column(&self, sql: &str) -> Vec<String> {
        let reader = self.database.store().reader();
        let rows = reader.query_all_raw(Statement::from_string(reader.get_database_backend(), sql)).await.unwrap();
        rows.iter().map(|row| row.try_get_by_index(0).unwrap()).collect()
    }

    async fn states_become(&self, expected: &[&str]) {
        let mut found = Vec::new();
        for _ in 0..3_000 {
            found = self.states().await;
            if found == expected {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let differing: Vec<_> = (0..).zip(found.iter().zip(expected)).filter(|(_, (a, b))| a != b).collect();
        let parked = self.column("SELECT reference || ' ' || state FROM parked_receipt").await;
        let parts = self.column("SELECT reference || ' ' || state FROM message_part WHERE state <> 'delivered'").await;
        panic!("{differing:?}; parked {parked:?}, parts {parts:?}");
    }

    async fn close(self) {
        self.stop.cancel();
        self.pumping.await.unwrap().unwrap();
        self.operators.stop().await;
        self.spool.close().await;
    }
}

/// A text whose parts begin with these words.
fn of_parts(words: &[&str]) -> String {
    let (last, first) = words.split_last().unwrap();
    let first: String = first.iter().map(|word| format!("{word:<153}")).collect();
    format!("{first}{last} {}", ".".repeat(20))
}

on_both_engines! {
    Migrations;

    async fn a_message_is_no_better_than_its_worst_part_and_no_part_goes_out_twice(database: TestDatabase) {
        let Some(centre) = MessageCentre::start(&json!({})) else { return };
        let house = House::open(database, &centre, |configured| configured);
        let notices = [
            (["plain", "late"], "delivered"),
            (["hexdec", "dechex"], "delivered"),
            (["plain", "undeliv"], "failed_permanent"),
            (["early", "nobody"], "failed_permanent"),
            // The first part is taken, so the message does not go again though the second was refused for the moment only.
            (["plain", "sick"], "failed_temporary"),
            (["plain", "lost"], "unknown"),
            (["plain", "silent"], "accepted"),
        ];
        house.queue(Class::Bulk, notices.iter().map(|(words, _)| of_parts(words))).await;
        house.states_become(&notices.map(|(_, state)| state)).await;
        assert_eq!(centre.told("submit").len(), 2 * notices.len());
        house.close().await;
    }

    async fn a_code_goes_before_whatever_waits_in_bulk(database: TestDatabase) {
        let Some(centre) = MessageCentre::start(&json!({})) else { return };
        let slow = |configured| OperatorConfig { parts_per_second: 50.try_into().unwrap(), window: 10.try_into().unwrap(), ..configured };
        let house = House::open(database, &centre, slow);
        house.queue(Class::Bulk, (0..600).map(|number| format!("plain {number}"))).await;
        while centre.told("submit").len() < 30 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        house.queue(Class::Code, ["code".to_owned()]).await;
        let place = loop {
            let told = centre.told("submit");
            if let Some(place) = told.iter().position(|told| told["text"] == "code") {
                break place;
            }
            assert!(told.len() < 600, "the code came after all others");
            tokio::time::sleep(Duration::from_millis(5)).await;
        };
        // Six seconds of bulk may have passed on a busy machine; eleven were waiting.
        assert!((30..330).contains(&place), "{place}");
        house.close().await;
    }

    async fn what_was_stopped_in_the_middle_goes_on_afterwards_and_each_text_goes_out_once(database: TestDatabase) {
        let Some(centre) = MessageCentre::start(&json!({ "throttleEvery": 37 })) else { return };
        let house = House::open(database, &centre, |configured| configured);
        house.queue(Class::Bulk, (0..400).map(|number| format!("plain {number}"))).await;
        while centre.told("submit").len() < 100 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        house.stop.cancel();
        house.operators.stop().await;
        house.spool.close().await;
        let House { database, notices, pumping, .. } = house;
        pumping.await.unwrap().unwrap();
        let again = House::open(database, &centre, |configured| configured);
        *again.notices.0.lock().unwrap() = std::mem::take(&mut *notices.0.lock().unwrap());
        again.spool.wake();
        again.states_become(&["delivered"; 400]).await;
        let throttled = centre.told("throttled").len();
        let seen = centre.submissions();
        assert_eq!((seen.len(), seen.values().sum::<usize>()), (400, 400 + throttled));
        again.close().await;
    }
}

//! What the tests share: a journal with keys of its own in a fresh database.

use std::sync::Arc;
use std::time::Duration;

use sea_orm::{ConnectionTrait, Statement};
use sea_orm_migration::{MigrationTrait, MigratorTrait};
use straznica_contracts::journal::v1::TailResponse;
use straznica_journal::verify::{Options, Report, verify_database};
use straznica_journal::{Context, Entry, Journal, JournalConfig, JournalError, Sequenced};
use straznica_store::testing::TestDatabase;
use straznica_store::{Store, StoreError};
use straznica_types::{ManualClock, SharedClock, Timestamp};
use tempfile::TempDir;

pub(crate) struct Migrations;

impl MigratorTrait for Migrations {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        straznica_journal::migrations()
    }
}

pub(crate) const ORIGIN: &str = "spoc.test.example/journal";

/// A journal, its clock, its keys and its database.
pub(crate) struct House {
    pub(crate) journal: Journal,
    pub(crate) clock: ManualClock,
    pub(crate) keys: TempDir,
    pub(crate) database: TestDatabase,
    pub(crate) config: JournalConfig,
}

impl House {
    pub(crate) async fn open(database: TestDatabase) -> Self {
        Self::open_as(database, ORIGIN).await
    }

    pub(crate) async fn open_as(database: TestDatabase, origin: &str) -> Self {
        let keys = tempfile::tempdir().unwrap();
        let clock = ManualClock::starting_at(Timestamp::from_millis(1_790_000_000_000));
        let config = JournalConfig::embedded(origin, keys.path());
        let journal = Journal::open(database.store().clone(), &config, shared(&clock)).await.unwrap();
        Self { journal, clock, keys, database, config }
    }

    /// The same journal once more: another replica, or after a restart.
    pub(crate) async fn another_replica(&self) -> Journal {
        let store = Store::connect(self.database.config(), shared(&self.clock)).await.unwrap();
        Journal::open(store, &self.config, shared(&self.clock)).await.unwrap()
    }

    pub(crate) fn store(&self) -> &Store {
        self.database.store()
    }

    /// Writes `count` entries, each in its transaction.
    pub(crate) async fn write(&self, count: usize) {
        for number in 0..count {
            self.clock.advance(Duration::from_millis(1));
            let entry = entry(&self.journal, number);
            record(&self.journal, self.store(), entry).await;
        }
    }

    pub(crate) async fn sequence_all(&self) {
        while self.journal.sequence().await.unwrap() != Sequenced::Idle {}
    }

    /// `count` entries in the tree, in two batches at least.
    pub(crate) async fn fill(&self, count: usize) {
        self.write(count / 2).await;
        self.sequence_all().await;
        self.write(count - count / 2).await;
        self.sequence_all().await;
    }

    pub(crate) async fn verify(&self) -> Report {
        self.verify_with(&Options::default()).await
    }

    pub(crate) async fn verify_with(&self, options: &Options) -> Report {
        let log_key = Some(self.config.verifier_key().unwrap());
        verify_database(self.store(), &Options { log_key, ..options.clone() }).await.unwrap()
    }

    /// The database as it was when the tree had so many entries, up to 256, and so many of them events: what a backup of then brings back.
    pub(crate) async fn set_back_to(&self, entries: u64, events: u64) {
        let later = format!("entry_id IN (SELECT entry_id FROM journal WHERE leaf_index >= {entries})");
        for sql in [
            format!("DELETE FROM event WHERE {later}"),
            format!("DELETE FROM journal_payload WHERE {later}"),
            format!("DELETE FROM journal WHERE leaf_index >= {entries}"),
            format!("DELETE FROM journal_checkpoint WHERE size > {entries}"),
            format!("UPDATE journal_tile SET hashes = substr(hashes, 1, {})", entries * 32),
            format!("UPDATE journal_lease SET tree_size = {entries}, event_position = {events}"),
        ] {
            assert!(self.tamper(&sql).await > 0, "{sql}");
        }
    }

    /// Changes the database behind the journal's back.
    pub(crate) async fn tamper(&self, sql: &str) -> u64 {
        let sql = sql.to_owned();
        self.store()
            .write_tx(async |transaction| {
                let statement = Statement::from_string(transaction.get_database_backend(), sql);
                Ok::<_, StoreError>(transaction.execute_raw(statement).await?.rows_affected())
            })
            .await
            .unwrap()
    }
}

pub(crate) fn shared(clock: &ManualClock) -> SharedClock {
    Arc::new(clock.clone())
}

pub(crate) fn context(officer: &str) -> Context {
    Context {
        actor: "service/gateway".to_owned(),
        terminal: "PL-WAW-017".to_owned(),
        officer: officer.to_owned(),
        purpose: "border_check".to_owned(),
        case_number: String::new(),
        request_id: "0199e2a0-0000-7000-8000-000000000001".to_owned(),
    }
}

/// A message for the feed; what it says does not matter here.
pub(crate) fn message(number: usize) -> TailResponse {
    TailResponse { position: number as u64, ..TailResponse::default() }
}

/// Every third entry has an event.
pub(crate) fn entry(journal: &Journal, number: usize) -> Entry {
    let entry = Entry::new("document.inspected", context("officer-1"))
        .subject(journal.pseudonym("document", &format!("number {number}")))
        .legal_basis("act, art. 1")
        .detail(serde_json::json!({ "number": number }));
    if number.is_multiple_of(3) { entry.event(&message(number)) } else { entry }
}

pub(crate) async fn record(journal: &Journal, store: &Store, entry: Entry) -> straznica_types::EntryId {
    store
        .write_tx(async |transaction| journal.record(transaction, entry).await)
        .await
        .unwrap_or_else(|failure: JournalError| panic!("{failure:?}"))
}

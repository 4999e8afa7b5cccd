//! The store on both engines.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr, Statement};
use sea_orm_migration::sea_query::Table;
use sea_orm_migration::{MigrationName, MigrationTrait, MigratorTrait, SchemaManager};
use straznica_store::testing::TestDatabase;
use straznica_store::{
    Engine, Isolation, NoMigrations, SharedWork, SharedWrites, Store, StoreConfig, StoreError, columns, migrate,
    on_both_engines,
};
use straznica_types::SystemClock;
use tokio::sync::Notify;

struct Accounts;

impl MigratorTrait for Accounts {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(CreateAccount)]
    }
}

struct CreateAccount;

impl MigrationName for CreateAccount {
    fn name(&self) -> &str {
        "account_001_create"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for CreateAccount {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("account")
                    .col(columns::text_key("name"))
                    .col(columns::counter("balance"))
                    .col(columns::text_enum("state", &["open", "closed"]))
                    .col(columns::optional(columns::bytes("digest", 4)))
                    .to_owned(),
            )
            .await
    }
}

/// A service's error type, as services write them.
#[derive(Debug, thiserror::Error)]
enum ServiceError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("refused by a rule")]
    Rule,
}

impl From<DbErr> for ServiceError {
    fn from(failure: DbErr) -> Self {
        StoreError::from(failure).into()
    }
}

async fn execute(connection: &impl ConnectionTrait, sql: &str) -> Result<u64, StoreError> {
    let statement = Statement::from_string(connection.get_database_backend(), sql);
    Ok(connection.execute_raw(statement).await?.rows_affected())
}

async fn balance(connection: &impl ConnectionTrait, name: &str) -> Result<i64, StoreError> {
    let statement = Statement::from_sql_and_values(
        connection.get_database_backend(),
        "SELECT balance FROM account WHERE name = $1",
        [name.into()],
    );
    let row = connection.query_one_raw(statement).await?.unwrap();
    Ok(row.try_get("", "balance")?)
}

async fn open_account(store: &Store, name: &str, amount: i64) -> Result<(), StoreError> {
    let sql = format!("INSERT INTO account (name, balance, state) VALUES ('{name}', {amount}, 'open')");
    store.write_tx(async |transaction| execute(transaction, &sql).await.map(|_| ())).await
}

/// Reads, then writes what depends on the reading: the shape that loses updates where isolation is too weak.
async fn deposit(transaction: &DatabaseTransaction, name: &str, amount: i64) -> Result<(), StoreError> {
    let after = balance(transaction, name).await? + amount;
    execute(transaction, &format!("UPDATE account SET balance = {after} WHERE name = '{name}'")).await?;
    Ok(())
}

/// The shape a service uses: a boxed, `Send` future out of an async trait.
#[async_trait::async_trait]
trait Teller {
    async fn deposit(&self, name: String, amount: i64) -> Result<(), ServiceError>;
}

#[async_trait::async_trait]
impl Teller for Store {
    async fn deposit(&self, name: String, amount: i64) -> Result<(), ServiceError> {
        let limit = 1_000_000;
        self.write_tx(async |transaction| {
            if amount > limit {
                return Err(ServiceError::Rule);
            }
            deposit(transaction, &name, amount).await?;
            Ok(())
        })
        .await
    }
}

on_both_engines! {
    Accounts;

    async fn a_committed_write_is_read_back_by_another_store_on_the_same_database(database: TestDatabase) {
        open_account(database.store(), "a", 7).await.unwrap();
        let second = Store::connect(database.config(), database.store().clock().clone()).await.unwrap();
        assert_eq!(balance(second.reader(), "a").await.unwrap(), 7);
    }

    async fn work_that_fails_leaves_nothing_behind(database: TestDatabase) {
        let store = database.store();
        open_account(store, "a", 7).await.unwrap();
        let outcome: Result<(), ServiceError> = store
            .write_tx(async |transaction| {
                deposit(transaction, "a", 5).await?;
                Err(ServiceError::Rule)
            })
            .await;
        assert!(matches!(outcome, Err(ServiceError::Rule)));
        assert_eq!(balance(store.reader(), "a").await.unwrap(), 7);
    }

    async fn work_dropped_half_way_leaves_nothing_behind_and_the_writer_free(database: TestDatabase) {
        let store = database.store().clone();
        open_account(&store, "a", 7).await.unwrap();
        let (started, mut seen) = tokio::sync::mpsc::channel(1);
        let dropped = {
            let store = store.clone();
            tokio::spawn(async move {
                store
                    .write_tx(async |transaction| {
                        deposit(transaction, "a", 5).await?;
                        started.send(()).await.unwrap();
                        std::future::pending::<Result<(), StoreError>>().await
                    })
                    .await
            })
        };
        seen.recv().await.unwrap();
        dropped.abort();
        assert!(dropped.await.unwrap_err().is_cancelled());
        store.write_tx(async |transaction| deposit(transaction, "a", 1).await).await.unwrap();
        assert_eq!(balance(store.reader(), "a").await.unwrap(), 8);
    }

    async fn concurrent_read_modify_writes_lose_no_update(database: TestDatabase) {
        let store = database.store();
        open_account(store, "a", 0).await.unwrap();
        let tellers: Vec<_> = (0..4)
            .map(|_| {
                let store = store.clone();
                tokio::spawn(async move {
                    for _ in 0..5 {
                        // Contention may outlast the attempts of one call; the teller asks again, as a caller would.
                        while let Err(failure) = Teller::deposit(&store, "a".to_owned(), 1).await {
                            assert!(matches!(failure, ServiceError::Store(StoreError::Contended { .. })), "{failure:?}");
                        }
                    }
                })
            })
            .collect();
        for teller in tellers {
            teller.await.unwrap();
        }
        assert_eq!(balance(store.reader(), "a").await.unwrap(), 20);
    }

    async fn write_skew_is_prevented(database: TestDatabase) {
        // Two accounts together must not fall below zero; each transaction checks both and draws from one.
        let store = database.store();
        open_account(store, "a", 50).await.unwrap();
        open_account(store, "b", 50).await.unwrap();
        // Both have read before either writes, where the engine lets two in at once.
        let both_have_read = tokio::sync::Barrier::new(2);
        let draw = async |name: &'static str| {
            store
                .write_tx(async |transaction| {
                    let together = balance(transaction, "a").await? + balance(transaction, "b").await?;
                    let _ = tokio::time::timeout(Duration::from_millis(200), both_have_read.wait()).await;
                    if together < 100 {
                        return Ok::<_, StoreError>(false);
                    }
                    deposit(transaction, name, -50).await?;
                    Ok(true)
                })
                .await
                .unwrap()
        };
        let (first, second) = tokio::join!(draw("a"), draw("b"));
        assert!(first ^ second, "exactly one may draw");
    }

    async fn a_second_row_with_the_same_key_is_a_duplicate(database: TestDatabase) {
        open_account(database.store(), "a", 1).await.unwrap();
        let outcome = open_account(database.store(), "a", 2).await;
        assert!(matches!(outcome, Err(StoreError::Duplicate(_))), "{outcome:?}");
    }

    async fn columns_hold_their_checks(database: TestDatabase) {
        let table = [
            ("('neg', -1, 'open', NULL)", false),
            ("('word', 0, 'ajar', NULL)", false),
            ("('short', 0, 'open', CAST('abc' AS BYTES))", false),
            ("('exact', 0, 'closed', CAST('abcd' AS BYTES))", true),
        ];
        let bytes = if database.store().engine() == Engine::Sqlite { "BLOB" } else { "bytea" };
        for (values, accepted) in table {
            let sql = format!("INSERT INTO account (name, balance, state, digest) VALUES {}", values.replace("BYTES", bytes));
            let outcome = database.store().write_tx(async |transaction| execute(transaction, &sql).await).await;
            assert_eq!(outcome.is_ok(), accepted, "{values}: {outcome:?}");
            if let Err(failure) = outcome {
                assert!(matches!(failure, StoreError::Refused(_)), "{values}: {failure:?}");
            }
        }
    }

    async fn a_snapshot_does_not_see_what_is_committed_meanwhile(database: TestDatabase) {
        let store = database.store();
        open_account(store, "a", 1).await.unwrap();
        let (before, after) = store
            .read_tx(async |snapshot| {
                let before = balance(snapshot, "a").await?;
                store.write_tx(async |transaction| deposit(transaction, "a", 1).await).await?;
                assert!(execute(snapshot, "DELETE FROM account").await.is_err(), "a snapshot cannot write");
                Ok::<_, StoreError>((before, balance(store.reader(), "a").await?))
            })
            .await
            .unwrap();
        assert_eq!((before, after), (1, 2));
        let seen = store
            .read_tx(async |snapshot| {
                let before = balance(snapshot, "a").await?;
                store.write_tx(async |transaction| deposit(transaction, "a", 1).await).await?;
                Ok::<_, StoreError>((before, balance(snapshot, "a").await?))
            })
            .await
            .unwrap();
        assert_eq!(seen, (2, 2));
    }

    async fn the_reader_cannot_write(database: TestDatabase) {
        let outcome = execute(database.store().reader(), "INSERT INTO account (name, balance, state) VALUES ('x', 1, 'open')").await;
        assert!(outcome.is_err());
        let outcome = execute(database.store().reader(), "DELETE FROM account").await;
        assert!(outcome.is_err());
    }

    async fn migrations_apply_once_and_a_newer_schema_does_not_stop_an_older_program(database: TestDatabase) {
        let store = database.store();
        assert_eq!(migrate::<Accounts>(store).await.unwrap(), 0);
        assert_eq!(migrate::<NoMigrations>(store).await.unwrap(), 0);
    }

    async fn a_migration_that_fails_leaves_the_schema_as_it_was(database: TestDatabase) {
        let outcome = migrate::<Broken>(database.store()).await;
        assert!(matches!(&outcome, Err(StoreError::Migration { name, .. }) if name == "broken_002"), "{outcome:?}");
        let probe = execute(database.store().reader(), "SELECT * FROM before_the_break").await;
        assert!(probe.is_err(), "the table of the migration before the broken one is gone as well");
    }

    async fn a_closed_store_is_unavailable(database: TestDatabase) {
        let store = database.store();
        store.ping().await.unwrap();
        store.close().await.unwrap();
        let outcome = store.ping().await;
        assert!(matches!(outcome, Err(StoreError::Unavailable(_))), "{outcome:?}");
    }
}

/// Opens accounts, those that wait at once in one transaction; counts how many transactions there were.
#[derive(Clone, Default)]
struct OpenAccounts {
    transactions: Arc<AtomicU32>,
    /// The account `slow` takes until this is notified.
    gate: Arc<Notify>,
}

#[async_trait::async_trait]
impl SharedWork for OpenAccounts {
    type Order = String;
    type Answer = usize;
    type Failure = ServiceError;

    async fn write(&self, tx: &DatabaseTransaction, names: &[String]) -> Result<Vec<usize>, ServiceError> {
        self.transactions.fetch_add(1, Ordering::SeqCst);
        for name in names {
            if name == "slow" {
                self.gate.notified().await;
            }
            execute(tx, &format!("INSERT INTO account (name, balance, state) VALUES ('{name}', 0, 'open')")).await?;
        }
        Ok(vec![names.len(); names.len()])
    }
}

/// All at once: they are polled one after the other before the writer has its first turn.
async fn at_once(writes: &SharedWrites<OpenAccounts>, names: &[&str]) -> Vec<Result<usize, ServiceError>> {
    futures::future::join_all(names.iter().map(|name| writes.write((*name).to_owned()))).await
}

on_both_engines! {
    Accounts;

    async fn orders_that_wait_at_once_share_a_transaction_and_of_who_has_gone_nothing_is_written(database: TestDatabase) {
        let (store, work) = (database.store().clone(), OpenAccounts::default());
        let writes = Arc::new(SharedWrites::start(store.clone(), Isolation::ReadCommitted, work.clone()));
        let slow = tokio::spawn({ let writes = writes.clone(); async move { writes.write("slow".to_owned()).await } });
        while work.transactions.load(Ordering::SeqCst) == 0 {
            tokio::task::yield_now().await;
        }
        // The writer is busy; these wait.
        let mut gone = Box::pin(writes.write("gone".to_owned()));
        assert!(futures::poll!(gone.as_mut()).is_pending());
        let others = at_once(&writes, &["a", "b", "c"]);
        let mut others = Box::pin(others);
        assert!(futures::poll!(others.as_mut()).is_pending());
        drop(gone);
        work.gate.notify_one();
        assert_eq!(slow.await.unwrap().unwrap(), 1);
        let shared: Vec<usize> = others.await.into_iter().map(Result::unwrap).collect();
        assert_eq!((shared, work.transactions.load(Ordering::SeqCst)), (vec![3, 3, 3], 2));
        assert_eq!(balance(store.reader(), "c").await.unwrap(), 0);
        assert!(open_account(&store, "gone", 0).await.is_ok(), "nobody has opened it");
    }

    async fn an_order_that_fails_spoils_nobody_elses(database: TestDatabase) {
        let store = database.store().clone();
        open_account(&store, "taken", 5).await.unwrap();
        let writes = SharedWrites::start(store.clone(), Isolation::ReadCommitted, OpenAccounts::default());
        let outcomes = at_once(&writes, &["a", "taken", "b"]).await;
        let fine: Vec<bool> = outcomes.iter().map(Result::is_ok).collect();
        assert_eq!(fine, [true, false, true], "{outcomes:?}");
        assert!(matches!(outcomes[1], Err(ServiceError::Store(StoreError::Duplicate(_)))), "{outcomes:?}");
        assert_eq!(balance(store.reader(), "taken").await.unwrap(), 5);
        assert_eq!(balance(store.reader(), "b").await.unwrap(), 0);
    }

    async fn nobody_waits_one_after_the_other_for_a_database_that_is_gone(database: TestDatabase) {
        let (store, work) = (database.store().clone(), OpenAccounts::default());
        let writes = SharedWrites::start(store.clone(), Isolation::ReadCommitted, work.clone());
        store.close().await.unwrap();
        for outcome in at_once(&writes, &["a", "b", "c"]).await {
            let gone = matches!(outcome, Err(ServiceError::Store(StoreError::Unavailable(_) | StoreError::NotShared)));
            assert!(gone, "{outcome:?}");
        }
        assert_eq!(work.transactions.load(Ordering::SeqCst), 0);
    }
}

on_both_engines! {
    NoMigrations;

    async fn two_nodes_starting_at_once_migrate_once(database: TestDatabase) {
        let second = Store::connect(database.config(), database.store().clock().clone()).await.unwrap();
        let (one, other) = tokio::join!(migrate::<Accounts>(database.store()), migrate::<Accounts>(&second));
        assert_eq!(one.unwrap() + other.unwrap(), 1);
    }
}

struct Broken;

impl MigratorTrait for Broken {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(BeforeTheBreak), Box::new(TheBreak)]
    }
}

struct BeforeTheBreak;

impl MigrationName for BeforeTheBreak {
    fn name(&self) -> &str {
        "broken_001"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for BeforeTheBreak {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(Table::create().table("before_the_break").col(columns::text_key("a")).to_owned()).await
    }
}

struct TheBreak;

impl MigrationName for TheBreak {
    fn name(&self) -> &str {
        "broken_002"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for TheBreak {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared("CREATE NONSENSE").await.map(|_| ())
    }
}

#[tokio::test]
async fn a_serialisation_failure_is_retried_and_given_up_after_ten_attempts() {
    let Some(database) = TestDatabase::fresh::<Accounts>(Engine::Postgres).await else { return };
    let raise = "DO $$ BEGIN RAISE EXCEPTION 'collided' USING ERRCODE = '40001'; END $$";
    for (failures, expected_runs, succeeds) in [(3, 4, true), (u32::MAX, 10, false)] {
        let runs = AtomicU32::new(0);
        let outcome: Result<(), ServiceError> = database
            .store()
            .write_tx(async |transaction| {
                if runs.fetch_add(1, Ordering::SeqCst) < failures {
                    execute(transaction, raise).await?;
                }
                Ok(())
            })
            .await;
        assert_eq!(runs.load(Ordering::SeqCst), expected_runs);
        assert_eq!(outcome.is_ok(), succeeds, "{outcome:?}");
        if let Err(failure) = outcome {
            assert!(matches!(failure, ServiceError::Store(StoreError::Contended { attempts: 10 })), "{failure:?}");
        }
    }
}

#[tokio::test]
async fn a_sqlite_file_may_have_any_name() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("odd? name #1 100%25.db");
    let clock = std::sync::Arc::new(straznica_types::SystemClock);
    let store = Store::connect(&StoreConfig::sqlite_file(&path), clock).await.unwrap();
    store.ping().await.unwrap();
    assert!(path.exists());
}

#[test]
fn urls_that_cannot_be_used_are_refused_without_being_repeated() {
    for url in ["mysql://u:pass@h/d", "sqlite::memory:", "sqlite://x?mode=memory", ""] {
        let failure = StoreConfig::new(url).engine().unwrap_err();
        assert!(!failure.to_string().contains("pass"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_closed_sqlite_store_leaves_one_file() {
    let folder = tempfile::tempdir().unwrap();
    for round in 0..20 {
        let file = folder.path().join(format!("{round}.db"));
        let mut config = StoreConfig::sqlite_file(&file);
        config.max_connections = 8;
        let store = Store::connect(&config, Arc::new(SystemClock)).await.unwrap();
        migrate::<Accounts>(&store).await.unwrap();
        // Every reader is open when the end comes: each waits for the others.
        let all = tokio::sync::Barrier::new(8);
        let readers = (0..8).map(|_| {
            store.read_tx(async |_| {
                all.wait().await;
                Ok::<_, StoreError>(())
            })
        });
        futures::future::try_join_all(readers).await.unwrap();
        store.close().await.unwrap();
        let log = folder.path().join(format!("{round}.db-wal"));
        assert!(!log.exists(), "round {round}");
    }
}

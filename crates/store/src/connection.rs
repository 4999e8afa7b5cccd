//! Opening a database: one pool that may write, one that the engine itself keeps from writing.

use std::sync::Arc;
use std::time::Duration;

use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection};
use straznica_types::SharedClock;
use tokio::sync::Mutex;

use crate::{ConfigError, Engine, StoreConfig, StoreError};

/// How long SQLite waits for another process's lock before it gives up.
const SQLITE_BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// A connection to PostgreSQL that nobody used for this long is asked whether it lives before it is given out. One that was used just now would most
/// likely say yes, and asking costs a round trip, as much as a small read: should it be gone, its user hears so as if it had gone a moment later.
const ASKED_AFTER: Duration = Duration::from_secs(1);

/// Prepared statements a connection remembers. One that writes several rows is another one for each number of them.
const STATEMENTS: usize = 1_000;

/// An open database. Cheap to clone; all clones share the same connections.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    config: StoreConfig,
    engine: Engine,
    writer: DatabaseConnection,
    reader: DatabaseConnection,
    clock: SharedClock,
    /// None once it is closed.
    lanes: Mutex<Option<Vec<DatabaseConnection>>>,
}

impl Store {
    /// Opens the database, making the file when it is SQLite and absent.
    ///
    /// # Errors
    /// [`StoreError::Configuration`] when the configuration cannot be used, [`StoreError::Unavailable`] when the database does not answer.
    pub async fn connect(config: &StoreConfig, clock: SharedClock) -> Result<Self, StoreError> {
        let engine = config.engine()?;
        if config.max_connections == 0 {
            return Err(ConfigError::NoConnections.into());
        }
        // The writer first: it makes the file and sets the journal mode that the readers then find.
        let writer = Database::connect(options(config, engine, Access::Write)).await?;
        let reader = Database::connect(options(config, engine, Access::Read)).await?;
        let lanes = Mutex::new(Some(Vec::new()));
        Ok(Self { inner: Arc::new(Inner { config: config.clone(), engine, writer, reader, clock, lanes }) })
    }

    /// For reading outside a transaction. The engine refuses writes on these connections.
    pub fn reader(&self) -> &DatabaseConnection {
        &self.inner.reader
    }

    /// Which engine this is; needed only where SQL has to differ.
    pub fn engine(&self) -> Engine {
        self.inner.engine
    }

    /// The clock the store was opened with.
    pub fn clock(&self) -> &SharedClock {
        &self.inner.clock
    }

    /// Whether the database answers: what a readiness probe asks.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when it does not.
    pub async fn ping(&self) -> Result<(), StoreError> {
        self.inner.reader.execute_unprepared("SELECT 1").await?;
        Ok(())
    }

    /// Closes every connection, after those in use have come back, one by one: SQLite's write-ahead log is put into the database by the last of
    /// them, and by none where two close at the same moment, each seeing the other.
    ///
    /// # Errors
    /// When the driver reports that closing failed.
    pub async fn close(&self) -> Result<(), StoreError> {
        self.inner.reader.close_by_ref().await?;
        for lane in self.inner.lanes.lock().await.take().into_iter().flatten() {
            lane.close().await?;
        }
        self.inner.writer.close_by_ref().await?;
        Ok(())
    }

    pub(crate) fn writer(&self) -> &DatabaseConnection {
        &self.inner.writer
    }

    /// A connection for one task that writes all day, closed with the others. On PostgreSQL one of its own: a server prepares statements for each
    /// connection, and one that writes several rows is another one for each number of them, so what goes round many connections is hardly ever prepared.
    /// On SQLite the one writer.
    pub(crate) async fn lane(&self) -> Result<DatabaseConnection, StoreError> {
        let Inner { config, engine, lanes, .. } = &*self.inner;
        if *engine == Engine::Sqlite {
            return Ok(self.inner.writer.clone());
        }
        let mut lanes = lanes.lock().await;
        let lanes = lanes.as_mut().ok_or(StoreError::NotShared)?;
        let mut options = options(config, *engine, Access::Write);
        options.max_connections(1).min_connections(0).connect_lazy(true);
        let lane = Database::connect(options).await?;
        lanes.push(lane.clone());
        Ok(lane)
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Access {
    Read,
    Write,
}

fn options(config: &StoreConfig, engine: Engine, access: Access) -> ConnectOptions {
    let mut options = ConnectOptions::new(config.url.expose().as_str());
    options
        .sqlx_logging(false)
        .record_stmt_in_spans(false)
        .acquire_timeout(Duration::from_millis(config.acquire_timeout_ms))
        .max_connections(config.max_connections);
    match engine {
        Engine::Sqlite => {
            if access == Access::Write {
                options.max_connections(1);
            }
            // A connection to a file neither dies nor ages, and is not asked whether it lives.
            options.test_before_acquire(false);
            options.min_connections(1).idle_timeout(None::<Duration>).max_lifetime(None::<Duration>);
            options.map_sqlx_sqlite_opts(move |sqlite| sqlite_options(sqlite, access));
        }
        Engine::Postgres => {
            options.test_before_acquire_if_idle_for(ASKED_AFTER);
            let read_only = if access == Access::Read { "on" } else { "off" };
            options.map_sqlx_postgres_opts(move |postgres| {
                postgres
                    .application_name("straznica")
                    .statement_cache_capacity(STATEMENTS)
                    // What a transaction sees where nothing else is asked for, whatever the server's configuration says.
                    .options([
                        ("default_transaction_read_only", read_only),
                        ("default_transaction_isolation", "read committed"),
                        // No disk has to be turned to where the next page lies; with the server's default of 4, tables that are still small are read from end
                        // to end, and plans made then are kept while they grow.
                        ("random_page_cost", "1.1"),
                    ])
            });
        }
    }
    options
}

fn sqlite_options(options: SqliteConnectOptions, access: Access) -> SqliteConnectOptions {
    let options = options
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(SQLITE_BUSY_TIMEOUT)
        .statement_cache_capacity(STATEMENTS)
        // What is erased is overwritten, not only unlinked.
        .pragma("secure_delete", "ON");
    match access {
        Access::Write => options,
        Access::Read => options.pragma("query_only", "ON"),
    }
}

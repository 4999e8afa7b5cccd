//! Opening a database: one pool that may write, one that the engine itself keeps from writing.

use std::sync::Arc;
use std::time::Duration;

use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection};
use straznica_types::SharedClock;

use crate::{ConfigError, Engine, StoreConfig, StoreError};

/// How long SQLite waits for another process's lock before it gives up.
const SQLITE_BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Prepared statements a connection remembers. One that writes several rows is another one for each number of them.
const STATEMENTS: usize = 1_000;

/// An open database. Cheap to clone; all clones share the same connections.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    engine: Engine,
    writer: DatabaseConnection,
    reader: DatabaseConnection,
    clock: SharedClock,
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
        Ok(Self { inner: Arc::new(Inner { engine, writer, reader, clock }) })
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
        self.inner.writer.close_by_ref().await?;
        Ok(())
    }

    pub(crate) fn writer(&self) -> &DatabaseConnection {
        &self.inner.writer
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
            let read_only = if access == Access::Read { "on" } else { "off" };
            options.map_sqlx_postgres_opts(move |postgres| {
                postgres
                    .application_name("straznica")
                    .statement_cache_capacity(STATEMENTS)
                    // What a transaction sees where nothing else is asked for, whatever the server's configuration says.
                    .options([
                        ("default_transaction_read_only", read_only),
                        ("default_transaction_isolation", "read committed"),
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

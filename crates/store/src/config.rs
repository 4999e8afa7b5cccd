//! Where the database is and how many connections may be open to it.

use std::path::Path;

use serde::{Deserialize, Serialize};
use straznica_types::Secret;

/// Database of one service.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoreConfig {
    /// `sqlite:///absolute/path/file.db` or `postgres://user:password@host/database?sslmode=verify-full`. Secret, for the password in it.
    pub url: Secret<String>,
    /// Connections for reading; on PostgreSQL as many again for writing (SQLite has one writer by nature). At least 1.
    #[serde(default = "default_max_connections")]
    pub max_connections: u32,
    /// Longest wait for a free connection, milliseconds; after it the caller is told that the database is unavailable.
    #[serde(default = "default_acquire_timeout_ms")]
    pub acquire_timeout_ms: u64,
}

const fn default_max_connections() -> u32 {
    8
}

const fn default_acquire_timeout_ms() -> u64 {
    5_000
}

impl StoreConfig {
    /// Database at a URL, the rest by default.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: Secret::new(url.into()),
            max_connections: default_max_connections(),
            acquire_timeout_ms: default_acquire_timeout_ms(),
        }
    }

    /// SQLite database in a file, made when absent.
    pub fn sqlite_file(path: &Path) -> Self {
        // What would end the path in a URL, or begin an escape, is escaped.
        let path = path.display().to_string().replace('%', "%25").replace('?', "%3F").replace('#', "%23");
        Self::new(format!("sqlite://{path}"))
    }

    /// The engine the URL names.
    ///
    /// # Errors
    /// When the URL names no engine this crate drives, or an in-memory SQLite.
    pub fn engine(&self) -> Result<Engine, ConfigError> {
        let url = self.url.expose();
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return Ok(Engine::Postgres);
        }
        if !url.starts_with("sqlite:") {
            return Err(ConfigError::UnknownEngine);
        }
        if url.contains(":memory:") || url.contains("mode=memory") {
            return Err(ConfigError::InMemorySqlite);
        }
        Ok(Engine::Sqlite)
    }
}

/// The database engines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// A file beside the process: demonstration, training, tests, one replica.
    Sqlite,
    /// The production engine.
    Postgres,
}

/// Why a [`StoreConfig`] cannot be used. No text of it repeats the URL: it may hold a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// Neither `sqlite:` nor `postgres:`.
    #[error("the database URL begins with neither sqlite: nor postgres:")]
    UnknownEngine,
    /// Reader and writer would each see a database of their own.
    #[error("an in-memory SQLite database cannot be shared between reader and writer; name a file")]
    InMemorySqlite,
    /// Nobody could ever read.
    #[error("max_connections is 0")]
    NoConnections,
}

//! One way to a database, SQLite or PostgreSQL, the same on both.
//!
//! What it promises:
//! - Writes go through [`Store::write_tx`] only. On SQLite it takes the one writer connection with `BEGIN IMMEDIATE` (a deferred
//!   transaction that turns into a writer half-way fails with `SQLITE_BUSY` at once, whatever the time-out); on PostgreSQL it runs
//!   `SERIALIZABLE` and repeats the work when the server reports a serialisation failure or a deadlock. The closure may therefore run
//!   more than once: it holds no remote call and nothing that cannot be thrown away.
//! - Orders of one kind that wait at the same moment may share a transaction ([`SharedWrites`]).
//! - Reads use [`Store::reader`], or [`Store::read_tx`] where several statements have to see one state; the engine itself keeps these connections from
//!   writing.
//! - A commit that was acknowledged survives the power failing (`synchronous=FULL`, write-ahead log; PostgreSQL's default).
//! - Migrations run under a lock, all or nothing ([`migrate`]).
//! - [`columns`] holds the column types that mean the same on both engines: time is `i64` milliseconds UTC, enumerations are text with
//!   a `CHECK`, no arrays, no JSON operators.
//!
//! What it refuses: in-memory SQLite (two connections would see two databases) and unknown engines. Statements never reach logs or spans.
//!
//! Start reading at [`Store`] (`connection.rs`), then `write.rs`.

pub mod columns;
mod config;
mod connection;
mod error;
mod migrate;
mod read;
mod shared;
#[cfg(feature = "testing")]
pub mod testing;
mod write;

pub use config::{ConfigError, Engine, StoreConfig};
pub use connection::Store;
pub use error::{StoreError, codes};
pub use migrate::{NoMigrations, migrate};
pub use shared::{SharedWork, SharedWrites};
pub use write::Isolation;

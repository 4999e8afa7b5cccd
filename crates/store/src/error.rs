//! What can go wrong with a database, classed by what the caller can do about it.

use std::error::Error;
use std::time::Duration;

use sea_orm::sqlx;
use sea_orm::{DbErr, RuntimeErr, SqlErr};
use straznica_error::{Class, Code, Coded};

use crate::ConfigError;

/// Failure of the database or of its use.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The configuration cannot be used.
    #[error("the database configuration cannot be used: {0}")]
    Configuration(#[from] ConfigError),
    /// The database does not answer, refuses connections, or has none free. Trying again later may help.
    #[error("the database is unavailable")]
    Unavailable(#[source] DbErr),
    /// Others kept changing the same rows.
    #[error("the data stayed contended through {attempts} attempts")]
    Contended {
        /// How often the work was tried.
        attempts: u32,
    },
    /// A row with the same key exists.
    #[error("a row with the same key exists")]
    Duplicate(#[source] DbErr),
    /// The transaction shared with others, of which this was a part, was not written.
    #[error("the shared transaction was not written")]
    NotShared,
    /// The server chose this transaction to give way. [`crate::Store::write_tx`] repeats the work; nobody else sees this.
    #[error("the transaction collided with another")]
    SerialisationFailure(#[source] DbErr),
    /// A constraint, a type or a statement is wrong: a mistake in the program, or a database changed by hand.
    #[error("the database refused a statement")]
    Refused(#[source] DbErr),
    /// A migration failed; the schema is as it was.
    #[error("migration {name} failed")]
    Migration {
        /// Name of the migration.
        name: String,
        /// Why it failed.
        #[source]
        cause: DbErr,
    },
}

/// What callers are told of a database's failures; nothing of the database itself.
pub mod codes {
    use super::{Class, Code};

    /// The database cannot be reached or has no connection free.
    pub const UNAVAILABLE: Code = Code::new("store.unavailable", Class::Unavailable, "The database is unavailable");
    /// Others kept changing the same data.
    pub const CONTENDED: Code = Code::new("store.contended", Class::Conflict, "Others are changing the same data");
    /// It exists already.
    pub const DUPLICATE: Code = Code::new("store.duplicate", Class::AlreadyExists, "It exists already");
    /// A mistake in the program or in its configuration.
    pub const FAULT: Code = Code::new("store.fault", Class::Internal, "A fault inside the suite");
}

impl Coded for StoreError {
    fn code(&self) -> &'static Code {
        match self {
            Self::Unavailable(_) | Self::NotShared => &codes::UNAVAILABLE,
            Self::Contended { .. } | Self::SerialisationFailure(_) => &codes::CONTENDED,
            Self::Duplicate(_) => &codes::DUPLICATE,
            Self::Configuration(_) | Self::Refused(_) | Self::Migration { .. } => &codes::FAULT,
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Unavailable(_) | Self::NotShared | Self::Contended { .. } | Self::SerialisationFailure(_) => {
                Some(Duration::from_secs(1))
            }
            Self::Duplicate(_) | Self::Configuration(_) | Self::Refused(_) | Self::Migration { .. } => None,
        }
    }
}

impl From<DbErr> for StoreError {
    fn from(failure: DbErr) -> Self {
        match classify(&failure) {
            Failure::Serialisation => Self::SerialisationFailure(failure),
            Failure::Unavailable => Self::Unavailable(failure),
            Failure::Duplicate => Self::Duplicate(failure),
            Failure::Other => Self::Refused(failure),
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Failure {
    Serialisation,
    Unavailable,
    Duplicate,
    Other,
}

fn classify(failure: &DbErr) -> Failure {
    if matches!(failure.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))) {
        return Failure::Duplicate;
    }
    match failure {
        DbErr::ConnectionAcquire(_) => Failure::Unavailable,
        DbErr::Conn(RuntimeErr::SqlxError(cause))
        | DbErr::Exec(RuntimeErr::SqlxError(cause))
        | DbErr::Query(RuntimeErr::SqlxError(cause)) => classify_driver(cause),
        DbErr::Conn(RuntimeErr::Internal(_)) => Failure::Unavailable,
        _ => Failure::Other,
    }
}

fn classify_driver(cause: &sqlx::Error) -> Failure {
    let database = match cause {
        sqlx::Error::Database(database) => database,
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => {
            return Failure::Unavailable;
        }
        _ => return Failure::Other,
    };
    let code = database.code().unwrap_or_default();
    if database.try_downcast_ref::<sqlx::postgres::PgDatabaseError>().is_some() {
        classify_sqlstate(&code)
    } else {
        classify_sqlite_code(&code)
    }
}

/// PostgreSQL, appendix A of its manual.
fn classify_sqlstate(code: &str) -> Failure {
    match code {
        // serialization_failure, deadlock_detected
        "40001" | "40P01" => Failure::Serialisation,
        // read_only_sql_transaction on a writer's connection: the server is a standby, the failover not yet followed. The reader's is a mistake
        // of the program, but shows in a test long before it shows here.
        "25006" => Failure::Unavailable,
        // connection exceptions, insufficient resources, operator intervention, system errors
        _ if ["08", "53", "57", "58"].iter().any(|class| code.starts_with(class)) => Failure::Unavailable,
        _ => Failure::Other,
    }
}

/// SQLite's (extended) result codes in decimal; the lowest byte is the primary code.
fn classify_sqlite_code(code: &str) -> Failure {
    match code.parse::<i32>().map(|code| code & 0xff) {
        // BUSY, LOCKED, READONLY, IOERR, FULL, CANTOPEN
        Ok(5 | 6 | 8 | 10 | 13 | 14) => Failure::Unavailable,
        _ => Failure::Other,
    }
}

/// Whether `failure`, or a cause of it, is the server asking for the transaction to be repeated.
pub(crate) fn is_serialisation_failure(failure: &(dyn Error + 'static)) -> bool {
    causes(failure).any(|cause| match (cause.downcast_ref::<StoreError>(), cause.downcast_ref::<DbErr>()) {
        (Some(failure), _) => matches!(failure, StoreError::SerialisationFailure(_)),
        (_, Some(failure)) => classify(failure) == Failure::Serialisation,
        (None, None) => false,
    })
}

/// Whether `failure`, or a cause of it, is that the database cannot be reached.
pub(crate) fn is_unavailable(failure: &(dyn Error + 'static)) -> bool {
    causes(failure).any(|cause| match (cause.downcast_ref::<StoreError>(), cause.downcast_ref::<DbErr>()) {
        (Some(failure), _) => matches!(failure, StoreError::Unavailable(_)),
        (_, Some(failure)) => classify(failure) == Failure::Unavailable,
        (None, None) => false,
    })
}

fn causes<'a>(failure: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(failure), |failure| {
        let failure: &'a (dyn Error + 'static) = *failure;
        failure.source()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sqlstates_are_classed_by_what_the_caller_can_do() {
        let table = [
            ("40001", Failure::Serialisation),
            ("40P01", Failure::Serialisation),
            ("25006", Failure::Unavailable),
            ("08006", Failure::Unavailable),
            ("53300", Failure::Unavailable),
            ("57P01", Failure::Unavailable),
            ("58030", Failure::Unavailable),
            ("23514", Failure::Other),
            ("42601", Failure::Other),
            ("", Failure::Other),
        ];
        for (code, expected) in table {
            assert!(classify_sqlstate(code) == expected, "{code}");
        }
    }

    #[test]
    fn sqlite_codes_are_classed_by_their_primary_code() {
        let table = [
            ("5", Failure::Unavailable),
            ("261", Failure::Unavailable),
            ("517", Failure::Unavailable),
            ("13", Failure::Unavailable),
            ("1032", Failure::Unavailable),
            ("275", Failure::Other),
            ("1", Failure::Other),
            ("nonsense", Failure::Other),
        ];
        for (code, expected) in table {
            assert!(classify_sqlite_code(code) == expected, "{code}");
        }
    }
}

//! Write transactions: the only way to change a database.

use std::collections::hash_map::RandomState;
use std::error::Error;
use std::hash::{BuildHasher, Hasher};
use std::time::Duration;

use sea_orm::{
    DatabaseConnection, DatabaseTransaction, IsolationLevel, SqliteTransactionMode, TransactionOptions,
    TransactionTrait,
};

use crate::error::is_serialisation_failure;
use crate::{Engine, Store, StoreError};

/// How often the work is tried before the caller is told that the data are contended.
const ATTEMPTS: u32 = 10;
/// First back-off; doubled each time, jittered between half of it and all of it.
const FIRST_BACK_OFF: Duration = Duration::from_millis(4);
/// Longest back-off.
const LONGEST_BACK_OFF: Duration = Duration::from_millis(250);

/// What a transaction on PostgreSQL sees of others. SQLite has one writer at a time: there both are the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Isolation {
    /// As if transactions ran one after the other. What business code uses.
    Serialisable,
    /// Each statement sees what is committed when it begins. For work that takes a lock of its own and must not make writers fail.
    ReadCommitted,
}

impl Store {
    /// Runs `work` in a write transaction and commits when it returns `Ok`; anything else leaves the database as it was.
    ///
    /// On PostgreSQL the transaction is `SERIALIZABLE` and the work is repeated (at most ten times, with jittered back-off) when the server reports a
    /// serialisation failure or a deadlock, whether in a statement or at the commit: `work` holds no remote call and keeps nothing from an earlier run.
    /// The failure is recognised through [`Error::source`], so error types keep the [`StoreError`] as their source.
    ///
    /// Write it as `store.write_tx(async |transaction| { … })`. The closure is cloned for each run, so what it takes by value it may consume, and what
    /// cannot be cloned (a `&mut`, the receiving end of a channel) it cannot take: nothing of a run that failed can leak into the next.
    ///
    /// Do not call it inside another `work`: on SQLite the inner call would wait for the one writer connection, which the outer one holds.
    ///
    /// # Errors
    /// What `work` returned, or a [`StoreError`]: unavailable, or contended when all attempts failed.
    pub async fn write_tx<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: AsyncFnOnce(&DatabaseTransaction) -> Result<T, E> + Clone,
        E: From<StoreError> + Error + 'static,
    {
        self.write_tx_with(Isolation::Serialisable, work).await
    }

    /// As [`Store::write_tx`], with the isolation chosen by the caller.
    ///
    /// # Errors
    /// As [`Store::write_tx`].
    pub async fn write_tx_with<T, E, F>(&self, isolation: Isolation, work: F) -> Result<T, E>
    where
        F: AsyncFnOnce(&DatabaseTransaction) -> Result<T, E> + Clone,
        E: From<StoreError> + Error + 'static,
    {
        self.write_on(self.writer(), isolation, work).await
    }

    /// As [`Store::write_tx_with`], on this connection.
    pub(crate) async fn write_on<T, E, F>(
        &self,
        writer: &DatabaseConnection,
        isolation: Isolation,
        work: F,
    ) -> Result<T, E>
    where
        F: AsyncFnOnce(&DatabaseTransaction) -> Result<T, E> + Clone,
        E: From<StoreError> + Error + 'static,
    {
        let mut attempt = 1;
        loop {
            let transaction = self.begin(writer, isolation).await?;
            let failure = match (work.clone())(&transaction).await {
                Ok(value) => match transaction.commit().await {
                    Ok(()) => return Ok(value),
                    Err(failure) => E::from(StoreError::from(failure)),
                },
                Err(failure) => {
                    if let Err(rollback) = transaction.rollback().await {
                        // The connection is broken; the engine rolls back when it notices. The first failure is the one to report.
                        tracing::warn!(error = %rollback, "rolling back a write transaction failed");
                    }
                    failure
                }
            };
            if !is_serialisation_failure(&failure) {
                return Err(failure);
            }
            if attempt == ATTEMPTS {
                return Err(StoreError::Contended { attempts: ATTEMPTS }.into());
            }
            tokio::time::sleep(back_off(attempt)).await;
            attempt += 1;
        }
    }

    async fn begin(
        &self,
        writer: &DatabaseConnection,
        isolation: Isolation,
    ) -> Result<DatabaseTransaction, StoreError> {
        let options = match self.engine() {
            Engine::Sqlite => TransactionOptions {
                sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
                ..TransactionOptions::default()
            },
            Engine::Postgres => TransactionOptions {
                isolation_level: match isolation {
                    Isolation::Serialisable => Some(IsolationLevel::Serializable),
                    // The connection's own default: saying so would be one more round trip.
                    Isolation::ReadCommitted => None,
                },
                ..TransactionOptions::default()
            },
        };
        Ok(writer.begin_with_options(options).await?)
    }
}

/// Doubles with each attempt; jittered so that two that collided do not collide again.
fn back_off(attempt: u32) -> Duration {
    let full = FIRST_BACK_OFF.saturating_mul(1 << (attempt - 1).min(16)).min(LONGEST_BACK_OFF);
    let half = full / 2;
    // A fresh RandomState is seeded by the standard library: chance enough for a jitter.
    let chance = RandomState::new().build_hasher().finish();
    let half_micros = u64::try_from(half.as_micros()).unwrap_or(u64::MAX).max(1);
    half + Duration::from_micros(chance % half_micros)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn back_off_grows_and_stays_within_its_bounds() {
        for attempt in 1..=ATTEMPTS {
            let waited = back_off(attempt);
            assert!(waited >= FIRST_BACK_OFF / 2, "attempt {attempt}: {waited:?}");
            assert!(waited <= LONGEST_BACK_OFF, "attempt {attempt}: {waited:?}");
        }
        assert!(back_off(ATTEMPTS) > back_off(1));
    }
}

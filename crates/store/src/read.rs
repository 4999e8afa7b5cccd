//! Read transactions: several statements that see one and the same state.

use sea_orm::{DatabaseTransaction, IsolationLevel, SqliteTransactionMode, TransactionOptions, TransactionTrait};

use crate::{Engine, Store, StoreError};

impl Store {
    /// Runs `work` on a snapshot: all its statements see the database as it was at the first of them, and nothing can be written. One statement alone
    /// needs no snapshot: [`Store::reader`] serves it.
    ///
    /// # Errors
    /// What `work` returned, or a [`StoreError`].
    pub async fn read_tx<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: AsyncFnOnce(&DatabaseTransaction) -> Result<T, E>,
        E: From<StoreError>,
    {
        let options = match self.engine() {
            Engine::Sqlite => TransactionOptions {
                sqlite_transaction_mode: Some(SqliteTransactionMode::Deferred),
                ..TransactionOptions::default()
            },
            Engine::Postgres => TransactionOptions {
                isolation_level: Some(IsolationLevel::RepeatableRead),
                ..TransactionOptions::default()
            },
        };
        let transaction = self.reader().begin_with_options(options).await.map_err(StoreError::from)?;
        let outcome = work(&transaction).await;
        // Nothing was written; rolling back only ends the snapshot.
        transaction.rollback().await.map_err(StoreError::from)?;
        outcome
    }
}

//! Migrations: versioned, all or nothing, one process at a time.
//!
//! The migrator of sea-orm refuses to start on a schema that is newer than the program. Ours goes on: migrations are written
//! expand-then-contract, so the previous release still runs on the new schema, and must also be able to restart on it.

use std::collections::HashSet;

use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr, Statement};
use sea_orm_migration::sea_query::Table;
use sea_orm_migration::{MigrationTrait, MigratorTrait, SchemaManager};

use crate::columns::{text_key, timestamp};
use crate::{Engine, Isolation, Store, StoreError};

/// The advisory lock all nodes of a database take while they migrate: "STRAZNIC" in ASCII, to be told apart in `pg_locks`.
const ADVISORY_LOCK: i64 = 0x5354_5241_5a4e_4943;

/// Applies the migrations of `M` that the database does not have, in their order, in one transaction under a lock. Returns how many there were.
///
/// # Errors
/// [`StoreError::Migration`] names the migration that failed; the schema is then as it was before.
pub async fn migrate<M: MigratorTrait>(store: &Store) -> Result<usize, StoreError> {
    let migrations = M::migrations();
    store
        .write_tx_with(Isolation::ReadCommitted, async |transaction| apply(store, transaction, &migrations).await)
        .await
}

async fn apply(
    store: &Store,
    transaction: &DatabaseTransaction,
    migrations: &[Box<dyn MigrationTrait>],
) -> Result<usize, StoreError> {
    if store.engine() == Engine::Postgres {
        // Held to the end of the transaction. SQLite's BEGIN IMMEDIATE is such a lock by itself.
        transaction.execute_unprepared(&format!("SELECT pg_advisory_xact_lock({ADVISORY_LOCK})")).await?;
    }
    let manager = SchemaManager::new(transaction);
    manager
        .create_table(
            Table::create()
                .table("schema_migration")
                .if_not_exists()
                .col(text_key("name"))
                .col(timestamp("applied_at"))
                .to_owned(),
        )
        .await?;
    let applied = applied(transaction).await?;
    let mut count = 0;
    for migration in migrations.iter().filter(|migration| !applied.contains(migration.name())) {
        let failed = |cause: DbErr| StoreError::Migration { name: migration.name().to_owned(), cause };
        migration.up(&manager).await.map_err(failed)?;
        transaction
            .execute_raw(Statement::from_sql_and_values(
                transaction.get_database_backend(),
                "INSERT INTO schema_migration (name, applied_at) VALUES ($1, $2)",
                [migration.name().into(), store.clock().now().millis().into()],
            ))
            .await?;
        tracing::info!(migration = migration.name(), "migration applied");
        count += 1;
    }
    let known: HashSet<&str> = migrations.iter().map(|migration| migration.name()).collect();
    for newer in applied.iter().filter(|name| !known.contains(name.as_str())) {
        tracing::info!(migration = newer, "the schema is newer than this program");
    }
    Ok(count)
}

async fn applied(transaction: &DatabaseTransaction) -> Result<HashSet<String>, DbErr> {
    let statement = Statement::from_string(transaction.get_database_backend(), "SELECT name FROM schema_migration");
    transaction.query_all_raw(statement).await?.iter().map(|row| row.try_get("", "name")).collect()
}

/// A migrator with nothing in it: for a service without tables of its own, and for tests that let the service migrate.
pub struct NoMigrations;

impl MigratorTrait for NoMigrations {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        Vec::new()
    }
}

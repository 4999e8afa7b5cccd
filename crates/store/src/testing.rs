//! A fresh database for every test, on both engines.
//!
//! SQLite lives in a temporary directory. PostgreSQL needs a server of the tests' own: `STRAZNICA_TEST_POSTGRES_URL` names it, with the right to
//! make and drop databases (the test command starts one and sets the variable). Without it the PostgreSQL half prints that it is skipped, and fails
//! when `CI=true`. The schema is migrated once into a template; each test gets a copy, dropped at its end.
//!
//! [`on_both_engines!`](crate::on_both_engines) makes two tests, `<name>::sqlite` and `<name>::postgres`, of one body.

#![allow(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a test that has no database fails, or says that it is skipped"
)]

use std::any::type_name;
use std::collections::hash_map::DefaultHasher;
use std::env;
use std::hash::{Hash, Hasher};
use std::sync::Arc;
use std::thread;
use std::time::UNIX_EPOCH;

use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseBackend, DatabaseConnection, DbErr, Statement};
use sea_orm_migration::MigratorTrait;
use straznica_types::{RequestId, SharedClock, SystemClock};
use tempfile::TempDir;

use crate::{Engine, Store, StoreConfig, migrate};

/// Names the PostgreSQL server the tests may make databases on, e.g. `postgres://postgres@127.0.0.1:5433`.
pub const POSTGRES_URL: &str = "STRAZNICA_TEST_POSTGRES_URL";

/// Makes two tests of one body, `<name>::sqlite` and `<name>::postgres`, each with a fresh database migrated by the migrator named first.
///
/// ```ignore
/// on_both_engines! {
///     Migrations;
///
///     async fn what_was_written_is_read_back(database: TestDatabase) {
///         database.store().ping().await.unwrap();
///     }
/// }
/// ```
#[macro_export]
macro_rules! on_both_engines {
    ($migrator:ty; $( $(#[$attribute:meta])* async fn $name:ident($database:ident: TestDatabase) $body:block )*) => { $(
        mod $name {
            #[allow(unused_imports, reason = "what the body needs of the surrounding module")]
            use super::*;

            $(#[$attribute])*
            async fn scenario($database: $crate::testing::TestDatabase) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                if let Some(database) = $crate::testing::TestDatabase::fresh::<$migrator>($crate::Engine::Sqlite).await {
                    scenario(database).await;
                }
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                if let Some(database) = $crate::testing::TestDatabase::fresh::<$migrator>($crate::Engine::Postgres).await {
                    scenario(database).await;
                }
            }
        }
    )* };
}

/// A database of one test. It goes away when this is dropped.
pub struct TestDatabase {
    store: Store,
    config: StoreConfig,
    _place: Place,
}

enum Place {
    Directory { _directory: TempDir },
    Server { _database: PostgresDatabase },
}

impl TestDatabase {
    /// A database migrated by `M`, opened with the system clock. `None` when the engine is PostgreSQL and no server is named.
    ///
    /// # Panics
    /// When the database cannot be made, and when no server is named although `CI=true`.
    pub async fn fresh<M: MigratorTrait>(engine: Engine) -> Option<Self> {
        Self::fresh_at::<M>(engine, Arc::new(SystemClock)).await
    }

    /// As [`TestDatabase::fresh`], with a clock of the test's own.
    ///
    /// # Panics
    /// As [`TestDatabase::fresh`].
    pub async fn fresh_at<M: MigratorTrait>(engine: Engine, clock: SharedClock) -> Option<Self> {
        let (config, place) = match engine {
            Engine::Sqlite => {
                let directory = tempfile::tempdir().expect("a temporary directory can be made");
                let config = StoreConfig::sqlite_file(&directory.path().join("test.db"));
                (config, Place::Directory { _directory: directory })
            }
            Engine::Postgres => {
                let Some(server) = postgres_server() else {
                    println!("skipped: {POSTGRES_URL} names no server for the tests");
                    return None;
                };
                let database =
                    PostgresDatabase::from_template::<M>(&server).await.expect("a test database can be made");
                let mut config = StoreConfig::new(database.url());
                // Many tests at once share one server.
                config.max_connections = 4;
                (config, Place::Server { _database: database })
            }
        };
        let store = Store::connect(&config, clock).await.expect("the test database opens");
        migrate::<M>(&store).await.expect("the migrations apply");
        Some(Self { store, config, _place: place })
    }

    /// The open database.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// How to open it once more: another replica, or the same service after a restart.
    pub fn config(&self) -> &StoreConfig {
        &self.config
    }
}

/// The server named for the tests.
///
/// # Panics
/// When none is named although `CI=true`.
fn postgres_server() -> Option<String> {
    let named = env::var(POSTGRES_URL).ok().filter(|url| !url.is_empty());
    assert!(
        named.is_some() || env::var("CI").as_deref() != Ok("true"),
        "{POSTGRES_URL} has to name a server when CI=true"
    );
    named.map(|url| url.trim_end_matches('/').to_owned())
}

struct PostgresDatabase {
    server: String,
    name: String,
}

impl PostgresDatabase {
    async fn from_template<M: MigratorTrait>(server: &str) -> Result<Self, DbErr> {
        let template = template_name::<M>();
        let admin = administrator(server).await?;
        if !exists(&admin, &template).await? {
            make_template::<M>(server, &admin, &template).await?;
        }
        let name = format!("straznica_{}", RequestId::generate(&SystemClock).to_string().replace('-', ""));
        admin.execute_unprepared(&format!("CREATE DATABASE {name} TEMPLATE {template}")).await?;
        admin.close().await?;
        Ok(Self { server: server.to_owned(), name })
    }

    fn url(&self) -> String {
        database_url(&self.server, &self.name)
    }
}

impl Drop for PostgresDatabase {
    fn drop(&mut self) {
        let statement = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name);
        let server = self.server.clone();
        // Dropping happens inside the test's runtime, where nothing may block on another future: a thread with a runtime of its own does.
        let dropped = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().ok()?;
            runtime.block_on(async {
                let admin = administrator(&server).await.ok()?;
                admin.execute_unprepared(&statement).await.ok()?;
                admin.close().await.ok()
            })
        });
        if !matches!(dropped.join(), Ok(Some(()))) {
            println!("the test database {} could not be dropped", self.name);
        }
    }
}

/// Migrates a new database and gives it the template's name only then: nobody copies a half-made one.
async fn make_template<M: MigratorTrait>(
    server: &str,
    admin: &DatabaseConnection,
    template: &str,
) -> Result<(), DbErr> {
    // The administrator's pool has one connection, so a session lock is held by it until it is released or closed.
    admin.execute_unprepared(&format!("SELECT pg_advisory_lock(hashtext('{template}'))")).await?;
    if !exists(admin, template).await? {
        let draft = format!("{template}_draft");
        admin.execute_unprepared(&format!("DROP DATABASE IF EXISTS {draft} WITH (FORCE)")).await?;
        admin.execute_unprepared(&format!("CREATE DATABASE {draft}")).await?;
        let config = StoreConfig::new(database_url(server, &draft));
        let store = Store::connect(&config, Arc::new(SystemClock)).await.expect("the template opens");
        migrate::<M>(&store).await.expect("the migrations apply");
        store.close().await.expect("the template closes");
        admin.execute_unprepared(&format!("ALTER DATABASE {draft} RENAME TO {template}")).await?;
    }
    admin.execute_unprepared(&format!("SELECT pg_advisory_unlock(hashtext('{template}'))")).await?;
    Ok(())
}

async fn exists(admin: &DatabaseConnection, name: &str) -> Result<bool, DbErr> {
    let statement = Statement::from_sql_and_values(
        DatabaseBackend::Postgres,
        "SELECT 1 FROM pg_database WHERE datname = $1",
        [name.into()],
    );
    Ok(admin.query_one_raw(statement).await?.is_some())
}

async fn administrator(server: &str) -> Result<DatabaseConnection, DbErr> {
    let mut options = ConnectOptions::new(database_url(server, "postgres"));
    options.max_connections(1).sqlx_logging(false).record_stmt_in_spans(false);
    Database::connect(options).await
}

fn database_url(server: &str, database: &str) -> String {
    format!("{server}/{database}")
}

/// One template for a build of a test program and a migrator: a changed migration is a changed program.
fn template_name<M>() -> String {
    let mut hasher = DefaultHasher::new();
    type_name::<M>().hash(&mut hasher);
    if let Ok(program) = env::current_exe() {
        program.hash(&mut hasher);
        if let Ok(built) = program.metadata().and_then(|metadata| metadata.modified())
            && let Ok(since) = built.duration_since(UNIX_EPOCH)
        {
            since.hash(&mut hasher);
        }
    }
    format!("straznica_template_{:016x}", hasher.finish())
}

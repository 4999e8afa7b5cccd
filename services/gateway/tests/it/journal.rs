//! What the gateway records.

use sea_orm::{ConnectionTrait, Statement};
use serde_json::json;
use straznica_store::{NoMigrations, on_both_engines};

use straznica_journal::{Context, Entry, Journal, JournalConfig};
use straznica_store::{Engine, testing::TestDatabase as Database};
use straznica_types::SystemClock;

use super::{
    doubles::IdentityDouble,
    house::{House, PATIENCE, TERMINAL},
};

pub(crate) struct JournalOnly;

impl sea_orm_migration::MigratorTrait for JournalOnly {
    fn migrations() -> Vec<Box<dyn sea_orm_migration::MigrationTrait>> {
        straznica_journal::migrations()
    }
}

async fn texts(house: &House, sql: &str) -> Vec<String> {
    let reader = house.database.store().reader();
    let rows = reader.query_all_raw(Statement::from_string(reader.get_database_backend(), sql)).await.unwrap();
    rows.iter().map(|row| row.try_get("", "line").unwrap()).collect()
}

on_both_engines! {
    NoMigrations;

    async fn every_change_of_a_terminal_is_journalled_with_its_operator_and_told_to_others(database: TestDatabase) {
        let house = House::new(database).await;
        let operator = house.operator();
        house.enrolled(TERMINAL).await;
        let suspension = format!("/v1/terminals/{TERMINAL}/suspension");
        operator.post(&suspension, &json!({"reason": "missing"})).await;
        operator.post(&suspension, &json!({"reason": "twice"})).await.problem(409, "gateway.terminal_already_suspended");
        operator.post(&format!("/v1/terminals/{TERMINAL}/unlock"), &json!({"reason": "found"})).await;

        let entries = texts(
            &house,
            "SELECT kind || ' ' || actor || ' ' || terminal || ' ' || officer || ' ' || purpose AS line FROM journal ORDER BY row_number",
        )
        .await;
        let by = format!("operator/OP-07 {TERMINAL} OP-07 terminal_administration");
        assert_eq!(entries, [
            format!("terminal.enrolled {by}"),
            format!("terminal.suspended {by}"),
            format!("terminal.unlocked {by}"),
        ]);
        let events = texts(&house, "SELECT type_name AS line FROM event").await;
        assert_eq!(events, vec!["straznica.gateway.events.v1.TerminalChanged"; 3]);
        house.end().await;
    }

    async fn the_gateway_cosigns_identitys_journal_and_has_its_own_cosigned(database: TestDatabase) {
        let neighbour = Database::fresh::<JournalOnly>(Engine::Sqlite).await.unwrap();
        let keys = tempfile::tempdir().unwrap();
        let config = JournalConfig::embedded("identity.test/journal", keys.path());
        let journal = Journal::open(neighbour.store().clone(), &config, SystemClock::shared()).await.unwrap();
        journal.record_read(Entry::new("inspection.read", Context::of_service("service/identity"))).await.unwrap();
        journal.sequence().await.unwrap();

        let identity = IdentityDouble::new();
        assert!(identity.journal.set(journal.clone()).is_ok());
        let house = House::beside(identity, database, |config| config.witness_seconds = 1).await;
        house.enrolled(TERMINAL).await;

        let deadline = tokio::time::Instant::now() + PATIENCE;
        loop {
            let cosigned = journal.latest_checkpoint().await.unwrap().is_some_and(|note| note.signatures.len() > 1);
            let witnessed = journal.witnessed().await.unwrap();
            let seen = witnessed.iter().any(|checkpoint| checkpoint.origin == "gateway.test/journal" && checkpoint.size > 0);
            if cosigned && seen {
                break;
            }
            assert!(tokio::time::Instant::now() < deadline, "cosigned {cosigned}, seen {seen}");
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        house.end().await;
    }
}

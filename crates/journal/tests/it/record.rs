//! Writing entries.
use sea_orm_migration::{MigrationTrait, MigratorTrait};
use straznica_journal::{Context, Entry, Journal, JournalConfig, JournalError};
use straznica_store::on_both_engines;

pub(crate) struct Migrations;

impl MigratorTrait for Migrations {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        straznica_journal::migrations()
    }
}
on_both_engines! {
    Migrations;

    async fn opens(database: TestDatabase) {
        let keys = tempfile::tempdir().unwrap();
        let journal = Journal::open(database.store().clone(), &JournalConfig::embedded("x.example/journal", keys.path()), database.store().clock().clone()).await.unwrap();
        let entry = || Entry::new("document.inspected", Context::of_service("service/identity"));
        journal.record_read(entry()).await.unwrap();
        let journal2 = journal.clone();
        tokio::spawn(async move {
            database.store().write_tx(async |tx| {
            let event = straznica_contracts::common::v1::ErrorDetail::default();
            journal2.record(tx, entry().event(&event)).await?;
            journal2.publish(tx, &event).await?;
            Ok::<_, JournalError>(())
        }).await}).await.unwrap().unwrap();
    }
}

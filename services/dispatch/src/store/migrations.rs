//! The schema, in the order it grew.

use async_trait::async_trait;
use sea_orm::DbErr;
use sea_orm_migration::sea_query::{Index, Table};
use sea_orm_migration::{MigrationName, MigrationTrait, MigratorTrait, SchemaManager};
use straznica_store::columns::{
    boolean, bytes, counter, integer, optional, text, text_enum, text_key, timestamp, uuid, uuid_key,
};

use super::outbox::MessageState;
use crate::domain::State;

/// The tables of dispatch, those of the journal first.
pub struct Migrations;

impl MigratorTrait for Migrations {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        let mut migrations = straznica_journal::migrations();
        migrations.push(Box::new(CreateCodes));
        migrations
    }
}

struct CreateCodes;

impl MigrationName for CreateCodes {
    fn name(&self) -> &str {
        "dispatch_001_create_codes"
    }
}

#[async_trait]
impl MigrationTrait for CreateCodes {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        create_code_transaction(manager).await?;
        create_outbox(manager).await?;
        create_counters(manager).await
    }
}

async fn create_code_transaction(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table("code_transaction")
                .col(uuid_key("id"))
                .col(text("officer"))
                .col(text("institution"))
                .col(text("purpose"))
                .col(text("subject"))
                .col(text("binding_text"))
                .col(text("language"))
                .col(bytes("slot", 16))
                .col(text("fingerprint"))
                .col(optional(text("prefix")))
                .col(boolean("dummy"))
                .col(boolean("concealed"))
                .col(timestamp("opened_at"))
                .col(timestamp("expires_at"))
                .col(counter("attempts"))
                .col(counter("resends"))
                .col(text_enum("state", &State::ALL.map(State::as_str)))
                .col(optional(timestamp("ended_at")))
                .to_owned(),
        )
        .await?;
    index(manager, "code_transaction_opened_at", "code_transaction", &["opened_at", "prefix"]).await?;
    index(manager, "code_transaction_state", "code_transaction", &["state", "expires_at"]).await
}

async fn create_outbox(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table("outbox")
                .col(uuid_key("id"))
                .col(uuid("transaction_id"))
                .col(counter("sequence"))
                .col(text_enum("state", &MessageState::NAMES))
                .col(timestamp("created_at"))
                .col(timestamp("due_at"))
                .col(timestamp("expires_at"))
                .col(optional(timestamp("submitted_at")))
                .col(optional(timestamp("ended_at")))
                .col(optional(text("reference")))
                .to_owned(),
        )
        .await?;
    // One row for each message ever ordered: the same one is never ordered twice.
    manager
        .create_index(
            Index::create()
                .name("outbox_message")
                .table("outbox")
                .col("transaction_id")
                .col("sequence")
                .unique()
                .to_owned(),
        )
        .await?;
    index(manager, "outbox_due", "outbox", &["state", "due_at"]).await
}

async fn create_counters(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table("official_counter")
                .col(text_key("official"))
                .col(integer("day"))
                .col(counter("messages"))
                .col(counter("attempts"))
                .col(optional(timestamp("locked_at")))
                .to_owned(),
        )
        .await?;
    manager
        .create_table(
            Table::create()
                .table("subject_counter")
                .col(text_key("subject"))
                .col(integer("day"))
                .col(counter("messages"))
                .col(counter("attempts"))
                .col(counter("failures_in_a_row"))
                .col(optional(timestamp("locked_at")))
                .to_owned(),
        )
        .await
}

async fn index(
    manager: &SchemaManager<'_>,
    name: &'static str,
    table: &'static str,
    columns: &[&'static str],
) -> Result<(), DbErr> {
    let mut index = Index::create();
    index.name(name).table(table);
    for column in columns {
        index.col(*column);
    }
    manager.create_index(index.to_owned()).await
}

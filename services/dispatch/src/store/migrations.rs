//! The schema, in the order it grew.

use async_trait::async_trait;
use sea_orm::{ConnectionTrait as _, DbBackend, DbErr};
use sea_orm_migration::sea_query::{Index, Table};
use sea_orm_migration::{MigrationName, MigrationTrait, MigratorTrait, SchemaManager};
use sms::life::State as LifeState;
use straznica_store::columns::{
    boolean, bytes, counter, integer, optional, text, text_enum, text_key, timestamp, uuid, uuid_key,
};

use super::notice_schema::CreateNotices;
use super::outbox::{MESSAGE_CLASSES, MessageState};
use super::prompt_schema::CreatePrompts;
use crate::domain::State;

/// The tables of dispatch, those of the journal first.
pub struct Migrations;

impl MigratorTrait for Migrations {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        let mut migrations = straznica_journal::migrations();
        migrations.push(Box::new(CreateCodes));
        migrations.push(Box::new(CreateReceipts));
        migrations.push(Box::new(CreatePrompts));
        migrations.push(Box::new(CreateNotices));
        migrations.push(Box::new(LeaveRoomForReceipts));
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

struct CreateReceipts;

impl MigrationName for CreateReceipts {
    fn name(&self) -> &str {
        "dispatch_002_create_receipts"
    }
}

#[async_trait]
impl MigrationTrait for CreateReceipts {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // Its column `reference` is written no more: each part has its own.
        let mut class = text_enum("class", &MESSAGE_CLASSES);
        class.default(MESSAGE_CLASSES[0]);
        manager.alter_table(Table::alter().table("outbox").add_column(class).to_owned()).await?;
        // Only what is still looked for is in an index: most rows have ended.
        manager.drop_index(Index::drop().name("outbox_due").table("outbox").to_owned()).await?;
        for statement in [
            "CREATE INDEX outbox_turn ON outbox (class, due_at) WHERE state = 'queued'",
            "CREATE INDEX outbox_open ON outbox (state, expires_at) WHERE state IN ('queued', 'submitted', 'accepted')",
        ] {
            manager.get_connection().execute_unprepared(statement).await?;
        }
        create_message_part(manager).await?;
        create_parked_receipt(manager).await
    }
}

/// A part is written once and changed once, soon after: where its page has room for what it becomes, no index is touched.
struct LeaveRoomForReceipts;

impl MigrationName for LeaveRoomForReceipts {
    fn name(&self) -> &str {
        "dispatch_005_leave_room_for_receipts"
    }
}

#[async_trait]
impl MigrationTrait for LeaveRoomForReceipts {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if manager.get_database_backend() == DbBackend::Postgres {
            let room = "ALTER TABLE message_part SET (fillfactor = 50)";
            manager.get_connection().execute_unprepared(room).await?;
        }
        Ok(())
    }
}

async fn create_message_part(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table("message_part")
                .col(uuid("message_id"))
                .col(counter("part"))
                .col(counter("parts"))
                .col(text("operator"))
                .col(optional(text("reference")))
                .col(optional(text("spelling")))
                .col(optional(text("hexadecimal")))
                .col(text_enum("state", &LifeState::ALL.map(LifeState::as_str)))
                .col(optional(text("error")))
                .col(timestamp("changed_at"))
                .primary_key(Index::create().col("message_id").col("part"))
                .to_owned(),
        )
        .await?;
    index(manager, "message_part_spelling", "message_part", &["spelling", "operator"]).await?;
    index(manager, "message_part_hexadecimal", "message_part", &["hexadecimal", "operator"]).await
}

async fn create_parked_receipt(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table("parked_receipt")
                .col(uuid_key("id"))
                .col(text("operator"))
                .col(text("reference"))
                .col(text("spelling"))
                .col(optional(text("hexadecimal")))
                .col(text_enum("state", &LifeState::ALL.map(LifeState::as_str)))
                .col(optional(text("error")))
                .col(timestamp("received_at"))
                .to_owned(),
        )
        .await?;
    index(manager, "parked_receipt_spelling", "parked_receipt", &["spelling", "operator"]).await?;
    index(manager, "parked_receipt_hexadecimal", "parked_receipt", &["hexadecimal", "operator"]).await?;
    index(manager, "parked_receipt_received_at", "parked_receipt", &["received_at"]).await
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

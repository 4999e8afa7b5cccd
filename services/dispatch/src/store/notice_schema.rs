//! The tables of notices.

use async_trait::async_trait;
use sea_orm::DbErr;
use sea_orm_migration::sea_query::{Index, Table};
use sea_orm_migration::{MigrationName, MigrationTrait, SchemaManager};
use straznica_store::columns::{blob, boolean, counter, optional, text, text_enum, timestamp, uuid, uuid_key};

use crate::domain::{NoticeState, RecipientState};

pub(super) struct CreateNotices;

impl MigrationName for CreateNotices {
    fn name(&self) -> &str {
        "dispatch_004_create_notices"
    }
}

#[async_trait]
impl MigrationTrait for CreateNotices {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        create_words(manager).await?;
        create_choice(manager).await?;
        create_notice(manager).await?;
        create_recipient(manager).await
    }
}

async fn create_words(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table("notice_template")
                .col(text("institution"))
                .col(text("name"))
                .col(counter("version"))
                .col(text("words"))
                .col(text("proposed_by"))
                .col(timestamp("proposed_at"))
                .col(optional(text("approved_by")))
                .col(optional(timestamp("approved_at")))
                .primary_key(Index::create().col("institution").col("name").col("version"))
                .to_owned(),
        )
        .await
}

async fn create_choice(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table("notice_choice")
                .col(text("institution"))
                .col(text("phone_digest"))
                .col(boolean("wanted"))
                .col(text("recorded_by"))
                .col(timestamp("recorded_at"))
                .primary_key(Index::create().col("institution").col("phone_digest"))
                .to_owned(),
        )
        .await
}

async fn create_notice(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table("notice")
                .col(uuid_key("id"))
                .col(text("institution"))
                .col(text("template"))
                .col(counter("version"))
                .col(counter("valid_hours"))
                .col(text_enum("state", &NoticeState::ALL.map(NoticeState::as_str)))
                .col(text("created_by"))
                .col(timestamp("created_at"))
                .col(optional(text("proposed_by")))
                .col(optional(text("started_by")))
                .col(optional(timestamp("started_at")))
                .col(optional(timestamp("ended_at")))
                .to_owned(),
        )
        .await?;
    let mut of_institution = Index::create();
    of_institution.name("notice_institution").table("notice").col("institution").col("id");
    manager.create_index(of_institution).await?;
    let mut running = Index::create();
    running.name("notice_state").table("notice").col("state").col("started_at");
    manager.create_index(running).await
}

async fn create_recipient(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table("notice_recipient")
                .col(uuid_key("id"))
                .col(uuid("notice_id"))
                .col(text("reference"))
                .col(text("phone_digest"))
                .col(text("fingerprint"))
                .col(text("language"))
                .col(boolean("in_ucs2"))
                .col(counter("parts"))
                .col(optional(blob("sealed")))
                .col(text_enum("state", &RecipientState::NAMES))
                .to_owned(),
        )
        .await?;
    let mut unique = Index::create();
    unique.name("notice_recipient_reference").table("notice_recipient").col("notice_id").col("reference").unique();
    manager.create_index(unique).await?;
    // The next who are written to, in order.
    let mut turn = Index::create();
    turn.name("notice_recipient_turn").table("notice_recipient").col("notice_id").col("state").col("reference");
    manager.create_index(turn).await
}

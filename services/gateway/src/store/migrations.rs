//! The schema, step by step. Written expand-then-contract: the previous release runs on the new schema.

use async_trait::async_trait;
use sea_orm::DbErr;
use sea_orm_migration::{
    MigrationName, MigrationTrait, MigratorTrait, SchemaManager,
    sea_query::{Index, Table},
};
use straznica_store::columns::{bytes, counter, integer, optional, text, text_enum, text_key, timestamp, uuid_key};

/// The gateway's tables and the journal's.
pub(crate) struct Migrations;

impl MigratorTrait for Migrations {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        let mut migrations = straznica_journal::migrations();
        migrations.push(Box::new(Beginning));
        migrations.push(Box::new(super::people::schema::People));
        migrations
    }
}

struct Beginning;

impl MigrationName for Beginning {
    fn name(&self) -> &'static str {
        "gateway_0001_beginning"
    }
}

#[async_trait]
impl MigrationTrait for Beginning {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("terminal")
                    .col(text_key("terminal_id"))
                    .col(text_enum("state", &["active", "suspended"]))
                    .col(optional(bytes("pinned_certificate", 32)))
                    .col(optional(text("note")))
                    .col(timestamp("enrolled_at"))
                    .col(text("enrolled_by"))
                    .col(optional(text("suspension_reason")))
                    .col(optional(timestamp("suspended_at")))
                    .col(optional(text("suspended_by")))
                    .col(counter("version"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("idempotency_key")
                    .col(text("terminal_id"))
                    .col(text("idempotency_key"))
                    .col(bytes("body_sha256", 32))
                    .col(timestamp("first_seen"))
                    .col(optional(integer("answer_status")))
                    .col(optional(text("answer_location")))
                    .col(optional(text("answer_json")))
                    .primary_key(Index::create().col("terminal_id").col("idempotency_key"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("mission")
                    .col(uuid_key("inspection_id"))
                    .col(text("terminal_id"))
                    .col(text("officer"))
                    .col(text("purpose"))
                    .col(text("case_number"))
                    .col(timestamp("opened_at"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(Index::create().name("mission_opened_at").table("mission").col("opened_at").to_owned())
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("idempotency_key_first_seen")
                    .table("idempotency_key")
                    .col("first_seen")
                    .to_owned(),
            )
            .await
    }
}

//! The table of prompts.

use async_trait::async_trait;
use sea_orm::DbErr;
use sea_orm_migration::sea_query::{Index, Table};
use sea_orm_migration::{MigrationName, MigrationTrait, SchemaManager};
use straznica_store::columns::{blob, boolean, bytes, counter, optional, text, text_enum, timestamp, uuid_key};

use crate::domain::PromptState;

pub(super) struct CreatePrompts;

impl MigrationName for CreatePrompts {
    fn name(&self) -> &str {
        "dispatch_003_create_prompts"
    }
}

#[async_trait]
impl MigrationTrait for CreatePrompts {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("prompt")
                    .col(uuid_key("transaction_id"))
                    .col(text("phone"))
                    .col(text_enum("state", &PromptState::ALL.map(PromptState::as_str)))
                    .col(timestamp("created_at"))
                    .col(timestamp("due_at"))
                    .col(counter("interval_ms"))
                    .col(boolean("rung"))
                    .col(optional(text("handle")))
                    .col(optional(bytes("token_digest", 32)))
                    .col(optional(blob("sealed")))
                    .col(optional(timestamp("asked_at")))
                    .col(optional(timestamp("expires_at")))
                    .col(optional(text("silence")))
                    .col(optional(text("acr")))
                    .col(optional(timestamp("auth_time")))
                    .col(optional(timestamp("ended_at")))
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(Index::create().name("prompt_due").table("prompt").col("state").col("due_at").to_owned())
            .await?;
        manager
            .create_index(Index::create().name("prompt_handle").table("prompt").col("handle").unique().to_owned())
            .await
    }
}

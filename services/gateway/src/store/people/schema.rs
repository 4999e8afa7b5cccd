//! The tables of people.

use async_trait::async_trait;
use sea_orm::DbErr;
use sea_orm_migration::{
    MigrationName, MigrationTrait, SchemaManager,
    sea_query::{Index, Table},
};
use straznica_store::columns::{blob, bytes, counter, optional, text, text_enum, text_key, timestamp};

const KINDS: [&str; 2] = ["official", "citizen"];

/// Sessions, local accounts, attempts to log in.
pub(crate) struct People;

impl MigrationName for People {
    fn name(&self) -> &'static str {
        "gateway_0002_people"
    }
}

#[async_trait]
impl MigrationTrait for People {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("session")
                    .col(text_key("session_sha256"))
                    .col(text("issuer"))
                    .col(text("subject"))
                    .col(text_enum("kind", &KINDS))
                    .col(text("acr"))
                    .col(timestamp("auth_time"))
                    .col(timestamp("opened_at"))
                    .col(timestamp("last_seen_at"))
                    .col(optional(bytes("certificate_sha256", 32)))
                    .col(optional(blob("sealed_citizen")))
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create().name("session_person").table("session").col("issuer").col("subject").to_owned(),
            )
            .await?;
        manager
            .create_index(Index::create().name("session_last_seen_at").table("session").col("last_seen_at").to_owned())
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("account")
                    .col(text_key("name"))
                    .col(text_enum("kind", &KINDS))
                    .col(bytes("salt", 16))
                    .col(bytes("verifier", 32))
                    .col(blob("sealed_factor"))
                    .col(optional(blob("sealed_citizen")))
                    .col(counter("last_step"))
                    .col(optional(text("locked")))
                    .col(timestamp("created_at"))
                    .col(text("created_by"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("login_attempt")
                    .col(text_key("who"))
                    .col(counter("failures"))
                    .col(timestamp("not_before"))
                    .col(timestamp("last_at"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create().name("login_attempt_last_at").table("login_attempt").col("last_at").to_owned(),
            )
            .await
    }
}

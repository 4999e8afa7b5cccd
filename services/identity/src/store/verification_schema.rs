//! The tables of verifications and citizens.

use async_trait::async_trait;
use sea_orm::DbErr;
use sea_orm_migration::sea_query::{Index, Table};
use sea_orm_migration::{MigrationName, MigrationTrait, SchemaManager};
use straznica_store::columns::{
    blob, boolean, bytes, counter, integer, optional, text, text_enum, timestamp, uuid, uuid_key,
};

use crate::domain::verification::{DocumentKind, Stage};

pub(super) struct CreateVerifications;

impl MigrationName for CreateVerifications {
    fn name(&self) -> &str {
        "identity_002_create_verifications"
    }
}

#[async_trait]
impl MigrationTrait for CreateVerifications {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        create_citizens(manager).await?;
        create_verification(manager).await?;
        create_quotas(manager).await
    }
}

async fn create_citizens(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let kinds = DocumentKind::ALL.map(DocumentKind::as_str);
    manager
        .create_table(
            Table::create()
                .table("citizen")
                .col(uuid_key("id"))
                .col(bytes("pesel_index", 32))
                .col(blob("pesel_sealed"))
                .col(optional(bytes("phone_index", 32)))
                .col(optional(blob("phone_sealed")))
                .col(timestamp("created_at"))
                .to_owned(),
        )
        .await?;
    unique(manager, "citizen_pesel", "citizen", "pesel_index").await?;
    unique(manager, "citizen_phone", "citizen", "phone_index").await?;
    manager
        .create_table(
            Table::create()
                .table("activation")
                .col(uuid("citizen_id"))
                .col(text_enum("kind", &kinds))
                .col(timestamp("activated_at"))
                .primary_key(Index::create().col("citizen_id").col("kind"))
                .to_owned(),
        )
        .await?;
    manager
        .create_table(
            Table::create()
                .table("phone_proof")
                .col(uuid_key("id"))
                .col(uuid("citizen_id"))
                .col(bytes("phone_index", 32))
                .col(blob("phone_sealed"))
                .col(timestamp("expires_at"))
                .to_owned(),
        )
        .await?;
    index(manager, "phone_proof_expires_at", "phone_proof", &["expires_at"]).await
}

async fn create_verification(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let kinds = DocumentKind::ALL.map(DocumentKind::as_str);
    manager
        .create_table(
            Table::create()
                .table("verification")
                .col(uuid_key("id"))
                .col(optional(uuid("citizen_id")))
                .col(boolean("decoy"))
                .col(text("criterion"))
                .col(text("officer"))
                .col(optional(text("terminal_id")))
                .col(text("institution_id"))
                .col(text("institution_name"))
                .col(text("purpose"))
                .col(text("legal_basis"))
                .col(text("case_number"))
                .col(text_enum("kind", &kinds))
                .col(text("binding_text"))
                .col(text_enum("stage", &Stage::NAMES))
                .col(text("qualifier"))
                .col(timestamp("opened_at"))
                .col(timestamp("updated_at"))
                .col(timestamp("expires_at"))
                .col(timestamp("visible_from"))
                .col(counter("revision"))
                .to_owned(),
        )
        .await?;
    index(manager, "verification_citizen", "verification", &["citizen_id", "opened_at"]).await?;
    index(manager, "verification_expires", "verification", &["stage", "expires_at"]).await
}

async fn create_quotas(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    // Two at that time; CountAskers knows them all.
    let classes = ["official", "subject"];
    manager
        .create_table(
            Table::create()
                .table("daily_count")
                .col(text_enum("class", &classes))
                .col(text("counted"))
                .col(integer("day"))
                .col(counter("count"))
                .primary_key(Index::create().col("class").col("counted").col("day"))
                .to_owned(),
        )
        .await?;
    index(manager, "daily_count_day", "daily_count", &["day"]).await?;
    manager
        .create_table(
            Table::create()
                .table("official_lock")
                .col(text("institution_id"))
                .col(text("officer"))
                .col(timestamp("locked_at"))
                .primary_key(Index::create().col("institution_id").col("officer"))
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
    manager.create_index(index).await
}

async fn unique(
    manager: &SchemaManager<'_>,
    name: &'static str,
    table: &'static str,
    column: &'static str,
) -> Result<(), DbErr> {
    manager.create_index(Index::create().name(name).table(table).col(column).unique().to_owned()).await
}

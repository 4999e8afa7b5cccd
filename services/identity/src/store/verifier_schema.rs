//! The tables of who may ask: institutions, their people, the stages of the rollout.

use async_trait::async_trait;
use sea_orm::DbErr;
use sea_orm_migration::sea_query::{Index, Table};
use sea_orm_migration::{MigrationName, MigrationTrait, SchemaManager};
use straznica_store::columns::{optional, text, text_enum, text_key, timestamp};

use super::migrations::index;
use crate::domain::verification::DocumentKind;
use crate::domain::verifiers::{InstitutionKind, InstitutionState};

/// The roles there were when the table was made.
const ROLES_THEN: [&str; 4] = ["official", "local_administrator", "security_officer", "central_administrator"];

pub(super) struct CreateVerifiers;

impl MigrationName for CreateVerifiers {
    fn name(&self) -> &str {
        "identity_003_create_verifiers"
    }
}

#[async_trait]
impl MigrationTrait for CreateVerifiers {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        create_institution(manager).await?;
        create_official(manager).await?;
        create_stage(manager).await?;
        let sorts = InstitutionKind::ALL.map(InstitutionKind::as_str);
        let mut sort = text_enum("institution_kind", &sorts);
        sort.default(InstitutionKind::Office.as_str());
        manager.alter_table(Table::alter().table("verification").add_column(sort).to_owned()).await
    }
}

async fn create_institution(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let kinds = DocumentKind::ALL.map(DocumentKind::as_str);
    manager
        .create_table(
            Table::create()
                .table("institution")
                .col(text_key("id"))
                .col(text("name"))
                .col(text_enum("kind", &InstitutionKind::ALL.map(InstitutionKind::as_str)))
                .col(text("legal_basis"))
                .col(text("contact"))
                .col(text_enum("state", &InstitutionState::ALL.map(InstitutionState::as_str)))
                .col(text("entered_by"))
                .col(timestamp("applied_at"))
                .col(optional(text("changed_by")))
                .col(optional(timestamp("changed_at")))
                .col(optional(text("reason")))
                .col(optional(text("administrator")))
                .col(optional(text("administrator_issuer")))
                .col(optional(text("administrator_subject")))
                .col(optional(text("administrator_thumbprint")))
                .to_owned(),
        )
        .await?;
    manager
        .create_table(
            Table::create()
                .table("institution_document")
                .col(text("institution_id"))
                .col(text_enum("kind", &kinds))
                .primary_key(Index::create().col("institution_id").col("kind"))
                .to_owned(),
        )
        .await?;
    manager
        .create_table(
            Table::create()
                .table("institution_purpose")
                .col(text("institution_id"))
                .col(text("purpose"))
                .primary_key(Index::create().col("institution_id").col("purpose"))
                .to_owned(),
        )
        .await
}

async fn create_official(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table("official")
                .col(text_key("officer"))
                .col(optional(text("issuer")))
                .col(optional(text("subject")))
                .col(optional(text("thumbprint")))
                .col(timestamp("created_at"))
                .to_owned(),
        )
        .await?;
    let account =
        Index::create().name("official_account").table("official").col("issuer").col("subject").unique().to_owned();
    manager.create_index(account).await?;
    let certificate =
        Index::create().name("official_certificate").table("official").col("thumbprint").unique().to_owned();
    manager.create_index(certificate).await?;
    manager
        .create_table(
            Table::create()
                .table("official_role")
                .col(text("institution_id"))
                .col(text("officer"))
                .col(text_enum("role", &ROLES_THEN))
                .col(text("granted_by"))
                .col(timestamp("granted_at"))
                .col(optional(timestamp("expires_at")))
                .col(text("reason"))
                .primary_key(Index::create().col("institution_id").col("officer").col("role"))
                .to_owned(),
        )
        .await?;
    index(manager, "official_role_officer", "official_role", "officer").await
}

async fn create_stage(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table("rollout_stage")
                .col(text_enum("kind", &DocumentKind::ALL.map(DocumentKind::as_str)))
                .col(text("institution_id"))
                .col(timestamp("from_ms"))
                .col(optional(timestamp("until_ms")))
                .col(text("set_by"))
                .col(timestamp("set_at"))
                .primary_key(Index::create().col("kind").col("institution_id"))
                .to_owned(),
        )
        .await
}

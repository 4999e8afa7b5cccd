//! The tables of the services' privilege: given, used, reviewed, unusual.

use async_trait::async_trait;
use sea_orm::DbErr;
use sea_orm_migration::sea_query::{Index, Table};
use sea_orm_migration::{MigrationName, MigrationTrait, SchemaManager};
use straznica_store::columns::{counter, integer, optional, text, text_enum, timestamp, uuid, uuid_key};

use crate::domain::verification::DocumentKind;
use crate::domain::verifiers::{AlertRule, PrivilegeState, ReviewOutcome};

pub(super) struct CreatePrivileges;

impl MigrationName for CreatePrivileges {
    fn name(&self) -> &str {
        "identity_004_create_privileges"
    }
}

#[async_trait]
impl MigrationTrait for CreatePrivileges {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        create_privilege(manager).await?;
        create_use(manager).await?;
        create_watch(manager).await
    }
}

async fn create_privilege(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table("privilege")
                .col(uuid_key("id"))
                .col(text("institution_id"))
                .col(text("officer"))
                .col(text("legal_basis"))
                .col(timestamp("expires_at"))
                .col(text_enum("state", &PrivilegeState::ALL.map(PrivilegeState::as_str)))
                .col(text("proposed_by"))
                .col(timestamp("proposed_at"))
                .col(text("reason"))
                .col(optional(text("changed_by")))
                .col(optional(timestamp("changed_at")))
                .col(optional(text("changed_reason")))
                .to_owned(),
        )
        .await?;
    index(manager, "privilege_officer", "privilege", &["institution_id", "officer"]).await?;
    manager
        .create_table(
            Table::create()
                .table("privilege_document")
                .col(uuid("privilege_id"))
                .col(text_enum("kind", &DocumentKind::ALL.map(DocumentKind::as_str)))
                .primary_key(Index::create().col("privilege_id").col("kind"))
                .to_owned(),
        )
        .await
}

async fn create_use(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table("privilege_use")
                .col(uuid_key("verification_id"))
                .col(uuid("privilege_id"))
                .col(text("institution_id"))
                .col(text("officer"))
                .col(text("criterion"))
                .col(integer("day"))
                .to_owned(),
        )
        .await?;
    index(manager, "privilege_use_officer", "privilege_use", &["institution_id", "officer", "day"]).await
}

async fn create_watch(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table("privilege_review")
                .col(uuid_key("verification_id"))
                .col(text("institution_id"))
                .col(text("officer"))
                .col(timestamp("drawn_at"))
                .col(optional(text_enum("outcome", &ReviewOutcome::ALL.map(ReviewOutcome::as_str))))
                .col(optional(text("reviewed_by")))
                .col(optional(timestamp("reviewed_at")))
                .col(optional(text("finding")))
                .to_owned(),
        )
        .await?;
    index(manager, "privilege_review_institution", "privilege_review", &["institution_id", "drawn_at"]).await?;
    manager
        .create_table(
            Table::create()
                .table("privilege_alert")
                .col(uuid_key("id"))
                .col(text_enum("rule", &AlertRule::ALL.map(AlertRule::as_str)))
                .col(text("institution_id"))
                .col(text("officer"))
                .col(integer("day"))
                .col(text("criterion"))
                .col(timestamp("raised_at"))
                .col(counter("counted"))
                .col(counter("threshold"))
                .col(optional(text("acknowledged_by")))
                .col(optional(timestamp("acknowledged_at")))
                .col(optional(text("finding")))
                .to_owned(),
        )
        .await?;
    let once = ["institution_id", "officer", "day", "rule", "criterion"];
    let mut unique = Index::create();
    unique.name("privilege_alert_once").table("privilege_alert").unique();
    for column in once {
        unique.col(column);
    }
    manager.create_index(unique).await
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

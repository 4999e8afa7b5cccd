//! Tables of what decisions say and how they were served.

use async_trait::async_trait;
use sea_orm::DbErr;
use sea_orm_migration::sea_query::{ForeignKey, Table};
use sea_orm_migration::{MigrationName, MigrationTrait, SchemaManager};
use straznica_store::columns::{blob, counter, text, text_enum, timestamp, uuid, uuid_key};

use super::migrations::unique;
use crate::domain::ruling::Manner;

pub(super) struct CreateRulings;

impl MigrationName for CreateRulings {
    fn name(&self) -> &str {
        "registry_004_create_rulings"
    }
}

#[async_trait]
impl MigrationTrait for CreateRulings {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let texts = Table::create()
            .table("decision_text")
            .col(uuid_key("id"))
            .col(uuid("decision_id"))
            .col(counter("version"))
            .col(blob("sealed"))
            .col(text("written_by"))
            .col(timestamp("written_at"))
            .foreign_key(ForeignKey::create().from("decision_text", "decision_id").to("decision", "id"))
            .to_owned();
        manager.create_table(texts).await?;
        unique(manager, "decision_text_version", "decision_text", &["decision_id", "version"]).await?;
        let services = Table::create()
            .table("decision_service")
            .col(uuid_key("id"))
            .col(uuid("decision_id"))
            .col(counter("number"))
            .col(text_enum("manner", &Manner::ALL.map(Manner::as_str)))
            .col(timestamp("at"))
            .col(blob("sealed"))
            .col(text("recorded_by"))
            .col(timestamp("recorded_at"))
            .foreign_key(ForeignKey::create().from("decision_service", "decision_id").to("decision", "id"))
            .to_owned();
        manager.create_table(services).await?;
        unique(manager, "decision_service_number", "decision_service", &["decision_id", "number"]).await
    }
}

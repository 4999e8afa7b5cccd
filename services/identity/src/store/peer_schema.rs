//! The table of citizens' questions about each other's documents.

use async_trait::async_trait;
use sea_orm::DbErr;
use sea_orm_migration::sea_query::{Index, Table};
use sea_orm_migration::{MigrationName, MigrationTrait, SchemaManager};
use straznica_store::columns::{blob, boolean, counter, optional, text, text_enum, timestamp, uuid, uuid_key};

use crate::domain::verification::{DocumentKind, Stage};

pub(super) struct CreatePeerChecks;

impl MigrationName for CreatePeerChecks {
    fn name(&self) -> &str {
        "identity_005_create_peer_checks"
    }
}

#[async_trait]
impl MigrationTrait for CreatePeerChecks {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("peer_check")
                    .col(uuid_key("id"))
                    .col(uuid("asker_id"))
                    .col(blob("asker_name_sealed"))
                    .col(optional(uuid("citizen_id")))
                    .col(boolean("decoy"))
                    .col(text("criterion"))
                    .col(text_enum("kind", &DocumentKind::ALL.map(DocumentKind::as_str)))
                    .col(text_enum("stage", &Stage::NAMES))
                    .col(text("qualifier"))
                    .col(timestamp("opened_at"))
                    .col(timestamp("updated_at"))
                    .col(timestamp("expires_at"))
                    .col(counter("revision"))
                    .to_owned(),
            )
            .await?;
        for (name, columns) in [
            ("peer_check_asker", ["asker_id", "opened_at"]),
            ("peer_check_citizen", ["citizen_id", "opened_at"]),
            ("peer_check_expires", ["stage", "expires_at"]),
        ] {
            let mut index = Index::create();
            index.name(name).table("peer_check").col(columns[0]).col(columns[1]);
            manager.create_index(index).await?;
        }
        Ok(())
    }
}

//! The tables of the consultation network.

use async_trait::async_trait;
use sea_orm::DbErr;
use sea_orm_migration::sea_query::{ForeignKey, Index, Table};
use sea_orm_migration::{MigrationName, MigrationTrait, SchemaManager};
use straznica_store::columns::{
    blob, boolean, bytes, counter, integer, optional, serial_key, text, text_enum, text_key, timestamp, uuid,
};

use super::scn::{Fate, StrayKind};

/// What was sent, what came, how far the network was read.
pub(super) struct CreateNetwork;

impl MigrationName for CreateNetwork {
    fn name(&self) -> &str {
        "registry_009_create_consultation_network"
    }
}

#[async_trait]
impl MigrationTrait for CreateNetwork {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let sent = Table::create()
            .table("scn_sent")
            .col(text_key("unifier"))
            .col(text("state"))
            .col(text("letter"))
            .col(text("reference"))
            .col(optional(uuid("consultation_id")))
            .col(text("subject"))
            .col(blob("sealed"))
            .col(timestamp("made_at"))
            .col(counter("attempts"))
            .col(timestamp("next_attempt_at"))
            .col(optional(timestamp("notified_at")))
            .col(boolean("overdue"))
            .foreign_key(ForeignKey::create().from("scn_sent", "consultation_id").to("consultation", "id"))
            .to_owned();
        manager.create_table(sent).await?;
        let notification = Table::create()
            .table("scn_notification")
            .col(serial_key("id"))
            .col(text("state"))
            .col(text("unifier"))
            .to_owned();
        manager.create_table(notification).await?;
        let received = Table::create()
            .table("scn_received")
            .col(text("state"))
            .col(text("unifier"))
            .col(text("letter"))
            .col(text("reference"))
            .col(text("subject"))
            // SHA-256 of the text: the same unifier with another text is no copy.
            .col(bytes("digest", 32))
            .col(blob("sealed"))
            .col(timestamp("received_at"))
            .col(text_enum("fate", &Fate::ALL.map(Fate::as_str)))
            .col(counter("copies"))
            .col(counter("conflicts"))
            .primary_key(Index::create().col("state").col("unifier"))
            .to_owned();
        manager.create_table(received).await?;
        let stray = Table::create()
            .table("scn_stray")
            .col(serial_key("id"))
            .col(text("state"))
            .col(text_enum("kind", &StrayKind::ALL.map(StrayKind::as_str)))
            .col(text("what"))
            .col(timestamp("at"))
            .to_owned();
        manager.create_table(stray).await?;
        let mut position = integer("id");
        position.primary_key();
        let position = Table::create().table("scn_position").col(position).col(counter("position")).to_owned();
        manager.create_table(position).await?;
        for (name, table, columns) in [
            ("scn_sent_due", "scn_sent", ["notified_at", "next_attempt_at"]),
            ("scn_sent_matter", "scn_sent", ["state", "reference"]),
            ("scn_received_matter", "scn_received", ["state", "reference"]),
            ("scn_received_fate", "scn_received", ["fate", "received_at"]),
        ] {
            let mut index = Index::create();
            index.name(name).table(table);
            for column in columns {
                index.col(column);
            }
            manager.create_index(index.to_owned()).await?;
        }
        Ok(())
    }
}

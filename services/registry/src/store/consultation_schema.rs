//! The tables of consultations.

use async_trait::async_trait;
use sea_orm::DbErr;
use sea_orm_migration::sea_query::{ForeignKey, Index, Table};
use sea_orm_migration::{MigrationName, MigrationTrait, SchemaManager};
use straznica_store::columns::{blob, boolean, counter, integer, optional, text, text_enum, timestamp, uuid, uuid_key};

use super::migrations::unique;
use crate::domain::consultation::{Flow, Grounds, Outcome};

/// Consultations and what happened in them.
pub(super) struct CreateConsultations;

impl MigrationName for CreateConsultations {
    fn name(&self) -> &str {
        "registry_008_create_consultations"
    }
}

#[async_trait]
impl MigrationTrait for CreateConsultations {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let consultation = Table::create()
            .table("consultation")
            .col(uuid_key("id"))
            .col(text("number"))
            .col(text_enum("flow", &Flow::ALL.map(Flow::as_str)))
            .col(text("rule_set"))
            .col(optional(uuid("case_id")))
            .col(optional(uuid("person_id")))
            .col(text("asked_by"))
            .col(text("reference"))
            // Whom it is about.
            .col(blob("sealed"))
            .col(timestamp("opened_at"))
            .col(counter("version"))
            // The rest follows from the events: lists are ordered by it, and silence is looked for by it.
            .col(text_enum("outcome", &Outcome::ALL.map(Outcome::as_str)))
            .col(boolean("closed"))
            .col(timestamp("next_due"))
            .col(timestamp("next_silence"))
            .foreign_key(ForeignKey::create().from("consultation", "case_id").to("case_file", "id"))
            .foreign_key(ForeignKey::create().from("consultation", "person_id").to("person", "id"))
            .to_owned();
        manager.create_table(consultation).await?;
        unique(manager, "consultation_number", "consultation", &["number"]).await?;
        for (name, columns) in [
            ("consultation_case", ["case_id", "opened_at"].as_slice()),
            ("consultation_order", &["closed", "next_due", "opened_at"]),
            ("consultation_silence", &["next_silence"]),
            ("consultation_reference", &["asked_by", "reference"]),
        ] {
            let mut index = Index::create();
            index.name(name).table("consultation");
            for column in columns {
                index.col(*column);
            }
            manager.create_index(index.to_owned()).await?;
        }
        create_events(manager).await
    }
}

async fn create_events(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let event = Table::create()
        .table("consultation_event")
        .col(uuid("consultation_id"))
        .col(counter("number"))
        .col(text("event"))
        .col(timestamp("at"))
        .col(optional(text("of_which")))
        .col(optional(text("decision")))
        .col(optional(text_enum("grounds", &Grounds::ALL.map(Grounds::as_str))))
        .col(optional(integer("until_day")))
        .col(text("remark"))
        .col(timestamp("recorded_at"))
        .col(text("recorded_by"))
        .primary_key(Index::create().col("consultation_id").col("number"))
        .foreign_key(ForeignKey::create().from("consultation_event", "consultation_id").to("consultation", "id"))
        .to_owned();
    manager.create_table(event).await?;
    // Nobody is asked, replies, has longer or is silent twice, whoever writes it down.
    unique(manager, "consultation_event_once", "consultation_event", &["consultation_id", "event", "of_which"]).await?;
    let of_body = Index::create()
        .name("consultation_event_of")
        .table("consultation_event")
        .col("of_which")
        .col("event")
        .to_owned();
    manager.create_index(of_body).await
}

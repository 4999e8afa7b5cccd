//! Tables of the counting of cases, of holds and of erasures.

use async_trait::async_trait;
use sea_orm::DbErr;
use sea_orm_migration::sea_query::{ForeignKey, Index, Table};
use sea_orm_migration::{MigrationName, MigrationTrait, SchemaManager};
use straznica_store::columns::{counter, integer, optional, text, text_enum, timestamp, uuid, uuid_key};

use crate::domain::retention::ErasureState;

pub(super) struct CreateRetention;

impl MigrationName for CreateRetention {
    fn name(&self) -> &str {
        "registry_012_create_retention"
    }
}

#[async_trait]
impl MigrationTrait for CreateRetention {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // When a case was last counted, by which law, and what follows for retention: can be made again from the events.
        let counted = Table::create()
            .table("case_counted")
            .col(uuid_key("case_id"))
            .col(integer("counted_on"))
            .col(text("law"))
            .col(optional(integer("closed_on")))
            .foreign_key(ForeignKey::create().from("case_counted", "case_id").to("case_file", "id"))
            .to_owned();
        manager.create_table(counted).await?;
        let closed = Index::create()
            .name("case_counted_closed")
            .table("case_counted")
            .col("closed_on")
            .col("case_id")
            .to_owned();
        manager.create_index(closed).await?;
        let hold = Table::create()
            .table("hold")
            .col(uuid_key("id"))
            .col(uuid("case_id"))
            .col(text("reason"))
            .col(text("placed_by"))
            .col(timestamp("placed_at"))
            .col(optional(text("lifted_by")))
            .col(optional(timestamp("lifted_at")))
            .col(optional(text("lifting_reason")))
            .foreign_key(ForeignKey::create().from("hold", "case_id").to("case_file", "id"))
            .to_owned();
        manager.create_table(hold).await?;
        manager.create_index(Index::create().name("hold_case").table("hold").col("case_id").to_owned()).await?;
        create_erasures(manager).await
    }
}

/// Consultations that are to be erased, or were.
pub(super) struct CreateErasedConsultations;

impl MigrationName for CreateErasedConsultations {
    fn name(&self) -> &str {
        "registry_014_create_erased_consultations"
    }
}

#[async_trait]
impl MigrationTrait for CreateErasedConsultations {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let item = Table::create()
            .table("erasure_consultation")
            .col(uuid("erasure_id"))
            .col(uuid("consultation_id"))
            .col(text("rule"))
            .col(text("number"))
            .col(integer("closed_on"))
            .col(integer("kept_to"))
            .col(text_enum("state", &ErasureState::ALL.map(ErasureState::as_str)))
            .primary_key(Index::create().col("erasure_id").col("consultation_id"))
            .foreign_key(ForeignKey::create().from("erasure_consultation", "erasure_id").to("erasure", "id"))
            .foreign_key(ForeignKey::create().from("erasure_consultation", "consultation_id").to("consultation", "id"))
            .to_owned();
        manager.create_table(item).await?;
        let mut state = Index::create();
        state.name("erasure_consultation_state").table("erasure_consultation").col("rule").col("state");
        manager.create_index(state.to_owned()).await?;
        // Forms are found by the matter they are about.
        let mut matter = Index::create();
        matter.name("scn_sent_consultation").table("scn_sent").col("consultation_id");
        manager.create_index(matter.to_owned()).await
    }
}

async fn create_erasures(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let erasure = Table::create()
        .table("erasure")
        .col(uuid_key("id"))
        .col(text("rule"))
        .col(text("proposed_by"))
        .col(timestamp("proposed_at"))
        .col(optional(text("approved_by")))
        .col(optional(timestamp("approved_at")))
        .col(counter("persons_erased"))
        .col(counter("entries_erased"))
        .to_owned();
    manager.create_table(erasure).await?;
    let item = Table::create()
        .table("erasure_item")
        .col(uuid("erasure_id"))
        .col(uuid("case_id"))
        .col(text("rule"))
        .col(text("number"))
        .col(integer("closed_on"))
        .col(integer("kept_to"))
        .col(text_enum("state", &ErasureState::ALL.map(ErasureState::as_str)))
        .primary_key(Index::create().col("erasure_id").col("case_id"))
        .foreign_key(ForeignKey::create().from("erasure_item", "erasure_id").to("erasure", "id"))
        .foreign_key(ForeignKey::create().from("erasure_item", "case_id").to("case_file", "id"))
        .to_owned();
    manager.create_table(item).await?;
    let state = Index::create().name("erasure_item_state").table("erasure_item").col("rule").col("state").to_owned();
    manager.create_index(state).await
}

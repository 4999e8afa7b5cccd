//! The tables of persons who are, or may be, one.

use async_trait::async_trait;
use sea_orm::DbErr;
use sea_orm_migration::sea_query::{ForeignKey, Index, Table};
use sea_orm_migration::{MigrationName, MigrationTrait, SchemaManager};
use straznica_store::columns::{blob, boolean, counter, optional, text, text_enum, timestamp, uuid, uuid_key};

use super::duplicates::DuplicateState;
use crate::domain::merge::Step;

pub(super) struct CreateMerges;

impl MigrationName for CreateMerges {
    fn name(&self) -> &str {
        "registry_007_create_merges"
    }
}

#[async_trait]
impl MigrationTrait for CreateMerges {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let merge = Table::create()
            .table("person_merge")
            .col(uuid_key("id"))
            .col(uuid("person_id"))
            .col(uuid("merged_id"))
            // Both follow from the steps.
            .col(boolean("pending"))
            .col(boolean("held"))
            .foreign_key(ForeignKey::create().from("person_merge", "person_id").to("person", "id"))
            .foreign_key(ForeignKey::create().from("person_merge", "merged_id").to("person", "id"))
            .to_owned();
        manager.create_table(merge).await?;
        index(manager, "person_merge_person", "person_merge", &["person_id"]).await?;
        index(manager, "person_merge_merged", "person_merge", &["merged_id"]).await?;
        let step = Table::create()
            .table("merge_step")
            .col(uuid("merge_id"))
            .col(counter("number"))
            .col(text_enum("step", &Step::ALL.map(Step::as_str)))
            .col(timestamp("at"))
            .col(text("officer"))
            .col(blob("sealed"))
            .primary_key(Index::create().col("merge_id").col("number"))
            .foreign_key(ForeignKey::create().from("merge_step", "merge_id").to("person_merge", "id"))
            .to_owned();
        manager.create_table(step).await?;
        let duplicate = Table::create()
            .table("duplicate")
            .col(uuid("one_id"))
            .col(uuid("other_id"))
            .col(timestamp("found_at"))
            .col(counter("permille"))
            .col(text_enum("state", &DuplicateState::ALL.map(DuplicateState::as_str)))
            .col(optional(timestamp("decided_at")))
            .col(optional(text("decided_by")))
            .col(optional(blob("sealed")))
            .primary_key(Index::create().col("one_id").col("other_id"))
            .foreign_key(ForeignKey::create().from("duplicate", "one_id").to("person", "id"))
            .foreign_key(ForeignKey::create().from("duplicate", "other_id").to("person", "id"))
            .to_owned();
        manager.create_table(duplicate).await?;
        index(manager, "duplicate_order", "duplicate", &["state", "permille"]).await?;
        let to_compare = Table::create()
            .table("to_compare")
            .col(uuid_key("person_id"))
            .foreign_key(ForeignKey::create().from("to_compare", "person_id").to("person", "id"))
            .to_owned();
        manager.create_table(to_compare).await
    }
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
    manager.create_index(index.to_owned()).await
}

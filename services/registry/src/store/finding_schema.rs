//! The tables persons are found by. Both are made from statements, and can be made again.

use async_trait::async_trait;
use sea_orm::DbErr;
use sea_orm_migration::sea_query::{ForeignKey, Index, Table};
use sea_orm_migration::{MigrationName, MigrationTrait, SchemaManager};
use straznica_store::columns::{blob, counter, integer, uuid, uuid_key};

pub(super) struct CreateFinding;

impl MigrationName for CreateFinding {
    fn name(&self) -> &str {
        "registry_006_create_finding"
    }
}

#[async_trait]
impl MigrationTrait for CreateFinding {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // Dozens of rows a person, written with each change: what refers to nobody is found by the record it has not got, and by no foreign key. The primary
        // key holds all there is, so that no row of the table itself is read.
        let key = Table::create()
            .table("finding_key")
            .col(integer("digest"))
            .col(uuid("person_id"))
            .primary_key(Index::create().col("digest").col("person_id"))
            .to_owned();
        manager.create_table(key).await?;
        let record = Table::create()
            .table("finding_record")
            .col(uuid_key("person_id"))
            .col(counter("version"))
            .col(blob("sealed"))
            .foreign_key(ForeignKey::create().from("finding_record", "person_id").to("person", "id"))
            .to_owned();
        manager.create_table(record).await
    }
}

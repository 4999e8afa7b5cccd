//! Bundles of partners that were taken in: an operator is told of one that comes again.

use sea_orm_migration::{
    DbErr, MigrationName, MigrationTrait, SchemaManager,
    async_trait::async_trait,
    sea_query::{Index, Table},
};
use straznica_store::columns::{text, timestamp};

/// Whose bundle, its identifier, when it came first, and who took it in.
pub(crate) struct TakenInBundles;

impl MigrationName for TakenInBundles {
    fn name(&self) -> &'static str {
        "spoc_0007_taken_in_bundles"
    }
}

#[async_trait]
impl MigrationTrait for TakenInBundles {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::create()
            .table("taken_in_bundle")
            .col(text("sender"))
            .col(text("bundle_id"))
            .col(text("officer"))
            .col(timestamp("taken_in_at"))
            .primary_key(Index::create().col("sender").col("bundle_id"))
            .to_owned();
        manager.create_table(table).await
    }
}

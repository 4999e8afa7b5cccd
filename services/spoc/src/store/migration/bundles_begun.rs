//! What a bundle held and whether it was taken in to its end: another one under its identifier is refused, and one that was cut off is told.

use sea_orm_migration::{
    DbErr, MigrationName, MigrationTrait, SchemaManager, async_trait::async_trait, sea_query::Table,
};
use straznica_store::columns::{optional, text, timestamp};

/// The digest of its content, and when it was taken in to its end. A row without a digest is of the release before, which wrote it at the end.
pub(crate) struct BundlesBegun;

impl MigrationName for BundlesBegun {
    fn name(&self) -> &'static str {
        "spoc_0008_bundles_begun"
    }
}

#[async_trait]
impl MigrationTrait for BundlesBegun {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // SQLite adds one column at a time.
        for column in [optional(text("sha256")), optional(timestamp("finished_at"))] {
            manager.alter_table(Table::alter().table("taken_in_bundle").add_column(column).to_owned()).await?;
        }
        Ok(())
    }
}

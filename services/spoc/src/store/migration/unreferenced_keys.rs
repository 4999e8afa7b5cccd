//! What clearing keys away has to remember.

use sea_orm_migration::{
    DbErr, MigrationName, MigrationTrait, SchemaManager, async_trait::async_trait, sea_query::Table,
};
use straznica_store::columns::{text_key, timestamp};

/// Keys nothing refers to, and since when.
pub(crate) struct UnreferencedKeys;

impl MigrationName for UnreferencedKeys {
    fn name(&self) -> &'static str {
        "spoc_0003_unreferenced_keys"
    }
}

#[async_trait]
impl MigrationTrait for UnreferencedKeys {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::create()
            .table("unreferenced_key")
            .col(text_key("key_handle"))
            .col(timestamp("first_seen_at"))
            .to_owned();
        manager.create_table(table).await
    }
}

//! Requests for DV certificates that are over: no answer is taken any more, and their keys are destroyed.

use sea_orm_migration::{
    DbErr, MigrationName, MigrationTrait, SchemaManager, async_trait::async_trait, sea_query::Table,
};
use straznica_store::columns::{optional, timestamp};

/// When a request ended.
pub(crate) struct EndedRequests;

impl MigrationName for EndedRequests {
    fn name(&self) -> &'static str {
        "spoc_0004_ended_requests"
    }
}

#[async_trait]
impl MigrationTrait for EndedRequests {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let ended_at = optional(timestamp("ended_at"));
        manager.alter_table(Table::alter().table("dv_request").add_column(ended_at).to_owned()).await
    }
}

//! What suspending and resuming have to remember.

use sea_orm_migration::{
    DbErr, MigrationName, MigrationTrait, SchemaManager, async_trait::async_trait, sea_query::Table,
};
use straznica_store::columns::{optional, text, text_key, timestamp};

/// Proposals to lift a suspension, and certificates we issued that vouch no more.
pub(crate) struct Suspension;

impl MigrationName for Suspension {
    fn name(&self) -> &'static str {
        "spoc_0005_suspension"
    }
}

#[async_trait]
impl MigrationTrait for Suspension {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let proposals = Table::create()
            .table("resumption_proposal")
            .col(text_key("subject"))
            .col(text("reason"))
            .col(text("proposed_by"))
            .col(timestamp("proposed_at"))
            .to_owned();
        manager.create_table(proposals).await?;
        let withdrawn = optional(timestamp("withdrawn_at"));
        manager.alter_table(Table::alter().table("issued_certificate").add_column(withdrawn).to_owned()).await
    }
}

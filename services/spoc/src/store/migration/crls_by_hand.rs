//! Revocation lists of partners that officers brought, for when none can be fetched.

use sea_orm_migration::{
    DbErr, MigrationName, MigrationTrait, SchemaManager,
    async_trait::async_trait,
    sea_query::{Index, Table},
};
use straznica_store::columns::{blob, optional, text, timestamp};

/// The newest list by hand of each authority of a partner's, with who brought it.
pub(crate) struct CrlsByHand;

impl MigrationName for CrlsByHand {
    fn name(&self) -> &'static str {
        "spoc_0009_crls_by_hand"
    }
}

#[async_trait]
impl MigrationTrait for CrlsByHand {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::create()
            .table("partner_crl_by_hand")
            .col(text("country"))
            .col(text("issuer"))
            .col(text("issuer_name"))
            .col(blob("crl"))
            .col(text("sha256"))
            .col(timestamp("this_update"))
            .col(optional(timestamp("next_update")))
            .col(text("imported_by"))
            .col(timestamp("imported_at"))
            .primary_key(Index::create().col("country").col("issuer"))
            .to_owned();
        manager.create_table(table).await
    }
}

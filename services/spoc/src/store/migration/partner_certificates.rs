//! Certificates by which partners were last let in.

use sea_orm_migration::{
    DbErr, MigrationName, MigrationTrait, SchemaManager,
    async_trait::async_trait,
    sea_query::{Index, Table},
};
use straznica_store::columns::{text, timestamp};

/// The certificate a partner last showed on each side of a connection, and what was noticed about it.
pub(crate) struct PartnerCertificates;

impl MigrationName for PartnerCertificates {
    fn name(&self) -> &'static str {
        "spoc_0010_partner_certificates"
    }
}

#[async_trait]
impl MigrationTrait for PartnerCertificates {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::create()
            .table("partner_certificate")
            .col(text("country"))
            .col(text("side"))
            .col(text("fingerprint"))
            .col(timestamp("not_after"))
            .col(text("remarks"))
            .col(timestamp("seen_at"))
            .primary_key(Index::create().col("country").col("side"))
            .to_owned();
        manager.create_table(table).await
    }
}

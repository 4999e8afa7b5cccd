//! The first tables: trust in documents, certificates, the control centre.

use sea_orm_migration::{
    DbErr, MigrationName, MigrationTrait, SchemaManager,
    async_trait::async_trait,
    sea_query::{Index, Table, TableCreateStatement},
};
use straznica_store::columns::{
    blob, boolean, counter, integer, optional, text, text_enum, text_key, timestamp, uuid_key,
};

/// First version of the schema.
pub(crate) struct Initial;

impl MigrationName for Initial {
    fn name(&self) -> &'static str {
        "spoc_0001_initial"
    }
}

#[async_trait]
impl MigrationTrait for Initial {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in trust_tables().into_iter().chain(certificate_tables()).chain(control_centre_tables()) {
            manager.create_table(table).await?;
        }
        for (name, table, column) in [
            ("csca_of_vouching", "vouching", "csca_fingerprint"),
            ("cvca_of_cv_certificate", "cv_certificate", "cvca"),
            ("chr_of_cv_certificate", "cv_certificate", "chr"),
            ("opened_at_of_inspection_grant", "inspection_grant", "opened_at"),
        ] {
            manager.create_index(Index::create().name(name).table(table).col(column).to_owned()).await?;
        }
        Ok(())
    }
}

fn trust_tables() -> Vec<TableCreateStatement> {
    vec![
        Table::create().table("node").col(text_key("name")).col(text("value")).to_owned(),
        Table::create()
            .table("generation")
            .col(text_key("subject"))
            .col(counter("number"))
            .col(timestamp("changed_at"))
            .to_owned(),
        Table::create()
            .table("anchor")
            .col(text("fingerprint"))
            .col(text_enum("purpose", &["master_list", "defect_list", "csca"]))
            .col(blob("certificate"))
            .col(text("subject"))
            .col(text_enum("state", &["proposed", "confirmed", "withdrawn"]))
            .col(text("proposed_by"))
            .col(timestamp("proposed_at"))
            .col(optional(text("confirmed_by")))
            .col(optional(timestamp("confirmed_at")))
            .col(optional(text("withdrawn_by")))
            .col(optional(timestamp("withdrawn_at")))
            .primary_key(Index::create().col("fingerprint").col("purpose"))
            .to_owned(),
        Table::create()
            .table("master_list")
            .col(text_key("sha256"))
            .col(text("anchor_fingerprint"))
            .col(text("publisher"))
            .col(blob("list"))
            .col(counter("cscas"))
            .col(text("imported_by"))
            .col(timestamp("imported_at"))
            .col(boolean("current"))
            .to_owned(),
        Table::create()
            .table("csca")
            .col(text_key("fingerprint"))
            .col(blob("certificate"))
            .col(timestamp("first_seen_at"))
            .to_owned(),
        Table::create()
            .table("vouching")
            .col(text("list_sha256"))
            .col(text("csca_fingerprint"))
            .primary_key(Index::create().col("list_sha256").col("csca_fingerprint"))
            .to_owned(),
        Table::create()
            .table("revocation_list")
            .col(text_key("issuer_sha256"))
            .col(text("issuer"))
            .col(blob("crl"))
            .col(text("sha256"))
            .col(timestamp("this_update"))
            .col(optional(timestamp("next_update")))
            .col(counter("revoked"))
            .col(text("imported_by"))
            .col(timestamp("imported_at"))
            .to_owned(),
        Table::create()
            .table("defect_list")
            .col(text_key("anchor_fingerprint"))
            .col(blob("list"))
            .col(text("sha256"))
            .col(counter("defects"))
            .col(text("imported_by"))
            .col(timestamp("imported_at"))
            .to_owned(),
    ]
}

fn certificate_tables() -> Vec<TableCreateStatement> {
    vec![
        Table::create()
            .table("cv_certificate")
            .col(text("car"))
            .col(text("chr"))
            .col(text_enum("role", &["cvca", "cvca_link", "dv_domestic", "dv_foreign", "is"]))
            .col(text("cvca"))
            .col(blob("certificate"))
            .col(text("fingerprint"))
            .col(text_enum("state", &["awaiting_confirmation", "active", "suspended"]))
            .col(timestamp("effective"))
            .col(timestamp("expires"))
            .col(optional(text("key_handle")))
            .col(text("imported_by"))
            .col(timestamp("imported_at"))
            .col(optional(text("confirmed_by")))
            .primary_key(Index::create().col("car").col("chr"))
            .to_owned(),
        Table::create()
            .table("dv_request")
            .col(text_key("chr"))
            .col(text("cvca"))
            .col(text("car"))
            .col(text("outer_car"))
            .col(blob("request"))
            .col(text("key_handle"))
            .col(text_enum("state", &["open", "fulfilled"]))
            .col(text("created_by"))
            .col(timestamp("created_at"))
            .to_owned(),
        Table::create().table("sequence").col(text_key("holder")).col(counter("last_ordinal")).to_owned(),
    ]
}

fn control_centre_tables() -> Vec<TableCreateStatement> {
    vec![
        Table::create()
            .table("inspection_grant")
            .col(uuid_key("inspection_id"))
            .col(text("terminal_id"))
            .col(text("officer"))
            .col(text("purpose"))
            .col(text("case_number"))
            .col(timestamp("opened_at"))
            .to_owned(),
        Table::create()
            .table("ta_counter")
            .col(text("terminal_id"))
            .col(integer("shift_start"))
            .col(counter("count"))
            .primary_key(Index::create().col("terminal_id").col("shift_start"))
            .to_owned(),
    ]
}

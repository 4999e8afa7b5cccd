//! The tables of the exchange with other states.

use sea_orm_migration::{
    DbErr, MigrationName, MigrationTrait, SchemaManager,
    async_trait::async_trait,
    sea_query::{Index, Table, TableCreateStatement},
};
use straznica_store::columns::{
    blob, boolean, counter, optional, text, text_enum, text_key, timestamp, uuid, uuid_key,
};

/// Partners, what they asked of us, what we asked of them.
pub(crate) struct Exchange;

impl MigrationName for Exchange {
    fn name(&self) -> &'static str {
        "spoc_0002_exchange"
    }
}

#[async_trait]
impl MigrationTrait for Exchange {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = partner_tables().into_iter().chain(issuing_tables()).chain(subscription_tables());
        for table in tables.chain(message_tables()) {
            manager.create_table(table).await?;
        }
        // A request may come back without a certificate.
        for column in [optional(timestamp("closed_at")), optional(text("closed_cause"))] {
            manager.alter_table(Table::alter().table("dv_request").add_column(column).to_owned()).await?;
        }
        for (name, table, columns) in [
            ("country_of_partner_root", "partner_root", &["country"][..]),
            ("country_of_partner_proposal", "partner_proposal", &["country", "state"]),
            ("country_of_planned_outage", "planned_outage", &["country"]),
            ("chr_of_issued_certificate", "issued_certificate", &["chr"]),
            ("holder_of_issued_certificate", "issued_certificate", &["holder"]),
            ("application_of_issued_certificate", "issued_certificate", &["application"]),
            ("expires_of_issued_certificate", "issued_certificate", &["expires"]),
            ("message_of_application", "application", &["caller", "message_id"]),
            ("state_of_application", "application", &["state", "id"]),
            ("chr_of_application", "application", &["chr"]),
            ("key_of_application", "application", &["key_sha256"]),
            ("cvca_of_dv_request", "dv_request", &["cvca", "created_at"]),
            ("due_of_outbox", "outbox", &["state", "next_attempt_at"]),
            ("message_of_outbox", "outbox", &["country", "message_id"]),
            ("subject_of_outbox", "outbox", &["subject"]),
            ("state_of_general_message", "general_message", &["state", "at"]),
        ] {
            let mut index = Index::create().name(name).table(table).to_owned();
            for column in columns {
                index.col(*column);
            }
            manager.create_index(index).await?;
        }
        Ok(())
    }
}

fn partner_tables() -> Vec<TableCreateStatement> {
    vec![
        Table::create()
            .table("partner")
            .col(text_key("country"))
            .col(text("name"))
            .col(text_enum("binding", &["grpc", "soap"]))
            .col(text("profile"))
            .col(text("url"))
            .col(text("email"))
            .col(text("contacts"))
            .col(text_enum("answers", &["synchronous", "asynchronous"]))
            .col(counter("document_years"))
            .col(text_enum("state", &["active", "suspended", "withdrawn"]))
            .col(timestamp("use_from"))
            .col(optional(timestamp("use_until")))
            .col(text("proposed_by"))
            .col(timestamp("proposed_at"))
            .col(text("confirmed_by"))
            .col(timestamp("confirmed_at"))
            .col(optional(text("suspended_reason")))
            .to_owned(),
        Table::create()
            .table("partner_proposal")
            .col(uuid_key("id"))
            .col(text("country"))
            .col(text_enum("kind", &["registration", "resumption"]))
            .col(text("content"))
            .col(text_enum("state", &["open", "confirmed", "withdrawn"]))
            .col(text("proposed_by"))
            .col(timestamp("proposed_at"))
            .col(optional(text("decided_by")))
            .col(optional(timestamp("decided_at")))
            .to_owned(),
        Table::create()
            .table("partner_root")
            .col(text_key("fingerprint"))
            .col(text("country"))
            .col(blob("certificate"))
            .col(text("subject"))
            .col(timestamp("use_from"))
            .col(timestamp("use_until"))
            .col(optional(text("linked_to")))
            .col(text_enum("bindings", &["grpc", "soap", "both"]))
            .col(text_enum("state", &["proposed", "confirmed", "withdrawn"]))
            .col(text("proposed_by"))
            .col(timestamp("proposed_at"))
            .col(optional(text("confirmed_by")))
            .col(optional(timestamp("confirmed_at")))
            .to_owned(),
        Table::create()
            .table("partner_crl")
            .col(text("uri"))
            .col(text("issuer"))
            .col(text("country"))
            .col(blob("crl"))
            .col(timestamp("this_update"))
            .col(optional(timestamp("next_update")))
            .col(timestamp("fetched_at"))
            .primary_key(Index::create().col("uri").col("issuer"))
            .to_owned(),
        Table::create()
            .table("partner_contact")
            .col(text_key("country"))
            .col(optional(timestamp("reached_at")))
            .col(optional(timestamp("heard_at")))
            .col(optional(timestamp("failed_at")))
            .col(optional(text("failure")))
            .to_owned(),
        Table::create()
            .table("planned_outage")
            .col(uuid_key("id"))
            .col(text("country"))
            .col(timestamp("begins"))
            .col(timestamp("ends"))
            .col(text("reason"))
            .col(text("entered_by"))
            .to_owned(),
        Table::create()
            .table("partner_cvca")
            .col(text_key("cvca"))
            .col(text("country"))
            .col(text("document_types"))
            .col(optional(text("replaces")))
            .to_owned(),
    ]
}

fn issuing_tables() -> Vec<TableCreateStatement> {
    vec![
        Table::create()
            .table("holder")
            .col(text_key("holder"))
            .col(text("country"))
            .col(text("domestic_cvca"))
            .col(text("purposes"))
            .col(text("organisations"))
            .col(text_enum("approval", &["automatic", "two_person"]))
            .col(boolean("dg3"))
            .col(boolean("dg4"))
            .col(counter("validity_days"))
            .col(text_enum("state", &["active", "suspended"]))
            .col(optional(text("suspended_reason")))
            .col(text("proposed_by"))
            .col(timestamp("proposed_at"))
            .col(text("confirmed_by"))
            .col(timestamp("confirmed_at"))
            .to_owned(),
        Table::create()
            .table("holder_proposal")
            .col(text_key("holder"))
            .col(text("country"))
            .col(text("domestic_cvca"))
            .col(text("purposes"))
            .col(text("organisations"))
            .col(text_enum("approval", &["automatic", "two_person"]))
            .col(boolean("dg3"))
            .col(boolean("dg4"))
            .col(counter("validity_days"))
            .col(text("proposed_by"))
            .col(timestamp("proposed_at"))
            .to_owned(),
        Table::create()
            .table("cvca_rollover")
            .col(text_key("cvca"))
            .col(text("algorithm"))
            .col(text("parameters"))
            .col(counter("validity_days"))
            .col(text("proposed_by"))
            .col(timestamp("proposed_at"))
            .to_owned(),
        Table::create()
            .table("application")
            .col(uuid_key("id"))
            .col(text("caller"))
            .col(text("message_id"))
            .col(text("holder"))
            .col(text("chr"))
            .col(text("key_sha256"))
            .col(text("outer_car"))
            .col(blob("request"))
            .col(text_enum("state", &["waiting", "issued", "refused"]))
            .col(timestamp("received_at"))
            .col(timestamp("due_at"))
            .col(optional(timestamp("alerted_at")))
            .col(optional(text("first_officer")))
            .col(optional(timestamp("first_at")))
            .col(optional(text("second_officer")))
            .col(optional(timestamp("decided_at")))
            .col(optional(text("code")))
            .col(optional(text("rule")))
            .col(optional(text("detail")))
            .to_owned(),
        Table::create()
            .table("issued_certificate")
            .col(text("car"))
            .col(text("chr"))
            .col(text("holder"))
            .col(text("country"))
            .col(blob("certificate"))
            .col(timestamp("effective"))
            .col(timestamp("expires"))
            .col(uuid("application"))
            .col(timestamp("issued_at"))
            .primary_key(Index::create().col("car").col("chr"))
            .to_owned(),
    ]
}

fn subscription_tables() -> Vec<TableCreateStatement> {
    vec![
        Table::create()
            .table("subscription")
            .col(text_key("cvca"))
            .col(text("country"))
            .col(text("dv_mnemonic"))
            .col(text("is_mnemonic"))
            .col(counter("is_days"))
            .col(text_enum("state", &["active", "paused"]))
            .col(text("created_by"))
            .col(timestamp("created_at"))
            .col(counter("failures"))
            .col(optional(timestamp("not_before")))
            .col(optional(text("problem")))
            .to_owned(),
    ]
}

fn message_tables() -> Vec<TableCreateStatement> {
    let operations = &["request_certificate", "send_certificates", "get_ca_certificates", "general_message"];
    vec![
        Table::create()
            .table("inbound_message")
            .col(text("caller"))
            .col(text("message_id"))
            .col(text_enum("operation", &["request_certificate", "get_ca_certificates", "general_message"]))
            .col(text("sha256"))
            .col(blob("answer"))
            .col(text("code"))
            .col(optional(text("rule")))
            .col(timestamp("received_at"))
            .primary_key(Index::create().col("caller").col("message_id"))
            .to_owned(),
        Table::create()
            .table("outbox")
            .col(uuid_key("id"))
            .col(text("country"))
            .col(text_enum("operation", operations))
            .col(optional(text("message_id")))
            .col(blob("payload"))
            .col(text("subject"))
            .col(text_enum("state", &["pending", "acknowledged", "done", "failed", "cancelled"]))
            .col(counter("attempts"))
            .col(timestamp("created_at"))
            .col(timestamp("next_attempt_at"))
            .col(optional(timestamp("leased_until")))
            .col(optional(timestamp("answered_at")))
            .col(optional(text("code")))
            .col(optional(text("last_error")))
            .col(optional(timestamp("exported_at")))
            .to_owned(),
        Table::create()
            .table("general_message")
            .col(uuid_key("id"))
            .col(text_enum("direction", &["received", "sent"]))
            .col(text("country"))
            .col(text("message_id"))
            .col(text("subject"))
            .col(text("body"))
            .col(timestamp("at"))
            .col(text_enum("state", &["new", "acknowledged", "sending", "delivered", "failed"]))
            .col(optional(text("proposal")))
            .col(optional(text_enum("proposal_state", &["open", "accepted", "rejected"])))
            .col(optional(text("decided_by")))
            .col(optional(timestamp("decided_at")))
            .col(optional(text("decision")))
            .col(optional(text("handled_by")))
            .col(optional(timestamp("handled_at")))
            .to_owned(),
    ]
}

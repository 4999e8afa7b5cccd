//! The journal's tables, to be chained into each service's migrator.
//!
//! | table | what is in it |
//! |---|---|
//! | `journal` | the entries, without what may have to be erased |
//! | `journal_payload` | what may have to be erased: subject, case number, detail, and the salt of their digest |
//! | `event` | what other services may know; own retention |
//! | `journal_tile` | the Merkle tree: hashes of complete subtrees, 256 a row (C2SP tlog-tiles, height 8) |
//! | `journal_checkpoint` | signed sizes and roots |
//! | `journal_cosignature` | other services' signatures over them |
//! | `journal_lease` | which replica numbers entries, and how far it is |
//! | `witness_state` | the last checkpoint of each other service this one cosigned |
//! | `follower_position` | how far this service has followed others' events |

use sea_orm::DbErr;
use sea_orm_migration::sea_query::{ForeignKey, Index, Query, Table};
use sea_orm_migration::{MigrationName, MigrationTrait, SchemaManager};
use straznica_store::columns::{
    blob, bytes, counter, integer, optional, serial_key, text, text_key, timestamp, uuid, uuid_key,
};

use crate::sequencer::LEASE_NAME;

/// The journal's migrations, oldest first.
pub fn migrations() -> Vec<Box<dyn MigrationTrait>> {
    vec![Box::new(CreateTables), Box::new(FollowedEvents)]
}

struct CreateTables;

impl MigrationName for CreateTables {
    fn name(&self) -> &str {
        "journal_001_create_tables"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for CreateTables {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        create_entries(manager).await?;
        create_tree(manager).await?;
        create_exchange(manager).await
    }
}

async fn create_entries(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table("journal")
                .col(serial_key("row_number"))
                .col(uuid("entry_id").unique_key())
                .col(optional(counter("leaf_index")).unique_key())
                .col(timestamp("at"))
                .col(text("actor"))
                .col(text("terminal"))
                .col(text("officer"))
                .col(text("purpose"))
                .col(text("request_id"))
                .col(text("kind"))
                .col(text("legal_basis"))
                .col(bytes("payload_digest", 32))
                .col(optional(bytes("event_digest", 32)))
                .to_owned(),
        )
        .await?;
    for column in ["kind", "officer", "terminal"] {
        manager
            .create_index(
                Index::create()
                    .name(format!("journal_by_{column}"))
                    .table("journal")
                    .col(column)
                    .col("leaf_index")
                    .to_owned(),
            )
            .await?;
    }
    manager
        .create_table(
            Table::create()
                .table("journal_payload")
                .col(uuid_key("entry_id"))
                .col(optional(bytes("salt", 32)))
                .col(optional(text("subject")))
                .col(optional(text("case_number")))
                .col(optional(text("detail")))
                .col(optional(uuid("erased_by")))
                .foreign_key(ForeignKey::create().from("journal_payload", "entry_id").to("journal", "entry_id"))
                .to_owned(),
        )
        .await?;
    manager
        .create_index(
            Index::create().name("journal_payload_by_subject").table("journal_payload").col("subject").to_owned(),
        )
        .await?;
    manager
        .create_table(
            Table::create()
                .table("event")
                .col(uuid_key("entry_id"))
                .col(optional(counter("position")).unique_key())
                .col(timestamp("at"))
                .col(text("type_name"))
                .col(blob("payload"))
                .foreign_key(ForeignKey::create().from("event", "entry_id").to("journal", "entry_id"))
                .to_owned(),
        )
        .await
}

async fn create_tree(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table("journal_tile")
                .col(counter("level"))
                .col(counter("number"))
                .col(blob("hashes"))
                .primary_key(Index::create().col("level").col("number"))
                .to_owned(),
        )
        .await?;
    manager
        .create_table(
            Table::create()
                .table("journal_checkpoint")
                .col(counter("size").primary_key())
                .col(bytes("root", 32))
                .col(text("note"))
                .col(timestamp("at"))
                .to_owned(),
        )
        .await?;
    manager
        .create_table(
            Table::create()
                .table("journal_cosignature")
                .col(integer("size"))
                .col(text("witness"))
                .col(text("verifier_key"))
                .col(text("line"))
                .col(timestamp("at"))
                .primary_key(Index::create().col("size").col("witness"))
                .foreign_key(ForeignKey::create().from("journal_cosignature", "size").to("journal_checkpoint", "size"))
                .to_owned(),
        )
        .await?;
    manager
        .create_table(
            Table::create()
                .table("journal_lease")
                .col(text_key("name"))
                .col(text("holder"))
                .col(timestamp("expires_at"))
                .col(counter("tree_size"))
                .col(counter("event_position"))
                .to_owned(),
        )
        .await?;
    manager
        .execute(
            Query::insert()
                .into_table("journal_lease")
                .columns(["name", "holder", "expires_at", "tree_size", "event_position"])
                .values([LEASE_NAME.into(), "".into(), 0_i64.into(), 0_i64.into(), 0_i64.into()])
                .map_err(|failure| DbErr::Migration(failure.to_string()))?
                .to_owned(),
        )
        .await
}

async fn create_exchange(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table("witness_state")
                .col(text_key("origin"))
                .col(text("verifier_key"))
                .col(counter("size"))
                .col(bytes("root", 32))
                .col(text("note"))
                .col(timestamp("at"))
                .to_owned(),
        )
        .await?;
    manager
        .create_table(
            Table::create().table("follower_position").col(text_key("source")).col(counter("position")).to_owned(),
        )
        .await
}

/// A follower keeps which event it followed, not only its position.
struct FollowedEvents;

impl MigrationName for FollowedEvents {
    fn name(&self) -> &str {
        "journal_002_followed_events"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for FollowedEvents {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let column = optional(uuid("event_id"));
        manager.alter_table(Table::alter().table("follower_position").add_column(column).to_owned()).await
    }
}

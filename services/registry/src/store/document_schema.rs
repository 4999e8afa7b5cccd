//! Tables of documents and their blanks.

use async_trait::async_trait;
use sea_orm::DbErr;
use sea_orm_migration::sea_query::{ForeignKey, Index, Table};
use sea_orm_migration::{MigrationName, MigrationTrait, SchemaManager};
use straznica_store::columns::{counter, integer, optional, serial_key, text, text_enum, timestamp, uuid, uuid_key};

use super::migrations::unique;
use crate::domain::blank::{BlankState, Movement, OrderAction};
use crate::domain::document::{DocumentState, DocumentStep};

pub(super) struct CreateDocuments;

impl MigrationName for CreateDocuments {
    fn name(&self) -> &str {
        "registry_011_create_documents"
    }
}

#[async_trait]
impl MigrationTrait for CreateDocuments {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        create_blanks(manager).await?;
        create_documents(manager).await
    }
}

async fn create_blanks(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    // A number exists once, wherever it is.
    let blank = Table::create()
        .table("blank")
        .col(text("series"))
        .col(counter("number"))
        .col(text("kind"))
        .col(text("office"))
        .col(text_enum("state", &BlankState::ALL.map(BlankState::as_str)))
        .primary_key(Index::create().col("series").col("number"))
        .to_owned();
    manager.create_table(blank).await?;
    let stock = Index::create().name("blank_stock").table("blank").col("office").col("kind").col("state").to_owned();
    manager.create_index(stock).await?;
    let movement = Table::create()
        .table("blank_movement")
        .col(serial_key("id"))
        .col(text("office"))
        .col(text("kind"))
        .col(text("series"))
        .col(counter("first"))
        .col(counter("count"))
        .col(text_enum("movement", &Movement::ALL.map(Movement::as_str)))
        .col(timestamp("at"))
        .col(text("officer"))
        // The order, the document, or why it was spoilt.
        .col(text("because"))
        .to_owned();
    manager.create_table(movement).await?;
    let office = Index::create()
        .name("blank_movement_office")
        .table("blank_movement")
        .col("office")
        .col("kind")
        .col("movement")
        .to_owned();
    manager.create_index(office).await?;
    let order = Table::create()
        .table("blank_order")
        .col(uuid_key("id"))
        .col(text_enum("action", &OrderAction::ALL.map(OrderAction::as_str)))
        .col(text("office"))
        .col(optional(text("to_office")))
        .col(text("kind"))
        .col(text("series"))
        // Ranges, "1+50 90+1": first number and how many.
        .col(text("numbers"))
        .col(text("note"))
        .col(text("proposed_by"))
        .col(timestamp("proposed_at"))
        .col(optional(text("settled_by")))
        .col(optional(timestamp("settled_at")))
        .to_owned();
    manager.create_table(order).await?;
    let waiting =
        Index::create().name("blank_order_waiting").table("blank_order").col("office").col("settled_at").to_owned();
    manager.create_index(waiting).await
}

async fn create_documents(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let document = Table::create()
        .table("document")
        .col(uuid_key("id"))
        .col(uuid("case_id"))
        // In the order of their issue.
        .col(counter("position"))
        .col(uuid("person_id"))
        .col(text("kind"))
        .col(text("blank_kind"))
        .col(text("series"))
        .col(counter("number"))
        .col(text("office"))
        .col(text_enum("state", &DocumentState::ALL.map(DocumentState::as_str)))
        .col(integer("valid_to"))
        .col(counter("version"))
        .foreign_key(ForeignKey::create().from("document", "case_id").to("case_file", "id"))
        .foreign_key(ForeignKey::create().from("document", "person_id").to("person", "id"))
        .to_owned();
    manager.create_table(document).await?;
    unique(manager, "document_number", "document", &["series", "number"]).await?;
    unique(manager, "document_position", "document", &["case_id", "position"]).await?;
    manager.create_index(Index::create().name("document_person").table("document").col("person_id").to_owned()).await?;
    let step = Table::create()
        .table("document_step")
        .col(uuid("document_id"))
        .col(counter("version"))
        .col(text_enum("step", &DocumentStep::ALL.map(DocumentStep::as_str)))
        .col(timestamp("at"))
        .col(text("officer"))
        .col(text("reason"))
        .col(optional(integer("valid_to")))
        .primary_key(Index::create().col("document_id").col("version"))
        .foreign_key(ForeignKey::create().from("document_step", "document_id").to("document", "id"))
        .to_owned();
    manager.create_table(step).await
}

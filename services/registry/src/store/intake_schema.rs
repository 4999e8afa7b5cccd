//! Tables of what comes in by file.

use async_trait::async_trait;
use sea_orm::DbErr;
use sea_orm_migration::sea_query::{ForeignKey, Index, Table};
use sea_orm_migration::{MigrationName, MigrationTrait, SchemaManager};
use straznica_store::columns::{blob, boolean, counter, integer, optional, text, text_enum, timestamp, uuid, uuid_key};

use crate::domain::intake::{Kind, Outcome, State};

/// Intakes, their rows, what each row became, and records as they were kept before.
pub(super) struct CreateIntakes;

impl MigrationName for CreateIntakes {
    fn name(&self) -> &str {
        "registry_005_create_intakes"
    }
}

#[async_trait]
impl MigrationTrait for CreateIntakes {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        create_intake(manager).await?;
        create_brought_in(manager).await
    }
}

fn words<T: Copy>(all: &[T], word: impl Fn(T) -> &'static str) -> Vec<&'static str> {
    all.iter().map(|one| word(*one)).collect()
}

async fn create_intake(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let intake = Table::create()
        .table("intake")
        .col(uuid_key("id"))
        .col(text("source"))
        .col(text_enum("kind", &words(Kind::ALL, Kind::as_str)))
        .col(text("mapping"))
        .col(text("mapping_digest"))
        .col(text("file_digest"))
        .col(boolean("dry_run"))
        .col(text_enum("state", &words(State::ALL, State::as_str)))
        .col(text("purpose"))
        .col(text("case_number"))
        .col(text("proposed_by"))
        .col(timestamp("proposed_at"))
        .col(optional(text("decided_by")))
        .col(optional(timestamp("decided_at")))
        .col(optional(timestamp("finished_at")))
        .to_owned();
    manager.create_table(intake).await?;
    let by_state = Index::create().name("intake_state").table("intake").col("state").col("id").to_owned();
    manager.create_index(by_state).await?;
    let row = Table::create()
        .table("intake_row")
        .col(uuid("intake_id"))
        .col(counter("number"))
        .col(counter("line"))
        // Keyed digests of the row's id and of what it says; empty where it cannot be read.
        .col(text("row_digest"))
        .col(text("said_digest"))
        // What it says, until it has an outcome.
        .col(blob("sealed"))
        .col(text_enum("outcome", &words(Outcome::ALL, Outcome::as_str)))
        .col(optional(text("problem")))
        .col(optional(text("problem_column")))
        .col(optional(uuid("taken_into")))
        .col(boolean("changed"))
        // Of cases and consultations.
        .col(optional(integer("opened_year")))
        .col(optional(text("record_type")))
        .primary_key(Index::create().col("intake_id").col("number"))
        .foreign_key(ForeignKey::create().from("intake_row", "intake_id").to("intake", "id"))
        .to_owned();
    manager.create_table(row).await?;
    let waiting = Index::create()
        .name("intake_row_outcome")
        .table("intake_row")
        .col("intake_id")
        .col("outcome")
        .col("number")
        .to_owned();
    manager.create_index(waiting).await
}

async fn create_brought_in(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let kinds = words(Kind::ALL, Kind::as_str);
    // What a row became. No row of a source is taken in twice.
    let brought = Table::create()
        .table("brought_in")
        .col(text("source"))
        .col(text_enum("kind", &kinds))
        .col(text("row_digest"))
        // Of everything the row says, and of what of it is stated or kept.
        .col(text("row_said_digest"))
        .col(text("said_digest"))
        // Of the number it had there; empty: none.
        .col(text("number_digest"))
        .col(uuid("taken_into"))
        // Which of the person's statements.
        .col(counter("first_statement"))
        .col(counter("statements"))
        .col(uuid("intake_id"))
        .primary_key(Index::create().col("source").col("kind").col("row_digest"))
        .foreign_key(ForeignKey::create().from("brought_in", "intake_id").to("intake", "id"))
        .to_owned();
    manager.create_table(brought).await?;
    let by_number = Index::create().name("brought_in_number").table("brought_in").col("number_digest").to_owned();
    manager.create_index(by_number).await?;
    let record = Table::create()
        .table("former_record")
        .col(uuid_key("id"))
        .col(text_enum("kind", &kinds))
        .col(text("source"))
        .col(blob("sealed"))
        .to_owned();
    manager.create_table(record).await?;
    // Persons of a case, or the case of a consultation.
    let parent = Table::create()
        .table("former_record_parent")
        .col(uuid("record_id"))
        .col(uuid("parent_id"))
        .primary_key(Index::create().col("record_id").col("parent_id"))
        .foreign_key(ForeignKey::create().from("former_record_parent", "record_id").to("former_record", "id"))
        .to_owned();
    manager.create_table(parent).await?;
    let by_parent =
        Index::create().name("former_record_parent_of").table("former_record_parent").col("parent_id").to_owned();
    manager.create_index(by_parent).await
}

/// Who is erased is looked for among what rows became.
pub(super) struct FindWhatBecameOfRows;

impl MigrationName for FindWhatBecameOfRows {
    fn name(&self) -> &str {
        "registry_013_find_what_became_of_rows"
    }
}

#[async_trait]
impl MigrationTrait for FindWhatBecameOfRows {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let index = Index::create().name("brought_in_taken_into").table("brought_in").col("taken_into").to_owned();
        manager.create_index(index).await
    }
}

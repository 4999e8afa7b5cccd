//! The schema, in the order it grew.

use async_trait::async_trait;
use sea_orm::DbErr;
use sea_orm_migration::sea_query::{ForeignKey, Index, Table};
use sea_orm_migration::{MigrationName, MigrationTrait, MigratorTrait, SchemaManager};
use straznica_store::columns::{blob, boolean, counter, integer, optional, text, text_enum, timestamp, uuid, uuid_key};

use super::alerts_schema::CreateAlertChecks;
use super::consultation_schema::CreateConsultations;
use super::consumer_schema::CreateConsumers;
use super::document_schema::CreateDocuments;
use super::finding_schema::CreateFinding;
use super::intake_schema::{CreateIntakes, FindWhatBecameOfRows};
use super::merge_schema::CreateMerges;
use super::retention_schema::{CreateErasedConsultations, CreateRetention};
use super::ruling_schema::CreateRulings;
use super::scn_schema::CreateNetwork;
use crate::domain::file::DecisionState;
use crate::domain::person::FactKind;

/// The tables of the registry, those of the journal first.
pub struct Migrations;

impl MigratorTrait for Migrations {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        let mut migrations = straznica_journal::migrations();
        migrations.push(Box::new(CreatePersons));
        migrations.push(Box::new(CreateCases));
        migrations.push(Box::new(CreateConsumers));
        migrations.push(Box::new(CreateRulings));
        migrations.push(Box::new(CreateIntakes));
        migrations.push(Box::new(CreateFinding));
        migrations.push(Box::new(CreateMerges));
        migrations.push(Box::new(CreateConsultations));
        migrations.push(Box::new(CreateNetwork));
        migrations.push(Box::new(CreateAlertChecks));
        migrations.push(Box::new(CreateDocuments));
        migrations.push(Box::new(CreateRetention));
        migrations.push(Box::new(FindWhatBecameOfRows));
        migrations.push(Box::new(CreateErasedConsultations));
        migrations
    }
}

struct CreatePersons;

impl MigrationName for CreatePersons {
    fn name(&self) -> &str {
        "registry_001_create_persons"
    }
}

#[async_trait]
impl MigrationTrait for CreatePersons {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let person = Table::create()
            .table("person")
            .col(uuid_key("id"))
            .col(counter("version"))
            .col(timestamp("registered_at"))
            .to_owned();
        manager.create_table(person).await?;
        let kinds: Vec<&str> = FactKind::ALL.iter().map(|kind| kind.as_str()).collect();
        let statement = Table::create()
            .table("statement")
            .col(uuid_key("id"))
            .col(uuid("person_id"))
            .col(counter("number"))
            .col(text_enum("kind", &kinds))
            .col(boolean("withdrawn"))
            .col(optional(integer("valid_from")))
            .col(optional(integer("valid_to")))
            .col(blob("sealed"))
            .col(timestamp("recorded_at"))
            .col(text("recorded_by"))
            .col(optional(uuid("replaces")))
            .foreign_key(ForeignKey::create().from("statement", "person_id").to("person", "id"))
            .foreign_key(ForeignKey::create().from("statement", "replaces").to("statement", "id"))
            .to_owned();
        manager.create_table(statement).await?;
        // Each statement of a person has a number of its own, and is replaced once.
        unique(manager, "statement_number", "statement", &["person_id", "number"]).await?;
        unique(manager, "statement_replaces", "statement", &["replaces"]).await
    }
}

struct CreateCases;

impl MigrationName for CreateCases {
    fn name(&self) -> &str {
        "registry_002_create_cases"
    }
}

#[async_trait]
impl MigrationTrait for CreateCases {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        create_case_file(manager).await?;
        create_case_parts(manager).await?;
        let states = DecisionState::ALL.map(DecisionState::as_str);
        let decision = Table::create()
            .table("decision")
            .col(uuid_key("id"))
            .col(uuid("case_id"))
            .col(counter("number"))
            .col(text("decision"))
            .col(text_enum("state", &states))
            .col(text("drafted_by"))
            .col(timestamp("drafted_at"))
            .col(optional(text("approved_by")))
            .col(optional(timestamp("approved_at")))
            .col(optional(timestamp("issued_at")))
            .foreign_key(ForeignKey::create().from("decision", "case_id").to("case_file", "id"))
            .to_owned();
        manager.create_table(decision).await?;
        unique(manager, "decision_number", "decision", &["case_id", "number"]).await
    }
}

async fn create_case_file(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let counters = Table::create()
        .table("case_counter")
        .col(text("case_type"))
        .col(counter("year"))
        .col(counter("last"))
        .primary_key(Index::create().col("case_type").col("year"))
        .to_owned();
    manager.create_table(counters).await?;
    let case = Table::create()
        .table("case_file")
        .col(uuid_key("id"))
        .col(text("number"))
        .col(text("case_type"))
        .col(text("rule_set"))
        .col(timestamp("opened_at"))
        .col(counter("version"))
        .col(optional(text("taken_by")))
        // The rest follows from the events: the worklist is ordered by it.
        .col(text("stage"))
        .col(boolean("closed"))
        .col(timestamp("next_due"))
        .to_owned();
    manager.create_table(case).await?;
    unique(manager, "case_file_number", "case_file", &["number"]).await?;
    let order = Index::create()
        .name("case_file_order")
        .table("case_file")
        .col("closed")
        .col("next_due")
        .col("opened_at")
        .col("id")
        .to_owned();
    manager.create_index(order).await
}

async fn create_case_parts(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let person = Table::create()
        .table("case_person")
        .col(uuid("case_id"))
        .col(uuid("person_id"))
        .col(counter("position"))
        .primary_key(Index::create().col("case_id").col("person_id"))
        .foreign_key(ForeignKey::create().from("case_person", "case_id").to("case_file", "id"))
        .foreign_key(ForeignKey::create().from("case_person", "person_id").to("person", "id"))
        .to_owned();
    manager.create_table(person).await?;
    let event = Table::create()
        .table("case_event")
        .col(uuid("case_id"))
        .col(counter("number"))
        .col(text("event"))
        .col(timestamp("at"))
        .col(optional(text("decision")))
        .col(optional(text("of_which")))
        .col(optional(integer("posted_on")))
        .col(optional(integer("until_day")))
        .col(timestamp("recorded_at"))
        .col(text("recorded_by"))
        .primary_key(Index::create().col("case_id").col("number"))
        .foreign_key(ForeignKey::create().from("case_event", "case_id").to("case_file", "id"))
        .to_owned();
    manager.create_table(event).await?;
    // Every time somebody took a case, and why out of order.
    let taking = Table::create()
        .table("taking")
        .col(uuid("case_id"))
        .col(counter("version"))
        .col(text("officer"))
        .col(timestamp("at"))
        .col(optional(text("reason")))
        .primary_key(Index::create().col("case_id").col("version"))
        .foreign_key(ForeignKey::create().from("taking", "case_id").to("case_file", "id"))
        .to_owned();
    manager.create_table(taking).await
}

pub(super) async fn unique(
    manager: &SchemaManager<'_>,
    name: &'static str,
    table: &'static str,
    columns: &[&'static str],
) -> Result<(), DbErr> {
    let mut index = Index::create();
    index.name(name).table(table).unique();
    for column in columns {
        index.col(*column);
    }
    manager.create_index(index.to_owned()).await
}

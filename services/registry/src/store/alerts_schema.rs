//! The tables of checks against alerts.

use async_trait::async_trait;
use sea_orm::DbErr;
use sea_orm_migration::sea_query::{ForeignKey, Index, Table};
use sea_orm_migration::{MigrationName, MigrationTrait, SchemaManager};
use straznica_store::columns::{blob, boolean, counter, optional, text, text_enum, timestamp, uuid, uuid_key};

use super::migrations::unique;
use crate::domain::alerts::{About, Outcome, Owed, ResolutionState, Unavailable, Verdict};

pub(super) struct CreateAlertChecks;

impl MigrationName for CreateAlertChecks {
    fn name(&self) -> &str {
        "registry_010_create_alert_checks"
    }
}

#[async_trait]
impl MigrationTrait for CreateAlertChecks {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        create_checks(manager).await?;
        create_resolutions(manager).await?;
        create_consultations(manager).await
    }
}

async fn create_checks(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let check = Table::create()
        .table("alert_check")
        .col(uuid_key("id"))
        .col(uuid("person_id"))
        .col(optional(uuid("case_id")))
        .col(text_enum("about", &About::ALL.iter().map(|about| about.as_str()).collect::<Vec<_>>()))
        .col(optional(uuid("statement_id")))
        // What it came to on the day. What it comes to today follows from the findings and from what officers have said of them.
        .col(text_enum("outcome", &Outcome::NAMES))
        .col(optional(text_enum("unavailable", &Unavailable::ALL.iter().map(|why| why.as_str()).collect::<Vec<_>>())))
        .col(counter("findings"))
        .col(text("source"))
        .col(optional(timestamp("as_of")))
        .col(timestamp("checked_at"))
        .col(text("checked_by"))
        .foreign_key(ForeignKey::create().from("alert_check", "person_id").to("person", "id"))
        .foreign_key(ForeignKey::create().from("alert_check", "case_id").to("case_file", "id"))
        .to_owned();
    manager.create_table(check).await?;
    for (name, columns) in
        [("alert_check_person", ["person_id", "checked_at"]), ("alert_check_case", ["case_id", "checked_at"])]
    {
        let index = Index::create().name(name).table("alert_check").col(columns[0]).col(columns[1]).to_owned();
        manager.create_index(index).await?;
    }
    let finding = Table::create()
        .table("alert_finding")
        .col(uuid_key("id"))
        .col(uuid("check_id"))
        .col(uuid("person_id"))
        .col(counter("position"))
        // Which alert, and who was compared with whom: pseudonyms.
        .col(text("alert"))
        .col(text("compared"))
        .col(boolean("exact"))
        .col(blob("sealed"))
        .col(timestamp("found_at"))
        .foreign_key(ForeignKey::create().from("alert_finding", "check_id").to("alert_check", "id"))
        .to_owned();
    manager.create_table(finding).await?;
    unique(manager, "alert_finding_position", "alert_finding", &["check_id", "position"]).await
}

async fn create_resolutions(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let resolution = Table::create()
        .table("alert_resolution")
        .col(uuid_key("id"))
        .col(uuid("person_id"))
        .col(text("alert"))
        .col(text("compared"))
        .col(text_enum("verdict", &Verdict::ALL.iter().map(|verdict| verdict.as_str()).collect::<Vec<_>>()))
        .col(text_enum("state", &ResolutionState::ALL.iter().map(|state| state.as_str()).collect::<Vec<_>>()))
        .col(blob("sealed"))
        .col(text("proposed_by"))
        .col(timestamp("proposed_at"))
        .col(optional(blob("decided_sealed")))
        .col(optional(text("decided_by")))
        .col(optional(timestamp("decided_at")))
        .foreign_key(ForeignKey::create().from("alert_resolution", "person_id").to("person", "id"))
        .to_owned();
    manager.create_table(resolution).await?;
    let index = Index::create()
        .name("alert_resolution_person")
        .table("alert_resolution")
        .col("person_id")
        .col("proposed_at")
        .to_owned();
    manager.create_index(index).await
}

async fn create_consultations(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let consultation = Table::create()
        .table("alert_consultation")
        .col(uuid_key("id"))
        .col(uuid("case_id"))
        .col(uuid("person_id"))
        .col(text("alert"))
        .col(text_enum("owed", &Owed::ALL.iter().map(|owed| owed.as_str()).collect::<Vec<_>>()))
        .col(blob("sealed"))
        .col(timestamp("asked_at"))
        .col(text("asked_by"))
        .col(optional(blob("answer_sealed")))
        .col(optional(timestamp("answered_at")))
        .col(optional(text("answered_by")))
        .foreign_key(ForeignKey::create().from("alert_consultation", "case_id").to("case_file", "id"))
        .foreign_key(ForeignKey::create().from("alert_consultation", "person_id").to("person", "id"))
        .to_owned();
    manager.create_table(consultation).await?;
    // The state that entered an alert is asked once in a case.
    unique(manager, "alert_consultation_alert", "alert_consultation", &["case_id", "person_id", "alert"]).await
}

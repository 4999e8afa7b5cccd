//! The schema, in the order it grew.

use async_trait::async_trait;
use sea_orm::DbErr;
use sea_orm_migration::sea_query::{Index, Table};
use sea_orm_migration::{MigrationName, MigrationTrait, MigratorTrait, SchemaManager};
use straznica_store::columns::{blob, bytes, counter, optional, text, text_enum, timestamp, uuid, uuid_key};

use super::alert_schema::AddBorderAlerts;
use super::archivist_schema::AddArchivists;
use super::asker_schema::CountAskers;
use super::peer_schema::CreatePeerChecks;
use super::privilege_schema::CreatePrivileges;
use super::role_schema::AddRegistryRoles;
use super::verification_schema::CreateVerifications;
use super::verifier_schema::CreateVerifiers;
use crate::domain::{FingerprintResult, KeptFile, Line, ReferralOutcome};

/// The tables of identity, those of the journal first.
pub struct Migrations;

impl MigratorTrait for Migrations {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        let mut migrations = straznica_journal::migrations();
        migrations.push(Box::new(CreateInspections));
        migrations.push(Box::new(CreateVerifications));
        migrations.push(Box::new(CreateVerifiers));
        migrations.push(Box::new(CreatePrivileges));
        migrations.push(Box::new(CreatePeerChecks));
        migrations.push(Box::new(CountAskers));
        migrations.push(Box::new(AddRegistryRoles));
        migrations.push(Box::new(AddBorderAlerts));
        migrations.push(Box::new(AddArchivists));
        migrations
    }
}

struct CreateInspections;

impl MigrationName for CreateInspections {
    fn name(&self) -> &str {
        "identity_001_create_inspections"
    }
}

#[async_trait]
impl MigrationTrait for CreateInspections {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        create_challenge(manager).await?;
        create_inspection(manager).await?;
        create_kept_evidence(manager).await
    }
}

async fn create_challenge(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table("challenge")
                .col(uuid_key("id"))
                .col(text("terminal_id"))
                .col(bytes("value", 8))
                .col(timestamp("expires_at"))
                .col(optional(timestamp("used_at")))
                .to_owned(),
        )
        .await?;
    index(manager, "challenge_expires_at", "challenge", "expires_at").await
}

async fn create_inspection(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let words = |list: &[&'static str]| list.to_vec();
    let lines = words(&Line::ALL.map(Line::as_str));
    let outcomes = words(&ReferralOutcome::ALL.map(ReferralOutcome::as_str));
    let results = words(&FingerprintResult::ALL.map(FingerprintResult::as_str));
    manager
        .create_table(
            Table::create()
                .table("inspection")
                .col(uuid_key("id"))
                .col(text("terminal_id"))
                .col(text("officer"))
                .col(text("purpose"))
                .col(text("legal_basis"))
                .col(optional(text("case_number")))
                .col(text("document"))
                .col(text_enum("access", &["bac", "pace", "pace_cam"]))
                .col(text_enum("line", &lines))
                .col(text("security_object"))
                .col(text_enum("verdict", &["genuine", "not_genuine", "undetermined"]))
                .col(optional(text("issuing_state")))
                .col(text("judgement"))
                .col(text("profile"))
                .col(counter("trust_generation"))
                .col(timestamp("trust_confirmed_at"))
                .col(timestamp("opened_at"))
                .col(timestamp("updated_at"))
                .col(timestamp("open_until"))
                .col(optional(timestamp("announced_at")))
                .col(optional(text("referral_reason")))
                .col(optional(timestamp("referred_at")))
                .col(optional(text("referred_by")))
                .col(optional(text_enum("referral_outcome", &outcomes)))
                .col(optional(timestamp("referral_closed_at")))
                .col(optional(text("referral_closed_by")))
                .col(optional(text_enum("fingerprint_result", &results)))
                .col(optional(timestamp("fingerprint_recorded_at")))
                .col(optional(text("fingerprint_recorded_by")))
                .col(counter("revision"))
                .to_owned(),
        )
        .await?;
    index(manager, "inspection_opened_at", "inspection", "opened_at").await
}

async fn create_kept_evidence(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let names = KeptFile::ALL.map(KeptFile::as_str);
    manager
        .create_table(
            Table::create()
                .table("kept_evidence")
                .col(uuid("inspection_id"))
                .col(text_enum("name", &names))
                .col(blob("content"))
                .col(timestamp("delete_at"))
                .primary_key(Index::create().col("inspection_id").col("name"))
                .to_owned(),
        )
        .await?;
    index(manager, "kept_evidence_delete_at", "kept_evidence", "delete_at").await
}

pub(super) async fn index(
    manager: &SchemaManager<'_>,
    name: &'static str,
    table: &'static str,
    column: &'static str,
) -> Result<(), DbErr> {
    manager.create_index(Index::create().name(name).table(table).col(column).to_owned()).await
}

//! What checks against alerts came to, beside the inspections they were made for.

use async_trait::async_trait;
use sea_orm::DbErr;
use sea_orm_migration::sea_query::Table;
use sea_orm_migration::{MigrationName, MigrationTrait, SchemaManager};
use straznica_store::columns::{optional, text_enum, timestamp, uuid};

/// The words there are from then on.
const RESULTS_THEN: [&str; 4] = ["not_checked", "no_hit", "possible", "hit"];
const REASONS_THEN: [&str; 10] = [
    "holder_not_read",
    "holder_unreadable",
    "not_configured",
    "timed_out",
    "unreachable",
    "source_down",
    "refused",
    "malformed",
    "incomplete",
    "stale",
];
const STEPS_THEN: [&str; 5] = ["go_on", "read_holder", "second_line", "discreetly", "check_elsewhere"];

pub(super) struct AddBorderAlerts;

impl MigrationName for AddBorderAlerts {
    fn name(&self) -> &str {
        "identity_008_add_border_alerts"
    }
}

#[async_trait]
impl MigrationTrait for AddBorderAlerts {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in [
            text_enum("alerts_result", &RESULTS_THEN),
            text_enum("alerts_unchecked", &REASONS_THEN),
            text_enum("alerts_step", &STEPS_THEN),
            uuid("alerts_check"),
            timestamp("alerts_checked_at"),
        ] {
            manager.alter_table(Table::alter().table("inspection").add_column(optional(column)).to_owned()).await?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{AlertsResult, AlertsStep, Unchecked};

    #[test]
    fn the_database_takes_every_word_there_is() {
        assert_eq!(RESULTS_THEN, AlertsResult::NAMES);
        assert_eq!(REASONS_THEN, Unchecked::ALL.map(Unchecked::as_str));
        assert_eq!(STEPS_THEN, AlertsStep::ALL.map(AlertsStep::as_str));
    }
}

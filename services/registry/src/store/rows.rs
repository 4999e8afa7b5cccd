//! Rows ⇄ what the rules know.

use straznica_types::{CivilDate, OfficerId, Timestamp};

use super::entity::{case_event, case_file, decision};
use crate::domain::clock::Happened;
use crate::domain::file::{CaseFile, Decision, Recorded};
use crate::domain::{CaseId, DecisionId};

/// A row this release did not write: the database was changed by hand, or by a newer release in a way it may not.
#[derive(Debug, thiserror::Error)]
#[error("{table} {id}: column {column} cannot be read")]
pub struct UnreadableRow {
    table: &'static str,
    id: String,
    column: &'static str,
}

impl UnreadableRow {
    pub(crate) fn new(table: &'static str, id: impl ToString, column: &'static str) -> Self {
        Self { table, id: id.to_string(), column }
    }
}

/// A day as a column has it.
pub(super) fn day_of(days: Option<i64>) -> Option<CivilDate> {
    days.map(CivilDate::from_days_since_epoch)
}

pub(super) fn days_of(day: Option<CivilDate>) -> Option<i64> {
    day.map(CivilDate::days_since_epoch)
}

pub(super) fn version_of(version: i64) -> u64 {
    // Counters never go below zero: a CHECK holds them to it.
    u64::try_from(version).unwrap_or(0)
}

pub(super) fn case_of(row: case_file::Model) -> Result<CaseFile, UnreadableRow> {
    let bad = |column| UnreadableRow::new("case_file", row.id, column);
    Ok(CaseFile {
        id: CaseId::from_uuid(row.id),
        taken_by: row.taken_by.as_deref().map(OfficerId::parse).transpose().map_err(|_| bad("taken_by"))?,
        number: row.number,
        case_type: row.case_type,
        rule_set: row.rule_set,
        opened_at: Timestamp::from_millis(row.opened_at),
        version: version_of(row.version),
    })
}

pub(super) fn event_of(row: case_event::Model) -> Result<Recorded, UnreadableRow> {
    let bad = |column| UnreadableRow::new("case_event", row.case_id, column);
    Ok(Recorded {
        recorded_by: OfficerId::parse(&row.recorded_by).map_err(|_| bad("recorded_by"))?,
        happened: Happened {
            number: u32::try_from(row.number).map_err(|_| bad("number"))?,
            event: row.event,
            at: Timestamp::from_millis(row.at),
            decision: row.decision,
            of: row.of_which,
            posted_on: day_of(row.posted_on),
            until: day_of(row.until_day),
        },
        recorded_at: Timestamp::from_millis(row.recorded_at),
    })
}

pub(super) fn decision_of(row: decision::Model) -> Result<Decision, UnreadableRow> {
    let bad = |column| UnreadableRow::new("decision", row.id, column);
    let approved_by = row.approved_by.as_deref().map(OfficerId::parse).transpose().map_err(|_| bad("approved_by"))?;
    Ok(Decision {
        id: DecisionId::from_uuid(row.id),
        drafted_by: OfficerId::parse(&row.drafted_by).map_err(|_| bad("drafted_by"))?,
        decision: row.decision,
        drafted_at: Timestamp::from_millis(row.drafted_at),
        approved: approved_by.zip(row.approved_at.map(Timestamp::from_millis)),
        issued_at: row.issued_at.map(Timestamp::from_millis),
    })
}

//! What is told of files that come in, and of what was brought over.

use straznica_contracts::registry::v1 as proto;
use straznica_types::{CivilDate, Timestamp};

use crate::app::{Reconciled, ShownIntake, ShownRecord};
use crate::domain::intake::{Column, Counts, Intake, Kind, Outcome, State};
use crate::store::KeptRow;

pub(super) fn shown(ShownIntake { intake, counts: rows }: ShownIntake) -> proto::GetIntakeResponse {
    proto::GetIntakeResponse {
        intake_id: intake.id.to_string(),
        source: intake.source,
        kind: kind(intake.kind).into(),
        mapping: intake.mapping,
        mapping_sha256: intake.mapping_digest,
        file_sha256: intake.file_digest,
        dry_run: intake.dry_run,
        state: state(intake.state).into(),
        proposed_by: intake.proposed_by.to_string(),
        proposed_at_ms: intake.proposed_at.millis(),
        decided_by: intake.decided_by.as_ref().map(ToString::to_string).unwrap_or_default(),
        finished_at_ms: intake.finished_at.map(Timestamp::millis),
        counts: Some(counts(rows)),
    }
}

pub(super) fn summary(intake: Intake) -> proto::IntakeSummary {
    proto::IntakeSummary {
        intake_id: intake.id.to_string(),
        source: intake.source,
        kind: kind(intake.kind).into(),
        mapping: intake.mapping,
        dry_run: intake.dry_run,
        state: state(intake.state).into(),
        proposed_by: intake.proposed_by.to_string(),
        proposed_at_ms: intake.proposed_at.millis(),
        decided_by: intake.decided_by.as_ref().map(ToString::to_string).unwrap_or_default(),
        finished_at_ms: intake.finished_at.map(Timestamp::millis),
    }
}

pub(super) const fn counts(counts: Counts) -> proto::IntakeCounts {
    proto::IntakeCounts {
        rows: counts.rows(),
        waiting: counts.waiting,
        accepted: counts.accepted,
        unchanged: counts.unchanged,
        refused: counts.refused,
    }
}

pub(super) fn row(row: KeptRow) -> proto::IntakeRow {
    let (code, says) = row.problem.map(|problem| (problem.code.as_str(), problem.code.says())).unwrap_or_default();
    let column = row.problem.and_then(|problem| problem.column).map(Column::as_str);
    proto::IntakeRow {
        number: row.number,
        line: row.line,
        outcome: outcome(row.outcome).into(),
        code: code.to_owned(),
        column: column.unwrap_or_default().to_owned(),
        says: says.to_owned(),
        taken_into: row.taken_into.map(|id| id.to_string()).unwrap_or_default(),
        changed: row.changed,
    }
}

pub(super) fn record(shown: ShownRecord) -> proto::FormerRecord {
    let day = |day: Option<CivilDate>| day.map(|day| day.to_string()).unwrap_or_default();
    let record = shown.record;
    proto::FormerRecord {
        record_id: shown.id.to_string(),
        kind: kind(shown.kind).into(),
        source: shown.source,
        number: shown.number,
        r#type: record.record_type,
        opened_on: record.opened_on.to_string(),
        closed_on: day(record.closed_on),
        outcome: record.outcome,
        authority: record.authority,
        recorded_on: day(record.recorded_on),
        case_record_id: shown.of.map(|id| id.to_string()).unwrap_or_default(),
    }
}

pub(super) fn reconciled(reconciled: Reconciled) -> proto::ReconciledKind {
    let adds_up = reconciled.adds_up();
    let refused = reconciled.refused.into_iter();
    let years = reconciled.years.into_iter();
    proto::ReconciledKind {
        kind: kind(reconciled.kind).into(),
        intake_id: reconciled.intake.to_string(),
        counts: Some(counts(reconciled.counts)),
        refused: refused.map(|((code, column), rows)| proto::ReasonCount { code, column, rows }).collect(),
        changed: reconciled.changed,
        held: reconciled.held,
        of_other_files: reconciled.of_other_files,
        file_sha256: reconciled.file_digest,
        register_sha256: reconciled.register_digest,
        years: years
            .map(|((year, record_type), (in_file, held))| proto::YearSum {
                year: i32::try_from(year).unwrap_or(i32::MAX),
                r#type: record_type,
                in_file,
                held,
            })
            .collect(),
        adds_up,
    }
}

pub(super) const fn kind(kind: Kind) -> proto::IntakeKind {
    match kind {
        Kind::Persons => proto::IntakeKind::Persons,
        Kind::Facts => proto::IntakeKind::Facts,
        Kind::Cases => proto::IntakeKind::Cases,
        Kind::Consultations => proto::IntakeKind::Consultations,
    }
}

pub(super) const fn state(state: State) -> proto::IntakeState {
    match state {
        State::Proposed => proto::IntakeState::Proposed,
        State::Running => proto::IntakeState::Running,
        State::Done => proto::IntakeState::Done,
        State::GivenUp => proto::IntakeState::GivenUp,
    }
}

pub(super) const fn outcome(outcome: Outcome) -> proto::IntakeOutcome {
    match outcome {
        Outcome::Waiting => proto::IntakeOutcome::Waiting,
        Outcome::Accepted => proto::IntakeOutcome::Accepted,
        Outcome::Unchanged => proto::IntakeOutcome::Unchanged,
        Outcome::Refused => proto::IntakeOutcome::Refused,
    }
}

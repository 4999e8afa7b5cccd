//! Queries on files that come in, and their rows.

use std::collections::BTreeMap;

use sea_orm::ActiveValue::Set;
use sea_orm::prelude::Uuid;
use sea_orm::sea_query::{Expr, ExprTrait as _, Func};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};
use straznica_types::{OfficerId, Timestamp};

use super::entity::{intake, intake_row};
use super::rows::UnreadableRow;
use crate::domain::IntakeId;
use crate::domain::intake::{Column, Counts, Intake, Kind, Outcome, Problem, ProblemCode, State};
use crate::error::RegistryError;

/// Rows written in one statement.
const ROWS_AT_ONCE: usize = 200;

/// A row as kept.
#[derive(Debug, Clone)]
pub(crate) struct KeptRow {
    /// From 1, in the order of the file.
    pub(crate) number: u64,
    pub(crate) line: u64,
    pub(crate) row_digest: String,
    pub(crate) said_digest: String,
    pub(crate) sealed: Vec<u8>,
    pub(crate) outcome: Outcome,
    pub(crate) problem: Option<Problem>,
    pub(crate) taken_into: Option<Uuid>,
    pub(crate) changed: bool,
    /// Year and type of a case or consultation.
    pub(crate) record: Option<(i64, String)>,
}

/// Writes a proposed intake with its rows.
pub(crate) async fn insert_intake(tx: &DatabaseTransaction, made: &Intake, rows: &[KeptRow]) -> Result<(), DbErr> {
    let row = intake::ActiveModel {
        id: Set(made.id.uuid()),
        source: Set(made.source.clone()),
        kind: Set(made.kind.as_str().to_owned()),
        mapping: Set(made.mapping.clone()),
        mapping_digest: Set(made.mapping_digest.clone()),
        file_digest: Set(made.file_digest.clone()),
        dry_run: Set(made.dry_run),
        state: Set(made.state.as_str().to_owned()),
        purpose: Set(made.purpose.clone()),
        case_number: Set(made.case_number.clone()),
        proposed_by: Set(made.proposed_by.to_string()),
        proposed_at: Set(made.proposed_at.millis()),
        decided_by: Set(None),
        decided_at: Set(None),
        finished_at: Set(None),
    };
    intake::Entity::insert(row).exec_without_returning(tx).await?;
    for rows in rows.chunks(ROWS_AT_ONCE) {
        let rows = rows.iter().map(|row| intake_row::ActiveModel {
            intake_id: Set(made.id.uuid()),
            number: Set(integer(row.number)),
            line: Set(integer(row.line)),
            row_digest: Set(row.row_digest.clone()),
            said_digest: Set(row.said_digest.clone()),
            sealed: Set(row.sealed.clone()),
            outcome: Set(row.outcome.as_str().to_owned()),
            problem: Set(row.problem.map(|problem| problem.code.as_str().to_owned())),
            problem_column: Set(row.problem.and_then(|problem| Some(problem.column?.as_str().to_owned()))),
            taken_into: Set(None),
            changed: Set(row.changed),
            opened_year: Set(row.record.as_ref().map(|(year, _)| *year)),
            record_type: Set(row.record.as_ref().map(|(_, record_type)| record_type.clone())),
        });
        intake_row::Entity::insert_many(rows).exec_without_returning(tx).await?;
    }
    Ok(())
}

/// An intake.
pub(crate) async fn find_intake(
    connection: &impl ConnectionTrait,
    id: IntakeId,
) -> Result<Option<Intake>, RegistryError> {
    let found = intake::Entity::find_by_id(id.uuid()).one(connection).await?;
    Ok(found.map(intake_of).transpose()?)
}

/// Intakes, the newest first; those of one millisecond in no order.
pub(crate) async fn list_intakes(
    connection: &impl ConnectionTrait,
    before: Option<IntakeId>,
    limit: u64,
) -> Result<Vec<Intake>, RegistryError> {
    let mut rows = intake::Entity::find();
    if let Some(before) = before {
        rows = rows.filter(intake::Column::Id.lt(before.uuid()));
    }
    let rows = rows.order_by_desc(intake::Column::Id).limit(limit).all(connection).await?;
    Ok(rows.into_iter().map(intake_of).collect::<Result<_, _>>()?)
}

/// The intake that has waited longest for its rows to be taken in.
pub(crate) async fn running_intake(connection: &impl ConnectionTrait) -> Result<Option<Intake>, RegistryError> {
    let found = intake::Entity::find()
        .filter(intake::Column::State.eq(State::Running.as_str()))
        .order_by_asc(intake::Column::DecidedAt)
        .order_by_asc(intake::Column::Id)
        .one(connection)
        .await?;
    Ok(found.map(intake_of).transpose()?)
}

/// The last intake of a source and kind whose rows were taken in.
pub(crate) async fn last_intake(
    connection: &impl ConnectionTrait,
    source: &str,
    kind: Kind,
) -> Result<Option<Intake>, RegistryError> {
    let found = intake::Entity::find()
        .filter(intake::Column::Source.eq(source))
        .filter(intake::Column::Kind.eq(kind.as_str()))
        .filter(intake::Column::State.eq(State::Done.as_str()))
        .filter(intake::Column::DryRun.eq(false))
        .order_by_desc(intake::Column::FinishedAt)
        .order_by_desc(intake::Column::Id)
        .one(connection)
        .await?;
    Ok(found.map(intake_of).transpose()?)
}

/// Moves an intake from one state to where it now is; `false` if it was somewhere else.
pub(crate) async fn update_intake(
    tx: &DatabaseTransaction,
    made: &Intake,
    from: State,
    at: Timestamp,
) -> Result<bool, DbErr> {
    let moved = intake::Entity::update_many()
        .col_expr(intake::Column::State, Expr::value(made.state.as_str()))
        .col_expr(intake::Column::DecidedBy, Expr::value(made.decided_by.as_ref().map(ToString::to_string)))
        .col_expr(intake::Column::FinishedAt, Expr::value(made.finished_at.map(Timestamp::millis)))
        .col_expr(
            intake::Column::DecidedAt,
            Func::coalesce([Expr::col(intake::Column::DecidedAt), Expr::value(at.millis())]).into(),
        )
        .filter(intake::Column::Id.eq(made.id.uuid()))
        .filter(intake::Column::State.eq(from.as_str()))
        .exec(tx)
        .await?;
    Ok(moved.rows_affected == 1)
}

/// Rows of an intake by outcome.
pub(crate) async fn count_rows(connection: &impl ConnectionTrait, id: IntakeId) -> Result<Counts, RegistryError> {
    let counted: Vec<(String, i64)> = intake_row::Entity::find()
        .select_only()
        .column(intake_row::Column::Outcome)
        .expr(Expr::col(intake_row::Column::Number).count())
        .filter(intake_row::Column::IntakeId.eq(id.uuid()))
        .group_by(intake_row::Column::Outcome)
        .into_tuple()
        .all(connection)
        .await?;
    let mut counts = Counts::default();
    for (outcome, rows) in counted {
        let outcome = Outcome::from_name(&outcome).ok_or(UnreadableRow::new("intake_row", id, "outcome"))?;
        counts.add(outcome, u64::try_from(rows).unwrap_or(0));
    }
    Ok(counts)
}

/// Some rows of an intake, those after a number, in order.
pub(crate) async fn list_rows(
    connection: &impl ConnectionTrait,
    id: IntakeId,
    outcome: Option<Outcome>,
    after: u64,
    limit: u64,
) -> Result<Vec<KeptRow>, RegistryError> {
    let mut rows = intake_row::Entity::find()
        .filter(intake_row::Column::IntakeId.eq(id.uuid()))
        .filter(intake_row::Column::Number.gt(integer(after)));
    if let Some(outcome) = outcome {
        rows = rows.filter(intake_row::Column::Outcome.eq(outcome.as_str()));
    }
    let rows = rows.order_by_asc(intake_row::Column::Number).limit(limit).all(connection).await?;
    Ok(rows.into_iter().map(row_of).collect::<Result<_, _>>()?)
}

/// Writes what became of a row that waited, and forgets what it said; `false` if it has an outcome already.
pub(crate) async fn close_row(
    tx: &DatabaseTransaction,
    id: IntakeId,
    number: u64,
    outcome: Outcome,
    problem: Option<Problem>,
    taken_into: Option<Uuid>,
) -> Result<bool, DbErr> {
    let closed = intake_row::Entity::update_many()
        .col_expr(intake_row::Column::Outcome, Expr::value(outcome.as_str()))
        .col_expr(intake_row::Column::Problem, Expr::value(problem.map(|problem| problem.code.as_str())))
        .col_expr(
            intake_row::Column::ProblemColumn,
            Expr::value(problem.and_then(|problem| problem.column).map(Column::as_str)),
        )
        .col_expr(intake_row::Column::TakenInto, Expr::value(taken_into))
        .col_expr(intake_row::Column::Sealed, Expr::value(Vec::<u8>::new()))
        .filter(intake_row::Column::IntakeId.eq(id.uuid()))
        .filter(intake_row::Column::Number.eq(integer(number)))
        .filter(intake_row::Column::Outcome.eq(Outcome::Waiting.as_str()))
        .exec(tx)
        .await?;
    Ok(closed.rows_affected == 1)
}

/// Forgets what the waiting rows of an intake say that nobody wants any more.
pub(crate) async fn forget_waiting(tx: &DatabaseTransaction, id: IntakeId) -> Result<(), DbErr> {
    intake_row::Entity::update_many()
        .col_expr(intake_row::Column::Sealed, Expr::value(Vec::<u8>::new()))
        .filter(intake_row::Column::IntakeId.eq(id.uuid()))
        .filter(intake_row::Column::Outcome.eq(Outcome::Waiting.as_str()))
        .exec(tx)
        .await?;
    Ok(())
}

/// Refused rows of an intake by reason and column.
pub(crate) async fn count_refused(
    connection: &impl ConnectionTrait,
    id: IntakeId,
) -> Result<BTreeMap<(String, String), u64>, DbErr> {
    let counted: Vec<(Option<String>, Option<String>, i64)> = intake_row::Entity::find()
        .select_only()
        .column(intake_row::Column::Problem)
        .column(intake_row::Column::ProblemColumn)
        .expr(Expr::col(intake_row::Column::Number).count())
        .filter(intake_row::Column::IntakeId.eq(id.uuid()))
        .filter(intake_row::Column::Outcome.eq(Outcome::Refused.as_str()))
        .group_by(intake_row::Column::Problem)
        .group_by(intake_row::Column::ProblemColumn)
        .into_tuple()
        .all(connection)
        .await?;
    let reason = |(code, column, rows): (Option<String>, Option<String>, i64)| {
        ((code.unwrap_or_default(), column.unwrap_or_default()), u64::try_from(rows).unwrap_or(0))
    };
    Ok(counted.into_iter().map(reason).collect())
}

pub(super) fn integer(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn intake_of(row: intake::Model) -> Result<Intake, UnreadableRow> {
    let bad = |column| UnreadableRow::new("intake", row.id, column);
    Ok(Intake {
        id: IntakeId::from_uuid(row.id),
        kind: Kind::from_name(&row.kind).ok_or_else(|| bad("kind"))?,
        state: State::from_name(&row.state).ok_or_else(|| bad("state"))?,
        proposed_by: OfficerId::parse(&row.proposed_by).map_err(|_| bad("proposed_by"))?,
        decided_by: row.decided_by.as_deref().map(OfficerId::parse).transpose().map_err(|_| bad("decided_by"))?,
        source: row.source,
        mapping: row.mapping,
        mapping_digest: row.mapping_digest,
        file_digest: row.file_digest,
        dry_run: row.dry_run,
        purpose: row.purpose,
        case_number: row.case_number,
        proposed_at: Timestamp::from_millis(row.proposed_at),
        finished_at: row.finished_at.map(Timestamp::from_millis),
    })
}

fn row_of(row: intake_row::Model) -> Result<KeptRow, UnreadableRow> {
    let bad = |column| UnreadableRow::new("intake_row", row.intake_id, column);
    let code = row.problem.as_deref().map(|code| ProblemCode::from_name(code).ok_or_else(|| bad("problem")));
    let column =
        row.problem_column.as_deref().map(|column| Column::from_name(column).ok_or_else(|| bad("problem_column")));
    let column = column.transpose()?;
    Ok(KeptRow {
        number: u64::try_from(row.number).map_err(|_| bad("number"))?,
        line: u64::try_from(row.line).map_err(|_| bad("line"))?,
        outcome: Outcome::from_name(&row.outcome).ok_or_else(|| bad("outcome"))?,
        problem: code.transpose()?.map(|code| Problem { code, column }),
        record: row.opened_year.zip(row.record_type),
        row_digest: row.row_digest,
        said_digest: row.said_digest,
        sealed: row.sealed,
        taken_into: row.taken_into,
        changed: row.changed,
    })
}

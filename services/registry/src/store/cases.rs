//! Queries on cases.

use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};
use straznica_types::Timestamp;

use super::entity::{case_counter, case_event, case_file, case_person, decision, taking};
use super::rows::{case_of, days_of, decision_of, event_of};
use crate::domain::file::{CaseFile, Recorded, Standing, WholeCase};
use crate::domain::{CaseId, PersonId};
use crate::error::RegistryError;

/// The next number of a type of cases in a year, from 1.
pub(crate) async fn next_number(tx: &DatabaseTransaction, case_type: &str, year: i64) -> Result<i64, DbErr> {
    let counted = case_counter::Entity::update_many()
        .col_expr(case_counter::Column::Last, Expr::col(case_counter::Column::Last).add(1_i64))
        .filter(case_counter::Column::CaseType.eq(case_type))
        .filter(case_counter::Column::Year.eq(year))
        .exec_with_returning(tx)
        .await?;
    if let Some(row) = counted.first() {
        return Ok(row.last);
    }
    let first = case_counter::ActiveModel { case_type: Set(case_type.to_owned()), year: Set(year), last: Set(1) };
    case_counter::Entity::insert(first).exec_without_returning(tx).await?;
    Ok(1)
}

/// Writes a new case.
pub(crate) async fn insert_case(tx: &DatabaseTransaction, file: &CaseFile, standing: &Standing) -> Result<(), DbErr> {
    let row = case_file::ActiveModel {
        id: Set(file.id.uuid()),
        number: Set(file.number.clone()),
        case_type: Set(file.case_type.clone()),
        rule_set: Set(file.rule_set.clone()),
        opened_at: Set(file.opened_at.millis()),
        version: Set(i64::try_from(file.version).unwrap_or(i64::MAX)),
        taken_by: Set(file.taken_by.as_ref().map(ToString::to_string)),
        stage: Set(standing.stage.clone()),
        closed: Set(standing.closed),
        next_due: Set(standing.next_due.millis()),
    };
    case_file::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// Moves a case from one version to the next, with who has it and where it stands; `false` if it is at another version.
pub(crate) async fn update_case(
    tx: &DatabaseTransaction,
    file: &CaseFile,
    expected: u64,
    standing: &Standing,
) -> Result<bool, DbErr> {
    let Ok(expected) = i64::try_from(expected) else { return Ok(false) };
    let moved = case_file::Entity::update_many()
        .col_expr(case_file::Column::Version, Expr::col(case_file::Column::Version).add(1_i64))
        .col_expr(case_file::Column::TakenBy, Expr::value(file.taken_by.as_ref().map(ToString::to_string)))
        .col_expr(case_file::Column::Stage, Expr::value(standing.stage.clone()))
        .col_expr(case_file::Column::Closed, Expr::value(standing.closed))
        .col_expr(case_file::Column::NextDue, Expr::value(standing.next_due.millis()))
        .filter(case_file::Column::Id.eq(file.id.uuid()))
        .filter(case_file::Column::Version.eq(expected))
        .exec(tx)
        .await?;
    Ok(moved.rows_affected == 1)
}

/// Writes that a case covers persons, of whom it covers `before` already.
pub(crate) async fn insert_persons(
    tx: &DatabaseTransaction,
    case: CaseId,
    before: usize,
    persons: &[PersonId],
) -> Result<(), DbErr> {
    let first = i64::try_from(before).unwrap_or(i64::MAX);
    let rows = persons.iter().zip(first..).map(|(person, position)| case_person::ActiveModel {
        case_id: Set(case.uuid()),
        person_id: Set(person.uuid()),
        position: Set(position),
    });
    if !persons.is_empty() {
        case_person::Entity::insert_many(rows).exec_without_returning(tx).await?;
    }
    Ok(())
}

/// Writes that something happened.
pub(crate) async fn insert_event(tx: &DatabaseTransaction, case: CaseId, recorded: &Recorded) -> Result<(), DbErr> {
    let happened = &recorded.happened;
    let row = case_event::ActiveModel {
        case_id: Set(case.uuid()),
        number: Set(i64::from(happened.number)),
        event: Set(happened.event.clone()),
        at: Set(happened.at.millis()),
        decision: Set(happened.decision.clone()),
        of_which: Set(happened.of.clone()),
        posted_on: Set(days_of(happened.posted_on)),
        until_day: Set(days_of(happened.until)),
        recorded_at: Set(recorded.recorded_at.millis()),
        recorded_by: Set(recorded.recorded_by.to_string()),
    };
    case_event::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// Writes that somebody took a case, which thereby has the next version.
pub(crate) async fn insert_taking(
    tx: &DatabaseTransaction,
    file: &CaseFile,
    at: Timestamp,
    reason: Option<&str>,
) -> Result<(), DbErr> {
    let row = taking::ActiveModel {
        case_id: Set(file.id.uuid()),
        version: Set(i64::try_from(file.version).unwrap_or(i64::MAX)),
        officer: Set(file.taken_by.as_ref().map(ToString::to_string).unwrap_or_default()),
        at: Set(at.millis()),
        reason: Set(reason.map(ToOwned::to_owned)),
    };
    taking::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// A case with everything in it.
pub(crate) async fn load_case(
    connection: &impl ConnectionTrait,
    id: CaseId,
) -> Result<Option<WholeCase>, RegistryError> {
    let Some(row) = case_file::Entity::find_by_id(id.uuid()).one(connection).await? else { return Ok(None) };
    Ok(Some(whole(connection, case_of(row)?).await?))
}

/// Open cases in fair order.
pub(crate) async fn open_cases(
    connection: &impl ConnectionTrait,
    case_type: Option<&str>,
    limit: u64,
) -> Result<Vec<WholeCase>, RegistryError> {
    let of_type = case_type.map(|case_type| case_file::Column::CaseType.eq(case_type));
    let rows = in_order().limit(limit);
    let rows = match of_type {
        Some(of_type) => rows.filter(of_type).all(connection).await?,
        None => rows.all(connection).await?,
    };
    let mut cases = Vec::with_capacity(rows.len());
    for row in rows {
        cases.push(whole(connection, case_of(row)?).await?);
    }
    Ok(cases)
}

/// The case of a type that is to be taken next.
pub(crate) async fn next_of_type(connection: &impl ConnectionTrait, case_type: &str) -> Result<Option<CaseId>, DbErr> {
    let next = in_order()
        .filter(case_file::Column::CaseType.eq(case_type))
        .filter(case_file::Column::TakenBy.is_null())
        .one(connection)
        .await?;
    Ok(next.map(|row| CaseId::from_uuid(row.id)))
}

fn in_order() -> sea_orm::Select<case_file::Entity> {
    case_file::Entity::find()
        .filter(case_file::Column::Closed.eq(false))
        .order_by_asc(case_file::Column::NextDue)
        .order_by_asc(case_file::Column::OpenedAt)
        .order_by_asc(case_file::Column::Id)
}

async fn whole(connection: &impl ConnectionTrait, file: CaseFile) -> Result<WholeCase, RegistryError> {
    let id = file.id.uuid();
    let persons = case_person::Entity::find()
        .filter(case_person::Column::CaseId.eq(id))
        .order_by_asc(case_person::Column::Position)
        .all(connection)
        .await?;
    let events = case_event::Entity::find()
        .filter(case_event::Column::CaseId.eq(id))
        .order_by_asc(case_event::Column::Number)
        .all(connection)
        .await?;
    let decisions = decision::Entity::find()
        .filter(decision::Column::CaseId.eq(id))
        .order_by_asc(decision::Column::Number)
        .all(connection)
        .await?;
    Ok(WholeCase {
        file,
        persons: persons.into_iter().map(|row| PersonId::from_uuid(row.person_id)).collect(),
        events: events.into_iter().map(event_of).collect::<Result<_, _>>()?,
        decisions: decisions.into_iter().map(decision_of).collect::<Result<_, _>>()?,
    })
}

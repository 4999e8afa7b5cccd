//! Queries on documents.

use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter, QueryOrder};
use straznica_types::{CivilDate, OfficerId, Timestamp};

use super::entity::{document, document_step};
use super::rows::{UnreadableRow, day_of, days_of, version_of};
use crate::domain::blank::{BlankNumber, Series};
use crate::domain::document::{Document, DocumentState, DocumentStep, StepRecord};
use crate::domain::{CaseId, DocumentId, PersonId};
use crate::error::RegistryError;

/// Writes a new document of a case that has `before` of them.
pub(crate) async fn insert_document(tx: &DatabaseTransaction, before: usize, made: &Document) -> Result<(), DbErr> {
    let row = document::ActiveModel {
        id: Set(made.id.uuid()),
        case_id: Set(made.case.uuid()),
        position: Set(i64::try_from(before).unwrap_or(i64::MAX)),
        person_id: Set(made.person.uuid()),
        kind: Set(made.kind.clone()),
        blank_kind: Set(made.blank_kind.clone()),
        series: Set(made.number.series.as_str().to_owned()),
        number: Set(i64::from(made.number.number)),
        office: Set(made.office.clone()),
        state: Set(made.state.as_str().to_owned()),
        valid_to: Set(made.valid_to.days_since_epoch()),
        version: Set(i64::try_from(made.version).unwrap_or(i64::MAX)),
    };
    document::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// Moves a document from one version to the next; `false` if it is at another.
pub(crate) async fn update_document(
    tx: &DatabaseTransaction,
    changed: &Document,
    expected: u64,
) -> Result<bool, DbErr> {
    let Ok(expected) = i64::try_from(expected) else { return Ok(false) };
    let moved = document::Entity::update_many()
        .col_expr(document::Column::Version, Expr::col(document::Column::Version).add(1_i64))
        .col_expr(document::Column::State, Expr::value(changed.state.as_str()))
        .col_expr(document::Column::ValidTo, Expr::value(changed.valid_to.days_since_epoch()))
        .filter(document::Column::Id.eq(changed.id.uuid()))
        .filter(document::Column::Version.eq(expected))
        .exec(tx)
        .await?;
    Ok(moved.rows_affected == 1)
}

/// Writes what was done with a document, which thereby has this version.
pub(crate) async fn insert_document_step(
    tx: &DatabaseTransaction,
    id: DocumentId,
    version: u64,
    step: &StepRecord,
) -> Result<(), DbErr> {
    let row = document_step::ActiveModel {
        document_id: Set(id.uuid()),
        version: Set(i64::try_from(version).unwrap_or(i64::MAX)),
        step: Set(step.step.as_str().to_owned()),
        at: Set(step.at.millis()),
        officer: Set(step.by.to_string()),
        reason: Set(step.reason.clone()),
        valid_to: Set(days_of(step.valid_to)),
    };
    document_step::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// A document.
pub(crate) async fn find_document(
    connection: &impl ConnectionTrait,
    id: DocumentId,
) -> Result<Option<Document>, RegistryError> {
    let row = document::Entity::find_by_id(id.uuid()).one(connection).await?;
    Ok(row.map(document_of).transpose()?)
}

/// Documents of a case, in the order of their issue.
pub(crate) async fn documents_of_case(
    connection: &impl ConnectionTrait,
    case: CaseId,
) -> Result<Vec<Document>, RegistryError> {
    documents(connection, document::Column::CaseId.eq(case.uuid())).await
}

/// Documents of a person, whatever case they came of, case by case.
pub(crate) async fn documents_of_person(
    connection: &impl ConnectionTrait,
    person: PersonId,
) -> Result<Vec<Document>, RegistryError> {
    documents(connection, document::Column::PersonId.eq(person.uuid())).await
}

async fn documents(
    connection: &impl ConnectionTrait,
    whose: sea_orm::sea_query::SimpleExpr,
) -> Result<Vec<Document>, RegistryError> {
    let rows = document::Entity::find()
        .filter(whose)
        .order_by_asc(document::Column::CaseId)
        .order_by_asc(document::Column::Position)
        .all(connection)
        .await?;
    rows.into_iter().map(|row| document_of(row).map_err(RegistryError::from)).collect()
}

/// What was done with a document, in order.
pub(crate) async fn steps_of(
    connection: &impl ConnectionTrait,
    id: DocumentId,
) -> Result<Vec<StepRecord>, RegistryError> {
    let rows = document_step::Entity::find()
        .filter(document_step::Column::DocumentId.eq(id.uuid()))
        .order_by_asc(document_step::Column::Version)
        .all(connection)
        .await?;
    rows.into_iter().map(|row| step_of(row).map_err(RegistryError::from)).collect()
}

fn document_of(row: document::Model) -> Result<Document, UnreadableRow> {
    let bad = |column| UnreadableRow::new("document", row.id, column);
    Ok(Document {
        id: DocumentId::from_uuid(row.id),
        case: CaseId::from_uuid(row.case_id),
        person: PersonId::from_uuid(row.person_id),
        number: BlankNumber {
            series: Series::parse(&row.series).map_err(|_| bad("series"))?,
            number: u32::try_from(row.number).map_err(|_| bad("number"))?,
        },
        state: DocumentState::from_name(&row.state).ok_or_else(|| bad("state"))?,
        valid_to: CivilDate::from_days_since_epoch(row.valid_to),
        version: version_of(row.version),
        kind: row.kind,
        blank_kind: row.blank_kind,
        office: row.office,
    })
}

fn step_of(row: document_step::Model) -> Result<StepRecord, UnreadableRow> {
    let bad = |column| UnreadableRow::new("document_step", row.document_id, column);
    Ok(StepRecord {
        step: DocumentStep::from_name(&row.step).ok_or_else(|| bad("step"))?,
        at: Timestamp::from_millis(row.at),
        by: OfficerId::parse(&row.officer).map_err(|_| bad("officer"))?,
        valid_to: day_of(row.valid_to),
        reason: row.reason,
    })
}

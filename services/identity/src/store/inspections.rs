//! Queries on inspections and on what is kept of them.

use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter};
use straznica_types::{InspectionId, Timestamp};

use super::entity::{inspection, kept_evidence};
use super::rows::{inspection_of, inspection_row};
use crate::domain::{Inspection, KeptEvidence, Refusal};
use crate::error::IdentityError;

/// Writes a new inspection with what is kept of it.
pub(crate) async fn insert_inspection(
    tx: &DatabaseTransaction,
    inspection: &Inspection,
    kept: &KeptEvidence,
) -> Result<(), IdentityError> {
    let row = inspection_row(inspection, inspection.revision)?;
    inspection::Entity::insert(row).exec_without_returning(tx).await?;
    replace_kept(tx, inspection, kept).await
}

/// One inspection.
pub(crate) async fn find_inspection(
    connection: &impl ConnectionTrait,
    id: InspectionId,
) -> Result<Inspection, IdentityError> {
    let row = inspection::Entity::find_by_id(id.uuid()).one(connection).await?;
    Ok(inspection_of(&row.ok_or(Refusal::InspectionUnknown)?)?)
}

/// Writes an inspection if nobody changed it since it was read; `false` if somebody did.
pub(crate) async fn update_inspection(
    tx: &DatabaseTransaction,
    inspection: &Inspection,
) -> Result<bool, IdentityError> {
    let mut row = inspection_row(inspection, inspection.revision + 1)?;
    // Written by `mark_announced` alone, which may have come between.
    row.announced_at = NotSet;
    let updated = inspection::Entity::update_many()
        .set(row)
        .filter(inspection::Column::Id.eq(inspection.id.uuid()))
        .filter(inspection::Column::Revision.eq(inspection.revision))
        .exec(tx)
        .await?;
    Ok(updated.rows_affected == 1)
}

/// Notes when the terminal control centre was told. Changes nothing else, so it needs no revision.
pub(crate) async fn mark_announced(tx: &DatabaseTransaction, id: InspectionId, at: Timestamp) -> Result<(), DbErr> {
    inspection::Entity::update_many()
        .col_expr(inspection::Column::AnnouncedAt, Expr::value(at.millis()))
        .filter(inspection::Column::Id.eq(id.uuid()))
        .exec(tx)
        .await?;
    Ok(())
}

/// What is kept of an inspection; nothing once it was deleted.
pub(crate) async fn find_kept(
    connection: &impl ConnectionTrait,
    id: InspectionId,
) -> Result<KeptEvidence, IdentityError> {
    let rows =
        kept_evidence::Entity::find().filter(kept_evidence::Column::InspectionId.eq(id.uuid())).all(connection).await?;
    Ok(KeptEvidence::from_rows(rows.into_iter().map(|row| (row.name, row.content)))?)
}

/// Writes what is kept of an inspection in the place of what was.
pub(crate) async fn replace_kept(
    tx: &DatabaseTransaction,
    inspection: &Inspection,
    kept: &KeptEvidence,
) -> Result<(), IdentityError> {
    kept_evidence::Entity::delete_many()
        .filter(kept_evidence::Column::InspectionId.eq(inspection.id.uuid()))
        .exec(tx)
        .await?;
    let rows = kept.to_rows()?.into_iter().map(|(file, content)| kept_evidence::ActiveModel {
        inspection_id: Set(inspection.id.uuid()),
        name: Set(file.as_str().to_owned()),
        content: Set(content),
        delete_at: Set(inspection.times.open_until.millis()),
    });
    kept_evidence::Entity::insert_many(rows).exec_without_returning(tx).await?;
    Ok(())
}

/// Deletes what was kept of inspections that are over; returns how many files.
pub(crate) async fn delete_dead_evidence(tx: &impl ConnectionTrait, now: Timestamp) -> Result<u64, DbErr> {
    let deleted =
        kept_evidence::Entity::delete_many().filter(kept_evidence::Column::DeleteAt.lte(now.millis())).exec(tx).await?;
    Ok(deleted.rows_affected)
}

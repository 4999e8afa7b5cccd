//! Open inspections and the counters of signatures given for them.

use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
};
use straznica_store::StoreError;
use straznica_types::{InspectionId, Timestamp};

use super::entity::{inspection_grant, ta_counter};
use crate::domain::inspection_grant::InspectionGrant;

/// The inspection, if it was reported.
pub(crate) async fn find(db: &impl ConnectionTrait, id: InspectionId) -> Result<Option<InspectionGrant>, StoreError> {
    let row = inspection_grant::Entity::find_by_id(id.uuid()).one(db).await?;
    Ok(row.map(|row| InspectionGrant {
        terminal_id: row.terminal_id,
        officer: row.officer,
        purpose: row.purpose,
        case_number: row.case_number,
        opened_at: Timestamp::from_millis(row.opened_at),
    }))
}

/// Keeps a newly reported inspection.
pub(crate) async fn insert(
    db: &impl ConnectionTrait,
    id: InspectionId,
    grant: &InspectionGrant,
) -> Result<(), StoreError> {
    let row = inspection_grant::Model {
        inspection_id: id.uuid(),
        terminal_id: grant.terminal_id.clone(),
        officer: grant.officer.clone(),
        purpose: grant.purpose.clone(),
        case_number: grant.case_number.clone(),
        opened_at: grant.opened_at.millis(),
    };
    row.into_active_model().insert(db).await?;
    Ok(())
}

/// Forgets inspections opened before `before`; returns how many.
pub(crate) async fn forget_opened_before(db: &impl ConnectionTrait, before: Timestamp) -> Result<u64, StoreError> {
    let condition = inspection_grant::Column::OpenedAt.lt(before.millis());
    Ok(inspection_grant::Entity::delete_many().filter(condition).exec(db).await?.rows_affected)
}

/// Counts one more signature of a terminal in a shift and returns the number so far.
pub(crate) async fn count_signature(
    db: &impl ConnectionTrait,
    terminal_id: &str,
    shift_start: Timestamp,
) -> Result<u32, StoreError> {
    let key = (terminal_id.to_owned(), shift_start.millis());
    let count = match ta_counter::Entity::find_by_id(key).one(db).await? {
        None => {
            let first =
                ta_counter::Model { terminal_id: terminal_id.to_owned(), shift_start: shift_start.millis(), count: 1 };
            first.into_active_model().insert(db).await?.count
        }
        Some(row) => {
            let next = row.count + 1;
            ta_counter::ActiveModel { count: Set(next), ..row.into_active_model() }.update(db).await?.count
        }
    };
    Ok(u32::try_from(count).unwrap_or(u32::MAX))
}

/// Forgets counters of shifts that began before `before`; returns how many.
pub(crate) async fn forget_shifts_before(db: &impl ConnectionTrait, before: Timestamp) -> Result<u64, StoreError> {
    let condition = ta_counter::Column::ShiftStart.lt(before.millis());
    Ok(ta_counter::Entity::delete_many().filter(condition).exec(db).await?.rows_affected)
}

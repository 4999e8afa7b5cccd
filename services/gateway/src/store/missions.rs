//! Reading and writing on whose behalf inspections were opened.

use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, sea_query::OnConflict,
};
use straznica_store::StoreError;
use straznica_types::{InspectionId, OfficerId, TerminalId, Timestamp};

use super::entity::mission::{Column, Entity, Model};
use crate::{domain::mission::Mission, error::GatewayError};

/// On whose behalf this terminal opened the inspection; nothing for another terminal's.
pub(crate) async fn find(
    database: &impl ConnectionTrait,
    inspection: InspectionId,
    terminal: &TerminalId,
) -> Result<Option<Mission>, GatewayError> {
    let row = Entity::find_by_id(inspection.uuid())
        .filter(Column::TerminalId.eq(terminal.as_str()))
        .one(database)
        .await
        .map_err(StoreError::from)?;
    row.map(mission_of).transpose()
}

/// Remembers it; the same inspection again says the same again.
pub(crate) async fn put(
    database: &impl ConnectionTrait,
    inspection: InspectionId,
    terminal: &TerminalId,
    mission: &Mission,
    now: Timestamp,
) -> Result<(), StoreError> {
    let row = Model {
        inspection_id: inspection.uuid(),
        terminal_id: terminal.to_string(),
        officer: mission.officer.to_string(),
        purpose: mission.purpose.clone(),
        case_number: mission.case.clone().unwrap_or_default(),
        opened_at: now.millis(),
    };
    Entity::insert(row.into_active_model().reset_all())
        .on_conflict(OnConflict::column(Column::InspectionId).do_nothing().to_owned())
        .exec_without_returning(database)
        .await?;
    Ok(())
}

/// Forgets the older ones; tells how many.
pub(crate) async fn forget_older(database: &impl ConnectionTrait, before: Timestamp) -> Result<u64, StoreError> {
    let deleted = Entity::delete_many().filter(Column::OpenedAt.lte(before.millis())).exec(database).await?;
    Ok(deleted.rows_affected)
}

fn mission_of(row: Model) -> Result<Mission, GatewayError> {
    Ok(Mission {
        officer: OfficerId::parse(&row.officer).map_err(|_| GatewayError::CorruptRow { table: "mission" })?,
        purpose: row.purpose,
        case: (!row.case_number.is_empty()).then_some(row.case_number),
    })
}

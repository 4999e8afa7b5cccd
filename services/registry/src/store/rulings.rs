//! Queries on what decisions say and how they were served.

use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter, QueryOrder};
use straznica_types::{OfficerId, Timestamp};

use super::entity::{decision_service, decision_text};
use super::rows::UnreadableRow;
use crate::domain::ruling::Manner;
use crate::domain::{DecisionId, ServiceId, TextId};
use crate::error::RegistryError;

/// A version of a text, as it is kept.
pub(crate) struct KeptText {
    pub(crate) id: TextId,
    /// From 1.
    pub(crate) version: u32,
    pub(crate) sealed: Vec<u8>,
    pub(crate) written_by: OfficerId,
    pub(crate) written_at: Timestamp,
}

/// A record of service, as it is kept.
pub(crate) struct KeptService {
    pub(crate) id: ServiceId,
    pub(crate) manner: Manner,
    pub(crate) at: Timestamp,
    pub(crate) sealed: Vec<u8>,
    pub(crate) recorded_by: OfficerId,
    pub(crate) recorded_at: Timestamp,
}

/// Writes a version of a text.
pub(crate) async fn insert_text(tx: &DatabaseTransaction, decision: DecisionId, kept: &KeptText) -> Result<(), DbErr> {
    let row = decision_text::ActiveModel {
        id: Set(kept.id.uuid()),
        decision_id: Set(decision.uuid()),
        version: Set(i64::from(kept.version)),
        sealed: Set(kept.sealed.clone()),
        written_by: Set(kept.written_by.to_string()),
        written_at: Set(kept.written_at.millis()),
    };
    decision_text::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// Every version of a text, in order.
pub(crate) async fn texts_of(
    connection: &impl ConnectionTrait,
    decision: DecisionId,
) -> Result<Vec<KeptText>, RegistryError> {
    let rows = decision_text::Entity::find()
        .filter(decision_text::Column::DecisionId.eq(decision.uuid()))
        .order_by_asc(decision_text::Column::Version)
        .all(connection)
        .await?;
    let kept = |row: decision_text::Model| {
        let bad = |column| UnreadableRow::new("decision_text", row.id, column);
        Ok(KeptText {
            id: TextId::from_uuid(row.id),
            version: u32::try_from(row.version).map_err(|_| bad("version"))?,
            written_by: OfficerId::parse(&row.written_by).map_err(|_| bad("written_by"))?,
            written_at: Timestamp::from_millis(row.written_at),
            sealed: row.sealed,
        })
    };
    rows.into_iter().map(kept).collect::<Result<_, UnreadableRow>>().map_err(RegistryError::from)
}

/// Writes a record of service of a decision that has `before` of them.
pub(crate) async fn insert_service(
    tx: &DatabaseTransaction,
    decision: DecisionId,
    before: usize,
    kept: &KeptService,
) -> Result<(), DbErr> {
    let row = decision_service::ActiveModel {
        id: Set(kept.id.uuid()),
        decision_id: Set(decision.uuid()),
        number: Set(i64::try_from(before).unwrap_or(i64::MAX)),
        manner: Set(kept.manner.as_str().to_owned()),
        at: Set(kept.at.millis()),
        sealed: Set(kept.sealed.clone()),
        recorded_by: Set(kept.recorded_by.to_string()),
        recorded_at: Set(kept.recorded_at.millis()),
    };
    decision_service::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// Every record of service of a decision, in order.
pub(crate) async fn services_of(
    connection: &impl ConnectionTrait,
    decision: DecisionId,
) -> Result<Vec<KeptService>, RegistryError> {
    let rows = decision_service::Entity::find()
        .filter(decision_service::Column::DecisionId.eq(decision.uuid()))
        .order_by_asc(decision_service::Column::Number)
        .all(connection)
        .await?;
    let kept = |row: decision_service::Model| {
        let bad = |column| UnreadableRow::new("decision_service", row.id, column);
        Ok(KeptService {
            id: ServiceId::from_uuid(row.id),
            manner: Manner::from_name(&row.manner).ok_or_else(|| bad("manner"))?,
            at: Timestamp::from_millis(row.at),
            recorded_by: OfficerId::parse(&row.recorded_by).map_err(|_| bad("recorded_by"))?,
            recorded_at: Timestamp::from_millis(row.recorded_at),
            sealed: row.sealed,
        })
    };
    rows.into_iter().map(kept).collect::<Result<_, UnreadableRow>>().map_err(RegistryError::from)
}

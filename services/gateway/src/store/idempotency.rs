//! Reading and writing remembered idempotency keys.

use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
    sea_query::OnConflict,
};
use straznica_store::StoreError;
use straznica_types::Timestamp;

use super::entity::idempotency_key::{Column, Entity, Model};
use crate::{
    domain::idempotency::{IdempotencyKey, KeyOwner, Remembered, StoredAnswer},
    error::GatewayError,
};

/// What is remembered of an owner's key.
pub(crate) async fn find(
    database: &impl ConnectionTrait,
    owner: &KeyOwner,
    key: &IdempotencyKey,
) -> Result<Option<Remembered>, GatewayError> {
    let row = Entity::find_by_id((owner.as_str().to_owned(), key.as_str().to_owned()))
        .one(database)
        .await
        .map_err(StoreError::from)?;
    row.map(remembered_of).transpose()
}

/// Remembers a key, in place of whatever was remembered of it.
pub(crate) async fn put(
    database: &impl ConnectionTrait,
    owner: &KeyOwner,
    key: &IdempotencyKey,
    remembered: &Remembered,
) -> Result<(), StoreError> {
    let answer = remembered.answer.as_ref();
    let row = Model {
        terminal_id: owner.as_str().to_owned(),
        idempotency_key: key.as_str().to_owned(),
        body_sha256: remembered.body.to_vec(),
        first_seen: remembered.first_seen.millis(),
        answer_status: answer.map(|answer| i64::from(answer.status)),
        answer_location: answer.map(|answer| answer.location.clone()),
        answer_json: answer.map(|answer| answer.json.clone()),
    };
    let mut replacing = OnConflict::columns([Column::TerminalId, Column::IdempotencyKey]);
    replacing.update_columns([
        Column::BodySha256,
        Column::FirstSeen,
        Column::AnswerStatus,
        Column::AnswerLocation,
        Column::AnswerJson,
    ]);
    Entity::insert(row.into_active_model().reset_all()).on_conflict(replacing).exec_without_returning(database).await?;
    Ok(())
}

/// Forgets a key whose request came to nothing.
pub(crate) async fn forget(
    database: &impl ConnectionTrait,
    owner: &KeyOwner,
    key: &IdempotencyKey,
) -> Result<(), StoreError> {
    Entity::delete_by_id((owner.as_str().to_owned(), key.as_str().to_owned())).exec(database).await?;
    Ok(())
}

/// Forgets answers older than one instant and unanswered keys older than another; tells how many.
pub(crate) async fn forget_older(
    database: &impl ConnectionTrait,
    answered_before: Timestamp,
    in_progress_before: Timestamp,
) -> Result<u64, StoreError> {
    let deleted = Entity::delete_many()
        .filter(
            Condition::any().add(Column::FirstSeen.lte(answered_before.millis())).add(
                Condition::all()
                    .add(Column::AnswerStatus.is_null())
                    .add(Column::FirstSeen.lte(in_progress_before.millis())),
            ),
        )
        .exec(database)
        .await?;
    Ok(deleted.rows_affected)
}

fn remembered_of(row: Model) -> Result<Remembered, GatewayError> {
    let corrupt = || GatewayError::CorruptRow { table: "idempotency_key" };
    let answer = match (row.answer_status, row.answer_location, row.answer_json) {
        (None, None, None) => None,
        (Some(status), Some(location), Some(json)) => {
            Some(StoredAnswer { status: u16::try_from(status).map_err(|_| corrupt())?, location, json })
        }
        _ => return Err(corrupt()),
    };
    Ok(Remembered {
        body: row.body_sha256.try_into().map_err(|_| corrupt())?,
        first_seen: Timestamp::from_millis(row.first_seen),
        answer,
    })
}

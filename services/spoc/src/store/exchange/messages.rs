//! Messages for people, received and sent.

use exchange::Country;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect, QueryTrait, sea_query::Expr,
};
use straznica_store::StoreError;
use straznica_types::Timestamp;
use uuid::Uuid;

use super::super::entity::general_message::{ActiveModel, Column, Entity, Model};

/// Keeps a message.
pub(crate) async fn insert(db: &impl ConnectionTrait, row: Model) -> Result<(), StoreError> {
    row.into_active_model().insert(db).await?;
    Ok(())
}

/// A message by its name.
pub(crate) async fn find(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<Model>, StoreError> {
    Ok(Entity::find_by_id(id).one(db).await?)
}

/// What a list of messages is narrowed to.
#[derive(Debug, Clone, Default)]
pub(crate) struct Narrowing {
    pub(crate) country: Option<Country>,
    pub(crate) direction: Option<&'static str>,
    pub(crate) state: Option<&'static str>,
    /// Only older ones.
    pub(crate) before: Option<Uuid>,
    pub(crate) limit: u64,
}

/// Messages, newest first.
pub(crate) async fn list(db: &impl ConnectionTrait, narrowing: &Narrowing) -> Result<Vec<Model>, StoreError> {
    let rows = Entity::find()
        .apply_if(narrowing.country, |rows, country| rows.filter(Column::Country.eq(country.as_str())))
        .apply_if(narrowing.direction, |rows, direction| rows.filter(Column::Direction.eq(direction)))
        .apply_if(narrowing.state, |rows, state| rows.filter(Column::State.eq(state)))
        .apply_if(narrowing.before, |rows, before| rows.filter(Column::Id.lt(before)));
    Ok(rows.order_by_desc(Column::Id).limit(narrowing.limit).all(db).await?)
}

/// Writes a message's new state.
pub(crate) async fn set_state(db: &impl ConnectionTrait, row: Model, state: &str) -> Result<(), StoreError> {
    ActiveModel { state: Set(state.to_owned()), ..row.into_active_model() }.update(db).await?;
    Ok(())
}

/// Notes of every message still on its way to a partner that it will not arrive.
pub(crate) async fn fail_for(db: &impl ConnectionTrait, country: Country) -> Result<(), StoreError> {
    let failed = Entity::update_many()
        .col_expr(Column::State, Expr::value("failed"))
        .filter(Column::Country.eq(country.as_str()))
        .filter(Column::State.eq("sending"));
    failed.exec(db).await?;
    Ok(())
}

/// Notes who has read a message.
pub(crate) async fn acknowledge(
    db: &impl ConnectionTrait,
    row: Model,
    officer: &str,
    now: Timestamp,
) -> Result<Model, StoreError> {
    let acknowledged = ActiveModel {
        state: Set("acknowledged".to_owned()),
        handled_by: Set(Some(officer.to_owned())),
        handled_at: Set(Some(now.millis())),
        ..row.into_active_model()
    };
    Ok(acknowledged.update(db).await?)
}

/// Notes what was decided about what a message implies: `accepted` or `rejected`, and why.
pub(crate) async fn decide(
    db: &impl ConnectionTrait,
    row: Model,
    state: &str,
    (officer, why): (&str, &str),
    now: Timestamp,
) -> Result<Model, StoreError> {
    let decided = ActiveModel {
        proposal_state: Set(Some(state.to_owned())),
        decided_by: Set(Some(officer.to_owned())),
        decided_at: Set(Some(now.millis())),
        decision: Set(Some(why.to_owned())),
        ..row.into_active_model()
    };
    Ok(decided.update(db).await?)
}

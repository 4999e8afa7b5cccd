//! Foreign CVCAs our document verifier keeps certificates of.

use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    sea_query::Expr,
};
use straznica_exchange_wire::grpc::convert::kept;
use straznica_store::StoreError;
use straznica_types::Timestamp;

use crate::{
    domain::exchange::outbox::State,
    store::entity::{
        outbox,
        subscription::{ActiveModel, Column, Entity, Model},
    },
};

/// Every subscription, by CVCA.
pub(crate) async fn all(db: &impl ConnectionTrait) -> Result<Vec<Model>, StoreError> {
    Ok(Entity::find().order_by_asc(Column::Cvca).all(db).await?)
}

/// Those that are not paused, by CVCA.
pub(crate) async fn active(db: &impl ConnectionTrait) -> Result<Vec<Model>, StoreError> {
    Ok(Entity::find().filter(Column::State.eq("active")).order_by_asc(Column::Cvca).all(db).await?)
}

/// The subscription to a CVCA.
pub(crate) async fn find(db: &impl ConnectionTrait, cvca: &str) -> Result<Option<Model>, StoreError> {
    Ok(Entity::find_by_id(cvca).one(db).await?)
}

/// Keeps a new subscription.
pub(crate) async fn insert(db: &impl ConnectionTrait, row: Model) -> Result<(), StoreError> {
    row.into_active_model().insert(db).await?;
    Ok(())
}

/// Writes what changed of a subscription.
pub(crate) async fn update(db: &impl ConnectionTrait, row: ActiveModel) -> Result<(), StoreError> {
    row.update(db).await?;
    Ok(())
}

/// Takes back what is still to be delivered, or answered, of the messages that carry the request for a holder reference.
pub(crate) async fn cancel_letters_of(
    db: &impl ConnectionTrait,
    reference: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    let cancelled = outbox::Entity::update_many()
        .col_expr(outbox::Column::State, Expr::value(State::Cancelled.as_str()))
        .col_expr(outbox::Column::AnsweredAt, Expr::value(now.millis()))
        .col_expr(outbox::Column::LeasedUntil, Expr::value(Option::<i64>::None))
        .filter(outbox::Column::Subject.eq(reference))
        .filter(outbox::Column::Operation.eq(kept::REQUEST_CERTIFICATE))
        .filter(outbox::Column::State.is_in([State::Pending.as_str(), State::Acknowledged.as_str()]));
    cancelled.exec(db).await?;
    Ok(())
}

/// The messages that carry requests for these holder references.
pub(crate) async fn letters_of(
    db: &impl ConnectionTrait,
    references: Vec<String>,
) -> Result<Vec<outbox::Model>, StoreError> {
    if references.is_empty() {
        return Ok(Vec::new());
    }
    let letters = outbox::Entity::find()
        .filter(outbox::Column::Subject.is_in(references))
        .filter(outbox::Column::Operation.eq(kept::REQUEST_CERTIFICATE));
    Ok(letters.all(db).await?)
}

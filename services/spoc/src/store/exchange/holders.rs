//! Document verifiers our CVCA certifies, and what officers propose about them.

use sea_orm::{ActiveModelTrait, ActiveValue::Set, ConnectionTrait, EntityTrait, IntoActiveModel, QueryOrder};
use straznica_store::StoreError;
use straznica_types::Timestamp;

use crate::store::{
    entity::{holder, holder_proposal},
    generations::{self, Subject},
};

/// A registered holder by country and mnemonic.
pub(crate) async fn find(db: &impl ConnectionTrait, name: &str) -> Result<Option<holder::Model>, StoreError> {
    Ok(holder::Entity::find_by_id(name).one(db).await?)
}

/// Every registered holder.
pub(crate) async fn all(db: &impl ConnectionTrait) -> Result<Vec<holder::Model>, StoreError> {
    Ok(holder::Entity::find().order_by_asc(holder::Column::Holder).all(db).await?)
}

/// Puts what two officers agreed on in the place of what held before. A judgement of before does not hold after that.
pub(crate) async fn replace(db: &impl ConnectionTrait, row: holder::Model, now: Timestamp) -> Result<(), StoreError> {
    holder::Entity::delete_by_id(row.holder.clone()).exec(db).await?;
    row.into_active_model().insert(db).await?;
    generations::raise(db, Subject::Partners, now).await?;
    Ok(())
}

/// Suspends a holder, with the reason, or lifts the suspension. A judgement of before does not hold after that.
pub(crate) async fn set_suspended(
    db: &impl ConnectionTrait,
    row: holder::Model,
    reason: Option<&str>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let state = if reason.is_some() { "suspended" } else { "active" };
    let changed = holder::ActiveModel {
        state: Set(state.to_owned()),
        suspended_reason: Set(reason.map(ToOwned::to_owned)),
        ..row.into_active_model()
    };
    changed.update(db).await?;
    generations::raise(db, Subject::Partners, now).await?;
    Ok(())
}

/// What is proposed about a holder.
pub(crate) async fn find_proposal(
    db: &impl ConnectionTrait,
    name: &str,
) -> Result<Option<holder_proposal::Model>, StoreError> {
    Ok(holder_proposal::Entity::find_by_id(name).one(db).await?)
}

/// Everything proposed.
pub(crate) async fn proposals(db: &impl ConnectionTrait) -> Result<Vec<holder_proposal::Model>, StoreError> {
    Ok(holder_proposal::Entity::find().order_by_asc(holder_proposal::Column::Holder).all(db).await?)
}

/// Keeps a proposal in the place of an earlier one.
pub(crate) async fn propose(db: &impl ConnectionTrait, row: holder_proposal::Model) -> Result<(), StoreError> {
    holder_proposal::Entity::delete_by_id(row.holder.clone()).exec(db).await?;
    row.into_active_model().insert(db).await?;
    Ok(())
}

/// Forgets a proposal.
pub(crate) async fn forget_proposal(db: &impl ConnectionTrait, name: &str) -> Result<(), StoreError> {
    holder_proposal::Entity::delete_by_id(name).exec(db).await?;
    Ok(())
}

//! Ends of suspensions that await their second officer.

use sea_orm::{ActiveModelTrait, ConnectionTrait, EntityTrait, IntoActiveModel};
use straznica_store::StoreError;

use super::entity::resumption_proposal::{Entity, Model};

/// What is proposed about a suspension.
pub(crate) async fn find(db: &impl ConnectionTrait, subject: &str) -> Result<Option<Model>, StoreError> {
    Ok(Entity::find_by_id(subject).one(db).await?)
}

/// Everything proposed.
pub(crate) async fn all(db: &impl ConnectionTrait) -> Result<Vec<Model>, StoreError> {
    Ok(Entity::find().all(db).await?)
}

/// Keeps a proposal in the place of an earlier one.
pub(crate) async fn propose(db: &impl ConnectionTrait, row: Model) -> Result<(), StoreError> {
    forget(db, &row.subject).await?;
    row.into_active_model().insert(db).await?;
    Ok(())
}

/// Forgets a proposal; whether there was one.
pub(crate) async fn forget(db: &impl ConnectionTrait, subject: &str) -> Result<bool, StoreError> {
    Ok(Entity::delete_by_id(subject).exec(db).await?.rows_affected > 0)
}

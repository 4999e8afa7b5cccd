//! New generations of the national CVCA that await their second officer.

use sea_orm::{ActiveModelTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryOrder};
use straznica_store::StoreError;

use crate::store::entity::cvca_rollover::{Column, Entity, Model};

/// Keeps a proposal in the place of an earlier one.
pub(crate) async fn propose(db: &impl ConnectionTrait, row: Model) -> Result<(), StoreError> {
    forget(db, &row.cvca).await?;
    row.into_active_model().insert(db).await?;
    Ok(())
}

/// What is proposed for a CVCA.
pub(crate) async fn find(db: &impl ConnectionTrait, cvca: &str) -> Result<Option<Model>, StoreError> {
    Ok(Entity::find_by_id(cvca).one(db).await?)
}

/// Everything proposed.
pub(crate) async fn all(db: &impl ConnectionTrait) -> Result<Vec<Model>, StoreError> {
    Ok(Entity::find().order_by_asc(Column::Cvca).all(db).await?)
}

/// Forgets a proposal.
pub(crate) async fn forget(db: &impl ConnectionTrait, cvca: &str) -> Result<(), StoreError> {
    Entity::delete_by_id(cvca).exec(db).await?;
    Ok(())
}

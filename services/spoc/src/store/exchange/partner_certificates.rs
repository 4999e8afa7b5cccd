//! Certificates partners were let in by.

use exchange::Country;
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder};
use straznica_store::StoreError;

use crate::store::entity::partner_certificate::{Column, Entity, Model};

/// Those of a partner, one a side.
pub(crate) async fn of(db: &impl ConnectionTrait, country: Country) -> Result<Vec<Model>, StoreError> {
    let of_partner = Entity::find().filter(Column::Country.eq(country.as_str()));
    Ok(of_partner.order_by_asc(Column::Side).all(db).await?)
}

/// Puts one in the place of the last of its side.
pub(crate) async fn replace(db: &impl ConnectionTrait, row: Model) -> Result<(), StoreError> {
    Entity::delete_by_id((row.country.clone(), row.side.clone())).exec(db).await?;
    row.into_active_model().insert(db).await?;
    Ok(())
}

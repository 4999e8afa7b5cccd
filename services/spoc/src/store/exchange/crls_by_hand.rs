//! Revocation lists officers brought.

use exchange::Country;
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder};
use straznica_store::StoreError;

use crate::store::entity::{
    partner_crl,
    partner_crl_by_hand::{Column, Entity, Model},
};

/// Every list by hand.
pub(crate) async fn all(db: &impl ConnectionTrait) -> Result<Vec<Model>, StoreError> {
    Ok(Entity::find().order_by_asc(Column::Country).order_by_asc(Column::Issuer).all(db).await?)
}

/// A partner's.
pub(crate) async fn of(db: &impl ConnectionTrait, country: Country) -> Result<Vec<Model>, StoreError> {
    let of_partner = Entity::find().filter(Column::Country.eq(country.as_str()));
    Ok(of_partner.order_by_asc(Column::Issuer).all(db).await?)
}

/// The one of an authority.
pub(crate) async fn find(
    db: &impl ConnectionTrait,
    country: Country,
    issuer: &str,
) -> Result<Option<Model>, StoreError> {
    Ok(Entity::find_by_id((country.to_string(), issuer.to_owned())).one(db).await?)
}

/// What was fetched of an authority, from wherever.
pub(crate) async fn fetched(
    db: &impl ConnectionTrait,
    country: Country,
    issuer: &str,
) -> Result<Vec<partner_crl::Model>, StoreError> {
    let of_partner = partner_crl::Entity::find().filter(partner_crl::Column::Country.eq(country.as_str()));
    Ok(of_partner.filter(partner_crl::Column::Issuer.eq(issuer)).all(db).await?)
}

/// Puts a list in the place of the one held of its authority.
pub(crate) async fn replace(db: &impl ConnectionTrait, row: Model) -> Result<(), StoreError> {
    Entity::delete_by_id((row.country.clone(), row.issuer.clone())).exec(db).await?;
    row.into_active_model().insert(db).await?;
    Ok(())
}

/// Forgets a list, unless another has taken its place.
pub(crate) async fn delete(db: &impl ConnectionTrait, row: &Model) -> Result<(), StoreError> {
    let of_row = Entity::delete_many()
        .filter(Column::Country.eq(row.country.as_str()))
        .filter(Column::Issuer.eq(row.issuer.as_str()))
        .filter(Column::Sha256.eq(row.sha256.as_str()));
    of_row.exec(db).await?;
    Ok(())
}

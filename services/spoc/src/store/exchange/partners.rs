//! Partners, their roots, their CVCAs and the outages they announced.

use sea_orm::{ConnectionTrait, EntityTrait, QueryOrder};
use straznica_store::StoreError;

use super::super::entity::{partner, partner_cvca, partner_root, planned_outage};

/// Everything about all partners that is registered or being registered.
#[derive(Debug)]
pub(crate) struct Registered {
    pub(crate) partners: Vec<partner::Model>,
    /// Oldest first, whatever their state.
    pub(crate) roots: Vec<partner_root::Model>,
    pub(crate) cvcas: Vec<partner_cvca::Model>,
    pub(crate) outages: Vec<planned_outage::Model>,
}

/// Reads all partners.
pub(crate) async fn registered(db: &impl ConnectionTrait) -> Result<Registered, StoreError> {
    Ok(Registered {
        partners: partner::Entity::find().order_by_asc(partner::Column::Country).all(db).await?,
        roots: partner_root::Entity::find()
            .order_by_asc(partner_root::Column::UseFrom)
            .order_by_asc(partner_root::Column::Fingerprint)
            .all(db)
            .await?,
        cvcas: partner_cvca::Entity::find().order_by_asc(partner_cvca::Column::Cvca).all(db).await?,
        outages: planned_outage::Entity::find().order_by_asc(planned_outage::Column::Begins).all(db).await?,
    })
}

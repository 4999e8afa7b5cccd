//! Partners, what is proposed about them, their roots, their CVCAs, and the outages they announced.

use exchange::Country;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder, QueryTrait,
};
use straznica_store::StoreError;
use straznica_types::Timestamp;
use uuid::Uuid;

use super::super::entity::{partner, partner_cvca, partner_proposal, partner_root, planned_outage};

/// Everything about partners that is registered or being registered.
#[derive(Debug)]
pub(crate) struct Registered {
    pub(crate) partners: Vec<partner::Model>,
    /// Oldest first, whatever their state.
    pub(crate) roots: Vec<partner_root::Model>,
    pub(crate) cvcas: Vec<partner_cvca::Model>,
    pub(crate) outages: Vec<planned_outage::Model>,
}

/// Reads one partner, or all.
pub(crate) async fn registered(db: &impl ConnectionTrait, of: Option<Country>) -> Result<Registered, StoreError> {
    let of = of.map(String::from);
    let partners = partner::Entity::find().apply_if(of.clone(), |all, of| all.filter(partner::Column::Country.eq(of)));
    let roots =
        partner_root::Entity::find().apply_if(of.clone(), |all, of| all.filter(partner_root::Column::Country.eq(of)));
    let cvcas =
        partner_cvca::Entity::find().apply_if(of.clone(), |all, of| all.filter(partner_cvca::Column::Country.eq(of)));
    let outages =
        planned_outage::Entity::find().apply_if(of, |all, of| all.filter(planned_outage::Column::Country.eq(of)));
    Ok(Registered {
        partners: partners.order_by_asc(partner::Column::Country).all(db).await?,
        roots: roots
            .order_by_asc(partner_root::Column::UseFrom)
            .order_by_asc(partner_root::Column::Fingerprint)
            .all(db)
            .await?,
        cvcas: cvcas.order_by_asc(partner_cvca::Column::Cvca).all(db).await?,
        outages: outages.order_by_asc(planned_outage::Column::Begins).all(db).await?,
    })
}

/// A partner's row.
pub(crate) async fn find(db: &impl ConnectionTrait, country: Country) -> Result<Option<partner::Model>, StoreError> {
    Ok(partner::Entity::find_by_id(country.as_str()).one(db).await?)
}

/// Puts a registration in the place of the one held.
pub(crate) async fn replace(db: &impl ConnectionTrait, row: partner::Model) -> Result<(), StoreError> {
    partner::Entity::delete_by_id(row.country.clone()).exec(db).await?;
    row.into_active_model().insert(db).await?;
    Ok(())
}

/// Puts a partner's CVCAs in the place of those held.
pub(crate) async fn replace_cvcas(
    db: &impl ConnectionTrait,
    country: Country,
    rows: Vec<partner_cvca::Model>,
) -> Result<(), StoreError> {
    partner_cvca::Entity::delete_many().filter(partner_cvca::Column::Country.eq(country.as_str())).exec(db).await?;
    for row in rows {
        row.into_active_model().insert(db).await?;
    }
    Ok(())
}

/// Writes a partner's new state.
pub(crate) async fn set_state(
    db: &impl ConnectionTrait,
    row: partner::Model,
    state: &str,
    suspended_reason: Option<&str>,
) -> Result<(), StoreError> {
    let changed = partner::ActiveModel {
        state: Set(state.to_owned()),
        suspended_reason: Set(suspended_reason.map(ToOwned::to_owned)),
        ..row.into_active_model()
    };
    changed.update(db).await?;
    Ok(())
}

/// Keeps a proposal.
pub(crate) async fn propose(db: &impl ConnectionTrait, row: partner_proposal::Model) -> Result<(), StoreError> {
    row.into_active_model().insert(db).await?;
    Ok(())
}

/// A proposal that nobody has decided.
pub(crate) async fn open_proposal(
    db: &impl ConnectionTrait,
    id: Uuid,
) -> Result<Option<partner_proposal::Model>, StoreError> {
    let found = partner_proposal::Entity::find_by_id(id).filter(partner_proposal::Column::State.eq("open"));
    Ok(found.one(db).await?)
}

/// Proposals that nobody has decided, of one partner or of all, oldest first.
pub(crate) async fn open_proposals(
    db: &impl ConnectionTrait,
    of: Option<Country>,
) -> Result<Vec<partner_proposal::Model>, StoreError> {
    let open = partner_proposal::Entity::find()
        .filter(partner_proposal::Column::State.eq("open"))
        .apply_if(of, |open, of| open.filter(partner_proposal::Column::Country.eq(of.as_str())));
    let order = open.order_by_asc(partner_proposal::Column::ProposedAt).order_by_asc(partner_proposal::Column::Id);
    Ok(order.all(db).await?)
}

/// Decides a proposal: `confirmed` or `withdrawn`.
pub(crate) async fn decide(
    db: &impl ConnectionTrait,
    row: partner_proposal::Model,
    state: &str,
    officer: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    let decided = partner_proposal::ActiveModel {
        state: Set(state.to_owned()),
        decided_by: Set(Some(officer.to_owned())),
        decided_at: Set(Some(now.millis())),
        ..row.into_active_model()
    };
    decided.update(db).await?;
    Ok(())
}

/// A root's row.
pub(crate) async fn find_root(
    db: &impl ConnectionTrait,
    country: Country,
    fingerprint: &str,
) -> Result<Option<partner_root::Model>, StoreError> {
    let of_partner = partner_root::Column::Country.eq(country.as_str());
    Ok(partner_root::Entity::find_by_id(fingerprint).filter(of_partner).one(db).await?)
}

/// Keeps a root; one withdrawn before starts again.
pub(crate) async fn replace_root(db: &impl ConnectionTrait, row: partner_root::Model) -> Result<(), StoreError> {
    partner_root::Entity::delete_by_id(row.fingerprint.clone()).exec(db).await?;
    row.into_active_model().insert(db).await?;
    Ok(())
}

/// Keeps an outage.
pub(crate) async fn insert_outage(db: &impl ConnectionTrait, row: planned_outage::Model) -> Result<(), StoreError> {
    row.into_active_model().insert(db).await?;
    Ok(())
}

/// An outage's row.
pub(crate) async fn find_outage(
    db: &impl ConnectionTrait,
    id: Uuid,
) -> Result<Option<planned_outage::Model>, StoreError> {
    Ok(planned_outage::Entity::find_by_id(id).one(db).await?)
}

/// Outages of a partner that are not over at `now`.
pub(crate) async fn outages_from(
    db: &impl ConnectionTrait,
    country: Country,
    now: Timestamp,
) -> Result<Vec<planned_outage::Model>, StoreError> {
    let of_partner = planned_outage::Entity::find().filter(planned_outage::Column::Country.eq(country.as_str()));
    Ok(of_partner.filter(planned_outage::Column::Ends.gt(now.millis())).all(db).await?)
}

/// Ends an outage at `now`: one that has not begun goes, one under way is over.
pub(crate) async fn end_outage(
    db: &impl ConnectionTrait,
    row: planned_outage::Model,
    now: Timestamp,
) -> Result<(), StoreError> {
    if row.begins >= now.millis() {
        planned_outage::Entity::delete_by_id(row.id).exec(db).await?;
        return Ok(());
    }
    planned_outage::ActiveModel { ends: Set(now.millis()), ..row.into_active_model() }.update(db).await?;
    Ok(())
}

/// Countries of all partners but withdrawn ones.
pub(crate) async fn registered_countries(db: &impl ConnectionTrait) -> Result<Vec<String>, StoreError> {
    let registered = partner::Entity::find().filter(partner::Column::State.ne("withdrawn"));
    let registered = registered.order_by_asc(partner::Column::Country).all(db).await?;
    Ok(registered.into_iter().map(|partner| partner.country).collect())
}

//! When partners were reached and heard, their revocation lists, and the counts a board shows.

use exchange::Country;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect,
};
use straznica_store::StoreError;
use straznica_types::Timestamp;

use super::super::entity::{application, general_message, outbox, partner_contact, partner_crl};

/// A moment of contact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Contact {
    /// The partner answered us.
    Reached,
    /// It sent a message that was let in.
    Heard,
    /// It was refused, or not reached; why.
    Failed(String),
}

impl partner_contact::Model {
    /// When there was last a contact of this kind.
    pub(crate) const fn last(&self, contact: &Contact) -> Option<i64> {
        match contact {
            Contact::Reached => self.reached_at,
            Contact::Heard => self.heard_at,
            Contact::Failed(_) => self.failed_at,
        }
    }
}

/// Notes a contact.
pub(crate) async fn note(
    db: &impl ConnectionTrait,
    country: Country,
    contact: Contact,
    now: Timestamp,
) -> Result<(), StoreError> {
    let held = partner_contact::Entity::find_by_id(country.as_str()).one(db).await?;
    let mut row = held.unwrap_or_else(|| partner_contact::Model {
        country: country.to_string(),
        reached_at: None,
        heard_at: None,
        failed_at: None,
        failure: None,
    });
    match contact {
        Contact::Reached => row.reached_at = Some(now.millis()),
        Contact::Heard => row.heard_at = Some(now.millis()),
        Contact::Failed(why) => {
            row.failed_at = Some(now.millis());
            row.failure = Some(why);
        }
    }
    partner_contact::Entity::delete_by_id(country.as_str()).exec(db).await?;
    row.into_active_model().insert(db).await?;
    Ok(())
}

/// When a partner was last in contact.
pub(crate) async fn find(
    db: &impl ConnectionTrait,
    country: Country,
) -> Result<Option<partner_contact::Model>, StoreError> {
    Ok(partner_contact::Entity::find_by_id(country.as_str()).one(db).await?)
}

/// The revocation lists held of a partner.
pub(crate) async fn crls(db: &impl ConnectionTrait, country: Country) -> Result<Vec<partner_crl::Model>, StoreError> {
    let of_partner = partner_crl::Entity::find().filter(partner_crl::Column::Country.eq(country.as_str()));
    Ok(of_partner.order_by_asc(partner_crl::Column::Uri).all(db).await?)
}

/// The revocation list of an issuer at a URI.
pub(crate) async fn find_crl(
    db: &impl ConnectionTrait,
    uri: &str,
    issuer: &str,
) -> Result<Option<partner_crl::Model>, StoreError> {
    Ok(partner_crl::Entity::find_by_id((uri.to_owned(), issuer.to_owned())).one(db).await?)
}

/// Puts a revocation list in the place of the one held. Of the partner's lists no more than `most` stay: the ones fetched longest ago go.
pub(crate) async fn replace_crl(
    db: &impl ConnectionTrait,
    row: partner_crl::Model,
    most: usize,
) -> Result<(), StoreError> {
    partner_crl::Entity::delete_by_id((row.uri.clone(), row.issuer.clone())).exec(db).await?;
    let others: Vec<(String, String)> = partner_crl::Entity::find()
        .select_only()
        .column(partner_crl::Column::Uri)
        .column(partner_crl::Column::Issuer)
        .filter(partner_crl::Column::Country.eq(row.country.as_str()))
        .order_by_desc(partner_crl::Column::FetchedAt)
        .into_tuple()
        .all(db)
        .await?;
    for surplus in others.into_iter().skip(most.saturating_sub(1)) {
        partner_crl::Entity::delete_by_id(surplus).exec(db).await?;
    }
    row.into_active_model().insert(db).await?;
    Ok(())
}

/// A partner's requests that wait here: how many, and when the first is due.
pub(crate) async fn waiting_requests(
    db: &impl ConnectionTrait,
    country: Country,
) -> Result<(u64, Option<i64>), StoreError> {
    let waiting = application::Entity::find()
        .filter(application::Column::Caller.eq(country.as_str()))
        .filter(application::Column::State.eq("waiting"));
    let first = waiting.clone().order_by_asc(application::Column::DueAt).one(db).await?;
    Ok((waiting.count(db).await?, first.map(|row| row.due_at)))
}

/// Messages to a partner in a state: how many, and the oldest.
pub(crate) async fn letters(
    db: &impl ConnectionTrait,
    country: Country,
    state: &str,
) -> Result<(u64, Option<outbox::Model>), StoreError> {
    let letters = outbox::Entity::find()
        .filter(outbox::Column::Country.eq(country.as_str()))
        .filter(outbox::Column::State.eq(state));
    let oldest = letters.clone().order_by_asc(outbox::Column::CreatedAt).one(db).await?;
    Ok((letters.count(db).await?, oldest))
}

/// Messages from a partner that nobody has acknowledged.
pub(crate) async fn unread_messages(db: &impl ConnectionTrait, country: Country) -> Result<u64, StoreError> {
    let unread = general_message::Entity::find()
        .filter(general_message::Column::Country.eq(country.as_str()))
        .filter(general_message::Column::State.eq("new"));
    Ok(unread.count(db).await?)
}

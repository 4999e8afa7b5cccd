//! Deleting what was kept long enough.

use exchange::Country;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, sea_query::Expr};
use straznica_store::StoreError;

use crate::domain::exchange::outbox::State;
use crate::store::entity::{
    application, general_message, inbound_message, issued_certificate, outbox, taken_in_bundle,
};

/// Moments before which things may go, milliseconds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    /// Messages of partners that came, were refused, or read, and our own that came to an end.
    pub(crate) messages: i64,
    /// Certificates issued whose last day it was.
    pub(crate) issued: i64,
}

/// Whose things are looked through.
#[derive(Debug, Clone)]
pub(crate) enum Whose {
    /// One partner's.
    Of(Country),
    /// Those of all states but these.
    AllBut(Vec<Country>),
}

impl Whose {
    /// That a column holds one of these states.
    fn are(&self, column: impl ColumnTrait) -> Condition {
        Condition::all().add(match self {
            Self::Of(country) => column.eq(country.as_str()),
            Self::AllBut(others) => column.is_not_in(others.iter().map(Country::as_str)),
        })
    }
}

/// Deletes at most `limit` rows of each kind; how many in all.
pub(crate) async fn forget(
    db: &impl ConnectionTrait,
    whose: &Whose,
    bounds: Bounds,
    limit: u64,
) -> Result<u64, StoreError> {
    let mut deleted = answers(db, whose, bounds, limit).await?;
    deleted += refused(db, whose, bounds, limit).await?;
    deleted += read(db, whose, bounds, limit).await?;
    deleted += sent(db, whose, bounds, limit).await?;
    deleted += issued(db, whose, bounds, limit).await?;
    deleted += bundles(db, whose, bounds, limit).await?;
    Ok(deleted)
}

/// Answers to messages; a request that waits or was granted is told apart by its own row, whose reference and key stay used.
async fn answers(db: &impl ConnectionTrait, whose: &Whose, bounds: Bounds, limit: u64) -> Result<u64, StoreError> {
    use inbound_message::Column;
    let old = inbound_message::Entity::find().select_only().columns([Column::Caller, Column::MessageId]);
    let old = old.filter(whose.are(Column::Caller)).filter(Column::ReceivedAt.lt(bounds.messages)).limit(limit);
    let keys: Vec<(String, String)> = old.into_tuple().all(db).await?;
    let mut deleted = 0;
    for key in keys {
        deleted += inbound_message::Entity::delete_by_id(key).exec(db).await?.rows_affected;
    }
    Ok(deleted)
}

async fn refused(db: &impl ConnectionTrait, whose: &Whose, bounds: Bounds, limit: u64) -> Result<u64, StoreError> {
    use application::Column;
    let old = application::Entity::find().select_only().column(Column::Id).filter(Column::State.eq("refused"));
    let old = old.filter(whose.are(Column::Caller));
    let ids: Vec<uuid::Uuid> =
        old.filter(Column::ReceivedAt.lt(bounds.messages)).limit(limit).into_tuple().all(db).await?;
    if ids.is_empty() {
        return Ok(0);
    }
    Ok(application::Entity::delete_many().filter(Column::Id.is_in(ids)).exec(db).await?.rows_affected)
}

/// General messages somebody has read and decided about, and our own that came to an end.
async fn read(db: &impl ConnectionTrait, whose: &Whose, bounds: Bounds, limit: u64) -> Result<u64, StoreError> {
    use general_message::Column;
    let undecided = Condition::any().add(Column::ProposalState.is_null()).add(Column::ProposalState.ne("open"));
    let settled = Condition::all().add(Column::State.is_in(["acknowledged", "delivered", "failed"])).add(undecided);
    let old = general_message::Entity::find().select_only().column(Column::Id).filter(settled);
    let old = old.filter(whose.are(Column::Country));
    let ids: Vec<uuid::Uuid> = old.filter(Column::At.lt(bounds.messages)).limit(limit).into_tuple().all(db).await?;
    if ids.is_empty() {
        return Ok(0);
    }
    Ok(general_message::Entity::delete_many().filter(Column::Id.is_in(ids)).exec(db).await?.rows_affected)
}

/// Our own messages that came to an end. Of those still expected to be answered none goes, however old.
async fn sent(db: &impl ConnectionTrait, whose: &Whose, bounds: Bounds, limit: u64) -> Result<u64, StoreError> {
    use outbox::Column;
    let ended = State::ALL.into_iter().filter(|state| !state.is_open()).map(State::as_str);
    let old = outbox::Entity::find().select_only().column(Column::Id).filter(Column::State.is_in(ended));
    let old = old.filter(whose.are(Column::Country));
    let ids: Vec<uuid::Uuid> =
        old.filter(Column::CreatedAt.lt(bounds.messages)).limit(limit).into_tuple().all(db).await?;
    if ids.is_empty() {
        return Ok(0);
    }
    Ok(outbox::Entity::delete_many().filter(Column::Id.is_in(ids)).exec(db).await?.rows_affected)
}

/// What is known of bundles by e-mail. One that old is refused.
async fn bundles(db: &impl ConnectionTrait, whose: &Whose, bounds: Bounds, limit: u64) -> Result<u64, StoreError> {
    use taken_in_bundle::Column;
    let old = taken_in_bundle::Entity::find().select_only().columns([Column::Sender, Column::BundleId]);
    let old = old.filter(whose.are(Column::Sender)).filter(Column::TakenInAt.lt(bounds.messages)).limit(limit);
    let keys: Vec<(String, String)> = old.into_tuple().all(db).await?;
    let mut deleted = 0;
    for key in keys {
        deleted += taken_in_bundle::Entity::delete_by_id(key).exec(db).await?.rows_affected;
    }
    Ok(deleted)
}

/// Certificates issued, and the bytes of the requests they were issued for: the requests stay, for their references and keys are used for ever.
async fn issued(db: &impl ConnectionTrait, whose: &Whose, bounds: Bounds, limit: u64) -> Result<u64, StoreError> {
    use issued_certificate::Column;
    let old = issued_certificate::Entity::find().filter(whose.are(Column::Country));
    let old = old.filter(Column::Expires.lt(bounds.issued)).limit(limit).all(db).await?;
    let mut deleted = 0;
    for row in old {
        let forget =
            application::Entity::update_many().col_expr(application::Column::Request, Expr::value(Vec::<u8>::new()));
        forget.filter(application::Column::Id.eq(row.application)).exec(db).await?;
        deleted += issued_certificate::Entity::delete_by_id((row.car, row.chr)).exec(db).await?.rows_affected;
    }
    Ok(deleted)
}

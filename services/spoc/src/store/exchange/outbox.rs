//! Messages for partners, kept until they are delivered and answered.

use exchange::{Country, code::SendCertificatesCode};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect,
    sea_query::{Expr, ExprTrait as _},
};
use straznica_exchange_wire::grpc::convert::kept;
use straznica_store::StoreError;
use straznica_types::Timestamp;
use uuid::Uuid;

use crate::{
    domain::exchange::outbox::State,
    store::entity::outbox::{ActiveModel, Column, Entity, Model},
};

/// Keeps a new message.
pub(crate) async fn insert(db: &impl ConnectionTrait, row: Model) -> Result<(), StoreError> {
    row.into_active_model().insert(db).await?;
    Ok(())
}

/// The message.
pub(crate) async fn find(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<Model>, StoreError> {
    Ok(Entity::find_by_id(id).one(db).await?)
}

/// Writes a message's new state.
pub(crate) async fn update(db: &impl ConnectionTrait, row: ActiveModel) -> Result<(), StoreError> {
    row.update(db).await?;
    Ok(())
}

fn is_due(now: Timestamp) -> Condition {
    Condition::all().add(Column::State.eq(State::Pending.as_str())).add(Column::NextAttemptAt.lte(now.millis()))
}

fn is_free(now: Timestamp) -> Condition {
    Condition::any().add(Column::LeasedUntil.is_null()).add(Column::LeasedUntil.lte(now.millis()))
}

/// Partners for whom a message is due and free to be delivered.
pub(crate) async fn partners_with_due(db: &impl ConnectionTrait, now: Timestamp) -> Result<Vec<String>, StoreError> {
    let countries = Entity::find().select_only().column(Column::Country).distinct().filter(is_due(now));
    let countries = countries.filter(is_free(now)).order_by_asc(Column::Country);
    Ok(countries.into_tuple().all(db).await?)
}

/// Takes the oldest due message for a partner, until `until`; those the partner failed at when they were last tried come after the others, so that they keep
/// none behind them. One message a partner is under way at a time: none is given while another is.
pub(crate) async fn lease(
    db: &impl ConnectionTrait,
    country: &str,
    now: Timestamp,
    until: Timestamp,
) -> Result<Option<Model>, StoreError> {
    let of_partner = || Entity::find().filter(Column::Country.eq(country));
    let under_way = of_partner().filter(Column::LeasedUntil.gt(now.millis()));
    if under_way.one(db).await?.is_some() {
        return Ok(None);
    }
    let due = of_partner().filter(is_due(now)).order_by_asc(Expr::col(Column::Code).is_not_null());
    let due = due.order_by_asc(Column::CreatedAt).order_by_asc(Column::Id);
    let Some(row) = due.one(db).await? else { return Ok(None) };
    let attempts = row.attempts + 1;
    let leased =
        ActiveModel { attempts: Set(attempts), leased_until: Set(Some(until.millis())), ..row.into_active_model() };
    Ok(Some(leased.update(db).await?))
}

/// Frees every message that is being delivered: of a process that was the only one, and died.
pub(crate) async fn free_all(db: &impl ConnectionTrait) -> Result<u64, StoreError> {
    let freed = Entity::update_many()
        .col_expr(Column::LeasedUntil, Expr::value(Option::<i64>::None))
        .filter(Column::LeasedUntil.is_not_null());
    Ok(freed.exec(db).await?.rows_affected)
}

/// Puts off everything due for a partner until `until`: it is not to be reached before.
pub(crate) async fn put_off(db: &impl ConnectionTrait, country: &str, until: Timestamp) -> Result<(), StoreError> {
    put_off_those(db, country, until, Condition::all()).await
}

/// Puts off what asks a partner for something until `until`; what is owed to it stays due.
pub(crate) async fn put_off_questions(
    db: &impl ConnectionTrait,
    country: &str,
    until: Timestamp,
) -> Result<(), StoreError> {
    let questions = Column::Operation.is_in([kept::REQUEST_CERTIFICATE, kept::GET_CA_CERTIFICATES]);
    put_off_those(db, country, until, Condition::all().add(questions)).await
}

async fn put_off_those(
    db: &impl ConnectionTrait,
    country: &str,
    until: Timestamp,
    which: Condition,
) -> Result<(), StoreError> {
    let put_off = Entity::update_many()
        .col_expr(Column::NextAttemptAt, Expr::value(until.millis()))
        .filter(Column::Country.eq(country))
        .filter(Column::State.eq(State::Pending.as_str()))
        .filter(Column::NextAttemptAt.lt(until.millis()))
        .filter(which);
    put_off.exec(db).await?;
    Ok(())
}

/// Makes everything that waits for a partner due: it may be written to again.
pub(crate) async fn make_due(db: &impl ConnectionTrait, country: &str, now: Timestamp) -> Result<(), StoreError> {
    let due = Entity::update_many()
        .col_expr(Column::NextAttemptAt, Expr::value(now.millis()))
        .filter(Column::Country.eq(country))
        .filter(Column::State.eq(State::Pending.as_str()))
        .filter(Column::NextAttemptAt.gt(now.millis()));
    due.exec(db).await?;
    Ok(())
}

/// The message of ours to a partner that an answer under this identifier belongs to. Certificates we send carry an identifier of the partner's, so
/// they are none.
pub(crate) async fn find_answerable(
    db: &impl ConnectionTrait,
    country: Country,
    message_id: &str,
) -> Result<Option<Model>, StoreError> {
    let found = Entity::find()
        .filter(Column::Country.eq(country.as_str()))
        .filter(Column::MessageId.eq(message_id))
        .filter(Column::Operation.is_in([kept::REQUEST_CERTIFICATE, kept::GET_CA_CERTIFICATES]))
        .order_by_asc(Column::CreatedAt);
    Ok(found.one(db).await?)
}

/// The newest message of one operation to a partner.
pub(crate) async fn newest(
    db: &impl ConnectionTrait,
    country: Country,
    operation: &str,
) -> Result<Option<Model>, StoreError> {
    let of_partner =
        Entity::find().filter(Column::Country.eq(country.as_str())).filter(Column::Operation.eq(operation));
    Ok(of_partner.order_by_desc(Column::CreatedAt).order_by_desc(Column::Id).one(db).await?)
}

/// What a list of messages is narrowed to.
#[derive(Debug, Clone, Default)]
pub(crate) struct Narrowing {
    pub(crate) country: Option<Country>,
    pub(crate) state: Option<State>,
    /// Only those with a smaller id: the next page of a list that begins with the newest.
    pub(crate) before: Option<Uuid>,
    pub(crate) limit: u64,
}

/// Messages, newest first.
pub(crate) async fn list(db: &impl ConnectionTrait, narrowing: &Narrowing) -> Result<Vec<Model>, StoreError> {
    let mut rows = Entity::find();
    if let Some(country) = narrowing.country {
        rows = rows.filter(Column::Country.eq(country.as_str()));
    }
    if let Some(state) = narrowing.state {
        rows = rows.filter(Column::State.eq(state.as_str()));
    }
    if let Some(before) = narrowing.before {
        rows = rows.filter(Column::Id.lt(before));
    }
    Ok(rows.order_by_desc(Column::Id).limit(narrowing.limit).all(db).await?)
}

/// Cancels everything still open for a partner that is registered no more. Returns how many messages that were.
pub(crate) async fn cancel_for(db: &impl ConnectionTrait, country: Country, now: Timestamp) -> Result<u64, StoreError> {
    let cancelled = Entity::update_many()
        .col_expr(Column::State, Expr::value(State::Cancelled.as_str()))
        .col_expr(Column::AnsweredAt, Expr::value(now.millis()))
        .filter(Column::Country.eq(country.as_str()))
        .filter(Column::State.is_in([State::Pending.as_str(), State::Acknowledged.as_str()]));
    Ok(cancelled.exec(db).await?.rows_affected)
}

/// What a partner says that does not take certificates.
const NOT_TAKEN: [SendCertificatesCode; 2] =
    [SendCertificatesCode::FailureSyntax, SendCertificatesCode::FailureMessageIdUnknown];

/// How many deliveries of certificates a partner answered since then by not taking them.
pub(crate) async fn refused_deliveries(
    db: &impl ConnectionTrait,
    country: Country,
    since: Timestamp,
) -> Result<u64, StoreError> {
    let refused = Entity::find()
        .filter(Column::Country.eq(country.as_str()))
        .filter(Column::Operation.eq(kept::SEND_CERTIFICATES))
        .filter(Column::State.eq(State::Failed.as_str()))
        .filter(Column::Code.is_in(NOT_TAKEN.map(SendCertificatesCode::as_str)))
        .filter(Column::AnsweredAt.gte(since.millis()));
    Ok(refused.count(db).await?)
}

/// Messages to a partner that are not delivered: those that never left in a bundle first, then those that left longest ago; among them the oldest first.
pub(crate) async fn for_bundle(
    db: &impl ConnectionTrait,
    country: Country,
    limit: u64,
) -> Result<Vec<Model>, StoreError> {
    let pending = Entity::find()
        .filter(Column::Country.eq(country.as_str()))
        .filter(Column::State.eq(State::Pending.as_str()))
        .order_by_asc(Expr::col(Column::ExportedAt).if_null(0))
        .order_by_asc(Column::CreatedAt)
        .order_by_asc(Column::Id);
    Ok(pending.limit(limit).all(db).await?)
}

/// Notes that a message left in a bundle by e-mail.
pub(crate) async fn exported(db: &impl ConnectionTrait, id: Uuid, now: Timestamp) -> Result<(), StoreError> {
    Entity::update_many()
        .col_expr(Column::ExportedAt, Expr::value(now.millis()))
        .filter(Column::Id.eq(id))
        .exec(db)
        .await?;
    Ok(())
}

/// Messages of ours to a partner that have no identifier and are not delivered, oldest first.
pub(crate) async fn without_message_id(db: &impl ConnectionTrait, country: Country) -> Result<Vec<Model>, StoreError> {
    let found = Entity::find()
        .filter(Column::Country.eq(country.as_str()))
        .filter(Column::State.eq(State::Pending.as_str()))
        .filter(Column::MessageId.is_null())
        .order_by_asc(Column::CreatedAt);
    Ok(found.all(db).await?)
}

/// Messages of ours to a partner under this identifier, oldest first.
pub(crate) async fn of_message(
    db: &impl ConnectionTrait,
    country: Country,
    message_id: &str,
) -> Result<Vec<Model>, StoreError> {
    let found = Entity::find()
        .filter(Column::Country.eq(country.as_str()))
        .filter(Column::MessageId.eq(message_id))
        .order_by_asc(Column::CreatedAt);
    Ok(found.all(db).await?)
}

//! Requests of other states for DV certificates, and what was issued for them.

use cvc::reference::Reference;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect, sea_query::Expr,
};
use straznica_store::StoreError;
use straznica_types::Timestamp;
use uuid::Uuid;

use crate::{
    domain::exchange::processing::Used,
    store::entity::{
        application::{ActiveModel, Column, Entity, Model},
        issued_certificate,
    },
};

/// Keeps a request.
pub(crate) async fn insert(db: &impl ConnectionTrait, row: Model) -> Result<(), StoreError> {
    Entity::insert(row.into_active_model()).exec_without_returning(db).await?;
    Ok(())
}

/// The request.
pub(crate) async fn find(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<Model>, StoreError> {
    Ok(Entity::find_by_id(id).one(db).await?)
}

/// The request a caller sent under an identifier.
pub(crate) async fn of_message(
    db: &impl ConnectionTrait,
    caller: &str,
    message_id: &str,
) -> Result<Option<Model>, StoreError> {
    Ok(Entity::find().filter(Column::Caller.eq(caller)).filter(Column::MessageId.eq(message_id)).one(db).await?)
}

/// Writes a request's new state.
pub(crate) async fn update(db: &impl ConnectionTrait, row: ActiveModel) -> Result<(), StoreError> {
    row.update(db).await?;
    Ok(())
}

/// Which of a holder reference under a CVCA and a key another request used that waits or was granted.
pub(crate) async fn used(
    db: &impl ConnectionTrait,
    cvca: &str,
    chr: &str,
    key_sha256: &str,
) -> Result<Used, StoreError> {
    let either = Condition::any().add(Column::Chr.eq(chr)).add(Column::KeySha256.eq(key_sha256));
    // The state is looked at here and not in the statement: it would tempt SQLite to walk through every request ever granted.
    let columns = [Column::Cvca, Column::Chr, Column::KeySha256, Column::State];
    let rows = Entity::find().select_only().columns(columns).filter(either);
    let mut rows: Vec<(String, String, String, String)> = rows.into_tuple().all(db).await?;
    rows.retain(|(.., state)| state != "refused");
    Ok(Used {
        reference: rows.iter().any(|(under, used, ..)| used == chr && (under == cvca || under.is_empty())),
        key: rows.iter().any(|(_, _, used, _)| used == key_sha256),
    })
}

/// What a list of requests is narrowed to.
#[derive(Debug, Clone, Default)]
pub(crate) struct Narrowing {
    pub(crate) state: Option<&'static str>,
    pub(crate) caller: Option<String>,
    /// Only those with a smaller id: the next page of a list that begins with the newest.
    pub(crate) before: Option<Uuid>,
    pub(crate) limit: u64,
}

/// Requests, newest first.
pub(crate) async fn list(db: &impl ConnectionTrait, narrowing: &Narrowing) -> Result<Vec<Model>, StoreError> {
    let mut rows = Entity::find();
    if let Some(state) = narrowing.state {
        rows = rows.filter(Column::State.eq(state));
    }
    if let Some(caller) = &narrowing.caller {
        rows = rows.filter(Column::Caller.eq(caller.as_str()));
    }
    if let Some(before) = narrowing.before {
        rows = rows.filter(Column::Id.lt(before));
    }
    Ok(rows.order_by_desc(Column::Id).limit(narrowing.limit).all(db).await?)
}

/// Requests that wait, oldest first, from the one after `after` on.
pub(crate) async fn waiting(
    db: &impl ConnectionTrait,
    after: Option<Uuid>,
    limit: u64,
) -> Result<Vec<Model>, StoreError> {
    let mut rows = Entity::find().filter(Column::State.eq("waiting"));
    if let Some(after) = after {
        rows = rows.filter(Column::Id.gt(after));
    }
    Ok(rows.order_by_asc(Column::Id).limit(limit).all(db).await?)
}

/// Keeps a certificate that is about to leave.
pub(crate) async fn insert_issued(db: &impl ConnectionTrait, row: issued_certificate::Model) -> Result<(), StoreError> {
    issued_certificate::Entity::insert(row.into_active_model()).exec_without_returning(db).await?;
    Ok(())
}

/// Certificates we issued under a holder reference: one at most under each generation of our CVCA.
pub(crate) async fn issued_to(
    db: &impl ConnectionTrait,
    chr: &Reference,
) -> Result<Vec<issued_certificate::Model>, StoreError> {
    let issued = issued_certificate::Entity::find().filter(issued_certificate::Column::Chr.eq(chr.to_string()));
    Ok(issued.all(db).await?)
}

/// Notes that what was issued to a holder until now vouches for no further request.
pub(crate) async fn withdraw_issued(db: &impl ConnectionTrait, holder: &str, now: Timestamp) -> Result<(), StoreError> {
    use issued_certificate::Column as Issued;
    let withdraw = issued_certificate::Entity::update_many()
        .col_expr(Issued::WithdrawnAt, Expr::value(now.millis()))
        .filter(Issued::Holder.eq(holder))
        .filter(Issued::WithdrawnAt.is_null());
    withdraw.exec(db).await?;
    Ok(())
}

/// The certificate issued for a request.
pub(crate) async fn issued_for(
    db: &impl ConnectionTrait,
    application: Uuid,
) -> Result<Option<issued_certificate::Model>, StoreError> {
    let issued = issued_certificate::Entity::find().filter(issued_certificate::Column::Application.eq(application));
    Ok(issued.one(db).await?)
}

/// Certificates we issued, newest request first; `before` is the request of the last one of the page before.
pub(crate) async fn list_issued(
    db: &impl ConnectionTrait,
    holder: Option<&str>,
    before: Option<Uuid>,
    limit: u64,
) -> Result<Vec<issued_certificate::Model>, StoreError> {
    use issued_certificate::Column as Issued;
    let mut rows = issued_certificate::Entity::find();
    if let Some(holder) = holder {
        rows = rows.filter(Issued::Holder.eq(holder));
    }
    if let Some(before) = before {
        rows = rows.filter(Issued::Application.lt(before));
    }
    Ok(rows.order_by_desc(Issued::Application).limit(limit).all(db).await?)
}

//! Requests of other states for DV certificates, and what was issued for them.

use cvc::reference::Reference;
use exchange::Country;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, Iterable as _,
    QueryFilter, QueryOrder, QuerySelect, QueryTrait as _,
    sea_query::{Expr, Query, UnionType},
};
use straznica_store::StoreError;
use straznica_types::Timestamp;
use uuid::Uuid;

use super::inbound::{self, Answered};
use crate::{
    domain::exchange::processing::Used,
    store::{
        entity::{
            application::{ActiveModel, Column, Entity, Model},
            issued_certificate,
        },
        generations::{self, Subject},
    },
};

/// Keeps a request if what its judgement rests on is as it was; whether it was.
pub(crate) async fn insert_while(
    db: &impl ConnectionTrait,
    row: Model,
    rests_on: [(Subject, u64); 2],
) -> Result<bool, StoreError> {
    let row = row.into_active_model();
    let mut values = Query::select();
    for value in Column::iter().filter_map(|column| row.get(column).into_value()) {
        values.expr(Expr::value(value));
    }
    values.cond_where(generations::are_still(rests_on));
    let mut insert = Query::insert();
    insert.into_table(Entity).columns(Column::iter());
    insert.select_from(values).map_err(|why| StoreError::from(DbErr::Custom(why.to_string())))?;
    Ok(db.execute(&insert).await?.rows_affected() == 1)
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

/// A message, and what the request in it asks for.
#[derive(Debug)]
pub(crate) struct Wanted<'a> {
    pub(crate) caller: Country,
    pub(crate) message_id: &'a str,
    pub(crate) cvca: &'a str,
    pub(crate) chr: &'a str,
    pub(crate) key_sha256: &'a str,
}

/// How the message was answered before, if it was; and which of the reference under that CVCA and the key another request used that waits or was granted. One
/// statement for both: a partner waits for every way to the server.
pub(crate) async fn known(
    db: &impl ConnectionTrait,
    wanted: &Wanted<'_>,
) -> Result<(Option<Answered>, Used), StoreError> {
    type Row = (
        Option<String>,
        Option<String>,
        Option<Vec<u8>>,
        Option<String>,
        Option<String>,
        Option<String>,
        Option<String>,
    );
    let (no_text, no_bytes) = (|| Expr::value(None::<String>), || Expr::value(None::<Vec<u8>>));
    let either = Condition::any().add(Column::Chr.eq(wanted.chr)).add(Column::KeySha256.eq(wanted.key_sha256));
    // The state is looked at here and not in the statement: it would tempt SQLite to walk through every request ever granted.
    let requests = Entity::find()
        .select_only()
        .exprs([no_text(), no_text()])
        .expr(no_bytes())
        .columns([Column::Cvca, Column::Chr, Column::KeySha256, Column::State])
        .filter(either);
    let mut both = inbound::of(wanted.caller, wanted.message_id).exprs((0..4).map(|_| no_text()));
    QuerySelect::query(&mut both).union(UnionType::All, requests.into_query());
    let rows: Vec<Row> = both.into_tuple().all(db).await?;
    let (mut answered, mut used) = (None, Used::default());
    for row in rows {
        match row {
            (Some(operation), Some(sha256), Some(answer), ..) => {
                answered = Some(Answered { operation, sha256, answer });
            }
            (.., Some(cvca), Some(chr), Some(key), Some(state)) if state != "refused" => {
                used.reference |= chr == wanted.chr && (cvca == wanted.cvca || cvca.is_empty());
                used.key |= key == wanted.key_sha256;
            }
            _ => {}
        }
    }
    Ok((answered, used))
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

/// Requests of one state that wait.
pub(crate) async fn waiting_of(db: &impl ConnectionTrait, caller: Country) -> Result<Vec<Model>, StoreError> {
    let rows = Entity::find().filter(Column::State.eq("waiting")).filter(Column::Caller.eq(caller.as_str()));
    Ok(rows.order_by_asc(Column::Id).all(db).await?)
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

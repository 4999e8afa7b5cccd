//! Parts under their operators' names, and receipts that found none.

use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, OnConflict, SimpleExpr};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, EntityTrait, FromQueryResult as _,
    QueryFilter, Statement, Value,
};
use sms::life::State;
use sms::receipt::MessageId as Reference;
use straznica_types::Timestamp;

use super::arrays::{plain, texts};
use super::chunks::{chunks, lists};
use super::entity::{message_part, parked_receipt};
use super::rows::UnreadableRow;
use crate::domain::{MessageId, ReceiptId};
use crate::error::DispatchError;

/// A part that was handed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) message: MessageId,
    /// From 0.
    pub(crate) part: u32,
    /// How many the message has.
    pub(crate) parts: u32,
    pub(crate) operator: String,
    pub(crate) reference: Option<Reference>,
    pub(crate) state: State,
    pub(crate) error: Option<String>,
}

/// A receipt that waits for its part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Parked {
    pub(crate) id: ReceiptId,
    pub(crate) operator: String,
    pub(crate) reference: Reference,
    pub(crate) state: State,
    pub(crate) error: Option<String>,
    pub(crate) received_at: Timestamp,
}

/// Writes parts; one that is there already, where a commit was not heard of, stays.
pub(crate) async fn insert_parts(tx: &DatabaseTransaction, parts: &[Part], now: Timestamp) -> Result<(), DbErr> {
    if parts.is_empty() {
        return Ok(());
    }
    if tx.get_database_backend() == DbBackend::Postgres {
        return insert_parts_as_lists(tx, parts, now).await;
    }
    for chunk in chunks(parts) {
        let rows = chunk.iter().map(|part| message_part::ActiveModel {
            message_id: Set(part.message.uuid()),
            part: Set(i64::from(part.part)),
            parts: Set(i64::from(part.parts)),
            operator: Set(part.operator.clone()),
            reference: Set(part.reference.as_ref().map(ToString::to_string)),
            spelling: Set(part.reference.as_ref().map(Reference::spelling)),
            hexadecimal: Set(part.reference.as_ref().and_then(Reference::hexadecimal)),
            state: Set(part.state.as_str().to_owned()),
            error: Set(part.error.clone()),
            changed_at: Set(now.millis()),
        });
        let mut known = OnConflict::columns([message_part::Column::MessageId, message_part::Column::Part]);
        message_part::Entity::insert_many(rows)
            .on_conflict(known.do_nothing().to_owned())
            .exec_without_returning(tx)
            .await?;
    }
    Ok(())
}

/// A list for each column: thousands of rows are ten values of one statement.
async fn insert_parts_as_lists(tx: &DatabaseTransaction, parts: &[Part], now: Timestamp) -> Result<(), DbErr> {
    let references = || parts.iter().map(|part| part.reference.as_ref());
    let sql = "INSERT INTO message_part (message_id, part, parts, operator, reference, spelling, hexadecimal, state, error, changed_at) \
               SELECT *, $10::bigint FROM UNNEST($1::uuid[], $2::bigint[], $3::bigint[], $4::text[], $5::text[], $6::text[], \
               $7::text[], $8::text[], $9::text[]) ON CONFLICT (message_id, part) DO NOTHING";
    let values: [Value; 10] = [
        plain(parts.iter().map(|part| part.message)).into(),
        plain(parts.iter().map(|part| part.part)).into(),
        plain(parts.iter().map(|part| part.parts)).into(),
        texts(parts.iter().map(|part| Some(&part.operator))).into(),
        texts(references().map(|reference| reference.map(ToString::to_string))).into(),
        texts(references().map(|reference| reference.map(Reference::spelling))).into(),
        texts(references().map(|reference| reference.and_then(Reference::hexadecimal))).into(),
        texts(parts.iter().map(|part| Some(part.state.as_str()))).into(),
        texts(parts.iter().map(|part| part.error.as_deref())).into(),
        now.millis().into(),
    ];
    tx.execute_raw(Statement::from_sql_and_values(DbBackend::Postgres, sql, values)).await?;
    Ok(())
}

/// Parts of an operator that one of these names, but for leading zeros and case.
pub(crate) async fn find_named_parts(
    connection: &impl ConnectionTrait,
    operator: &str,
    references: &[&Reference],
) -> Result<Vec<Part>, DispatchError> {
    use message_part::{Column, Entity};
    let mut rows = Vec::new();
    if connection.get_database_backend() == DbBackend::Postgres {
        let sql = "SELECT * FROM message_part WHERE spelling = ANY($1::text[])";
        let values = [texts(references.iter().map(|reference| Some(reference.spelling()))).into()];
        let named = Statement::from_sql_and_values(DbBackend::Postgres, sql, values);
        rows = Entity::find().from_raw_sql(named).all(connection).await?;
    } else {
        for list in lists(references) {
            let spellings = list.iter().map(|reference| reference.spelling());
            rows.extend(Entity::find().filter(Column::Spelling.is_in(spellings)).all(connection).await?);
        }
    }
    let of_operator = rows.into_iter().filter(|row| row.operator == operator);
    Ok(of_operator.map(part_of).collect::<Result<_, _>>()?)
}

/// Parts of an operator that one of these may mean, in whatever base.
pub(crate) async fn find_parts(
    connection: &impl ConnectionTrait,
    operator: &str,
    references: &[&Reference],
) -> Result<Vec<Part>, DispatchError> {
    use message_part::Column;
    let mut found = Vec::new();
    for list in lists(references) {
        for alike in alike(Column::Spelling, Column::Hexadecimal, &list) {
            let rows = message_part::Entity::find().filter(alike).all(connection).await?;
            for row in rows.into_iter().filter(|row| row.operator == operator) {
                found.push(part_of(row)?);
            }
        }
    }
    // One that two of the references may mean is found twice.
    found.sort_by_key(|part| (part.message, part.part));
    found.dedup_by_key(|part| (part.message, part.part));
    Ok(found)
}

/// All parts of messages.
pub(crate) async fn parts_of(
    connection: &impl ConnectionTrait,
    messages: &[MessageId],
) -> Result<Vec<Part>, DispatchError> {
    let mut found = Vec::new();
    for list in lists(messages) {
        let ids = list.iter().map(|id| id.uuid());
        let rows = message_part::Entity::find().filter(message_part::Column::MessageId.is_in(ids)).all(connection);
        for row in rows.await? {
            found.push(part_of(row)?);
        }
    }
    Ok(found)
}

/// Moves parts of this number to a state, those it may follow in.
pub(crate) async fn move_parts(
    tx: &DatabaseTransaction,
    part: u32,
    messages: &[MessageId],
    to: (State, Option<&str>),
    now: Timestamp,
) -> Result<(), DbErr> {
    use message_part::Column;
    let (state, error) = to;
    let before: Vec<_> = State::ALL.into_iter().filter(|before| before.may_become(state)).map(State::as_str).collect();
    if tx.get_database_backend() == DbBackend::Postgres {
        let sql = "UPDATE message_part SET state = $1, error = $2, changed_at = $3 \
                   WHERE message_id = ANY($4::uuid[]) AND part = $5 AND state = ANY($6::text[])";
        let values: [Value; 6] = [
            state.as_str().into(),
            error.into(),
            now.millis().into(),
            plain(messages).into(),
            i64::from(part).into(),
            texts(before.into_iter().map(Some)).into(),
        ];
        tx.execute_raw(Statement::from_sql_and_values(DbBackend::Postgres, sql, values)).await?;
        return Ok(());
    }
    for list in lists(messages) {
        message_part::Entity::update_many()
            .col_expr(Column::State, Expr::value(state.as_str()))
            .col_expr(Column::Error, Expr::value(error.map(str::to_owned)))
            .col_expr(Column::ChangedAt, Expr::value(now.millis()))
            .filter(Column::MessageId.is_in(list.iter().map(|id| id.uuid())))
            .filter(Column::Part.eq(i64::from(part)))
            .filter(Column::State.is_in(before.iter().copied()))
            .exec(tx)
            .await?;
    }
    Ok(())
}

/// Writes the name of a part that had none; tells whether there is such a part.
pub(crate) async fn name_part(
    tx: &DatabaseTransaction,
    message: MessageId,
    part: u32,
    reference: &Reference,
) -> Result<bool, DbErr> {
    use message_part::Column;
    let named = message_part::Entity::update_many()
        .col_expr(Column::Reference, Expr::value(reference.to_string()))
        .col_expr(Column::Spelling, Expr::value(reference.spelling()))
        .col_expr(Column::Hexadecimal, Expr::value(reference.hexadecimal()))
        .filter(Column::MessageId.eq(message.uuid()))
        .filter(Column::Part.eq(i64::from(part)))
        .exec(tx)
        .await?;
    Ok(named.rows_affected == 1)
}

/// Keeps receipts until their parts are known.
pub(crate) async fn park(tx: &DatabaseTransaction, receipts: &[Parked]) -> Result<(), DbErr> {
    for chunk in chunks(receipts) {
        let rows = chunk.iter().map(|receipt| parked_receipt::ActiveModel {
            id: Set(receipt.id.uuid()),
            operator: Set(receipt.operator.clone()),
            reference: Set(receipt.reference.to_string()),
            spelling: Set(receipt.reference.spelling()),
            hexadecimal: Set(receipt.reference.hexadecimal()),
            state: Set(receipt.state.as_str().to_owned()),
            error: Set(receipt.error.clone()),
            received_at: Set(receipt.received_at.millis()),
        });
        parked_receipt::Entity::insert_many(rows).exec_without_returning(tx).await?;
    }
    Ok(())
}

/// Parked receipts of an operator that may mean one of these, oldest first.
pub(crate) async fn find_parked(
    connection: &impl ConnectionTrait,
    operator: &str,
    references: &[&Reference],
) -> Result<Vec<Parked>, DispatchError> {
    use parked_receipt::Column;
    let mut found = Vec::new();
    for list in lists(references) {
        for alike in alike(Column::Spelling, Column::Hexadecimal, &list) {
            let rows = parked_receipt::Entity::find().filter(alike).all(connection).await?;
            for row in rows.into_iter().filter(|row| row.operator == operator) {
                found.push(parked_of(row)?);
            }
        }
    }
    found.sort_by_key(|receipt| receipt.id);
    found.dedup_by_key(|receipt| receipt.id);
    Ok(found)
}

/// Receipts parked since, at most so many, for which there is a part by now: another replica may have written it at the moment they were parked, or a late
/// answer has named it.
pub(crate) async fn find_matched(
    connection: &impl ConnectionTrait,
    since: Timestamp,
    most: u32,
) -> Result<Vec<Parked>, DispatchError> {
    let sql = "SELECT * FROM parked_receipt r WHERE r.received_at >= $1 AND (\
               EXISTS (SELECT 1 FROM message_part p WHERE p.operator = r.operator AND p.spelling = r.spelling) OR \
               EXISTS (SELECT 1 FROM message_part p WHERE p.operator = r.operator AND p.spelling = r.hexadecimal) OR \
               EXISTS (SELECT 1 FROM message_part p WHERE p.operator = r.operator AND p.hexadecimal = r.spelling)) \
               ORDER BY r.id LIMIT $2";
    let values = [since.millis().into(), i64::from(most).into()];
    let statement = Statement::from_sql_and_values(connection.get_database_backend(), sql, values);
    let rows = connection.query_all_raw(statement).await?;
    rows.iter().map(|row| Ok(parked_of(parked_receipt::Model::from_query_result(row, "")?)?)).collect()
}

/// Takes receipts out of those parked.
pub(crate) async fn unpark(tx: &DatabaseTransaction, receipts: &[ReceiptId]) -> Result<(), DbErr> {
    for list in lists(receipts) {
        let ids = list.iter().map(|id| id.uuid());
        parked_receipt::Entity::delete_many().filter(parked_receipt::Column::Id.is_in(ids)).exec(tx).await?;
    }
    Ok(())
}

/// Whether any receipt is parked.
pub(crate) async fn any_parked(connection: &impl ConnectionTrait) -> Result<bool, DbErr> {
    Ok(parked_receipt::Entity::find().one(connection).await?.is_some())
}

/// Gives up receipts that came before `before` and belong to nothing; returns how many.
pub(crate) async fn delete_old_parked(tx: &DatabaseTransaction, before: Timestamp) -> Result<u64, DbErr> {
    let old = parked_receipt::Column::ReceivedAt.lt(before.millis());
    Ok(parked_receipt::Entity::delete_many().filter(old).exec(tx).await?.rows_affected)
}

/// Rows whose id may mean the same as one of these, see [`Reference::spelling`]: two conditions for two questions, each answered by one index, and the
/// operator is looked at afterwards: asked for everything at once, a server that does not know yet how large the table is reads all of it.
fn alike<C: ColumnTrait>(spelling: C, hexadecimal: C, references: &[&Reference]) -> [SimpleExpr; 2] {
    let spellings: Vec<String> = references.iter().map(|reference| reference.spelling()).collect();
    // As many as there are references, so that the statement is of one kind: the spelling stands in where there is no other base.
    let in_hexadecimal =
        references.iter().map(|reference| reference.hexadecimal().unwrap_or_else(|| reference.spelling()));
    let either: Vec<String> = spellings.iter().cloned().chain(in_hexadecimal).collect();
    [spelling.is_in(either), hexadecimal.is_in(spellings)]
}

fn part_of(row: message_part::Model) -> Result<Part, UnreadableRow> {
    let bad = |column| UnreadableRow { table: "message_part", id: row.message_id.to_string(), column };
    Ok(Part {
        message: MessageId::from_uuid(row.message_id),
        part: u32::try_from(row.part).map_err(|_| bad("part"))?,
        parts: u32::try_from(row.parts).map_err(|_| bad("parts"))?,
        reference: row.reference.as_deref().map(|id| Reference::new(id).ok_or_else(|| bad("reference"))).transpose()?,
        state: State::from_name(&row.state).ok_or_else(|| bad("state"))?,
        operator: row.operator,
        error: row.error,
    })
}

fn parked_of(row: parked_receipt::Model) -> Result<Parked, UnreadableRow> {
    let bad = |column| UnreadableRow { table: "parked_receipt", id: row.id.to_string(), column };
    Ok(Parked {
        id: ReceiptId::from_uuid(row.id),
        reference: Reference::new(&row.reference).ok_or_else(|| bad("reference"))?,
        state: State::from_name(&row.state).ok_or_else(|| bad("state"))?,
        operator: row.operator,
        error: row.error,
        received_at: Timestamp::from_millis(row.received_at),
    })
}

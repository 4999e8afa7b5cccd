//! Queries on blanks.

use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};
use straznica_types::{OfficerId, Timestamp};

use super::entity::{blank, blank_movement, blank_order};
use super::rows::UnreadableRow;
use crate::domain::blank::{Balance, BlankState, Movement, Order, OrderAction, Range, Series, read, written};
use crate::domain::{BlankOrderId, Refusal};
use crate::error::RegistryError;

/// Rows of one statement: engines limit what a statement may carry.
const CHUNK: usize = 500;

/// Whose blanks, and which.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stock<'s> {
    pub(crate) office: &'s str,
    pub(crate) kind: &'s str,
    pub(crate) series: &'s Series,
}

/// Who moves blanks, when, and why.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Mover<'m> {
    pub(crate) officer: &'m OfficerId,
    pub(crate) at: Timestamp,
    pub(crate) because: &'m str,
}

/// Moves blanks of consecutive numbers, all of them or none, and writes down that it happened. `to` is where a move goes.
pub(crate) async fn move_blanks(
    tx: &DatabaseTransaction,
    stock: Stock<'_>,
    range: Range,
    movement: Movement,
    to: Option<&str>,
    mover: Mover<'_>,
) -> Result<(), RegistryError> {
    match (movement, to) {
        (Movement::Delivered, _) => deliver(tx, stock, range).await?,
        (Movement::MovedOut, Some(to)) => {
            let arrived = Stock { office: to, ..stock };
            change(tx, stock, range, BlankState::InStock, BlankState::InStock, to).await?;
            insert_movement(tx, arrived, range, Movement::MovedIn, mover).await?;
        }
        (movement, _) => {
            let (before, after) = change_of(movement)?;
            change(tx, stock, range, before, after, stock.office).await?;
        }
    }
    insert_movement(tx, stock, range, movement, mover).await?;
    Ok(())
}

/// From which state to which a movement takes a blank that stays at its office.
fn change_of(movement: Movement) -> Result<(BlankState, BlankState), Refusal> {
    let mut steps = BlankState::ALL.into_iter().filter_map(|before| Some((before, movement.of(Some(before)).ok()??)));
    steps.next().ok_or(Refusal::Blank)
}

async fn deliver(tx: &DatabaseTransaction, stock: Stock<'_>, range: Range) -> Result<(), RegistryError> {
    let here = blank::Entity::find().filter(numbered(stock, range)).one(tx).await?;
    if here.is_some() {
        return Err(Refusal::Blank.into());
    }
    let numbers: Vec<u32> = range.numbers().collect();
    for numbers in numbers.chunks(CHUNK) {
        let rows = numbers.iter().map(|number| blank::ActiveModel {
            series: Set(stock.series.as_str().to_owned()),
            number: Set(i64::from(*number)),
            kind: Set(stock.kind.to_owned()),
            office: Set(stock.office.to_owned()),
            state: Set(BlankState::InStock.as_str().to_owned()),
        });
        blank::Entity::insert_many(rows).exec_without_returning(tx).await?;
    }
    Ok(())
}

async fn change(
    tx: &DatabaseTransaction,
    stock: Stock<'_>,
    range: Range,
    before: BlankState,
    after: BlankState,
    office: &str,
) -> Result<(), RegistryError> {
    let changed = blank::Entity::update_many()
        .col_expr(blank::Column::State, Expr::value(after.as_str()))
        .col_expr(blank::Column::Office, Expr::value(office))
        .filter(numbered(stock, range))
        .filter(blank::Column::Office.eq(stock.office))
        .filter(blank::Column::Kind.eq(stock.kind))
        .filter(blank::Column::State.eq(before.as_str()))
        .exec(tx)
        .await?;
    if changed.rows_affected == u64::from(range.count) { Ok(()) } else { Err(Refusal::Blank.into()) }
}

fn numbered(stock: Stock<'_>, range: Range) -> sea_orm::Condition {
    let after_last = i64::from(range.first) + i64::from(range.count);
    sea_orm::Condition::all()
        .add(blank::Column::Series.eq(stock.series.as_str()))
        .add(blank::Column::Number.gte(i64::from(range.first)))
        .add(blank::Column::Number.lt(after_last))
}

async fn insert_movement(
    tx: &DatabaseTransaction,
    stock: Stock<'_>,
    range: Range,
    movement: Movement,
    mover: Mover<'_>,
) -> Result<(), DbErr> {
    let row = blank_movement::ActiveModel {
        id: NotSet,
        office: Set(stock.office.to_owned()),
        kind: Set(stock.kind.to_owned()),
        series: Set(stock.series.as_str().to_owned()),
        first: Set(i64::from(range.first)),
        count: Set(i64::from(range.count)),
        movement: Set(movement.as_str().to_owned()),
        at: Set(mover.at.millis()),
        officer: Set(mover.officer.to_string()),
        because: Set(mover.because.to_owned()),
    };
    blank_movement::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// Numbers of an office's blanks in a state, in order.
pub(crate) async fn numbers_in(
    connection: &impl ConnectionTrait,
    stock: Stock<'_>,
    state: BlankState,
) -> Result<Vec<u32>, DbErr> {
    let numbers: Vec<i64> = blank::Entity::find()
        .select_only()
        .column(blank::Column::Number)
        .filter(blank::Column::Office.eq(stock.office))
        .filter(blank::Column::Kind.eq(stock.kind))
        .filter(blank::Column::Series.eq(stock.series.as_str()))
        .filter(blank::Column::State.eq(state.as_str()))
        .order_by_asc(blank::Column::Number)
        .into_tuple()
        .all(connection)
        .await?;
    // A number has seven digits: a range holds to it before it is written.
    Ok(numbers.into_iter().filter_map(|number| u32::try_from(number).ok()).collect())
}

/// The kind a blank of an office is of.
pub(crate) async fn kind_of(
    connection: &impl ConnectionTrait,
    office: &str,
    number: &crate::domain::blank::BlankNumber,
) -> Result<Option<String>, DbErr> {
    let row = blank::Entity::find_by_id((number.series.as_str().to_owned(), i64::from(number.number)))
        .filter(blank::Column::Office.eq(office))
        .one(connection)
        .await?;
    Ok(row.map(|row| row.kind))
}

/// Both sides of an office's books.
pub(crate) async fn balance_of(
    connection: &impl ConnectionTrait,
    office: &str,
    kind: &str,
) -> Result<Balance, RegistryError> {
    let mut balance = Balance::default();
    let moved: Vec<(String, i64)> = blank_movement::Entity::find()
        .select_only()
        .column(blank_movement::Column::Movement)
        // PostgreSQL adds whole numbers up to a decimal.
        .column_as(Expr::col(blank_movement::Column::Count).sum().cast_as("bigint"), "total")
        .filter(blank_movement::Column::Office.eq(office))
        .filter(blank_movement::Column::Kind.eq(kind))
        .group_by(blank_movement::Column::Movement)
        .into_tuple()
        .all(connection)
        .await?;
    for (name, total) in moved {
        let bad = || UnreadableRow::new("blank_movement", office, "movement");
        let movement = Movement::from_name(&name).ok_or_else(bad)?;
        balance.movements.insert(movement, u64::try_from(total).map_err(|_| bad())?);
    }
    let states: Vec<(String, i64)> = blank::Entity::find()
        .select_only()
        .column(blank::Column::State)
        .column_as(Expr::col(blank::Column::Number).count(), "total")
        .filter(blank::Column::Office.eq(office))
        .filter(blank::Column::Kind.eq(kind))
        .group_by(blank::Column::State)
        .into_tuple()
        .all(connection)
        .await?;
    for (name, total) in states {
        let bad = || UnreadableRow::new("blank", office, "state");
        let state = BlankState::from_name(&name).ok_or_else(bad)?;
        balance.states.insert(state, u64::try_from(total).map_err(|_| bad())?);
    }
    Ok(balance)
}

/// Writes a proposal.
pub(crate) async fn insert_order(tx: &DatabaseTransaction, order: &Order) -> Result<(), DbErr> {
    let row = blank_order::ActiveModel {
        id: Set(order.id.uuid()),
        action: Set(order.action.as_str().to_owned()),
        office: Set(order.office.clone()),
        to_office: Set(order.to_office.clone()),
        kind: Set(order.kind.clone()),
        series: Set(order.series.as_str().to_owned()),
        numbers: Set(written(&order.numbers)),
        note: Set(order.note.clone()),
        proposed_by: Set(order.proposed_by.to_string()),
        proposed_at: Set(order.proposed_at.millis()),
        settled_by: Set(None),
        settled_at: Set(None),
    };
    blank_order::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// Marks a proposal as settled, once: `false` if it was before.
pub(crate) async fn settle_order(
    tx: &DatabaseTransaction,
    id: BlankOrderId,
    officer: &OfficerId,
    at: Timestamp,
) -> Result<bool, DbErr> {
    let settled = blank_order::Entity::update_many()
        .col_expr(blank_order::Column::SettledBy, Expr::value(officer.to_string()))
        .col_expr(blank_order::Column::SettledAt, Expr::value(at.millis()))
        .filter(blank_order::Column::Id.eq(id.uuid()))
        .filter(blank_order::Column::SettledAt.is_null())
        .exec(tx)
        .await?;
    Ok(settled.rows_affected == 1)
}

/// A proposal.
pub(crate) async fn find_order(
    connection: &impl ConnectionTrait,
    id: BlankOrderId,
) -> Result<Option<Order>, RegistryError> {
    let row = blank_order::Entity::find_by_id(id.uuid()).one(connection).await?;
    Ok(row.map(order_of).transpose()?)
}

/// What waits for a second officer at an office, the oldest first.
pub(crate) async fn waiting_orders(
    connection: &impl ConnectionTrait,
    office: &str,
    limit: u64,
) -> Result<Vec<Order>, RegistryError> {
    let rows = blank_order::Entity::find()
        .filter(blank_order::Column::Office.eq(office))
        .filter(blank_order::Column::SettledAt.is_null())
        .order_by_asc(blank_order::Column::ProposedAt)
        .order_by_asc(blank_order::Column::Id)
        .limit(limit)
        .all(connection)
        .await?;
    rows.into_iter().map(|row| order_of(row).map_err(RegistryError::from)).collect()
}

fn order_of(row: blank_order::Model) -> Result<Order, UnreadableRow> {
    let bad = |column| UnreadableRow::new("blank_order", row.id, column);
    Ok(Order {
        id: BlankOrderId::from_uuid(row.id),
        action: OrderAction::from_name(&row.action).ok_or_else(|| bad("action"))?,
        series: Series::parse(&row.series).map_err(|_| bad("series"))?,
        numbers: read(&row.numbers).ok_or_else(|| bad("numbers"))?,
        proposed_by: OfficerId::parse(&row.proposed_by).map_err(|_| bad("proposed_by"))?,
        proposed_at: Timestamp::from_millis(row.proposed_at),
        settled: row.settled_at.is_some(),
        office: row.office,
        to_office: row.to_office,
        kind: row.kind,
        note: row.note,
    })
}

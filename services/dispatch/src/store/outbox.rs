//! The outbox: what has to be handed over, and what became of it.

use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, EntityTrait, QueryFilter, QueryResult,
    Statement, Value,
};
use sms::life::State;
use sms::smpp::Class;
use straznica_store::Engine;
use straznica_types::Timestamp;

use super::arrays::{plain, texts};
use super::chunks::{chunks, lists};
use super::entity::outbox::{ActiveModel, Column, Entity, Model};
use super::rows::UnreadableRow;
use crate::domain::{MessageId, Transaction, TransactionId};
use crate::error::DispatchError;

/// Where a message of the outbox is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MessageState {
    /// The life every text message has.
    Life(State),
    /// There was nobody to send it to, or not to be: it never was on its way.
    Withheld,
}

impl MessageState {
    const WITHHELD: &'static str = "withheld";

    /// The names of all states.
    pub(super) const NAMES: [&'static str; 11] = {
        let mut names = [Self::WITHHELD; 11];
        let mut at = 0;
        while at < State::ALL.len() {
            names[at] = State::ALL[at].as_str();
            at += 1;
        }
        names
    };

    /// The name it has in the database and in events.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Life(state) => state.as_str(),
            Self::Withheld => Self::WITHHELD,
        }
    }

    /// Whether nothing more is expected to be heard of it: it ended, or nobody knows.
    pub(crate) const fn is_settled(self) -> bool {
        match self {
            Self::Life(state) => state.is_final() || matches!(state, State::Unknown),
            Self::Withheld => true,
        }
    }

    /// The states it may follow.
    fn predecessors(self) -> Vec<&'static str> {
        let before = State::ALL.into_iter().filter(|before| match self {
            Self::Life(state) => before.may_become(state),
            Self::Withheld => *before == State::Submitted,
        });
        before.map(State::as_str).collect()
    }
}

/// The names of the classes, the first by default.
pub(super) const MESSAGE_CLASSES: [&str; 2] = [class_name(Class::Code), class_name(Class::Bulk)];

/// The name of a class in the database.
const fn class_name(class: Class) -> &'static str {
    match class {
        Class::Code => "code",
        Class::Bulk => "bulk",
    }
}

/// A message of the outbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pending {
    /// Its id.
    pub id: MessageId,
    /// What it belongs to: the transaction of a code, or whatever ordered messages in bulk.
    pub transaction: TransactionId,
    /// Which message of it, from 0.
    pub sequence: u32,
    /// What goes first.
    pub class: Class,
    /// After this it is of no use.
    pub expires_at: Timestamp,
}

/// Orders a message of a transaction; one that is withheld is never handed over.
pub(crate) async fn insert_message(
    tx: &DatabaseTransaction,
    transaction: &Transaction,
    sequence: u32,
    withheld: bool,
    now: Timestamp,
) -> Result<(), DbErr> {
    let state = if withheld { MessageState::Withheld } else { MessageState::Life(State::Queued) };
    Entity::insert(row(&Pending::of_code(transaction, sequence, now), state, now)).exec_without_returning(tx).await?;
    Ok(())
}

/// The first message of a transaction.
#[derive(Debug, Clone, Copy)]
pub(crate) struct First {
    pub(crate) message: Pending,
    pub(crate) ordered_at: Timestamp,
    /// Not to be handed over before.
    pub(crate) due_at: Timestamp,
    /// Whoever orders it hands it over: it may be on its way from the commit on.
    pub(crate) goes: bool,
}

/// Orders the first message of each transaction.
pub(crate) async fn insert_messages(tx: &DatabaseTransaction, firsts: &[First]) -> Result<(), DbErr> {
    for chunk in chunks(firsts) {
        let rows = chunk.iter().map(|first| {
            let state = if first.goes { State::Submitted } else { State::Queued };
            let submitted_at = first.goes.then_some(first.ordered_at.millis());
            ActiveModel {
                due_at: Set(first.due_at.millis()),
                submitted_at: Set(submitted_at),
                ..row(&first.message, MessageState::Life(state), first.ordered_at)
            }
        });
        Entity::insert_many(rows).exec_without_returning(tx).await?;
    }
    Ok(())
}

/// Makes the first message due that waits for what the phone says; tells whether it did wait.
pub(crate) async fn bring_forward(
    tx: &DatabaseTransaction,
    transaction: TransactionId,
    now: Timestamp,
) -> Result<bool, DbErr> {
    let brought = Entity::update_many()
        .col_expr(Column::DueAt, Expr::value(now.millis()))
        .filter(Column::TransactionId.eq(transaction.uuid()))
        .filter(Column::Sequence.eq(0))
        .filter(Column::State.eq(State::Queued.as_str()))
        .filter(Column::DueAt.gt(now.millis()))
        .exec(tx)
        .await?;
    Ok(brought.rows_affected == 1)
}

impl Pending {
    /// A message with the code of a transaction.
    pub(crate) fn of_code(transaction: &Transaction, sequence: u32, now: Timestamp) -> Self {
        Self {
            id: MessageId::generate_at(now),
            transaction: transaction.id,
            sequence,
            class: Class::Code,
            expires_at: transaction.expires_at,
        }
    }
}

/// Puts messages into the queue.
pub(crate) async fn enqueue(tx: &DatabaseTransaction, messages: &[Pending], now: Timestamp) -> Result<(), DbErr> {
    for chunk in chunks(messages) {
        let rows = chunk.iter().map(|pending| row(pending, MessageState::Life(State::Queued), now));
        Entity::insert_many(rows).exec_without_returning(tx).await?;
    }
    Ok(())
}

fn row(pending: &Pending, state: MessageState, now: Timestamp) -> ActiveModel {
    ActiveModel {
        id: Set(pending.id.uuid()),
        transaction_id: Set(pending.transaction.uuid()),
        sequence: Set(i64::from(pending.sequence)),
        class: Set(class_name(pending.class).to_owned()),
        state: Set(state.as_str().to_owned()),
        created_at: Set(now.millis()),
        due_at: Set(now.millis()),
        expires_at: Set(pending.expires_at.millis()),
        submitted_at: Set(None),
        ended_at: Set(None),
    }
}

/// Takes messages of one class that are due, oldest first, and marks them as submitted: from the commit on they may be on their way. Of two that take,
/// each gets its own.
pub(crate) async fn claim_due(
    tx: &DatabaseTransaction,
    engine: Engine,
    class: Class,
    now: Timestamp,
    most: usize,
) -> Result<Vec<Pending>, DispatchError> {
    let locking = match engine {
        Engine::Sqlite => "",
        Engine::Postgres => "FOR UPDATE SKIP LOCKED",
    };
    // Constants, so that the partial index is found.
    let sql = format!(
        "UPDATE outbox SET state = 'submitted', submitted_at = $1 WHERE id IN (\
         SELECT id FROM outbox WHERE state = 'queued' AND class = '{}' AND due_at <= $1 ORDER BY due_at LIMIT $2 {locking}) \
         RETURNING id, transaction_id, sequence, class, expires_at",
        class_name(class),
    );
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let statement = statement(tx, sql, [now.millis().into(), most.into()]);
    let rows = tx.query_all_raw(statement).await?;
    let mut claimed = rows.iter().map(pending_of).collect::<Result<Vec<_>, _>>()?;
    claimed.sort_by_key(|pending| pending.id);
    Ok(claimed)
}

/// Ends what nobody could hand over in time, some at once. Returns which.
pub(crate) async fn expire_overdue(tx: &DatabaseTransaction, now: Timestamp) -> Result<Vec<Pending>, DispatchError> {
    end_some(tx, "state = 'queued' AND expires_at <= $2", State::Expired, [now.millis().into(), now.millis().into()])
        .await
}

/// Calls unknown what was submitted before `before` and has had no outcome since: the process that submitted it is gone. Returns which.
pub(crate) async fn settle_lost(
    tx: &DatabaseTransaction,
    before: Timestamp,
    now: Timestamp,
) -> Result<Vec<Pending>, DispatchError> {
    let values = [now.millis().into(), before.millis().into()];
    end_some(tx, "state = 'submitted' AND submitted_at < $2", State::Unknown, values).await
}

/// Calls unknown what an operator accepted and has told nothing about though its time was up before `before`. Returns which.
pub(crate) async fn settle_silent(
    tx: &DatabaseTransaction,
    before: Timestamp,
    now: Timestamp,
) -> Result<Vec<Pending>, DispatchError> {
    let values = [now.millis().into(), before.millis().into()];
    end_some(tx, "state = 'accepted' AND expires_at < $2", State::Unknown, values).await
}

/// Ends at most a thousand messages at once; `$1` is when.
async fn end_some(
    tx: &DatabaseTransaction,
    which: &str,
    state: State,
    values: [Value; 2],
) -> Result<Vec<Pending>, DispatchError> {
    let sql = format!(
        "UPDATE outbox SET state = '{}', ended_at = $1 WHERE id IN (SELECT id FROM outbox WHERE {which} LIMIT 1000) AND {which} \
         RETURNING id, transaction_id, sequence, class, expires_at",
        state.as_str(),
    );
    let rows = tx.query_all_raw(statement(tx, sql, values)).await?;
    rows.iter().map(pending_of).collect()
}

fn statement(tx: &DatabaseTransaction, sql: String, values: [Value; 2]) -> Statement {
    Statement::from_sql_and_values(tx.get_database_backend(), sql, values)
}

/// Moves messages to a state, those it may follow in. Returns which.
pub(crate) async fn move_messages(
    tx: &DatabaseTransaction,
    messages: &[MessageId],
    to: MessageState,
    now: Timestamp,
) -> Result<Vec<Pending>, DispatchError> {
    let ended = to.is_settled().then_some(now.millis());
    let mut moved = Vec::with_capacity(messages.len());
    if tx.get_database_backend() == DbBackend::Postgres {
        let sql = "UPDATE outbox SET state = $1, ended_at = COALESCE($2::bigint, ended_at) \
                   WHERE id = ANY($3::uuid[]) AND state = ANY($4::text[]) RETURNING id, transaction_id, sequence, class, expires_at";
        let before = to.predecessors().into_iter().map(Some);
        let values: [Value; 4] = [to.as_str().into(), ended.into(), plain(messages).into(), texts(before).into()];
        for row in tx.query_all_raw(Statement::from_sql_and_values(DbBackend::Postgres, sql, values)).await? {
            moved.push(pending_of(&row)?);
        }
        return Ok(moved);
    }
    for list in lists(messages) {
        let mut change = Entity::update_many()
            .col_expr(Column::State, Expr::value(to.as_str()))
            .filter(Column::Id.is_in(list.iter().map(|id| id.uuid())))
            .filter(Column::State.is_in(to.predecessors()));
        if ended.is_some() {
            change = change.col_expr(Column::EndedAt, Expr::value(ended));
        }
        for row in change.exec_with_returning(tx).await? {
            moved.push(read(&row)?);
        }
    }
    Ok(moved)
}

/// Puts messages that are known not to be on their way back into the queue.
pub(crate) async fn postpone_messages(
    tx: &DatabaseTransaction,
    messages: &[MessageId],
    due_at: Timestamp,
) -> Result<(), DbErr> {
    for list in lists(messages) {
        Entity::update_many()
            .col_expr(Column::State, Expr::value(State::Queued.as_str()))
            .col_expr(Column::DueAt, Expr::value(due_at.millis()))
            .col_expr(Column::SubmittedAt, Expr::value(Option::<i64>::None))
            .filter(Column::Id.is_in(list.iter().map(|id| id.uuid())))
            .filter(Column::State.eq(State::Submitted.as_str()))
            .exec(tx)
            .await?;
    }
    Ok(())
}

/// Deletes messages ordered before `before`; returns how many.
pub(crate) async fn delete_old_messages(tx: &DatabaseTransaction, before: Timestamp) -> Result<u64, DbErr> {
    let parts = "DELETE FROM message_part WHERE message_id IN (SELECT id FROM outbox WHERE created_at < $1)";
    tx.execute_raw(Statement::from_sql_and_values(tx.get_database_backend(), parts, [before.millis().into()])).await?;
    let deleted = Entity::delete_many().filter(Column::CreatedAt.lt(before.millis())).exec(tx).await?;
    Ok(deleted.rows_affected)
}

fn bad(id: impl std::fmt::Display, column: &'static str) -> UnreadableRow {
    UnreadableRow { table: "outbox", id: id.to_string(), column }
}

fn read(row: &Model) -> Result<Pending, UnreadableRow> {
    let class = [Class::Code, Class::Bulk].into_iter().find(|class| class_name(*class) == row.class);
    Ok(Pending {
        id: MessageId::from_uuid(row.id),
        transaction: TransactionId::from_uuid(row.transaction_id),
        sequence: u32::try_from(row.sequence).map_err(|_| bad(row.id, "sequence"))?,
        class: class.ok_or_else(|| bad(row.id, "class"))?,
        expires_at: Timestamp::from_millis(row.expires_at),
    })
}

fn pending_of(row: &QueryResult) -> Result<Pending, DispatchError> {
    let row = Model {
        id: row.try_get("", "id")?,
        transaction_id: row.try_get("", "transaction_id")?,
        sequence: row.try_get("", "sequence")?,
        class: row.try_get("", "class")?,
        expires_at: row.try_get("", "expires_at")?,
        state: State::Submitted.as_str().to_owned(),
        created_at: 0,
        due_at: 0,
        submitted_at: None,
        ended_at: None,
    };
    Ok(read(&row)?)
}

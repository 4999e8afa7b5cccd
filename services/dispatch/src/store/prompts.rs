//! Queries on prompts. Every step is one statement that names the state it leaves: of two who take it, one does.

use std::time::Duration;

use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    UpdateMany,
};
use straznica_types::Timestamp;

use super::entity::prompt::{ActiveModel, Column, Entity};
use super::rows::prompt_of;
use crate::domain::{Prompt, PromptState, Question, Silence, Transaction, TransactionId};
use crate::error::DispatchError;

/// States in which an answer may still come.
const OPEN: [PromptState; 3] = [PromptState::Wanted, PromptState::Asking, PromptState::Asked];

/// How a prompt ended.
#[derive(Debug, Clone, Copy)]
pub(crate) enum PromptEnd<'a> {
    /// The citizen approved: so surely, at that time.
    Approved { acr: &'a str, auth_time: Timestamp },
    /// The citizen refused.
    Refused,
    /// It came to nothing.
    Unanswered(Silence),
}

/// Writes prompts nobody was asked for yet: of a transaction, by a provider.
pub(crate) async fn insert_prompts(
    tx: &DatabaseTransaction,
    wanted: impl IntoIterator<Item = (&Transaction, &str)>,
) -> Result<(), DbErr> {
    let rows: Vec<ActiveModel> =
        wanted.into_iter().map(|(transaction, phone)| row(transaction.id, phone, transaction.opened_at)).collect();
    if !rows.is_empty() {
        Entity::insert_many(rows).exec_without_returning(tx).await?;
    }
    Ok(())
}

fn row(transaction: TransactionId, phone: &str, now: Timestamp) -> ActiveModel {
    ActiveModel {
        transaction_id: Set(transaction.uuid()),
        phone: Set(phone.to_owned()),
        state: Set(PromptState::Wanted.as_str().to_owned()),
        created_at: Set(now.millis()),
        due_at: Set(now.millis()),
        interval_ms: Set(0),
        rung: Set(false),
        handle: Set(None),
        token_digest: Set(None),
        sealed: Set(None),
        asked_at: Set(None),
        expires_at: Set(None),
        silence: Set(None),
        acr: Set(None),
        auth_time: Set(None),
        ended_at: Set(None),
    }
}

/// The prompt of a transaction, and how surely the citizen approved it.
pub(crate) async fn find_prompt(
    connection: &impl ConnectionTrait,
    transaction: TransactionId,
) -> Result<Option<(Prompt, Option<String>)>, DispatchError> {
    let row = Entity::find_by_id(transaction.uuid()).one(connection).await?;
    let Some(row) = row else { return Ok(None) };
    let acr = row.acr.clone();
    Ok(Some((prompt_of(row)?, acr)))
}

/// The prompt a notification token of this name was made for.
pub(crate) async fn find_prompt_by_handle(
    connection: &impl ConnectionTrait,
    handle: &str,
) -> Result<Option<Prompt>, DispatchError> {
    let row = Entity::find().filter(Column::Handle.eq(handle)).one(connection).await?;
    Ok(row.map(prompt_of).transpose()?)
}

/// Takes prompts that are due, those longest due first: nobody else sees to them before `until`. One that nobody was asked for is marked, before anybody
/// is. Each comes as it was before.
pub(crate) async fn claim_prompts(
    tx: &DatabaseTransaction,
    now: Timestamp,
    until: Timestamp,
    most: u64,
) -> Result<Vec<Prompt>, DispatchError> {
    let due = Entity::find()
        .filter(Column::State.is_in(OPEN.map(PromptState::as_str)))
        .filter(Column::DueAt.lte(now.millis()))
        .order_by_asc(Column::DueAt)
        .limit(most)
        .all(tx)
        .await?;
    let mut claimed = Vec::with_capacity(due.len());
    for row in due {
        let seen_due = row.due_at;
        let prompt = prompt_of(row)?;
        let next = match prompt.state {
            PromptState::Wanted => PromptState::Asking,
            state => state,
        };
        let taken = change(prompt.transaction, prompt.state)
            .col_expr(Column::State, Expr::value(next.as_str()))
            .col_expr(Column::DueAt, Expr::value(until.millis()))
            .filter(Column::DueAt.eq(seen_due))
            .exec(tx)
            .await?;
        if taken.rows_affected == 1 {
            claimed.push(prompt);
        }
    }
    Ok(claimed)
}

/// Writes how the provider will be recognised, before it is asked.
pub(crate) async fn give_bell(
    tx: &DatabaseTransaction,
    transaction: TransactionId,
    handle: &str,
    digest: &[u8; 32],
) -> Result<bool, DbErr> {
    let given = change(transaction, PromptState::Asking)
        .col_expr(Column::Handle, Expr::value(handle))
        .col_expr(Column::TokenDigest, Expr::value(digest.to_vec()))
        .exec(tx)
        .await?;
    Ok(given.rows_affected == 1)
}

/// The provider has taken the question; it is looked at once where it has rung already.
pub(crate) async fn prompt_asked(
    tx: &DatabaseTransaction,
    transaction: TransactionId,
    question: &Question,
) -> Result<bool, DbErr> {
    let (at_once, usual) = (question.asked_at.millis(), (question.asked_at + question.interval).millis());
    let due_at = Expr::case(Column::Rung.eq(true), Expr::value(at_once)).finally(Expr::value(usual));
    let asked = change(transaction, PromptState::Asking)
        .col_expr(Column::State, Expr::value(PromptState::Asked.as_str()))
        .col_expr(Column::Sealed, Expr::value(question.sealed.clone()))
        .col_expr(Column::AskedAt, Expr::value(question.asked_at.millis()))
        .col_expr(Column::ExpiresAt, Expr::value(question.expires_at.millis()))
        .col_expr(Column::IntervalMs, Expr::value(millis(question.interval)))
        .col_expr(Column::DueAt, due_at.into())
        .exec(tx)
        .await?;
    Ok(asked.rows_affected == 1)
}

/// Nobody was asked: somebody may be, later.
pub(crate) async fn ask_later(
    tx: &DatabaseTransaction,
    transaction: TransactionId,
    due_at: Timestamp,
) -> Result<(), DbErr> {
    change(transaction, PromptState::Asking)
        .col_expr(Column::State, Expr::value(PromptState::Wanted.as_str()))
        .col_expr(Column::DueAt, Expr::value(due_at.millis()))
        .exec(tx)
        .await?;
    Ok(())
}

/// Nobody has answered: it is looked again at `due_at`.
pub(crate) async fn look_later(
    tx: &DatabaseTransaction,
    transaction: TransactionId,
    interval: Duration,
    due_at: Timestamp,
) -> Result<(), DbErr> {
    change(transaction, PromptState::Asked)
        .col_expr(Column::IntervalMs, Expr::value(millis(interval)))
        .col_expr(Column::DueAt, Expr::value(due_at.millis()))
        .exec(tx)
        .await?;
    Ok(())
}

/// The provider rang before it answered for the question; tells whether that is still to come.
pub(crate) async fn rung_early(tx: &DatabaseTransaction, transaction: TransactionId) -> Result<bool, DbErr> {
    let rung = change(transaction, PromptState::Asking).col_expr(Column::Rung, Expr::value(true)).exec(tx).await?;
    Ok(rung.rows_affected == 1)
}

/// The provider rang: it is looked at once.
pub(crate) async fn look_now(
    tx: &DatabaseTransaction,
    transaction: TransactionId,
    now: Timestamp,
) -> Result<(), DbErr> {
    change(transaction, PromptState::Asked).col_expr(Column::DueAt, Expr::value(now.millis())).exec(tx).await?;
    Ok(())
}

/// Ends a prompt, if it was open; what was needed to look is deleted. An approval, which is written once it counts, is also written over an end another look at
/// the same moment took for it: of two who fetch an answer the provider gives it to one.
pub(crate) async fn end_prompt(
    tx: &DatabaseTransaction,
    transaction: TransactionId,
    end: PromptEnd<'_>,
    now: Timestamp,
) -> Result<bool, DbErr> {
    let (state, silence, acr, auth_time) = match end {
        PromptEnd::Approved { acr, auth_time } => (PromptState::Approved, None, Some(acr), Some(auth_time)),
        PromptEnd::Refused => (PromptState::Refused, None, None, None),
        PromptEnd::Unanswered(silence) => (PromptState::Unanswered, Some(silence.as_str()), None, None),
    };
    let taken_for_its_end = (state == PromptState::Approved).then_some(PromptState::Unanswered);
    let ended = Entity::update_many()
        .col_expr(Column::State, Expr::value(state.as_str()))
        .col_expr(Column::Silence, Expr::value(silence.map(str::to_owned)))
        .col_expr(Column::Acr, Expr::value(acr.map(str::to_owned)))
        .col_expr(Column::AuthTime, Expr::value(auth_time.map(Timestamp::millis)))
        .col_expr(Column::Sealed, Expr::value(Option::<Vec<u8>>::None))
        .col_expr(Column::EndedAt, Expr::value(now.millis()))
        .filter(Column::TransactionId.eq(transaction.uuid()))
        .filter(Column::State.is_in(OPEN.into_iter().chain(taken_for_its_end).map(PromptState::as_str)))
        .exec(tx)
        .await?;
    Ok(ended.rows_affected == 1)
}

/// Deletes prompts made before `before`; returns how many.
pub(crate) async fn delete_old_prompts(tx: &DatabaseTransaction, before: Timestamp) -> Result<u64, DbErr> {
    let deleted = Entity::delete_many().filter(Column::CreatedAt.lt(before.millis())).exec(tx).await?;
    Ok(deleted.rows_affected)
}

fn change(transaction: TransactionId, from: PromptState) -> UpdateMany<Entity> {
    Entity::update_many().filter(Column::TransactionId.eq(transaction.uuid())).filter(Column::State.eq(from.as_str()))
}

fn millis(span: Duration) -> i64 {
    i64::try_from(span.as_millis()).unwrap_or(i64::MAX)
}

//! Queries on recipients of notices. While a recipient's message lies in the outbox the outbox knows more; it is read beside.

use std::collections::{BTreeMap, HashMap};

use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, PaginatorTrait as _, QueryFilter,
    QueryOrder, QueryResult, QuerySelect, Statement,
};
use straznica_types::Timestamp;

use super::chunks::{chunks, lists};
use super::entity::notice_recipient::{ActiveModel, Column, Entity, Model};
use crate::domain::{Institution, NoticeId, RecipientId, RecipientState};

/// A recipient, as they are kept.
#[derive(Debug, Clone)]
pub(crate) struct KeptRecipient {
    pub(crate) id: RecipientId,
    pub(crate) notice: NoticeId,
    pub(crate) reference: String,
    pub(crate) phone_digest: String,
    pub(crate) fingerprint: String,
    pub(crate) language: String,
    pub(crate) in_ucs2: bool,
    pub(crate) parts: u32,
    /// Gone once the message was handed over, or nobody will be written to.
    pub(crate) sealed: Option<Vec<u8>>,
}

/// How many recipients are in a state, and the parts of their messages.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Count {
    pub(crate) recipients: u64,
    pub(crate) parts: u64,
}

/// What messages in one language take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LanguageCount {
    pub(crate) language: String,
    pub(crate) wanted: bool,
    pub(crate) recipients: u64,
    pub(crate) in_ucs2: u64,
    pub(crate) parts: u64,
}

/// What is told of a recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Told {
    pub(crate) reference: String,
    pub(crate) state: String,
    pub(crate) language: String,
    pub(crate) in_ucs2: bool,
    pub(crate) parts: u32,
}

/// The state a recipient is told to be in: their own, or their message's where it is in the outbox.
const TOLD: &str =
    "CASE WHEN recipient.state = 'queued' THEN COALESCE(outbox.state, 'queued') ELSE recipient.state END";
const BESIDE: &str = "notice_recipient AS recipient LEFT JOIN outbox \
     ON recipient.state = 'queued' AND outbox.transaction_id = recipient.id AND outbox.sequence = 0";

/// Writes new recipients.
pub(crate) async fn insert_recipients(tx: &DatabaseTransaction, recipients: &[KeptRecipient]) -> Result<(), DbErr> {
    for chunk in chunks(recipients) {
        let rows = chunk.iter().map(|recipient| ActiveModel {
            id: Set(recipient.id.uuid()),
            notice_id: Set(recipient.notice.uuid()),
            reference: Set(recipient.reference.clone()),
            phone_digest: Set(recipient.phone_digest.clone()),
            fingerprint: Set(recipient.fingerprint.clone()),
            language: Set(recipient.language.clone()),
            in_ucs2: Set(recipient.in_ucs2),
            parts: Set(i64::from(recipient.parts)),
            sealed: Set(recipient.sealed.clone()),
            state: Set(RecipientState::CREATED.as_str().to_owned()),
        });
        Entity::insert_many(rows).exec_without_returning(tx).await?;
    }
    Ok(())
}

/// What is known of these references: their fingerprints.
pub(crate) async fn fingerprints(
    connection: &impl ConnectionTrait,
    notice: NoticeId,
    references: &[&str],
) -> Result<HashMap<String, String>, DbErr> {
    let mut known = HashMap::new();
    for list in lists(references) {
        let rows = Entity::find()
            .filter(Column::NoticeId.eq(notice.uuid()))
            .filter(Column::Reference.is_in(list))
            .all(connection)
            .await?;
        known.extend(rows.into_iter().map(|row| (row.reference, row.fingerprint)));
    }
    Ok(known)
}

/// How many recipients a notice has.
pub(crate) async fn count_recipients(connection: &impl ConnectionTrait, notice: NoticeId) -> Result<u64, DbErr> {
    Entity::find().filter(Column::NoticeId.eq(notice.uuid())).count(connection).await
}

/// How many of a notice's messages lie in the outbox or are on their way to an operator.
pub(crate) async fn count_in_outbox(connection: &impl ConnectionTrait, notice: NoticeId) -> Result<u64, DbErr> {
    Entity::find()
        .filter(Column::NoticeId.eq(notice.uuid()))
        .filter(Column::State.eq(RecipientState::QUEUED.as_str()))
        .count(connection)
        .await
}

/// How many of a notice's recipients are still to be written to, or in the outbox.
pub(crate) async fn count_unsettled(connection: &impl ConnectionTrait, notice: NoticeId) -> Result<u64, DbErr> {
    Entity::find()
        .filter(Column::NoticeId.eq(notice.uuid()))
        .filter(Column::State.is_in([RecipientState::CREATED, RecipientState::QUEUED].map(RecipientState::as_str)))
        .count(connection)
        .await
}

/// Some recipients.
pub(crate) async fn find_recipients(
    connection: &impl ConnectionTrait,
    ids: &[RecipientId],
) -> Result<HashMap<RecipientId, KeptRecipient>, DbErr> {
    let mut found = HashMap::with_capacity(ids.len());
    for list in lists(ids) {
        let rows =
            Entity::find().filter(Column::Id.is_in(list.into_iter().map(RecipientId::uuid))).all(connection).await?;
        found.extend(rows.into_iter().map(recipient_of).map(|recipient| (recipient.id, recipient)));
    }
    Ok(found)
}

/// The next recipients nothing was ordered for, so many at most.
pub(crate) async fn next_recipients(
    connection: &impl ConnectionTrait,
    notice: NoticeId,
    most: u64,
) -> Result<Vec<KeptRecipient>, DbErr> {
    let rows = Entity::find()
        .filter(Column::NoticeId.eq(notice.uuid()))
        .filter(Column::State.eq(RecipientState::CREATED.as_str()))
        .order_by_asc(Column::Reference)
        .limit(most)
        .all(connection)
        .await?;
    Ok(rows.into_iter().map(recipient_of).collect())
}

/// Moves those of these recipients that are in one state to another; tells which were. Whoever is not in the outbox by then will not be written to, and
/// what lies sealed of them is gone.
pub(crate) async fn move_recipients(
    tx: &DatabaseTransaction,
    recipients: &[RecipientId],
    from: RecipientState,
    to: RecipientState,
) -> Result<Vec<RecipientId>, DbErr> {
    let mut moved = Vec::with_capacity(recipients.len());
    for list in lists(recipients) {
        let mut change = Entity::update_many().col_expr(Column::State, Expr::value(to.as_str()));
        if to != RecipientState::QUEUED {
            change = change.col_expr(Column::Sealed, Expr::value(Option::<Vec<u8>>::None));
        }
        let rows = change
            .filter(Column::Id.is_in(list.into_iter().map(RecipientId::uuid)))
            .filter(Column::State.eq(from.as_str()))
            .exec_with_returning(tx)
            .await?;
        moved.extend(rows.into_iter().map(|row| RecipientId::from_uuid(row.id)));
    }
    Ok(moved)
}

/// Whose message came further: they are where it is, and their number and values are gone.
pub(crate) async fn settle_recipients(
    tx: &DatabaseTransaction,
    recipients: &[RecipientId],
    to: RecipientState,
) -> Result<(), DbErr> {
    for list in lists(recipients) {
        let mut change = Entity::update_many()
            .col_expr(Column::State, Expr::value(to.as_str()))
            .col_expr(Column::Sealed, Expr::value(Option::<Vec<u8>>::None))
            .filter(Column::Id.is_in(list.into_iter().map(RecipientId::uuid)));
        if to == RecipientState::Withdrawn {
            // Why somebody was not written to is known better where they changed their mind.
            change = change.filter(Column::State.ne(RecipientState::NoOptIn.as_str()));
        }
        change.exec(tx).await?;
    }
    Ok(())
}

/// Whoever waits in a notice that has ended is written to no more. Returns how many.
pub(crate) async fn leave_recipients(
    tx: &DatabaseTransaction,
    notice: NoticeId,
    to: RecipientState,
) -> Result<u64, DbErr> {
    let left = Entity::update_many()
        .col_expr(Column::State, Expr::value(to.as_str()))
        .col_expr(Column::Sealed, Expr::value(Option::<Vec<u8>>::None))
        .filter(Column::NoticeId.eq(notice.uuid()))
        .filter(Column::State.eq(RecipientState::CREATED.as_str()))
        .exec(tx)
        .await?;
    Ok(left.rows_affected)
}

/// Takes what waits in the outbox for a notice back; returns for how many recipients.
pub(crate) async fn withdraw_queued(tx: &DatabaseTransaction, notice: NoticeId, now: Timestamp) -> Result<u64, DbErr> {
    let sql = "UPDATE outbox SET state = 'withheld', ended_at = $1 WHERE state = 'queued' AND class = 'bulk' AND transaction_id IN \
         (SELECT id FROM notice_recipient WHERE notice_id = $2 AND state = 'queued') RETURNING transaction_id";
    let values = [now.millis().into(), notice.uuid().into()];
    let rows = tx.query_all_raw(Statement::from_sql_and_values(tx.get_database_backend(), sql, values)).await?;
    let ids: Vec<RecipientId> = rows
        .iter()
        .map(|row| Ok(RecipientId::from_uuid(row.try_get("", "transaction_id")?)))
        .collect::<Result<_, DbErr>>()?;
    settle_recipients(tx, &ids, RecipientState::Withdrawn).await?;
    Ok(rows.len().try_into().unwrap_or(u64::MAX))
}

/// Nothing of a notice is handed over before `until`, until when it is quiet; codes go at any hour.
pub(crate) async fn hold_bulk(tx: &DatabaseTransaction, until: Timestamp) -> Result<u64, DbErr> {
    let sql = "UPDATE outbox SET due_at = $1 WHERE state = 'queued' AND class = 'bulk' AND due_at < $1";
    let held = tx.execute_raw(Statement::from_sql_and_values(tx.get_database_backend(), sql, [until.millis().into()]));
    Ok(held.await?.rows_affected())
}

/// How many recipients are in each state, by its name.
pub(crate) async fn told_counts(
    connection: &impl ConnectionTrait,
    notice: NoticeId,
) -> Result<BTreeMap<String, Count>, DbErr> {
    let sql = format!(
        "SELECT {TOLD} AS told, CAST(COUNT(*) AS BIGINT) AS number, CAST(SUM(recipient.parts) AS BIGINT) AS parts \
         FROM {BESIDE} WHERE recipient.notice_id = $1 GROUP BY 1"
    );
    let statement = Statement::from_sql_and_values(connection.get_database_backend(), sql, [notice.uuid().into()]);
    let rows = connection.query_all_raw(statement).await?;
    let count = |row: &QueryResult| {
        Ok((row.try_get("", "told")?, Count { recipients: number(row, "number")?, parts: number(row, "parts")? }))
    };
    rows.iter().map(count).collect()
}

/// What the messages of a notice take, by language and by whether their readers wish to hear of an institution's things.
pub(crate) async fn language_counts(
    connection: &impl ConnectionTrait,
    notice: NoticeId,
    institution: &Institution,
) -> Result<Vec<LanguageCount>, DbErr> {
    let sql = "SELECT recipient.language AS language, COALESCE(choice.wanted, FALSE) AS wanted, CAST(COUNT(*) AS BIGINT) AS number, \
         CAST(SUM(CASE WHEN recipient.in_ucs2 THEN 1 ELSE 0 END) AS BIGINT) AS in_ucs2, CAST(SUM(recipient.parts) AS BIGINT) AS parts \
         FROM notice_recipient AS recipient \
         LEFT JOIN notice_choice AS choice ON choice.institution = $2 AND choice.phone_digest = recipient.phone_digest \
         WHERE recipient.notice_id = $1 GROUP BY 1, 2 ORDER BY 1, 2";
    let values = [notice.uuid().into(), institution.as_str().into()];
    let statement = Statement::from_sql_and_values(connection.get_database_backend(), sql, values);
    let rows = connection.query_all_raw(statement).await?;
    let count = |row: &QueryResult| {
        Ok(LanguageCount {
            language: row.try_get("", "language")?,
            wanted: row.try_get("", "wanted")?,
            recipients: number(row, "number")?,
            in_ucs2: number(row, "in_ucs2")?,
            parts: number(row, "parts")?,
        })
    };
    rows.iter().map(count).collect()
}

/// Recipients after a reference, in order, so many at most.
pub(crate) async fn told_after(
    connection: &impl ConnectionTrait,
    notice: NoticeId,
    after: &str,
    most: u64,
) -> Result<Vec<Told>, DbErr> {
    let sql = format!(
        "SELECT recipient.reference AS reference, {TOLD} AS told, recipient.language AS language, recipient.in_ucs2 AS in_ucs2, \
         recipient.parts AS parts FROM {BESIDE} \
         WHERE recipient.notice_id = $1 AND recipient.reference > $2 ORDER BY recipient.reference LIMIT {most}"
    );
    let values = [notice.uuid().into(), after.into()];
    let statement = Statement::from_sql_and_values(connection.get_database_backend(), sql, values);
    let rows = connection.query_all_raw(statement).await?;
    let told = |row: &QueryResult| {
        Ok(Told {
            reference: row.try_get("", "reference")?,
            state: row.try_get("", "told")?,
            language: row.try_get("", "language")?,
            in_ucs2: row.try_get("", "in_ucs2")?,
            parts: u32::try_from(number(row, "parts")?).unwrap_or(u32::MAX),
        })
    };
    rows.iter().map(told).collect()
}

fn number(row: &QueryResult, column: &str) -> Result<u64, DbErr> {
    let number: i64 = row.try_get("", column)?;
    Ok(u64::try_from(number).unwrap_or(0))
}

fn recipient_of(row: Model) -> KeptRecipient {
    KeptRecipient {
        id: RecipientId::from_uuid(row.id),
        notice: NoticeId::from_uuid(row.notice_id),
        reference: row.reference,
        phone_digest: row.phone_digest,
        fingerprint: row.fingerprint,
        language: row.language,
        in_ucs2: row.in_ucs2,
        parts: u32::try_from(row.parts).unwrap_or(u32::MAX),
        sealed: row.sealed,
    }
}

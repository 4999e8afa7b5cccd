//! Counters and locks of officers and subjects: what no loss of short-lived state and no code sent again takes back.
//!
//! Each count is one statement that changes the row only while its number is below the limit; of two at once the second waits for the first and
//! looks again, so exactly the limit is let through. The order is always officer, then subject, so nobody waits in a circle. A day begins
//! at midnight UTC; a replica whose clock is behind counts for the day that has begun.

use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr, Statement, Value};
use straznica_types::{CivilDate, Timestamp};

use crate::domain::Limits;

/// What an attempt met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Attempt {
    /// It is counted.
    Counted {
        /// The subject was locked before: nothing that is tried may succeed.
        subject_locked: bool,
        /// This attempt was the one too many in a row: the subject is locked from now on.
        locks_subject: bool,
    },
    /// The officer is locked.
    OfficialLocked {
        /// This attempt was the one too many.
        newly: bool,
    },
    /// As many comparisons were made about the subject today as may be.
    SubjectSpent,
}

/// What a message met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MessageCount {
    /// It is counted.
    Counted,
    /// The officer is locked.
    Locked,
    /// As many were sent today as may be.
    Spent,
}

const OFFICIAL: Table = Table { name: "official_counter", key: "official", more: "" };
const SUBJECT: Table = Table { name: "subject_counter", key: "subject", more: "failures_in_a_row, " };

struct Table {
    name: &'static str,
    key: &'static str,
    /// Columns of this table alone that begin at 0.
    more: &'static str,
}

/// Counts an attempt for officer and subject, before it is compared.
pub(crate) async fn count_attempt(
    tx: &DatabaseTransaction,
    official: &str,
    subject: &str,
    now: Timestamp,
    limits: &Limits,
) -> Result<Attempt, DbErr> {
    let day = now.date();
    OFFICIAL.ensure(tx, official, day).await?;
    let limit = limits.attempts_per_official_and_day;
    if !OFFICIAL.count(tx, official, "attempts", "messages", "", day, limit, "AND locked_at IS NULL").await? {
        let newly = OFFICIAL.lock(tx, official, now).await?;
        return Ok(Attempt::OfficialLocked { newly });
    }
    SUBJECT.ensure(tx, subject, day).await?;
    let limit = limits.attempts_per_subject_and_day;
    let row = "failures_in_a_row = failures_in_a_row + 1, ";
    if !SUBJECT.count(tx, subject, "attempts", "messages", row, day, limit, "").await? {
        return Ok(Attempt::SubjectSpent);
    }
    let subject_locked = is_locked(tx, subject).await?;
    let locks_subject = !subject_locked && failures(tx, subject).await? >= i64::from(limits.failures_in_a_row);
    if locks_subject {
        SUBJECT.lock(tx, subject, now).await?;
    }
    Ok(Attempt::Counted { subject_locked, locks_subject })
}

/// Counts a message an officer causes.
pub(crate) async fn count_official_message(
    tx: &DatabaseTransaction,
    official: &str,
    now: Timestamp,
    limits: &Limits,
) -> Result<MessageCount, DbErr> {
    let day = now.date();
    OFFICIAL.ensure(tx, official, day).await?;
    let limit = limits.messages_per_official_and_day;
    if OFFICIAL.count(tx, official, "messages", "attempts", "", day, limit, "AND locked_at IS NULL").await? {
        return Ok(MessageCount::Counted);
    }
    let locked = OFFICIAL.number(tx, official, "CASE WHEN locked_at IS NULL THEN 0 ELSE 1 END").await? != 0;
    Ok(if locked { MessageCount::Locked } else { MessageCount::Spent })
}

/// Counts a message about a subject.
pub(crate) async fn count_subject_message(
    tx: &DatabaseTransaction,
    subject: &str,
    now: Timestamp,
    limits: &Limits,
) -> Result<MessageCount, DbErr> {
    let day = now.date();
    SUBJECT.ensure(tx, subject, day).await?;
    let counted =
        SUBJECT.count(tx, subject, "messages", "attempts", "", day, limits.messages_per_subject_and_day, "").await?;
    Ok(if counted { MessageCount::Counted } else { MessageCount::Spent })
}

/// A right code ends the row of wrong ones. What was counted today stays counted.
pub(crate) async fn forgive_failures(tx: &DatabaseTransaction, subject: &str) -> Result<(), DbErr> {
    let sql = "UPDATE subject_counter SET failures_in_a_row = 0 WHERE subject = $1";
    execute(tx, sql, [subject.into()]).await?;
    Ok(())
}

/// Whether a subject is locked.
pub(crate) async fn is_locked(connection: &impl ConnectionTrait, subject: &str) -> Result<bool, DbErr> {
    Ok(SUBJECT.number(connection, subject, "CASE WHEN locked_at IS NULL THEN 0 ELSE 1 END").await? != 0)
}

/// Lifts the lock of an officer, and the day's attempts with it: the reason for lifting it is that they were honest. Tells whether there was one.
pub(crate) async fn lift_official(tx: &DatabaseTransaction, official: &str) -> Result<bool, DbErr> {
    let sql =
        "UPDATE official_counter SET locked_at = NULL, attempts = 0 WHERE official = $1 AND locked_at IS NOT NULL";
    Ok(execute(tx, sql, [official.into()]).await? == 1)
}

/// Lifts the lock of a subject; tells whether there was one.
pub(crate) async fn lift_subject(tx: &DatabaseTransaction, subject: &str) -> Result<bool, DbErr> {
    let sql = "UPDATE subject_counter SET locked_at = NULL, failures_in_a_row = 0 WHERE subject = $1 AND locked_at IS NOT NULL";
    Ok(execute(tx, sql, [subject.into()]).await? == 1)
}

async fn failures(tx: &DatabaseTransaction, subject: &str) -> Result<i64, DbErr> {
    SUBJECT.number(tx, subject, "failures_in_a_row").await
}

impl Table {
    async fn ensure(&self, tx: &DatabaseTransaction, key: &str, day: CivilDate) -> Result<(), DbErr> {
        let Self { name, key: column, more } = self;
        let zero = if more.is_empty() { "" } else { "0, " };
        let sql = format!(
            "INSERT INTO {name} ({column}, {more}day, messages, attempts) VALUES ($1, {zero}$2, 0, 0) ON CONFLICT ({column}) DO NOTHING"
        );
        execute(tx, &sql, [key.into(), day.days_since_epoch().into()]).await?;
        Ok(())
    }

    /// Adds one to `counted` if it is below the limit today, `other` beginning anew with the day as well.
    #[expect(clippy::too_many_arguments, reason = "the parts of one statement")]
    async fn count(
        &self,
        tx: &DatabaseTransaction,
        key: &str,
        counted: &str,
        other: &str,
        also: &str,
        day: CivilDate,
        limit: u32,
        condition: &str,
    ) -> Result<bool, DbErr> {
        let Self { name, key: column, .. } = self;
        let sql = format!(
            "UPDATE {name} SET {also}{counted} = CASE WHEN day < $2 THEN 1 ELSE {counted} + 1 END, \
             {other} = CASE WHEN day < $2 THEN 0 ELSE {other} END, \
             day = CASE WHEN day < $2 THEN $2 ELSE day END \
             WHERE {column} = $1 {condition} AND $3 > CASE WHEN day < $2 THEN 0 ELSE {counted} END"
        );
        let values: [Value; 3] = [key.into(), day.days_since_epoch().into(), i64::from(limit).into()];
        Ok(execute(tx, &sql, values).await? == 1)
    }

    async fn lock(&self, tx: &DatabaseTransaction, key: &str, at: Timestamp) -> Result<bool, DbErr> {
        let Self { name, key: column, .. } = self;
        let sql = format!("UPDATE {name} SET locked_at = $2 WHERE {column} = $1 AND locked_at IS NULL");
        Ok(execute(tx, &sql, [key.into(), at.millis().into()]).await? == 1)
    }

    /// A number of a row; 0 where there is no row.
    async fn number(&self, connection: &impl ConnectionTrait, key: &str, expression: &str) -> Result<i64, DbErr> {
        let Self { name, key: column, .. } = self;
        let sql = format!("SELECT CAST({expression} AS BIGINT) AS number FROM {name} WHERE {column} = $1");
        let statement = Statement::from_sql_and_values(connection.get_database_backend(), sql, [key.into()]);
        connection.query_one_raw(statement).await?.map_or(Ok(0), |row| row.try_get("", "number"))
    }
}

async fn execute(tx: &DatabaseTransaction, sql: &str, values: impl IntoIterator<Item = Value>) -> Result<u64, DbErr> {
    let statement = Statement::from_sql_and_values(tx.get_database_backend(), sql, values);
    Ok(tx.execute_raw(statement).await?.rows_affected())
}

//! How many of the codes sent to a range of numbers were used.

use sea_orm::{ConnectionTrait, DbErr, Statement};
use straznica_types::Timestamp;

/// Messages with codes to one range, and how many of the codes were used: of the transactions opened since a time, and in the day before that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PrefixCounts {
    pub(crate) prefix: String,
    pub(crate) recent: (u64, u64),
    pub(crate) before: (u64, u64),
}

/// The counts of every range that has any.
pub(crate) async fn prefix_counts(
    connection: &impl ConnectionTrait,
    before_since: Timestamp,
    recent_since: Timestamp,
    until: Timestamp,
) -> Result<Vec<PrefixCounts>, DbErr> {
    // Transactions still open say nothing yet, so they are left out: they end within ten minutes.
    let sql = "SELECT prefix, \
         CAST(SUM(CASE WHEN opened_at >= $2 THEN 1 + resends ELSE 0 END) AS BIGINT) AS sent, \
         CAST(SUM(CASE WHEN opened_at >= $2 AND state = 'validated' THEN 1 ELSE 0 END) AS BIGINT) AS validated, \
         CAST(SUM(CASE WHEN opened_at < $2 THEN 1 + resends ELSE 0 END) AS BIGINT) AS sent_before, \
         CAST(SUM(CASE WHEN opened_at < $2 AND state = 'validated' THEN 1 ELSE 0 END) AS BIGINT) AS validated_before \
         FROM code_transaction \
         WHERE opened_at >= $1 AND opened_at < $3 AND prefix IS NOT NULL AND (state <> 'open' OR expires_at <= $3) GROUP BY prefix";
    let values = [before_since.millis().into(), recent_since.millis().into(), until.millis().into()];
    let statement = Statement::from_sql_and_values(connection.get_database_backend(), sql, values);
    let number = |row: &sea_orm::QueryResult, column: &str| {
        row.try_get::<i64>("", column).map(|number| u64::try_from(number).unwrap_or(0))
    };
    connection
        .query_all_raw(statement)
        .await?
        .iter()
        .map(|row| {
            Ok(PrefixCounts {
                prefix: row.try_get("", "prefix")?,
                recent: (number(row, "sent")?, number(row, "validated")?),
                before: (number(row, "sent_before")?, number(row, "validated_before")?),
            })
        })
        .collect()
}

//! Counters of the day and locks of officials. They are in the database, so that nothing short-lived can reset them.

use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter};
use straznica_types::{CivilDate, OfficerId, Timestamp};

use super::entity::{daily_count, official_lock};

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    /// Verifications an official has opened.
    Official,
    /// Verifications opened about somebody, known or not.
    Subject,
    /// Citizens a citizen has asked.
    Asker,
}

impl Class {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Official => "official",
            Self::Subject => "subject",
            Self::Asker => "asker",
        }
    }
}

/// An official among all institutions' officials, as a counter knows them. No name has a slash in it.
pub(crate) fn official(institution: &str, officer: &OfficerId) -> String {
    format!("{institution}/{officer}")
}

/// Counts one more and says how many there are now.
pub(crate) async fn count_up(
    tx: &DatabaseTransaction,
    class: Class,
    counted: &str,
    day: CivilDate,
) -> Result<i64, DbErr> {
    let day = day.days_since_epoch();
    let one = daily_count::ActiveModel {
        class: Set(class.as_str().to_owned()),
        counted: Set(counted.to_owned()),
        day: Set(day),
        count: Set(1),
    };
    let more = Expr::col((daily_count::Entity, daily_count::Column::Count)).add(1_i64);
    daily_count::Entity::insert(one)
        .on_conflict(
            OnConflict::columns([daily_count::Column::Class, daily_count::Column::Counted, daily_count::Column::Day])
                .value(daily_count::Column::Count, more)
                .to_owned(),
        )
        .exec_without_returning(tx)
        .await?;
    let key = (class.as_str().to_owned(), counted.to_owned(), day);
    let row = daily_count::Entity::find_by_id(key).one(tx).await?;
    Ok(row.map_or(1, |row| row.count))
}

/// Begins the day's count anew.
pub(crate) async fn forget_count(
    tx: &DatabaseTransaction,
    class: Class,
    counted: &str,
    day: CivilDate,
) -> Result<(), DbErr> {
    let key = (class.as_str().to_owned(), counted.to_owned(), day.days_since_epoch());
    daily_count::Entity::delete_by_id(key).exec(tx).await?;
    Ok(())
}

/// Deletes the counts of the days before; returns how many.
pub(crate) async fn delete_old_counts(tx: &DatabaseTransaction, today: CivilDate) -> Result<u64, DbErr> {
    let old = daily_count::Column::Day.lt(today.days_since_epoch());
    Ok(daily_count::Entity::delete_many().filter(old).exec(tx).await?.rows_affected)
}

/// Whether the official is locked.
pub(crate) async fn is_locked(
    connection: &impl ConnectionTrait,
    institution: &str,
    officer: &OfficerId,
) -> Result<bool, DbErr> {
    let key = (institution.to_owned(), officer.to_string());
    Ok(official_lock::Entity::find_by_id(key).one(connection).await?.is_some())
}

/// Locks the official.
pub(crate) async fn lock(
    tx: &DatabaseTransaction,
    institution: &str,
    officer: &OfficerId,
    at: Timestamp,
) -> Result<(), DbErr> {
    let row = official_lock::ActiveModel {
        institution_id: Set(institution.to_owned()),
        officer: Set(officer.to_string()),
        locked_at: Set(at.millis()),
    };
    official_lock::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// Unlocks the official; `false` if there was no lock.
pub(crate) async fn unlock(tx: &DatabaseTransaction, institution: &str, officer: &OfficerId) -> Result<bool, DbErr> {
    let key = (institution.to_owned(), officer.to_string());
    Ok(official_lock::Entity::delete_by_id(key).exec(tx).await?.rows_affected == 1)
}

//! Queries on persons who may be one.

use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};
use straznica_types::{OfficerId, Timestamp};

use super::entity::{duplicate, to_compare};
use crate::domain::PersonId;

/// What was decided about two who may be one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DuplicateState {
    /// Nothing yet.
    Open,
    /// They are two.
    Different,
    /// Somebody proposed a merge.
    TakenUp,
}

impl DuplicateState {
    pub(super) const ALL: [Self; 3] = [Self::Open, Self::Different, Self::TakenUp];

    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Different => "different",
            Self::TakenUp => "taken_up",
        }
    }
}

/// Two who may be one, in the order of their ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Pair(pub(crate) PersonId, pub(crate) PersonId);

impl Pair {
    pub(crate) fn of(one: PersonId, other: PersonId) -> Self {
        if one <= other { Self(one, other) } else { Self(other, one) }
    }
}

/// Keeps somebody to be compared with the others.
pub(crate) async fn insert_to_compare(tx: &DatabaseTransaction, person: PersonId) -> Result<(), DbErr> {
    let row = to_compare::ActiveModel { person_id: Set(person.uuid()) };
    let there = OnConflict::column(to_compare::Column::PersonId).do_nothing().to_owned();
    to_compare::Entity::insert(row).on_conflict(there).exec_without_returning(tx).await?;
    Ok(())
}

/// Who has to be compared yet.
pub(crate) async fn find_to_compare(connection: &impl ConnectionTrait, limit: u64) -> Result<Vec<PersonId>, DbErr> {
    let rows = to_compare::Entity::find().order_by_asc(to_compare::Column::PersonId).limit(limit);
    Ok(rows.all(connection).await?.into_iter().map(|row| PersonId::from_uuid(row.person_id)).collect())
}

/// Writes that somebody was compared, and whom they are like; pairs that are there stay as they are.
pub(crate) async fn insert_duplicates(
    tx: &DatabaseTransaction,
    person: PersonId,
    likely: &[(PersonId, f64)],
    at: Timestamp,
) -> Result<(), DbErr> {
    to_compare::Entity::delete_by_id(person.uuid()).exec(tx).await?;
    if likely.is_empty() {
        return Ok(());
    }
    let row = |(other, score): &(PersonId, f64)| {
        let Pair(one, other) = Pair::of(person, *other);
        #[expect(clippy::cast_possible_truncation, reason = "from 0 to 1,000")]
        let permille = (score * 1_000.0).clamp(0.0, 1_000.0) as i64;
        duplicate::ActiveModel {
            one_id: Set(one.uuid()),
            other_id: Set(other.uuid()),
            found_at: Set(at.millis()),
            permille: Set(permille),
            state: Set(DuplicateState::Open.as_str().to_owned()),
            decided_at: Set(None),
            decided_by: Set(None),
            sealed: Set(None),
        }
    };
    let there = OnConflict::columns([duplicate::Column::OneId, duplicate::Column::OtherId]).do_nothing().to_owned();
    duplicate::Entity::insert_many(likely.iter().map(row)).on_conflict(there).exec_without_returning(tx).await?;
    Ok(())
}

/// Pairs nobody decided about, the likeliest first, each with when it was found.
pub(crate) async fn open_duplicates(
    connection: &impl ConnectionTrait,
    limit: u64,
) -> Result<Vec<(Pair, Timestamp)>, DbErr> {
    let open = duplicate::Entity::find().filter(duplicate::Column::State.eq(DuplicateState::Open.as_str()));
    let rows = open
        .order_by_desc(duplicate::Column::Permille)
        .order_by_asc(duplicate::Column::FoundAt)
        .order_by_asc(duplicate::Column::OneId)
        .limit(limit)
        .all(connection)
        .await?;
    let pair = |row: duplicate::Model| {
        let pair = Pair(PersonId::from_uuid(row.one_id), PersonId::from_uuid(row.other_id));
        (pair, Timestamp::from_millis(row.found_at))
    };
    Ok(rows.into_iter().map(pair).collect())
}

/// Writes what was decided about a pair; `false` where it is in none of the states it may be decided from.
pub(crate) async fn decide_duplicate(
    tx: &DatabaseTransaction,
    Pair(one, other): Pair,
    from: &[DuplicateState],
    to: DuplicateState,
    (by, at): (&OfficerId, Timestamp),
    sealed: Option<Vec<u8>>,
) -> Result<bool, DbErr> {
    let decided = duplicate::Entity::update_many()
        .col_expr(duplicate::Column::State, Expr::value(to.as_str()))
        .col_expr(duplicate::Column::DecidedAt, Expr::value(at.millis()))
        .col_expr(duplicate::Column::DecidedBy, Expr::value(by.to_string()))
        .col_expr(duplicate::Column::Sealed, Expr::value(sealed))
        .filter(duplicate::Column::OneId.eq(one.uuid()))
        .filter(duplicate::Column::OtherId.eq(other.uuid()))
        .filter(duplicate::Column::State.is_in(from.iter().map(|state| state.as_str())))
        .exec(tx)
        .await?;
    Ok(decided.rows_affected == 1)
}

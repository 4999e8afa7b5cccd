//! Reading and writing local accounts.

use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    sea_query::Expr,
};
use straznica_store::StoreError;
use straznica_types::Timestamp;

use super::entity::account::{Column, Entity, Model};
use crate::{
    domain::people::{
        account::{Account, AccountName},
        person::PersonKind,
    },
    error::GatewayError,
};

/// The account of this name.
pub(crate) async fn find(database: &impl ConnectionTrait, name: &AccountName) -> Result<Option<Account>, GatewayError> {
    let row = Entity::find_by_id(name.as_str()).one(database).await.map_err(StoreError::from)?;
    row.map(account_of).transpose()
}

/// All of them, by name: a test node has a handful.
pub(crate) async fn all(database: &impl ConnectionTrait) -> Result<Vec<Account>, GatewayError> {
    let rows = Entity::find().order_by_asc(Column::Name).all(database).await.map_err(StoreError::from)?;
    rows.into_iter().map(account_of).collect()
}

/// A new account; [`StoreError::Duplicate`] when the name is taken.
pub(crate) async fn insert(database: &impl ConnectionTrait, account: &Account) -> Result<(), StoreError> {
    let row = Model {
        name: account.name.to_string(),
        kind: account.kind.as_str().to_owned(),
        salt: account.salt.to_vec(),
        verifier: account.verifier.to_vec(),
        sealed_factor: account.sealed_factor.clone(),
        sealed_citizen: account.sealed_citizen.clone(),
        last_step: i64::try_from(account.last_step).unwrap_or(i64::MAX),
        locked: account.locked.clone(),
        created_at: account.created_at.millis(),
        created_by: account.created_by.clone(),
    };
    Entity::insert(row.into_active_model().reset_all()).exec_without_returning(database).await?;
    Ok(())
}

/// Accepts the code of a step of time, if none of it or of a later one was accepted before; whether it was.
pub(crate) async fn accept_step(
    database: &impl ConnectionTrait,
    name: &AccountName,
    step: u64,
) -> Result<bool, StoreError> {
    let step = i64::try_from(step).unwrap_or(i64::MAX);
    let updated = Entity::update_many()
        .col_expr(Column::LastStep, Expr::value(step))
        .filter(Column::Name.eq(name.as_str()))
        .filter(Column::LastStep.lt(step))
        .filter(Column::Locked.is_null())
        .exec(database)
        .await?;
    Ok(updated.rows_affected > 0)
}

/// Locks an account, or unlocks it; whether there is one.
pub(crate) async fn set_locked(
    database: &impl ConnectionTrait,
    name: &AccountName,
    locked: Option<&str>,
) -> Result<bool, StoreError> {
    let updated = Entity::update_many()
        .col_expr(Column::Locked, Expr::value(locked.map(str::to_owned)))
        .filter(Column::Name.eq(name.as_str()))
        .exec(database)
        .await?;
    Ok(updated.rows_affected > 0)
}

/// Gives an account another second factor, none of whose codes was accepted yet; whether there is such an account.
pub(crate) async fn replace_factor(
    database: &impl ConnectionTrait,
    name: &AccountName,
    sealed_factor: &[u8],
) -> Result<bool, StoreError> {
    let updated = Entity::update_many()
        .col_expr(Column::SealedFactor, Expr::value(sealed_factor.to_vec()))
        .col_expr(Column::LastStep, Expr::value(0_i64))
        .filter(Column::Name.eq(name.as_str()))
        .exec(database)
        .await?;
    Ok(updated.rows_affected > 0)
}

fn account_of(row: Model) -> Result<Account, GatewayError> {
    let corrupt = || GatewayError::CorruptRow { table: "account" };
    Ok(Account {
        name: AccountName::parse(&row.name).ok_or_else(corrupt)?,
        kind: PersonKind::named(&row.kind).ok_or_else(corrupt)?,
        salt: row.salt.try_into().map_err(|_| corrupt())?,
        verifier: row.verifier.try_into().map_err(|_| corrupt())?,
        sealed_factor: row.sealed_factor,
        sealed_citizen: row.sealed_citizen,
        last_step: u64::try_from(row.last_step).map_err(|_| corrupt())?,
        locked: row.locked,
        created_at: Timestamp::from_millis(row.created_at),
        created_by: row.created_by,
    })
}

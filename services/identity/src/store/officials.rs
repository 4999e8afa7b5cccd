//! Queries on officials: how they log in, and what they are.

use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};
use straznica_types::{OfficerId, Timestamp};

use super::entity::{official, official_lock, official_role};
use super::rows::UnreadableRow;
use crate::domain::verifiers::{Login, Logins, Role, RoleHeld};
use crate::error::IdentityError;

/// How an official logs in.
pub(crate) async fn find_logins(
    connection: &impl ConnectionTrait,
    officer: &OfficerId,
) -> Result<Option<Logins>, IdentityError> {
    let row = official::Entity::find_by_id(officer.to_string()).one(connection).await?;
    Ok(row.map(|row| logins_of(&row)).transpose()?)
}

/// Who logs in so.
pub(crate) async fn find_official(
    connection: &impl ConnectionTrait,
    login: &Login,
) -> Result<Option<OfficerId>, IdentityError> {
    let query = match login {
        Login::Oidc { issuer, subject } => official::Entity::find()
            .filter(official::Column::Issuer.eq(issuer))
            .filter(official::Column::Subject.eq(subject)),
        Login::Certificate(thumbprint) => {
            official::Entity::find().filter(official::Column::Thumbprint.eq(thumbprint.as_str()))
        }
    };
    let Some(row) = query.one(connection).await? else { return Ok(None) };
    let officer = OfficerId::parse(&row.officer);
    Ok(Some(officer.map_err(|_| UnreadableRow::new("official", &row.officer, "officer"))?))
}

/// Writes how an official logs in, over what was known.
pub(crate) async fn put_official(
    tx: &DatabaseTransaction,
    officer: &OfficerId,
    logins: &Logins,
    at: Timestamp,
) -> Result<(), DbErr> {
    use official::Column;
    let row = official::ActiveModel {
        officer: Set(officer.to_string()),
        issuer: Set(logins.oidc().map(|(issuer, _)| issuer.to_owned())),
        subject: Set(logins.oidc().map(|(_, subject)| subject.to_owned())),
        thumbprint: Set(logins.certificate().map(|thumbprint| thumbprint.as_str().to_owned())),
        created_at: Set(at.millis()),
    };
    let over = OnConflict::column(Column::Officer)
        .update_columns([Column::Issuer, Column::Subject, Column::Thumbprint])
        .to_owned();
    official::Entity::insert(row).on_conflict(over).exec_without_returning(tx).await?;
    Ok(())
}

fn logins_of(row: &official::Model) -> Result<Logins, UnreadableRow> {
    let text = |column: &Option<String>| column.clone().unwrap_or_default();
    let logins = Logins::new(&text(&row.issuer), &text(&row.subject), &text(&row.thumbprint));
    logins.ok().flatten().ok_or_else(|| UnreadableRow::new("official", &row.officer, "issuer"))
}

/// Gives a role, or gives it anew.
pub(crate) async fn put_role(tx: &DatabaseTransaction, held: &RoleHeld) -> Result<(), DbErr> {
    use official_role::Column;
    let row = official_role::ActiveModel {
        institution_id: Set(held.institution.clone()),
        officer: Set(held.officer.to_string()),
        role: Set(held.role.as_str().to_owned()),
        granted_by: Set(held.granted_by.to_string()),
        granted_at: Set(held.granted_at.millis()),
        expires_at: Set(held.expires_at.map(Timestamp::millis)),
        reason: Set(held.reason.clone()),
    };
    let over = OnConflict::columns([Column::InstitutionId, Column::Officer, Column::Role])
        .update_columns([Column::GrantedBy, Column::GrantedAt, Column::ExpiresAt, Column::Reason])
        .to_owned();
    official_role::Entity::insert(row).on_conflict(over).exec_without_returning(tx).await?;
    Ok(())
}

/// Takes a role away, or all of an institution; returns which.
pub(crate) async fn delete_roles(
    tx: &DatabaseTransaction,
    institution: &str,
    officer: &OfficerId,
    role: Option<Role>,
) -> Result<Vec<Role>, IdentityError> {
    let held: Vec<Role> = held_by(tx, officer)
        .await?
        .into_iter()
        .filter(|held| held.institution == institution && role.is_none_or(|role| role == held.role))
        .map(|held| held.role)
        .collect();
    for role in &held {
        let key = (institution.to_owned(), officer.to_string(), role.as_str().to_owned());
        official_role::Entity::delete_by_id(key).exec(tx).await?;
    }
    Ok(held)
}

/// Whether somebody holds a role now.
pub(crate) async fn holds(
    connection: &impl ConnectionTrait,
    institution: &str,
    officer: &OfficerId,
    role: Role,
    now: Timestamp,
) -> Result<bool, DbErr> {
    let key = (institution.to_owned(), officer.to_string(), role.as_str().to_owned());
    let row = official_role::Entity::find_by_id(key).one(connection).await?;
    Ok(row.is_some_and(|row| row.expires_at.is_none_or(|end| now.millis() < end)))
}

/// All roles somebody was given, those that have ended too.
pub(crate) async fn held_by(
    connection: &impl ConnectionTrait,
    officer: &OfficerId,
) -> Result<Vec<RoleHeld>, IdentityError> {
    use official_role::Column;
    let rows = official_role::Entity::find()
        .filter(Column::Officer.eq(officer.as_str()))
        .order_by_asc(Column::InstitutionId)
        .order_by_asc(Column::Role)
        .all(connection)
        .await?;
    rows.into_iter().map(|row| Ok(role_of(row)?)).collect()
}

/// The roles of an institution by officer, of so many officers at most.
pub(crate) async fn people_of(
    connection: &impl ConnectionTrait,
    institution: &str,
    after: &str,
    limit: u64,
) -> Result<Vec<(OfficerId, Vec<RoleHeld>)>, IdentityError> {
    use official_role::Column;
    // An officer has one row a role.
    let rows = official_role::Entity::find()
        .filter(Column::InstitutionId.eq(institution))
        .filter(Column::Officer.gt(after))
        .order_by_asc(Column::Officer)
        .order_by_asc(Column::Role)
        .limit(limit.saturating_mul(Role::ALL.len() as u64))
        .all(connection)
        .await?;
    let mut people: Vec<(OfficerId, Vec<RoleHeld>)> = Vec::new();
    for row in rows {
        let held = role_of(row)?;
        if let Some((_, roles)) = people.last_mut().filter(|(officer, _)| *officer == held.officer) {
            roles.push(held);
            continue;
        }
        if people.len() as u64 == limit {
            break;
        }
        people.push((held.officer.clone(), vec![held]));
    }
    Ok(people)
}

/// Institutions where an official is locked.
pub(crate) async fn locked_at(connection: &impl ConnectionTrait, officer: &OfficerId) -> Result<Vec<String>, DbErr> {
    let rows = official_lock::Entity::find()
        .filter(official_lock::Column::Officer.eq(officer.as_str()))
        .all(connection)
        .await?;
    Ok(rows.into_iter().map(|row| row.institution_id).collect())
}

fn role_of(row: official_role::Model) -> Result<RoleHeld, UnreadableRow> {
    let bad = |column| UnreadableRow::new("official_role", &row.officer, column);
    Ok(RoleHeld {
        officer: OfficerId::parse(&row.officer).map_err(|_| bad("officer"))?,
        role: Role::named(&row.role).ok_or_else(|| bad("role"))?,
        granted_by: OfficerId::parse(&row.granted_by).map_err(|_| bad("granted_by"))?,
        granted_at: Timestamp::from_millis(row.granted_at),
        expires_at: row.expires_at.map(Timestamp::from_millis),
        institution: row.institution_id,
        reason: row.reason,
    })
}

//! Queries on privileges and their uses.

use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect,
};
use straznica_types::{CivilDate, OfficerId, Timestamp};

use super::entity::{privilege, privilege_document, privilege_use};
use super::rows::UnreadableRow;
use crate::domain::verification::{DocumentKind, VerificationId};
use crate::domain::verifiers::{Change, Privilege, PrivilegeId, PrivilegeState, Reason, Uses};
use crate::error::IdentityError;

/// Days of an official's habit.
const HABIT_DAYS: i64 = 28;
/// Days within which checks of one person are counted together.
const PERSON_DAYS: i64 = 30;

/// Writes a proposal.
pub(crate) async fn insert_privilege(tx: &DatabaseTransaction, proposed: &Privilege) -> Result<(), DbErr> {
    let row = privilege::ActiveModel {
        id: Set(proposed.id.uuid()),
        institution_id: Set(proposed.institution.clone()),
        officer: Set(proposed.officer.to_string()),
        legal_basis: Set(proposed.legal_basis.as_str().to_owned()),
        expires_at: Set(proposed.expires_at.millis()),
        state: Set(proposed.state.as_str().to_owned()),
        proposed_by: Set(proposed.proposed_by.to_string()),
        proposed_at: Set(proposed.proposed_at.millis()),
        reason: Set(proposed.reason.as_str().to_owned()),
        changed_by: Set(None),
        changed_at: Set(None),
        changed_reason: Set(None),
    };
    privilege::Entity::insert(row).exec_without_returning(tx).await?;
    for kind in &proposed.kinds {
        let row = privilege_document::ActiveModel {
            privilege_id: Set(proposed.id.uuid()),
            kind: Set(kind.as_str().to_owned()),
        };
        privilege_document::Entity::insert(row).exec_without_returning(tx).await?;
    }
    Ok(())
}

/// Writes a change of state.
pub(crate) async fn update_privilege(tx: &DatabaseTransaction, changed: &Privilege) -> Result<(), DbErr> {
    let change = changed.change.as_ref();
    privilege::Entity::update_many()
        .col_expr(privilege::Column::State, Expr::value(changed.state.as_str()))
        .col_expr(privilege::Column::ChangedBy, Expr::value(change.map(|change| change.by.to_string())))
        .col_expr(privilege::Column::ChangedAt, Expr::value(change.map(|change| change.at.millis())))
        .col_expr(privilege::Column::ChangedReason, Expr::value(change.map(|change| change.reason.as_str().to_owned())))
        .filter(privilege::Column::Id.eq(changed.id.uuid()))
        .exec(tx)
        .await?;
    Ok(())
}

/// The privilege of this id in an institution.
pub(crate) async fn find_privilege(
    connection: &impl ConnectionTrait,
    institution: &str,
    id: PrivilegeId,
) -> Result<Option<Privilege>, IdentityError> {
    let row = privilege::Entity::find_by_id(id.uuid())
        .filter(privilege::Column::InstitutionId.eq(institution))
        .one(connection)
        .await?;
    match row {
        Some(row) => Ok(Some(privilege_of(connection, row).await?)),
        None => Ok(None),
    }
}

/// Privileges of an institution, of one official or of all, newest first, so many at most.
pub(crate) async fn privileges_of(
    connection: &impl ConnectionTrait,
    institution: &str,
    officer: Option<&OfficerId>,
    limit: u64,
) -> Result<Vec<Privilege>, IdentityError> {
    let mut query = privilege::Entity::find().filter(privilege::Column::InstitutionId.eq(institution));
    if let Some(officer) = officer {
        query = query.filter(privilege::Column::Officer.eq(officer.as_str()));
    }
    let rows = query.order_by_desc(privilege::Column::Id).limit(limit).all(connection).await?;
    let mut found = Vec::with_capacity(rows.len());
    for row in rows {
        found.push(privilege_of(connection, row).await?);
    }
    Ok(found)
}

async fn privilege_of(connection: &impl ConnectionTrait, row: privilege::Model) -> Result<Privilege, IdentityError> {
    let bad = |column| UnreadableRow::new("privilege", row.id, column);
    let documents = privilege_document::Entity::find()
        .filter(privilege_document::Column::PrivilegeId.eq(row.id))
        .all(connection)
        .await?;
    let kinds: Option<_> = documents.iter().map(|row| DocumentKind::named(&row.kind)).collect();
    let change = match (&row.changed_by, row.changed_at, &row.changed_reason) {
        (Some(by), Some(at), Some(reason)) => Some(Change {
            by: OfficerId::parse(by).map_err(|_| bad("changed_by"))?,
            at: Timestamp::from_millis(at),
            reason: Reason::parse(reason, "/reason").map_err(|_| bad("changed_reason"))?,
        }),
        (None, None, None) => None,
        _ => return Err(bad("changed_by").into()),
    };
    Ok(Privilege {
        id: PrivilegeId::from_uuid(row.id),
        officer: OfficerId::parse(&row.officer).map_err(|_| bad("officer"))?,
        legal_basis: Reason::parse(&row.legal_basis, "/legal_basis").map_err(|_| bad("legal_basis"))?,
        kinds: kinds.ok_or_else(|| bad("kind"))?,
        expires_at: Timestamp::from_millis(row.expires_at),
        state: PrivilegeState::named(&row.state).ok_or_else(|| bad("state"))?,
        proposed_by: OfficerId::parse(&row.proposed_by).map_err(|_| bad("proposed_by"))?,
        proposed_at: Timestamp::from_millis(row.proposed_at),
        reason: Reason::parse(&row.reason, "/reason").map_err(|_| bad("reason"))?,
        change,
        institution: row.institution_id,
    })
}

/// One use of a privilege.
pub(crate) struct Use<'a> {
    pub(crate) verification: VerificationId,
    pub(crate) privilege: PrivilegeId,
    pub(crate) institution: &'a str,
    pub(crate) officer: &'a OfficerId,
    /// Keyed digest of the person's number.
    pub(crate) criterion: &'a str,
    pub(crate) day: CivilDate,
}

/// Counts a use and tells those of the same official, this one included.
pub(crate) async fn count_use(tx: &DatabaseTransaction, used: &Use<'_>) -> Result<Uses, DbErr> {
    use privilege_use::Column;
    let day = used.day.days_since_epoch();
    let row = privilege_use::ActiveModel {
        verification_id: Set(used.verification.uuid()),
        privilege_id: Set(used.privilege.uuid()),
        institution_id: Set(used.institution.to_owned()),
        officer: Set(used.officer.to_string()),
        criterion: Set(used.criterion.to_owned()),
        day: Set(day),
    };
    privilege_use::Entity::insert(row).exec_without_returning(tx).await?;
    let own = || {
        privilege_use::Entity::find()
            .filter(Column::InstitutionId.eq(used.institution))
            .filter(Column::Officer.eq(used.officer.as_str()))
    };
    let of_person =
        own().filter(Column::Day.gt(day - PERSON_DAYS)).filter(Column::Criterion.eq(used.criterion)).count(tx).await?;
    let days: Vec<(i64, i64)> = own()
        .filter(Column::Day.gt(day - HABIT_DAYS))
        .filter(Column::Day.lte(day))
        .select_only()
        .column(Column::Day)
        .column_as(Column::VerificationId.count(), "count")
        .group_by(Column::Day)
        .into_tuple()
        .all(tx)
        .await?;
    Ok(Uses {
        today: days.iter().find(|(on, _)| *on == day).map_or(1, |(_, count)| *count),
        days_before: days.iter().filter(|(on, _)| *on != day).map(|(_, count)| *count).collect(),
        of_person: i64::try_from(of_person).unwrap_or(i64::MAX),
    })
}

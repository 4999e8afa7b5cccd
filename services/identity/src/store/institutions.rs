//! Queries on institutions and the stages of the rollout.

use std::collections::BTreeSet;

use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect,
};
use straznica_types::{OfficerId, Timestamp};

use super::entity::{institution, institution_document, institution_purpose, rollout_stage};
use super::rows::UnreadableRow;
use crate::domain::verification::{DocumentKind, Institution};
use crate::domain::verifiers::{
    Application, Change, InstitutionKind, InstitutionState, Logins, Reason, Registered, RolloutStage,
};
use crate::error::IdentityError;

/// Writes an application; one refused before makes room.
pub(crate) async fn insert_application(tx: &DatabaseTransaction, application: &Application) -> Result<(), DbErr> {
    let Application { registered, administrator, logins } = application;
    let id = registered.institution.id().to_owned();
    institution::Entity::delete_by_id(id.clone()).exec(tx).await?;
    institution_document::Entity::delete_many()
        .filter(institution_document::Column::InstitutionId.eq(&id))
        .exec(tx)
        .await?;
    institution_purpose::Entity::delete_many()
        .filter(institution_purpose::Column::InstitutionId.eq(&id))
        .exec(tx)
        .await?;
    let row = institution::ActiveModel {
        id: Set(id.clone()),
        name: Set(registered.institution.name().to_owned()),
        kind: Set(registered.institution.kind().as_str().to_owned()),
        legal_basis: Set(registered.legal_basis.as_str().to_owned()),
        contact: Set(registered.contact.as_str().to_owned()),
        state: Set(registered.state.as_str().to_owned()),
        entered_by: Set(registered.entered_by.to_string()),
        applied_at: Set(registered.applied_at.millis()),
        changed_by: NotSet,
        changed_at: NotSet,
        reason: NotSet,
        administrator: Set(Some(administrator.to_string())),
        administrator_issuer: Set(logins.oidc().map(|(issuer, _)| issuer.to_owned())),
        administrator_subject: Set(logins.oidc().map(|(_, subject)| subject.to_owned())),
        administrator_thumbprint: Set(logins.certificate().map(|thumbprint| thumbprint.as_str().to_owned())),
    };
    institution::Entity::insert(row).exec_without_returning(tx).await?;
    for kind in &registered.kinds {
        let row =
            institution_document::ActiveModel { institution_id: Set(id.clone()), kind: Set(kind.as_str().to_owned()) };
        institution_document::Entity::insert(row).exec_without_returning(tx).await?;
    }
    for purpose in &registered.purposes {
        let row = institution_purpose::ActiveModel { institution_id: Set(id.clone()), purpose: Set(purpose.clone()) };
        institution_purpose::Entity::insert(row).exec_without_returning(tx).await?;
    }
    Ok(())
}

/// Applications that wait.
pub(crate) async fn count_applications(connection: &impl ConnectionTrait) -> Result<u64, DbErr> {
    let waiting = institution::Column::State.eq(InstitutionState::Applied.as_str());
    institution::Entity::find().filter(waiting).count(connection).await
}

/// The institution of this id.
pub(crate) async fn find_institution(
    connection: &impl ConnectionTrait,
    id: &str,
) -> Result<Option<Registered>, IdentityError> {
    let Some(row) = institution::Entity::find_by_id(id.to_owned()).one(connection).await? else { return Ok(None) };
    registered_of(connection, row).await.map(Some)
}

/// Who shall be the first local administrator of one that waits.
pub(crate) async fn first_administrator(
    connection: &impl ConnectionTrait,
    id: &str,
) -> Result<Option<(OfficerId, Logins)>, IdentityError> {
    let Some(row) = institution::Entity::find_by_id(id.to_owned()).one(connection).await? else { return Ok(None) };
    let Some(officer) = &row.administrator else { return Ok(None) };
    let bad = |column| UnreadableRow::new("institution", &row.id, column);
    let officer = OfficerId::parse(officer).map_err(|_| bad("administrator"))?;
    let text = |column: &Option<String>| column.clone().unwrap_or_default();
    let logins = Logins::new(
        &text(&row.administrator_issuer),
        &text(&row.administrator_subject),
        &text(&row.administrator_thumbprint),
    );
    let logins = logins.ok().flatten().ok_or_else(|| bad("administrator_issuer"))?;
    Ok(Some((officer, logins)))
}

/// Writes a change of state. Who was to be the first administrator is forgotten: by now they are, or never will be.
pub(crate) async fn update_institution(tx: &DatabaseTransaction, registered: &Registered) -> Result<(), DbErr> {
    let nothing = || Expr::value(Option::<String>::None);
    let change = registered.change.as_ref();
    institution::Entity::update_many()
        .col_expr(institution::Column::State, Expr::value(registered.state.as_str()))
        .col_expr(institution::Column::ChangedBy, Expr::value(change.map(|change| change.by.to_string())))
        .col_expr(institution::Column::ChangedAt, Expr::value(change.map(|change| change.at.millis())))
        .col_expr(institution::Column::Reason, Expr::value(change.map(|change| change.reason.as_str().to_owned())))
        .col_expr(institution::Column::Administrator, nothing())
        .col_expr(institution::Column::AdministratorIssuer, nothing())
        .col_expr(institution::Column::AdministratorSubject, nothing())
        .col_expr(institution::Column::AdministratorThumbprint, nothing())
        .filter(institution::Column::Id.eq(registered.institution.id()))
        .exec(tx)
        .await?;
    Ok(())
}

/// Institutions by id, so many at most.
pub(crate) async fn list_institutions(
    connection: &impl ConnectionTrait,
    state: Option<InstitutionState>,
    after: &str,
    limit: u64,
) -> Result<Vec<Registered>, IdentityError> {
    let mut query = institution::Entity::find().filter(institution::Column::Id.gt(after));
    if let Some(state) = state {
        query = query.filter(institution::Column::State.eq(state.as_str()));
    }
    let rows = query.order_by_asc(institution::Column::Id).limit(limit).all(connection).await?;
    let mut found = Vec::with_capacity(rows.len());
    for row in rows {
        found.push(registered_of(connection, row).await?);
    }
    Ok(found)
}

async fn registered_of(
    connection: &impl ConnectionTrait,
    row: institution::Model,
) -> Result<Registered, IdentityError> {
    let bad = |column| UnreadableRow::new("institution", &row.id, column);
    let documents = institution_document::Entity::find()
        .filter(institution_document::Column::InstitutionId.eq(&row.id))
        .all(connection)
        .await?;
    let purposes = institution_purpose::Entity::find()
        .filter(institution_purpose::Column::InstitutionId.eq(&row.id))
        .all(connection)
        .await?;
    let kinds: Option<BTreeSet<_>> = documents.iter().map(|row| DocumentKind::named(&row.kind)).collect();
    let kind = InstitutionKind::named(&row.kind).ok_or_else(|| bad("kind"))?;
    let change = match (&row.changed_by, row.changed_at, &row.reason) {
        (Some(by), Some(at), Some(reason)) => Some(Change {
            by: OfficerId::parse(by).map_err(|_| bad("changed_by"))?,
            at: Timestamp::from_millis(at),
            reason: Reason::parse(reason, "/reason").map_err(|_| bad("reason"))?,
        }),
        (None, None, None) => None,
        _ => return Err(bad("changed_by").into()),
    };
    Ok(Registered {
        institution: Institution::new(&row.id, &row.name, kind).map_err(|_| bad("name"))?,
        legal_basis: Reason::parse(&row.legal_basis, "/legal_basis").map_err(|_| bad("legal_basis"))?,
        contact: Reason::parse(&row.contact, "/contact").map_err(|_| bad("contact"))?,
        kinds: kinds.ok_or_else(|| bad("kind"))?,
        purposes: purposes.into_iter().map(|row| row.purpose).collect(),
        state: InstitutionState::named(&row.state).ok_or_else(|| bad("state"))?,
        entered_by: OfficerId::parse(&row.entered_by).map_err(|_| bad("entered_by"))?,
        applied_at: Timestamp::from_millis(row.applied_at),
        change,
    })
}

/// Writes a stage over what was said of the same kind and institution before.
pub(crate) async fn set_stage(tx: &DatabaseTransaction, stage: &RolloutStage) -> Result<(), DbErr> {
    use rollout_stage::Column;
    let row = rollout_stage::ActiveModel {
        kind: Set(stage.kind.as_str().to_owned()),
        institution_id: Set(stage.institution.clone().unwrap_or_default()),
        from_ms: Set(stage.from.millis()),
        until_ms: Set(stage.until.map(Timestamp::millis)),
        set_by: Set(stage.set_by.to_string()),
        set_at: Set(stage.set_at.millis()),
    };
    let over = OnConflict::columns([Column::Kind, Column::InstitutionId])
        .update_columns([Column::FromMs, Column::UntilMs, Column::SetBy, Column::SetAt])
        .to_owned();
    rollout_stage::Entity::insert(row).on_conflict(over).exec_without_returning(tx).await?;
    Ok(())
}

/// Stages, of one kind or of all.
pub(crate) async fn stages(
    connection: &impl ConnectionTrait,
    kind: Option<DocumentKind>,
) -> Result<Vec<RolloutStage>, IdentityError> {
    let mut query = rollout_stage::Entity::find();
    if let Some(kind) = kind {
        query = query.filter(rollout_stage::Column::Kind.eq(kind.as_str()));
    }
    let ordered = query.order_by_asc(rollout_stage::Column::Kind).order_by_asc(rollout_stage::Column::InstitutionId);
    let rows = ordered.all(connection).await?;
    rows.into_iter().map(|row| Ok(stage_of(row)?)).collect()
}

fn stage_of(row: rollout_stage::Model) -> Result<RolloutStage, UnreadableRow> {
    let bad = |column| UnreadableRow::new("rollout_stage", &row.kind, column);
    Ok(RolloutStage {
        kind: DocumentKind::named(&row.kind).ok_or_else(|| bad("kind"))?,
        set_by: OfficerId::parse(&row.set_by).map_err(|_| bad("set_by"))?,
        institution: Some(row.institution_id).filter(|id| !id.is_empty()),
        from: Timestamp::from_millis(row.from_ms),
        until: row.until_ms.map(Timestamp::from_millis),
        set_at: Timestamp::from_millis(row.set_at),
    })
}

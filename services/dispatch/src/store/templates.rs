//! Queries on the words of notices, and on who wishes to hear of things.

use std::collections::BTreeSet;

use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, PaginatorTrait as _, QueryFilter,
    QueryOrder, QuerySelect,
};
use straznica_types::Timestamp;

use super::chunks::lists;
use super::entity::{notice_choice, notice_template};
use super::rows::UnreadableRow;
use crate::domain::{Institution, TemplateWords};
use crate::error::DispatchError;

/// A version of a template.
#[derive(Debug, Clone)]
pub(crate) struct KeptTemplate {
    pub(crate) name: String,
    pub(crate) version: u32,
    pub(crate) words: TemplateWords,
    pub(crate) proposed_by: String,
    pub(crate) proposed_at: Timestamp,
    pub(crate) approved_by: Option<String>,
}

/// The newest version of a template; 0 where there is none.
pub(crate) async fn latest_version(
    connection: &impl ConnectionTrait,
    institution: &Institution,
    name: &str,
) -> Result<u32, DispatchError> {
    use notice_template::{Column, Entity};
    let latest = Entity::find()
        .filter(Column::Institution.eq(institution.as_str()))
        .filter(Column::Name.eq(name))
        .order_by_desc(Column::Version)
        .one(connection)
        .await?;
    Ok(latest.map(template_of).transpose()?.map_or(0, |latest| latest.version))
}

/// How many versions an institution has, of all its templates.
pub(crate) async fn count_templates(
    connection: &impl ConnectionTrait,
    institution: &Institution,
) -> Result<u64, DbErr> {
    use notice_template::{Column, Entity};
    Entity::find().filter(Column::Institution.eq(institution.as_str())).count(connection).await
}

/// Writes a version nobody approved yet. Of two at once, one is told that it is taken.
pub(crate) async fn insert_template(
    tx: &DatabaseTransaction,
    institution: &Institution,
    template: &KeptTemplate,
) -> Result<(), DispatchError> {
    let row = notice_template::ActiveModel {
        institution: Set(institution.to_string()),
        name: Set(template.name.clone()),
        version: Set(i64::from(template.version)),
        words: Set(serde_json::to_string(&template.words)?),
        proposed_by: Set(template.proposed_by.clone()),
        proposed_at: Set(template.proposed_at.millis()),
        approved_by: Set(None),
        approved_at: Set(None),
    };
    notice_template::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// Approves a version nobody approved before; tells whether it did.
pub(crate) async fn approve_template(
    tx: &DatabaseTransaction,
    institution: &Institution,
    (name, version): (&str, u32),
    by: &str,
    now: Timestamp,
) -> Result<bool, DbErr> {
    use notice_template::{Column, Entity};
    let approved = Entity::update_many()
        .col_expr(Column::ApprovedBy, Expr::value(by))
        .col_expr(Column::ApprovedAt, Expr::value(now.millis()))
        .filter(Column::Institution.eq(institution.as_str()))
        .filter(Column::Name.eq(name))
        .filter(Column::Version.eq(i64::from(version)))
        .filter(Column::ApprovedBy.is_null())
        .exec(tx)
        .await?;
    Ok(approved.rows_affected == 1)
}

/// One version.
pub(crate) async fn find_template(
    connection: &impl ConnectionTrait,
    institution: &Institution,
    name: &str,
    version: u32,
) -> Result<Option<KeptTemplate>, DispatchError> {
    let key = (institution.to_string(), name.to_owned(), i64::from(version));
    let row = notice_template::Entity::find_by_id(key).one(connection).await?;
    Ok(row.map(template_of).transpose()?)
}

/// Versions after one, by name and the newest of each first, so many at most; of one name, if any is given.
pub(crate) async fn templates_after(
    connection: &impl ConnectionTrait,
    institution: &Institution,
    name: Option<&str>,
    after: Option<(&str, u32)>,
    most: u64,
) -> Result<Vec<KeptTemplate>, DispatchError> {
    use notice_template::{Column, Entity};
    let mut found = Entity::find().filter(Column::Institution.eq(institution.as_str()));
    if let Some(name) = name {
        found = found.filter(Column::Name.eq(name));
    }
    if let Some((name, version)) = after {
        let older = Condition::all().add(Column::Name.eq(name)).add(Column::Version.lt(i64::from(version)));
        found = found.filter(Condition::any().add(Column::Name.gt(name)).add(older));
    }
    let rows = found.order_by_asc(Column::Name).order_by_desc(Column::Version).limit(most).all(connection).await?;
    rows.into_iter().map(|row| Ok(template_of(row)?)).collect()
}

fn template_of(row: notice_template::Model) -> Result<KeptTemplate, UnreadableRow> {
    let bad = |column| UnreadableRow { table: "notice_template", id: format!("{} {}", row.name, row.version), column };
    Ok(KeptTemplate {
        version: u32::try_from(row.version).map_err(|_| bad("version"))?,
        words: serde_json::from_str(&row.words).map_err(|_| bad("words"))?,
        name: row.name,
        proposed_by: row.proposed_by,
        proposed_at: Timestamp::from_millis(row.proposed_at),
        approved_by: row.approved_by,
    })
}

/// Writes down whether somebody wishes to hear of an institution's things at a phone; the last word counts.
pub(crate) async fn put_choice(
    tx: &DatabaseTransaction,
    institution: &Institution,
    phone_digest: &str,
    wanted: bool,
    by: &str,
    now: Timestamp,
) -> Result<(), DbErr> {
    use notice_choice::{ActiveModel, Column, Entity};
    let row = ActiveModel {
        institution: Set(institution.to_string()),
        phone_digest: Set(phone_digest.to_owned()),
        wanted: Set(wanted),
        recorded_by: Set(by.to_owned()),
        recorded_at: Set(now.millis()),
    };
    let mut newer = OnConflict::columns([Column::Institution, Column::PhoneDigest]);
    newer.update_columns([Column::Wanted, Column::RecordedBy, Column::RecordedAt]);
    Entity::insert(row).on_conflict(newer).exec_without_returning(tx).await?;
    Ok(())
}

/// Of these phones, those whose owners wish to hear of an institution's things.
pub(crate) async fn wanting(
    connection: &impl ConnectionTrait,
    institution: &Institution,
    digests: &[&str],
) -> Result<BTreeSet<String>, DbErr> {
    use notice_choice::{Column, Entity};
    let mut wanting = BTreeSet::new();
    for list in lists(digests) {
        let rows = Entity::find()
            .filter(Column::Institution.eq(institution.as_str()))
            .filter(Column::PhoneDigest.is_in(list))
            .filter(Column::Wanted.eq(true))
            .all(connection)
            .await?;
        wanting.extend(rows.into_iter().map(|row| row.phone_digest));
    }
    Ok(wanting)
}

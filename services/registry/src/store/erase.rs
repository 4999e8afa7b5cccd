//! Erasing what is personal in a case. The case itself stays, with its number, its events and who decided what kind of thing when: figures and the order of
//! handling rest on them.

use sea_orm::prelude::Uuid;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, Condition, DatabaseTransaction, DbErr, EntityTrait, QueryFilter, QuerySelect, QueryTrait};

use super::entity::{
    alert_check, alert_consultation, alert_finding, alert_resolution, brought_in, case_person, decision,
    decision_service, decision_text, document, document_step, duplicate, finding_key, finding_record, former_record,
    former_record_parent, hold, merge_step, person_merge, statement, taking, to_compare,
};
use crate::domain::{CaseId, PersonId};

/// Erases what the decisions of a case say and how they were served.
pub(crate) async fn erase_texts(tx: &DatabaseTransaction, case: CaseId) -> Result<(), DbErr> {
    let decisions = || {
        let of_case = decision::Entity::find().select_only().column(decision::Column::Id);
        of_case.filter(decision::Column::CaseId.eq(case.uuid())).into_query()
    };
    decision_text::Entity::delete_many()
        .filter(decision_text::Column::DecisionId.in_subquery(decisions()))
        .exec(tx)
        .await?;
    decision_service::Entity::delete_many()
        .filter(decision_service::Column::DecisionId.in_subquery(decisions()))
        .exec(tx)
        .await?;
    Ok(())
}

/// Erases the reasons people wrote in a case, what other states were asked because of it, and whom it covers.
pub(crate) async fn erase_file(tx: &DatabaseTransaction, case: CaseId) -> Result<(), DbErr> {
    erase_texts(tx, case).await?;
    taking::Entity::update_many()
        .col_expr(taking::Column::Reason, Expr::value(None::<String>))
        .filter(taking::Column::CaseId.eq(case.uuid()))
        .exec(tx)
        .await?;
    let documents = document::Entity::find()
        .select_only()
        .column(document::Column::Id)
        .filter(document::Column::CaseId.eq(case.uuid()))
        .into_query();
    document_step::Entity::update_many()
        .col_expr(document_step::Column::Reason, Expr::value(""))
        .filter(document_step::Column::DocumentId.in_subquery(documents))
        .exec(tx)
        .await?;
    hold::Entity::update_many()
        .col_expr(hold::Column::Reason, Expr::value(""))
        .filter(hold::Column::CaseId.eq(case.uuid()))
        .exec(tx)
        .await?;
    hold::Entity::update_many()
        .col_expr(hold::Column::LiftingReason, Expr::value(""))
        .filter(hold::Column::CaseId.eq(case.uuid()))
        .filter(hold::Column::LiftedAt.is_not_null())
        .exec(tx)
        .await?;
    let asked = alert_consultation::Entity::delete_many();
    asked.filter(alert_consultation::Column::CaseId.eq(case.uuid())).exec(tx).await?;
    case_person::Entity::delete_many().filter(case_person::Column::CaseId.eq(case.uuid())).exec(tx).await?;
    Ok(())
}

/// Whether a case needs any of some persons, or an officer is to decide whether one of them is somebody else.
pub(crate) async fn are_needed(tx: &DatabaseTransaction, persons: &[PersonId]) -> Result<bool, DbErr> {
    let ids = || persons.iter().map(|person| person.uuid());
    let covered = case_person::Entity::find().filter(case_person::Column::PersonId.is_in(ids())).one(tx).await?;
    let about = Condition::any()
        .add(person_merge::Column::PersonId.is_in(ids()))
        .add(person_merge::Column::MergedId.is_in(ids()));
    let waits = person_merge::Entity::find().filter(person_merge::Column::Pending.eq(true)).filter(about);
    Ok(covered.is_some() || waits.one(tx).await?.is_some())
}

/// Erases everything stated of a person, whom they were taken for, what they were found by, what checks against alerts came to, and what older registers said of them.
pub(crate) async fn erase_person(tx: &DatabaseTransaction, person: PersonId) -> Result<(), DbErr> {
    let id = person.uuid();
    let about = Condition::any().add(person_merge::Column::PersonId.eq(id)).add(person_merge::Column::MergedId.eq(id));
    let merges = person_merge::Entity::find().filter(about).all(tx).await?;
    let merges = merges.iter().map(|merge| merge.id);
    merge_step::Entity::delete_many().filter(merge_step::Column::MergeId.is_in(merges.clone())).exec(tx).await?;
    person_merge::Entity::delete_many().filter(person_merge::Column::Id.is_in(merges)).exec(tx).await?;
    let pairs = Condition::any().add(duplicate::Column::OneId.eq(id)).add(duplicate::Column::OtherId.eq(id));
    duplicate::Entity::delete_many().filter(pairs).exec(tx).await?;
    to_compare::Entity::delete_many().filter(to_compare::Column::PersonId.eq(id)).exec(tx).await?;
    finding_key::Entity::delete_many().filter(finding_key::Column::PersonId.eq(id)).exec(tx).await?;
    finding_record::Entity::delete_many().filter(finding_record::Column::PersonId.eq(id)).exec(tx).await?;
    statement::Entity::delete_many().filter(statement::Column::PersonId.eq(id)).exec(tx).await?;
    erase_alerts(tx, id).await?;
    erase_former(tx, id).await?;
    Ok(())
}

/// Erases what somebody was checked against, and what officers said of it.
async fn erase_alerts(tx: &DatabaseTransaction, person: Uuid) -> Result<(), DbErr> {
    let checks = alert_check::Entity::find().select_only().column(alert_check::Column::Id);
    let checks = checks.filter(alert_check::Column::PersonId.eq(person)).into_query();
    let found = Condition::any()
        .add(alert_finding::Column::PersonId.eq(person))
        .add(alert_finding::Column::CheckId.in_subquery(checks));
    alert_finding::Entity::delete_many().filter(found).exec(tx).await?;
    alert_check::Entity::delete_many().filter(alert_check::Column::PersonId.eq(person)).exec(tx).await?;
    let resolved = alert_resolution::Entity::delete_many();
    resolved.filter(alert_resolution::Column::PersonId.eq(person)).exec(tx).await?;
    let asked = alert_consultation::Entity::delete_many();
    asked.filter(alert_consultation::Column::PersonId.eq(person)).exec(tx).await?;
    Ok(())
}

/// Nothing is found by an old number any more. That the row was taken in stays known, by a keyed digest: sent again it brings nobody back.
async fn forget_number(tx: &DatabaseTransaction, taken_into: Uuid) -> Result<(), DbErr> {
    brought_in::Entity::update_many()
        .col_expr(brought_in::Column::NumberDigest, Expr::value(""))
        .filter(brought_in::Column::TakenInto.eq(taken_into))
        .exec(tx)
        .await?;
    Ok(())
}

/// Erases what older registers said of somebody alone, and what hung on it.
async fn erase_former(tx: &DatabaseTransaction, person: Uuid) -> Result<(), DbErr> {
    forget_number(tx, person).await?;
    let mut parents = vec![person];
    while let Some(parent) = parents.pop() {
        let of_parent = former_record_parent::Entity::find().filter(former_record_parent::Column::ParentId.eq(parent));
        for link in of_parent.all(tx).await? {
            former_record_parent::Entity::delete_by_id((link.record_id, parent)).exec(tx).await?;
            let of_record =
                former_record_parent::Entity::find().filter(former_record_parent::Column::RecordId.eq(link.record_id));
            if of_record.one(tx).await?.is_none() {
                former_record::Entity::delete_by_id(link.record_id).exec(tx).await?;
                forget_number(tx, link.record_id).await?;
                parents.push(link.record_id);
            }
        }
    }
    Ok(())
}

//! Erasing what is personal in a case. The case itself stays, with its number, its events and who decided what kind of thing when: figures and the order of
//! handling rest on them.

use sea_orm::prelude::Uuid;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, Condition, DatabaseTransaction, DbErr, EntityTrait, QueryFilter, QuerySelect, QueryTrait};

use super::entity::{
    case_person, decision, decision_service, decision_text, document, document_step, duplicate, finding_key,
    finding_record, former_record, former_record_parent, merge_step, person_merge, statement, taking, to_compare,
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

/// Erases the reasons people wrote in a case and whom it covers.
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
    case_person::Entity::delete_many().filter(case_person::Column::CaseId.eq(case.uuid())).exec(tx).await?;
    Ok(())
}

/// Erases everything stated of a person, what they were found by and what older registers said of them; `false` where a case covers them, or somebody they were
/// merged with.
pub(crate) async fn erase_person(tx: &DatabaseTransaction, person: PersonId) -> Result<bool, DbErr> {
    let id = person.uuid();
    let about = Condition::any().add(person_merge::Column::PersonId.eq(id)).add(person_merge::Column::MergedId.eq(id));
    let merges = person_merge::Entity::find().filter(about).all(tx).await?;
    let together = merges.iter().flat_map(|merge| [merge.person_id, merge.merged_id]).chain([id]);
    let covered = case_person::Entity::find().filter(case_person::Column::PersonId.is_in(together)).one(tx).await?;
    if covered.is_some() {
        return Ok(false);
    }
    let merges = merges.iter().map(|merge| merge.id);
    merge_step::Entity::delete_many().filter(merge_step::Column::MergeId.is_in(merges.clone())).exec(tx).await?;
    person_merge::Entity::delete_many().filter(person_merge::Column::Id.is_in(merges)).exec(tx).await?;
    let pairs = Condition::any().add(duplicate::Column::OneId.eq(id)).add(duplicate::Column::OtherId.eq(id));
    duplicate::Entity::delete_many().filter(pairs).exec(tx).await?;
    to_compare::Entity::delete_many().filter(to_compare::Column::PersonId.eq(id)).exec(tx).await?;
    finding_key::Entity::delete_many().filter(finding_key::Column::PersonId.eq(id)).exec(tx).await?;
    finding_record::Entity::delete_many().filter(finding_record::Column::PersonId.eq(id)).exec(tx).await?;
    statement::Entity::delete_many().filter(statement::Column::PersonId.eq(id)).exec(tx).await?;
    erase_former(tx, id).await?;
    Ok(true)
}

/// Erases what older registers said of somebody alone, and what hung on it.
async fn erase_former(tx: &DatabaseTransaction, person: Uuid) -> Result<(), DbErr> {
    let mut parents = vec![person];
    while let Some(parent) = parents.pop() {
        let of_parent = former_record_parent::Entity::find().filter(former_record_parent::Column::ParentId.eq(parent));
        for link in of_parent.all(tx).await? {
            former_record_parent::Entity::delete_by_id((link.record_id, parent)).exec(tx).await?;
            let of_record =
                former_record_parent::Entity::find().filter(former_record_parent::Column::RecordId.eq(link.record_id));
            if of_record.one(tx).await?.is_none() {
                former_record::Entity::delete_by_id(link.record_id).exec(tx).await?;
                parents.push(link.record_id);
            }
        }
    }
    Ok(())
}

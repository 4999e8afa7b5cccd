//! Table `journal_payload`.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "journal_payload")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub entry_id: Uuid,
    /// Absent, with the three below, once erased.
    pub salt: Option<Vec<u8>>,
    pub subject: Option<String>,
    pub case_number: Option<String>,
    pub detail: Option<String>,
    /// The entry that records the erasure.
    pub erased_by: Option<Uuid>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(belongs_to = "super::journal::Entity", from = "Column::EntryId", to = "super::journal::Column::EntryId")]
    Journal,
}

impl Related<super::journal::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Journal.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}

//! Table `event`.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "event")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub entry_id: Uuid,
    /// Position in the feed, from 1, without gaps; absent until the sequencer gave it one.
    pub position: Option<i64>,
    pub at: i64,
    pub type_name: String,
    pub payload: Vec<u8>,
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

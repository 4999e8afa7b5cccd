//! Table `journal`.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "journal")]
pub struct Model {
    /// Rises with each row inserted; has gaps.
    #[sea_orm(primary_key)]
    pub row_number: i64,
    pub entry_id: Uuid,
    /// Position in the tree; absent until the sequencer gave it one.
    pub leaf_index: Option<i64>,
    pub at: i64,
    pub actor: String,
    pub terminal: String,
    pub officer: String,
    pub purpose: String,
    pub request_id: String,
    pub kind: String,
    pub legal_basis: String,
    pub payload_digest: Vec<u8>,
    pub event_digest: Option<Vec<u8>>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(has_one = "super::payload::Entity")]
    Payload,
}

impl Related<super::payload::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Payload.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}

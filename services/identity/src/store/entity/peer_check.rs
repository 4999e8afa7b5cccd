//! Citizens' questions about each other's documents. Nothing of a document is here.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "peer_check")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Who asked.
    pub asker_id: Uuid,
    /// As the asked one read it, encrypted.
    pub asker_name_sealed: Vec<u8>,
    /// Who was asked, where that is somebody known.
    pub citizen_id: Option<Uuid>,
    pub decoy: bool,
    /// Keyed digest of what was typed.
    pub criterion: String,
    pub kind: String,
    pub stage: String,
    pub qualifier: String,
    pub opened_at: i64,
    pub updated_at: i64,
    pub expires_at: i64,
    pub revision: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

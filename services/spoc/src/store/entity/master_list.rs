//! Master lists as received; the newest of each anchor vouches.

use sea_orm::entity::prelude::{
    ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait, EnumIter, PrimaryKeyTrait,
};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "master_list")]
pub struct Model {
    /// SHA-256 of the list.
    #[sea_orm(primary_key, auto_increment = false)]
    pub sha256: String,
    pub anchor_fingerprint: String,
    pub publisher: String,
    pub list: Vec<u8>,
    pub cscas: i64,
    pub imported_by: String,
    pub imported_at: i64,
    pub current: bool,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

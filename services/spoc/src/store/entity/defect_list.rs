//! The newest defect list of each anchor.

use sea_orm::entity::prelude::{
    ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait, EnumIter, PrimaryKeyTrait,
};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "defect_list")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub anchor_fingerprint: String,
    pub list: Vec<u8>,
    pub sha256: String,
    pub defects: i64,
    pub imported_by: String,
    pub imported_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

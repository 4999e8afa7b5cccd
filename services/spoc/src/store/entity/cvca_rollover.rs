//! A new generation of the national CVCA that one officer wants; its key is made when a second one confirms it.

use sea_orm::entity::prelude::{
    ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait, EnumIter, PrimaryKeyTrait,
};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "cvca_rollover")]
pub struct Model {
    /// Country and mnemonic.
    #[sea_orm(primary_key, auto_increment = false)]
    pub cvca: String,
    pub algorithm: String,
    pub parameters: String,
    pub validity_days: i64,
    pub proposed_by: String,
    pub proposed_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

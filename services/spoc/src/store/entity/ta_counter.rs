//! Terminal Authentication signatures of each terminal and shift.

use sea_orm::entity::prelude::{
    ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait, EnumIter, PrimaryKeyTrait,
};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "ta_counter")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub terminal_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub shift_start: i64,
    pub count: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

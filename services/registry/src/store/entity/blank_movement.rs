//! What happened to blanks.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "blank_movement")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub office: String,
    pub kind: String,
    pub series: String,
    pub first: i64,
    pub count: i64,
    pub movement: String,
    pub at: i64,
    pub officer: String,
    pub because: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

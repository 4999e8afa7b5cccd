//! Pairs of persons who may be one, the smaller id first.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "duplicate")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub one_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub other_id: Uuid,
    pub found_at: i64,
    pub permille: i64,
    pub state: String,
    pub decided_at: Option<i64>,
    pub decided_by: Option<String>,
    /// Why they are two.
    pub sealed: Option<Vec<u8>>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

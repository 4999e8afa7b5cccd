//! Uses drawn for review.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "privilege_review")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub verification_id: Uuid,
    pub institution_id: String,
    pub officer: String,
    pub drawn_at: i64,
    pub outcome: Option<String>,
    pub reviewed_by: Option<String>,
    pub reviewed_at: Option<i64>,
    pub finding: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

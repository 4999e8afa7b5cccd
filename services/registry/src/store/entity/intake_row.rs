//! Rows of proposed files.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "intake_row")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub intake_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub number: i64,
    pub line: i64,
    pub row_digest: String,
    pub said_digest: String,
    pub sealed: Vec<u8>,
    pub outcome: String,
    pub problem: Option<String>,
    pub problem_column: Option<String>,
    pub taken_into: Option<Uuid>,
    pub changed: bool,
    pub opened_year: Option<i64>,
    pub record_type: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

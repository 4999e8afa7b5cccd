//! What is stated of persons: never changed.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "statement")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub person_id: Uuid,
    /// In the order of their recording.
    pub number: i64,
    pub kind: String,
    /// What it replaces never was.
    pub withdrawn: bool,
    /// Days since 1970-01-01.
    pub valid_from: Option<i64>,
    pub valid_to: Option<i64>,
    /// The fact, its source and reason.
    pub sealed: Vec<u8>,
    pub recorded_at: i64,
    pub recorded_by: String,
    pub replaces: Option<Uuid>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

//! Privileges of services' officials to ask without a code.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "privilege")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub institution_id: String,
    pub officer: String,
    pub legal_basis: String,
    pub expires_at: i64,
    pub state: String,
    pub proposed_by: String,
    pub proposed_at: i64,
    pub reason: String,
    pub changed_by: Option<String>,
    pub changed_at: Option<i64>,
    pub changed_reason: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

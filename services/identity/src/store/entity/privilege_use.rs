//! Uses of privileges, each one counted.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "privilege_use")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub verification_id: Uuid,
    pub privilege_id: Uuid,
    pub institution_id: String,
    pub officer: String,
    /// Keyed digest of the person's number.
    pub criterion: String,
    /// Days since 1970-01-01.
    pub day: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

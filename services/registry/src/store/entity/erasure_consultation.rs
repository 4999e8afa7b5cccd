//! The consultations of an erasure.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "erasure_consultation")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub erasure_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub consultation_id: Uuid,
    pub rule: String,
    pub number: String,
    /// Days since 1970-01-01.
    pub closed_on: i64,
    pub kept_to: i64,
    pub state: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

//! Documents that came of cases.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "document")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub case_id: Uuid,
    /// In the order of their issue.
    pub position: i64,
    pub person_id: Uuid,
    pub kind: String,
    pub blank_kind: String,
    pub series: String,
    pub number: i64,
    pub office: String,
    pub state: String,
    pub valid_to: i64,
    pub version: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

//! Checks against alerts.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "alert_check")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub person_id: Uuid,
    pub case_id: Option<Uuid>,
    pub about: String,
    pub statement_id: Option<Uuid>,
    pub outcome: String,
    pub unavailable: Option<String>,
    pub findings: i64,
    pub source: String,
    pub as_of: Option<i64>,
    pub checked_at: i64,
    pub checked_by: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

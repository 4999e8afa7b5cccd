//! What was recorded with states that entered alerts.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "alert_consultation")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub case_id: Uuid,
    pub person_id: Uuid,
    pub alert: String,
    pub owed: String,
    pub sealed: Vec<u8>,
    pub asked_at: i64,
    pub asked_by: String,
    pub answer_sealed: Option<Vec<u8>>,
    pub answered_at: Option<i64>,
    pub answered_by: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

//! Consultations.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "consultation")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub number: String,
    pub flow: String,
    pub rule_set: String,
    pub case_id: Option<Uuid>,
    pub person_id: Option<Uuid>,
    pub asked_by: String,
    pub reference: String,
    pub sealed: Vec<u8>,
    pub opened_at: i64,
    pub version: i64,
    pub outcome: String,
    pub closed: bool,
    pub next_due: i64,
    pub next_silence: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

//! Forms sent to other states, each with the delivery notification that came for it.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "scn_sent")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub unifier: String,
    pub state: String,
    pub letter: String,
    pub reference: String,
    pub consultation_id: Option<Uuid>,
    pub subject: String,
    pub sealed: Vec<u8>,
    pub made_at: i64,
    pub attempts: i64,
    pub next_attempt_at: i64,
    pub notified_at: Option<i64>,
    pub overdue: bool,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

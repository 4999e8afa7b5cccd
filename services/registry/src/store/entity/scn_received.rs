//! Forms of other states, each once.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "scn_received")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub state: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub unifier: String,
    pub letter: String,
    pub reference: String,
    pub subject: String,
    pub digest: Vec<u8>,
    pub sealed: Vec<u8>,
    pub received_at: i64,
    pub fate: String,
    pub copies: i64,
    pub conflicts: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

//! What was proposed to be done with blanks, and whether it was.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "blank_order")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub action: String,
    pub office: String,
    pub to_office: Option<String>,
    pub kind: String,
    pub series: String,
    pub numbers: String,
    pub note: String,
    pub proposed_by: String,
    pub proposed_at: i64,
    pub settled_by: Option<String>,
    pub settled_at: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

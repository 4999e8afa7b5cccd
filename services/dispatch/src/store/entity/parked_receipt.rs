//! Receipts that belong to no part that is known, or to several: the answer that names the part may still come.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "parked_receipt")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub operator: String,
    /// The operator's id as it was written.
    pub reference: String,
    pub spelling: String,
    pub hexadecimal: Option<String>,
    /// What it says became of the part.
    pub state: String,
    pub error: Option<String>,
    pub received_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

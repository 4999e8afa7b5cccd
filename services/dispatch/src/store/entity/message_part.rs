//! Parts of messages that were handed over, under the names operators gave them.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "message_part")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub message_id: Uuid,
    /// From 0.
    #[sea_orm(primary_key, auto_increment = false)]
    pub part: i64,
    /// How many parts the message has.
    pub parts: i64,
    pub operator: String,
    /// The operator's id as it was written; none where none was given.
    pub reference: Option<String>,
    /// What receipts find it by: small letters, no leading zeros.
    pub spelling: Option<String>,
    /// The same id in hexadecimal, where it can be read as decimal.
    pub hexadecimal: Option<String>,
    pub state: String,
    /// The operator's own error code.
    pub error: Option<String>,
    pub changed_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

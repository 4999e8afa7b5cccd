//! A message a partner sent and the answer it got: the same message gets the same answer.

use sea_orm::entity::prelude::{
    ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait, EnumIter, PrimaryKeyTrait,
};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "inbound_message")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub caller: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub message_id: String,
    /// `request_certificate`, `get_ca_certificates` or `general_message`.
    pub operation: String,
    /// Digest of the message.
    pub sha256: String,
    /// The answer given, protobuf.
    pub answer: Vec<u8>,
    pub code: String,
    /// Rule of the policy that decided.
    pub rule: Option<String>,
    pub received_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

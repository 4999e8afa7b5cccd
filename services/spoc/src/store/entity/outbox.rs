//! A message for a partner, kept until it is delivered and answered.

use sea_orm::entity::prelude::{
    ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait, EnumIter, PrimaryKeyTrait,
};
use uuid::Uuid;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "outbox")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub country: String,
    /// `request_certificate`, `send_certificates`, `get_ca_certificates` or `general_message`.
    pub operation: String,
    pub message_id: Option<String>,
    /// The message, protobuf.
    pub payload: Vec<u8>,
    /// What it is about: the reference asked for, or the id of an application or general message.
    pub subject: String,
    /// `pending`, `acknowledged`, `done`, `failed` or `cancelled`.
    pub state: String,
    pub attempts: i64,
    pub created_at: i64,
    pub next_attempt_at: i64,
    /// A replica is delivering it until then.
    pub leased_until: Option<i64>,
    pub answered_at: Option<i64>,
    pub code: Option<String>,
    pub last_error: Option<String>,
    /// When it last left in a bundle by e-mail; it is still to be delivered.
    pub exported_at: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

//! A message for people, received or sent.

use sea_orm::entity::prelude::{
    ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait, EnumIter, PrimaryKeyTrait,
};
use uuid::Uuid;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "general_message")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// `received` or `sent`.
    pub direction: String,
    pub country: String,
    pub message_id: String,
    pub subject: String,
    pub body: String,
    pub at: i64,
    /// `new`, `acknowledged`, `sending`, `delivered` or `failed`.
    pub state: String,
    /// What the subject implies, e.g. a suspension; JSON.
    pub proposal: Option<String>,
    /// `open`, `accepted` or `rejected`.
    pub proposal_state: Option<String>,
    pub decided_by: Option<String>,
    pub decided_at: Option<i64>,
    /// Why it was decided so.
    pub decision: Option<String>,
    pub handled_by: Option<String>,
    pub handled_at: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

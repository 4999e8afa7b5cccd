//! Prompts on citizens' phones: the provider's name for the question lies sealed, and nobody's number is here.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "prompt")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub transaction_id: Uuid,
    /// The provider, by its name in the configuration.
    pub phone: String,
    pub state: String,
    pub created_at: i64,
    /// Not seen to before this; while somebody sees to it, when that is given up for lost.
    pub due_at: i64,
    pub interval_ms: i64,
    /// The provider rang before it had answered for the question.
    pub rung: bool,
    /// The name of the notification token, and the token's digest.
    pub handle: Option<String>,
    pub token_digest: Option<Vec<u8>>,
    pub sealed: Option<Vec<u8>>,
    pub asked_at: Option<i64>,
    pub expires_at: Option<i64>,
    /// Why it came to nothing.
    pub silence: Option<String>,
    /// How surely the citizen was authenticated, and when.
    pub acr: Option<String>,
    pub auth_time: Option<i64>,
    pub ended_at: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

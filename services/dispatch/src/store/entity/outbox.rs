//! Messages to be handed over, and what became of them: no text, no number.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "outbox")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub transaction_id: Uuid,
    /// 0: the first message; 1 and above: sent again.
    pub sequence: i64,
    /// `code` or `bulk`: what goes first.
    pub class: String,
    pub state: String,
    pub created_at: i64,
    /// Not handed over before this.
    pub due_at: i64,
    pub expires_at: i64,
    /// When it was handed over, or is being.
    pub submitted_at: Option<i64>,
    /// When its outcome was known, or known not to be.
    pub ended_at: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

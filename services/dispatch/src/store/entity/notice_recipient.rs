//! Recipients of notices: number and values lie sealed until their message is handed over.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "notice_recipient")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub notice_id: Uuid,
    /// The caller's own name for them.
    pub reference: String,
    /// Keyed digest of institution and number.
    pub phone_digest: String,
    /// Keyed digest of everything the caller said.
    pub fingerprint: String,
    /// Language of the message.
    pub language: String,
    pub in_ucs2: bool,
    pub parts: i64,
    pub sealed: Option<Vec<u8>>,
    /// While it is `queued` the outbox knows more.
    pub state: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

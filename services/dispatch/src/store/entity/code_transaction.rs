//! Transactions: pseudonyms and digests, nobody's number.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "code_transaction")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub officer: String,
    pub institution: String,
    pub purpose: String,
    /// The caller's pseudonym.
    pub subject: String,
    pub binding_text: String,
    pub language: String,
    pub slot: Vec<u8>,
    pub fingerprint: String,
    pub prefix: Option<String>,
    pub dummy: bool,
    pub concealed: bool,
    pub opened_at: i64,
    pub expires_at: i64,
    pub attempts: i64,
    pub resends: i64,
    pub state: String,
    pub ended_at: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

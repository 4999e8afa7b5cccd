//! A request of another state for a DV certificate under our CVCA; stays as evidence.

use sea_orm::entity::prelude::{
    ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait, EnumIter, PrimaryKeyTrait,
};
use uuid::Uuid;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "application")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub caller: String,
    pub message_id: String,
    /// Country and mnemonic of the reference asked for.
    pub holder: String,
    pub chr: String,
    /// Country and mnemonic of the CVCA that is asked; empty where the request names none.
    pub cvca: String,
    /// SHA-256 of the public point or modulus: no key is certified twice.
    pub key_sha256: String,
    pub outer_car: String,
    pub request: Vec<u8>,
    /// `waiting`, `issued` or `refused`.
    pub state: String,
    pub received_at: i64,
    pub due_at: i64,
    /// When people were told that it is due.
    pub alerted_at: Option<i64>,
    pub first_officer: Option<String>,
    pub first_at: Option<i64>,
    pub second_officer: Option<String>,
    pub decided_at: Option<i64>,
    /// Standard code of the outcome.
    pub code: Option<String>,
    /// Rule of the policy that decided.
    pub rule: Option<String>,
    pub detail: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

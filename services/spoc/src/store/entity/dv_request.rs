//! Requests for DV certificates; fulfilled ones stay as evidence.

use sea_orm::entity::prelude::{
    ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait, EnumIter, PrimaryKeyTrait,
};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "dv_request")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub chr: String,
    /// Country and mnemonic of the CVCA asked.
    pub cvca: String,
    /// CAR inside the request: the CVCA certificate it was made for.
    pub car: String,
    /// CAR of the outer signature.
    pub outer_car: String,
    pub request: Vec<u8>,
    pub key_handle: String,
    /// `open` or `fulfilled`.
    pub state: String,
    pub created_by: String,
    pub created_at: i64,
    /// When it came back without a certificate. One that comes all the same is taken, so the state stays `open`.
    pub closed_at: Option<i64>,
    /// With what: a standard code, `answer_refused` or `cancelled`.
    pub closed_cause: Option<String>,
    /// When it was over for good: its key is destroyed, and an answer that comes is refused.
    pub ended_at: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

//! The newest CRL of each issuer.

use sea_orm::entity::prelude::{
    ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait, EnumIter, PrimaryKeyTrait,
};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "revocation_list")]
pub struct Model {
    /// SHA-256 of the issuer's distinguished name, folded for comparison.
    #[sea_orm(primary_key, auto_increment = false)]
    pub issuer_sha256: String,
    pub issuer: String,
    pub crl: Vec<u8>,
    pub sha256: String,
    pub this_update: i64,
    pub next_update: Option<i64>,
    pub revoked: i64,
    pub imported_by: String,
    pub imported_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

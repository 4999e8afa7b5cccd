//! The newest revocation list an officer brought of an authority of a partner's.

use sea_orm::entity::prelude::{
    ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait, EnumIter, PrimaryKeyTrait,
};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "partner_crl_by_hand")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub country: String,
    /// SHA-256 of the authority's certificate.
    #[sea_orm(primary_key, auto_increment = false)]
    pub issuer: String,
    /// What people call the authority.
    pub issuer_name: String,
    pub crl: Vec<u8>,
    pub sha256: String,
    pub this_update: i64,
    pub next_update: Option<i64>,
    pub imported_by: String,
    pub imported_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

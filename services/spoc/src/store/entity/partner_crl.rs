//! The newest revocation list of an issuer fetched from a URI.

use sea_orm::entity::prelude::{
    ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait, EnumIter, PrimaryKeyTrait,
};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "partner_crl")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub uri: String,
    /// SHA-256 of the issuer's certificate.
    #[sea_orm(primary_key, auto_increment = false)]
    pub issuer: String,
    /// The partner by whose registration the issuer was found.
    pub country: String,
    pub crl: Vec<u8>,
    pub this_update: i64,
    pub next_update: Option<i64>,
    pub fetched_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

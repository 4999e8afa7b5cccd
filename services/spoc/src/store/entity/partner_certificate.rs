//! The certificate a partner last showed on a side of the connection.

use sea_orm::entity::prelude::{
    ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait, EnumIter, PrimaryKeyTrait,
};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "partner_certificate")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub country: String,
    /// `client` or `server`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub side: String,
    /// SHA-256 of the certificate.
    pub fingerprint: String,
    pub not_after: i64,
    /// What was noticed about it, in words for people, a line each.
    pub remarks: String,
    pub seen_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

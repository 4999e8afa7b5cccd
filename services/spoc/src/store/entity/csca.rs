//! CSCA certificates any list or anchor ever vouched for.

use sea_orm::entity::prelude::{
    ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait, EnumIter, PrimaryKeyTrait,
};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "csca")]
pub struct Model {
    /// SHA-256 of the certificate.
    #[sea_orm(primary_key, auto_increment = false)]
    pub fingerprint: String,
    pub certificate: Vec<u8>,
    pub first_seen_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

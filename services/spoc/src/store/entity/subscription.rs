//! A foreign CVCA under which our document verifier keeps a certificate.

use sea_orm::entity::prelude::{
    ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait, EnumIter, PrimaryKeyTrait,
};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "subscription")]
pub struct Model {
    /// Country and mnemonic of the foreign CVCA.
    #[sea_orm(primary_key, auto_increment = false)]
    pub cvca: String,
    pub country: String,
    pub dv_mnemonic: String,
    pub is_mnemonic: String,
    pub is_days: i64,
    /// `active` or `paused`.
    pub state: String,
    pub created_by: String,
    pub created_at: i64,
    /// Attempts in a row that failed.
    pub failures: i64,
    /// No attempt is made before.
    pub not_before: Option<i64>,
    pub problem: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

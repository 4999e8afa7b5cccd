//! Certificates two officers agreed on, and for what.

use sea_orm::entity::prelude::{
    ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait, EnumIter, PrimaryKeyTrait,
};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "anchor")]
pub struct Model {
    /// SHA-256 of the certificate.
    #[sea_orm(primary_key, auto_increment = false)]
    pub fingerprint: String,
    /// `master_list`, `defect_list` or `csca`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub purpose: String,
    pub certificate: Vec<u8>,
    pub subject: String,
    /// `proposed`, `confirmed` or `withdrawn`.
    pub state: String,
    pub proposed_by: String,
    pub proposed_at: i64,
    pub confirmed_by: Option<String>,
    pub confirmed_at: Option<i64>,
    pub withdrawn_by: Option<String>,
    pub withdrawn_at: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

//! A root certificate a partner's SPOC certificates lead to, compared by two officers.

use sea_orm::entity::prelude::{
    ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait, EnumIter, PrimaryKeyTrait,
};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "partner_root")]
pub struct Model {
    /// SHA-256 of the certificate.
    #[sea_orm(primary_key, auto_increment = false)]
    pub fingerprint: String,
    pub country: String,
    pub certificate: Vec<u8>,
    pub subject: String,
    pub use_from: i64,
    pub use_until: i64,
    /// Fingerprint of the root it follows.
    pub linked_to: Option<String>,
    /// `grpc`, `soap` or `both`.
    pub bindings: String,
    /// `proposed`, `confirmed` or `withdrawn`.
    pub state: String,
    pub proposed_by: String,
    pub proposed_at: i64,
    pub confirmed_by: Option<String>,
    pub confirmed_at: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

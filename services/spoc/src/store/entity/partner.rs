//! Another state whose SPOC is registered here.

use sea_orm::entity::prelude::{
    ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait, EnumIter, PrimaryKeyTrait,
};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "partner")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub country: String,
    pub name: String,
    /// `grpc` or `soap`.
    pub binding: String,
    pub profile: String,
    pub url: String,
    pub email: String,
    /// Co-ordinators, a line each.
    pub contacts: String,
    /// How its requests are answered: at once, or acknowledged and delivered later.
    pub answers: String,
    /// Years its travel documents are valid: how far back trust anchors are kept.
    pub document_years: i64,
    /// `active`, `suspended` or `withdrawn`.
    pub state: String,
    pub use_from: i64,
    pub use_until: Option<i64>,
    pub proposed_by: String,
    pub proposed_at: i64,
    pub confirmed_by: String,
    pub confirmed_at: i64,
    pub suspended_reason: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

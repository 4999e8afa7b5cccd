//! What one officer wants registered about a document verifier; it counts once a second one confirms it.

use sea_orm::entity::prelude::{
    ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait, EnumIter, PrimaryKeyTrait,
};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "holder_proposal")]
pub struct Model {
    /// Country and mnemonic.
    #[sea_orm(primary_key, auto_increment = false)]
    pub holder: String,
    pub country: String,
    pub domestic_cvca: String,
    pub purposes: String,
    pub organisations: String,
    /// `automatic` or `two_person`.
    pub approval: String,
    pub dg3: bool,
    pub dg4: bool,
    pub validity_days: i64,
    pub proposed_by: String,
    pub proposed_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

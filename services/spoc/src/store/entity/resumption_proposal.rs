//! The end of a suspension that one officer proposed.

use sea_orm::entity::prelude::{
    ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait, EnumIter, PrimaryKeyTrait,
};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "resumption_proposal")]
pub struct Model {
    /// What is suspended: `holder/UTDV`, or `certificate/UTCVCA00001/PLDV00003`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub subject: String,
    pub reason: String,
    pub proposed_by: String,
    pub proposed_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

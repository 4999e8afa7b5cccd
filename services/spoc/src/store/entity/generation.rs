//! How often a body of trust has changed; raised in the transaction of the change.

use sea_orm::entity::prelude::{
    ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait, EnumIter, PrimaryKeyTrait,
};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "generation")]
pub struct Model {
    /// `csca` (trust in documents) or `cv` (certificates of extended access control).
    #[sea_orm(primary_key, auto_increment = false)]
    pub subject: String,
    pub number: i64,
    pub changed_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

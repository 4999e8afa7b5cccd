//! Attempts of a day, by official and by subject.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "daily_count")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub class: String,
    /// `<institution>/<officer>`, or a keyed digest.
    #[sea_orm(primary_key, auto_increment = false)]
    pub counted: String,
    /// Days since 1970-01-01.
    #[sea_orm(primary_key, auto_increment = false)]
    pub day: i64,
    pub count: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

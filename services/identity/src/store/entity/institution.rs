//! Institutions, and until they are decided on who shall be their first local administrator.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "institution")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub name: String,
    pub kind: String,
    pub legal_basis: String,
    pub contact: String,
    pub state: String,
    pub entered_by: String,
    pub applied_at: i64,
    pub changed_by: Option<String>,
    pub changed_at: Option<i64>,
    pub reason: Option<String>,
    pub administrator: Option<String>,
    pub administrator_issuer: Option<String>,
    pub administrator_subject: Option<String>,
    pub administrator_thumbprint: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

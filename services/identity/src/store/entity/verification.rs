//! Verifications. Nothing of a document is here.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "verification")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Who reads of it.
    pub citizen_id: Option<Uuid>,
    /// Nobody can say yes.
    pub decoy: bool,
    /// Keyed digest of what was typed.
    pub criterion: String,
    pub officer: String,
    pub terminal_id: Option<String>,
    pub institution_id: String,
    pub institution_name: String,
    pub institution_kind: String,
    pub purpose: String,
    pub legal_basis: String,
    pub case_number: String,
    pub kind: String,
    pub binding_text: String,
    pub stage: String,
    pub qualifier: String,
    pub opened_at: i64,
    pub updated_at: i64,
    pub expires_at: i64,
    pub visible_from: i64,
    pub revision: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

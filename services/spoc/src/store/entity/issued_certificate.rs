//! A DV certificate our CVCA issued to another state's document verifier.

use sea_orm::entity::prelude::{
    ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait, EnumIter, PrimaryKeyTrait,
};
use uuid::Uuid;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "issued_certificate")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub car: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub chr: String,
    pub holder: String,
    pub country: String,
    pub certificate: Vec<u8>,
    pub effective: i64,
    pub expires: i64,
    pub application: Uuid,
    pub issued_at: i64,
    /// Since when it vouches for no request, its holder having been suspended.
    pub withdrawn_at: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

//! CV certificates, ours and other states'. The key is (CAR, CHR): a CHR is unique only relative to its issuer.

use sea_orm::entity::prelude::{
    ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait, EnumIter, PrimaryKeyTrait,
};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "cv_certificate")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub car: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub chr: String,
    /// `cvca`, `cvca_link`, `dv_domestic`, `dv_foreign` or `is`.
    pub role: String,
    /// Country and mnemonic of the CVCA at the top of its tree.
    pub cvca: String,
    pub certificate: Vec<u8>,
    /// SHA-256 of the certificate.
    pub fingerprint: String,
    /// `awaiting_confirmation`, `active` or `suspended`.
    pub state: String,
    /// Midnight GMT of the first day.
    pub effective: i64,
    /// Midnight GMT of the last day; that day still counts.
    pub expires: i64,
    /// Handle in the key store, where the private key is held here.
    pub key_handle: Option<String>,
    /// The officer who stands for it; the partner who sent it, until one does.
    pub imported_by: String,
    pub imported_at: i64,
    pub confirmed_by: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

//! A bundle of a partner's that was taken in, or begun to be.

use sea_orm::entity::prelude::{
    ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait, EnumIter, PrimaryKeyTrait,
};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "taken_in_bundle")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub sender: String,
    /// The sender's identifier of it.
    #[sea_orm(primary_key, auto_increment = false)]
    pub bundle_id: String,
    pub officer: String,
    /// When it came first.
    pub taken_in_at: i64,
    /// SHA-256 of its content, lower-case hex; none where the release before took it in.
    pub sha256: Option<String>,
    /// When everything in it had been seen to.
    pub finished_at: Option<i64>,
}

impl Model {
    /// Whether everything in it was seen to. The release before wrote down only such.
    #[must_use]
    pub const fn is_finished(&self) -> bool {
        self.finished_at.is_some() || self.sha256.is_none()
    }
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

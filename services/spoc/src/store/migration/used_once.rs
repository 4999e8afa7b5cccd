//! No reference of a holder and no key is asked for twice, unless the earlier request was refused: the database itself holds to it, for requests that
//! come at the same moment.

use sea_orm_migration::{
    DbErr, MigrationName, MigrationTrait, SchemaManager,
    async_trait::async_trait,
    sea_query::{ConditionalStatement as _, Expr, ExprTrait as _, Index},
};

/// Each once among the requests that wait or were granted.
pub(crate) struct UsedOnce;

impl MigrationName for UsedOnce {
    fn name(&self) -> &'static str {
        "spoc_0006_used_once"
    }
}

#[async_trait]
impl MigrationTrait for UsedOnce {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (name, column) in
            [("reference_used_once_by_application", "chr"), ("key_used_once_by_application", "key_sha256")]
        {
            let index = Index::create()
                .name(name)
                .table("application")
                .col(column)
                .unique()
                .and_where(Expr::col("state").ne("refused"))
                .to_owned();
            manager.create_index(index).await?;
        }
        Ok(())
    }
}

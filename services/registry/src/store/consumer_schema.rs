//! Tables of the consumers.

use async_trait::async_trait;
use sea_orm::DbErr;
use sea_orm_migration::sea_query::{Index, Table};
use sea_orm_migration::{MigrationName, MigrationTrait, SchemaManager};
use straznica_store::columns::{counter, integer, text, text_enum};

use super::consumers::Window;

/// What consumers have asked, counted; and cases by person.
pub(super) struct CreateConsumers;

impl MigrationName for CreateConsumers {
    fn name(&self) -> &str {
        "registry_003_create_consumers"
    }
}

#[async_trait]
impl MigrationTrait for CreateConsumers {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let windows = Window::ALL.map(Window::as_str);
        let questions = Table::create()
            .table("consumer_questions")
            .col(text("consumer"))
            .col(text_enum("per", &windows))
            // The minute, or the day, since 1970-01-01 that is counted.
            .col(integer("counted"))
            .col(counter("asked"))
            .primary_key(Index::create().col("consumer").col("per"))
            .to_owned();
        manager.create_table(questions).await?;
        let by_person =
            Index::create().name("case_person_person").table("case_person").col("person_id").if_not_exists().to_owned();
        manager.create_index(by_person).await
    }
}

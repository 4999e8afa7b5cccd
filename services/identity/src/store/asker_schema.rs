//! Citizens who ask each other are counted beside officials and those asked about.

use async_trait::async_trait;
use sea_orm::{ConnectionTrait as _, DbErr};
use sea_orm_migration::sea_query::{Index, Table};
use sea_orm_migration::{MigrationName, MigrationTrait, SchemaManager};
use straznica_store::columns::{counter, integer, text, text_enum};

use super::migrations::index;

pub(super) struct CountAskers;

impl MigrationName for CountAskers {
    fn name(&self) -> &str {
        "identity_006_count_askers"
    }
}

#[async_trait]
impl MigrationTrait for CountAskers {
    /// SQLite changes no check of a table that is there, so the table is made anew with what is in it.
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        connection.execute_unprepared("ALTER TABLE daily_count RENAME TO daily_count_of_two").await?;
        manager.drop_index(Index::drop().name("daily_count_day").table("daily_count_of_two").to_owned()).await?;
        manager
            .create_table(
                Table::create()
                    .table("daily_count")
                    .col(text_enum("class", &["official", "subject", "asker"]))
                    .col(text("counted"))
                    .col(integer("day"))
                    .col(counter("count"))
                    .primary_key(Index::create().name("daily_count_of_three").col("class").col("counted").col("day"))
                    .to_owned(),
            )
            .await?;
        connection
            .execute_unprepared(
                "INSERT INTO daily_count (class, counted, day, count) SELECT class, counted, day, count FROM daily_count_of_two",
            )
            .await?;
        connection.execute_unprepared("DROP TABLE daily_count_of_two").await?;
        index(manager, "daily_count_day", "daily_count", "day").await
    }
}

//! The role of archivists of the register of aliens.

use async_trait::async_trait;
use sea_orm::{ConnectionTrait as _, DbErr};
use sea_orm_migration::sea_query::{Index, Table};
use sea_orm_migration::{MigrationName, MigrationTrait, SchemaManager};
use straznica_store::columns::{optional, text, text_enum, timestamp};

use super::migrations::index;

/// The roles there are from then on.
const ROLES_THEN: [&str; 9] = [
    "official",
    "local_administrator",
    "security_officer",
    "central_administrator",
    "registry_reader",
    "registry_intake",
    "registry_officer",
    "registry_approver",
    "registry_archivist",
];

pub(super) struct AddArchivists;

impl MigrationName for AddArchivists {
    fn name(&self) -> &str {
        "identity_009_add_archivists"
    }
}

#[async_trait]
impl MigrationTrait for AddArchivists {
    /// SQLite changes no check of a table that is there, so the table is made anew with what is in it.
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        connection.execute_unprepared("ALTER TABLE official_role RENAME TO official_role_without_archivists").await?;
        let officers = Index::drop().name("official_role_officer").table("official_role_without_archivists").to_owned();
        manager.drop_index(officers).await?;
        manager
            .create_table(
                Table::create()
                    .table("official_role")
                    .col(text("institution_id"))
                    .col(text("officer"))
                    .col(text_enum("role", &ROLES_THEN))
                    .col(text("granted_by"))
                    .col(timestamp("granted_at"))
                    .col(optional(timestamp("expires_at")))
                    .col(text("reason"))
                    .primary_key(
                        Index::create().name("official_role_of_nine").col("institution_id").col("officer").col("role"),
                    )
                    .to_owned(),
            )
            .await?;
        let columns = "institution_id, officer, role, granted_by, granted_at, expires_at, reason";
        connection
            .execute_unprepared(&format!(
                "INSERT INTO official_role ({columns}) SELECT {columns} FROM official_role_without_archivists"
            ))
            .await?;
        connection.execute_unprepared("DROP TABLE official_role_without_archivists").await?;
        index(manager, "official_role_officer", "official_role", "officer").await
    }
}

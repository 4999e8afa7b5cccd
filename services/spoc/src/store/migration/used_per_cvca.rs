//! A reference names a holder's certificate relative to who issues it (TR-03110-3 §A.6.1): what is asked for twice is one reference of one CVCA. A key
//! stays certified once, whoever certifies it.

use cvc::request::AuthenticatedRequest;
use sea_orm::{
    ConnectionTrait as _,
    sea_query::{Expr, Order, Query},
};
use sea_orm_migration::{
    DbErr, MigrationName, MigrationTrait, SchemaManager,
    async_trait::async_trait,
    sea_query::{ConditionalStatement as _, ExprTrait as _, Index, Table},
};
use straznica_store::columns::text;
use uuid::Uuid;

use crate::domain::records::holder_name;

/// Which CVCA each request is to, read from the requests on record; a refused one's bytes were never kept, and say nothing. What a node of the release
/// before writes names none: its reference counts as used under every CVCA.
pub(crate) struct UsedPerCvca;

/// Requests read at once.
const PAGE: u64 = 200;

impl MigrationName for UsedPerCvca {
    fn name(&self) -> &'static str {
        "spoc_0011_used_per_cvca"
    }
}

#[async_trait]
impl MigrationTrait for UsedPerCvca {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let column = text("cvca").default("").to_owned();
        manager.alter_table(Table::alter().table("application").add_column(column).to_owned()).await?;
        name_cvcas(manager).await?;

        let earlier = Index::drop().name("reference_used_once_by_application").table("application").to_owned();
        manager.drop_index(earlier).await?;
        let index = Index::create()
            .name("reference_of_cvca_used_once_by_application")
            .table("application")
            .col("chr")
            .col("cvca")
            .unique()
            .and_where(Expr::col("state").ne("refused"))
            .to_owned();
        manager.create_index(index).await
    }
}

async fn name_cvcas(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let db = manager.get_connection();
    let mut after = Uuid::nil();
    loop {
        let page = Query::select()
            .columns(["id", "request"])
            .from("application")
            .and_where(Expr::col("id").gt(after))
            .and_where(Expr::col("state").ne("refused"))
            .order_by("id", Order::Asc)
            .limit(PAGE)
            .to_owned();
        let rows = db.query_all(&page).await?;
        if rows.is_empty() {
            return Ok(());
        }
        for row in rows {
            let (id, request): (Uuid, Vec<u8>) = (row.try_get("", "id")?, row.try_get("", "request")?);
            after = id;
            let asked = match AuthenticatedRequest::parse(request) {
                Ok(asked) => asked,
                Err(why) => {
                    tracing::warn!(request = %id, %why, "a request on record cannot be read: its reference stays used under every CVCA");
                    continue;
                }
            };
            let Some(car) = asked.request().car() else { continue };
            let named = Query::update()
                .table("application")
                .value("cvca", holder_name(&car))
                .and_where(Expr::col("id").eq(id))
                .to_owned();
            db.execute(&named).await?;
        }
    }
}

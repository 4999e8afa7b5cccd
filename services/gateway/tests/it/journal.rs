//! What the gateway records.

use sea_orm::{ConnectionTrait, Statement};
use serde_json::json;
use straznica_store::{NoMigrations, on_both_engines};

use super::house::{House, TERMINAL};

async fn texts(house: &House, sql: &str) -> Vec<String> {
    let reader = house.database.store().reader();
    let rows = reader.query_all_raw(Statement::from_string(reader.get_database_backend(), sql)).await.unwrap();
    rows.iter().map(|row| row.try_get("", "line").unwrap()).collect()
}

on_both_engines! {
    NoMigrations;

    async fn every_change_of_a_terminal_is_journalled_with_its_operator_and_told_to_others(database: TestDatabase) {
        let house = House::new(database).await;
        let operator = house.operator();
        house.enrolled(TERMINAL).await;
        let suspension = format!("/v1/terminals/{TERMINAL}/suspension");
        operator.post(&suspension, &json!({"reason": "missing"})).await;
        operator.post(&suspension, &json!({"reason": "twice"})).await.problem(409, "gateway.terminal_already_suspended");
        operator.post(&format!("/v1/terminals/{TERMINAL}/unlock"), &json!({"reason": "found"})).await;

        let entries = texts(
            &house,
            "SELECT kind || ' ' || actor || ' ' || terminal || ' ' || officer || ' ' || purpose AS line FROM journal ORDER BY row_number",
        )
        .await;
        let by = format!("operator/OP-07 {TERMINAL} OP-07 terminal_administration");
        assert_eq!(entries, [
            format!("terminal.enrolled {by}"),
            format!("terminal.suspended {by}"),
            format!("terminal.unlocked {by}"),
        ]);
        let events = texts(&house, "SELECT type_name AS line FROM event").await;
        assert_eq!(events, vec!["straznica.gateway.events.v1.TerminalChanged"; 3]);
        house.end().await;
    }
}

//! `Idempotency-Key`: a repeated request is done once.

use std::time::Duration;

use http::Method;
use straznica_error::{Class, Code, Coded};
use straznica_store::{NoMigrations, on_both_engines};
use tokio::time::sleep;

use super::{
    border_check::whole_inspection,
    house::{Answer, Caller, House, PATIENCE},
};

async fn open(caller: &Caller, key: &str, body: &serde_json::Value) -> Answer {
    let headers = [("content-type", "application/json"), ("idempotency-key", key)];
    caller.send(Method::POST, "/v1/inspections", &headers, body.to_string()).await
}

async fn eventually(what: &str, holds: impl Fn() -> bool) {
    let deadline = tokio::time::Instant::now() + PATIENCE;
    while !holds() {
        assert!(tokio::time::Instant::now() < deadline, "{what}");
        sleep(Duration::from_millis(10)).await;
    }
}

#[derive(Debug, thiserror::Error)]
#[error("no")]
struct Refusal;

impl Coded for Refusal {
    fn code(&self) -> &'static Code {
        const CODE: Code = Code::new("identity.busy", Class::Unavailable, "Busy");
        &CODE
    }
}

on_both_engines! {
    NoMigrations;

    async fn a_repeated_request_gets_the_same_answer_and_is_done_once(database: TestDatabase) {
        let (house, terminal) = House::with_terminal(database).await;
        let first = open(&terminal, "key-1", &whole_inspection()).await;
        let again = open(&terminal, "key-1", &whole_inspection()).await;
        assert_eq!((first.status.as_u16(), again.status.as_u16()), (201, 201));
        assert_eq!(first.body, again.body);
        assert_eq!(first.header("location"), again.header("location"));
        assert_ne!(first.header("x-request-id"), again.header("x-request-id"));
        assert_eq!(house.identity.script.count(), 1);

        let mut other = whole_inspection();
        other["officer"] = "SG-9".into();
        open(&terminal, "key-1", &other).await.problem(422, "gateway.idempotency_key_reused");
        assert_eq!(house.identity.script.count(), 1);

        assert_eq!(open(&terminal, "key-2", &whole_inspection()).await.status, 201);
        let neighbour = house.enrolled("PL-WAW-018").await;
        assert_eq!(open(&neighbour, "key-1", &other).await.status, 201, "keys are each terminal's own");
        assert_eq!(house.identity.script.count(), 3);

        house.clock.advance(Duration::from_secs(24 * 3600));
        assert_eq!(open(&house.caller("terminal/PL-WAW-017"), "key-1", &other).await.status, 201, "after a day the key is free");
        house.end().await;
    }

    async fn two_at_once_are_one(database: TestDatabase) {
        let (house, terminal) = House::with_terminal(database).await;
        house.identity.script.close_gate();
        let slow = tokio::spawn({
            let terminal = terminal.clone();
            async move { open(&terminal, "key-1", &whole_inspection()).await }
        });
        eventually("the first request reaches identity", || house.identity.script.count() == 1).await;
        let refused = open(&terminal, "key-1", &whole_inspection()).await;
        refused.problem(409, "gateway.idempotency_in_progress");
        assert_eq!(refused.header("retry-after"), "1");
        house.identity.script.open_gate();
        assert_eq!(slow.await.unwrap().status, 201);
        assert_eq!(open(&terminal, "key-1", &whole_inspection()).await.status, 201);
        assert_eq!(house.identity.script.count(), 1);
        house.end().await;
    }

    async fn a_terminal_that_lost_its_connection_gets_the_answer_with_the_next_request(database: TestDatabase) {
        let (house, terminal) = House::with_terminal(database).await;
        house.identity.script.close_gate();
        let lost = tokio::spawn({
            let terminal = terminal.clone();
            async move { open(&terminal, "key-1", &whole_inspection()).await }
        });
        eventually("the request reaches identity", || house.identity.script.count() == 1).await;
        lost.abort();
        sleep(Duration::from_millis(100)).await;
        house.identity.script.open_gate();
        let deadline = tokio::time::Instant::now() + PATIENCE;
        loop {
            let answer = open(&terminal, "key-1", &whole_inspection()).await;
            if answer.status == 201 {
                break;
            }
            answer.problem(409, "gateway.idempotency_in_progress");
            assert!(tokio::time::Instant::now() < deadline);
            sleep(Duration::from_millis(20)).await;
        }
        assert_eq!(house.identity.script.count(), 1, "it was done once");
        house.end().await;
    }

    async fn a_refusal_leaves_the_key_free(database: TestDatabase) {
        let (house, terminal) = House::with_terminal(database).await;
        house.identity.script.refuse(straznica_error::status(&Refusal));
        open(&terminal, "key-1", &whole_inspection()).await.problem(503, "identity.busy");
        assert_eq!(open(&terminal, "key-1", &whole_inspection()).await.status, 201);
        assert_eq!(house.identity.script.count(), 2);
        house.end().await;
    }

    async fn an_answer_the_earlier_release_kept_in_clear_is_given_as_it_was(database: TestDatabase) {
        use sea_orm::ConnectionTrait;
        let (house, terminal) = House::with_terminal(database).await;
        assert_eq!(open(&terminal, "key-1", &whole_inspection()).await.status, 201);
        house
            .database
            .store()
            .write_tx(async |tx| {
                tx.execute_unprepared("UPDATE idempotency_key SET answer_json = '{\"verdict\":\"genuine\"}'").await?;
                Ok::<_, straznica_store::StoreError>(())
            })
            .await
            .unwrap();
        let again = open(&terminal, "key-1", &whole_inspection()).await;
        assert_eq!((again.status.as_u16(), again.json()), (201, serde_json::json!({ "verdict": "genuine" })));
        assert_eq!(house.identity.script.count(), 1);
        house.end().await;
    }

    async fn nothing_of_the_document_or_the_officer_is_kept(database: TestDatabase) {
        use sea_orm::{ConnectionTrait, Statement};
        let (house, terminal) = House::with_terminal(database).await;
        assert_eq!(open(&terminal, "key-1", &whole_inspection()).await.status, 201);
        let reader = house.database.store().reader();
        let statement = Statement::from_string(
            reader.get_database_backend(),
            "SELECT terminal_id || ' ' || idempotency_key || ' ' || answer_json AS everything_readable FROM idempotency_key",
        );
        let rows = reader.query_all_raw(statement).await.unwrap();
        assert_eq!(rows.len(), 1);
        let text: String = rows[0].try_get("", "everything_readable").unwrap();
        assert!(text.len() > 500, "the answer is kept: {text}");
        for absent in ["genuine", "refuse_entry", "ERIKSSON", "SG-20418", "V-2026/1183", "lane-17", "dwEC", "border_check"] {
            assert!(!text.contains(absent), "{absent} is kept: {text}");
        }
        house.end().await;
    }
}

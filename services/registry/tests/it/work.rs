//! The worklist: fair order, and why not.

use sea_orm::ConnectionTrait as _;
use straznica_contracts::registry::v1::{ListWorkRequest, TakeCaseRequest, WorkItem};
use straznica_registry::Migrations;
use straznica_store::{StoreError, on_both_engines};
use tonic::Status;

use crate::house::{House, context, event, refusal};

async fn work(house: &House, limit: u32) -> Vec<WorkItem> {
    let request = ListWorkRequest { context: Some(context("first")), case_type: "protection".to_owned(), limit };
    house.cases.clone().list_work(request).await.unwrap().into_inner().items
}

async fn take(house: &House, case: &str, reason: &str) -> Result<bool, Status> {
    let request = TakeCaseRequest {
        context: Some(context("first")),
        case_id: case.to_owned(),
        expected_version: house.case(case).await.version,
        reason: reason.to_owned(),
    };
    Ok(house.cases.clone().take_case(request).await?.into_inner().out_of_order)
}

on_both_engines! {
    Migrations;

    async fn cases_are_listed_as_they_fall_due_and_taken_in_that_order_or_with_a_reason(database: TestDatabase) {
        let house = House::open(database).await;
        let person = house.somebody().await;
        let mut cases = Vec::new();
        for day in ["2026-05-05T08:00:00Z", "2026-05-04T08:00:00Z", "2026-05-06T08:00:00Z"] {
            let at = house.at(day);
            let opened = house.open_case("protection", &[&person], event("application_registered", at)).await.unwrap();
            cases.push(opened.case_id);
        }
        // 48 hours each: the second since the 6th, the first since the 7th.
        house.at("2026-05-06T12:00:00Z");
        let listed = work(&house, 0).await;
        let order: Vec<&str> = listed.iter().map(|item| item.case_id.as_str()).collect();
        assert_eq!(order, [&cases[1], &cases[0], &cases[2]]);
        let next: Vec<_> = listed.iter().map(|item| (item.next.clone().unwrap().rule, item.late)).collect();
        assert_eq!(next, [("forwarding".to_owned(), true), ("forwarding".to_owned(), false), ("forwarding".to_owned(), false)]);
        assert_eq!(work(&house, 2).await.len(), 2);

        assert_eq!(refusal(take(&house, &cases[0], " ").await), "registry.out_of_order");
        assert!(take(&house, &cases[0], "the applicant is in hospital").await.unwrap());
        assert_eq!(refusal(take(&house, &cases[0], "again").await), "registry.not_now");
        assert!(!take(&house, &cases[1], "").await.unwrap());
        assert!(!take(&house, &cases[2], "a reason nobody needs").await.unwrap());
        let kept = house.texts("SELECT reason FROM taking WHERE reason IS NOT NULL").await;
        assert_eq!(kept, ["the applicant is in hospital"]);
        assert!(work(&house, 0).await.iter().all(|item| item.taken_by == "first"));
        house.close().await;
    }

    async fn the_order_follows_the_days_and_the_law(database: TestDatabase) {
        let house = House::open(database).await;
        let person = house.somebody().await;
        let at = house.at("2026-05-04T08:00:00Z");
        let opened = house.open_case("protection", &[&person], event("application_registered", at)).await.unwrap();
        house.record(&opened.case_id, 1, event("application_forwarded", at)).await.unwrap();
        // Until Thursday 7 May the certificate is due; the decision comes after.
        let kept = "SELECT CAST(next_due AS TEXT) FROM case_file";
        let due = |day: &str| day.parse::<straznica_types::Timestamp>().unwrap().millis().to_string();
        assert_eq!(house.texts(kept).await, [due("2026-05-07T21:59:59.999Z")]);
        let version = house.case(&opened.case_id).await.version;
        let spoil = async |sql: &str| {
            let sql = sql.to_owned();
            let store = house.database.store();
            store.write_tx(async |tx| Ok::<_, StoreError>(tx.execute_unprepared(&sql).await?)).await.unwrap();
        };
        let stage = "SELECT stage FROM case_file";
        house.turn("registry_worklist").await;
        // Counted today by this law: it is left as it is, whatever stands there.
        spoil("UPDATE case_file SET stage = 'board'").await;
        house.turn("registry_worklist").await;
        assert_eq!(house.texts(stage).await, ["board"]);
        // By another law: counted anew. Another day: likewise.
        spoil("UPDATE case_counted SET law = 'an older one'").await;
        house.turn("registry_worklist").await;
        assert_eq!(house.texts(stage).await, ["assessment"]);
        spoil("UPDATE case_file SET stage = 'board', next_due = 0").await;
        house.at("2026-05-05T08:00:00Z");
        house.turn("registry_worklist").await;
        assert_eq!((house.texts(stage).await, house.texts(kept).await), (vec!["assessment".to_owned()], vec![due("2026-05-07T21:59:59.999Z")]));
        // Nobody who looks at the case has to look again.
        assert_eq!(house.case(&opened.case_id).await.version, version);
        house.close().await;
    }
}

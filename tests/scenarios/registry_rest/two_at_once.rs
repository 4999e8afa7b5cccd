//! Two officers at the same person, and at the same case: nothing is lost, and one of them is told.

use serde_json::json;
use straznica_store::{NoMigrations, on_both_engines};

use super::office::{Office, done, main_name, refused, tag};

on_both_engines! {
    NoMigrations;

    async fn of_two_who_change_at_once_one_is_told_to_look_again_and_loses_nothing(database: TestDatabase) {
        let office = Office::found(database).await;
        let first = office.let_in("udsc-0001", &["registry_officer"]).await;
        let second = office.let_in("udsc-0002", &["registry_officer"]).await;
        let person = first.registers(&[main_name("", "Ivanov")]).await;
        let path = format!("/persons/{person}");
        let changes = format!("{path}/changes");
        let seen = tag(&first.get(&path).await);
        let adds = |code: &str| json!({"changes": [{"add": {"fact": {"nationality": {"code": code}}, "source": "own word", "reason": "interview"}}]});
        let (rus, ukr) = (adds("RUS"), adds("UKR"));
        let (one, other) = tokio::join!(first.change(&changes, &seen, &rus), second.change(&changes, &seen, &ukr));
        let [lost, won] = if one.status.is_success() { [&other, &one] } else { [&one, &other] };
        assert_eq!(done(won), json!({"version": 2}));
        refused(lost, 412, "registry.stale");
        // Looking again, the other makes the change too.
        let seen = tag(&second.get(&path).await);
        let again = if one.status.is_success() { &ukr } else { &rus };
        done(&second.change(&changes, &seen, again).await);
        let shown = done(&first.get(&path).await);
        let mut codes: Vec<_> = shown["statements"].as_array().unwrap().iter().filter_map(|one| one["fact"]["nationality"]["code"].as_str()).collect();
        codes.sort_unstable();
        assert_eq!(codes, ["RUS", "UKR"]);

        let (case, _) = first.opens(&[&person], "application_registered", "2026-04-20T08:00:00Z").await;
        let seen = tag(&first.get(&case).await);
        let event = |name: &str| json!({"event": {"event": name, "at": "2026-04-20T08:00:00Z"}});
        let (issued, forwarded) = (event("tztc_issued"), event("application_forwarded"));
        let events = format!("{case}/events");
        let (one, other) = tokio::join!(first.change(&events, &seen, &issued), second.change(&events, &seen, &forwarded));
        let mut statuses = [one.status.as_u16(), other.status.as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 412]);
        assert_eq!(done(&first.get(&case).await)["events"].as_array().unwrap().len(), 2);
        refused(&first.make(&events, &issued).await, 428, "gateway.version_missing");
        office.end().await;
    }
}

//! Who turns out to be one of two is checked as both.

use std::time::Duration;

use straznica_contracts::registry::v1::{AlertResult, IssuingStateAnswer};
use straznica_registry::Migrations;
use straznica_store::on_both_engines;
use straznica_types::Clock as _;

use super::before_decisions::Ripe;
use super::desk::Desk;
use crate::merges::{confirm, propose, split};

impl Desk {
    /// Two officers take two persons for one.
    async fn merge(&self, one: &str, other: &str) -> String {
        self.house.clock.advance(Duration::from_secs(1));
        let merge = propose(&self.house, one, other).await.unwrap();
        let versions = (self.house.person(one).await.version, self.house.person(other).await.version);
        confirm(&self.house, "second", &merge, versions).await.unwrap();
        self.house.clock.advance(Duration::from_secs(1));
        merge
    }
}

on_both_engines! {
    Migrations;

    async fn whoever_was_checked_before_the_merge_was_somebody_else(database: TestDatabase) {
        let desk = Desk::open(database).await;
        let person = desk.register("Nikt", "Nijaki", "1873-02-19").await;
        let ripe = Ripe::of(&desk, &[&person], "refugee_status").await;
        assert_eq!(desk.check(&person, &ripe.case).await.unwrap().result(), AlertResult::NoHit);
        // The same person under the name Germany refuses entry, checked as such, and in another case.
        let other = desk.register("Zmyślony", "Mściwój", "1873-02-19").await;
        let found = desk.check(&other, "").await.unwrap();
        assert_eq!(found.result(), AlertResult::Hit);
        let merge = desk.merge(&person, &other).await;
        assert!(ripe.waits_for().await.contains("everybody"), "the check knew one of the names");
        // What was found out of either is shown of both.
        for id in [&person, &other] {
            assert_eq!(desk.list(id).await.checks.len(), 2);
        }
        // A check under any of the ids asks with everything, and counts.
        let whole = desk.check(&other, &ripe.case).await.unwrap();
        assert_eq!(whole.result(), AlertResult::Hit);
        assert!(ripe.waits_for().await.contains("consulted"));
        let asked = ripe.consult(&whole.findings[0].finding_id, desk.house.clock.now()).await.unwrap();
        assert!(ripe.waits_for().await.contains("may answer until"));
        let answered = IssuingStateAnswer::NoObjection;
        ripe.answered(&asked.consultation_id, answered, desk.house.clock.now()).await.unwrap();

        // They are two after all: who is left was never checked alone.
        desk.house.clock.advance(Duration::from_secs(1));
        split(&desk.house, "first", &merge).await.unwrap();
        confirm(&desk.house, "second", &merge, (0, 0)).await.unwrap_err();
        let versions = (desk.house.person(&person).await.version, desk.house.person(&other).await.version);
        confirm(&desk.house, "second", &merge, versions).await.unwrap();
        assert!(ripe.waits_for().await.contains("everybody"));
        desk.house.clock.advance(Duration::from_secs(1));
        assert_eq!(desk.check(&person, &ripe.case).await.unwrap().result(), AlertResult::NoHit);
        assert_eq!(ripe.issue().await.unwrap(), "decided");
        desk.close().await;
    }

    async fn a_finding_of_somebody_else_is_none_of_the_case(database: TestDatabase) {
        let desk = Desk::open(database).await;
        let person = desk.register("Zmyślony", "Mściwój", "1873-02-19").await;
        let stranger = desk.register("Zmyślony", "Mściwój", "1873-02-19").await;
        let ripe = Ripe::of(&desk, &[&person], "refugee_status").await;
        let found = desk.check(&stranger, "").await.unwrap();
        let refused = ripe.consult(&found.findings[0].finding_id, desk.house.clock.now()).await;
        assert_eq!(crate::house::refusal(refused), "registry.not_found");
        assert_eq!(crate::house::refusal(desk.check(&stranger, &ripe.case).await), "registry.invalid_request");
        desk.close().await;
    }

    async fn who_is_changed_while_the_source_is_asked_was_not_checked(database: TestDatabase) {
        use straznica_contracts::registry::v1::AlertUnavailability;
        use straznica_simulators::alerts::Fault;
        let desk = Desk::open(database).await;
        let person = desk.register("Nikt", "Nijaki", "1873-02-19").await;
        let other = desk.register("Zmyślony", "Mściwój", "1873-02-19").await;
        desk.sis.script(Some(Fault::Slow(Duration::from_secs(2))));
        let asked = desk.sis.asked();
        let merging = async {
            while desk.sis.asked() == asked {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            desk.merge(&person, &other).await
        };
        let (checked, _) = tokio::join!(desk.check(&person, ""), merging);
        let checked = checked.unwrap();
        assert_eq!((checked.result(), checked.unavailable()), (AlertResult::Unavailable, AlertUnavailability::Incomplete));
        desk.close().await;
    }
}

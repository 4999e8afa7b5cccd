//! Whatever is not a complete, well-formed and recent answer is "not checked".

use std::time::Duration;

use straznica_contracts::registry::v1::{AlertResult, AlertUnavailability};
use straznica_registry::Migrations;
use straznica_simulators::alerts::Fault;
use straznica_store::on_both_engines;

use super::desk::{Desk, NOTHING, PATIENCE, came_to};

on_both_engines! {
    Migrations;

    async fn no_fault_of_the_source_is_ever_no_hit(database: TestDatabase) {
        let desk = Desk::open(database).await;
        let nobody = desk.register("Nikt", "Nijaki", "1871-01-01").await;
        let sought = desk.register("Niebylski", "Dobrogost", "1855-12-24").await;
        let mut table = vec![
            (Fault::Slow(PATIENCE * 3), AlertUnavailability::TimedOut),
            (Fault::Broken, AlertUnavailability::Unreachable),
            (Fault::Down, AlertUnavailability::SourceDown),
            (Fault::Refusing, AlertUnavailability::Refused),
            (Fault::Stale(Duration::from_secs(901)), AlertUnavailability::Stale),
            (Fault::Ahead(Duration::from_secs(121)), AlertUnavailability::Malformed),
            (Fault::Partial, AlertUnavailability::Incomplete),
        ];
        table.extend(Fault::MALFORMED.map(|fault| (fault, AlertUnavailability::Malformed)));
        let asked = table.len();
        for (fault, expected) in table {
            desk.sis.script(Some(fault));
            let check = desk.check(&nobody, "").await.unwrap();
            assert_eq!(came_to(&check), (AlertResult::Unavailable, expected), "{fault:?}");
            assert_eq!(desk.list(&nobody).await.checks[0].result(), AlertResult::Unavailable, "{fault:?}");
        }
        assert_eq!(desk.sis.asked(), asked, "each asked once, and no more");

        // As late, as old and as early as it may be.
        for fault in [Fault::Slow(PATIENCE / 5), Fault::Stale(Duration::from_secs(900)), Fault::Ahead(Duration::from_secs(120))] {
            desk.sis.script(Some(fault));
            assert_eq!(came_to(&desk.check(&nobody, "").await.unwrap()), (AlertResult::NoHit, NOTHING), "{fault:?}");
        }

        // What half an answer says is shown; the answer is none all the same.
        for fault in [Fault::Partial, Fault::Stale(Duration::from_secs(901)), Fault::UnknownCategory] {
            desk.sis.script(Some(fault));
            let check = desk.check(&sought, "").await.unwrap();
            assert_eq!((check.result(), check.findings.len()), (AlertResult::Unavailable, 1), "{fault:?}");
            assert_eq!(check.findings[0].category, "arrest");
        }
        desk.close().await;
    }
}

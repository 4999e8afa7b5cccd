//! A possible hit is resolved by two officers.

use straznica_contracts::registry::v1::statement_change::Change;
use straznica_contracts::registry::v1::{
    AlertAgreement, AlertResolutionState, AlertResolutionVerdict, AlertResult, AlertStanding, Correction,
};
use straznica_registry::Migrations;
use straznica_simulators::alerts::Fault;
use straznica_store::on_both_engines;

use super::desk::{Desk, born, named, of};
use crate::house::refusal;

const CLEARED: AlertResolutionVerdict = AlertResolutionVerdict::NotThePerson;

on_both_engines! {
    Migrations;

    async fn a_possible_hit_is_cleared_by_two_officers_and_stays_cleared(database: TestDatabase) {
        let desk = Desk::open(database).await;
        // Another Wygadany of the year the alert names.
        let statements = vec![named("Wygadany", "Semen", "Вигаданий"), born("1861-11-30"), of("UTO")];
        let person = desk.house.register(statements).await.unwrap();
        let check = desk.check(&person, "").await.unwrap();
        assert_eq!(check.result(), AlertResult::Possible);
        let found = &check.findings[0];
        assert_eq!(found.standing(), AlertStanding::Possible);
        let likeness = found.likeness.as_ref().unwrap();
        assert!(likeness.name_score > 0.0 && !likeness.name_reasons.is_empty());
        assert_eq!((likeness.birth(), likeness.nationality()), (AlertAgreement::Different, AlertAgreement::Same));

        let id = desk.propose("first", &found.finding_id, CLEARED).await.unwrap();
        assert_eq!(desk.list(&person).await.checks[0].result(), AlertResult::Possible, "one officer changes nothing");
        assert_eq!(refusal(desk.propose("third", &found.finding_id, CLEARED).await), "registry.not_now");
        assert_eq!(refusal(desk.decide("first", &id, true).await), "registry.four_eyes");
        assert_eq!(desk.decide("second", &id, true).await.unwrap(), i32::from(AlertResolutionState::Agreed));
        assert_eq!(refusal(desk.decide("third", &id, false).await), "registry.not_now");
        assert_eq!(refusal(desk.propose("third", &found.finding_id, CLEARED).await), "registry.not_now");

        let listed = desk.list(&person).await;
        assert_eq!(listed.checks[0].result(), AlertResult::NoHit);
        let resolution = listed.checks[0].findings[0].resolution.as_ref().unwrap();
        assert_eq!((resolution.proposed_by.as_str(), resolution.decided_by.as_str()), ("first", "second"));
        assert_eq!((resolution.grounds.as_str(), resolution.decision_grounds.as_str()), ("compared by place of birth", "seen the same"));
        // The same alert on the same person is not asked about again.
        let again = desk.check(&person, "").await.unwrap();
        assert_eq!((again.result(), again.findings[0].standing()), (AlertResult::NoHit, AlertStanding::Cleared));

        // When more is known of the person, people look again.
        let birth = desk.house.person(&person).await.statements[1].statement_id.clone();
        let correction = Correction { statement_id: birth, with: Some(born("1861-03-08")) };
        desk.house.change(&person, 1, vec![Change::Correct(correction)]).await.unwrap();
        let changed = desk.check(&person, "").await.unwrap();
        assert_eq!((changed.result(), changed.findings[0].standing()), (AlertResult::Possible, AlertStanding::Possible));

        let kinds = desk.house.journal_kinds().await;
        for kind in ["alert_resolution.proposed", "alert_resolution.decided"] {
            assert_eq!(kinds.iter().filter(|told| *told == kind).count(), 1, "{kind}");
        }
        let kept = desk.house.texts("SELECT detail FROM journal_payload WHERE detail IS NOT NULL").await.join("\n");
        assert!(!kept.contains("place of birth") && !kept.contains("refusal_of_entry"), "{kept}");
        desk.close().await;
    }

    async fn what_nobody_has_resolved_is_listed_until_somebody_has(database: TestDatabase) {
        let desk = Desk::open(database).await;
        let person = desk.register("Niebilski", "Jan", "1855-01-01").await;
        let nobody = desk.register("Nikt", "Nijaki", "1871-01-01").await;
        desk.check(&nobody, "").await.unwrap();
        assert_eq!(desk.open_ones().await, []);
        desk.check(&person, "").await.unwrap();
        let check = desk.check(&person, "").await.unwrap();
        let finding = &check.findings[0].finding_id;
        let open = desk.open_ones().await;
        assert_eq!(open.len(), 1, "of the last check alone: {open:?}");
        assert_eq!((&open[0].finding_id, &open[0].check_id, &open[0].person_id), (finding, &check.check_id, &person));
        assert_eq!((open[0].resolution_id.as_str(), open[0].proposed_by.as_str()), ("", ""));
        // What could not be checked later takes nothing away.
        desk.sis.script(Some(Fault::Down));
        desk.check(&person, "").await.unwrap();
        assert_eq!(desk.open_ones().await, open);
        desk.sis.script(None);
        let id = desk.propose("first", finding, CLEARED).await.unwrap();
        let proposed = &desk.open_ones().await[0];
        assert_eq!((proposed.resolution_id.as_str(), proposed.proposed_by.as_str()), (id.as_str(), "first"));
        desk.decide("second", &id, true).await.unwrap();
        assert_eq!(desk.open_ones().await, []);
        let read = desk.house.journal_kinds().await;
        assert_eq!(read.iter().filter(|kind| *kind == "alerts.listed").count(), 3, "each person each time");
        desk.close().await;
    }

    async fn two_officers_confirm_a_person_or_begin_anew(database: TestDatabase) {
        let desk = Desk::open(database).await;
        let person = desk.register("Niebilski", "Jan", "1855-01-01").await;
        let check = desk.check(&person, "").await.unwrap();
        let finding = &check.findings[0].finding_id;
        let same = AlertResolutionVerdict::SamePerson;
        let first = desk.propose("first", finding, CLEARED).await.unwrap();
        assert_eq!(desk.decide("second", &first, false).await.unwrap(), i32::from(AlertResolutionState::Rejected));
        assert_eq!(desk.list(&person).await.checks[0].result(), AlertResult::Possible);
        let second = desk.propose("second", finding, same).await.unwrap();
        desk.decide("first", &second, true).await.unwrap();
        let listed = desk.list(&person).await;
        assert_eq!((listed.checks[0].result(), listed.checks[0].findings[0].standing()), (AlertResult::Hit, AlertStanding::Confirmed));
        // Nobody speaks against the source's own certainty.
        let sought = desk.register("Niebylski", "Dobrogost", "1855-12-24").await;
        let exact = desk.check(&sought, "").await.unwrap();
        assert_eq!(refusal(desk.propose("first", &exact.findings[0].finding_id, CLEARED).await), "registry.not_now");
        desk.close().await;
    }
}

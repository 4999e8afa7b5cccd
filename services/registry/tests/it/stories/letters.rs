//! How a decision reaches somebody who does not want it, or is not there.

use straznica_registry::Migrations;
use straznica_store::on_both_engines;

use super::teller::{Story, last};

/// A refusal issued on Monday 8 June 2026.
async fn refused(database: straznica_store::testing::TestDatabase) -> Story {
    let mut story = Story::begin(database, "2026-05-05T10:00:00+02:00", "application_registered").await;
    story.then("2026-05-06T10:00:00+02:00", "application_forwarded").await;
    story.then("2026-05-11T10:00:00+02:00", "merits_opened").await;
    story.decided("2026-06-08T10:00:00+02:00", "refusal").await;
    story
}

on_both_engines! {
    Migrations;

    async fn who_refuses_to_sign_is_served_that_day(database: TestDatabase) {
        let mut story = refused(database).await;
        story.then("2026-06-09T10:00:00+02:00", "service_refused decision=refusal").await;
        // Tuesday 9 June, and fourteen days: Tuesday 23.
        story.stands("2026-06-09T10:00:00+02:00", "served", &[("appeal", "2026-06-23", "running")]).await;
        let case = story.shown().await;
        let counted = &last(&case, "appeal").unwrap().why[0];
        // The officer reads why: deemed to be served, from the refusal, by the law.
        assert!(counted.deemed && counted.day == "2026-06-09", "{counted:?}");
        let refusal = case.events.iter().find(|event| event.number == counted.number).unwrap();
        assert_eq!(refusal.event.as_ref().unwrap().event, "service_refused");
        assert_eq!(counted.basis.as_ref().unwrap().article, "art. 11");
        // Nobody is served twice.
        let again = story.cannot("2026-06-10T10:00:00+02:00", "decision_served decision=refusal").await;
        assert_eq!(again, "registry.not_now");
        story.ends().await;
    }

    async fn a_notice_on_the_board_serves_after_seven_days_also_on_a_saturday(database: TestDatabase) {
        let mut story = refused(database).await;
        // Saturday 13 June, and seven days: Saturday 20, with its end. The law shifts terms to act, not service that happens by itself.
        story.then("2026-06-13T10:00:00+02:00", "notice_displayed decision=refusal").await;
        story.stands("2026-06-20T23:59:59+02:00", "decided", &[("appeal", "none", "none")]).await;
        // Fourteen days from Saturday 20 June: Saturday 4 July; Monday 6.
        story.stands("2026-06-21T00:00:00+02:00", "served", &[("appeal", "2026-07-06", "running")]).await;
        story.ends().await;
    }

    async fn who_takes_the_letter_while_the_notice_hangs_is_served_then(database: TestDatabase) {
        let mut story = refused(database).await;
        story.then("2026-06-10T10:00:00+02:00", "notice_displayed decision=refusal").await;
        story.then("2026-06-12T10:00:00+02:00", "decision_served decision=refusal").await;
        // Friday 12 June, and fourteen days: Friday 26. On the 17th nothing is served again.
        story.stands("2026-06-18T10:00:00+02:00", "served", &[("appeal", "2026-06-26", "running")]).await;
        story.ends().await;
    }
}

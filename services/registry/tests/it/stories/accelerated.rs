//! The accelerated procedure: thirty days, and seven for an appeal.

use straznica_registry::Migrations;
use straznica_store::on_both_engines;

use super::teller::Story;

on_both_engines! {
    Migrations;

    async fn a_manifestly_unfounded_application_is_decided_in_thirty_days_and_sent_back_by_the_board(database: TestDatabase) {
        // Monday 11 May 2026: forwarded within 48 hours; six months end with Wednesday 11 November, a holiday, so Thursday 12. The right to work does not wait.
        let mut story = Story::begin(database, "2026-05-11T09:00:00+02:00", "application_registered").await;
        story.then("2026-05-12T09:00:00+02:00", "application_forwarded").await;
        story.then("2026-05-18T09:00:00+02:00", "accelerated_opened").await;
        // Thirty days count from the application, not from the day this procedure was chosen: 20 are left in May, so Wednesday 10 June.
        story
            .stands("2026-05-18T10:00:00+02:00", "accelerated", &[
                ("accelerated", "2026-06-10", "running"),
                ("merits", "2026-11-12", "running"),
                ("work_certificate", "2026-11-11", "running"),
            ])
            .await;
        story.decided("2026-06-09T14:00:00+02:00", "refusal_accelerated").await;
        story.then("2026-06-10T10:00:00+02:00", "decision_served decision=refusal_accelerated").await;
        // Wednesday 17 June; the fourteen days of others are not for it.
        story
            .stands("2026-06-17T12:00:00+02:00", "served", &[
                ("accelerated", "2026-06-10", "met"),
                ("appeal_accelerated", "2026-06-17", "running"),
                ("appeal", "none", "none"),
            ])
            .await;
        story.then("2026-06-17T15:00:00+02:00", "appeal_filed").await;
        // A month from 17 June: Friday 17 July.
        story.stands("2026-06-18T10:00:00+02:00", "board", &[("board_decision", "2026-07-17", "running")]).await;
        story.decided("2026-07-17T10:00:00+02:00", "board_annulled").await;
        // Served on Tuesday 21 July: the office has the case again, and six months from then, to Thursday 21 January 2027.
        story.then("2026-07-21T10:00:00+02:00", "board_decision_served decision=board_annulled").await;
        story
            .stands("2026-07-21T11:00:00+02:00", "assessment", &[
                ("board_decision", "2026-07-17", "met"),
                ("merits_returned", "2027-01-21", "running"),
                ("complaint", "none", "none"),
            ])
            .await;
        story.then("2026-07-22T10:00:00+02:00", "merits_opened").await;
        story.decided("2027-01-20T10:00:00+01:00", "refugee_status").await;
        story.then("2027-01-21T10:00:00+01:00", "decision_served decision=refugee_status").await;
        // Thursday 4 February.
        story.stands("2027-02-04T12:00:00+01:00", "served", &[("merits_returned", "2027-01-21", "met"), ("appeal", "2027-02-04", "running")]).await;
        story.then("2027-02-05T10:00:00+01:00", "decision_final decision=refugee_status").await;
        story.stands("2027-02-05T11:00:00+01:00", "closed", &[]).await;
        story.ends().await;
    }

    async fn an_appeal_that_comes_too_late_is_found_so(database: TestDatabase) {
        let mut story = Story::begin(database, "2026-05-11T09:00:00+02:00", "application_registered").await;
        story.then("2026-05-12T09:00:00+02:00", "application_forwarded").await;
        story.then("2026-05-18T09:00:00+02:00", "accelerated_opened").await;
        // Thursday 11 June is a day late.
        story.decided("2026-06-11T10:00:00+02:00", "refusal_accelerated").await;
        story.then("2026-06-12T10:00:00+02:00", "decision_served decision=refusal_accelerated").await;
        // Friday 12 June, and seven days: Friday 19. Posted on Saturday 20.
        story.then("2026-06-22T10:00:00+02:00", "appeal_filed posted=2026-06-20").await;
        story
            .stands("2026-06-22T11:00:00+02:00", "board", &[
                ("accelerated", "2026-06-10", "met late"),
                ("appeal_accelerated", "2026-06-19", "right_lapses"),
            ])
            .await;
        story.decided("2026-07-01T10:00:00+02:00", "board_appeal_late").await;
        // Friday 3 July, and thirty days: 28 are left, so Sunday 2 August; Monday 3.
        story.then("2026-07-03T10:00:00+02:00", "board_decision_served decision=board_appeal_late").await;
        story.stands("2026-08-03T12:00:00+02:00", "board_served", &[("complaint", "2026-08-03", "running")]).await;
        story.then("2026-08-04T10:00:00+02:00", "board_decision_stands").await;
        story.stands("2026-08-04T11:00:00+02:00", "closed", &[("complaint", "2026-08-03", "right_lapses")]).await;
        story.ends().await;
    }
}

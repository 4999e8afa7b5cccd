//! Discontinuance: explicit and implicit, and one reopening.

use straznica_registry::Migrations;
use straznica_store::on_both_engines;

use super::teller::Story;

on_both_engines! {
    Migrations;

    async fn what_was_discontinued_is_reopened_once_and_the_second_request_is_refused(database: TestDatabase) {
        let mut story = Story::begin(database, "2026-05-05T10:00:00+02:00", "application_registered").await;
        story.then("2026-05-06T10:00:00+02:00", "application_forwarded").await;
        // Left on Saturday 9 May: the seventh day is Saturday 16, and absence does not wait for a working day.
        story.then("2026-05-09T18:00:00+02:00", "left_centre").await;
        story.stands("2026-05-16T23:59:59+02:00", "assessment", &[("absence", "2026-05-16", "running")]).await;
        story.stands("2026-05-17T00:00:00+02:00", "assessment", &[("absence", "2026-05-16", "implicit_withdrawal")]).await;
        // Friday 22 May; nine months end with Monday 22 February 2027.
        story.decided("2026-05-22T10:00:00+02:00", "discontinued_implicit").await;
        // Nobody takes the letter: a notice on Monday 25 May serves it with the end of Monday 1 June; fourteen days from then end with Monday 15.
        story.then("2026-05-25T10:00:00+02:00", "notice_displayed decision=discontinued_implicit").await;
        story.stands("2026-06-01T23:59:59+02:00", "decided", &[("appeal", "none", "none")]).await;
        story
            .stands("2026-06-02T00:00:00+02:00", "served", &[
                ("appeal", "2026-06-15", "running"),
                ("reopening", "2027-02-22", "running"),
            ])
            .await;
        story.then("2026-06-16T10:00:00+02:00", "decision_final decision=discontinued_implicit").await;
        story.stands("2026-06-16T11:00:00+02:00", "discontinued", &[]).await;

        // On the last day.
        story.then("2027-02-22T18:00:00+01:00", "reopening_requested").await;
        story.stands("2027-02-22T19:00:00+01:00", "reopening_asked", &[("reopening", "2027-02-22", "met")]).await;
        // Wednesday 24 February 2027: six months anew, to Tuesday 24 August.
        story.then("2027-02-24T10:00:00+01:00", "reopened").await;
        story.stands("2027-02-24T11:00:00+01:00", "assessment", &[("merits", "2027-08-24", "running")]).await;

        story.then("2027-03-10T10:00:00+01:00", "withdrawal_declared").await;
        story.decided("2027-03-15T10:00:00+01:00", "discontinued_explicit").await;
        // Served on Tuesday 16 March: five days end with Sunday 21; Monday 22. There is no second reopening.
        story.then("2027-03-16T10:00:00+01:00", "decision_served decision=discontinued_explicit").await;
        story
            .stands("2027-03-22T12:00:00+01:00", "served", &[
                ("appeal_withdrawal", "2027-03-22", "running"),
                ("reopening", "2027-12-15", "moot"),
            ])
            .await;
        story.then("2027-03-23T10:00:00+01:00", "decision_final decision=discontinued_explicit").await;
        story.then("2027-04-01T10:00:00+02:00", "reopening_requested").await;
        assert_eq!(story.cannot("2027-04-02T10:00:00+02:00", "reopened").await, "registry.not_now");
        // The request is refused by a decision, served on Monday 12 April 2027: fourteen days end with Monday 26.
        story.decided("2027-04-09T10:00:00+02:00", "reopening_refused").await;
        story.then("2027-04-12T10:00:00+02:00", "decision_served decision=reopening_refused").await;
        story.stands("2027-04-12T11:00:00+02:00", "served", &[("appeal", "2027-04-26", "running")]).await;
        story.then("2027-04-27T10:00:00+02:00", "decision_final decision=reopening_refused").await;
        story.stands("2027-04-27T11:00:00+02:00", "discontinued", &[]).await;
        story.ends().await;
    }

    async fn a_request_that_comes_after_nine_months_reopens_nothing(database: TestDatabase) {
        let mut story = Story::begin(database, "2026-05-05T10:00:00+02:00", "application_registered").await;
        story.then("2026-05-06T10:00:00+02:00", "application_forwarded").await;
        story.then("2026-05-07T10:00:00+02:00", "left_poland").await;
        // Friday 22 May; served on Tuesday 26; fourteen days end with Tuesday 9 June.
        story.decided("2026-05-22T10:00:00+02:00", "discontinued_implicit").await;
        story.then("2026-05-26T10:00:00+02:00", "decision_served decision=discontinued_implicit").await;
        story.then("2026-06-10T10:00:00+02:00", "decision_final decision=discontinued_implicit").await;
        story.then("2027-02-23T00:00:00+01:00", "reopening_requested").await;
        story.stands("2027-02-23T10:00:00+01:00", "reopening_asked", &[("reopening", "2027-02-22", "right_lapses")]).await;
        assert_eq!(story.cannot("2027-02-23T11:00:00+01:00", "reopened").await, "registry.not_now");
        // A subsequent application is a case of its own.
        story.decided("2027-03-01T10:00:00+01:00", "reopening_refused").await;
        story.stands("2027-03-01T11:00:00+01:00", "decided", &[]).await;
        story.ends().await;
    }
}

//! The Dublin procedure: another state is asked, says nothing, and so is responsible.

use straznica_registry::Migrations;
use straznica_store::on_both_engines;

use super::teller::Story;

/// To the day the other state was asked: Wednesday 3 June 2026.
async fn asked(database: straznica_store::testing::TestDatabase) -> Story {
    // Tuesday 5 May 2026, and three months: Wednesday 5 August.
    let mut story = Story::begin(database, "2026-05-05T10:00:00+02:00", "application_registered").await;
    story.then("2026-05-06T10:00:00+02:00", "application_forwarded").await;
    story.then("2026-05-11T10:00:00+02:00", "dublin_opened").await;
    story.stands("2026-05-11T11:00:00+02:00", "dublin", &[("dublin_request", "2026-08-05", "running")]).await;
    story.then("2026-06-03T10:00:00+02:00", "dublin_request_sent").await;
    // Two months: Monday 3 August.
    story
        .stands(
            "2026-08-03T23:59:59+02:00",
            "dublin",
            &[
                ("dublin_request", "2026-08-05", "met"),
                ("dublin_reply", "2026-08-03", "running"),
                ("dublin_transfer", "none", "none"),
            ],
        )
        .await;
    story
}

on_both_engines! {
    Migrations;

    async fn silence_makes_another_state_responsible_and_the_person_is_transferred(database: TestDatabase) {
        let mut story = asked(database).await;
        // Silence is consent with the end of 3 August: six months from that day end with Wednesday 3 February 2027, whenever somebody looks.
        story
            .stands("2026-08-04T00:00:00+02:00", "dublin", &[
                ("dublin_reply", "2026-08-03", "consent"),
                ("dublin_transfer", "2027-02-03", "running"),
            ])
            .await;
        // A refusal that comes afterwards comes too late to matter.
        story.then("2026-08-06T10:00:00+02:00", "dublin_refused").await;
        story.decided("2026-08-11T10:00:00+02:00", "dublin_transfer").await;
        // Friday 14 August, and fourteen days: Friday 28.
        story.then("2026-08-14T10:00:00+02:00", "decision_served decision=dublin_transfer").await;
        story
            .stands("2026-08-28T12:00:00+02:00", "served", &[
                ("dublin_reply", "2026-08-03", "consent"),
                ("merits", "2026-11-05", "met"),
                ("appeal", "2026-08-28", "running"),
            ])
            .await;
        story.then("2026-08-31T10:00:00+02:00", "decision_final decision=dublin_transfer").await;
        // Eighteen months from 3 August for somebody who hides: Thursday 3 February 2028.
        story.then("2026-12-01T10:00:00+01:00", "absconding_noted").await;
        story.stands("2026-12-01T11:00:00+01:00", "transfer", &[("dublin_transfer", "2028-02-03", "running")]).await;
        story.then("2027-09-14T10:00:00+02:00", "transferred").await;
        story.stands("2027-09-14T11:00:00+02:00", "closed", &[("dublin_transfer", "2028-02-03", "met")]).await;
        story.ends().await;
    }

    async fn who_is_not_transferred_in_time_is_polands_again(database: TestDatabase) {
        let mut story = asked(database).await;
        // An acceptance that comes on the morning after was given by silence nine hours before, and cannot be given again.
        let late = story.cannot("2026-08-04T09:00:00+02:00", "dublin_accepted").await;
        assert_eq!(late, "registry.not_now");
        story.decided("2026-08-11T10:00:00+02:00", "dublin_transfer").await;
        story.then("2026-08-14T10:00:00+02:00", "decision_served decision=dublin_transfer").await;
        story.then("2026-08-31T10:00:00+02:00", "decision_final decision=dublin_transfer").await;
        story.stands("2027-02-05T10:00:00+01:00", "transfer", &[("dublin_transfer", "2027-02-03", "responsibility_passes")]).await;
        // Friday 5 February 2027, and six months: Thursday 5 August.
        story.then("2027-02-05T11:00:00+01:00", "dublin_ended").await;
        story
            .stands("2027-02-05T12:00:00+01:00", "assessment", &[
                ("dublin_transfer", "2027-02-03", "responsibility_passes"),
                ("merits_responsible", "2027-08-05", "running"),
            ])
            .await;
        story.ends().await;
    }

    async fn a_state_that_refuses_leaves_the_case_with_poland(database: TestDatabase) {
        let mut story = Story::begin(database, "2026-05-05T10:00:00+02:00", "application_registered").await;
        story.then("2026-05-06T10:00:00+02:00", "application_forwarded").await;
        story.then("2026-05-11T10:00:00+02:00", "dublin_opened").await;
        story.then("2026-06-03T10:00:00+02:00", "dublin_request_sent").await;
        story.then("2026-07-01T10:00:00+02:00", "dublin_refused").await;
        // Thursday 2 July, and six months: Saturday 2 January 2027; Sunday; Monday 4.
        story.then("2026-07-02T10:00:00+02:00", "dublin_ended").await;
        story
            .stands("2026-09-01T10:00:00+02:00", "assessment", &[
                ("dublin_reply", "2026-08-03", "met"),
                ("dublin_transfer", "none", "none"),
                ("merits", "2026-11-05", "moot"),
                ("merits_responsible", "2027-01-04", "running"),
            ])
            .await;
        story.ends().await;
    }
}

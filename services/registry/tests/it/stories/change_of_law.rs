//! 12 June 2026: the common procedure of the Union. What was lodged before keeps its law.

use straznica_registry::Migrations;
use straznica_store::on_both_engines;

use super::teller::Story;

on_both_engines! {
    Migrations;

    async fn an_application_of_the_eve_keeps_its_law_to_the_end(database: TestDatabase) {
        // Thursday 11 June 2026, the last minute: forwarding by the minute, two days later; six months end with Friday 11 December.
        let mut story = Story::begin(database, "2026-06-11T23:59:00+02:00", "application_registered").await;
        story.then("2026-06-13T10:00:00+02:00", "application_forwarded").await;
        story
            .stands("2026-06-15T10:00:00+02:00", "assessment", &[
                ("forwarding", "2026-06-13T21:59:00.000Z", "met"),
                ("merits", "2026-12-11", "running"),
                ("lodging", "none", "none"),
            ])
            .await;
        assert_eq!(story.shown().await.rule_set, "protection-2015");
        // The new law knows no such stage; this case goes on by the old one.
        assert_eq!(story.cannot("2026-06-15T11:00:00+02:00", "application_lodged").await, "registry.not_now");
        story.then("2026-06-15T12:00:00+02:00", "merits_opened").await;
        // By the old law up to fifteen months: Saturday 11 September 2027; Monday 13.
        story.then("2026-12-10T10:00:00+01:00", "examination_extended").await;
        story.stands("2026-12-12T10:00:00+01:00", "merits", &[("merits", "2027-09-13", "running")]).await;
        story.ends().await;
    }

    async fn what_is_declared_on_the_eve_and_lodged_later_goes_by_the_new_law(database: TestDatabase) {
        // Thursday 11 June 2026: by the old law registered within three working days, by Tuesday 16.
        let mut story = Story::begin(database, "2026-06-11T10:00:00+02:00", "intention_declared").await;
        story.stands("2026-06-11T23:59:59+02:00", "declared", &[("registration", "2026-06-16", "running")]).await;
        assert_eq!(story.shown().await.rule_set, "protection-2015");
        story.then("2026-06-11T23:59:59+02:00", "unaccompanied_minor_found").await;
        // From midnight in Warsaw by the new one: five days, Tuesday 16 as well; and what was noted stays.
        story.stands("2026-06-12T00:00:00+02:00", "declared", &[("registration", "2026-06-16", "running")]).await;
        let shown = story.shown().await;
        assert_eq!((shown.rule_set.as_str(), shown.events.len()), ("protection-2026", 2));
        // Friday 12 June: lodged within 21 days, by Friday 3 July.
        story.then("2026-06-12T09:00:00+02:00", "application_registered").await;
        story
            .stands("2026-06-12T10:00:00+02:00", "registered", &[
                ("lodging", "2026-07-03", "running"),
                ("forwarding", "none", "none"),
                ("merits", "none", "none"),
            ])
            .await;
        story.then("2026-06-30T10:00:00+02:00", "application_lodged").await;
        story.stands("2026-06-30T11:00:00+02:00", "lodged", &[("merits", "2026-12-30", "running")]).await;
        story.ends().await;
    }

    async fn an_acceptance_of_the_eve_told_late_brings_the_old_law_back(database: TestDatabase) {
        let mut story = Story::begin(database, "2026-06-11T10:00:00+02:00", "intention_declared").await;
        story.stands("2026-06-15T10:00:00+02:00", "declared", &[("lodging", "none", "none")]).await;
        assert_eq!(story.shown().await.rule_set, "protection-2026");
        // The Border Guard's paper is brought in on Monday.
        story.told_late("2026-06-11T23:59:00+02:00", "application_registered").await;
        story.stands("2026-06-15T10:00:00+02:00", "registered", &[("lodging", "none", "none"), ("merits", "2026-12-11", "running")]).await;
        assert_eq!(story.shown().await.rule_set, "protection-2015");
        story.ends().await;
    }

    async fn an_application_of_the_first_day_goes_by_the_new_law(database: TestDatabase) {
        // Friday 12 June 2026, its first minute: registered within five days, by Wednesday 17.
        let mut story = Story::begin(database, "2026-06-12T00:00:00+02:00", "intention_declared").await;
        story.stands("2026-06-12T10:00:00+02:00", "declared", &[("registration", "2026-06-17", "running")]).await;
        // Tuesday 16 June: lodged within 21 days, by Tuesday 7 July.
        story.then("2026-06-16T10:00:00+02:00", "application_registered").await;
        story
            .stands("2026-06-16T11:00:00+02:00", "registered", &[
                ("registration", "2026-06-17", "met"),
                ("lodging", "2026-07-07", "running"),
                ("forwarding", "none", "none"),
                ("merits", "none", "none"),
            ])
            .await;
        // Wednesday 1 July: six months end with Friday 1 January 2027, a holiday; a weekend; Monday 4. Extended by six: Thursday 1 July 2027.
        story.then("2026-07-01T10:00:00+02:00", "application_lodged").await;
        story.then("2026-07-02T10:00:00+02:00", "merits_opened").await;
        story.stands("2026-07-02T11:00:00+02:00", "merits", &[("merits", "2027-01-04", "running")]).await;
        story.then("2026-12-30T10:00:00+01:00", "examination_extended").await;
        story.stands("2026-12-30T11:00:00+01:00", "merits", &[("merits", "2027-07-01", "running")]).await;
        assert_eq!(story.shown().await.rule_set, "protection-2026");
        story.decided("2027-06-30T10:00:00+02:00", "refusal").await;
        // Friday 2 July 2027, and fourteen days: Friday 16.
        story.then("2027-07-02T10:00:00+02:00", "decision_served decision=refusal").await;
        story.stands("2027-07-02T11:00:00+02:00", "served", &[("merits", "2027-07-01", "met"), ("appeal", "2027-07-16", "running")]).await;
        story.ends().await;
    }
}

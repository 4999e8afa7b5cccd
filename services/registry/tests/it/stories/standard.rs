//! The standard procedure: from the border to a judgment.

use straznica_registry::Migrations;
use straznica_store::on_both_engines;

use super::teller::Story;
use crate::house::code;

on_both_engines! {
    Migrations;

    async fn a_refusal_goes_from_the_border_to_the_office_the_board_and_the_court(database: TestDatabase) {
        // Wednesday 29 April 2026. Working days: Thursday 30; Friday is 1 May; a weekend; Monday 4; Tuesday 5.
        let mut story = Story::begin(database, "2026-04-29T10:00:00+02:00", "intention_declared").await;
        story.stands("2026-04-29T11:00:00+02:00", "declared", &[("registration", "2026-05-05", "running")]).await;

        // Monday 4 May at noon: 48 hours end on Wednesday 6 at noon, ten o'clock UTC; three days with Thursday 7; six months with Wednesday 4 November.
        story.then("2026-05-04T12:00:00+02:00", "application_registered").await;
        story.then("2026-05-04T13:00:00+02:00", "tztc_issued").await;
        // Tuesday 5 May, and two days: Thursday 7.
        story.then("2026-05-05T16:00:00+02:00", "directed_to_centre").await;
        story
            .stands("2026-05-05T17:00:00+02:00", "registered", &[
                ("registration", "2026-05-05", "met"),
                ("forwarding", "2026-05-06T10:00:00.000Z", "running"),
                ("tztc", "2026-05-07", "met"),
                ("reporting_to_centre", "2026-05-07", "running"),
                ("merits", "2026-11-04", "running"),
                ("work_certificate", "2026-11-04", "running"),
            ])
            .await;
        story.then("2026-05-06T11:30:00+02:00", "application_forwarded").await;
        story.then("2026-05-07T20:00:00+02:00", "reported_to_centre").await;
        story
            .stands("2026-05-08T09:00:00+02:00", "assessment", &[
                ("forwarding", "2026-05-06T10:00:00.000Z", "met"),
                ("reporting_to_centre", "2026-05-07", "met"),
            ])
            .await;

        // Monday 11 May, and thirty days: 20 are left in May, so 10 June, a Wednesday.
        story.then("2026-05-11T09:00:00+02:00", "merits_opened").await;
        story.then("2026-05-11T09:30:00+02:00", "security_opinion_requested of=abw").await;
        story.then("2026-05-26T10:00:00+02:00", "interview_held").await;
        let waits = story.approved("2026-06-08T10:00:00+02:00", "refusal").await;
        let refused = story.issue("2026-06-10T23:59:59+02:00", &waits).await.unwrap_err();
        assert_eq!(code(&refused), "registry.not_now");
        story.stands("2026-06-10T23:59:59+02:00", "merits", &[("security_opinion", "2026-06-10", "running")]).await;
        story.stands("2026-06-11T00:00:00+02:00", "merits", &[("security_opinion", "2026-06-10", "requirement_met")]).await;

        // Tuesday 16 June: the law has changed on the 12th, not for this case.
        story.issue("2026-06-16T10:00:00+02:00", &waits).await.unwrap();
        assert_eq!(story.shown().await.rule_set, "protection-2015");
        story
            .stands("2026-06-16T11:00:00+02:00", "decided", &[
                ("merits", "2026-11-04", "met"),
                ("work_certificate", "2026-11-04", "met"),
                ("appeal", "none", "none"),
            ])
            .await;

        // Served on Thursday 18 June: fourteen days end with Thursday 2 July. Nothing is final before.
        story.then("2026-06-18T10:00:00+02:00", "decision_served decision=refusal").await;
        story.stands("2026-06-18T11:00:00+02:00", "served", &[("appeal", "2026-07-02", "running")]).await;
        let early = story.cannot("2026-07-02T12:00:00+02:00", "decision_final decision=refusal").await;
        assert_eq!(early, "registry.not_now");
        // For all anybody knows on Friday 3 July, the right has lapsed; the letter that comes on Monday 6 was posted on the last day.
        story.stands("2026-07-03T10:00:00+02:00", "served", &[("appeal", "2026-07-02", "right_lapses")]).await;
        story.then("2026-07-06T10:00:00+02:00", "appeal_filed posted=2026-07-02").await;
        // A month from 6 July: Thursday 6 August.
        story
            .stands("2026-07-06T11:00:00+02:00", "board", &[
                ("appeal", "2026-07-02", "met"),
                ("board_decision", "2026-08-06", "running"),
            ])
            .await;

        story.decided("2026-09-15T10:00:00+02:00", "board_upheld").await;
        story.stands("2026-09-15T11:00:00+02:00", "board_decided", &[("board_decision", "2026-08-06", "met late")]).await;
        // Friday 18 September, and thirty days: 12 are left, so Sunday 18 October; Monday 19.
        story.then("2026-09-18T10:00:00+02:00", "board_decision_served decision=board_upheld").await;
        story.stands("2026-10-18T12:00:00+02:00", "board_served", &[("complaint", "2026-10-19", "running")]).await;
        assert_eq!(story.cannot("2026-10-19T09:00:00+02:00", "board_decision_stands").await, "registry.not_now");
        story.then("2026-10-19T15:00:00+02:00", "complaint_filed").await;
        story.stands("2026-10-19T16:00:00+02:00", "court", &[("complaint", "2026-10-19", "met")]).await;

        // Tuesday 2 March 2027, and thirty days: 29 are left, so Thursday 1 April.
        story.then("2027-03-02T10:00:00+01:00", "judgment_served decision=complaint_dismissed").await;
        story.stands("2027-03-03T10:00:00+01:00", "judged", &[("cassation", "2027-04-01", "running")]).await;
        let early = story.cannot("2027-04-01T12:00:00+02:00", "judgment_final decision=complaint_dismissed").await;
        assert_eq!(early, "registry.not_now");
        story.then("2027-04-02T10:00:00+02:00", "judgment_final decision=complaint_dismissed").await;
        story.stands("2027-04-02T11:00:00+02:00", "closed", &[("cassation", "2027-04-01", "right_lapses")]).await;
        story.ends().await;
    }

    async fn a_complex_case_takes_fifteen_months_and_protection_is_granted(database: TestDatabase) {
        // Thursday 30 April 2026: six months end with Friday 30 October, fifteen with Friday 30 July 2027.
        let mut story = Story::begin(database, "2026-04-30T10:00:00+02:00", "application_registered").await;
        story.then("2026-05-02T09:59:00+02:00", "application_forwarded").await;
        story.then("2026-05-04T10:00:00+02:00", "merits_opened").await;
        // The applicant stays away from an interview from 1 to 11 September: ten days, 2 to 11, do not count towards the right to work.
        story.then("2026-09-01T10:00:00+02:00", "delay_by_applicant").await;
        story.then("2026-09-11T10:00:00+02:00", "delay_by_applicant_ended").await;
        story.then("2026-10-30T15:00:00+01:00", "examination_extended").await;
        story
            .stands("2026-10-30T16:00:00+01:00", "merits", &[
                ("merits", "2027-07-30", "running"),
                ("work_certificate", "2026-11-09", "running"),
            ])
            .await;
        story.stands("2026-11-10T00:00:00+01:00", "merits", &[("work_certificate", "2026-11-09", "right_arises")]).await;
        // Saturday 31 July 2027 would have been a day late.
        story.decided("2027-07-30T14:00:00+02:00", "subsidiary_protection").await;
        // Monday 2 August, and fourteen days: Monday 16. On Tuesday 17 it is final.
        story.then("2027-08-02T10:00:00+02:00", "decision_served decision=subsidiary_protection").await;
        story
            .stands("2027-08-16T23:59:59+02:00", "served", &[
                ("merits", "2027-07-30", "met"),
                ("appeal", "2027-08-16", "running"),
            ])
            .await;
        story.then("2027-08-17T08:00:00+02:00", "decision_final decision=subsidiary_protection").await;
        story.stands("2027-08-17T09:00:00+02:00", "closed", &[("appeal", "2027-08-16", "right_lapses")]).await;
        story.ends().await;
    }
}

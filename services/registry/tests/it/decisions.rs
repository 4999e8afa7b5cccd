//! Decisions: two officers, then issued, then served.

use straznica_contracts::registry::v1::{
    ApproveDecisionRequest, DecisionState, DraftDecisionRequest, IssueDecisionRequest,
};
use straznica_registry::Migrations;
use straznica_store::on_both_engines;
use tonic::Status;

use crate::house::{House, about, context, event, refusal, text};

struct Desk<'h> {
    house: &'h House,
    case: String,
}

impl Desk<'_> {
    async fn draft(&self, officer: &str, expected: u64, decision: &str) -> Result<String, Status> {
        let request = DraftDecisionRequest {
            context: Some(context(officer)),
            case_id: self.case.clone(),
            expected_version: expected,
            decision: decision.to_owned(),
        };
        Ok(self.house.cases.clone().draft_decision(request).await?.into_inner().decision_id)
    }

    async fn approve(&self, officer: &str, expected: u64, id: &str) -> Result<u64, Status> {
        let request = ApproveDecisionRequest {
            context: Some(context(officer)),
            case_id: self.case.clone(),
            expected_version: expected,
            decision_id: id.to_owned(),
        };
        Ok(self.house.cases.clone().approve_decision(request).await?.into_inner().version)
    }

    async fn issue(&self, expected: u64, id: &str) -> Result<String, Status> {
        let request = IssueDecisionRequest {
            context: Some(context("first")),
            case_id: self.case.clone(),
            expected_version: expected,
            decision_id: id.to_owned(),
        };
        Ok(self.house.cases.clone().issue_decision(request).await?.into_inner().stage)
    }
}

on_both_engines! {
    Migrations;

    async fn a_decision_takes_two_officers_and_is_served_by_a_notice(database: TestDatabase) {
        let house = House::open(database).await;
        let person = house.somebody().await;
        let now = house.at("2026-05-04T08:00:00Z");
        let opened = house.open_case("protection", &[&person], event("application_registered", now)).await.unwrap();
        house.record(&opened.case_id, 1, event("application_forwarded", now)).await.unwrap();
        house.record(&opened.case_id, 2, event("merits_opened", now)).await.unwrap();
        let desk = Desk { house: &house, case: opened.case_id.clone() };

        assert_eq!(refusal(desk.draft("first", 3, "complaint_dismissed").await), "registry.not_now");
        assert_eq!(refusal(desk.draft("first", 3, "nonsense").await), "registry.not_now");
        let id = desk.draft("first", 3, "refusal").await.unwrap();
        // What says nothing is not approved.
        assert_eq!(refusal(desk.approve("second", 4, &id).await), "registry.not_now");
        house.write("third", (&opened.case_id, 4), &id, text(&[])).await.unwrap();
        assert_eq!(refusal(desk.issue(5, &id).await), "registry.not_now");
        assert_eq!(refusal(desk.approve("first", 5, &id).await), "registry.four_eyes");
        assert_eq!(refusal(desk.approve("third", 5, &id).await), "registry.four_eyes", "who wrote it");
        assert_eq!(refusal(desk.approve("second", 4, &id).await), "registry.stale");
        assert_eq!(desk.approve("second", 5, &id).await.unwrap(), 6);
        assert_eq!(refusal(desk.approve("fourth", 6, &id).await), "registry.not_now");
        let late = house.write("first", (&opened.case_id, 6), &id, text(&[])).await;
        assert_eq!(refusal(late), "registry.not_now", "approved words do not change");
        assert_eq!(desk.issue(6, &id).await.unwrap(), "decided");
        assert_eq!(refusal(desk.issue(7, &id).await), "registry.not_now");

        let case = house.case(&opened.case_id).await;
        assert_eq!(case.decisions[0].state(), DecisionState::Issued);
        assert_eq!((case.decisions[0].drafted_by.as_str(), case.decisions[0].approved_by.as_str()), ("first", "second"));
        // Only what was issued can be served.
        let other = house.record(&opened.case_id, 7, about("decision_served", "refugee_status", now)).await;
        assert_eq!(refusal(other), "registry.not_now");
        house.record(&opened.case_id, 7, about("notice_displayed", "refusal", now)).await.unwrap();
        // Seven days from Monday 4 May end with Monday 11; fourteen more with Monday 25.
        house.at("2026-05-11T21:59:59Z");
        assert_eq!(house.case(&opened.case_id).await.stage, "decided");
        let served = house.at("2026-05-11T22:00:00Z");
        let case = house.case(&opened.case_id).await;
        assert_eq!(case.stage, "served");
        let appeal = case.deadlines.iter().find(|deadline| deadline.rule == "appeal").unwrap();
        assert_eq!((appeal.last_day.as_str(), appeal.why[0].deemed), ("2026-05-25", true));
        assert!(appeal.why[0].basis.is_some());
        house.record(&opened.case_id, 8, event("appeal_filed", served)).await.unwrap();
        let kinds = house.journal_kinds().await;
        for kind in ["decision.drafted", "decision.approved", "decision.issued"] {
            assert_eq!(kinds.iter().filter(|told| *told == kind).count(), 1, "{kind}");
        }
        house.close().await;
    }
}

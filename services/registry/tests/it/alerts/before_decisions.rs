//! What grants a stay waits for alerts.

use straznica_contracts::registry::v1::{
    AlertConsultation, AlertResolutionVerdict, ApproveDecisionRequest, DraftDecisionRequest, IssueDecisionRequest,
    IssuingStateAnswer, RecordAlertConsultationAnswerRequest, RecordAlertConsultationRequest,
};
use straznica_registry::Migrations;
use straznica_simulators::alerts::Fault;
use straznica_store::on_both_engines;
use straznica_types::{Clock as _, Timestamp};
use tonic::Status;

use super::desk::Desk;
use crate::house::{context, event, refusal, text};

/// A case of one person, ripe for a decision; drafted and approved on the way.
pub(super) struct Ripe<'d> {
    desk: &'d Desk,
    pub(super) case: String,
    version: u64,
    decision: String,
}

impl<'d> Ripe<'d> {
    pub(super) async fn of(desk: &'d Desk, persons: &[&str], decision: &str) -> Self {
        let house = &desk.house;
        let now = house.clock.now();
        let opened = house.open_case("protection", persons, event("application_registered", now)).await.unwrap();
        house.record(&opened.case_id, 1, event("application_forwarded", now)).await.unwrap();
        house.record(&opened.case_id, 2, event("merits_opened", now)).await.unwrap();
        let draft = DraftDecisionRequest {
            context: Some(context("first")),
            case_id: opened.case_id.clone(),
            expected_version: 3,
            decision: decision.to_owned(),
        };
        let decision = house.cases.clone().draft_decision(draft).await.unwrap().into_inner().decision_id;
        let version = house.write("first", (&opened.case_id, 4), &decision, text(&[])).await.unwrap();
        let approve = ApproveDecisionRequest {
            context: Some(context("second")),
            case_id: opened.case_id.clone(),
            expected_version: version,
            decision_id: decision.clone(),
        };
        house.cases.clone().approve_decision(approve).await.unwrap();
        Self { desk, case: opened.case_id, version: version + 1, decision }
    }

    pub(super) async fn issue(&self) -> Result<String, Status> {
        let request = IssueDecisionRequest {
            context: Some(context("first")),
            case_id: self.case.clone(),
            expected_version: self.version,
            decision_id: self.decision.clone(),
        };
        Ok(self.desk.house.cases.clone().issue_decision(request).await?.into_inner().stage)
    }

    /// Why it cannot be issued.
    pub(super) async fn waits_for(&self) -> String {
        let refused = self.issue().await.unwrap_err();
        assert_eq!(crate::house::code(&refused), "registry.alerts_first");
        straznica_error::detail_of(&refused).unwrap().detail
    }

    pub(super) async fn consult(&self, finding: &str, at: Timestamp) -> Result<AlertConsultation, Status> {
        let request = RecordAlertConsultationRequest {
            context: Some(context("first")),
            case_id: self.case.clone(),
            finding_id: finding.to_owned(),
            asked_at_ms: at.millis(),
        };
        let answer = self.desk.alerts.clone().record_alert_consultation(request).await?.into_inner();
        Ok(answer.consultation.unwrap())
    }

    pub(super) async fn answered(
        &self,
        id: &str,
        answer: IssuingStateAnswer,
        at: Timestamp,
    ) -> Result<AlertConsultation, Status> {
        let request = RecordAlertConsultationAnswerRequest {
            context: Some(context("first")),
            consultation_id: id.to_owned(),
            answer: answer.into(),
            answered_at_ms: at.millis(),
            note: "an expulsion order of 2024".to_owned(),
        };
        let answer = self.desk.alerts.clone().record_alert_consultation_answer(request).await?.into_inner();
        Ok(answer.consultation.unwrap())
    }
}

on_both_engines! {
    Migrations;

    async fn protection_waits_for_a_fresh_check_of_everybody(database: TestDatabase) {
        let desk = Desk::open(database).await;
        let parent = desk.register("Nikt", "Nijaki", "1871-01-01").await;
        let child = desk.register("Nikt", "Mały", "1890-01-01").await;
        let ripe = Ripe::of(&desk, &[&parent, &child], "refugee_status").await;
        assert!(ripe.waits_for().await.contains("not more than 72 hours"));
        desk.check(&parent, &ripe.case).await.unwrap();
        assert!(ripe.waits_for().await.contains("everybody"));
        desk.sis.script(Some(Fault::Down));
        desk.check(&child, &ripe.case).await.unwrap();
        assert!(ripe.waits_for().await.contains("could not be checked"));
        desk.sis.script(None);
        desk.check(&child, &ripe.case).await.unwrap();
        desk.house.at("2026-04-23T08:00:01Z");
        assert!(ripe.waits_for().await.contains("not more than 72 hours"));
        desk.check(&parent, &ripe.case).await.unwrap();
        desk.check(&child, &ripe.case).await.unwrap();
        assert_eq!(ripe.issue().await.unwrap(), "decided");
        desk.close().await;
    }

    async fn a_refusal_waits_for_nothing(database: TestDatabase) {
        let desk = Desk::open(database).await;
        let person = desk.register("Zmyślony", "Mściwój", "1873-02-19").await;
        assert_eq!(Ripe::of(&desk, &[&person], "refusal").await.issue().await.unwrap(), "decided");
        assert_eq!(desk.sis.asked(), 0);
        desk.close().await;
    }

    async fn protection_waits_for_two_officers_and_for_the_state_that_refused_entry(database: TestDatabase) {
        let desk = Desk::open(database).await;
        // Of the same name and year as somebody Germany refuses entry.
        let person = desk.register("Zmyslony", "Msciwoj", "1873-02-20").await;
        let ripe = Ripe::of(&desk, &[&person], "subsidiary_protection").await;
        let check = desk.check(&person, &ripe.case).await.unwrap();
        let finding = check.findings[0].finding_id.clone();
        assert!(ripe.waits_for().await.contains("two officers"));
        let asked_at = desk.house.clock.now();
        assert_eq!(refusal(ripe.consult(&finding, asked_at).await), "registry.not_now", "nothing is owed for a maybe");
        let id = desk.propose("first", &finding, AlertResolutionVerdict::SamePerson).await.unwrap();
        desk.decide("second", &id, true).await.unwrap();
        assert!(ripe.waits_for().await.contains("has to be consulted"));

        // Asked on Monday 20 April; the last day is Thursday 30.
        let asked = ripe.consult(&finding, asked_at).await.unwrap();
        assert_eq!((asked.kind.as_str(), asked.last_day.as_str(), asked.answer()), ("ask", "2026-04-30", IssuingStateAnswer::Awaited));
        assert_eq!((asked.issuing_state.as_str(), asked.basis.unwrap().article.as_str()), ("DEU", "art. 27"));
        assert_eq!(refusal(ripe.consult(&finding, asked_at).await), "registry.not_now", "once");
        assert!(ripe.waits_for().await.contains("2026-04-30"));
        // What it answers is weighed; it does not bind.
        let at = desk.house.at("2026-04-21T10:00:00Z");
        let objects = ripe.answered(&asked.consultation_id, IssuingStateAnswer::Objection, at).await.unwrap();
        assert_eq!((objects.answer(), objects.note.as_str()), (IssuingStateAnswer::Objection, "an expulsion order of 2024"));
        assert_eq!(ripe.issue().await.unwrap(), "decided");
        let listed = desk.list_of("", &ripe.case).await;
        assert_eq!(listed.consultations, [objects]);
        let kinds = desk.house.journal_kinds().await;
        for kind in ["alert_consultation.recorded", "alert_consultation.answered"] {
            assert_eq!(kinds.iter().filter(|told| *told == kind).count(), 1, "{kind}");
        }
        desk.close().await;
    }

    async fn silence_of_the_other_state_is_no_objection_and_its_own_alerts_hold_nobody_up(database: TestDatabase) {
        let desk = Desk::open(database).await;
        let banned = desk.register("Bezpowrotny", "Sulisław", "1831-03-03").await;
        let ripe = Ripe::of(&desk, &[&banned], "refugee_status").await;
        let check = desk.check(&banned, &ripe.case).await.unwrap();
        let asked_at = desk.house.clock.now();
        let asked = ripe.consult(&check.findings[0].finding_id, asked_at).await.unwrap();
        assert_eq!(asked.basis.unwrap().article, "art. 9 ust. 1");
        desk.house.at("2026-04-30T21:59:59Z");
        desk.check(&banned, &ripe.case).await.unwrap();
        assert!(ripe.waits_for().await.contains("2026-04-30"));
        // The day ends in Warsaw.
        let late = desk.house.at("2026-04-30T22:00:00Z");
        let answer = ripe.answered(&asked.consultation_id, IssuingStateAnswer::Objection, late).await.unwrap();
        assert_eq!(answer.answer(), IssuingStateAnswer::Silence, "too late to matter");
        assert_eq!(ripe.issue().await.unwrap(), "decided");

        // Without an entry ban it is told, and no answer is waited for.
        let let_go = desk.register("Powrotny", "Gniewomir", "1848-02-29").await;
        let ripe = Ripe::of(&desk, &[&let_go], "refugee_status").await;
        let check = desk.check(&let_go, &ripe.case).await.unwrap();
        assert!(ripe.waits_for().await.contains("has to be consulted"));
        let told = ripe.consult(&check.findings[0].finding_id, desk.house.clock.now()).await.unwrap();
        assert_eq!((told.kind.as_str(), told.answer(), told.last_day.as_str()), ("inform", IssuingStateAnswer::Told, ""));
        let now = desk.house.clock.now();
        assert_eq!(refusal(ripe.answered(&told.consultation_id, IssuingStateAnswer::Objection, now).await), "registry.not_now");
        assert_eq!(ripe.issue().await.unwrap(), "decided");

        // Somebody sought for arrest may be granted protection all the same: that is for the decision to weigh.
        let sought = desk.register("Niebylski", "Dobrogost", "1855-12-24").await;
        let ripe = Ripe::of(&desk, &[&sought], "refugee_status").await;
        desk.check(&sought, &ripe.case).await.unwrap();
        assert_eq!(ripe.issue().await.unwrap(), "decided");
        desk.close().await;
    }
}

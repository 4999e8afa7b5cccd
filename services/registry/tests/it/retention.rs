//! How long what is kept of cases is kept, and its erasure by two officers.

use std::path::Path;

use straznica_contracts::registry::v1::retention_service_client::RetentionServiceClient;
use straznica_contracts::registry::v1::{
    ApproveErasureRequest, ErasureState, GetDecisionRequest, GetErasureRequest, GetErasureResponse, LiftHoldRequest,
    ListHoldsRequest, ListRetentionRulesRequest, PlaceHoldRequest, PreviewErasureRequest, PreviewErasureResponse,
    ProposeErasureRequest,
};
use straznica_journal::verify::{Options, verify_database};
use straznica_registry::{Config, Migrations};
use straznica_runtime::channel::Channel;
use straznica_store::on_both_engines;
use tonic::Status;

use crate::house::{House, context, event, refusal};
use crate::stories::teller::Story;

/// A year, for what takes fifty.
fn short_lives(config: &mut Config, folder: &Path) {
    let built_in = include_str!("../../rules/retention/retention.toml");
    let file = folder.join("retention.toml");
    std::fs::write(&file, built_in.replace("months = 600", "months = 12")).unwrap();
    config.retention = Some(file);
}

struct Archive {
    retention: RetentionServiceClient<Channel>,
}

impl Archive {
    fn of(house: &House) -> Self {
        Self { retention: RetentionServiceClient::new(house.channel.clone()) }
    }

    async fn preview(&self) -> PreviewErasureResponse {
        let request = PreviewErasureRequest { context: Some(context("first")), rule: "protection_files".to_owned() };
        self.retention.clone().preview_erasure(request).await.unwrap().into_inner()
    }

    async fn propose(&self, rule: &str) -> Result<String, Status> {
        let request = ProposeErasureRequest { context: Some(context("first")), rule: rule.to_owned() };
        Ok(self.retention.clone().propose_erasure(request).await?.into_inner().erasure_id)
    }

    async fn approve(&self, officer: &str, erasure: &str) -> Result<(), Status> {
        let request = ApproveErasureRequest { context: Some(context(officer)), erasure_id: erasure.to_owned() };
        self.retention.clone().approve_erasure(request).await.map(drop)
    }

    async fn report(&self, erasure: &str) -> GetErasureResponse {
        let request = GetErasureRequest { context: Some(context("first")), erasure_id: erasure.to_owned() };
        self.retention.clone().get_erasure(request).await.unwrap().into_inner()
    }

    async fn hold(&self, officer: &str, case: &str) -> String {
        let request = PlaceHoldRequest {
            context: Some(context(officer)),
            case_id: case.to_owned(),
            reason: "the ombudsman asked for it".to_owned(),
        };
        self.retention.clone().place_hold(request).await.unwrap().into_inner().hold_id
    }

    async fn lift(&self, officer: &str, hold: &str) -> Result<(), Status> {
        let request = LiftHoldRequest {
            context: Some(context(officer)),
            hold_id: hold.to_owned(),
            reason: "the ombudsman is done".to_owned(),
        };
        self.retention.clone().lift_hold(request).await.map(drop)
    }
}

/// Everything numbered, nothing found.
async fn journal_is_sound(house: &House) -> u64 {
    let store = house.database.store();
    loop {
        let report = verify_database(store, &Options::default()).await.unwrap();
        // What was erased is on record once the record is numbered.
        if report.unsequenced == 0 {
            assert!(report.valid, "{report:?}");
            return report.erased;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}

on_both_engines! {
    Migrations;

    async fn what_is_due_is_erased_once_two_officers_agree_and_the_journal_verifies(database: TestDatabase) {
        let house = House::open_with(database, short_lives).await;
        let archive = Archive::of(&house);
        let (mother, father) = (house.somebody().await, house.somebody().await);
        let both = [mother.as_str(), father.as_str()];
        // Closed on Thursday 21 May 2026: it has to be kept to 21 May 2027.
        let mut story = Story::of(house, &both, "2026-05-04T10:00:00+02:00", "application_registered").await;
        story.decided("2026-05-05T10:00:00+02:00", "left_unexamined").await;
        story.then("2026-05-06T10:00:00+02:00", "decision_served decision=left_unexamined").await;
        story.then("2026-05-21T10:00:00+02:00", "decision_final decision=left_unexamined").await;
        // The father has another case, which goes on.
        let now = story.house.at("2026-05-22T08:00:00Z");
        story.house.open_case("protection", &[&father], event("application_registered", now)).await.unwrap();
        let decision = story.shown().await.decisions[0].decision_id.clone();

        story.house.at("2027-05-21T20:00:00Z");
        story.house.turn("registry_worklist").await;
        assert_eq!((archive.preview().await.due.len(), archive.preview().await.held.len()), (0, 0));
        story.house.at("2027-05-21T22:00:00Z");
        let preview = archive.preview().await;
        assert_eq!((preview.due.len(), preview.more), (1, false));
        let due = &preview.due[0];
        assert_eq!((due.closed_on.as_str(), due.kept_to.as_str()), ("2026-05-21", "2027-05-21"));

        let hold = archive.hold("first", &story.case).await;
        assert_eq!((archive.preview().await.due.len(), archive.preview().await.held.len()), (0, 1));
        assert_eq!(refusal(archive.propose("protection_files").await), "registry.not_now");
        assert_eq!(refusal(archive.propose("no_such_rule").await), "registry.invalid_request");
        assert_eq!(refusal(archive.lift("first", &hold).await), "registry.four_eyes");
        archive.lift("second", &hold).await.unwrap();

        let erasure = archive.propose("protection_files").await.unwrap();
        assert_eq!(refusal(archive.approve("first", &erasure).await), "registry.four_eyes");
        story.house.turn("registry_erasure").await;
        assert_eq!(archive.report(&erasure).await.items[0].state(), ErasureState::Waiting);
        archive.approve("second", &erasure).await.unwrap();
        assert_eq!(refusal(archive.approve("third", &erasure).await), "registry.not_now");
        // A hold that comes at the last moment counts.
        let hold = archive.hold("second", &story.case).await;
        story.house.turn("registry_erasure").await;
        assert_eq!(archive.report(&erasure).await.items[0].state(), ErasureState::Kept);
        assert_eq!(story.house.person(&mother).await.statements.len(), 1);
        archive.lift("first", &hold).await.unwrap();

        let erasure = archive.propose("protection_files").await.unwrap();
        archive.approve("second", &erasure).await.unwrap();
        story.house.turn("registry_erasure").await;
        let report = archive.report(&erasure).await;
        assert_eq!((report.items[0].state(), report.persons_erased), (ErasureState::Erased, 1));
        assert!(report.entries_erased > 5, "{report:?}");
        // Nothing is left of the mother; of the father, what the other case needs; of the case, its number and course.
        assert!(story.house.person(&mother).await.statements.is_empty());
        assert_eq!(story.house.person(&father).await.statements.len(), 1);
        let case = story.shown().await;
        assert_eq!((case.stage.as_str(), case.person_ids.len(), case.events.len()), ("closed", 0, 4));
        let request = GetDecisionRequest {
            context: Some(context("first")),
            case_id: story.case.clone(),
            decision_id: decision,
            text_version: 0,
        };
        let shown = story.house.decisions.clone().get_decision(request).await.unwrap().into_inner();
        assert!(shown.text.is_none() && shown.services.is_empty());
        assert_eq!(u64::from(report.entries_erased), journal_is_sound(&story.house).await);
        // Done is done.
        assert!(archive.preview().await.due.is_empty());
        story.house.turn("registry_erasure").await;
        assert_eq!(archive.report(&erasure).await.entries_erased, report.entries_erased);

        let request = ListHoldsRequest { context: Some(context("first")), case_id: story.case.clone() };
        let holds = archive.retention.clone().list_holds(request).await.unwrap().into_inner().holds;
        let mut lifted: Vec<&str> = holds.iter().map(|hold| hold.lifted_by.as_str()).collect();
        lifted.sort_unstable();
        assert_eq!(lifted, ["first", "second"]);
        let request = ListRetentionRulesRequest { context: Some(context("first")) };
        let rules = archive.retention.clone().list_retention_rules(request).await.unwrap().into_inner().rules;
        assert_eq!((rules[0].rule.as_str(), rules[0].keep, rules[0].unit.as_str()), ("protection_files", 12, "months"));
        story.ends().await;
    }
}

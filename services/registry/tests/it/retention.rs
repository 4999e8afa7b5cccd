//! How long what is kept of cases is kept, and its erasure by two officers.

use std::path::Path;

use straznica_contracts::registry::v1::alert_service_client::AlertServiceClient;
use straznica_contracts::registry::v1::retention_service_client::RetentionServiceClient;
use straznica_contracts::registry::v1::{
    ApproveErasureRequest, CheckPersonRequest, ConsultationFlow, ConsultationOutcome, ErasureState, GetDecisionRequest,
    GetErasureRequest, GetErasureResponse, IntakeKind, LiftHoldRequest, ListErasuresRequest, ListHoldsRequest,
    ListRetentionRulesRequest, OpenConsultationRequest, PlaceHoldRequest, PreviewErasureRequest,
    PreviewErasureResponse, ProposeErasureRequest,
};
use straznica_journal::verify::{Options, verify_database};
use straznica_registry::{Config, Migrations};
use straznica_runtime::channel::Channel;
use straznica_simulators::consultation_network::{Weather, Written};
use straznica_store::on_both_engines;
use tonic::Status;

use crate::consultations::{Body, officer};
use crate::house::{House, context, event, refusal};
use crate::intake::{found, own, take_in};
use crate::merges::{confirm, propose};
use crate::search::{born, named};
use crate::stories::teller::Story;

/// A year, for what takes fifty.
fn short_lives(config: &mut Config, folder: &Path) {
    let built_in = include_str!("../../rules/retention/retention.toml");
    let file = folder.join("retention.toml");
    std::fs::write(&file, built_in.replace("months = 600", "months = 12").replace("months = 60 ", "months = 12 "))
        .unwrap();
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
        self.preview_of("protection_files").await
    }

    async fn preview_of(&self, rule: &str) -> PreviewErasureResponse {
        let request = PreviewErasureRequest { context: Some(context("first")), rule: rule.to_owned() };
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

/// Merges two as they are now.
async fn merge(house: &House, one: &str, other: &str) {
    let merge = propose(house, one, other).await.unwrap();
    let versions = (house.person(one).await.version, house.person(other).await.version);
    confirm(house, "second", &merge, versions).await.unwrap();
}

/// How many persons each table knows of, and how many rows those have that know of none.
async fn left(house: &House) -> Vec<String> {
    let mut left = Vec::new();
    for (table, counted) in [
        ("statement", "DISTINCT person_id"),
        ("finding_record", "DISTINCT person_id"),
        ("finding_key", "DISTINCT person_id"),
        ("alert_check", "*"),
        ("alert_finding", "*"),
        ("alert_resolution", "*"),
        ("person_merge", "*"),
        ("merge_step", "*"),
        ("duplicate", "*"),
    ] {
        let count = house.texts(&format!("SELECT CAST(count({counted}) AS TEXT) FROM {table}")).await;
        left.push(format!("{} {table}", count[0]));
    }
    left
}

/// A case of somebody, opened and closed in May 2026.
async fn closed_case(house: House, person: &str) -> Story {
    let mut story = Story::of(house, &[person], "2026-05-04T10:00:00+02:00", "application_registered").await;
    story.decided("2026-05-05T10:00:00+02:00", "left_unexamined").await;
    story.then("2026-05-06T10:00:00+02:00", "decision_served decision=left_unexamined").await;
    story.then("2026-05-21T10:00:00+02:00", "decision_final decision=left_unexamined").await;
    story
}

/// Everything that is due, by two officers; how many persons went.
async fn erased(story: &Story, archive: &Archive) -> u32 {
    story.house.at("2027-05-21T22:00:00Z");
    story.house.turn("registry_worklist").await;
    let erasure = archive.propose("protection_files").await.unwrap();
    archive.approve("second", &erasure).await.unwrap();
    story.house.turn("registry_erasure").await;
    archive.report(&erasure).await.persons_erased
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
        let request = ListErasuresRequest { context: Some(context("second")) };
        let listed = archive.retention.clone().list_erasures(request).await.unwrap().into_inner().erasures;
        let [waiting] = listed.as_slice() else { panic!("{listed:?}") };
        assert_eq!((&waiting.erasure_id, waiting.proposed_by.as_str(), waiting.approved_by.as_str()), (&erasure, "first", ""));
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
        assert!(holds.iter().all(|hold| hold.reason.is_empty() && hold.lifting_reason.is_empty()), "{holds:?}");
        let mut lifted: Vec<&str> = holds.iter().map(|hold| hold.lifted_by.as_str()).collect();
        lifted.sort_unstable();
        assert_eq!(lifted, ["first", "second"]);
        let request = ListRetentionRulesRequest { context: Some(context("first")) };
        let rules = archive.retention.clone().list_retention_rules(request).await.unwrap().into_inner().rules;
        assert_eq!((rules[0].rule.as_str(), rules[0].keep, rules[0].unit.as_str()), ("protection_files", 12, "months"));
        story.ends().await;
    }

    async fn who_was_registered_twice_goes_under_both_ids_and_nothing_is_left(database: TestDatabase) {
        let house = House::open_with(database, short_lives).await;
        let archive = Archive::of(&house);
        let stays = house.register(vec![named("Jan", "Kowalski", "", ""), born("1970-03-04")]).await.unwrap();
        let first = vec![named("Oleksandr", "Shevchenko", "Олександр", "Шевченко"), born("1990-05-07")];
        let first = house.register(first).await.unwrap();
        // Once more, by a file of an old register: found alike, and by the old number.
        let file = "row_id,number,surname,given_names,birth_date\n1,OLD-17,Szewczenko,Aleksander,1990-05-07\n";
        take_in(&house, own(IntakeKind::Persons), file.as_bytes()).await;
        let (_, second) = found(&house, "OLD-17").await.remove(0);
        merge(&house, &first, &second).await;
        // Somebody who was taken for them and is not: the proposal was rejected.
        let brother = vec![named("Andrij", "Shevchenko", "", ""), born("1990-05-07")];
        let brother = house.register(brother).await.unwrap();
        let request = CheckPersonRequest { context: Some(context("first")), person_id: second.clone(), case_id: String::new() };
        AlertServiceClient::new(house.channel.clone()).check_person(request).await.unwrap();
        let sealed = "(SELECT sealed FROM statement ORDER BY id LIMIT 1)";
        house.execute(&format!(
            "INSERT INTO alert_finding (id, check_id, person_id, position, alert, compared, exact, sealed, found_at) \
             SELECT id, id, person_id, 0, 'alert', 'compared', TRUE, {sealed}, 1 FROM alert_check"
        )).await;
        house.execute(&format!(
            "INSERT INTO alert_resolution (id, person_id, alert, compared, verdict, state, sealed, proposed_by, proposed_at) \
             SELECT id, person_id, 'alert', 'compared', 'same_person', 'proposed', {sealed}, 'first', 1 FROM alert_check"
        )).await;
        let story = closed_case(house, &second).await;
        let before = left(&story.house).await;
        assert_eq!(before[0], "4 statement");
        assert!(before.iter().all(|count| !count.starts_with("0 ")), "{before:?}");

        assert_eq!(erased(&story, &archive).await, 2, "both ids");
        let after = left(&story.house).await;
        let expected = [
            "2 statement", "2 finding_record", "2 finding_key", "0 alert_check", "0 alert_finding", "0 alert_resolution",
            "0 person_merge", "0 merge_step", "0 duplicate",
        ];
        assert_eq!(after, expected);
        assert_eq!(found(&story.house, "OLD-17").await, []);
        for gone in [&first, &second] {
            assert!(story.house.person(gone).await.statements.is_empty());
        }
        for there in [&stays, &brother] {
            assert_eq!(story.house.person(there).await.statements.len(), 2);
        }
        // The same file again brings nobody back.
        let (_, counts) = take_in(&story.house, own(IntakeKind::Persons), file.as_bytes()).await;
        assert_eq!((counts.unchanged, counts.accepted), (1, 0));
        assert!(story.house.person(&second).await.statements.is_empty());
        journal_is_sound(&story.house).await;
        story.ends().await;
    }

    async fn whoever_is_needed_under_another_id_stays(database: TestDatabase) {
        let house = House::open_with(database, short_lives).await;
        let archive = Archive::of(&house);
        let (one, two, three) = (house.somebody().await, house.somebody().await, house.somebody().await);
        merge(&house, &two, &one).await;
        merge(&house, &three, &two).await;
        let story = closed_case(house, &one).await;
        // A case of the same person under the third id goes on.
        let now = story.house.at("2026-05-22T08:00:00Z");
        story.house.open_case("protection", &[&three], event("application_registered", now)).await.unwrap();
        assert_eq!(erased(&story, &archive).await, 0);
        assert_eq!(story.house.person(&three).await.statements.len(), 3, "of each what was stated of them");
        story.ends().await;
    }

    async fn a_consultation_is_erased_by_two_and_what_comes_afterwards_changes_nothing(database: TestDatabase) {
        let house = Box::pin(House::built(database, Some(Weather::fair()), short_lives)).await;
        let archive = Archive::of(&house);
        house.at("2026-04-20T08:00:00Z");
        let request = Written::request("F-1", "FRA0001", "IWANOW", "BLR");
        house.network().sends("FRA", request.clone());
        let ours = house.consult(ConsultationFlow::Outgoing, "", &["ESP"]).await.unwrap().consultation_id;
        for _ in 0..2 {
            house.turn("consultation_send").await;
            house.turn("consultation_collect").await;
        }
        let theirs = house.consultation_ids().await.into_iter().find(|id| *id != ours).unwrap();
        house.answer(&theirs, true, "").await.unwrap();
        house.turn("consultation_send").await;
        // Answered on Monday 20 April 2026, and nobody is asked any more: kept to 20 April 2027.
        house.at("2026-04-27T08:00:00Z");
        house.turn("consultation_silence").await;
        house.at("2027-04-20T20:00:00Z");
        assert_eq!(archive.preview_of("visa_consultations").await.due.len(), 0);
        house.at("2027-04-20T22:00:00Z");
        let due = archive.preview_of("visa_consultations").await.due;
        let number = house.consultation(&theirs).await.number;
        assert_eq!(due.iter().map(|item| item.case_number.as_str()).collect::<Vec<_>>(), [number.as_str()], "what is open is not due");
        assert_eq!((due[0].case_id.as_str(), due[0].kept_to.as_str()), ("", "2027-04-20"));
        let erasure = archive.propose("visa_consultations").await.unwrap();
        assert_eq!(refusal(archive.approve("first", &erasure).await), "registry.four_eyes");
        archive.approve("second", &erasure).await.unwrap();
        house.turn("registry_erasure").await;
        let report = archive.report(&erasure).await;
        assert_eq!((report.items[0].state(), report.items[0].case_number.as_str()), (ErasureState::Erased, number.as_str()));
        assert!(report.entries_erased > 3, "{report:?}");

        // Of whom it was nothing is left; that it was, who was asked and how it ended stay.
        let shown = house.consultation(&theirs).await;
        assert!(shown.subject.is_none() && shown.reference.is_empty(), "{shown:?}");
        assert!(shown.entries.iter().all(|entry| entry.remark.is_empty() && entry.grounds == 0), "{shown:?}");
        assert_eq!((shown.asked_by.as_str(), shown.outcome()), ("FRA", ConsultationOutcome::Objection));
        assert!(house.consultation(&ours).await.subject.is_some(), "another's is not touched");
        let left = house.texts("SELECT unifier FROM scn_received WHERE length(sealed) > 0 AND letter = 'A'").await;
        assert!(left.is_empty(), "{left:?}");
        let left = house.texts("SELECT unifier FROM scn_sent WHERE length(sealed) > 0 AND letter = 'B'").await;
        assert!(left.is_empty(), "{left:?}");
        // A copy of the old request opens nothing, and a body that replies now was asked nothing.
        house.network().delivers("FRA", &request.subject, &request.body);
        house.turn("consultation_collect").await;
        assert_eq!(house.consultation_ids().await.len(), 2);
        let late = Body::new(&house, "abw").replies(&theirs, true).await;
        assert_eq!(refusal(late), "registry.not_found");
        assert!(archive.preview_of("visa_consultations").await.due.is_empty());
        assert_eq!(u64::from(report.entries_erased), journal_is_sound(&house).await);
        house.close().await;
    }

    async fn opinions_are_erased_with_the_file_of_their_case(database: TestDatabase) {
        let house = House::open_with(database, short_lives).await;
        let archive = Archive::of(&house);
        let person = house.somebody().await;
        let mut story = Story::of(house, &[person.as_str()], "2026-05-04T10:00:00+02:00", "application_registered").await;
        let mut request = OpenConsultationRequest {
            context: Some(officer("first")),
            case_id: story.case.clone(),
            person_id: person.clone(),
            asked: vec!["abw".to_owned()],
            ..OpenConsultationRequest::default()
        };
        request.set_flow(ConsultationFlow::ProtectionOpinion);
        let opened = story.house.consultations.clone().open_consultation(request).await.unwrap().into_inner();
        Body::new(&story.house, "abw").replies(&opened.consultation_id, true).await.unwrap();
        // The case has heard of both.
        story.version = story.house.case(&story.case).await.version;
        story.decided("2026-05-05T10:00:00+02:00", "left_unexamined").await;
        story.then("2026-05-06T10:00:00+02:00", "decision_served decision=left_unexamined").await;
        story.then("2026-05-21T10:00:00+02:00", "decision_final decision=left_unexamined").await;
        story.house.at("2027-05-22T08:00:00Z");
        story.house.turn("registry_worklist").await;
        let erasure = archive.propose("protection_files").await.unwrap();
        archive.approve("second", &erasure).await.unwrap();
        story.house.turn("registry_erasure").await;
        assert_eq!(archive.report(&erasure).await.items[0].state(), ErasureState::Erased);
        let shown = story.house.consultation(&opened.consultation_id).await;
        assert!(shown.subject.is_none() && shown.person_id.is_empty() && shown.case_id.is_empty(), "{shown:?}");
        assert_eq!(shown.outcome(), ConsultationOutcome::SomethingAgainst);
        story.ends().await;
    }
}

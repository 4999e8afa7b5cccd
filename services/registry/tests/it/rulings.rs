//! What decisions say, who signs them, how they are served.

use straznica_contracts::registry::v1::{
    ApproveDecisionRequest, DecisionText, DraftDecisionRequest, GetDecisionRequest, GetDecisionResponse,
    IssueDecisionRequest, PanelVote, RecordServiceRequest, RenderDecisionRequest, ServiceManner, ServiceRecord,
    Translation,
};
use straznica_registry::Migrations;
use straznica_store::on_both_engines;
use straznica_store::testing::TestDatabase;
use straznica_types::Timestamp;
use tonic::Status;

use crate::house::{House, context, event, refusal, text};

/// A case whose version the desk follows.
struct Desk {
    house: House,
    person: String,
    case: String,
    version: u64,
}

impl Desk {
    /// On the merits, since Monday 4 May 2026.
    async fn open(database: TestDatabase) -> Self {
        let house = House::open(database).await;
        let person = house.somebody().await;
        let now = house.at("2026-05-04T08:00:00Z");
        let opened = house.open_case("protection", &[&person], event("application_registered", now)).await.unwrap();
        let mut desk = Self { house, person, case: opened.case_id, version: 1 };
        desk.happens("application_forwarded", now).await;
        desk.happens("merits_opened", now).await;
        desk
    }

    async fn happens(&mut self, name: &str, at: Timestamp) {
        self.version = self.house.record(&self.case, self.version, event(name, at)).await.unwrap().version;
    }

    async fn draft(&mut self, officer: &str, decision: &str) -> String {
        let request = DraftDecisionRequest {
            context: Some(context(officer)),
            case_id: self.case.clone(),
            expected_version: self.version,
            decision: decision.to_owned(),
        };
        let drafted = self.house.cases.clone().draft_decision(request).await.unwrap().into_inner();
        self.version = drafted.version;
        drafted.decision_id
    }

    async fn write(&mut self, officer: &str, decision: &str, words: DecisionText) -> Result<(), Status> {
        self.version = self.house.write(officer, (&self.case, self.version), decision, words).await?;
        Ok(())
    }

    async fn approve(&mut self, officer: &str, decision: &str) -> Result<(), Status> {
        let request = ApproveDecisionRequest {
            context: Some(context(officer)),
            case_id: self.case.clone(),
            expected_version: self.version,
            decision_id: decision.to_owned(),
        };
        self.version = self.house.cases.clone().approve_decision(request).await?.into_inner().version;
        Ok(())
    }

    async fn issue(&mut self, decision: &str) {
        let request = IssueDecisionRequest {
            context: Some(context("first")),
            case_id: self.case.clone(),
            expected_version: self.version,
            decision_id: decision.to_owned(),
        };
        self.version = self.house.cases.clone().issue_decision(request).await.unwrap().into_inner().version;
    }

    async fn serve(&mut self, decision: &str, service: ServiceRecord) -> Result<String, Status> {
        let request = RecordServiceRequest {
            context: Some(context("guard")),
            case_id: self.case.clone(),
            expected_version: self.version,
            decision_id: decision.to_owned(),
            service: Some(service),
        };
        let recorded = self.house.decisions.clone().record_service(request).await?.into_inner();
        self.version = recorded.version;
        Ok(recorded.stage)
    }

    async fn read(&self, decision: &str, version: u32) -> Result<GetDecisionResponse, Status> {
        let request = GetDecisionRequest {
            context: Some(context("first")),
            case_id: self.case.clone(),
            decision_id: decision.to_owned(),
            text_version: version,
        };
        Ok(self.house.decisions.clone().get_decision(request).await?.into_inner())
    }

    async fn letter(&self, decision: &str) -> Result<String, Status> {
        let request = RenderDecisionRequest {
            context: Some(context("first")),
            case_id: self.case.clone(),
            decision_id: decision.to_owned(),
        };
        let rendered = self.house.decisions.clone().render_decision(request).await?.into_inner();
        assert_eq!(rendered.content_type, "text/html; charset=utf-8");
        Ok(String::from_utf8(rendered.content).unwrap())
    }

    fn service(&self, manner: ServiceManner, at: Timestamp, note: &str) -> ServiceRecord {
        ServiceRecord {
            manner: manner.into(),
            at_ms: at.millis(),
            recipient_person_id: self.person.clone(),
            served_by: "centre guard 7".to_owned(),
            note: note.to_owned(),
            recorded_by: String::new(),
            recorded_at_ms: 0,
        }
    }
}

on_both_engines! {
    Migrations;

    async fn a_text_has_versions_is_sealed_and_comes_with_what_can_be_done_against_it(database: TestDatabase) {
        let mut desk = Desk::open(database).await;
        let id = desk.draft("first", "refusal").await;
        assert!(desk.read(&id, 0).await.unwrap().text.is_none());
        assert_eq!(refusal(desk.letter(&id).await), "registry.not_now");
        assert_eq!(refusal(desk.write("first", &id, DecisionText::default()).await), "registry.invalid_request");
        desk.write("first", &id, text(&[])).await.unwrap();
        let mut better = text(&[]);
        better.grounds[0].text = "Zeznania są niespójne.".to_owned();
        better.translation = Some(Translation {
            language: "ru".to_owned(),
            operative: vec!["Отказать.".to_owned()],
            instruction: "Обжалование в течение 14 дней.".to_owned(),
        });
        desk.write("third", &id, better).await.unwrap();

        let shown = desk.read(&id, 0).await.unwrap();
        assert_eq!((shown.text_version, shown.written_by.as_str()), (2, "third"));
        assert_eq!(shown.text.as_ref().unwrap().grounds[0].text, "Zeznania są niespójne.");
        assert_eq!(shown.text.as_ref().unwrap().translation.as_ref().unwrap().language, "ru");
        let first = desk.read(&id, 1).await.unwrap();
        assert_eq!((first.text_version, first.written_by.as_str()), (1, "first"));
        assert_eq!(refusal(desk.read(&id, 3).await), "registry.not_found");
        let [appeal] = &shown.instruction[..] else { panic!("{:?}", shown.instruction.len()) };
        assert_eq!((appeal.rule.as_str(), appeal.basis.as_ref().unwrap().article.as_str()), ("appeal", "art. 129 § 2"));

        let hex = match desk.house.database.store().engine() {
            straznica_store::Engine::Sqlite => "hex(sealed)",
            straznica_store::Engine::Postgres => "upper(encode(sealed, 'hex'))",
        };
        let kept = desk.house.texts(&format!("SELECT {hex} FROM decision_text")).await.join("");
        let word: String = "Zeznania".bytes().map(|byte| format!("{byte:02X}")).collect();
        assert!(!kept.is_empty() && !kept.contains(&word));
        let details = desk.house.texts("SELECT detail FROM journal_payload").await.join("");
        assert!(!details.contains("Zeznania"));
        let kinds = desk.house.journal_kinds().await;
        for (kind, times) in [("decision.text_written", 2), ("decision.read", 3)] {
            assert_eq!(kinds.iter().filter(|told| *told == kind).count(), times, "{kind}");
        }

        let draft = desk.letter(&id).await.unwrap();
        assert!(draft.contains("PROJEKT") && draft.contains("Iwanow"));
        desk.approve("second", &id).await.unwrap();
        desk.issue(&id).await;
        let letter = desk.letter(&id).await.unwrap();
        assert!(letter.contains("2026-05-04") && letter.contains("Отказать.") && !letter.contains("PROJEKT"));
        desk.house.close().await;
    }

    async fn service_is_recorded_with_what_it_means_to_the_law(database: TestDatabase) {
        let mut desk = Desk::open(database).await;
        let now = "2026-05-04T08:00:00Z".parse().unwrap();
        let id = desk.draft("first", "refusal").await;
        desk.write("first", &id, text(&[])).await.unwrap();
        let early = desk.serve(&id, desk.service(ServiceManner::InHand, now, "")).await;
        assert_eq!(refusal(early), "registry.not_now");
        desk.approve("second", &id).await.unwrap();
        desk.issue(&id).await;
        let silent = desk.serve(&id, desk.service(ServiceManner::Refused, now, "")).await;
        assert_eq!(refusal(silent), "registry.invalid_request");
        let stranger = desk.house.somebody().await;
        let mut other = desk.service(ServiceManner::InHand, now, "");
        other.recipient_person_id = stranger;
        assert_eq!(refusal(desk.serve(&id, other).await), "registry.invalid_request");
        let refused = desk.service(ServiceManner::Refused, now, "turned away at the counter");
        assert_eq!(desk.serve(&id, refused).await.unwrap(), "served");
        let again = desk.service(ServiceManner::InHand, now, "");
        assert_eq!(refusal(desk.serve(&id, again).await), "registry.not_now");

        let shown = desk.read(&id, 0).await.unwrap();
        let [service] = &shown.services[..] else { panic!("{}", shown.services.len()) };
        assert_eq!((service.manner(), service.note.as_str()), (ServiceManner::Refused, "turned away at the counter"));
        assert_eq!((service.served_by.as_str(), service.recorded_by.as_str()), ("centre guard 7", "guard"));
        let case = desk.house.case(&desk.case).await;
        assert_eq!(case.events.last().unwrap().event.as_ref().unwrap().event, "service_refused");
        // Two weeks from Monday 4 May.
        let appeal = case.deadlines.iter().find(|deadline| deadline.rule == "appeal").unwrap();
        assert_eq!(appeal.last_day, "2026-05-18");
        desk.house.close().await;
    }

    async fn the_board_decides_as_three_by_majority_and_none_of_them_saw_the_case_below(database: TestDatabase) {
        let mut desk = Desk::open(database).await;
        let now: Timestamp = "2026-05-04T08:00:00Z".parse().unwrap();
        let id = desk.draft("first", "refusal").await;
        desk.write("first", &id, text(&[])).await.unwrap();
        desk.approve("second", &id).await.unwrap();
        desk.issue(&id).await;
        desk.serve(&id, desk.service(ServiceManner::InHand, now, "")).await.unwrap();
        desk.happens("appeal_filed", now).await;

        let id = desk.draft("clerk", "board_upheld").await;
        for members in [&[][..], &["elder", "chair"], &["elder", "elder", "chair"]] {
            assert_eq!(refusal(desk.write("clerk", &id, text(members)).await), "registry.invalid_request");
        }
        let partial = desk.write("clerk", &id, text(&["elder", "chair", "second"])).await;
        assert_eq!(refusal(partial), "registry.four_eyes", "who approved the refusal");
        let vote = |member: &str, agrees, dissent: &str| PanelVote {
            member: member.to_owned(),
            agrees,
            dissent: dissent.to_owned(),
        };
        let mut words = text(&[]);
        words.panel = vec![vote("elder", true, ""), vote("chair", false, ""), vote("youngest", false, "")];
        assert_eq!(refusal(desk.write("clerk", &id, words.clone()).await), "registry.invalid_request");
        words.panel = vec![vote("elder", true, ""), vote("chair", true, ""), vote("youngest", false, "The risk is real.")];
        desk.write("clerk", &id, words).await.unwrap();
        assert_eq!(refusal(desk.approve("youngest", &id).await), "registry.invalid_request");
        assert_eq!(refusal(desk.approve("third", &id).await), "registry.invalid_request");
        desk.approve("chair", &id).await.unwrap();
        desk.issue(&id).await;
        let shown = desk.read(&id, 0).await.unwrap();
        assert_eq!(shown.text.as_ref().unwrap().panel[2].dissent, "The risk is real.");
        assert_eq!(shown.instruction[0].rule, "complaint");
        let letter = desk.letter(&id).await.unwrap();
        assert!(letter.contains("zdanie odrębne") && !letter.contains("The risk is real."));
        desk.house.close().await;
    }
}

//! Consultations: who is asked, what silence says and when, what the case hears of it.

use straznica_contracts::common::v1::CallContext;
use straznica_contracts::registry::v1::consultation_service_client::ConsultationServiceClient;
use straznica_contracts::registry::v1::consulted_body_service_client::ConsultedBodyServiceClient;
use straznica_contracts::registry::v1::{
    ApproveDecisionRequest, BodyQuestion, Consultation, ConsultationFlow, ConsultationOutcome, ConsultationReply,
    ConsultationSubject, Deadline, DraftDecisionRequest, ExtendQuestionRequest, GetConsultationRequest,
    IssueDecisionRequest, ListConsultationsRequest, ListQuestionsRequest, ListWorkRequest, ObjectionGrounds,
    OpenConsultationRequest, OpenConsultationResponse, ProlongAnswerRequest, QuestionState, RecordAnswerRequest,
    RecordConsulToldRequest, ReplyToQuestionRequest, WithdrawConsultationRequest,
};
use straznica_pki::PeerRole;
use straznica_registry::Migrations;
use straznica_runtime::channel::Channel;
use straznica_simulators::consultation_network::Weather;
use straznica_store::on_both_engines;
use tonic::{Code, Status};

use crate::house::{House, event, refusal, text};

pub(crate) const SILENCE: &str = "consultation_silence";

pub(crate) fn officer(name: &str) -> CallContext {
    CallContext { officer: name.to_owned(), purpose: "consultations".to_owned(), ..CallContext::default() }
}

fn somebody() -> ConsultationSubject {
    let mut subject = ConsultationSubject::default();
    subject.surname = "Iwanow".to_owned();
    subject.given_names = "Iwan".to_owned();
    subject.birth_date = "1990-05".to_owned();
    subject.nationality = "BLR".to_owned();
    subject.document_number = "MP1234567".to_owned();
    subject
}

/// A body at its own system.
pub(crate) struct Body(ConsultedBodyServiceClient<Channel>);

impl Body {
    pub(crate) fn new(house: &House, name: &str) -> Self {
        Self(ConsultedBodyServiceClient::new(house.channel_of(&PeerRole::Consulted(name.to_owned()))))
    }

    pub(crate) async fn questions(&self) -> Vec<BodyQuestion> {
        let request = ListQuestionsRequest { context: Some(officer("theirs")), limit: 0, body: String::new() };
        self.0.clone().list_questions(request).await.unwrap().into_inner().questions
    }

    /// Tells whether it came too late.
    pub(crate) async fn replies(&self, id: &str, objects: bool) -> Result<bool, Status> {
        let mut request = ReplyToQuestionRequest {
            context: Some(officer("theirs")),
            consultation_id: id.to_owned(),
            reference: "K-1/2026".to_owned(),
            ..ReplyToQuestionRequest::default()
        };
        if objects {
            request.set_reply(ConsultationReply::Objection);
            request.set_grounds(ObjectionGrounds::StateSecurity);
        } else {
            request.set_reply(ConsultationReply::NoObjection);
        }
        Ok(self.0.clone().reply_to_question(request).await?.into_inner().late)
    }

    async fn extends(&self, id: &str) -> Result<Deadline, Status> {
        let request = ExtendQuestionRequest {
            body: String::new(),
            context: Some(officer("theirs")),
            consultation_id: id.to_owned(),
            remark: "abroad".to_owned(),
        };
        Ok(self.0.clone().extend_question(request).await?.into_inner().deadline.unwrap())
    }
}

impl House {
    pub(crate) async fn consult(
        &self,
        flow: ConsultationFlow,
        case: &str,
        asked: &[&str],
    ) -> Result<OpenConsultationResponse, Status> {
        let mut request = OpenConsultationRequest {
            context: Some(officer("first")),
            case_id: case.to_owned(),
            subject: Some(somebody()),
            asked_by: "PL-MSK".to_owned(),
            reference: "V-17".to_owned(),
            asked: asked.iter().map(|of| (*of).to_owned()).collect(),
            ..OpenConsultationRequest::default()
        };
        request.set_flow(flow);
        Ok(self.consultations.clone().open_consultation(request).await?.into_inner())
    }

    pub(crate) async fn consultation(&self, id: &str) -> Consultation {
        let request = GetConsultationRequest { context: Some(officer("first")), consultation_id: id.to_owned() };
        self.consultations.clone().get_consultation(request).await.unwrap().into_inner().consultation.unwrap()
    }

    pub(crate) async fn answer(&self, id: &str, objects: bool, remark: &str) -> Result<u64, Status> {
        let mut request = RecordAnswerRequest {
            context: Some(officer("first")),
            consultation_id: id.to_owned(),
            expected_version: self.consultation(id).await.version,
            remark: remark.to_owned(),
            ..RecordAnswerRequest::default()
        };
        request.set_reply(if objects { ConsultationReply::Objection } else { ConsultationReply::NoObjection });
        if objects {
            request.set_grounds(ObjectionGrounds::PublicOrder);
        }
        Ok(self.consultations.clone().record_answer(request).await?.into_inner().version)
    }

    async fn waiting(&self) -> Vec<String> {
        let request = ListWorkRequest { context: Some(crate::house::context("first")), ..ListWorkRequest::default() };
        let items = self.cases.clone().list_work(request).await.unwrap().into_inner().items;
        items.into_iter().flat_map(|item| item.blocked_by).collect()
    }

    /// A case at its merits.
    async fn at_merits(&self) -> (String, String) {
        let person = self.somebody().await;
        let now = self.at("2026-04-22T08:00:00Z");
        let opened = self.open_case("protection", &[&person], event("application_registered", now)).await.unwrap();
        self.record(&opened.case_id, 1, event("application_forwarded", now)).await.unwrap();
        self.record(&opened.case_id, 2, event("merits_opened", now)).await.unwrap();
        (opened.case_id, person)
    }

    /// A decision two officers agree on.
    async fn approved(&self, case: &str) -> String {
        let draft = DraftDecisionRequest {
            context: Some(crate::house::context("first")),
            case_id: case.to_owned(),
            expected_version: self.case(case).await.version,
            decision: "refugee_status".to_owned(),
        };
        let decision = self.cases.clone().draft_decision(draft).await.unwrap().into_inner().decision_id;
        let version = self.case(case).await.version;
        self.write("third", (case, version), &decision, text(&[])).await.unwrap();
        let approve = ApproveDecisionRequest {
            context: Some(crate::house::context("second")),
            case_id: case.to_owned(),
            expected_version: self.case(case).await.version,
            decision_id: decision.clone(),
        };
        self.cases.clone().approve_decision(approve).await.unwrap();
        decision
    }

    async fn issued(&self, case: &str, decision: &str) -> Result<String, Status> {
        let request = IssueDecisionRequest {
            context: Some(crate::house::context("first")),
            case_id: case.to_owned(),
            expected_version: self.case(case).await.version,
            decision_id: decision.to_owned(),
        };
        Ok(self.cases.clone().issue_decision(request).await?.into_inner().stage)
    }

    /// What happened in it, as a line each.
    async fn told(&self, id: &str) -> Vec<String> {
        let entries = self.consultation(id).await.entries;
        entries.iter().map(|entry| format!("{} {} {}", entry.event, entry.of, entry.by).trim().to_owned()).collect()
    }
}

fn state(consultation: &Consultation, of: &str) -> (QuestionState, bool) {
    let question = consultation.questions.iter().find(|question| question.of == of).unwrap();
    (question.state(), question.objects)
}

on_both_engines! {
    Migrations;

    async fn a_national_consultation_goes_from_the_consul_to_bodies_and_back(database: TestDatabase) {
        let house = House::open(database).await;
        let (abw, aw, police) = (Body::new(&house, "abw"), Body::new(&house, "aw"), Body::new(&house, "police"));
        // Wednesday 22 April 2026.
        house.at("2026-04-22T08:00:00Z");
        let opened = house.consult(ConsultationFlow::National, "", &["abw", "aw", "police"]).await.unwrap();
        let id = opened.consultation_id.as_str();
        assert_eq!((opened.number.as_str(), opened.version), ("KSK/2026/000001", 2));
        let questions = abw.questions().await;
        assert_eq!(questions.len(), 1);
        let seen = (questions[0].number.as_str(), questions[0].subject.as_ref().unwrap().surname.as_str());
        assert_eq!(seen, ("KSK/2026/000001", "Iwanow"));
        assert_eq!(questions[0].deadline.as_ref().unwrap().last_day, "2026-04-27");

        assert!(!abw.replies(id, false).await.unwrap());
        assert!(abw.questions().await.is_empty());
        house.at("2026-04-27T08:00:00Z");
        // Twenty days more: Sunday 17 May, so Monday 18.
        assert_eq!(aw.extends(id).await.unwrap().last_day, "2026-05-18");
        assert_eq!(refusal(aw.extends(id).await), "registry.not_now");
        let consultation = house.consultation(id).await;
        let to_tell: Vec<_> = consultation.deadlines.iter().filter(|deadline| deadline.rule == "consul_told_of_extension").collect();
        assert_eq!((to_tell.len(), to_tell[0].of.as_str(), to_tell[0].last_day.as_str()), (1, "aw", "2026-04-28"));
        let told = RecordConsulToldRequest {
            context: Some(officer("first")),
            consultation_id: id.to_owned(),
            expected_version: consultation.version,
            of: "aw".to_owned(),
        };
        house.consultations.clone().record_consul_told(told).await.unwrap();

        // The police is silent since midnight, and its objection late. Nobody consents for AW.
        house.at("2026-04-28T08:00:00Z");
        assert!(police.replies(id, true).await.unwrap());
        assert_eq!(refusal(house.answer(id, false, "").await), "registry.not_now");
        assert!(!aw.replies(id, false).await.unwrap());
        house.answer(id, false, "").await.unwrap();
        let ended = house.consultation(id).await;
        assert_eq!((ended.outcome(), ended.stage.as_str()), (ConsultationOutcome::NoObjection, "answered"));
        assert_eq!(state(&ended, "police"), (QuestionState::Silent, false));
        let late = ended.questions.iter().find(|question| question.of == "police").unwrap();
        assert!(late.late_reply_at_ms.is_some() && late.late_reply_objects);
        assert_eq!(
            house.told(id).await,
            [
                "consul_asked  officer/first",
                "asked abw officer/first",
                "asked aw officer/first",
                "asked police officer/first",
                "replied abw consulted/abw/theirs",
                "extended aw consulted/aw/theirs",
                "consul_told aw officer/first",
                "silent police clock",
                "replied police consulted/police/theirs",
                "replied aw consulted/aw/theirs",
                "answered  officer/first",
            ]
        );
        house.close().await;
    }

    async fn silence_is_seen_before_it_is_written_and_written_once(database: TestDatabase) {
        let house = House::open(database).await;
        house.at("2026-04-30T09:00:00Z");
        let opened = house.consult(ConsultationFlow::Incoming, "", &["abw", "sg"]).await.unwrap();
        let id = opened.consultation_id.as_str();
        // Thursday 7 May is the seventh day, over at 22:00 UTC; Tuesday 5 May the fifth.
        house.at("2026-05-07T21:59:59.999Z");
        house.turn(SILENCE).await;
        assert_eq!(house.consultation(id).await.outcome(), ConsultationOutcome::Open);
        house.at("2026-05-07T22:00:00Z");
        let read = house.consultation(id).await;
        assert_eq!(read.outcome(), ConsultationOutcome::ConsentBySilence);
        assert_eq!(read.entries.iter().filter(|entry| entry.event == "answer_silent").count(), 0);
        let list = ListConsultationsRequest { context: Some(officer("first")), ..ListConsultationsRequest::default() };
        let open = house.consultations.clone().list_consultations(list).await.unwrap().into_inner().consultations;
        assert!(open.is_empty());
        // Two replicas at once, and again.
        tokio::join!(house.turn(SILENCE), house.turn(SILENCE));
        house.turn(SILENCE).await;
        let told = house.told(id).await;
        assert_eq!(told[3..], ["silent abw clock", "silent sg clock", "answer_silent  clock"]);
        let at: Vec<i64> = house.consultation(id).await.entries[3..].iter().map(|entry| entry.at_ms).collect();
        let moment = |text: &str| text.parse::<straznica_types::Timestamp>().unwrap().millis();
        let bodies = moment("2026-05-05T22:00:00Z");
        assert_eq!(at, [bodies, bodies, moment("2026-05-07T22:00:00Z")]);
        let kinds = house.journal_kinds().await;
        assert_eq!(kinds.iter().filter(|kind| *kind == "consultation.silent").count(), 3);
        let news = house.texts("SELECT type_name FROM event WHERE type_name LIKE '%ConsultationMoved'").await;
        assert_eq!(news.len(), 2 + 3);
        // The Head is too late to answer.
        assert_eq!(refusal(house.answer(id, true, "").await), "registry.not_now");
        house.close().await;
    }

    async fn a_job_that_is_stopped_anywhere_loses_nothing_and_writes_nothing_twice(database: TestDatabase) {
        let house = House::open(database).await;
        house.at("2026-04-22T08:00:00Z");
        let mut ids = Vec::new();
        for _ in 0..12 {
            ids.push(house.consult(ConsultationFlow::National, "", &["abw", "sg"]).await.unwrap().consultation_id);
        }
        house.at("2026-06-01T08:00:00Z");
        for micros in [0, 200, 1_000, 3_000, 6_000, 9_000, 15_000] {
            let stopped = tokio::time::timeout(std::time::Duration::from_micros(micros), house.turn(SILENCE)).await;
            drop(stopped);
        }
        house.turn(SILENCE).await;
        let silences = house.texts("SELECT event FROM consultation_event WHERE event LIKE '%silent'").await;
        assert_eq!(silences.len(), 12 * 3);
        for id in ids {
            assert_eq!(house.consultation(&id).await.outcome(), ConsultationOutcome::ConsentBySilence);
        }
        house.close().await;
    }

    async fn a_case_waits_for_any_consultation_that_names_it(database: TestDatabase) {
        let house = House::open(database).await;
        let (case, _) = house.at_merits().await;
        let decision = house.approved(&case).await;
        let opened = house.consult(ConsultationFlow::National, &case, &["abw"]).await.unwrap();
        assert_eq!(house.waiting().await, ["consultation KSK/2026/000001"]);
        let refused = house.issued(&case, &decision).await.unwrap_err();
        assert_eq!(crate::house::code(&refused), "registry.not_now");
        assert!(refused.message().contains("consultation KSK/2026/000001"), "{refused:?}");
        house.answer(&opened.consultation_id, true, "").await.unwrap();
        assert!(house.waiting().await.is_empty());
        assert_eq!(house.issued(&case, &decision).await.unwrap(), "decided");
        house.close().await;
    }

    async fn a_case_waits_for_the_opinions_it_asked_for_and_hears_of_them(database: TestDatabase) {
        let house = House::open(database).await;
        let (case, person) = house.at_merits().await;
        let mut request = OpenConsultationRequest {
            context: Some(officer("first")),
            case_id: case.clone(),
            person_id: person.clone(),
            asked: vec!["abw".to_owned(), "police".to_owned()],
            ..OpenConsultationRequest::default()
        };
        request.set_flow(ConsultationFlow::ProtectionOpinion);
        let opened = house.consultations.clone().open_consultation(request).await.unwrap().into_inner();
        assert_eq!(
            house.waiting().await,
            ["security_opinion (abw)", "security_opinion (police)", "consultation KSK/2026/000001"]
        );
        let abw = Body::new(&house, "abw");
        assert_eq!(abw.questions().await[0].subject.as_ref().unwrap().surname, "Iwanow");

        let decision = house.approved(&case).await;
        assert_eq!(refusal(house.issued(&case, &decision).await), "registry.not_now");
        house.at("2026-05-04T08:00:00Z");
        assert!(!abw.replies(&opened.consultation_id, false).await.unwrap());
        assert_eq!(house.waiting().await, ["security_opinion (police)", "consultation KSK/2026/000001"]);
        // Thirty days from 22 April: Friday 22 May. The police is silent, before anybody wrote that down.
        house.at("2026-05-22T22:00:00Z");
        assert!(house.waiting().await.is_empty());
        house.turn(SILENCE).await;
        let consultation = house.consultation(&opened.consultation_id).await;
        assert_eq!((consultation.outcome(), consultation.stage.as_str()), (ConsultationOutcome::NothingAgainst, "complete"));
        assert_eq!(house.issued(&case, &decision).await.unwrap(), "decided");
        let events = house.case(&case).await.events;
        let heard: Vec<String> = events.iter().map(|recorded| {
            let event = recorded.event.as_ref().unwrap();
            format!("{} {} {}", event.event, event.of, recorded.recorded_by)
        }).collect();
        assert_eq!(heard[3..6], [
            "security_opinion_requested abw first",
            "security_opinion_requested police first",
            "security_opinion_received abw abw",
        ]);
        assert!(house.journal_kinds().await.contains(&"person.disclosed".to_owned()));
        house.close().await;
    }

    async fn a_body_sees_and_does_what_is_its_own(database: TestDatabase) {
        let house = House::open(database).await;
        house.at("2026-04-22T08:00:00Z");
        let opened = house.consult(ConsultationFlow::Incoming, "", &["abw"]).await.unwrap();
        let sg = Body::new(&house, "sg");
        assert!(sg.questions().await.is_empty());
        assert_eq!(refusal(sg.replies(&opened.consultation_id, false).await), "registry.not_found");
        assert_eq!(refusal(sg.extends(&opened.consultation_id).await), "registry.not_found");
        // Nor does a body call what is for officers, or an officer what is for bodies.
        let as_body = house.channel_of(&PeerRole::Consulted("abw".to_owned()));
        let request = GetConsultationRequest { context: Some(officer("x")), consultation_id: opened.consultation_id.clone() };
        let refused = ConsultationServiceClient::new(as_body).get_consultation(request).await.unwrap_err();
        assert_eq!(refused.code(), Code::PermissionDenied);
        let as_officer = house.channel_of(&PeerRole::Operator("sg.1".to_owned()));
        let request = ListQuestionsRequest { context: Some(officer("x")), limit: 0, body: String::new() };
        let refused = ConsultedBodyServiceClient::new(as_officer).list_questions(request).await.unwrap_err();
        assert_eq!(refused.code(), Code::PermissionDenied);
        // Once is enough, and an objection says why.
        let abw = Body::new(&house, "abw");
        let mut groundless = ReplyToQuestionRequest {
            context: Some(officer("theirs")),
            consultation_id: opened.consultation_id.clone(),
            ..ReplyToQuestionRequest::default()
        };
        groundless.set_reply(ConsultationReply::Objection);
        assert_eq!(refusal(abw.0.clone().reply_to_question(groundless).await), "registry.invalid_request");
        assert!(!abw.replies(&opened.consultation_id, true).await.unwrap());
        assert_eq!(refusal(abw.replies(&opened.consultation_id, false).await), "registry.not_now");
        assert_eq!(refusal(house.answer(&opened.consultation_id, false, "").await), "registry.invalid_request");
        house.answer(&opened.consultation_id, true, "").await.unwrap();
        house.close().await;
    }

    async fn a_node_without_a_network_asks_no_other_state(database: TestDatabase) {
        let house = House::open(database).await;
        assert_eq!(refusal(house.consult(ConsultationFlow::Outgoing, "", &["FRA"]).await), "registry.not_now");
        house.close().await;
    }

    async fn what_cannot_be_asked_is_refused(database: TestDatabase) {
        let house = House::on_network(database, Weather::fair()).await;
        house.at("2026-04-22T08:00:00Z");
        let entries = house.journal_kinds().await.len();
        for (flow, asked) in [
            (ConsultationFlow::National, &["kgb"][..]),
            (ConsultationFlow::National, &[]),
            (ConsultationFlow::National, &["abw", "abw"]),
            (ConsultationFlow::Outgoing, &["abw"]),
            // Never the state the alien is a national of.
            (ConsultationFlow::Outgoing, &["FRA", "BLR"]),
            (ConsultationFlow::Outgoing, &["POL"]),
            (ConsultationFlow::ProtectionOpinion, &["abw"]),
        ] {
            let refused = house.consult(flow, "", asked).await;
            assert_eq!(refusal(refused), "registry.invalid_request", "{flow:?} {asked:?}");
        }
        assert_eq!(house.journal_kinds().await.len(), entries);
        // Consultations are no cases.
        let person = house.somebody().await;
        let now = house.at("2026-04-22T09:00:00Z");
        let as_case = house.open_case("consultation_national", &[&person], event("consul_asked", now)).await;
        assert_eq!(refusal(as_case), "registry.not_now");

        let opened = house.consult(ConsultationFlow::Outgoing, "", &["FRA"]).await.unwrap();
        let withdraw = |expected| WithdrawConsultationRequest {
            context: Some(officer("first")),
            consultation_id: opened.consultation_id.clone(),
            expected_version: expected,
            remark: "the application was withdrawn".to_owned(),
        };
        let stale = house.consultations.clone().withdraw_consultation(withdraw(1)).await;
        assert_eq!(refusal(stale), "registry.stale");
        house.consultations.clone().withdraw_consultation(withdraw(2)).await.unwrap();
        assert_eq!(house.consultation(&opened.consultation_id).await.outcome(), ConsultationOutcome::Withdrawn);
        let prolong = ProlongAnswerRequest {
            context: Some(officer("first")),
            consultation_id: opened.consultation_id.clone(),
            expected_version: 3,
            remark: String::new(),
        };
        assert_eq!(refusal(house.consultations.clone().prolong_answer(prolong).await), "registry.not_now");
        house.close().await;
    }
}

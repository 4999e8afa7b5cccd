//! The consultation network: forms matched by their delivery notifications through loss, delay, repetition and disorder.

use std::collections::BTreeMap;
use std::task::Poll;
use std::time::Duration;

use straznica_contracts::registry::v1::{
    Consultation, ConsultationFlow, ConsultationOutcome, GetNetworkReportRequest, GetNetworkReportResponse,
    ListConsultationsRequest, ListNoticesRequest, QuestionState, RecordForeignDeliveryRequest, ResendFormRequest,
    SendNoticeRequest, WithdrawConsultationRequest,
};
use straznica_registry::Migrations;
use straznica_simulators::consultation_network::{Habit, Weather, Written, habit};
use straznica_store::on_both_engines;
use straznica_types::{Clock as _, Timestamp};

use crate::consultations::{Body, SILENCE, officer};
use crate::house::{House, refusal};

const SEND: &str = "consultation_send";
const COLLECT: &str = "consultation_collect";
const RECONCILE: &str = "consultation_reconcile";
/// What runs when a test says so alone.
pub(crate) const NETWORK_JOBS: [&str; 3] = [SEND, COLLECT, RECONCILE];
const HOUR: Duration = Duration::from_secs(3_600);

impl House {
    async fn network_turn(&self) {
        self.turn(SEND).await;
        self.turn(COLLECT).await;
        self.turn(SEND).await;
    }

    async fn network_report(&self) -> GetNetworkReportResponse {
        let request = GetNetworkReportRequest { context: Some(officer("first")) };
        self.forms.clone().get_network_report(request).await.unwrap().into_inner()
    }

    /// Every consultation, whatever became of it.
    async fn every_consultation(&self) -> Vec<Consultation> {
        let mut all = Vec::new();
        for id in self.consultation_ids().await {
            all.push(self.consultation(&id).await);
        }
        all
    }

    async fn withdraw(&self, id: &str) {
        let request = WithdrawConsultationRequest {
            context: Some(officer("first")),
            consultation_id: id.to_owned(),
            expected_version: self.consultation(id).await.version,
            remark: String::new(),
        };
        self.consultations.clone().withdraw_consultation(request).await.unwrap();
    }
}

/// Drops the work when it wakes for the so-manieth time, wherever it is; tells whether it was dropped.
async fn stopped_after(wakings: u32, work: impl Future<Output = ()>) -> bool {
    let (mut work, mut left) = (std::pin::pin!(work), wakings);
    std::future::poll_fn(|context| {
        if left == 0 {
            return Poll::Ready(true);
        }
        left -= 1;
        work.as_mut().poll(context).map(|()| false)
    })
    .await
}

fn moment(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// The first instant after the last day of a term in Warsaw, counted in calendar days from a moment.
fn after_days(from: i64, days: i64) -> i64 {
    let day = straznica_registry::domain::calendar::warsaw::date(Timestamp::from_millis(from));
    straznica_registry::domain::calendar::warsaw::start_of(day.plus_days(days + 1)).millis()
}

on_both_engines! {
    Migrations;

    async fn a_state_is_asked_and_its_reply_reaches_the_consul(database: TestDatabase) {
        let house = House::on_network(database, Weather::fair()).await;
        house.at("2026-04-20T08:00:00Z");
        let opened = house.consult(ConsultationFlow::Outgoing, "", &["FRA", "ESP"]).await.unwrap();
        let id = opened.consultation_id.as_str();
        assert!(house.consultation(id).await.questions.iter().all(|question| question.deadline.is_none()));
        house.network_turn().await;
        let reached = house.consultation(id).await;
        let last_days: Vec<String> = reached.questions.iter().map(|question| question.deadline.clone().unwrap().last_day).collect();
        assert_eq!(last_days, ["2026-04-27", "2026-04-27"]);
        let report = house.network_report().await;
        assert_eq!((report.sent, report.notified, report.unmatched.len()), (2, 2, 0));
        // The number is the same for both states, so they do the same.
        let expected = match habit("POL2026000000000001") {
            Habit::Silent => (QuestionState::Silent, false),
            Habit::Replies { objects, hours } if hours < 7 * 24 => (QuestionState::Replied, objects),
            Habit::Replies { .. } => (QuestionState::Silent, false),
        };
        for day in 21..=30 {
            house.at(&format!("2026-04-{day}T08:00:00Z"));
            house.network_turn().await;
        }
        let over = house.consultation(id).await;
        for question in &over.questions {
            assert_eq!((question.state(), question.objects), expected, "{}", question.of);
        }
        house.answer(id, expected.1, "").await.unwrap();
        assert_eq!(house.network().unnotified(), 0);
        house.close().await;
    }

    async fn what_comes_twice_is_applied_once_and_what_comes_early_is_kept(database: TestDatabase) {
        let house = House::on_network(database, Weather::fair()).await;
        house.at("2026-04-20T08:00:00Z");
        let network = house.network();
        // The cancellation comes before what it cancels, and both come twice.
        let cancelled = Written::cancellation("F-2", "FRA0002");
        network.delivers("FRA", &cancelled.subject, &cancelled.body);
        house.turn(COLLECT).await;
        let report = house.network_report().await;
        assert_eq!((report.waiting.len(), report.waiting[0].letter.as_str()), (1, "C"));
        let request = Written::request("F-1", "FRA0002", "IWANOW", "BLR");
        for _ in 0..2 {
            network.delivers("FRA", &request.subject, &request.body);
            network.delivers("FRA", &cancelled.subject, &cancelled.body);
        }
        house.turn(COLLECT).await;
        let all = house.every_consultation().await;
        assert_eq!((all.len(), all[0].outcome()), (1, ConsultationOutcome::Withdrawn));
        let report = house.network_report().await;
        assert_eq!((report.received, report.copies, report.conflicts, report.waiting.len()), (2, 2, 0, 0));
        // Another text under the same name, another name for the same request, a reply to nothing, a text that is no form, a notification of nothing.
        let other = Written::request("F-1", "FRA0002", "PETROW", "BLR");
        network.delivers("FRA", &other.subject, &other.body);
        let again = Written::request("F-3", "FRA0002", "IWANOW", "BLR");
        network.delivers("FRA", &again.subject, &again.body);
        network.delivers("FRA", "POL2026000000000077.B", "000 F-4\r\n001 POL2026000000000077\r\n040 FRA1\r\n041 1\r\n042 20260420\r\n");
        network.delivers("FRA", "FRA0009.A", "no form at all");
        network.delivers("fr", &request.subject, &request.body);
        let nothing = Written::notification("POL-NEVER");
        network.delivers("FRA", &nothing.subject, &nothing.body);
        house.turn(COLLECT).await;
        let report = house.network_report().await;
        assert_eq!((report.received, report.conflicts, report.waiting.len()), (4, 1, 1));
        let strays: Vec<(&str, &str)> = report.strays.iter().map(|stray| (stray.state.as_str(), stray.kind.as_str())).collect();
        assert_eq!(strays, [("FRA", "unknown_receipt"), ("???", "unreadable"), ("FRA", "unreadable")]);
        assert_eq!(house.every_consultation().await.len(), 1);
        // Whatever could be read is notified, each time it came.
        house.turn(SEND).await;
        let notified = house.texts("SELECT unifier FROM scn_notification").await;
        assert!(notified.is_empty());
        house.close().await;
    }

    async fn replicas_that_send_at_once_hand_each_form_over_once(database: TestDatabase) {
        let house = House::on_network(database, Weather::fair()).await;
        house.at("2026-04-20T08:00:00Z");
        for _ in 0..4 {
            house.consult(ConsultationFlow::Outgoing, "", &["FRA", "ESP", "ITA"]).await.unwrap();
        }
        tokio::join!(house.turn(SEND), house.turn(SEND), house.turn(SEND));
        let times: Vec<u32> = house.network().arrived().into_values().collect();
        assert_eq!(times, [1; 12]);
        // One that stopped in the middle leaves its form to the others after a minute.
        house.consult(ConsultationFlow::Outgoing, "", &["FRA"]).await.unwrap();
        house.execute("UPDATE scn_sent SET next_attempt_at = next_attempt_at + 60000 WHERE attempts = 0").await;
        house.turn(SEND).await;
        assert_eq!(house.network().arrived().len(), 12);
        house.at("2026-04-20T08:01:00Z");
        house.turn(SEND).await;
        assert_eq!(house.network().arrived().len(), 13);
        house.close().await;
    }

    async fn what_does_not_arrive_is_sent_again_found_and_reported(database: TestDatabase) {
        let house = House::on_network(database, Weather { lost: 100, ..Weather::fair() }).await;
        house.at("2026-04-20T08:00:00Z");
        let opened = house.consult(ConsultationFlow::Outgoing, "", &["FRA"]).await.unwrap();
        house.turn(SEND).await;
        house.turn(SEND).await;
        let report = house.network_report().await;
        assert_eq!(report.unmatched[0].attempts, 1);
        assert_eq!(report.unmatched[0].next_attempt_at_ms, Some(moment("2026-04-20T08:30:00Z").millis()));
        house.at("2026-04-20T08:30:00Z");
        house.turn(SEND).await;
        let report = house.network_report().await;
        assert_eq!((report.unmatched[0].attempts, report.unmatched[0].overdue), (2, false));
        // The network goes down: nothing is counted as sent.
        house.network().cut(true);
        house.at("2026-04-21T08:00:00Z");
        assert!(house.try_turn(SEND).await.is_err());
        assert!(house.try_turn(COLLECT).await.is_err());
        house.turn(RECONCILE).await;
        house.turn(RECONCILE).await;
        let report = house.network_report().await;
        assert_eq!((report.unmatched[0].attempts, report.unmatched[0].overdue), (2, true));
        let overdue = house.texts("SELECT type_name FROM event WHERE type_name LIKE '%ConsultationFormOverdue'").await;
        assert_eq!(overdue.len(), 1);
        // However long it takes, nobody's silence is taken for consent before they were reached.
        house.at("2026-05-20T08:00:00Z");
        house.turn(SILENCE).await;
        let waits = house.consultation(&opened.consultation_id).await;
        assert_eq!((waits.outcome(), waits.questions[0].state()), (ConsultationOutcome::Open, QuestionState::Open));
        // It comes back; an officer has no patience.
        house.network().cut(false);
        house.network().change(Weather::fair());
        let unifier = report.unmatched[0].unifier.clone();
        let again = |unifier: String| ResendFormRequest { context: Some(officer("first")), unifier };
        house.forms.clone().resend_form(again(unifier.clone())).await.unwrap();
        house.network_turn().await;
        assert!(house.network_report().await.unmatched.is_empty());
        assert_eq!(refusal(house.forms.clone().resend_form(again(unifier)).await), "registry.not_found");
        let reached = house.consultation(&opened.consultation_id).await;
        assert_eq!(reached.questions[0].deadline.as_ref().unwrap().last_day, "2026-05-27");
        house.close().await;
    }

    async fn a_reply_faster_than_its_notification_begins_no_term(database: TestDatabase) {
        let house = House::on_network(database, Weather { lost: 100, ..Weather::fair() }).await;
        let asked_at = house.at("2026-04-20T08:00:00Z");
        let opened = house.consult(ConsultationFlow::Outgoing, "", &["FRA", "ESP", "ITA"]).await.unwrap();
        let id = opened.consultation_id.as_str();
        house.turn(SEND).await;
        let forms = house.network_report().await.unmatched;
        let unifier = |state: &str| forms.iter().find(|form| form.state == state).unwrap().unifier.clone();
        let network = house.network();
        let delivers = |state: &str, written: &Written| network.delivers(state, &written.subject, &written.body);
        // The French reply comes before the notification that the question arrived; of the Spanish question an officer has the proof on paper.
        house.at("2026-04-21T08:00:00Z");
        delivers("FRA", &Written::reply("FRA", "POL2026000000000001", true, asked_at));
        house.turn(COLLECT).await;
        let delivery = RecordForeignDeliveryRequest {
            context: Some(officer("first")),
            consultation_id: id.to_owned(),
            expected_version: house.consultation(id).await.version,
            of: "ESP".to_owned(),
            at_ms: moment("2026-04-20T12:00:00Z").millis(),
            reference: "RR123456785PL".to_owned(),
        };
        house.consultations.clone().record_foreign_delivery(delivery).await.unwrap();
        for state in ["FRA", "ESP", "ITA"] {
            delivers(state, &Written::notification(&unifier(state)));
        }
        house.turn(COLLECT).await;
        let report = house.network_report().await;
        assert_eq!((report.notified, report.unmatched.len(), report.strays.len()), (3, 0, 0));
        let shown = house.consultation(id).await;
        let delivered: Vec<(&str, i64)> = shown.entries.iter().filter(|entry| entry.event == "delivered").map(|entry| (entry.of.as_str(), entry.at_ms)).collect();
        assert_eq!(delivered, [("ESP", moment("2026-04-20T12:00:00Z").millis()), ("ITA", moment("2026-04-21T08:00:00Z").millis())]);
        // No term began for who had replied, so nobody's silence follows from it.
        house.at("2026-05-20T08:00:00Z");
        house.turn(SILENCE).await;
        let shown = house.consultation(id).await;
        let states: Vec<QuestionState> = shown.questions.iter().map(|question| question.state()).collect();
        assert_eq!(states, [QuestionState::Replied, QuestionState::Silent, QuestionState::Silent]);
        assert!(shown.questions[0].objects && shown.questions[0].deadline.is_none(), "{:?}", shown.questions[0]);
        house.close().await;
    }

    async fn the_outbox_stopped_anywhere_loses_no_form_and_names_none_twice(database: TestDatabase) {
        let mut house = House::on_network(database, Weather::fair()).await;
        house.at("2026-04-20T08:00:00Z");
        let mut asked = Vec::new();
        for _ in 0..4 {
            asked.push(house.consult(ConsultationFlow::Outgoing, "", &["FRA", "ESP", "ITA"]).await.unwrap().consultation_id);
            house.network().sends("FRA", Written::request(&format!("F-{}", asked.len()), &format!("FRA{:04}", asked.len()), "IWANOW", "BLR"));
        }
        let mut stopped = 0;
        for stop in 1..=80 {
            for job in [SEND, COLLECT] {
                stopped += u32::from(stopped_after(stop, house.turn(job)).await);
            }
            // What was handed over and not marked is due again at once, and after a restart too.
            house.clock.set(house.clock.now() + Duration::from_secs(60));
            if stop == 40 {
                house = house.restarted().await;
            }
        }
        assert!(stopped > 2, "{stopped}");
        for _ in 0..3 {
            house.clock.set(house.clock.now() + HOUR);
            house.network_turn().await;
        }
        let report = house.network_report().await;
        assert_eq!((report.sent, report.notified, report.unmatched.len()), (12, 12, 0), "{report:?}");
        assert_eq!((report.received, report.waiting.len(), report.strays.len(), report.conflicts), (4, 0, 0, 0), "{report:?}");
        // A form may arrive again, never under another name, and its effect is there once.
        assert_eq!(house.network().arrived().len(), 12);
        assert_eq!(house.network().unnotified(), 0);
        for id in &asked {
            let entries = house.consultation(id).await.entries;
            let delivered = entries.iter().filter(|entry| entry.event == "delivered").count();
            assert_eq!(delivered, 3, "{entries:?}");
        }
        let incoming = house.every_consultation().await.into_iter().filter(|one| one.flow() == ConsultationFlow::Incoming);
        assert_eq!(incoming.count(), 4);
        house.close().await;
    }

    async fn notices_go_and_come(database: TestDatabase) {
        let house = House::on_network(database, Weather::fair()).await;
        let notice = |state: &str, letter: &str| SendNoticeRequest {
            context: Some(officer("first")),
            state: state.to_owned(),
            letter: letter.to_owned(),
            file_number: "POL0001".to_owned(),
            text: "visa POL000000001".to_owned(),
        };
        for (state, letter) in [("POL", "E"), ("fra", "E"), ("FRA", "A"), ("FRA", "R"), ("FRA", "")] {
            let refused = house.forms.clone().send_notice(notice(state, letter)).await;
            assert_eq!(refusal(refused), "registry.invalid_request", "{state} {letter}");
        }
        house.forms.clone().send_notice(notice("FRA", "E")).await.unwrap();
        house.network().sends("FRA", Written::issued("F-9", "FRA0009", "visa FRA000000009"));
        house.network_turn().await;
        let report = house.network_report().await;
        assert_eq!((report.sent, report.notified, report.received), (1, 1, 1));
        let list = ListNoticesRequest { context: Some(officer("first")), limit: 0 };
        let notices = house.forms.clone().list_notices(list).await.unwrap().into_inner().notices;
        assert_eq!((notices.len(), notices[0].letter.as_str(), notices[0].text.as_str()), (1, "H", "visa FRA000000009"));
        assert_eq!(house.network().unnotified(), 0);
        house.close().await;
    }

    async fn in_a_month_of_storm_nothing_is_lost_nothing_is_applied_twice_and_silence_keeps_its_hour(database: TestDatabase) {
        let house = House::on_network(database, Weather::storm(17)).await;
        let start = house.at("2026-04-20T07:00:00Z");
        let abw = Body::new(&house, "abw");
        let mut asked = BTreeMap::new();
        let mut incoming = 0_u32;
        // Thirty days by steps of six hours, over the days off of May. New matters come for two weeks.
        for step in 0_u32..120 {
            house.clock.set(start + HOUR * (6 * step));
            if step < 56 && step % 4 == 0 {
                let opened = house.consult(ConsultationFlow::Outgoing, "", &["FRA", "ESP"]).await.unwrap();
                asked.insert(opened.consultation_id, opened.number);
                for state in ["FRA", "ITA"] {
                    incoming += 1;
                    let request = Written::request(&format!("{state}-{incoming}"), &format!("{state}{incoming:06}"), "IWANOW", "BLR");
                    house.network().sends(state, request);
                }
                house.consult(ConsultationFlow::National, "", &["abw", "sg"]).await.unwrap();
            }
            house.turn(SILENCE).await;
            house.network_turn().await;
            house.turn(RECONCILE).await;
            // ABW replies to every other question, the Head answers every third request that can be answered.
            if step % 4 == 2 {
                for question in abw.questions().await.iter().step_by(2) {
                    abw.replies(&question.consultation_id, question.number.ends_with('1')).await.unwrap();
                }
                for id in house.answerable().await.iter().step_by(3) {
                    house.answer(id, true, "").await.unwrap();
                }
            }
            if step == 20 {
                house.withdraw(asked.keys().next().unwrap()).await;
            }
        }
        // The storm is over: what was still on its way arrives.
        house.network().change(Weather::fair());
        for step in 120_u32..132 {
            house.clock.set(start + HOUR * (6 * step));
            house.turn(SILENCE).await;
            house.network_turn().await;
        }
        let report = house.network_report().await;
        assert_eq!((report.unmatched.len(), report.waiting.len(), report.strays.len(), report.conflicts), (0, 0, 0, 0), "{report:?}");
        assert_eq!(report.sent, report.notified);
        assert!(report.copies > 10, "{}", report.copies);
        assert_eq!(house.network().unnotified(), 0);
        let arrived = house.network().arrived();
        assert_eq!(arrived.len() as u64, report.sent);
        assert!(arrived.values().any(|times| *times > 1));

        let all = house.every_consultation().await;
        let by_state = |consultation: &&Consultation| consultation.entries[0].by.starts_with("state/");
        let from_states: Vec<&Consultation> = all.iter().filter(by_state).collect();
        assert_eq!(from_states.len() as u32, incoming);
        let mut answered = 0;
        for consultation in &all {
            let silent = |of: &str| consultation.entries.iter().filter(|entry| entry.event == "silent" && entry.of == of).count();
            for question in &consultation.questions {
                let name = format!("{} {}", consultation.number, question.of);
                let replies = consultation.entries.iter().filter(|entry| entry.event == "replied" && entry.of == question.of).count();
                assert!(replies <= 1 && silent(&question.of) <= 1, "{name}");
                // A state that replies was heard, however bad the weather.
                if let (true, Habit::Replies { .. }) = (question.of.len() == 3 && asked.contains_key(&consultation.consultation_id), habit(&number_of(consultation))) {
                    assert_eq!(replies, 1, "{name}");
                }
                if question.state() == QuestionState::Silent {
                    let counted = consultation.entries.iter().find(|entry| {
                        matches!(entry.event.as_str(), "delivered") && entry.of == question.of
                    });
                    let days = |consultation: &Consultation| match consultation.entries[0].event.as_str() {
                        "request_received" => 5,
                        _ => 7,
                    };
                    // National terms roll over days off and are checked by the clock's own tables.
                    if consultation.entries[0].event == "request_received" || counted.is_some() {
                        let from = counted.map_or(question.asked_at_ms, |entry| entry.at_ms);
                        assert_eq!(question.answered_at_ms, Some(after_days(from, days(consultation))), "{name}");
                    }
                }
            }
            if by_state(&consultation) {
                match consultation.outcome() {
                    ConsultationOutcome::ConsentBySilence => {
                        let silence = consultation.entries.iter().find(|entry| entry.event == "answer_silent").unwrap();
                        assert_eq!(silence.at_ms, after_days(consultation.opened_at_ms, 7), "{}", consultation.number);
                    }
                    outcome => {
                        assert_eq!(outcome, ConsultationOutcome::Objection, "{}", consultation.number);
                        answered += 1;
                    }
                }
            }
        }
        // Each answer of ours reached its state, once.
        let answers = house.network().answers();
        assert!(answered > 3, "{answered}");
        assert_eq!(answers.len(), answered);
        assert!(answers.iter().all(|(_, _, objects)| *objects));
        house.close().await;
    }
}

/// Our number for a consultation, as other states know it.
fn number_of(consultation: &Consultation) -> String {
    let last: u64 = consultation.number.rsplit('/').next().unwrap().parse().unwrap();
    format!("POL2026{last:012}")
}

impl House {
    /// Requests of states the Head can still answer.
    async fn answerable(&self) -> Vec<String> {
        let list = ListConsultationsRequest {
            context: Some(officer("first")),
            limit: 200,
            ..ListConsultationsRequest::default()
        };
        let open = self.consultations.clone().list_consultations(list).await.unwrap().into_inner().consultations;
        let incoming = open.into_iter().filter(|summary| summary.flow() == ConsultationFlow::Incoming);
        incoming.map(|summary| summary.consultation_id).collect()
    }
}

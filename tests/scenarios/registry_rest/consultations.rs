//! Consultations at the office's desks: every flow, silence at the right hour, a longer term, other states over the network and on paper.

use std::num::NonZeroU32;
use std::time::Duration;

use serde_json::{Value, json};
use straznica_cli::consultation_network::{self, Served};
use straznica_cli::suite::Pace;
use straznica_simulators::consultation_network::{ConsultationNetworkSimulator, Weather, Written};
use straznica_store::testing::TestDatabase;
use straznica_store::{NoMigrations, on_both_engines};
use straznica_types::ManualClock;

use super::bodies::Body;
use super::office::{Desk, Office, done, main_name, refused, tag};

fn subject() -> Value {
    json!({"surname": "Iwanow", "givenNames": "Iwan", "birthDate": "1990-05", "nationality": "BLR", "documentNumber": "MP1234567", "matter": "C"})
}

fn asked(flow: &str, by: &str, asked: &[&str]) -> Value {
    json!({"flow": flow, "subject": subject(), "askedBy": by, "reference": "V-17", "asked": asked})
}

impl Desk {
    /// Opens a consultation; its address.
    async fn consults(&self, new: &Value) -> String {
        let opened = self.make("/consultations", new).await;
        done(&opened);
        opened.headers["location"].to_str().unwrap().strip_prefix("/v1/registry").unwrap().to_owned()
    }

    async fn shows(&self, path: &str) -> Value {
        done(&self.get(path).await)
    }

    /// Changes the consultation as it is now.
    async fn does(&self, path: &str, what: &str, body: &Value) -> straznica_cli::rest::Answer {
        let seen = tag(&self.get(path).await);
        self.change(&format!("{path}/{what}"), &seen, body).await
    }
}

fn id(path: &str) -> &str {
    path.strip_prefix("/consultations/").unwrap()
}

/// How the question to somebody stands.
fn question<'a>(shown: &'a Value, of: &str) -> &'a Value {
    let mut questions = shown["questions"].as_array().unwrap().iter();
    questions.find(|question| question["of"] == of).unwrap_or_else(|| panic!("no {of} in {shown}"))
}

fn last_day<'a>(shown: &'a Value, rule: &str) -> &'a Value {
    let mut deadlines = shown["deadlines"].as_array().unwrap().iter();
    &deadlines.find(|deadline| deadline["rule"] == rule).unwrap_or_else(|| panic!("no {rule} in {shown}"))["lastDay"]
}

/// An office at a network of this weather, whose jobs run when a story says so.
async fn on_network(database: TestDatabase, weather: Weather) -> (Office, Served) {
    let clock = ManualClock::starting_at("2026-04-20T08:00:00Z".parse().unwrap());
    let network = ConsultationNetworkSimulator::new("POL", weather, clock.shared());
    // The suite is told where the network is before it starts, and gives it its certificate afterwards.
    let mut config = straznica_cli::config::NodeConfig::default();
    let announced = consultation_network::announce(network, NonZeroU32::MIN, &mut config).await.unwrap();
    let told = config.registry.consultation.network;
    let office = Office::found_with(database, clock, move |options| {
        options.config.registry.consultation.network = told;
        options.pace = Pace::ByHand;
    });
    let office = office.await;
    let served = announced.serve(&office.suite).unwrap();
    (office, served)
}

/// What the jobs do in a while: sent, collected, notified.
async fn turns(office: &Office) {
    for _ in 0..2 {
        office.suite.turn().await.unwrap();
    }
}

on_both_engines! {
    NoMigrations;

    async fn silence_is_consent_at_midnight_and_a_longer_term_moves_it(database: TestDatabase) {
        let office = Office::found(database).await;
        let officer = office.let_in("udsc-0001", &["registry_officer"]).await;
        let (abw, sg) = (Body::new(&office, "abw"), Body::new(&office, "sg"));
        let path = officer.consults(&asked("national", "PL-MSK", &["abw", "sg"])).await;
        // Five days from Monday 20 April: Saturday, so Monday 27. The Head has ten: Thursday 30.
        let shown = officer.shows(&path).await;
        assert_eq!((&question(&shown, "sg")["deadline"]["lastDay"], last_day(&shown, "head_answer")), (&json!("2026-04-27"), &json!("2026-04-30")));
        let seen = done(&officer.get("/consultations").await);
        assert_eq!(seen["consultations"][0]["waitsFor"], json!(["abw", "sg"]), "{seen}");

        let extension = format!("/{}/extension", id(&path));
        let longer = done(&abw.post(&extension, &[], &json!({"reason": "partners abroad were asked"})).await);
        // Twenty days more: Friday 15 May.
        assert_eq!(longer["deadline"]["lastDay"], "2026-05-15", "{longer}");
        refused(&abw.post(&extension, &[], &json!({"reason": "again"})).await, 409, "registry.not_now");
        let shown = officer.shows(&path).await;
        assert_eq!((last_day(&shown, "head_answer"), last_day(&shown, "consul_told_of_extension")), (&json!("2026-05-20"), &json!("2026-04-21")));
        let told = officer.does(&path, "consul-information", &json!({"of": "abw"})).await;
        assert_eq!(tag(&told), format!("\"{}\"", done(&told)["version"]));

        office.at("2026-04-27T21:59:59Z");
        assert_eq!(question(&officer.shows(&path).await, "sg")["state"], "open");
        assert_eq!(sg.questions().await.len(), 1);
        office.at("2026-04-27T22:00:00Z");
        let shown = officer.shows(&path).await;
        assert_eq!((&question(&shown, "sg")["state"], &question(&shown, "abw")["state"]), (&json!("silent"), &json!("open")));
        assert_eq!(question(&shown, "sg")["answeredAt"], "2026-04-27T22:00:00.000Z");
        assert!(sg.questions().await.is_empty());
        let objection = json!({"reply": "objection", "grounds": "public_order"});
        let late = sg.post(&format!("/{}/reply", id(&path)), &[], &objection).await;
        assert_eq!(done(&late), json!({"late": true}));
        let shown = officer.shows(&path).await;
        assert_eq!((&question(&shown, "sg")["objects"], &question(&shown, "sg")["lateReply"]["objects"]), (&json!(false), &json!(true)));

        // Nobody consents for who still has time.
        let consent = json!({"reply": "no_objection"});
        refused(&officer.does(&path, "answer", &consent).await, 409, "registry.not_now");
        assert!(!abw.consents(id(&path)).await);
        let seen = tag(&officer.get(&path).await);
        let answered = officer.change(&format!("{path}/answer"), &seen, &consent).await;
        done(&answered);
        refused(&officer.change(&format!("{path}/answer"), &seen, &consent).await, 412, "registry.stale");
        assert_eq!(officer.shows(&path).await["outcome"], "no_objection");
        assert_eq!(done(&officer.get("/consultations").await)["consultations"], json!([]));
        office.end().await;
    }

    async fn each_flow_is_opened_and_ends_as_its_law_has_it(database: TestDatabase) {
        let office = Office::found(database).await;
        let officer = office.let_in("udsc-0001", &["registry_officer"]).await;
        let reader = office.let_in("udsc-0002", &["registry_reader"]).await;
        let guard = office.let_in("sg-0001", &["registry_intake"]).await;
        let abw = Body::new(&office, "abw");

        // Another state asks on paper: seven calendar days, and the Head's silence is consent.
        let incoming = officer.consults(&asked("incoming", "FRA", &["abw"])).await;
        assert_eq!(last_day(&officer.shows(&incoming).await, "head_answer"), "2026-04-27");
        // A consul asks about a national visa: thirty days, prolonged to fifty-five.
        let visa = officer.consults(&asked("national_visa", "PL-MSK", &["abw"])).await;
        let prolonged = officer.does(&visa, "prolongation", &json!({"remark": "the case is intricate"})).await;
        done(&prolonged);
        // Fifty-five days from 20 April: Sunday 14 June, so Monday.
        assert_eq!(last_day(&officer.shows(&visa).await, "head_answer"), "2026-06-15");
        let further = officer.does(&visa, "questions", &json!({"asked": ["police"]})).await;
        done(&further);
        refused(&officer.does(&visa, "questions", &json!({"asked": ["police"]})).await, 400, "registry.invalid_request");
        // Opinions belong to a case, which waits for them.
        let person = officer.registers(&[main_name("", "Ivanov"), json!({"nationality": {"code": "BLR"}})]).await;
        refused(&officer.make("/consultations", &json!({"flow": "residence_opinion", "personId": person, "asked": ["abw"]})).await, 400, "registry.invalid_request");
        let event = json!({"event": "application_filed", "at": "2026-04-20T08:00:00Z"});
        let case = officer.make("/cases", &json!({"caseType": "residence_temporary", "personIds": [person], "event": event})).await;
        let case = done(&case)["caseId"].as_str().unwrap().to_owned();
        let new = json!({"flow": "residence_opinion", "caseId": case, "personId": person, "asked": ["abw"]});
        let opinion = officer.consults(&new).await;
        let of_case = done(&officer.get(&format!("/consultations?caseId={case}")).await);
        assert_eq!((of_case["consultations"].as_array().unwrap().len(), &of_case["consultations"][0]["caseId"]), (1, &json!(case)));
        assert!(!abw.consents(id(&opinion)).await);
        assert_eq!(reader.shows(&opinion).await["outcome"], "nothing_against");

        // Who takes people in does not look at consultations, and who reads changes nothing.
        refused(&guard.get(&incoming).await, 403, "gateway.role_missing");
        refused(&reader.make("/consultations", &new).await, 403, "gateway.role_missing");

        assert_eq!(abw.questions().await.len(), 2);
        done(&officer.does(&visa, "withdrawal", &json!({"remark": "the applicant gave up"})).await);
        assert_eq!(officer.shows(&visa).await["outcome"], "withdrawn");
        assert_eq!(abw.questions().await.len(), 1);
        office.at("2026-04-27T22:00:00Z");
        assert_eq!(officer.shows(&incoming).await["outcome"], "consent_by_silence");
        office.end().await;
    }

    async fn another_states_request_and_ours_survive_loss_and_delay(database: TestDatabase) {
        let weather = Weather { seed: 3, lost: 30, repeated: 30, longest: Duration::from_secs(5 * 3_600) };
        let (office, served) = on_network(database, weather).await;
        let officer = office.let_in("udsc-0001", &["registry_officer"]).await;
        let (abw, network) = (Body::new(&office, "abw"), &served.simulator);
        network.sends("FRA", Written::request("F-1", "FRA0001", "IWANOW", "BLR"));
        let ours = officer.consults(&asked("outgoing", "PL-MSK", &["ESP"])).await;
        assert_eq!(question(&officer.shows(&ours).await, "ESP").get("deadline"), None);
        let mut heard = Vec::new();
        // Three days by the hour: whatever is lost is sent again.
        for _ in 0..72 {
            office.pass(3_600);
            turns(&office).await;
            for question in abw.questions().await {
                let id = question["consultationId"].as_str().unwrap().to_owned();
                assert!(!abw.consents(&id).await);
                heard.push(id);
            }
        }
        assert_eq!(heard.len(), 1, "it is one request, however often it came");
        let theirs = format!("/consultations/{}", heard[0]);
        assert_eq!(officer.shows(&theirs).await["askedBy"], "FRA");
        done(&officer.does(&theirs, "answer", &json!({"reply": "objection", "grounds": "alert"})).await);
        for _ in 0..48 {
            office.pass(3_600);
            turns(&office).await;
        }
        assert_eq!(network.answers(), [("FRA".to_owned(), "FRA0001".to_owned(), true)]);
        assert_eq!(network.unnotified(), 0);
        assert!(network.arrived().keys().any(|(state, _)| state == "ESP"), "{:?}", network.arrived());
        let shown = officer.shows(&ours).await;
        assert!(question(&shown, "ESP").get("deadline").is_some(), "{shown}");
        let report = officer.shows("/consultation-network").await;
        assert_eq!((&report["sent"], &report["notified"], &report["unmatched"]), (&json!(2), &json!(2), &json!([])), "{report}");
        office.end().await;
        served.stop().await.unwrap();
    }

    async fn what_does_not_arrive_is_seen_sent_again_by_hand_and_nobodys_consent(database: TestDatabase) {
        let (office, served) = on_network(database, Weather { lost: 100, ..Weather::fair() }).await;
        let officer = office.let_in("udsc-0001", &["registry_officer"]).await;
        let reader = office.let_in("udsc-0002", &["registry_reader"]).await;
        let ours = officer.consults(&asked("outgoing", "PL-MSK", &["ESP"])).await;
        let on_paper = json!({"flow": "outgoing", "subject": subject(), "askedBy": "PL-MSK", "asked": ["ESP"], "onPaper": true});
        refused(&officer.make("/consultations", &on_paper).await, 400, "registry.invalid_request");
        turns(&office).await;
        office.at("2026-05-15T08:00:00Z");
        turns(&office).await;
        let shown = officer.shows(&ours).await;
        assert_eq!((&shown["outcome"], &question(&shown, "ESP")["state"]), (&json!("open"), &json!("open")));
        let report = officer.shows("/consultation-network").await;
        let lost = &report["unmatched"][0];
        assert_eq!((&lost["state"], &lost["letter"], &lost["overdue"]), (&json!("ESP"), &json!("A"), &json!(true)), "{report}");
        let sending = format!("/consultation-network/forms/{}/sending", lost["unifier"].as_str().unwrap());
        refused(&reader.make(&sending, &json!({})).await, 403, "gateway.role_missing");
        served.simulator.change(Weather::fair());
        assert_eq!(officer.make(&sending, &json!({})).await.status, 204);
        turns(&office).await;
        assert_eq!(officer.shows("/consultation-network").await["unmatched"], json!([]));
        refused(&officer.make(&sending, &json!({})).await, 404, "registry.not_found");
        assert_eq!(question(&officer.shows(&ours).await, "ESP")["deadline"]["lastDay"], "2026-05-22");
        // A notice goes once, however often it is asked for under one key, and one comes.
        let notice = json!({"state": "FRA", "letter": "H", "fileNumber": "POL0001", "text": "visa POL000000001"});
        let key = [("idempotency-key", "0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77")];
        let sent = [0, 1].map(|_| officer.send("/consultation-network/notices", &key, &notice));
        let [first, second] = sent;
        assert_eq!(done(&first.await)["unifier"], done(&second.await)["unifier"]);
        served.simulator.sends("FRA", Written::issued("F-9", "FRA0009", "visa FRA000000009"));
        turns(&office).await;
        let notices = officer.shows("/consultation-network/notices").await;
        assert_eq!(notices["notices"][0]["text"], "visa FRA000000009", "{notices}");
        served.simulator.delivers("FRA", "FRA0009.A", "no form at all");
        turns(&office).await;
        let report = officer.shows("/consultation-network").await;
        assert_eq!((&report["strays"][0]["kind"], &report["sent"]), (&json!("unreadable"), &json!(2)), "{report}");
        office.end().await;
        served.stop().await.unwrap();
    }

    async fn without_a_network_states_are_asked_on_paper_and_heard_on_paper(database: TestDatabase) {
        let office = Office::found(database).await;
        let officer = office.let_in("udsc-0001", &["registry_officer"]).await;
        let mut new = asked("outgoing", "PL-MSK", &["FRA", "ESP", "ITA"]);
        refused(&officer.make("/consultations", &new).await, 409, "registry.not_now");
        new["onPaper"] = json!(true);
        let path = officer.consults(&new).await;
        refused(&officer.make("/consultations", &json!({"flow": "national", "subject": subject(), "askedBy": "PL-MSK", "asked": ["abw"], "onPaper": true})).await, 400, "registry.invalid_request");
        let letter = |of: &str, at: &str| json!({"of": of, "at": at, "reference": "RR123456785PL"});
        let reply = |of: &str, says: &str, at: &str| json!({"of": of, "reply": says, "at": at, "reference": "MAE/2026/4411"});

        // On Wednesday the postal service says that both letters arrived on Tuesday.
        office.at("2026-04-22T08:00:00Z");
        for (wrong, why) in [("2026-04-22T08:00:01Z", "it has not happened yet"), ("2026-04-19T08:00:00Z", "nobody was asked then")] {
            let refusal = officer.does(&path, "deliveries", &letter("FRA", wrong)).await;
            assert_eq!(refusal.status, 400, "{why}: {}", refusal.json());
        }
        refused(&officer.does(&path, "deliveries", &letter("DEU", "2026-04-21T08:00:00Z")).await, 404, "registry.not_found");
        for state in ["FRA", "ESP"] {
            done(&officer.does(&path, "deliveries", &letter(state, "2026-04-21T08:00:00Z")).await);
        }
        refused(&officer.does(&path, "deliveries", &letter("FRA", "2026-04-21T09:00:00Z")).await, 409, "registry.not_now");
        let shown = officer.shows(&path).await;
        assert_eq!(question(&shown, "FRA")["deadline"]["lastDay"], "2026-04-28");
        assert_eq!(question(&shown, "ITA").get("deadline"), None);

        // The French reply came on Tuesday the 28th and lay till Thursday; the Spanish one came on Wednesday.
        office.at("2026-04-30T08:00:00Z");
        let shown = officer.shows(&path).await;
        assert_eq!((&question(&shown, "FRA")["state"], &question(&shown, "ITA")["state"]), (&json!("silent"), &json!("open")));
        let french = officer.does(&path, "replies", &reply("FRA", "objection", "2026-04-28T15:00:00Z")).await;
        assert_eq!(done(&french)["late"], false);
        let spanish = officer.does(&path, "replies", &reply("ESP", "objection", "2026-04-29T08:00:00Z")).await;
        assert_eq!(done(&spanish)["late"], true);
        refused(&officer.does(&path, "replies", &reply("FRA", "no_objection", "2026-04-28T16:00:00Z")).await, 409, "registry.not_now");
        let shown = officer.shows(&path).await;
        assert_eq!((&question(&shown, "FRA")["state"], &question(&shown, "FRA")["objects"]), (&json!("replied"), &json!(true)));
        assert_eq!((&question(&shown, "ESP")["state"], &question(&shown, "ESP")["objects"]), (&json!("silent"), &json!(false)));
        // Italy was never reached: whatever the month, its silence says nothing.
        office.at("2026-05-14T08:00:00Z");
        assert_eq!(question(&officer.shows(&path).await, "ITA")["state"], "open");
        refused(&officer.does(&path, "answer", &json!({"reply": "no_objection", "remark": "x"})).await, 409, "registry.not_now");
        // A reply without a proof of delivery is a reply.
        let italian = officer.does(&path, "replies", &reply("ITA", "no_objection", "2026-05-13T08:00:00Z")).await;
        assert_eq!(done(&italian)["late"], false);
        refused(&officer.does(&path, "deliveries", &letter("ITA", "2026-05-12T08:00:00Z")).await, 409, "registry.not_now");
        done(&officer.does(&path, "answer", &json!({"reply": "objection", "grounds": "international_relations"})).await);
        // A body's word is its own: nobody writes it down for it.
        let national = officer.consults(&asked("national", "PL-MSK", &["abw"])).await;
        refused(&officer.does(&national, "replies", &reply("abw", "no_objection", "2026-05-14T08:00:00Z")).await, 400, "registry.invalid_request");
        office.end().await;
    }
}

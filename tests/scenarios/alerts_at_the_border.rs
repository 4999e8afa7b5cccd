//! Whoever shows a document at the border is checked against alerts while it is judged, over REST: the whole suite with a Schengen Information System that does not exist, on
//! both engines.

use std::pin::Pin;
use std::time::Duration;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use sea_orm_migration::sea_orm::{ConnectionTrait as _, Statement};
use serde_json::{Map, Value, json};
use straznica_cli::alert_source::{self, Served};
use straznica_cli::suite::SuiteOptions;
use straznica_contracts::alerts::v1::{Action, AlertCategory, Sex};
use straznica_simulators::alerts::{Alert, AlertSimulator, Fault, Named, made_up_alerts};
use straznica_simulators::terminal::{Reading, Terminal};
use straznica_store::testing::TestDatabase;
use straznica_store::{NoMigrations, on_both_engines};
use straznica_tests::{Border, OFFICER};

/// The holder of every passport here, as its zone has them, which has no room for the last letter.
const SURNAME: &str = "PRZYKLADOWSKA WZORCOWA";
const GIVEN: &str = "SPECYMENA FIKCJ";
const BORN: &str = "1967-11-07";

/// A lane, the suite behind it, and the source of alerts its registry asks, if any.
struct Checkpoint {
    border: Border,
    sis: Option<Served>,
    databases: [TestDatabase; 3],
}

impl Checkpoint {
    /// With a source.
    fn open(registry: TestDatabase) -> Pin<Box<impl Future<Output = Self>>> {
        Self::open_with(registry, |_| {})
    }

    fn open_with(
        registry: TestDatabase,
        adjust: impl FnOnce(&mut SuiteOptions),
    ) -> Pin<Box<impl Future<Output = Self>>> {
        Box::pin(Self::begin(registry, true, adjust))
    }

    /// Whose registry asks nobody.
    fn without_source(
        registry: TestDatabase,
        adjust: impl FnOnce(&mut SuiteOptions),
    ) -> Pin<Box<impl Future<Output = Self>>> {
        Box::pin(Self::begin(registry, false, adjust))
    }

    async fn begin(registry: TestDatabase, source: bool, adjust: impl FnOnce(&mut SuiteOptions)) -> Self {
        let mut options = SuiteOptions::embedded(None);
        let fresh = || TestDatabase::fresh::<NoMigrations>(registry.store().engine());
        let (identity, gateway) = (fresh().await.unwrap(), fresh().await.unwrap());
        options.config.registry.database = registry.config().clone();
        options.config.identity.database = identity.config().clone();
        options.config.gateway.database = gateway.config().clone();
        // What is shown is what the source answers, not how fast this machine is.
        options.config.identity.alerts.patience_ms = 4_500;
        let mut announced = None;
        if source {
            let sis = AlertSimulator::new(made_up_alerts(), options.clock.clone());
            announced = Some(alert_source::announce(sis, &mut options.config).await.unwrap());
        }
        adjust(&mut options);
        let border = Box::pin(Border::raise_on(options)).await;
        let sis = announced.map(|announced| announced.serve(&border.suite).unwrap());
        Self { border, sis, databases: [registry, identity, gateway] }
    }

    fn sis(&self) -> &AlertSimulator {
        &self.sis.as_ref().unwrap().simulator
    }

    fn read(&self, number: &str) -> Reading {
        let mut chip = self.border.partner.passport(number, self.border.today).unwrap();
        Terminal::connect(&mut chip, false).unwrap().read_document().unwrap()
    }

    /// Opens an inspection with these data groups.
    async fn inspects(&self, reading: &Reading, groups: &[u8], headers: &[(&str, &str)]) -> Value {
        let body = json!({
            "documentRef": "lane 17", "access": "bac", "mrzOptical": reading.optical_mrz,
            "sod": BASE64_STANDARD.encode(&reading.sod), "dataGroups": data_groups(reading, groups),
            "readAt": self.border.suite.clock().now().to_string(),
            "officer": OFFICER, "purpose": "border_check", "line": "first",
        });
        let headers = [&[("content-type", "application/json")], headers].concat();
        let sent = self.border.terminal.send(http::Method::POST, "/v1/inspections", &headers, body.to_string().into());
        let answer = sent.await.unwrap();
        assert_eq!(answer.status.as_u16(), 201, "{}", answer.json());
        answer.json()
    }

    /// Somebody shows the passport of this number: what the terminal is told of alerts.
    async fn shows(&self, number: &str) -> Value {
        self.inspects(&self.read(number), &[1, 2, 14], &[]).await["alerts"].clone()
    }

    /// The first column of a query to a database of the services, as texts.
    async fn texts(&self, database: usize, sql: &str) -> Vec<String> {
        let reader = self.databases[database].store().reader();
        let rows = reader.query_all_raw(Statement::from_string(reader.get_database_backend(), sql)).await.unwrap();
        rows.iter().map(|row| row.try_get_by_index(0).unwrap()).collect()
    }

    fn close(self) -> Pin<Box<impl Future<Output = ()>>> {
        Box::pin(async move {
            if let Some(sis) = self.sis {
                sis.stop().await.unwrap();
            }
            self.border.suite.stop().await.unwrap();
        })
    }
}

fn data_groups(reading: &Reading, groups: &[u8]) -> Value {
    let read =
        groups.iter().map(|number| (number.to_string(), BASE64_STANDARD.encode(&reading.data_groups[number]).into()));
    Value::Object(read.collect::<Map<_, _>>())
}

fn on_the_holder(id: &str, category: AlertCategory, action: Action, surname: &str, birth: &str) -> Alert {
    Alert::person(id, category, action, "NLD", Named::latin(surname, GIVEN, birth, "UTO", Sex::Unspecified))
}

/// Result, reason and step.
fn told(alerts: &Value) -> [&str; 3] {
    ["result", "unchecked", "step"].map(|member| alerts[member].as_str().unwrap_or("none"))
}

fn actions(alerts: &Value) -> Vec<&str> {
    alerts["found"].as_array().unwrap().iter().map(|found| found["action"].as_str().unwrap()).collect()
}

on_both_engines! {
    NoMigrations;

    async fn what_is_found_is_told_with_what_to_do(database: TestDatabase) {
        let lane = Checkpoint::open(database).await;
        let sis = lane.sis();
        let nothing = lane.shows("UT0000401").await;
        assert_eq!(told(&nothing), ["no_hit", "none", "go_on"]);
        assert_eq!(actions(&nothing), [] as [&str; 0]);

        sis.enter(Alert::document("sis-0402", "BEL", "UT0000402", "UTO"));
        let sought = lane.shows("UT0000402").await;
        assert_eq!((told(&sought), actions(&sought)), (["hit", "none", "second_line"], vec!["seize"]));
        let found = &sought["found"][0];
        assert_eq!((&found["issuingState"], &found["possible"]), (&json!("BEL"), &json!(false)));
        assert!(found["instruction"]["pl"].as_str().unwrap().contains("SIRENE"), "{found}");
        assert!(found["basis"].as_str().unwrap().contains("2018/1862"), "{found}");

        sis.enter(on_the_holder("sis-0403", AlertCategory::Arrest, Action::Arrest, "Przykładovska Wzorcowa", "1967"));
        let alike = lane.shows("UT0000403").await;
        assert_eq!((told(&alike), actions(&alike)), (["possible", "none", "second_line"], vec!["arrest"]));
        assert_eq!(alike["found"][0]["possible"], true);
        sis.delete("sis-0403");

        // Whoever is to be watched is not sent away from the others because of it.
        sis.enter(on_the_holder("sis-0404", AlertCategory::Check, Action::GatherDiscreetly, SURNAME, BORN));
        let watched = lane.shows("UT0000404").await;
        assert_eq!((told(&watched), actions(&watched)), (["hit", "none", "discreetly"], vec!["gather_discreetly"]));
        assert_eq!(watched["found"][0]["discreet"], true);
        let both = lane.shows("UT0000402").await;
        assert_eq!((told(&both), actions(&both)), (["hit", "none", "second_line"], vec!["gather_discreetly", "seize"]));

        // Each question is in registry's journal, with the officer at the lane, and its id with the inspection.
        let checks = lane.texts(0, "SELECT officer FROM journal WHERE kind = 'alerts.border_checked'").await;
        assert_eq!(checks, [OFFICER; 5]);
        let ids = lane.texts(1, "SELECT alerts_result FROM inspection WHERE alerts_check IS NOT NULL").await;
        assert_eq!(ids.len(), 5);
        lane.close().await;
    }

    async fn what_was_not_checked_is_told_with_the_reason_and_can_be_checked_again(database: TestDatabase) {
        let lane = Checkpoint::open(database).await;
        let sis = lane.sis();
        for (fault, why) in [
            (Fault::Down, "source_down"),
            (Fault::Broken, "unreachable"),
            (Fault::Refusing, "refused"),
            (Fault::Stale(Duration::from_secs(3_600)), "stale"),
            (Fault::Partial, "incomplete"),
            (Fault::Mute, "malformed"),
        ] {
            sis.script(Some(fault));
            assert_eq!(told(&lane.shows("UT0000411").await), ["not_checked", why, "second_line"], "{fault:?}");
        }
        sis.script(Some(Fault::Down));
        let reading = lane.read("UT0000412");
        let opened = lane.inspects(&reading, &[1, 2, 14], &[]).await;
        let again = async || {
            let path = format!("/v1/inspections/{}/data-groups", opened["id"].as_str().unwrap());
            let evidence = json!({ "dataGroups": data_groups(&reading, &[1]) });
            lane.border.terminal.post(&path, &evidence).await.unwrap().json()
        };
        assert_eq!(told(&again().await["alerts"]), ["not_checked", "source_down", "second_line"]);
        sis.script(None);
        let checked = again().await;
        assert_eq!(told(&checked["alerts"]), ["no_hit", "none", "go_on"]);
        assert_eq!(checked["verdict"], opened["verdict"], "alerts change no verdict");
        lane.close().await;
    }

    async fn a_source_slower_than_the_lane_waits_leaves_the_traveller_unchecked(database: TestDatabase) {
        let lane = Checkpoint::open_with(database, |options| options.config.identity.alerts.patience_ms = 700).await;
        lane.shows("UT0000421").await;
        lane.sis().script(Some(Fault::Slow(Duration::from_secs(30))));
        let begun = std::time::Instant::now();
        assert_eq!(told(&lane.shows("UT0000421").await), ["not_checked", "timed_out", "second_line"]);
        assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
        lane.sis().script(None);
        lane.close().await;
    }

    async fn the_holder_is_checked_when_the_chip_has_told_who_that_is(database: TestDatabase) {
        let lane = Checkpoint::open(database).await;
        let reading = lane.read("UT0000431");
        let opened = lane.inspects(&reading, &[14], &[]).await;
        assert_eq!(told(&opened["alerts"]), ["not_checked", "holder_not_read", "read_holder"]);
        assert_eq!(lane.sis().asked(), 0);
        let path = format!("/v1/inspections/{}/data-groups", opened["id"].as_str().unwrap());
        lane.sis().enter(Alert::document("sis-0431", "BEL", "UT0000431", "UTO"));
        for (group, result, found) in [(2, "not_checked", 0), (1, "hit", 1), (14, "hit", 0)] {
            let evidence = json!({ "dataGroups": data_groups(&reading, &[group]) });
            let added = lane.border.terminal.post(&path, &evidence).await.unwrap().json();
            assert_eq!((added["alerts"]["result"].as_str(), actions(&added["alerts"]).len()), (Some(result), found), "{added}");
        }
        assert_eq!(lane.sis().asked(), 2, "holder and document, once");
        let shown = lane.border.terminal.get(&path.replace("/data-groups", "")).await.unwrap().json();
        assert_eq!(told(&shown["alerts"]), ["hit", "none", "second_line"]);
        lane.close().await;
    }

    async fn an_answer_given_twice_is_the_same_and_kept_encrypted(database: TestDatabase) {
        let lane = Checkpoint::open(database).await;
        lane.sis().enter(Alert::document("sis-0441", "BEL", "UT0000441", "UTO"));
        let reading = lane.read("UT0000441");
        let once = [("idempotency-key", "once-0441")];
        let begun = lane.border.suite.clock().now();
        let body = json!({
            "documentRef": "lane 17", "access": "bac", "sod": BASE64_STANDARD.encode(&reading.sod),
            "dataGroups": data_groups(&reading, &[1]), "readAt": begun.to_string(),
            "officer": OFFICER, "purpose": "border_check", "line": "first",
        });
        let headers = [&[("content-type", "application/json")], &once[..]].concat();
        let mut answers = Vec::new();
        for _ in 0..2 {
            let sent = lane.border.terminal.send(http::Method::POST, "/v1/inspections", &headers, body.to_string().into());
            answers.push(sent.await.unwrap().json());
        }
        assert_eq!(answers[0], answers[1]);
        assert_eq!(actions(&answers[0]["alerts"]), ["seize"]);
        assert_eq!(lane.sis().asked(), 2, "asked once");
        let kept = lane.texts(2, "SELECT answer_json FROM idempotency_key").await;
        assert!(kept.len() == 1 && !kept[0].contains("seize") && !kept[0].contains("alerts"), "{kept:?}");
        lane.close().await;
    }

    async fn a_node_that_asks_nobody_says_so_at_each_reading(database: TestDatabase) {
        let lane = Checkpoint::without_source(database, |_| {}).await;
        let unasked = lane.shows("UT0000451").await;
        assert_eq!(told(&unasked), ["not_checked", "not_configured", "check_elsewhere"]);
        assert!(unasked["checkId"].is_string(), "registry said so: {unasked}");
        lane.close().await;
    }

    async fn a_lane_without_registry_says_so_at_each_reading(database: TestDatabase) {
        let lane = Checkpoint::without_source(database, |options| {
            options.config.identity.alerts.without_registry = true;
        })
        .await;
        let unasked = lane.shows("UT0000461").await;
        assert_eq!(told(&unasked), ["not_checked", "not_configured", "check_elsewhere"]);
        assert_eq!(unasked["checkId"], Value::Null);
        lane.close().await;
    }
}

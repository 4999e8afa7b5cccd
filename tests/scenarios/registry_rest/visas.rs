//! Visas of a case's persons over REST: as the register of visas has them now, and never "none" where nobody answered.

use serde_json::{Value, json};
use straznica_cli::config::NodeConfig;
use straznica_cli::visa_register;
use straznica_simulators::registers::{Fault, VisaSimulator, made_up_visas};
use straznica_store::{NoMigrations, on_both_engines};
use straznica_types::ManualClock;

use super::office::{Office, done, main_name, refused};

fn passport(number: &str) -> Value {
    json!({"document": {"kind": "passport", "number": number, "issuer": "UKR"}})
}

on_both_engines! {
    NoMigrations;

    async fn an_officer_sees_the_visas_of_everybody_in_a_case(database: TestDatabase) {
        let clock = ManualClock::starting_at("2026-04-20T08:00:00Z".parse().unwrap());
        let register = VisaSimulator::of(made_up_visas(), clock.shared());
        let mut scratch = Box::new(NodeConfig::default());
        let announced = visa_register::announce(register, &mut scratch).await.unwrap();
        let visas = scratch.registry.visas;
        let office = Office::found_with(database, clock, |options| options.config.registry.visas = visas).await;
        let served = announced.serve(&office.suite).unwrap();

        let guard = office.let_in("sg-0001", &["registry_intake"]).await;
        let reader = office.let_in("udsc-0003", &["registry_reader"]).await;
        let known = guard.registers(&[main_name("Іванова", "Ivanova"), passport("FE 123-456")]).await;
        let unknown = guard.registers(&[main_name("", "Ivanov"), passport("XX000000")]).await;
        let (case, number) = guard.opens(&[&known, &unknown], "application_registered", "2026-04-20T08:00:00Z").await;
        let (guard, reader) = (guard.on(&number), reader.on(&number));

        let told = done(&guard.get(&format!("{case}/visas")).await);
        let [of_one, of_other] = [&told["readings"][0], &told["readings"][1]];
        assert_eq!((&of_one["personId"], &of_one["outcome"], &of_one["source"]), (&json!(known), &json!("found"), &json!("CVR")));
        assert_eq!((&of_one["visas"][0]["number"], &of_one["visas"][0]["state"]), (&json!("POL00000001"), &json!("issued")));
        assert_eq!((&of_other["personId"], &of_other["outcome"], &of_other["visas"]), (&json!(unknown), &json!("none"), &json!([])));
        // Whoever only reads this register asks no other one.
        let asked = served.simulator.asked().len();
        refused(&reader.get(&format!("{case}/visas")).await, 403, "gateway.role_missing");
        assert_eq!(served.simulator.asked().len(), asked);

        served.simulator.script(Some(Fault::Down));
        let told = done(&guard.get(&format!("{case}/visas")).await);
        for reading in told["readings"].as_array().unwrap() {
            assert_eq!((&reading["outcome"], &reading["visas"]), (&json!("unavailable"), &json!([])), "{reading}");
        }
        served.stop().await.unwrap();
        office.end().await;
    }
}

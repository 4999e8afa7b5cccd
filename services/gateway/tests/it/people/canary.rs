//! Values planted in requests, sessions and documents are looked for in everything the gateway leaves behind.

use std::{
    io,
    sync::{Arc, Mutex},
};

use base64::{Engine as _, engine::general_purpose::STANDARD_NO_PAD};
use serde_json::json;
use straznica_contracts::identity::v1::Role;
use straznica_store::{Engine, NoMigrations, testing::TestDatabase};
use tracing_subscriber::fmt::MakeWriter;

use super::{
    browser::{Account, Browser, PASSWORD, PESEL},
    double::{CANARY, VERIFICATION},
};
use crate::it::house::House;

const PHONE: &str = "+48501234567";
const CODE: &str = "918273";

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// The ways a value may hide: as it is, in hex, in base64 at each of the three alignments, as a list of numbers.
fn finds(haystack: &[u8], value: &str) -> bool {
    let bytes = value.as_bytes();
    let mut all = vec![bytes.to_vec(), hex::encode(bytes).into_bytes()];
    for shift in 0..3 {
        let text = STANDARD_NO_PAD.encode([&vec![0; shift], bytes].concat());
        all.push(text.as_bytes()[shift + 1..text.len() - 2].to_vec());
    }
    all.push(bytes.iter().map(u8::to_string).collect::<Vec<_>>().join(",").into_bytes());
    all.iter().any(|needle| haystack.windows(needle.len()).any(|window| window == needle))
}

#[test]
fn the_search_finds_a_value_in_every_disguise() {
    for hidden in [format!("a{CANARY}"), hex::encode(CANARY), STANDARD_NO_PAD.encode(format!("xy{CANARY}yy"))] {
        assert!(finds(hidden.as_bytes(), CANARY), "{hidden}");
    }
    assert!(!finds(b"nothing of the kind", CANARY));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_is_found_in_database_journal_or_log() {
    let lines = Lines::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(lines.clone())
        .with_ansi(false)
        .finish();
    tracing::subscriber::set_global_default(subscriber).unwrap();

    let database = TestDatabase::fresh::<NoMigrations>(Engine::Sqlite).await.unwrap();
    let file = database.config().url.expose().trim_start_matches("sqlite://").to_owned();
    let house = House::people(database).await;
    let official = Account::official(&house, "j.kowalska").await;
    house.people.knows("j.kowalska", &[("um-a", &[Role::Official])]);
    let citizen = Account::citizen(&house, "a.probna").await;
    let at_counter = Browser::logged_in(&house, &official).await;
    let at_home = Browser::logged_in(&house, &citizen).await;
    for (member, value) in [("pesel", PESEL), ("phone", PHONE)] {
        let mut body = json!({"kind": "identity_card", "purpose": "office_matter", "case": "OR.1.2026"});
        body[member] = value.into();
        let keyed = [("idempotency-key", member)];
        let opened = at_counter.send(http::Method::POST, "/v1/verifications", &keyed, &body.to_string()).await;
        assert_eq!(opened.status, 201);
        // and what is wrong is not repeated either
        body["kind"] = value.into();
        at_counter.post("/v1/verifications", &body).await.problem(400, "gateway.invalid_members");
    }
    let at = |rest: &str| format!("/v1/verifications/{VERIFICATION}{rest}");
    assert_eq!(at_counter.post(&at("/code"), &json!({"code": CODE})).await.status, 200);
    let shown = at_counter.post(&at("/document"), &json!({})).await;
    assert!(finds(&shown.body, CANARY), "the document is shown");
    assert_eq!(at_home.post("/v1/citizen/phone", &json!({"phone": PHONE})).await.status, 200);
    let proof = json!({"proofId": VERIFICATION, "code": CODE});
    assert_eq!(at_home.post("/v1/citizen/phone/confirmation", &proof).await.status, 204);
    assert_eq!(at_home.get("/v1/citizen/accesses").await.status, 200);
    let typed = json!({"account": PESEL, "password": PASSWORD, "code": CODE});
    Browser::new(house.visitor()).log_in(&typed).await.problem(401, "gateway.login_refused");

    let secrets = [&at_counter, &at_home].map(|browser| browser.cookie.split_once('=').unwrap().1.to_owned());
    let tokens = [at_counter.csrf.clone(), at_home.csrf.clone()];
    house.end().await;
    let mut left = lines.0.lock().unwrap().clone();
    assert!(left.len() > 10_000, "there is a log");
    for suffix in ["", "-wal", "-shm"] {
        left.extend(std::fs::read(format!("{file}{suffix}")).unwrap_or_default());
    }
    let mut planted = vec![PESEL, PHONE, CODE, CANARY, PASSWORD, "ABA300000", "Anna Maria"];
    planted.extend(secrets.iter().chain(&tokens).map(String::as_str));
    for value in planted {
        assert!(!finds(&left, value), "{value} was left behind");
    }
}

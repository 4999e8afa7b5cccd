//! The way to the operators, from a code that is ordered to the receipt of its message: npm `smpp` is the message centre, with the faults of real ones.

use std::path::Path;
use std::time::Duration;

use serde_json::json;
use straznica_dispatch::{Bind, Config, Migrations, OperatorConfig, OperatorTls, SenderConfig, ValidityForm};
use straznica_pki::OutsideFiles;
use straznica_store::on_both_engines;
use straznica_store::testing::TestDatabase;
use straznica_testkit::MessageCentre;

use crate::house::House;

/// A link to a message centre, with the patience of a test.
pub(crate) fn operator(folder: &Path, name: &str, centre: &MessageCentre) -> OperatorConfig {
    OperatorConfig { name: name.to_owned(), port: centre.port(), ..plain_operator(folder) }
}

fn plain_operator(folder: &Path) -> OperatorConfig {
    let password_file = folder.join("operator.password");
    std::fs::write(&password_file, "tajne\n").unwrap();
    OperatorConfig {
        name: "operator-a".to_owned(),
        host: "127.0.0.1".to_owned(),
        port: 1,
        tls: None,
        system_id: "straznica".to_owned(),
        password_file,
        system_type: String::new(),
        bind: Bind::default(),
        validity: ValidityForm::default(),
        sender: SenderConfig::Short("7055".to_owned()),
        window: 20.try_into().unwrap(),
        parts_per_second: 500.try_into().unwrap(),
        weight: 1.try_into().unwrap(),
        answer_seconds: 2,
    }
}

/// The binding text comes first, so that its first word tells the message centre what to do.
fn words(config: &mut Config) {
    config.messages.texts.insert("pl".to_owned(), "{binding} {code} {minutes}".to_owned());
    // The clock of a test stands still; a refused message goes again all the same, and numbers get more than their share of an hour.
    config.rates.number = 1_000;
    config.limits.messages_per_subject_and_day = 1_000;
}

/// A house whose messages go to these operators.
async fn house(database: TestDatabase, operators: impl FnOnce(&Path) -> Vec<OperatorConfig>) -> House {
    House::open(database, |config| {
        words(config);
        config.operators = operators(&config.keys.directory.join(".."));
    })
    .await
}

impl House {
    /// Orders a code whose message begins with a word.
    async fn ordered(&self, word: &str) -> String {
        let mut wish = self.wish();
        wish.binding_text = format!("{word} kod");
        self.send(&wish).await.unwrap();
        wish.transaction_id
    }

    /// Waits until a transaction's first message is in a state.
    async fn message_becomes(&self, id: &str, state: &str) {
        let uuid = match self.database.store().engine() {
            straznica_store::Engine::Sqlite => format!("X'{}'", id.replace('-', "")),
            straznica_store::Engine::Postgres => format!("'{id}'"),
        };
        self.becomes(&format!("SELECT state FROM outbox WHERE transaction_id = {uuid}"), &[state]).await;
    }
}

on_both_engines! {
    Migrations;

    async fn whatever_the_message_centre_does_every_message_ends_as_it_should(database: TestDatabase) {
        let Some(centre) = MessageCentre::start(&json!({})) else { return };
        let house = house(database, |folder| vec![operator(folder, "operator-a", &centre)]).await;
        let mut ordered = Vec::new();
        for (word, state) in [
            ("plain", "delivered"),
            ("throttled", "delivered"),
            ("full", "delivered"),
            ("lost", "unknown"),
            ("early", "delivered"),
            ("late", "delivered"),
            ("doubled", "delivered"),
            ("hexdec", "delivered"),
            ("dechex", "delivered"),
            ("undeliv", "failed_permanent"),
            ("rejected", "failed_permanent"),
            ("nobody", "failed_permanent"),
            ("silent", "accepted"),
        ] {
            ordered.push((word, house.ordered(word).await, state));
        }
        for (_, id, state) in &ordered {
            house.message_becomes(id, state).await;
        }
        // Each went out once, but those the message centre said it had not taken.
        for (text, times) in centre.submissions() {
            let twice = ["throttled", "full"].iter().any(|word| text.starts_with(word));
            assert_eq!(times, if twice { 2 } else { 1 }, "{text}");
        }
        let submitted = &centre.told("submit")[0];
        assert_eq!((&submitted["from"], &submitted["to"], &submitted["registered"]), (&json!("7055"), &json!("48501234567"), &json!(1)));
        assert_eq!(submitted["validity"].as_str().map(str::len), Some(24), "{submitted}");
        // What came doubled is known as such after a while.
        house.clock.advance(Duration::from_secs(31));
        // The receipt of the lost answer belongs to nothing, for its part never got a name; all others found their parts.
        house.becomes("SELECT state FROM parked_receipt", &["delivered"]).await;
        // Whoever follows has been told; that it was accepted only where nothing more was known at that moment.
        for (word, id, state) in &ordered {
            let told = house.outcomes(id).await;
            assert!(told.iter().any(|outcome| outcome == state), "{word}: {told:?}");
            assert!(told.iter().all(|outcome| [*state, "accepted"].contains(&outcome.as_str())), "{word}: {told:?}");
            assert!(told.len() <= 2, "{word}: {told:?}");
        }
        house.close().await;
        assert!(!centre.told("unbind").is_empty());
    }
}

on_both_engines! {
    Migrations;

    async fn what_was_on_a_line_that_breaks_is_unknown_and_the_rest_goes_out_on_the_next(database: TestDatabase) {
        let Some(centre) = MessageCentre::start(&json!({})) else { return };
        let pair = |folder: &Path| OperatorConfig {
            // One at a time, and receipts on a line of their own, which does not break.
            window: 1.try_into().unwrap(),
            bind: Bind::Pair,
            ..operator(folder, "operator-a", &centre)
        };
        let house = house(database, |folder| vec![pair(folder)]).await;
        let mut ordered = Vec::new();
        for (word, state) in [("plain", "delivered"), ("cut", "unknown"), ("late", "delivered"), ("cut", "unknown"), ("plain", "delivered")] {
            ordered.push((word, house.ordered(word).await, state));
        }
        for (_, id, state) in &ordered {
            house.message_becomes(id, state).await;
        }
        assert_eq!(centre.told("submit").len(), 5);
        let transmitters = centre.told("bind_transmitter").len();
        assert!((2..=3).contains(&transmitters), "once more after each break, if there was something left to send: {transmitters}");
        assert_eq!(centre.told("bind_receiver").len(), 1);
        house.close().await;
    }

    async fn an_answer_that_comes_too_late_still_lets_the_receipt_decide(database: TestDatabase) {
        let Some(centre) = MessageCentre::start(&json!({})) else { return };
        let house = house(database, |folder| vec![operator(folder, "operator-a", &centre)]).await;
        let id = house.ordered("tardy").await;
        house.message_becomes(&id, "unknown").await;
        house.message_becomes(&id, "delivered").await;
        assert_eq!(centre.told("submit").len(), 1);
        house.close().await;
    }

    async fn a_receipt_another_replica_parked_is_taken_up(database: TestDatabase) {
        let Some(centre) = MessageCentre::start(&json!({})) else { return };
        let house = house(database, |folder| vec![operator(folder, "operator-a", &centre)]).await;
        let id = house.ordered("silent").await;
        house.message_becomes(&id, "accepted").await;
        let row = match house.database.store().engine() {
            straznica_store::Engine::Sqlite => "X'01976E00000070008000000000000001'",
            straznica_store::Engine::Postgres => "'01976e00-0000-7000-8000-000000000001'",
        };
        house
            .execute(&format!(
                "INSERT INTO parked_receipt (id, operator, reference, spelling, hexadecimal, state, error, received_at) \
                 SELECT {row}, operator, reference, spelling, hexadecimal, 'failed_permanent', '1B', changed_at FROM message_part"
            ))
            .await;
        house.message_becomes(&id, "failed_permanent").await;
        assert_eq!(house.texts("SELECT error FROM message_part").await, ["1B"]);
        house.becomes("SELECT state FROM parked_receipt", &[]).await;
        house.close().await;
    }

    async fn while_no_operator_is_there_codes_wait_in_the_outbox_and_end_with_their_life(database: TestDatabase) {
        let port = straznica_testkit::free_port();
        let Some(centre) = MessageCentre::start(&json!({ "port": port })) else { return };
        let house = house(database, |folder| vec![operator(folder, "operator-a", &centre)]).await;
        let first = house.ordered("plain").await;
        house.message_becomes(&first, "delivered").await;
        drop(centre);
        let (short, long) = (house.ordered("short").await, house.ordered("long").await);
        tokio::time::sleep(Duration::from_millis(300)).await;
        for id in [&short, &long] {
            house.message_becomes(id, "queued").await;
        }
        let Some(centre) = MessageCentre::start(&json!({ "port": port })) else { return };
        house.message_becomes(&long, "delivered").await;
        assert!(centre.submissions().values().all(|times| *times == 1), "{:?}", centre.submissions());
        drop(centre);
        let late = house.ordered("late").await;
        house.clock.advance(Duration::from_secs(300));
        house.message_becomes(&late, "expired").await;
        house.close().await;
    }

    async fn of_two_operators_each_gets_its_share_and_one_that_is_gone_nothing(database: TestDatabase) {
        let (Some(a), Some(b)) = (MessageCentre::start(&json!({})), MessageCentre::start(&json!({}))) else { return };
        let house = house(database, |folder| {
            let heavy = OperatorConfig { weight: 3.try_into().unwrap(), ..operator(folder, "operator-a", &a) };
            vec![heavy, operator(folder, "operator-b", &b)]
        })
        .await;
        for word in ["plain", "late", "hexdec", "plain", "dechex", "plain", "plain", "doubled"] {
            let id = house.ordered(word).await;
            house.message_becomes(&id, "delivered").await;
        }
        assert_eq!((a.heard("submit", 6), b.heard("submit", 2)), (6, 2));
        drop(a);
        for _ in 0..4 {
            let id = house.ordered("plain").await;
            house.message_becomes(&id, "delivered").await;
        }
        assert_eq!(b.heard("submit", 6), 6);
        assert_eq!(house.texts("SELECT operator FROM message_part WHERE operator = 'operator-b'").await.len(), 6);
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_operator_that_never_tells_leaves_the_message_unknown() {
    let Some(centre) = MessageCentre::start(&json!({})) else { return };
    let database = TestDatabase::fresh::<Migrations>(straznica_store::Engine::Sqlite).await.unwrap();
    let house = house(database, |folder| vec![operator(folder, "operator-a", &centre)]).await;
    let id = house.ordered("silent").await;
    house.message_becomes(&id, "accepted").await;
    house.clock.advance(Duration::from_secs(300 + 59 * 60));
    tokio::time::sleep(Duration::from_secs(3)).await;
    house.message_becomes(&id, "accepted").await;
    house.clock.advance(Duration::from_secs(2 * 60));
    house.message_becomes(&id, "unknown").await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn over_tls_messages_go_to_whom_the_certificate_names_and_to_nobody_else() {
    let (root, key, certificate) = certificates();
    let Some(centre) = MessageCentre::start(&json!({ "key": key, "cert": certificate })) else { return };
    for (server_name, arrives) in [("smsc.example", true), ("another.example", false)] {
        let database = TestDatabase::fresh::<Migrations>(straznica_store::Engine::Sqlite).await.unwrap();
        let house = house(database, |folder| {
            let trust_anchors = folder.join("operator-root.pem");
            std::fs::write(&trust_anchors, &root).unwrap();
            let files = OutsideFiles { trust_anchors, revocation_lists: None, own: None };
            let tls = Some(OperatorTls { server_name: Some(server_name.to_owned()), files });
            vec![OperatorConfig { tls, ..operator(folder, "operator-a", &centre) }]
        })
        .await;
        let id = house.ordered("plain").await;
        if arrives {
            house.message_becomes(&id, "delivered").await;
        } else {
            tokio::time::sleep(Duration::from_secs(1)).await;
            house.message_becomes(&id, "queued").await;
        }
        house.close().await;
    }
    assert_eq!((centre.told("submit").len(), centre.told("bind_transceiver").len()), (1, 1));
}

/// A root, and the key and certificate of a server it vouches for, as PEM.
fn certificates() -> (String, String, String) {
    let mut root = rcgen::CertificateParams::default();
    root.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let root_key = rcgen::KeyPair::generate().unwrap();
    let root_certificate = root.self_signed(&root_key).unwrap().pem();
    let issuer = rcgen::Issuer::new(root, root_key);
    let key = rcgen::KeyPair::generate().unwrap();
    let server = rcgen::CertificateParams::new(vec!["smsc.example".to_owned()]).unwrap();
    (root_certificate, key.serialize_pem(), server.signed_by(&key, &issuer).unwrap().pem())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_production_node_needs_an_operator_and_a_test_node_does_not() {
    let refused = crate::house::refused_in_production(|_| {}).await.unwrap();
    assert!(refused.contains("dispatch.operators"), "{refused}");
    let far = |folder: &Path| OperatorConfig { host: "smsc.example".to_owned(), port: 2775, ..plain_operator(folder) };
    let refused = crate::house::refused_in_production(|config| {
        config.operators = vec![far(&config.keys.directory.join(".."))];
    })
    .await
    .unwrap();
    assert!(refused.contains("without TLS"), "{refused}");
    let here = |config: &mut Config| config.operators = vec![plain_operator(&config.keys.directory.join(".."))];
    assert_eq!(crate::house::refused_in_production(here).await, None);
}

//! Starting: what survives, and what is refused.

use cvc::certificate::Certificate;
use exchange::profile::built_in_file;
use straznica_contracts::spoc::v1::{GetCertificateChainRequest, ListHoldersRequest, SuspendHolderRequest};
use straznica_spoc::{Config, Migrations, config::KeyStoreConfig};
use straznica_store::on_both_engines;
use straznica_types::Environment;

use super::{
    foreign_state::ForeignCvca,
    house::{House, OFFICER, code, desk, secret, terminal},
    issuing::{ask_for_dv, registered},
    national_pki::{found, import_dv, issue_is, request},
};

/// Why a start failed, with its causes.
async fn refusal(house: &House, config: &Config, environment: Environment) -> String {
    let failure = straznica_spoc::build(config, &house.context(environment)).await.unwrap_err();
    let mut text = failure.to_string();
    let mut next = std::error::Error::source(&failure);
    while let Some(cause) = next {
        text = format!("{text}: {cause}");
        next = cause.source();
    }
    text
}

on_both_engines! { Migrations;
    async fn a_profile_file_that_is_none_is_refused_by_its_name(database: TestDatabase) {
        let house = House::new(database);
        let file = |name: &str| house.directory.path().join(name);
        let assumed = built_in_file("2018").unwrap();
        let write = |name: &str, text: &str| std::fs::write(file(name), text).unwrap();
        write("good.toml", &assumed.replacen("[spelling]\n", "[spelling]\nok_reception_ack = \"ok_later\"\n", 1));
        write("again.toml", assumed);
        write("letter.toml", "Dear colleagues");
        write("word.toml", &assumed.replacen("[spelling]\n", "[spelling]\nok_later = \"ok_reception_ack\"\n", 1));
        write("turned.toml", &assumed.replacen("failure_expired = \"failure_outer_signature\"", "failure_expired = \"ok_reception_ack\"", 1));
        let with = |names: &[&str]| {
            let mut config = house.config.clone();
            config.exchange.profile_files = names.iter().map(|name| file(name)).collect();
            config
        };
        for (names, said) in [
            (&["absent.toml"][..], "absent.toml cannot be read"),
            (&["letter.toml"], "letter.toml is no profile"),
            (&["good.toml", "word.toml"], "word.toml is no profile: the spelling \"ok_reception_ack\" of ok_later is not usable"),
            (&["turned.toml"], "failure_expired may not fall back to ok_reception_ack"),
            (&["good.toml", "again.toml"], "again.toml are both called \"2018\""),
        ] {
            let text = refusal(&house, &with(names), Environment::Test).await;
            assert!(text.contains("the profile files of spoc") && text.contains(said), "{text}");
        }
        straznica_spoc::build(&with(&["good.toml"]), &house.context(Environment::Test)).await.unwrap();
    }

    async fn a_restart_keeps_chains_requests_and_keys(database: TestDatabase) {
        let house = House::new(database);
        let node = house.start().await;
        let mut foreign = ForeignCvca::new("UT", house.today());
        found(&node, &foreign).await;
        let made = request(&node, "UTCVCA").await.unwrap();
        import_dv(&node, &[foreign.answer(&made.request, house.today(), 60)]).await.unwrap();
        issue_is(&node, "UTCVCA", 30).await.unwrap();
        let open = request(&node, "UTCVCA").await.unwrap();
        let ask = || GetCertificateChainRequest {
            context: terminal("PL-WAW-017", "bg-7"), inspection_id: String::new(), cars: vec!["UTCVCA00001".to_owned()],
        };
        let before = node.centre().get_certificate_chain(ask()).await.unwrap().into_inner();
        let holders = node.pki().list_holders(ListHoldersRequest {}).await.unwrap().into_inner();
        node.end().await;

        let node = house.start().await;
        assert_eq!(node.centre().get_certificate_chain(ask()).await.unwrap().into_inner(), before);
        assert_eq!(node.pki().list_holders(ListHoldersRequest {}).await.unwrap().into_inner(), holders);
        // The answer to a request made before the restart is taken, and its key is there to sign with.
        import_dv(&node, &[foreign.answer(&open.request, house.today(), 50)]).await.unwrap();
        assert!(!request(&node, "UTCVCA").await.unwrap().initial);
        node.end().await;
    }

    async fn a_wrong_secret_or_none_or_two_is_refused(database: TestDatabase) {
        let house = House::new(database);
        house.start().await.end().await;
        let with = |keystore: KeyStoreConfig| Config { keystore, ..house.config.clone() };
        let wrong = house.directory.path().join("wrong");
        std::fs::write(&wrong, [8; 32]).unwrap();
        let kept = &house.config.keystore;
        let cases = [
            (KeyStoreConfig { key_file: Some(wrong), ..kept.clone() }, "not the one this key store was made with"),
            // None: a test node makes one of its own, which is not the store's.
            (KeyStoreConfig { key_file: None, ..kept.clone() }, "not the one this key store was made with"),
            (KeyStoreConfig { passphrase: secret("x"), ..kept.clone() }, "exactly one of"),
            (KeyStoreConfig { passphrase: secret("x"), key_file: None, ..kept.clone() }, "opened with a key file"),
        ];
        for (keystore, expected) in cases {
            let text = refusal(&house, &with(keystore), Environment::Test).await;
            assert!(text.contains(expected), "{text}");
        }
    }

    async fn with_the_cvcas_keys_alone_brought_back_a_node_issues_again(database: TestDatabase) {
        let house = House::new(database);
        let node = house.start().await;
        registered(&node).await;
        let lost = ask_for_dv(&node).await.unwrap().chr;
        issue_is(&node, "PLCVCA", 10).await.unwrap();
        node.end().await;

        // docs/operations/spoc.md: the header and the directory of the CVCA are what is backed up, and all that is left.
        let keys = &house.config.keystore.directory;
        let count = |role: &str| std::fs::read_dir(keys.join(role)).unwrap().count();
        assert_eq!([count("cvca"), count("dv"), count("is")], [1, 1, 1]);
        let backup = tempfile::tempdir().unwrap();
        let copy = |from: &std::path::Path, to: &std::path::Path| {
            std::fs::create_dir_all(to.join("cvca")).unwrap();
            std::fs::copy(from.join("keystore.json"), to.join("keystore.json")).unwrap();
            for key in std::fs::read_dir(from.join("cvca")).unwrap() {
                let key = key.unwrap();
                std::fs::copy(key.path(), to.join("cvca").join(key.file_name())).unwrap();
            }
        };
        copy(keys, backup.path());
        std::fs::remove_dir_all(keys).unwrap();
        copy(backup.path(), keys);

        let node = house.start().await;
        assert_eq!([count("cvca"), count("dv"), count("is")], [1, 0, 0]);
        for refusal in [ask_for_dv(&node).await.unwrap_err(), issue_is(&node, "PLCVCA", 10).await.unwrap_err()] {
            assert_eq!(code(&refusal), "spoc.key_store", "the verifier's key is gone: {refusal}");
        }
        // The verifier without a key is suspended; the CVCA countersigns its next request, and issues.
        let suspend = SuspendHolderRequest {
            context: desk(OFFICER), car: "PLCVCA00001".to_owned(), chr: lost.clone(), reason: "its key was lost".to_owned(),
        };
        node.pki().suspend_holder(suspend).await.unwrap();
        let fresh = ask_for_dv(&node).await.unwrap();
        assert!(!fresh.waiting && fresh.chr > lost, "{} after {lost}", fresh.chr);
        let system = issue_is(&node, "PLCVCA", 10).await.unwrap();
        assert_eq!(Certificate::parse(system.certificate.as_slice()).unwrap().car().to_string(), fresh.chr);
        assert_eq!([count("cvca"), count("dv"), count("is")], [1, 1, 1]);
        node.end().await;
    }

    async fn a_test_node_without_a_secret_makes_a_key_file_and_finds_it_again(database: TestDatabase) {
        let mut house = House::new(database);
        house.config.keystore.key_file = None;
        let node = house.start().await;
        let foreign = ForeignCvca::new("UT", house.today());
        found(&node, &foreign).await;
        node.end().await;
        assert_eq!(std::fs::read(house.directory.path().join("keys.kek")).unwrap().len(), 32);
        let node = house.start().await;
        assert!(request(&node, "UTCVCA").await.unwrap().initial, "the national CVCA's key signs again");
        node.end().await;
    }

    async fn a_node_of_one_environment_refuses_the_others_database_keys_and_state(database: TestDatabase) {
        let house = House::new(database);
        house.start().await.end().await;
        // Development certificates are refused in production before spoc is asked, so its own checks are met with the test's.
        let mut context = house.context(Environment::Test);
        context.environment = Environment::Production;
        let build = async |config: &Config| {
            let failure = straznica_spoc::build(config, &context).await.unwrap_err();
            format!("{failure}: {}", std::error::Error::source(&failure).unwrap())
        };
        let text = build(&house.config).await;
        assert!(text.contains("the database belongs to the test environment"), "{text}");
        let specimen = Config { country: "UT".to_owned(), ..house.config.clone() };
        let text = build(&specimen).await;
        assert!(text.contains("specimen state"), "{text}");
    }
}

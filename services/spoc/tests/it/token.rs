//! A node whose keys are in a token.

use std::path::Path;

use cvc::{certificate::Certificate, public_key::PublicKey};
use straznica_contracts::spoc::v1::{GetCertificateChainRequest, TaSignatureResult};
use straznica_spoc::{
    Migrations,
    config::{KeyStoreConfig, KeyStoreKind, Pkcs11Config, TokenConfig},
};
use straznica_store::{Engine, testing::TestDatabase};
use straznica_testkit::on_softhsm;
use straznica_types::Environment;

use super::{
    control_centre::{Ask, open, ready},
    house::{DAY, House, secret, terminal},
    national_pki::{import_dv, request},
};

fn keystore(module: &Path) -> KeyStoreConfig {
    let token = TokenConfig { label: Some("spoc".to_owned()), pin: secret("1234"), ..TokenConfig::default() };
    let pkcs11 = Pkcs11Config { module: module.to_owned(), token, ..Pkcs11Config::default() };
    KeyStoreConfig {
        kind: KeyStoreKind::Pkcs11,
        pkcs11,
        // Nothing may be written there.
        directory: "/nonexistent".into(),
        ..KeyStoreConfig::default()
    }
}

async fn chains_signatures_and_successive_requests(module: &Path) {
    let Some(database) = TestDatabase::fresh::<Migrations>(Engine::Sqlite).await else { return };
    let mut house = House::new(database);
    house.config.keystore = keystore(module);
    let node = house.start().await;
    let (mut foreign, is_chr) = ready(&house, &node).await;
    node.end().await;

    let node = house.start().await;
    let inspection = open(&house, &node).await;
    let answer = Ask::usual(inspection, &is_chr).of(&node).await.unwrap();
    assert_eq!(answer.result(), TaSignatureResult::OkSignatureAvailable);
    let ask = GetCertificateChainRequest {
        context: terminal("PL-WAW-017", "bg-7"),
        inspection_id: String::new(),
        cars: vec!["UTCVCA00001".to_owned()],
    };
    let chain = node.centre().get_certificate_chain(ask).await.unwrap().into_inner();
    let root = PublicKey::resolve(&foreign.certificates[0].public_key(), None).unwrap();
    let system = Certificate::parse(chain.certificates.last().unwrap().der.as_slice()).unwrap();
    let key = PublicKey::resolve(&system.public_key(), root.parameters()).unwrap();
    key.verify_digest(&[5; 32], &answer.signature).unwrap();

    let successive = request(&node, "UTCVCA").await.unwrap();
    assert!(!successive.initial);
    import_dv(&node, &[foreign.answer(&successive.request, house.today(), 60)]).await.unwrap();
    node.end().await;

    house.clock.advance(DAY * 40);
    let parts = straznica_spoc::build(&house.config, &house.context(Environment::Test)).await.unwrap();
    parts.jobs.iter().find(|job| job.name() == "spoc_key_clean_up").unwrap().turn().await.unwrap();
    assert!(house.journal().await.contains(&"key.destroyed".to_owned()));
}

#[test]
fn a_node_with_its_keys_in_a_token_issues_signs_requests_and_clears_away() {
    on_softhsm(&["spoc"], |module| {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        runtime.block_on(chains_signatures_and_successive_requests(module));
    });
}

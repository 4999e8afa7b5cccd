//! What every key store does alike, on encrypted files and on a token.

use std::{path::Path, sync::Arc, thread};

use cvc::{
    algorithm::{Algorithm, Scheme},
    domain_parameters::StandardisedCurve,
    private_key::SignError,
};
use straznica_testkit::on_softhsm;
use straznica_types::{Environment, Secret};
use tempfile::tempdir;

use super::{KeyKind, KeyRole, KeyStore, KeyStoreError, open};
use crate::config::{KeyStoreConfig, KeyStoreKind, Pkcs11Config, TokenConfig};

/// A place for keys, opened as often as a behaviour needs.
struct Shelf(KeyStoreConfig);

impl Shelf {
    fn open(&self) -> Arc<dyn KeyStore> {
        open(&self.0, Environment::Test, "PL").unwrap()
    }
}

type Behaviour = (&'static str, fn(&Shelf));

const BEHAVIOURS: &[Behaviour] = &[
    ("every kind of key signs what its public half verifies, also after a restart", every_kind_signs),
    ("a successor is of its predecessor's kind", a_successor_is_of_the_same_kind),
    ("a digest of another length is refused", a_digest_of_another_length_is_refused),
    ("SHA-1 is refused and nothing is kept", sha_1_is_refused),
    ("a destroyed key is unknown", a_destroyed_key_is_unknown),
    ("keys are listed by role", keys_are_listed_by_role),
    ("many sign at once", many_sign_at_once),
    ("the other environment is refused", the_other_environment_is_refused),
];

fn all_behaviours(shelf: &Shelf) {
    for (name, behaviour) in BEHAVIOURS {
        println!("{name}");
        behaviour(shelf);
        let store = shelf.open();
        for key in KeyRole::ALL.into_iter().flat_map(|role| store.list(role).unwrap()) {
            store.delete(&key).unwrap();
        }
    }
}

#[test]
fn encrypted_files_behave() {
    let directory = tempdir().unwrap();
    all_behaviours(&Shelf(KeyStoreConfig { directory: directory.path().join("keys"), ..KeyStoreConfig::default() }));
}

#[test]
fn a_token_behaves() {
    on_softhsm(&["spoc"], |module| all_behaviours(&Shelf(token(module, "spoc"))));
}

/// Every role in the token with this label.
pub(super) fn token(module: &Path, label: &str) -> KeyStoreConfig {
    let pkcs11 =
        Pkcs11Config { module: module.to_owned(), token: named(label), sessions: 3, ..Pkcs11Config::default() };
    KeyStoreConfig { kind: KeyStoreKind::Pkcs11, pkcs11, ..KeyStoreConfig::default() }
}

pub(super) fn named(label: &str) -> TokenConfig {
    TokenConfig { label: Some(label.to_owned()), pin: Some(Secret::new("1234".to_owned())), ..TokenConfig::default() }
}

pub(super) fn ec() -> KeyKind {
    KeyKind::Ec { algorithm: Algorithm::EcdsaSha256, parameters: StandardisedCurve::BrainpoolP256r1.into() }
}

fn digest(algorithm: Algorithm) -> Vec<u8> {
    (1..).take(algorithm.hash().length()).collect()
}

fn every_kind_signs(shelf: &Shelf) {
    let mut kinds = Vec::new();
    for algorithm in Algorithm::ALL.into_iter().filter(|algorithm| !algorithm.is_weak()) {
        match algorithm.scheme() {
            Scheme::RsaPkcs1 | Scheme::RsaPss => kinds.push(KeyKind::Rsa { algorithm, bits: 2048 }),
            Scheme::Ecdsa => {
                kinds.extend(StandardisedCurve::ALL.map(|curve| KeyKind::Ec { algorithm, parameters: curve.into() }))
            }
        }
    }
    assert_eq!(kinds.len(), 4 + 4 * 11);
    let store = shelf.open();
    let made: Vec<_> = kinds.iter().map(|kind| store.generate(KeyRole::InspectionSystem, kind).unwrap()).collect();
    drop(store);
    let reopened = shelf.open();
    for (kind, key) in kinds.iter().zip(made) {
        let digest = digest(kind.algorithm());
        assert_eq!(key.public_key.algorithm(), kind.algorithm());
        assert_eq!(reopened.public_key(&key.handle).unwrap(), key.public_key, "{kind:?}");
        let signature = reopened.sign_digest(&key.handle, &digest).unwrap();
        key.public_key.verify_digest(&digest, &signature).unwrap_or_else(|failure| panic!("{kind:?}: {failure}"));
    }
}

fn a_successor_is_of_the_same_kind(shelf: &Shelf) {
    let store = shelf.open();
    for kind in [ec(), KeyKind::Rsa { algorithm: Algorithm::RsaPssSha512, bits: 3072 }] {
        let first = store.generate(KeyRole::DocumentVerifier, &kind).unwrap().public_key;
        let second = store.generate(KeyRole::DocumentVerifier, &KeyKind::Like(first.clone())).unwrap().public_key;
        assert!(first.same_kind(&second) && first != second, "{kind:?}");
    }
}

fn a_digest_of_another_length_is_refused(shelf: &Shelf) {
    let store = shelf.open();
    for kind in [ec(), KeyKind::Rsa { algorithm: Algorithm::RsaPkcs1Sha256, bits: 2048 }] {
        let key = store.generate(KeyRole::InspectionSystem, &kind).unwrap().handle;
        for length in [0, 31, 33] {
            let refusal = store.sign_digest(&key, &vec![9; length]);
            assert!(matches!(refusal, Err(KeyStoreError::Sign(SignError::Signature(_)))), "{kind:?}: {refusal:?}");
        }
        store.sign_digest(&key, &[9; 32]).unwrap();
    }
}

fn sha_1_is_refused(shelf: &Shelf) {
    let store = shelf.open();
    let parameters = StandardisedCurve::P256.into();
    for kind in [
        KeyKind::Ec { algorithm: Algorithm::EcdsaSha1, parameters },
        KeyKind::Rsa { algorithm: Algorithm::RsaPssSha1, bits: 2048 },
    ] {
        let refusal = store.generate(KeyRole::NationalCvca, &kind);
        assert!(matches!(refusal, Err(KeyStoreError::Sign(SignError::WeakAlgorithm(_)))), "{refusal:?}");
    }
    assert!(store.list(KeyRole::NationalCvca).unwrap().is_empty());
}

fn a_destroyed_key_is_unknown(shelf: &Shelf) {
    let store = shelf.open();
    let gone = store.generate(KeyRole::InspectionSystem, &ec()).unwrap().handle;
    store.sign_digest(&gone, &[0; 32]).unwrap();
    // Another replica with the same store.
    shelf.open().delete(&gone).unwrap();
    assert!(matches!(store.sign_digest(&gone, &[0; 32]), Err(KeyStoreError::Unknown(named)) if named == gone));
    assert!(matches!(store.delete(&gone), Err(KeyStoreError::Unknown(_))));
    assert!(matches!(shelf.open().public_key(&gone), Err(KeyStoreError::Unknown(_))));
}

fn keys_are_listed_by_role(shelf: &Shelf) {
    let store = shelf.open();
    let mut made = Vec::new();
    for role in KeyRole::ALL {
        assert!(store.list(role).unwrap().is_empty());
        made.push((role, store.generate(role, &ec()).unwrap().handle));
    }
    for (role, handle) in made {
        assert_eq!(shelf.open().list(role).unwrap(), [handle]);
    }
}

fn many_sign_at_once(shelf: &Shelf) {
    let store = shelf.open();
    let key = store.generate(KeyRole::InspectionSystem, &ec()).unwrap();
    thread::scope(|scope| {
        for number in 0..12 {
            let (store, key) = (&store, &key);
            scope.spawn(move || {
                for round in 0..5 {
                    let digest = [number * 5 + round; 32];
                    let signature = store.sign_digest(&key.handle, &digest).unwrap();
                    key.public_key.verify_digest(&digest, &signature).unwrap();
                }
            });
        }
    });
}

fn the_other_environment_is_refused(shelf: &Shelf) {
    drop(shelf.open());
    let refusal = open(&shelf.0, Environment::Production, "PL");
    // A production node without a secret of its own is refused before it looks.
    let expected = |failure: &KeyStoreError| match shelf.0.kind {
        KeyStoreKind::File => matches!(failure, KeyStoreError::Secret),
        KeyStoreKind::Pkcs11 => matches!(
            failure,
            KeyStoreError::OtherEnvironment { found: Environment::Test, expected: Environment::Production }
        ),
    };
    assert!(refusal.as_ref().is_err_and(expected), "{refusal:?}");
}

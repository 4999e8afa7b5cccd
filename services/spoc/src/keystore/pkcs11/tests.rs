//! What a token promises beyond what every key store does.

use std::path::Path;

use cryptoki::{
    context::Pkcs11,
    error::{Error as CallError, RvError},
    mechanism::Mechanism,
    object::{Attribute, AttributeInfo, AttributeType, KeyType, ObjectClass, ObjectHandle},
    session::{Session, UserType},
    types::AuthPin,
};
use straznica_testkit::on_softhsm;
use straznica_types::{Environment, Secret};

use super::{Pkcs11KeyStore, TokenError, token};
use crate::{
    config::{BackupConfig, KeyStoreConfig, RoleTokens, TokenConfig},
    keystore::{
        KeyHandle, KeyRole, KeyStore, KeyStoreError,
        tests::{ec, named, token as one_token},
    },
};

fn open(config: &KeyStoreConfig) -> Result<Pkcs11KeyStore, KeyStoreError> {
    Pkcs11KeyStore::open(&config.pkcs11, config.backup, Environment::Test, "PL")
}

/// A session beside the store's own, logged in as they are.
fn beside(module: &Path, label: &str) -> (Pkcs11, Session) {
    let module = token::module(module).unwrap();
    let slots = module.get_slots_with_initialized_token().unwrap();
    let slot = slots.into_iter().find(|slot| module.get_token_info(*slot).unwrap().label() == label).unwrap();
    let session = module.open_rw_session(slot).unwrap();
    match session.login(UserType::User, Some(&AuthPin::from("1234"))) {
        Ok(()) | Err(CallError::Pkcs11(RvError::UserAlreadyLoggedIn, _)) => (module, session),
        Err(failure) => panic!("{failure}"),
    }
}

fn private_half(session: &Session, key: &KeyHandle) -> ObjectHandle {
    let wanted = [Attribute::Class(ObjectClass::PRIVATE_KEY), Attribute::Id(key.id().as_bytes().to_vec())];
    let found = session.find_objects(&wanted).unwrap();
    assert_eq!(found.len(), 1);
    found[0]
}

#[test]
fn a_private_key_is_sensitive_and_cannot_leave_its_token() {
    on_softhsm(&["spoc"], |module| {
        for cvca_may_leave in [false, true] {
            let backup = BackupConfig { cvca: cvca_may_leave };
            let store = open(&KeyStoreConfig { backup, ..one_token(module, "spoc") }).unwrap();
            let (_, session) = beside(module, "spoc");
            for role in KeyRole::ALL {
                let key = private_half(&session, &store.generate(role, &ec()).unwrap().handle);
                let may_leave = cvca_may_leave && role == KeyRole::NationalCvca;
                let expected = [
                    Attribute::Token(true),
                    Attribute::Private(true),
                    Attribute::Modifiable(false),
                    Attribute::Sensitive(true),
                    Attribute::AlwaysSensitive(true),
                    Attribute::Extractable(may_leave),
                    Attribute::NeverExtractable(!may_leave),
                    Attribute::WrapWithTrusted(may_leave),
                    Attribute::Local(true),
                    Attribute::Sign(true),
                    Attribute::Decrypt(false),
                    Attribute::Derive(false),
                    Attribute::Unwrap(false),
                ];
                let asked: Vec<_> = expected.iter().map(Attribute::attribute_type).collect();
                assert_eq!(session.get_attributes(key, &asked).unwrap(), expected, "{role}");
                let value = session.get_attribute_info(key, &[AttributeType::Value]).unwrap();
                assert!(matches!(value[..], [AttributeInfo::Sensitive]), "{role}: {value:?}");
                assert!(session.get_attributes(key, &[AttributeType::Value]).unwrap().is_empty());
                // Nor do its name and its protection change.
                for change in
                    [Attribute::Extractable(true), Attribute::Sensitive(false), Attribute::Label(b"x".to_vec())]
                {
                    assert!(
                        session.update_attributes(key, std::slice::from_ref(&change)).is_err(),
                        "{role}: {change:?}"
                    );
                }
            }
        }
    });
}

/// What the security officers of two tokens bring along: the same key, which nobody else can mark as trusted.
const BACKUP_KEY: [u8; 32] = [0x5a; 32];

/// A key to wrap others with.
fn wrapping_key(session: &Session, value: &[u8], trusted: bool) -> ObjectHandle {
    let mut template = vec![
        Attribute::Class(ObjectClass::SECRET_KEY),
        Attribute::KeyType(KeyType::AES),
        Attribute::Token(true),
        Attribute::Private(false),
        Attribute::Wrap(true),
        Attribute::Unwrap(true),
        Attribute::Label(b"backup".to_vec()),
        Attribute::Value(value.to_vec()),
    ];
    if trusted {
        template.push(Attribute::Trusted(true));
    }
    session.create_object(&template).unwrap()
}

/// The security officer's part, before anybody else is logged in.
fn bring_backup_key(module: &Path, label: &str) {
    let module = token::module(module).unwrap();
    let slots = module.get_slots_with_initialized_token().unwrap();
    let slot = slots.into_iter().find(|slot| module.get_token_info(*slot).unwrap().label() == label).unwrap();
    let session = module.open_rw_session(slot).unwrap();
    session.login(UserType::So, Some(&AuthPin::from("so-1234"))).unwrap();
    wrapping_key(&session, &BACKUP_KEY, true);
    session.logout().unwrap();
}

fn backup_key(session: &Session) -> ObjectHandle {
    let wanted = [Attribute::Class(ObjectClass::SECRET_KEY), Attribute::Trusted(true)];
    session.find_objects(&wanted).unwrap()[0]
}

#[test]
fn a_cvca_key_leaves_its_token_under_a_trusted_key_alone_and_signs_in_the_next_one() {
    on_softhsm(&["first", "second"], |module| {
        bring_backup_key(module, "first");
        bring_backup_key(module, "second");
        let within = |label: &str| KeyStoreConfig { backup: BackupConfig { cvca: true }, ..one_token(module, label) };
        let store = open(&within("first")).unwrap();
        let cvca = store.generate(KeyRole::NationalCvca, &ec()).unwrap();
        let others =
            [KeyRole::DocumentVerifier, KeyRole::InspectionSystem].map(|role| store.generate(role, &ec()).unwrap());
        let (_, session) = beside(module, "first");
        let trusted = backup_key(&session);
        let wrapped =
            session.wrap_key(&Mechanism::AesKeyWrapPad, trusted, private_half(&session, &cvca.handle)).unwrap();
        // Neither a verifier's key nor an inspection system's leaves, nor does the CVCA's under a key that anybody brings.
        for other in others {
            let refusal = session.wrap_key(&Mechanism::AesKeyWrapPad, trusted, private_half(&session, &other.handle));
            assert!(matches!(refusal, Err(CallError::Pkcs11(RvError::KeyUnextractable, _))), "{refusal:?}");
        }
        let anybodys = wrapping_key(&session, &[7; 32], false);
        let refusal = session.wrap_key(&Mechanism::AesKeyWrapPad, anybodys, private_half(&session, &cvca.handle));
        assert!(matches!(refusal, Err(CallError::Pkcs11(RvError::KeyNotWrappable, _))), "{refusal:?}");

        // Into the next token with its name, its protection and its public half.
        let public = session
            .find_objects(&[
                Attribute::Class(ObjectClass::PUBLIC_KEY),
                Attribute::Id(cvca.handle.id().as_bytes().to_vec()),
            ])
            .unwrap()[0];
        let copied = [AttributeType::Label, AttributeType::Id, AttributeType::EcParams, AttributeType::EcPoint];
        let copied = session.get_attributes(public, &copied).unwrap();
        let named = [Attribute::Token(true), copied[0].clone(), copied[1].clone()];
        let (_, session) = beside(module, "second");
        let kept = [
            Attribute::Class(ObjectClass::PRIVATE_KEY),
            Attribute::KeyType(KeyType::EC),
            Attribute::Private(true),
            Attribute::Sensitive(true),
            Attribute::Extractable(true),
            Attribute::WrapWithTrusted(true),
            Attribute::Sign(true),
            Attribute::Decrypt(false),
            Attribute::Derive(false),
            Attribute::Unwrap(false),
        ];
        let template = [&named[..], &kept[..]].concat();
        session.unwrap_key(&Mechanism::AesKeyWrapPad, backup_key(&session), &wrapped, &template).unwrap();
        let half = [
            Attribute::Class(ObjectClass::PUBLIC_KEY),
            Attribute::KeyType(KeyType::EC),
            Attribute::Private(false),
            Attribute::Verify(true),
            copied[2].clone(),
            copied[3].clone(),
        ];
        session.create_object(&[&named[..], &half[..]].concat()).unwrap();

        let next = open(&within("second")).unwrap();
        assert_eq!(next.list(KeyRole::NationalCvca).unwrap(), std::slice::from_ref(&cvca.handle));
        assert_eq!(next.public_key(&cvca.handle).unwrap(), cvca.public_key);
        let signature = next.sign_digest(&cvca.handle, &[7; 32]).unwrap();
        cvca.public_key.verify_digest(&[7; 32], &signature).unwrap();
        for role in [KeyRole::DocumentVerifier, KeyRole::InspectionSystem] {
            assert!(next.list(role).unwrap().is_empty(), "{role}");
        }
    });
}

#[test]
fn a_store_recovers_when_the_token_loses_its_sessions_or_its_login() {
    on_softhsm(&["spoc"], |module| {
        let store = open(&one_token(module, "spoc")).unwrap();
        let key = store.generate(KeyRole::InspectionSystem, &ec()).unwrap();
        let signs = || {
            let signature = store.sign_digest(&key.handle, &[7; 32]).unwrap();
            key.public_key.verify_digest(&[7; 32], &signature).unwrap();
        };
        signs();
        let (_, session) = beside(module, "spoc");
        session.logout().unwrap();
        signs();
        let (_, session) = beside(module, "spoc");
        session.logout().unwrap();
        // A search finds nothing while logged out; that does not make the key unknown.
        assert_eq!(store.list(KeyRole::InspectionSystem).unwrap(), std::slice::from_ref(&key.handle));
        let (_, session) = beside(module, "spoc");
        session.logout().unwrap();
        store.generate(KeyRole::DocumentVerifier, &ec()).unwrap();
        // The module ends and takes every session of the process with it.
        let (module, _) = beside(module, "spoc");
        module.finalize().unwrap();
        signs();
        assert_eq!(store.list(KeyRole::DocumentVerifier).unwrap().len(), 1);
    });
}

#[test]
fn a_wrong_pin_is_tried_once_and_not_again() {
    on_softhsm(&["spoc"], |module| {
        let mut config = one_token(module, "spoc");
        config.pkcs11.token.pin = Some(Secret::new("4321".to_owned()));
        let refusal = open(&config).unwrap_err();
        assert!(matches!(refusal, KeyStoreError::Token(TokenError::PinRefused)), "{refusal:?}");

        let store = open(&one_token(module, "spoc")).unwrap();
        let key = store.generate(KeyRole::InspectionSystem, &ec()).unwrap().handle;
        let set_pin = |old: &str, new: &str| {
            let module = token::module(module).unwrap();
            let slot = module.get_slots_with_initialized_token().unwrap()[0];
            let session = module.open_rw_session(slot).unwrap();
            session.set_pin(&AuthPin::from(old), &AuthPin::from(new)).unwrap();
            session
        };
        let session = set_pin("1234", "9999");
        session.logout().unwrap();
        assert!(matches!(store.sign_digest(&key, &[7; 32]), Err(KeyStoreError::Token(TokenError::PinRefused))));
        // It would be the right one again; that it is not even tried shows that a wrong one never is tried twice.
        set_pin("9999", "1234");
        assert!(matches!(store.sign_digest(&key, &[7; 32]), Err(KeyStoreError::Token(TokenError::PinRefused))));
        open(&one_token(module, "spoc")).unwrap().sign_digest(&key, &[7; 32]).unwrap();
    });
}

#[test]
fn roles_have_tokens_of_their_own_where_configured() {
    on_softhsm(&["spoc", "cvca"], |module| {
        let mut config = one_token(module, "spoc");
        config.pkcs11.role_tokens = RoleTokens { cvca: Some(named("cvca")), ..RoleTokens::default() };
        let store = open(&config).unwrap();
        for role in KeyRole::ALL {
            let key = store.generate(role, &ec()).unwrap().handle;
            let own = if role == KeyRole::NationalCvca { "cvca" } else { "spoc" };
            private_half(&beside(module, own).1, &key);
            assert_eq!(store.list(role).unwrap(), [key]);
        }
    });
}

#[test]
fn two_states_in_one_token_do_not_see_each_others_keys() {
    on_softhsm(&["shared"], |module| {
        let config = one_token(module, "shared");
        let ours = open(&config).unwrap();
        let theirs = Pkcs11KeyStore::open(&config.pkcs11, config.backup, Environment::Test, "UT").unwrap();
        let key = ours.generate(KeyRole::NationalCvca, &ec()).unwrap().handle;
        assert!(theirs.list(KeyRole::NationalCvca).unwrap().is_empty());
        for refusal in [theirs.sign_digest(&key, &[7; 32]).unwrap_err(), theirs.delete(&key).unwrap_err()] {
            assert!(matches!(refusal, KeyStoreError::Token(TokenError::Label(_))), "{refusal:?}");
        }
        ours.sign_digest(&key, &[7; 32]).unwrap();
    });
}

#[test]
fn an_object_with_a_keys_identifier_is_not_taken_for_the_key() {
    on_softhsm(&["spoc"], |module| {
        let store = open(&one_token(module, "spoc")).unwrap();
        let (_, session) = beside(module, "spoc");
        let intrude = |id: Vec<u8>, label: &[u8]| {
            let named = [Attribute::Token(true), Attribute::Id(id), Attribute::Label(label.to_vec())];
            let curve = Attribute::EcParams(
                super::curve::named_curve(cvc::domain_parameters::StandardisedCurve::P256).to_vec(),
            );
            let public = [&named[..], &[Attribute::Verify(true), curve]].concat();
            let private = [&named[..], &[Attribute::Sign(true), Attribute::Private(true)]].concat();
            session.generate_key_pair(&Mechanism::EccKeyPairGen, &public, &private).unwrap();
        };
        let alone = KeyHandle::new(KeyRole::InspectionSystem, uuid::Uuid::now_v7());
        intrude(alone.id().as_bytes().to_vec(), b"somebody else's");
        let refusal = store.sign_digest(&alone, &[7; 32]).unwrap_err();
        assert!(matches!(refusal, KeyStoreError::Token(TokenError::Label(_))), "{refusal:?}");
        assert!(store.list(KeyRole::InspectionSystem).unwrap().is_empty());

        let key = store.generate(KeyRole::InspectionSystem, &ec()).unwrap().handle;
        intrude(key.id().as_bytes().to_vec(), format!("straznica-key-1 test PL {key} id-TA-ECDSA-SHA-256").as_bytes());
        let refusal = open(&one_token(module, "spoc")).unwrap().sign_digest(&key, &[7; 32]).unwrap_err();
        assert!(matches!(refusal, KeyStoreError::Token(TokenError::NotOneKey(_))), "{refusal:?}");
    });
}

#[test]
fn a_token_is_named_by_one_thing_and_found_once() {
    on_softhsm(&["spoc", "twice", "twice"], |module| {
        let with = |token: TokenConfig| {
            let mut config = one_token(module, "spoc");
            config.pkcs11.token = token;
            open(&config)
        };
        let absent = with(named("elsewhere")).unwrap_err();
        assert_eq!(absent.to_string(), "no initialised token is labelled \"elsewhere\"");
        let twice = with(named("twice")).unwrap_err();
        assert!(matches!(twice, KeyStoreError::Token(TokenError::NotUnique { found: 2, .. })), "{twice:?}");
        for unclear in [
            TokenConfig { slot: Some(1), ..named("spoc") },
            TokenConfig { label: None, ..named("spoc") },
            TokenConfig { pin: None, ..named("spoc") },
            TokenConfig { pin_file: Some("pin".into()), ..named("spoc") },
        ] {
            assert!(matches!(with(unclear), Err(KeyStoreError::Token(TokenError::Choice))));
        }
        let context = token::module(module).unwrap();
        let slots = context.get_slots_with_initialized_token().unwrap();
        let slot = slots.into_iter().find(|slot| context.get_token_info(*slot).unwrap().label() == "spoc").unwrap();
        let pin_file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(pin_file.path(), "1234\n").unwrap();
        let by_slot =
            TokenConfig { slot: Some(slot.id()), pin_file: Some(pin_file.path().to_owned()), ..TokenConfig::default() };
        with(by_slot).unwrap();
    });
}

#[test]
fn a_module_that_is_none_is_refused_with_its_path() {
    let refusal = open(&one_token("/nonexistent/module.so".as_ref(), "spoc")).unwrap_err();
    assert_eq!(refusal.to_string(), "the PKCS#11 module /nonexistent/module.so cannot be used");
}

#[test]
fn no_pin_shows_in_what_is_printed() {
    on_softhsm(&["spoc"], |module| {
        let config = one_token(module, "spoc");
        let printed = format!("{config:?} {:?}", open(&config).unwrap());
        assert!(printed.contains("spoc") && !printed.contains("1234"), "{printed}");
    });
}

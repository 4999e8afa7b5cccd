//! Our own credentials, read and replaced.

use std::sync::Arc;

use exchange::development::Issued;
use openssl::pkey::PKey;
use openssl::symm::Cipher;
use openssl::x509::X509;
use straznica_exchange_wire::development::{DevelopmentSpoc, SpocKeys, credential};
use straznica_exchange_wire::material::{CredentialFiles, MaterialError, MaterialFiles};
use straznica_exchange_wire::{Credential, CurrentMaterial};
use straznica_types::{Secret, SystemClock};

async fn spoc(keys: SpocKeys) -> DevelopmentSpoc {
    DevelopmentSpoc::start("UT".parse().unwrap(), keys, SystemClock::shared()).await.unwrap()
}

fn issue(spoc: &DevelopmentSpoc) -> Issued {
    spoc.issue(&spoc.request("localhost")).unwrap()
}

fn pem(issued: &Issued) -> Vec<u8> {
    X509::from_der(&issued.certificate).unwrap().to_pem().unwrap()
}

#[tokio::test]
async fn either_binding_gets_the_keys_it_knows() {
    for (keys, grpc) in [(SpocKeys::P256, true), (SpocKeys::Rsa, true), (SpocKeys::Brainpool, false)] {
        let credential = credential(&issue(&spoc(keys).await)).unwrap();
        let (chain, _) = credential.openssl().unwrap();
        assert_eq!(chain.len(), credential.chain().len());
        match credential.certified_key() {
            Ok(key) => assert!(grpc && key.keys_match().is_ok(), "{keys:?}"),
            Err(error) => assert!(!grpc && matches!(error, MaterialError::NotForGrpc(_)), "{keys:?}: {error}"),
        }
    }
}

#[tokio::test]
async fn a_key_may_be_encrypted() {
    let issued = issue(&spoc(SpocKeys::P256).await);
    let key = PKey::private_key_from_pem(&issued.key.to_pkcs8_pem().unwrap()).unwrap();
    let encrypted = key.private_key_to_pem_pkcs8_passphrase(Cipher::aes_256_cbc(), b"open sesame").unwrap();
    let read = |passphrase: Option<&str>| {
        Credential::from_pem(&pem(&issued), &encrypted, passphrase.map(|text| Secret::new(text.to_owned())).as_ref())
    };
    assert!(read(Some("open sesame")).is_ok());
    assert!(matches!(read(Some("open")), Err(MaterialError::Key(_))));
    assert!(matches!(read(None), Err(MaterialError::Key(_))), "and nobody is asked for it");
}

#[tokio::test]
async fn a_key_may_stay_in_a_token_and_then_serves_grpc_only() {
    let spoc = spoc(SpocKeys::P256).await;
    let (one, other) = (issue(&spoc), issue(&spoc));
    let signer = |issued| credential(issued).unwrap().certified_key().unwrap().key;
    let held = Credential::in_token(&pem(&one), signer(&one)).unwrap();
    assert!(held.certified_key().is_ok());
    assert!(matches!(held.openssl(), Err(MaterialError::NotForSoap)));
    assert!(matches!(Credential::in_token(&pem(&one), signer(&other)), Err(MaterialError::KeyOfAnother)));
}

#[tokio::test]
async fn material_that_does_not_fit_together_is_refused() {
    let spoc = spoc(SpocKeys::P256).await;
    let (one, other) = (issue(&spoc), issue(&spoc));
    let key = |issued: &Issued| issued.key.to_pkcs8_pem().unwrap();
    let read = |chain: &[u8], key: &[u8]| Credential::from_pem(chain, key, None).unwrap_err();
    assert!(matches!(read(&pem(&one), &key(&other)), MaterialError::KeyOfAnother));
    assert!(matches!(read(b"", &key(&one)), MaterialError::NoCertificate));
    assert!(matches!(read(&pem(&one), b"no key"), MaterialError::Key(_)));
}

#[tokio::test]
async fn files_are_read_again_and_what_does_not_read_changes_nothing() {
    let spoc = spoc(SpocKeys::P256).await;
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name);
    let files = || CredentialFiles { certificate_chain: file("chain"), private_key: file("key"), passphrase: None };
    let write = |issued: &Issued| {
        std::fs::write(file("chain"), pem(issued)).unwrap();
        std::fs::write(file("key"), issued.key.to_pkcs8_pem().unwrap()).unwrap();
    };
    write(&issue(&spoc));
    let material = CurrentMaterial::from_files(MaterialFiles { client: files(), server: files() }).unwrap();
    let first = material.load();
    assert!(!material.reload().unwrap(), "nothing new");
    write(&issue(&spoc));
    assert!(material.reload().unwrap());
    let second = material.load();
    assert_ne!(first.client.chain(), second.client.chain());
    std::fs::remove_file(file("key")).unwrap();
    assert!(matches!(material.reload(), Err(MaterialError::File { .. })));
    assert!(Arc::ptr_eq(&material.load(), &second));
}

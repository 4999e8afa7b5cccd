use std::sync::Arc;

use cvc::domain_parameters::StandardisedCurve;
use openssl::pkey::PKey;
use straznica_types::Timestamp;

use super::{Bundle, BundleAlgorithm, BundleError, BundleLimits, Item, Opened, Sealed};
use crate::code::{GetCaCertificatesCode, StatusInfo};
use crate::development::{Algorithm, Authority, Digest, Issued, LeafRequest, Validity};
use crate::message::{Answer, GetCaCertificates, GetCaCertificatesAnswer, Message, SendCertificates};
use crate::profile::{Catalogue, Profile};
use crate::soap::{Decoder, Limits};

const DAY: i64 = 24 * 60 * 60 * 1000;

fn now() -> Timestamp {
    "2026-11-22T06:00:00Z".parse().unwrap()
}

fn profile() -> Arc<Profile> {
    Catalogue::built_in().unwrap().get("2009").unwrap().clone()
}

fn decoder() -> Decoder {
    Decoder::new(Arc::new(Catalogue::built_in().unwrap()), Limits::default())
}

fn spoc(algorithm: Algorithm) -> (Authority, Issued) {
    let validity = Validity::days(now(), 365);
    let mut root = Authority::root("CZ", "SPOC root", algorithm, validity, None, Vec::new()).unwrap();
    let mut below = root.subordinate("SPOC CA", algorithm, validity, Some(0), Vec::new()).unwrap();
    let issued = below.issue(&LeafRequest::client("CZ", validity)).unwrap();
    (root, issued)
}

fn p256() -> Algorithm {
    Algorithm::ecdsa(StandardisedCurve::P256, Digest::Sha256)
}

fn sign(bundle: &Bundle, issued: &Issued) -> Vec<u8> {
    let key = PKey::private_key_from_pem(&issued.key.to_pkcs8_pem().unwrap()).unwrap();
    bundle.sign(&profile(), &issued.presented(), &key).unwrap()
}

fn bundle() -> Bundle {
    Bundle {
        id: "b-1".to_owned(),
        created: now(),
        sender: "CZ".parse().unwrap(),
        receiver: "PL".parse().unwrap(),
        items: vec![
            Item::Message(Message::GetCaCertificates(GetCaCertificates {
                caller_id: "CZ".to_owned(),
                message_id: "m-1".to_owned(),
            })),
            Item::Message(Message::SendCertificates(SendCertificates {
                caller_id: "CZ".to_owned(),
                message_id: None,
                certificates: vec![vec![0x7F, 0x21]],
                status_info: StatusInfo::NewCertAvailableNotification,
            })),
            Item::Answer {
                message_id: Some("m-9".to_owned()),
                to: [7; 32],
                answer: Answer::GetCaCertificates(GetCaCertificatesAnswer::of(GetCaCertificatesCode::OkReceptionAck)),
            },
        ],
    }
}

fn open_at(file: &[u8], at: Timestamp) -> Result<Opened, BundleError> {
    let oldest = Timestamp::from_millis(at.millis() - 14 * DAY);
    Sealed::read(file, BundleLimits::default())?.open("PL".parse().unwrap(), oldest..=at, &decoder(), &profile())
}

fn open(file: &[u8]) -> Result<Opened, BundleError> {
    open_at(file, now())
}

#[test]
fn a_bundle_reads_back_as_it_was_made_with_every_kind_of_key() {
    let brainpool = Algorithm::ecdsa(StandardisedCurve::BrainpoolP256r1, Digest::Sha256);
    for algorithm in [
        p256(),
        Algorithm::ecdsa(StandardisedCurve::P384, Digest::Sha384),
        Algorithm::ecdsa(StandardisedCurve::P521, Digest::Sha512),
        brainpool,
        brainpool.with_explicit_parameters(),
        Algorithm::rsa(2048, Digest::Sha256),
    ] {
        let (_, issued) = spoc(algorithm);
        let file = sign(&bundle(), &issued);
        let sealed = Sealed::read(&file, BundleLimits::default()).unwrap();
        assert_eq!(sealed.sender().as_str(), "CZ");
        assert_eq!(sealed.presented(), issued.presented(), "{algorithm:?}");
        let opened = open(&file).unwrap();
        let items: Vec<Item> = opened.items.into_iter().map(|opened| opened.item).collect();
        assert_eq!((opened.id, opened.created, items), ("b-1".to_owned(), now(), bundle().items));
    }
}

#[test]
fn each_bundle_that_is_not_taken_has_its_own_reason() {
    let (_, issued) = spoc(p256());
    let with = |change: &dyn Fn(&mut Bundle)| {
        let mut changed = bundle();
        change(&mut changed);
        open(&sign(&changed, &issued)).unwrap_err()
    };
    assert!(matches!(with(&|bundle| bundle.receiver = "SK".parse().unwrap()), BundleError::OtherReceiver(_)));
    assert!(matches!(with(&|bundle| bundle.sender = "SK".parse().unwrap()), BundleError::OtherCaller(1)));
    assert!(matches!(with(&|bundle| bundle.id = "a b".to_owned()), BundleError::Id));
    assert!(matches!(with(&|bundle| bundle.items.clear()), BundleError::Items { found: 0, .. }));
    assert!(matches!(
        with(&|bundle| bundle.items = vec![bundle.items[0].clone(); 257]),
        BundleError::Items { found: 257, limit: 256 }
    ));
    let file = sign(&bundle(), &issued);
    let at = |days: i64| Timestamp::from_millis(now().millis() + days * DAY);
    assert!(open_at(&file, at(14)).is_ok());
    assert!(matches!(open_at(&file, at(15)), Err(BundleError::TooOld(_))));
    assert!(matches!(open_at(&file, at(-1)), Err(BundleError::Ahead(_))));
    let small = BundleLimits { file: 100, ..BundleLimits::default() };
    assert!(matches!(Sealed::read(&file, small), Err(BundleError::TooLarge(100))));
    assert!(matches!(open(b"<xml/>"), Err(BundleError::Cms(_))));
    assert!(matches!(open(b""), Err(BundleError::Cms(_))));
}

/// A file with other content, properly signed.
fn signed_over(content: &str, issued: &Issued) -> Vec<u8> {
    let key = PKey::private_key_from_pem(&issued.key.to_pkcs8_pem().unwrap()).unwrap();
    let algorithm = BundleAlgorithm::of(&key).unwrap();
    let draft = super::Draft::new(content.as_bytes(), now(), &issued.presented(), algorithm).unwrap();
    let signature = algorithm.sign(&key, draft.to_be_signed()).unwrap();
    draft.finish(&signature).unwrap()
}

#[test]
fn content_that_is_signed_and_wrong_is_refused_all_the_same() {
    let (_, issued) = spoc(p256());
    let content = String::from_utf8(super::file::write(&bundle(), &profile()).unwrap()).unwrap();
    assert!(open(&signed_over(&content, &issued)).is_ok());
    let refused = |from: &str, to: &str| {
        assert!(content.contains(from), "{from}");
        open(&signed_over(&content.replacen(from, to, 1), &issued)).unwrap_err().to_string()
    };
    assert!(refused("bundle.v1", "bundle.v2").contains("is not known here"));
    assert!(refused("m-1", "m-2").contains("item 1: the digest is not that of the envelope"));
    assert!(refused("\"id\"", "\"name\"").contains("unknown field"));
    assert!(refused("\"GetCACertificates\"", "\"Get\"").contains("item 1: no such operation"));
    assert!(refused("\"GetCACertificates\"", "\"GeneralMessage\"").contains("item 1: SOAPAction says GeneralMessage"));
    assert!(refused("2026-11-22T", "yesterday ").contains("not readable"));
    assert!(refused(&"07".repeat(32), "07").contains("64 hexadecimal digits"));
}

#[test]
fn a_signature_of_another_key_or_over_other_bytes_is_refused() {
    let (_, issued) = spoc(p256());
    let (_, stranger) = spoc(p256());
    let draft = bundle().draft(&profile(), &issued.presented(), BundleAlgorithm::EcdsaSha256).unwrap();
    let key = PKey::private_key_from_pem(&stranger.key.to_pkcs8_pem().unwrap()).unwrap();
    let signature = BundleAlgorithm::EcdsaSha256.sign(&key, draft.to_be_signed()).unwrap();
    assert!(matches!(draft.finish(&signature), Err(BundleError::Signature(_))));
    let mut file = sign(&bundle(), &issued);
    let place = file.windows(3).position(|window| window == b"m-1").unwrap();
    file[place + 2] = b'2';
    assert!(matches!(open(&file), Err(BundleError::Signature(_))));
}

#[test]
fn openssl_verifies_a_bundle() {
    let Some(openssl) = straznica_testkit::openssl() else { return };
    let (root, issued) = spoc(p256());
    let folder = tempfile::tempdir().unwrap();
    let (file, anchor, content) =
        (folder.path().join("bundle.p7m"), folder.path().join("root.pem"), folder.path().join("content.json"));
    std::fs::write(&file, sign(&bundle(), &issued)).unwrap();
    let certificate = openssl::x509::X509::from_der(root.certificate()).unwrap();
    std::fs::write(&anchor, certificate.to_pem().unwrap()).unwrap();
    let verify = |file: &std::path::Path| {
        std::process::Command::new(&openssl)
            .args(["cms", "-verify", "-inform", "DER", "-purpose", "any", "-no_check_time", "-in"])
            .arg(file)
            .arg("-CAfile")
            .arg(&anchor)
            .arg("-out")
            .arg(&content)
            .output()
            .unwrap()
    };
    let output = verify(&file);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let read: serde_json::Value = serde_json::from_slice(&std::fs::read(&content).unwrap()).unwrap();
    assert_eq!(read["items"][0]["operation"], "GetCACertificates");
    let mut altered = sign(&bundle(), &issued);
    let place = altered.windows(3).position(|window| window == b"m-1").unwrap();
    altered[place + 2] = b'2';
    std::fs::write(&file, altered).unwrap();
    assert!(!verify(&file).status.success());
}

/// A bundle signed by the command line tool.
fn made_by_openssl(openssl: &std::path::Path, issued: &Issued, hash: &str) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    std::fs::write(path("content.json"), super::file::write(&bundle(), &profile()).unwrap()).unwrap();
    std::fs::write(path("key.pem"), issued.key.to_pkcs8_pem().unwrap()).unwrap();
    let certificate = openssl::x509::X509::from_der(&issued.certificate).unwrap();
    std::fs::write(path("own.pem"), certificate.to_pem().unwrap()).unwrap();
    let output = std::process::Command::new(openssl)
        .current_dir(folder.path())
        .args(["cms", "-sign", "-binary", "-nodetach", "-nosmimecap", "-outform", "DER", "-md", hash])
        .args(["-in", "content.json", "-signer", "own.pem", "-inkey", "key.pem", "-out", "bundle.p7m"])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    std::fs::read(path("bundle.p7m")).unwrap()
}

#[test]
fn a_bundle_made_by_openssl_is_read_unless_its_hash_is_weak() {
    let Some(openssl) = straznica_testkit::openssl() else { return };
    let (_, issued) = spoc(p256());
    let file = made_by_openssl(&openssl, &issued, "sha256");
    assert_eq!(open(&file).unwrap().items.len(), 3);
    let presented = Sealed::read(&file, BundleLimits::default()).unwrap().presented().to_vec();
    assert_eq!(presented, std::slice::from_ref(&issued.certificate));
    assert!(matches!(open(&made_by_openssl(&openssl, &issued, "sha1")), Err(BundleError::WeakHash)));
}

#[test]
fn no_altered_bytes_make_it_panic() {
    let (_, issued) = spoc(p256());
    let file = sign(&bundle(), &issued);
    for place in (0..file.len()).step_by(7) {
        let mut altered = file.clone();
        altered[place] ^= 0x41;
        let _ = open(&altered);
        let _ = open(&file[..place]);
    }
}

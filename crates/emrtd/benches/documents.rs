//! A security object with its path, and a master list with all its roots, from bytes to the answer, each against the bare signature verifications in
//! it (keys and digests ready). Prints `ratio <name> <value>`: `security_object_*` aims at 1.15 (RSA is for information), `master_list` at 1.5.
//!
//! The master list is the German one of May 2026 where the vectors are at hand, else one of made-up states.

use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::{Criterion, criterion_group, criterion_main};
use cvc::domain_parameters::StandardisedCurve as Curve;
use emrtd::builder::{Algorithm, Csca, Digest, Holder, Personalisation, State, Validity, master_list};
use emrtd::cms::SignedData;
use emrtd::country::Environment;
use emrtd::crypto::{PublicKey, SignatureAlgorithm};
use emrtd::inspection::{Profile, Verdict, inspect};
use emrtd::lists::{Anchor, MasterList};
use emrtd::presentation::{Presentation, Scope};
use emrtd::sod::SecurityObject;
use emrtd::trust::TrustStore;
use emrtd::x509::Certificate;
use openssl::bn::BigNum;
use openssl::ec::EcKey;
use openssl::ecdsa::EcdsaSig;
use openssl::md::{Md, MdRef};
use openssl::pkey::{PKey, Public};
use openssl::pkey_ctx::PkeyCtx;
use openssl::rsa::Padding;
use openssl::sign::RsaPssSaltlen;
use time::OffsetDateTime;
use time::macros::{date, datetime};

type Failure = Box<dyn std::error::Error>;

const NOW: OffsetDateTime = datetime!(2026-11-22 10:00 UTC);
const VALIDITY: Validity = Validity { from: date!(2025 - 01 - 01), until: date!(2040 - 01 - 01) };
/// Rounds of a ratio over a security object, of about a millisecond each.
const ROUNDS: usize = 500;
/// Rounds of a ratio over a list, of about a tenth of a second each.
const LIST_ROUNDS: usize = 30;

/// One bare verification: key, digest and signature ready.
enum Bare {
    Ec(EcKey<Public>, Vec<u8>, EcdsaSig),
    Rsa {
        key: PKey<Public>,
        md: &'static MdRef,
        mask: &'static MdRef,
        salt: Option<i32>,
        digest: Vec<u8>,
        signature: Vec<u8>,
    },
}

impl Bare {
    fn ready(
        key: &PublicKey,
        algorithm: SignatureAlgorithm,
        message: &[u8],
        signature: &[u8],
    ) -> Result<Self, Failure> {
        let digest = algorithm.hash().digest(message)?;
        match key {
            PublicKey::Ec(curve, key) => {
                let order = curve.curve().components().order.len();
                let signature = match EcdsaSig::from_der(signature) {
                    Ok(signature) => signature,
                    Err(_) => {
                        let (r, s) = signature.split_at(order);
                        EcdsaSig::from_private_components(BigNum::from_slice(r)?, BigNum::from_slice(s)?)?
                    }
                };
                Ok(Self::Ec(key.clone(), digest, signature))
            }
            PublicKey::Rsa(key) => {
                let (mask, salt) = match algorithm {
                    SignatureAlgorithm::RsaPss { mask_hash, salt_length, .. } => {
                        (md(&mask_hash.to_string()), Some(i32::from(salt_length)))
                    }
                    _ => (Md::sha256(), None),
                };
                let key = PKey::from_rsa(key.clone())?;
                Ok(Self::Rsa {
                    key,
                    md: md(&algorithm.hash().to_string()),
                    mask,
                    salt,
                    digest,
                    signature: signature.to_vec(),
                })
            }
        }
    }

    fn verify(&self) -> bool {
        match self {
            Self::Ec(key, digest, signature) => signature.verify(digest, key).unwrap_or(false),
            Self::Rsa { key, md, mask, salt, digest, signature } => {
                let verify = || {
                    let mut context = PkeyCtx::new(key)?;
                    context.verify_init()?;
                    if let Some(salt) = salt {
                        context.set_rsa_padding(Padding::PKCS1_PSS)?;
                        context.set_signature_md(md)?;
                        context.set_rsa_mgf1_md(mask)?;
                        context.set_rsa_pss_saltlen(RsaPssSaltlen::custom(*salt))?;
                    } else {
                        context.set_rsa_padding(Padding::PKCS1)?;
                        context.set_signature_md(md)?;
                    }
                    context.verify(digest, signature)
                };
                verify().unwrap_or(false)
            }
        }
    }
}

fn md(name: &str) -> &'static MdRef {
    match name {
        "sha1" => Md::sha1(),
        "sha224" => Md::sha224(),
        "sha384" => Md::sha384(),
        "sha512" => Md::sha512(),
        _ => Md::sha256(),
    }
}

/// The signature on a certificate.
fn of_certificate(certificate: &Certificate, issuer: &Certificate) -> Result<Bare, Failure> {
    let algorithm = certificate.signature_algorithm("", &mut Vec::new())?;
    Bare::ready(&issuer.public_key()?.0, algorithm, certificate.tbs(), certificate.signature())
}

/// The signature over a message.
fn of_message(message: &SignedData<'_>, signer: &Certificate) -> Result<Bare, Failure> {
    let algorithm = message.verify(signer, "", &mut Vec::new())?;
    let signed = message.signed_message().ok_or("no signed attributes")?;
    Bare::ready(&signer.public_key()?.0, algorithm, &signed, message.signature())
}

/// The ratio of two pieces of work run by turns, each at its fastest: other work on the machine can only slow either down.
fn ratio(name: &str, rounds: usize, mut ours: impl FnMut(), mut bare: impl FnMut()) {
    let clock = |work: &mut dyn FnMut()| {
        let start = Instant::now();
        work();
        start.elapsed()
    };
    let (mut fastest, mut fastest_bare) = (Duration::MAX, Duration::MAX);
    for _ in 0..rounds {
        fastest = fastest.min(clock(&mut ours));
        fastest_bare = fastest_bare.min(clock(&mut bare));
    }
    let ratio = fastest.as_secs_f64() / fastest_bare.as_secs_f64();
    let line = format_args!("ratio {name} {ratio:.3}\n").to_string();
    let _ = std::io::Write::write_all(&mut std::io::stdout(), line.as_bytes());
}

fn security_object(criterion: &mut Criterion, name: &str, ca: Algorithm, signer: Algorithm) -> Result<(), Failure> {
    let mut csca = Csca::create(State::utopia(), ca, VALIDITY)?;
    let signer = csca.document_signer(signer, VALIDITY, &["P"])?;
    let document = Personalisation::passport(Holder::specimen(), "UT1234567", date!(2035 - 06 - 30))
        .issue(csca.state(), &signer)?;
    let root = Certificate::parse(csca.certificate())?;
    let mut builder = TrustStore::builder(Environment::Test);
    builder.add_csca(root.clone(), "bench");
    let trust = builder.build();
    let object = SecurityObject::parse(&document.sod)?;
    let signer = Certificate::parse(signer.certificate())?;
    let bare = [of_certificate(&signer, &root)?, of_message(&object.message, &signer)?];
    let study = || {
        let presentation = Presentation::new(Scope::SecurityObject, black_box(&document.sod));
        inspect(&presentation, &trust, Profile::standard(), NOW)
            .is_ok_and(|inspection| inspection.verdict == Verdict::Genuine)
    };
    assert!(study() && bare.iter().all(Bare::verify), "the specimen is good");
    ratio(&format!("security_object_{name}"), ROUNDS, || assert!(study()), || assert!(bare.iter().all(Bare::verify)));
    criterion.bench_function(&format!("security_object_{name}"), |bencher| bencher.iter(study));
    Ok(())
}

/// The list, its anchor.
fn list() -> Result<(Vec<u8>, Certificate), Failure> {
    let folder = straznica_testkit::vectors().unwrap_or_default().join("masterlists");
    if let (Ok(list), Ok(anchor)) = (
        std::fs::read(folder.join("DE_ML_2026-05-28-08-28-45.ml")),
        std::fs::read(folder.join("DE_ROOT_CA_CSCA07.cer")),
    ) {
        return Ok((list, Certificate::parse(&anchor)?));
    }
    let algorithm = Algorithm::ecdsa(Curve::BrainpoolP384r1, Digest::Sha384).with_explicit_parameters();
    let states = (0..100).map(|_| Csca::create(State::utopia(), algorithm, VALIDITY)).collect::<Result<Vec<_>, _>>()?;
    let mut publisher = Csca::create(State::utopia(), algorithm, VALIDITY)?;
    let signer = publisher.master_list_signer(algorithm, VALIDITY)?;
    let certificates: Vec<&[u8]> = states.iter().map(Csca::certificate).collect();
    Ok((master_list(&certificates, &signer, &publisher, NOW)?, Certificate::parse(publisher.certificate())?))
}

fn whole_list(criterion: &mut Criterion) -> Result<(), Failure> {
    let (bytes, anchor) = list()?;
    let anchors = [Anchor::Certificate(anchor.clone())];
    let read = MasterList::parse(&bytes)?;
    let message = SignedData::parse(&bytes)?;
    let signer = message.signer_certificate().ok_or("no signer")?;
    let mut bare = vec![of_message(&message, &signer)?, of_certificate(&signer, &anchor)?];
    for root in read.certificates().iter().filter(|certificate| certificate.claims_to_be_root()) {
        bare.push(of_certificate(root, root)?);
    }
    let study = || -> Result<bool, Failure> {
        let list = MasterList::parse(black_box(&bytes))?;
        let sound = list.unsound_roots().is_empty();
        list.verify(&anchors, None)?;
        Ok(sound)
    };
    assert!(study()? && bare.iter().all(Bare::verify), "the list is good");
    ratio(
        "master_list",
        LIST_ROUNDS,
        || assert!(study().is_ok_and(|sound| sound)),
        || assert!(bare.iter().all(Bare::verify)),
    );
    criterion.bench_function("master_list", |bencher| bencher.iter(|| study().is_ok()));
    Ok(())
}

fn all(criterion: &mut Criterion) {
    let p256 = Algorithm::ecdsa(Curve::BrainpoolP256r1, Digest::Sha256).with_explicit_parameters();
    let p384 = Algorithm::ecdsa(Curve::BrainpoolP384r1, Digest::Sha384).with_explicit_parameters();
    let rsa = |bits| Algorithm::rsa(bits, Digest::Sha256);
    let mut run = || -> Result<(), Failure> {
        security_object(criterion, "brainpoolP256r1", p256, p256)?;
        security_object(criterion, "brainpoolP384r1", p384, p384)?;
        security_object(criterion, "rsa_4096_2048", rsa(4096), rsa(2048))?;
        whole_list(criterion)
    };
    assert!(run().map_err(|error| error.to_string()) == Ok(()), "the benchmark's material is good");
}

criterion_group! { name = documents; config = Criterion::default().sample_size(10).measurement_time(Duration::from_secs(3)); targets = all }
criterion_main!(documents);

//! Every single-bit change of a security object: what is signed cannot change unnoticed, and what can change is reported.

#![allow(clippy::panic, clippy::print_stdout, clippy::unwrap_used, reason = "helpers of tests may fail the test")]

mod support;

use std::ops::Range;

use emrtd::asn1::{Reader, Rules, Tag, Tlv};
use emrtd::country::Environment;
use emrtd::inspection::{Check, CheckName, Inspection, Profile, Verdict, inspect};
use emrtd::presentation::{Presentation, Scope};
use emrtd::sod::SecurityObject;
use emrtd::trust::TrustStore;
use support::{certificate, read, vectors};
use time::OffsetDateTime;

struct Subject {
    sod: Vec<u8>,
    trust: TrustStore,
    at: OffsetDateTime,
}

impl Subject {
    fn of(state: &str) -> Self {
        let signer = certificate(&format!("lds/real-sods/{state}_DSC.der"));
        let mut builder = TrustStore::builder(Environment::Production);
        builder.add_csca(certificate(&format!("lds/real-sods/{state}_CSCA.der")), "pinned");
        Self {
            sod: read(&format!("lds/real-sods/{state}_EF_SOD.bin")),
            trust: builder.build(),
            at: signer.not_before() + time::Duration::days(30),
        }
    }

    /// `None` when unreadable.
    fn study(&self, sod: &[u8]) -> Option<Inspection> {
        inspect(&Presentation::new(Scope::SecurityObject, sod), &self.trust, Profile::standard(), self.at).ok()
    }

    /// The whole encodings of what is signed, and of the signature.
    fn covered(&self) -> Vec<(&'static str, Range<usize>)> {
        let range = |part: &[u8]| {
            let start = part.as_ptr() as usize - self.sod.as_ptr() as usize;
            start..start + part.len()
        };
        let file = Reader::new(&self.sod, Rules::Ber).unwrap().only().unwrap();
        let info = children(&children(&file)[0]);
        let data = children(&children(&info[1])[0]);
        let octets = children(&children(&data[2])[1])[0];
        let signer_certificate = children(&data[3])[0];
        let signer = children(&children(data.last().unwrap())[0]);
        let attributes = signer.iter().find(|field| field.tag() == Tag::context(0)).unwrap();
        let signature = signer.iter().rfind(|field| field.tag() == Tag::OCTET_STRING).unwrap();
        vec![
            ("LDS security object", range(octets.contents())),
            ("signed attributes", range(attributes.contents())),
            ("signature", range(signature.contents())),
            ("TBSCertificate", range(children(&signer_certificate)[0].contents())),
        ]
    }
}

fn children<'a>(element: &Tlv<'a>) -> Vec<Tlv<'a>> {
    let mut reader = element.reader();
    let mut all = Vec::new();
    while let Some(child) = reader.next_if_any().unwrap() {
        all.push(child);
    }
    all
}

fn lds_object(checks: &[Check]) -> Option<&str> {
    checks.iter().find(|check| check.check == CheckName::SodSignature)?.evidence.get("lds_object_sha256")
}

fn flips_are_noticed(state: &str, every: usize) {
    if vectors().is_none() {
        return;
    }
    let subject = Subject::of(state);
    let original = subject.study(&subject.sod).unwrap();
    assert_eq!(original.verdict, Verdict::Genuine);
    let covered = subject.covered();
    let mut sod = subject.sod.clone();
    let mut still_genuine = 0;
    for bit in (0..sod.len() * 8).step_by(every) {
        sod[bit / 8] ^= 1 << (bit % 8);
        let changed = subject.study(&sod);
        sod[bit / 8] ^= 1 << (bit % 8);
        let Some(changed) = changed else { continue };
        if let Some((part, _)) = covered.iter().find(|(_, range)| range.contains(&(bit / 8))) {
            assert_eq!(
                changed.verdict,
                Verdict::NotGenuine,
                "{state} {part} byte {} bit {}: {changed:#?}",
                bit / 8,
                bit % 8
            );
        }
        if changed.verdict == Verdict::Genuine {
            still_genuine += 1;
            let at = format!("{state} byte {} bit {}", bit / 8, bit % 8);
            assert_eq!(lds_object(&changed.checks), lds_object(&original.checks), "{at}");
            assert!(
                (&changed.checks, &changed.tolerances) != (&original.checks, &original.tolerances),
                "{at}: accepted, not reported"
            );
        }
    }
    println!("{state}: {still_genuine} flips outside what is signed are accepted and reported");
}

#[test]
fn every_flip_in_the_security_object_of_gb_is_noticed() {
    flips_are_noticed("GB", 1);
}

#[test]
fn every_flip_in_the_security_object_of_my_is_noticed() {
    flips_are_noticed("MY", 1);
}

#[test]
fn every_flip_in_the_security_object_of_nz_is_noticed() {
    flips_are_noticed("NZ", 1);
}

// A prime stride meets every bit position.
#[test]
fn flips_in_the_security_objects_of_at_de_fi_and_us_are_noticed() {
    for (state, every) in [("AT", 3), ("US", 3), ("DE", 13), ("FI", 29)] {
        flips_are_noticed(state, every);
    }
}

#[test]
fn no_truncation_of_a_security_object_is_readable() {
    if vectors().is_none() {
        return;
    }
    for state in ["GB", "NZ"] {
        let sod = Subject::of(state).sod;
        for length in 0..sod.len() {
            assert!(SecurityObject::parse(&sod[..length]).is_err(), "{state} cut to {length}");
        }
    }
}

//! A small infrastructure made on the spot: CVCA, document verifier, inspection system.

use cvc::issue::{self, Template};
use cvc::{
    Algorithm, Certificate, Chat, Code, DomainParameters, PrivateKey, Reference, Rights, Role, Signer,
    StandardisedCurve, TrustGraph, Verification, VerifyOptions,
};
use time::macros::date;
use time::{Date, Duration};

/// The day most tests verify on.
pub(crate) const TODAY: Date = date!(2026 - 03 - 10);
/// Effective date of most certificates.
pub(crate) const START: Date = date!(2026 - 03 - 01);

pub(crate) fn name(text: &str) -> Reference {
    text.parse().unwrap()
}

pub(crate) fn days(days: i64) -> Date {
    START + Duration::days(days)
}

pub(crate) fn ec(curve: StandardisedCurve) -> PrivateKey {
    PrivateKey::generate_ec(Algorithm::EcdsaSha256, curve).unwrap()
}

pub(crate) fn like(key: &PrivateKey) -> PrivateKey {
    PrivateKey::generate_like(key.public_key()).unwrap()
}

pub(crate) fn chat(role: Role, dg3: bool, dg4: bool) -> Chat {
    Chat::new(role, Rights::inspection(dg3, dg4))
}

/// A certificate and the key it is for.
pub(crate) struct Holder {
    pub(crate) key: PrivateKey,
    pub(crate) certificate: Certificate,
}

impl Holder {
    pub(crate) fn root(chr: &str, key: PrivateKey) -> Self {
        let template = Template::new(name(chr), chat(Role::Cvca, true, true), START, days(365));
        let certificate = issue::self_signed(&key, &template).unwrap();
        Self { key, certificate }
    }

    pub(crate) fn chr(&self) -> Reference {
        self.certificate.chr()
    }

    /// A document verifier under this CVCA, valid 60 days.
    pub(crate) fn dv(&self, chr: &str) -> Self {
        self.dv_with(Template::new(name(chr), chat(Role::DvForeign, true, true), START, days(60)))
    }

    pub(crate) fn dv_with(&self, template: Template) -> Self {
        let key = like(&self.key);
        let certificate = issue::subordinate(&self.key, self.chr(), key.public_key(), &template).unwrap();
        Self { key, certificate }
    }

    /// An inspection system under this document verifier, valid 30 days.
    pub(crate) fn terminal(&self, chr: &str) -> Self {
        self.dv_with(Template::new(name(chr), chat(Role::Terminal, true, false), START, days(30)))
    }

    /// The next generation: the self-signed certificate and the link from this one.
    pub(crate) fn successor(&self, chr: &str, key: PrivateKey, form: cvc::ParameterForm) -> (Self, Certificate) {
        let template = Template::new(name(chr), chat(Role::Cvca, true, true), START, days(400));
        let link = issue::link(&self.key, self.chr(), key.public_key(), form, &template).unwrap();
        let certificate = issue::self_signed(&key, &template).unwrap();
        (Self { key, certificate }, link)
    }
}

pub(crate) fn trusting(root: &Certificate) -> TrustGraph {
    let mut graph = TrustGraph::new();
    graph.trust(root).unwrap();
    graph
}

pub(crate) fn verify_at(trust: &TrustGraph, presented: &[&Certificate], at: Date) -> Verification {
    let presented: Vec<Certificate> = presented.iter().map(|one| (*one).clone()).collect();
    cvc::verify::verify(trust, &presented, &VerifyOptions::at(at))
}

pub(crate) fn verify(trust: &TrustGraph, presented: &[&Certificate]) -> Verification {
    verify_at(trust, presented, TODAY)
}

pub(crate) fn codes(verification: &Verification) -> Vec<Code> {
    verification.findings.iter().map(|finding| finding.code).collect()
}

/// Errors alone, so that a test of a refusal sees that one and no other.
pub(crate) fn errors(verification: &Verification) -> Vec<Code> {
    verification.findings.iter().filter(|finding| finding.is_error()).map(|finding| finding.code).collect()
}

/// A certificate built object by object, for what the builder refuses to make.
pub(crate) struct Raw {
    pub(crate) car: &'static str,
    pub(crate) chr: &'static str,
    pub(crate) key: Vec<u8>,
    pub(crate) role_and_rights: u8,
    pub(crate) from: [u8; 6],
    pub(crate) to: [u8; 6],
}

impl Raw {
    pub(crate) fn new(car: &'static str, chr: &'static str, key: Vec<u8>, role_and_rights: u8) -> Self {
        Self { car, chr, key, role_and_rights, from: [2, 6, 0, 3, 0, 1], to: [2, 6, 0, 4, 0, 1] }
    }

    pub(crate) fn body(&self) -> Vec<u8> {
        let mut chat = Vec::new();
        cvc::tlv::write(&mut chat, 0x06, cvc::TerminalType::InspectionSystem.oid()).unwrap();
        cvc::tlv::write(&mut chat, 0x53, &[self.role_and_rights]).unwrap();
        let mut content = Vec::new();
        for (tag, value) in [
            (0x5F29, &[0][..]),
            (0x42, self.car.as_bytes()),
            (0x7F49, &self.key),
            (0x5F20, self.chr.as_bytes()),
            (0x7F4C, &chat),
            (0x5F25, &self.from),
            (0x5F24, &self.to),
        ] {
            cvc::tlv::write(&mut content, tag, value).unwrap();
        }
        let mut body = Vec::new();
        cvc::tlv::write(&mut body, 0x7F4E, &content).unwrap();
        body
    }

    pub(crate) fn sign(&self, sign: impl Fn(&[u8]) -> Vec<u8>) -> Certificate {
        let mut content = self.body();
        let signature = sign(&content);
        cvc::tlv::write(&mut content, 0x5F37, &signature).unwrap();
        let mut der = Vec::new();
        cvc::tlv::write(&mut der, 0x7F21, &content).unwrap();
        Certificate::parse(der.as_slice()).unwrap().to_owned()
    }
}

pub(crate) fn curve_of(key: &PrivateKey) -> DomainParameters {
    key.public_key().parameters().unwrap().clone()
}

//! What is trusted: CVCA keys, the links between their generations, and the document verifiers and terminals below
//! (TR-03110-3 2.1 to 2.6).
//!
//! The graph holds certificates under the pair of CAR and CHR, because a CHR is unique only relative to its authority.
//! A certificate enters in one of two ways: as a trust point, on the caller's word, or because a certificate already
//! held signed it. What enters has been verified; dates are not looked at here, since a path through an expired link
//! stays good and time passes. A self-signed CVCA certificate alone proves nothing and enters only when its key is
//! already trusted.
//!
//! Replacing a CVCA by one of another mnemonic needs nothing special: the link names both.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::certificate::Certificate;
use crate::chat::Role;
use crate::domain_parameters::{DomainParameterError, DomainParameters};
use crate::error::KeyError;
use crate::finding::{Code, Finding};
use crate::public_key::{Material, PublicKey};
use crate::reference::Reference;
use crate::signature::digest;

/// The key a certificate is stored under.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CertificateId {
    /// Reference of the authority.
    pub car: Reference,
    /// Reference of the holder.
    pub chr: Reference,
}

impl<B: AsRef<[u8]>> From<&Certificate<B>> for CertificateId {
    fn from(certificate: &Certificate<B>) -> Self {
        Self { car: certificate.car(), chr: certificate.chr() }
    }
}

/// A verified certificate with its key, complete with inherited parameters.
#[derive(Clone, Debug)]
pub struct Node {
    certificate: Certificate,
    key: Arc<PublicKey>,
    /// The key that signed; `None` for a trust point whose issuer is not needed.
    issuer_key: Option<Arc<PublicKey>>,
    trust_point: bool,
}

impl Node {
    /// The certificate.
    pub const fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// The holder's key.
    pub fn key(&self) -> &PublicKey {
        &self.key
    }

    /// True when it is trusted on the caller's word.
    pub const fn is_trust_point(&self) -> bool {
        self.trust_point
    }

    fn role(&self) -> Role {
        self.certificate.chat().role()
    }

    /// True when this certificate's key signed `child`.
    pub(crate) fn signed(&self, child: &Self) -> bool {
        self.certificate.chr() == child.certificate.car()
            && child.issuer_key.as_ref().is_some_and(|key| Arc::ptr_eq(key, &self.key) || **key == *self.key)
    }
}

/// What became of a certificate that was admitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is new.
    Added,
    /// The same certificate was there.
    Known,
    /// It took the place of one with the same references and key that expires earlier.
    Replaced,
    /// A self-signed certificate no trusted key stands behind; it was left out.
    NotTrusted,
}

/// An admitted certificate.
#[derive(Clone, Debug)]
pub struct Admission {
    /// What became of it.
    pub outcome: Outcome,
    /// Warnings about it.
    pub findings: Vec<Finding>,
}

/// A certificate that was not admitted, and why: at least one finding is an error.
#[derive(Clone, Debug, thiserror::Error)]
#[error("refused: {}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
pub struct Refused(pub Vec<Finding>);

impl From<Finding> for Refused {
    fn from(finding: Finding) -> Self {
        Self(vec![finding])
    }
}

/// Trust points and everything verified under them. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct TrustGraph {
    nodes: BTreeMap<CertificateId, Arc<Node>>,
}

impl TrustGraph {
    /// Nothing is trusted.
    pub fn new() -> Self {
        Self::default()
    }

    /// Trusts a set of CVCA certificates, self-signed ones first and links in the order that lets each be verified, and
    /// tells what was found; those with an error are left out.
    pub fn from_trust_points<B: AsRef<[u8]>>(certificates: &[Certificate<B>]) -> (Self, Vec<Finding>) {
        let mut graph = Self::new();
        let mut findings = Vec::new();
        let mut pending: Vec<&Certificate<B>> = certificates.iter().collect();
        pending.sort_by_key(|certificate| !certificate.is_self_signed());
        while !pending.is_empty() {
            // A link waits while another one that is still to come may be its issuer.
            let next = pending
                .iter()
                .position(|one| one.is_self_signed() || !pending.iter().any(|other| other.chr() == one.car()))
                .unwrap_or(0);
            match graph.trust(pending.remove(next)) {
                Ok(admission) => findings.extend(admission.findings),
                Err(refused) => findings.extend(refused.0),
            }
        }
        (graph, findings)
    }

    /// Everything held, by CAR and CHR.
    pub fn nodes(&self) -> impl Iterator<Item = &Node> {
        self.nodes.values().map(Arc::as_ref)
    }

    /// The certificate held under that pair of references.
    pub fn get(&self, id: CertificateId) -> Option<&Node> {
        self.nodes.get(&id).map(Arc::as_ref)
    }

    /// True when exactly this certificate is held.
    pub fn holds<B: AsRef<[u8]>>(&self, certificate: &Certificate<B>) -> bool {
        self.get(CertificateId::from(certificate)).is_some_and(|held| held.certificate == *certificate)
    }

    /// Certificates of the holder and key named by `chr`: a self-signed one and links, or document verifiers of several
    /// authorities.
    pub fn holders(&self, chr: Reference) -> impl Iterator<Item = &Node> {
        self.nodes().filter(move |node| node.certificate.chr() == chr)
    }

    /// The CVCA certificates that `chr` names.
    pub fn cvcas(&self, chr: Reference) -> impl Iterator<Item = &Node> {
        self.holders(chr).filter(|node| node.role() == Role::Cvca)
    }

    /// Forgets a certificate; what it signed stays, without a path.
    pub fn remove(&mut self, id: CertificateId) -> Option<Certificate> {
        self.nodes.remove(&id).map(|node| node.certificate.clone())
    }

    /// Trusts a CVCA certificate on the caller's word. A self-signed one must verify under its own key; a link one
    /// is verified if its issuer is held and otherwise accepted with a warning.
    ///
    /// # Errors
    /// [`Refused`] with the findings.
    pub fn trust<B: AsRef<[u8]>>(&mut self, certificate: &Certificate<B>) -> Result<Admission, Refused> {
        let chr = certificate.chr();
        if certificate.chat().role() != Role::Cvca {
            let detail = format!("a {} certificate cannot be a trust point", certificate.chat().role());
            return Err(Finding::new(Code::TrustPointRole, chr, detail).into());
        }
        if !certificate.is_self_signed() && self.holders(certificate.car()).next().is_some() {
            let (node, findings) = self.examine(certificate)?;
            return self.insert(Node { trust_point: true, ..node }, findings);
        }
        let key = resolve(certificate, None)?;
        let mut findings = Vec::new();
        if certificate.is_self_signed() {
            check_self_signature(certificate, &key)?;
        } else {
            let detail = format!("issuer {} is not held", certificate.car());
            findings.push(Finding::new(Code::TrustPointUnverified, chr, detail));
        }
        check_dates(certificate)?;
        let node =
            Node { certificate: certificate.to_owned(), key: Arc::new(key), issuer_key: None, trust_point: true };
        self.insert(node, findings)
    }

    /// Takes in a certificate signed by one that is held, or the self-signed twin of a link that is held.
    ///
    /// # Errors
    /// [`Refused`]; [`Code::IssuerUnknown`] is the one reason that may pass when another certificate comes.
    pub fn admit<B: AsRef<[u8]>>(&mut self, certificate: &Certificate<B>) -> Result<Admission, Refused> {
        if self.holds(certificate) {
            return Ok(Admission { outcome: Outcome::Known, findings: Vec::new() });
        }
        if certificate.is_self_signed() && certificate.chat().role() == Role::Cvca {
            return self.admit_self_signed(certificate);
        }
        let (node, findings) = self.examine(certificate)?;
        self.insert(node, findings)
    }

    fn admit_self_signed<B: AsRef<[u8]>>(&mut self, certificate: &Certificate<B>) -> Result<Admission, Refused> {
        let key = resolve(certificate, None)?;
        check_self_signature(certificate, &key)?;
        check_dates(certificate)?;
        let chr = certificate.chr();
        let Some(trusted) = self.cvcas(chr).find(|node| *node.key == key) else {
            let finding = Finding::new(Code::SelfSignedNotTrusted, chr, "no trust point leads to this key");
            return Ok(Admission { outcome: Outcome::NotTrusted, findings: vec![finding] });
        };
        let key = Arc::clone(&trusted.key);
        let issuer_key = Some(Arc::clone(&key));
        let node = Node { certificate: certificate.to_owned(), key, issuer_key, trust_point: false };
        self.insert(node, Vec::new())
    }

    /// Verifies a certificate under those held, dates aside.
    fn examine<B: AsRef<[u8]>>(&self, certificate: &Certificate<B>) -> Result<(Node, Vec<Finding>), Refused> {
        check_dates(certificate)?;
        let mut candidates: Vec<&Node> = self.holders(certificate.car()).collect();
        candidates.sort_by_key(|node| (!node.trust_point, node.certificate.is_self_signed()));
        let mut refused = None;
        for issuer in candidates {
            match examine_under(issuer, certificate) {
                Ok(key) => {
                    let node = Node {
                        certificate: certificate.to_owned(),
                        key: Arc::new(key),
                        issuer_key: Some(Arc::clone(&issuer.key)),
                        trust_point: false,
                    };
                    return Ok((node, Vec::new()));
                }
                Err(findings) => refused = refused.or(Some(findings)),
            }
        }
        Err(refused.unwrap_or_else(|| {
            let detail = format!("issuer {} is neither trusted nor presented", certificate.car());
            Finding::new(Code::IssuerUnknown, certificate.chr(), detail).into()
        }))
    }

    fn insert(&mut self, mut node: Node, mut findings: Vec<Finding>) -> Result<Admission, Refused> {
        let id = CertificateId::from(&node.certificate);
        findings.extend(notes(&node));
        // A link and the self-signed certificate beside it are about one key; any other two are not.
        let is_pair =
            |other: &Node| other.certificate.chr() == id.chr && other.role() == Role::Cvca && node.role() == Role::Cvca;
        let reused =
            |other: &&Node| CertificateId::from(&other.certificate) != id && other.key == node.key && !is_pair(other);
        if let Some(twin) = self.nodes().find(reused) {
            let detail = format!("the key is that of {} by {}", twin.certificate.chr(), twin.certificate.car());
            findings.push(Finding::new(Code::KeyReused, id.chr, detail));
        }
        let outcome = match self.nodes.get(&id) {
            None => Outcome::Added,
            Some(held) if held.certificate == node.certificate => Outcome::Known,
            Some(held) if held.key != node.key => {
                let detail = format!("another certificate of {} with another key is held", id.car);
                return Err(Finding::new(Code::ConflictingCertificate, id.chr, detail).into());
            }
            Some(held) if held.certificate.expires() > node.certificate.expires() => {
                return Ok(Admission { outcome: Outcome::Known, findings });
            }
            Some(_) => Outcome::Replaced,
        };
        node.trust_point |= self.nodes.get(&id).is_some_and(|held| held.trust_point);
        self.nodes.insert(id, Arc::new(node));
        Ok(Admission { outcome, findings })
    }

    /// The shortest path from a trust point to `node`, both included; links through expired certificates count.
    pub fn path_to<'a>(&'a self, node: &'a Node) -> Option<Vec<&'a Node>> {
        let mut seen = BTreeSet::new();
        let mut level = vec![vec![node]];
        while !level.is_empty() {
            if let Some(position) = level.iter().position(|path| path.last().is_some_and(|top| top.trust_point)) {
                let mut path = level.swap_remove(position);
                path.reverse();
                return Some(path);
            }
            let mut next = Vec::new();
            for path in level {
                let Some(top) = path.last().copied() else { continue };
                if !seen.insert(CertificateId::from(&top.certificate)) {
                    continue;
                }
                let issuers = self.holders(top.certificate.car()).filter(|issuer| issuer.signed(top));
                next.extend(issuers.map(|issuer| [path.as_slice(), &[issuer]].concat()));
            }
            level = next;
        }
        None
    }
}

/// Which roles a role issues.
const fn issues(issuer: Role, holder: Role) -> bool {
    match issuer {
        Role::Cvca => !matches!(holder, Role::Terminal),
        Role::DvDomestic | Role::DvForeign => matches!(holder, Role::Terminal),
        Role::Terminal => false,
    }
}

/// Verifies `certificate` under one issuer and completes its key.
fn examine_under<B: AsRef<[u8]>>(issuer: &Node, certificate: &Certificate<B>) -> Result<PublicKey, Refused> {
    let chr = certificate.chr();
    let chat = certificate.chat();
    check_signature(issuer, certificate)?;

    let mut findings = Vec::new();
    if !issues(issuer.role(), chat.role()) {
        let detail = format!("{} {} signed a {} certificate", issuer.role(), issuer.certificate.chr(), chat.role());
        findings.push(Finding::new(Code::IssuerRole, chr, detail));
    }
    if issuer.certificate.chat().terminal_type() != chat.terminal_type() {
        let theirs = issuer.certificate.chat().terminal_type();
        let detail = format!("{} under the {theirs} certificate {}", chat.terminal_type(), issuer.certificate.chr());
        findings.push(Finding::new(Code::TerminalTypeMismatch, chr, detail));
    }
    let is_link = chat.role() == Role::Cvca;
    if !is_link && certificate.public_key().has_parameters() {
        let detail = "domain parameters are inherited from the CVCA";
        findings.push(Finding::new(Code::ParametersNotAllowed, chr, detail));
    }
    match resolve(certificate, Some(issuer)) {
        Ok(key) if !is_link && !key.same_kind(&issuer.key) => {
            let detail =
                format!("{} under {} with {}", key.algorithm(), issuer.certificate.chr(), issuer.key.algorithm());
            findings.push(Finding::new(Code::AlgorithmMismatch, chr, detail));
        }
        Ok(key) if findings.is_empty() => return Ok(key),
        Ok(_) => {}
        Err(refused) => findings.extend(refused.0),
    }
    Err(Refused(findings))
}

/// The key of a certificate, with the issuer's parameters where it has none of its own.
fn resolve<B: AsRef<[u8]>>(certificate: &Certificate<B>, issuer: Option<&Node>) -> Result<PublicKey, Refused> {
    let view = certificate.public_key();
    let inherited = issuer.and_then(|issuer| issuer.key.parameters());
    let error = match PublicKey::resolve(&view, inherited) {
        Ok(key) => return Ok(key),
        Err(error) => error,
    };
    let inherits = issuer.is_some() && !view.has_parameters();
    let foreign_point = matches!(
        error,
        KeyError::ParametersMissing
            | KeyError::Parameters(DomainParameterError::PointForm { .. } | DomainParameterError::PointNotOnCurve)
    );
    let code = match &error {
        _ if inherits && foreign_point && certificate.chat().role() == Role::Cvca => {
            Code::ParameterChangeWithoutParameters
        }
        KeyError::ParametersMissing if inherits => Code::AlgorithmMismatch,
        KeyError::ParametersMissing => Code::ParametersMissing,
        KeyError::Parameters(DomainParameterError::PointNotOnCurve) => Code::PointNotOnCurve,
        KeyError::Parameters(DomainParameterError::PointForm { .. }) if inherits => Code::AlgorithmMismatch,
        KeyError::Parameters(_) => Code::ParametersInvalid,
        _ => Code::KeyInvalid,
    };
    Err(Finding::new(code, certificate.chr(), error).into())
}

fn check_self_signature<B: AsRef<[u8]>>(certificate: &Certificate<B>, key: &PublicKey) -> Result<(), Refused> {
    key.verify(certificate.body(), certificate.signature())
        .map_err(|error| Finding::new(Code::SelfSignatureInvalid, certificate.chr(), error).into())
}

/// The issuer's key and algorithm decide: a link certificate is signed with the previous ones.
fn check_signature<B: AsRef<[u8]>>(issuer: &Node, certificate: &Certificate<B>) -> Result<(), Refused> {
    let Err(error) = issuer.key.verify(certificate.body(), certificate.signature()) else { return Ok(()) };
    let (own, previous) = (certificate.public_key().algorithm, issuer.key.algorithm());
    let signed_with_new = own != previous
        && matches!(certificate.public_key().material, Material::Ec { .. }) == issuer.key.parameters().is_some()
        && digest(own.hash(), certificate.body())
            .and_then(|digest| issuer.key.verify_with(own, &digest, certificate.signature()))
            .is_ok();
    Err(if signed_with_new {
        let detail = format!("signed with {own}, the key of {} asks for {previous}", issuer.certificate.chr());
        Finding::new(Code::LinkSignedWithNewAlgorithm, certificate.chr(), detail).into()
    } else {
        let detail = format!("under {}: {error}", issuer.certificate.chr());
        Finding::new(Code::SignatureInvalid, certificate.chr(), detail).into()
    })
}

fn check_dates<B: AsRef<[u8]>>(certificate: &Certificate<B>) -> Result<(), Refused> {
    if certificate.expires() >= certificate.effective() {
        return Ok(());
    }
    let detail = format!("effective {}, expires {}", certificate.effective(), certificate.expires());
    Err(Finding::new(Code::DatesReversed, certificate.chr(), detail).into())
}

/// Tolerances and weaknesses of a certificate that was verified.
pub(crate) fn notes(node: &Node) -> Vec<Finding> {
    let certificate = &node.certificate;
    let chr = certificate.chr();
    let view = certificate.public_key();
    let mut findings = Vec::new();
    if view.algorithm.is_weak() {
        findings.push(Finding::new(Code::WeakHash, chr, view.algorithm));
    }
    if view.has_padded_coefficient() {
        findings.push(Finding::new(Code::PaddedCoefficient, chr, "a coefficient has leading zeros"));
    }
    if view.has_unnamed_size() {
        findings.push(Finding::new(Code::KeySize, chr, "an RSA key of unusual size"));
    }
    if view.has_parameters() && matches!(node.key.parameters(), Some(DomainParameters::Explicit(_))) {
        findings.push(Finding::new(Code::ExplicitParameters, chr, "parameters of no standardised curve"));
    }
    let reserved = certificate.chat().rights().reserved_bits();
    if reserved != 0 {
        findings.push(Finding::new(Code::ReservedRights, chr, format_args!("reserved bits {reserved:02x} are set")));
    }
    if [certificate.car(), chr].iter().any(|name| !name.country().bytes().all(|byte| byte.is_ascii_uppercase())) {
        findings.push(Finding::new(Code::CountryForm, chr, "a country code is not in capital letters"));
    }
    findings
}

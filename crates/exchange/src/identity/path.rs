//! From the peer's certificate to a registered root (RFC 5280 §6.1).

use std::time::Duration;

use emrtd::crypto::{HashAlgorithm, PublicKey};
use emrtd::inspection::{Tolerance, ToleranceCode};
use emrtd::x509::{Certificate, Crl};
use straznica_types::Timestamp;

use super::leaf::check_any;
use super::presented::MAX_CERTIFICATES;
use super::{Demands, IdentityRefusal, LONGEST_CRL_AGE, Reached, RegisteredRoot, Registration, RootState, timestamp};
use crate::{Binding, Country};

/// Where tolerances are seen.
const AT: &str = "spoc_certificate";

/// A path that holds, revocation not yet looked at.
#[derive(Clone, Debug)]
pub struct Path {
    /// The peer's certificate, then authorities, each issued by the next.
    pub(super) certificates: Vec<Certificate>,
    /// Issued the last of them.
    pub(super) root: RegisteredRoot,
    pub(super) country: Country,
    pub(super) reached: Reached,
    pub(super) tolerances: Vec<Tolerance>,
    pub(super) demands: Demands,
}

/// A certificate of a path whose revocation has to be looked up, and who issued it.
#[derive(Clone, Debug)]
pub struct CrlNeed {
    pub(super) certificate: Certificate,
    pub(super) by: CrlIssuer,
    pub(super) country: Country,
}

/// An authority whose lists are held against a path, and how old they may be.
#[derive(Clone, Debug)]
pub struct CrlIssuer {
    pub(super) certificate: Certificate,
    pub(super) crl_max_age: Duration,
}

impl CrlIssuer {
    /// Its certificate.
    #[must_use]
    pub fn certificate(&self) -> &Certificate {
        &self.certificate
    }
}

impl CrlNeed {
    /// Where the issuer said its lists are, in the order of the certificate. Any scheme.
    #[must_use]
    pub fn uris(&self) -> &[String] {
        &self.certificate.extensions().crl_uris
    }

    /// The certificate.
    #[must_use]
    pub fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// Whose registration the path ends at, whatever the names on it say.
    #[must_use]
    pub fn country(&self) -> Country {
        self.country
    }

    /// Who issues the list.
    #[must_use]
    pub fn issuer(&self) -> &Certificate {
        &self.by.certificate
    }
}

impl Path {
    /// The certificates that need a revocation list: all but the root.
    #[must_use]
    pub fn crl_needs(&self) -> Vec<CrlNeed> {
        let issuers = self.certificates.iter().skip(1).chain([&self.root.certificate]);
        let pairs = self.certificates.iter().zip(issuers);
        let need = |(one, issuer): (&Certificate, &Certificate)| CrlNeed {
            certificate: one.clone(),
            by: CrlIssuer { certificate: issuer.clone(), crl_max_age: self.demands.crl_max_age },
            country: self.country,
        };
        pairs.map(need).collect()
    }
}

/// How far a candidate got; the refusal of the one that got furthest is the one worth telling.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    Name,
    Key,
    Signature,
    Authority,
}

type Stopped = (Stage, IdentityRefusal);

/// A search for a path, from the leaf upwards. Bounded by the number of certificates presented and of roots registered.
pub(super) struct Search<'a> {
    presented: &'a [Certificate],
    registration: &'a Registration,
    binding: Binding,
    at: Timestamp,
    tolerances: Vec<Tolerance>,
    furthest: Option<(usize, Stopped)>,
}

impl<'a> Search<'a> {
    pub(super) fn new(
        presented: &'a [Certificate],
        registration: &'a Registration,
        binding: Binding,
        at: Timestamp,
    ) -> Self {
        Self { presented, registration, binding, at, tolerances: Vec::new(), furthest: None }
    }

    pub(super) fn from(mut self, leaf: Certificate) -> Result<Path, IdentityRefusal> {
        strong_key(&leaf, &self.registration.demands)?;
        let mut certificates = vec![leaf];
        let Some(root) = self.climb(&mut certificates) else {
            return Err(self.furthest.map_or(IdentityRefusal::PathTooLong, |(_, (_, refusal))| refusal));
        };
        let reached = self.reached(&certificates);
        let country = self.registration.country;
        let demands = Demands { crl_max_age: self.crl_max_age(), ..self.registration.demands };
        Ok(Path { certificates, root, country, reached, tolerances: self.tolerances, demands })
    }

    /// The authority that signed a list: a registered root, or one of those presented from which a path leads to such a root.
    pub(super) fn issuer_of(self, crl: &Crl) -> Result<CrlIssuer, IdentityRefusal> {
        let (subject, issuer) = ("the revocation list".to_owned(), crl.issuer().to_string());
        let mut refusal = IdentityRefusal::UnknownIssuer { subject, issuer };
        let crl_max_age = self.crl_max_age();
        let named = |certificate: &Certificate| {
            let issuer = CrlIssuer { certificate: certificate.clone(), crl_max_age };
            issuer.is_named_by(crl).then_some(issuer)
        };
        for root in &self.registration.roots {
            let Some(issuer) = named(&root.certificate) else { continue };
            let anchors = self.anchors(root, &[]).map_err(|(_, refusal)| refusal);
            match anchors.and_then(|()| issuer.check_issuer(crl)) {
                Ok(()) => return Ok(issuer),
                Err(why) => refusal = why,
            }
        }
        for authority in self.presented {
            let Some(issuer) = named(authority) else { continue };
            let continues = self.continues(authority, &[]).map_err(|(_, refusal)| refusal);
            let signed = continues.and_then(|()| issuer.check_issuer(crl));
            let above = Self::new(self.presented, self.registration, self.binding, self.at);
            match signed.and_then(|()| above.from(authority.clone())) {
                Ok(_) => return Ok(issuer),
                Err(why) => refusal = why,
            }
        }
        Err(refusal)
    }

    fn crl_max_age(&self) -> Duration {
        self.registration.demands.crl_max_age.min(LONGEST_CRL_AGE)
    }

    /// Finds the issuer of the last certificate, a registered root before any other, and so on upwards.
    fn climb(&mut self, path: &mut Vec<Certificate>) -> Option<RegisteredRoot> {
        let child = path.last()?.clone();
        let unknown = || IdentityRefusal::UnknownIssuer {
            subject: child.subject().to_string(),
            issuer: child.issuer().to_string(),
        };
        self.stop(path.len(), (Stage::Name, unknown()));
        let used = self.tolerances.len();
        for root in &self.registration.roots {
            if !root.certificate.subject().matches(child.issuer()) {
                continue;
            }
            match self.issued(&child, &root.certificate).and_then(|()| self.anchors(root, path)) {
                Ok(()) => return Some(root.clone()),
                Err(stopped) => self.stop(path.len(), stopped),
            }
            self.tolerances.truncate(used);
        }
        for candidate in self.presented {
            if !candidate.subject().matches(child.issuer()) || path.contains(candidate) {
                continue;
            }
            match self.issued(&child, candidate).and_then(|()| self.continues(candidate, path)) {
                Ok(()) => {
                    path.push(candidate.clone());
                    if let Some(root) = self.climb(path) {
                        return Some(root);
                    }
                    path.pop();
                }
                Err(stopped) => self.stop(path.len(), stopped),
            }
            self.tolerances.truncate(used);
        }
        None
    }

    fn stop(&mut self, depth: usize, (stage, refusal): Stopped) {
        let further = self.furthest.as_ref().is_none_or(|(deepest, (known, _))| (*deepest, *known) < (depth, stage));
        if further {
            self.furthest = Some((depth, (stage, refusal)));
        }
    }

    /// Is the certificate signed by this issuer, in a way that counts?
    fn issued(&mut self, child: &Certificate, issuer: &Certificate) -> Result<(), Stopped> {
        let (subject, issuer_name) = (|| child.subject().to_string(), || issuer.subject().to_string());
        let named = &child.extensions().authority_key;
        if named.is_some() && issuer.extensions().subject_key.is_some() && *named != issuer.extensions().subject_key {
            let refusal = IdentityRefusal::KeyIdentifier { subject: subject(), issuer: issuer_name() };
            return Err((Stage::Key, refusal));
        }
        let unsupported = |why: emrtd::crypto::CryptoError| {
            let refusal = if why.is_refusal() {
                IdentityRefusal::Signature { subject: subject(), issuer: issuer_name() }
            } else {
                IdentityRefusal::UnsupportedSignature { subject: subject(), why: why.to_string() }
            };
            (Stage::Signature, refusal)
        };
        strong_key(issuer, &self.registration.demands).map_err(|refusal| (Stage::Signature, refusal))?;
        let mut tolerances = Vec::new();
        let key = issuer.key_for(AT, &mut tolerances).map_err(unsupported)?;
        let algorithm = child.verify_signature(key, AT, &mut tolerances).map_err(unsupported)?;
        if algorithm.hash() == HashAlgorithm::Sha1 {
            let refusal = IdentityRefusal::WeakSignature { subject: subject(), algorithm: algorithm.describe() };
            return Err((Stage::Signature, refusal));
        }
        for (missing, code) in [
            (named.is_none(), ToleranceCode::MissingAuthorityKeyIdentifier),
            (issuer.extensions().subject_key.is_none(), ToleranceCode::MissingSubjectKeyIdentifier),
        ] {
            tolerances.extend(missing.then(|| Tolerance::new(code, AT, "issuer found by name")));
        }
        self.tolerances.extend(tolerances);
        Ok(())
    }

    /// May the path end at this root, which issued the last certificate of it?
    fn anchors(&self, root: &RegisteredRoot, path: &[Certificate]) -> Result<(), Stopped> {
        let name = || root.certificate.subject().to_string();
        let refusal = match root.state {
            RootState::Proposed => Some(IdentityRefusal::RootNotConfirmed { root: name() }),
            RootState::Withdrawn => Some(IdentityRefusal::RootWithdrawn { root: name() }),
            RootState::Confirmed if !root.is_used_at(self.at) => {
                Some(IdentityRefusal::RootNotInUse { root: name(), from: root.used_from, until: root.used_until })
            }
            RootState::Confirmed if !root.bindings.allows(self.binding) => {
                Some(IdentityRefusal::RootBinding { root: name(), binding: self.binding })
            }
            RootState::Confirmed => None,
        };
        if let Some(refusal) = refusal {
            return Err((Stage::Authority, refusal));
        }
        check_any(&root.certificate, self.at).map_err(|refusal| (Stage::Authority, refusal))?;
        // The officers registered it as an authority; constraints it lacks are no fault, those it has bind.
        if !root.certificate.extensions().may_sign_certificates() {
            return Err((Stage::Authority, IdentityRefusal::IssuerMayNotSign { issuer: name() }));
        }
        self.long_enough(&root.certificate, path)
    }

    /// May the path go on over this authority, which issued the last certificate of it?
    fn continues(&self, authority: &Certificate, path: &[Certificate]) -> Result<(), Stopped> {
        let stopped = |refusal| (Stage::Authority, refusal);
        let name = || authority.subject().to_string();
        if authority.claims_to_be_root() {
            let fingerprint = authority.fingerprint();
            return Err(stopped(IdentityRefusal::RootNotRegistered { root: name(), fingerprint }));
        }
        check_any(authority, self.at).map_err(stopped)?;
        let extensions = authority.extensions();
        if !matches!(extensions.basic_constraints, Some((true, _))) {
            return Err(stopped(IdentityRefusal::IssuerIsNoAuthority { issuer: name() }));
        }
        if extensions.key_usage.is_none() || !extensions.may_sign_certificates() {
            return Err(stopped(IdentityRefusal::IssuerMayNotSign { issuer: name() }));
        }
        // One more, and the root above it.
        if path.len() + 2 > MAX_CERTIFICATES {
            return Err(stopped(IdentityRefusal::PathTooLong));
        }
        self.long_enough(authority, path)
    }

    /// Path length constraint (RFC 5280 §4.2.1.9): authorities below, those that carry the name of their issuer not counted. Below a root that allows none,
    /// as CSCAs do (Doc 9303-12 §7.1.1.5), a link to a root of another name is not counted either: it could be nothing else.
    fn long_enough(&self, authority: &Certificate, path: &[Certificate]) -> Result<(), Stopped> {
        let Some((_, Some(allowed))) = authority.extensions().basic_constraints else { return Ok(()) };
        let counts = |one: &&Certificate| !one.is_self_issued() && (allowed > 0 || self.new_root(one).is_none());
        let below = path.iter().skip(1).filter(counts).count();
        if u64::try_from(below).is_ok_and(|below| below <= allowed) {
            return Ok(());
        }
        let issuer = authority.subject().to_string();
        Err((Stage::Authority, IdentityRefusal::PathLength { issuer, allowed }))
    }

    /// Does the certificate carry a root's name and key under another root's signature? By its name alone (RFC 5280 §3.2, self-issued), or because the
    /// root whose name and key it carries was presented beside it.
    fn is_link(&self, authority: &Certificate) -> bool {
        authority.is_self_issued() || self.new_root(authority).is_some()
    }

    /// The root whose name and key a link carries, if it was presented. Its signature shows that it is the key's.
    fn new_root(&self, link: &Certificate) -> Option<&'a Certificate> {
        self.presented.iter().find(|one| {
            one.claims_to_be_root()
                && one.subject().matches(link.subject())
                && one.spki() == link.spki()
                && one.verify_own_signature().is_ok()
        })
    }

    fn reached(&self, path: &[Certificate]) -> Reached {
        match path.iter().skip(1).find(|one| self.is_link(one)) {
            Some(link) => Reached::ByRootLink { link: link.clone(), root: self.new_root(link).cloned() },
            None => Reached::Directly,
        }
    }
}

fn strong_key(certificate: &Certificate, demands: &Demands) -> Result<(), IdentityRefusal> {
    let subject = || certificate.subject().to_string();
    let key = match certificate.public_key() {
        Ok((key, _)) => key,
        Err(why) => {
            return Err(IdentityRefusal::UnsupportedSignature { subject: subject(), why: why.to_string() });
        }
    };
    let strong = match key {
        PublicKey::Rsa(key) => u32::try_from(key.n().num_bits()).is_ok_and(|bits| bits >= demands.rsa_bits),
        // The order in whole bytes: the library gives no other length, and P-521's 66 are no fewer than asked for.
        PublicKey::Ec(curve, _) => {
            u32::try_from(curve.curve().order_length() * 8).is_ok_and(|bits| bits >= demands.ec_bits)
        }
    };
    if strong { Ok(()) } else { Err(IdentityRefusal::WeakKey { subject: subject(), key: key.describe() }) }
}

impl Path {
    /// The first end of what the path is made of.
    pub(super) fn good_until(&self) -> Timestamp {
        let certificates = self.certificates.iter().chain([&self.root.certificate]);
        certificates.map(|one| timestamp(one.not_after())).fold(self.root.used_until, Timestamp::min)
    }
}

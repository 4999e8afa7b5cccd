//! The partner's CVCA: generations, link certificates, and its answers to document verifiers (TR-03139 table 2).

use cvc::algorithm::Algorithm;
use cvc::certificate::Certificate;
use cvc::chat::{Chat, Rights, Role};
use cvc::domain_parameters::StandardisedCurve;
use cvc::issue::{self, Template};
use cvc::private_key::{PrivateKey, Signer};
use cvc::public_key::{ParameterForm, PublicKey};
use cvc::reference::Reference;
use cvc::request::AuthenticatedRequest;
use time::{Date, Duration};

use super::PartnerError;

/// Days a CVCA certificate is valid: three years, the longest TR-03139 §4.7 allows.
const CVCA_DAYS: i64 = 3 * 365;
/// Days a DV certificate is valid: three months.
const DV_DAYS: i64 = 90;

struct Generation {
    key: PrivateKey,
    root: Certificate,
    link: Option<Certificate>,
}

/// A foreign CVCA registered here, whose countersignature introduces its document verifiers.
struct Registered {
    reference: Reference,
    key: PublicKey,
    expires: Date,
}

/// The authority.
pub struct AccessAuthority {
    country: String,
    mnemonic: String,
    /// Oldest first, never empty.
    generations: Vec<Generation>,
    newest: usize,
    registered: Vec<Registered>,
    issued: Vec<(Certificate, PublicKey)>,
    rights: Rights,
    /// Of roots and links made from now on.
    own_rights: Rights,
}

/// Why a request is refused; [`Refusal::code`] is what CSN 36 9791 and Doc 9303-12 §8 call it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The bytes are no authenticated request.
    #[error("not an authenticated request")]
    Syntax,
    /// The key in the request did not sign it.
    #[error("the inner signature does not verify")]
    InnerSignature,
    /// The request names another authority than this one's newest.
    #[error("the request names another authority")]
    Authority,
    /// The key is not of the kind this authority certifies now.
    #[error("algorithm or domain parameters differ from the authority's")]
    DomainParameters,
    /// Nobody known vouches for the request, or the signature is not theirs.
    #[error("the outer signature does not verify")]
    OuterSignature,
    /// The CVCA or DV certificate that vouches has expired (TR-03139 table 2, step 9).
    #[error("the vouching certificate has expired")]
    Expired,
    /// Country, reference or key may not be used.
    #[error("reference or key may not be used")]
    NotAccepted,
}

impl Refusal {
    /// The answer code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Syntax => "failure_syntax",
            Self::InnerSignature => "failure_inner_signature",
            Self::OuterSignature => "failure_outer_signature",
            Self::DomainParameters => "failure_domain_parameters",
            Self::Expired => "failure_expired",
            Self::Authority | Self::NotAccepted => "failure_request_not_accepted",
        }
    }
}

/// What comes of a request.
#[derive(Debug, thiserror::Error)]
pub enum RequestError {
    /// The request is refused.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The authority itself failed.
    #[error(transparent)]
    Partner(#[from] PartnerError),
}

/// The answer to an accepted request.
#[derive(Clone, Debug)]
pub struct IssuedDv {
    /// The DV certificate.
    pub certificate: Vec<u8>,
    /// The authority's certificates, by ascending effective date: roots and links.
    pub authority_certificates: Vec<Vec<u8>>,
}

impl AccessAuthority {
    /// A CVCA on brainpoolP256r1 with SHA-256 whose first root takes effect on `founded_on`. Document verifiers get the
    /// right to fingerprints (DG3).
    ///
    /// # Errors
    /// [`PartnerError`]
    pub fn found(country: &str, mnemonic: &str, founded_on: Date) -> Result<Self, PartnerError> {
        let key = PrivateKey::generate_ec(Algorithm::EcdsaSha256, StandardisedCurve::BrainpoolP256r1)?;
        let reference = Reference::new(country, mnemonic, "00001")?;
        let own = Rights::inspection(true, true);
        let root = issue::self_signed(&key, &root_template(reference, own, founded_on))?;
        Ok(Self {
            country: country.into(),
            mnemonic: mnemonic.into(),
            generations: vec![Generation { key, root, link: None }],
            newest: 0,
            registered: Vec::new(),
            issued: Vec::new(),
            rights: Rights::inspection(true, false),
            own_rights: own,
        })
    }

    /// Replaces the key: a new root and a link certificate signed with the key and the algorithm before.
    ///
    /// # Errors
    /// [`PartnerError`]
    pub fn renew(&mut self, algorithm: Algorithm, curve: StandardisedCurve, on: Date) -> Result<(), PartnerError> {
        let key = PrivateKey::generate_ec(algorithm, curve)?;
        let number = format!("{:05}", self.generations.len() + 1);
        let reference = Reference::new(&self.country, &self.mnemonic, &number)?;
        let template = root_template(reference, self.own_rights, on);
        let root = issue::self_signed(&key, &template)?;
        let previous = self.newest_key();
        let link =
            issue::link(&previous.key, previous.root.chr(), key.public_key(), ParameterForm::Written, &template)?;
        self.generations.push(Generation { key, root, link: Some(link) });
        self.newest += 1;
        Ok(())
    }

    /// The key that signs now, with its public half and the root that names it.
    pub(crate) fn newest_signer(&self) -> (&PrivateKey, &PublicKey, &Certificate) {
        let newest = self.newest_key();
        (&newest.key, newest.key.public_key(), &newest.root)
    }

    /// The key that signed before, with the root that names it; none of the first generation.
    pub(crate) fn signer_before(&self) -> Option<(&PrivateKey, &Certificate)> {
        let before = self.generations.get(self.newest.checked_sub(1)?)?;
        Some((&before.key, &before.root))
    }

    /// What was issued so far, with the keys.
    pub(crate) fn issued(&self) -> &[(Certificate, PublicKey)] {
        &self.issued
    }

    /// Keeps a certificate issued outside the book.
    pub(crate) fn keep(&mut self, certificate: Certificate, key: PublicKey) {
        self.issued.push((certificate, key));
    }

    /// Rights that document verifiers are given.
    pub(crate) fn rights(&self) -> Rights {
        self.rights
    }

    fn newest_key(&self) -> &Generation {
        &self.generations[self.newest]
    }

    /// Number of the newest generation, counted from 0.
    #[must_use]
    pub fn newest_generation(&self) -> usize {
        self.newest
    }

    /// Root certificate of a generation.
    #[must_use]
    pub fn root(&self, generation: usize) -> Option<&Certificate> {
        self.generations.get(generation).map(|generation| &generation.root)
    }

    /// All roots and links by ascending effective date, as GetCACertificates gives them.
    #[must_use]
    pub fn certificates(&self) -> Vec<Vec<u8>> {
        let both = |generation: &Generation| {
            let link = generation.link.iter().map(|link| link.as_der().to_vec());
            link.chain([generation.root.as_der().to_vec()]).collect::<Vec<_>>()
        };
        self.generations.iter().flat_map(both).collect()
    }

    /// The link certificates alone, oldest first.
    #[must_use]
    pub fn links(&self) -> Vec<Vec<u8>> {
        self.generations.iter().filter_map(|one| one.link.as_ref()).map(|link| link.as_der().to_vec()).collect()
    }

    /// Grants document verifiers other rights from now on.
    pub fn grant(&mut self, rights: Rights) {
        self.rights = rights;
    }

    /// Has no more than these rights itself, from the next generation on.
    pub fn limit(&mut self, rights: Rights) {
        self.own_rights = rights;
    }

    /// Registers a foreign CVCA by its certificates, oldest first: roots by their own signature (their fingerprints were
    /// compared by two people), links by a key registered before.
    ///
    /// # Errors
    /// [`PartnerError::Registration`] when one is no such certificate or nothing vouches for it.
    pub fn register(&mut self, certificates: &[Vec<u8>]) -> Result<(), PartnerError> {
        for bytes in certificates {
            let certificate = Certificate::parse(bytes.as_slice()).map_err(|_| PartnerError::Registration)?;
            let known = self.registered.iter().find(|known| known.reference == certificate.car());
            let inherited = known.and_then(|known| known.key.parameters());
            let key = PublicKey::resolve(&certificate.public_key(), inherited)?;
            let voucher = if certificate.is_self_signed() { Some(&key) } else { known.map(|known| &known.key) };
            let vouched =
                voucher.is_some_and(|voucher| voucher.verify(certificate.body(), certificate.signature()).is_ok());
            if certificate.chat().role() != Role::Cvca || !vouched {
                return Err(PartnerError::Registration);
            }
            if self.registered.iter().all(|known| known.reference != certificate.chr()) {
                let expires = certificate.expires();
                self.registered.push(Registered { reference: certificate.chr(), key, expires });
            }
        }
        Ok(())
    }

    /// Answers a request from the bytes of a file or message: all checks of TR-03139 table 2, then a DV certificate for
    /// three months under the newest generation.
    ///
    /// # Errors
    /// [`RequestError::Refused`] with the reason.
    pub fn process_dv_request(&mut self, bytes: &[u8], today: Date) -> Result<IssuedDv, RequestError> {
        let request = AuthenticatedRequest::parse(bytes).map_err(|_| Refusal::Syntax)?;
        let inner = request.request();
        let key = inner.verify_inner().map_err(|_| Refusal::InnerSignature)?;

        let newest = self.newest_key();
        if inner.car() != Some(newest.root.chr()) {
            return Err(Refusal::Authority.into());
        }
        if !key.same_kind(newest.key.public_key()) {
            return Err(Refusal::DomainParameters.into());
        }
        self.check_voucher(&request, today)?;

        let chr = inner.chr();
        let country_differs = chr.country() != request.outer_car().country();
        let used = self.issued.iter().any(|(certificate, old)| certificate.chr() == chr || same_point(old, &key));
        if country_differs || used {
            return Err(Refusal::NotAccepted.into());
        }

        let expires = (today + Duration::days(DV_DAYS)).min(newest.root.expires());
        let template = Template::new(chr, Chat::new(Role::DvForeign, self.rights), today, expires);
        let certificate =
            issue::subordinate(&newest.key, newest.root.chr(), &key, &template).map_err(PartnerError::from)?;
        let answer =
            IssuedDv { certificate: certificate.as_der().to_vec(), authority_certificates: self.certificates() };
        self.issued.push((certificate, key));
        Ok(answer)
    }

    /// An initial request is countersigned by a registered CVCA, a successive one by a DV certificate of ours that the
    /// same holder still has.
    fn check_voucher(&self, request: &AuthenticatedRequest<&[u8]>, today: Date) -> Result<(), Refusal> {
        let outer = request.outer_car();
        if let Some(registered) = self.registered.iter().find(|known| known.reference == outer) {
            request.verify_outer(&registered.key).map_err(|_| Refusal::OuterSignature)?;
            return if today > registered.expires { Err(Refusal::Expired) } else { Ok(()) };
        }
        let (certificate, key) =
            self.issued.iter().find(|(certificate, _)| certificate.chr() == outer).ok_or(Refusal::OuterSignature)?;
        request.verify_outer(key).map_err(|_| Refusal::OuterSignature)?;
        if !certificate.chr().same_holder(&request.request().chr()) {
            return Err(Refusal::NotAccepted);
        }
        if today > certificate.expires() {
            return Err(Refusal::Expired);
        }
        Ok(())
    }
}

impl std::fmt::Debug for AccessAuthority {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let generations: Vec<Reference> = self.generations.iter().map(|one| one.root.chr()).collect();
        f.debug_struct("AccessAuthority").field("generations", &generations).finish_non_exhaustive()
    }
}

fn root_template(reference: Reference, rights: Rights, on: Date) -> Template {
    Template::new(reference, Chat::new(Role::Cvca, rights), on, on + Duration::days(CVCA_DAYS))
}

fn same_point(one: &PublicKey, two: &PublicKey) -> bool {
    one.view(ParameterForm::Inherited).same_key(&two.view(ParameterForm::Inherited))
}

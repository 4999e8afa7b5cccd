//! From a certificate to the country signing CA that issued it, and whether that CA has revoked it (Doc 9303-11 §5.1).

use time::{Duration, OffsetDateTime};

use super::{Csca, TrustStore};
use crate::check::{Tolerance, ToleranceCode};
use crate::crypto::SignatureAlgorithm;
use crate::x509::Certificate;

/// How long a revocation list without a date for the next one is taken as fresh: states reissue within 90 days (Doc 9303-12 §7.1.4).
const CRL_LIFE: Duration = Duration::days(90);

/// The CA that issued a certificate.
#[derive(Debug)]
pub struct IssuerFinding<'a> {
    /// The CA.
    pub csca: &'a Csca,
    /// The algorithm of the signature on the certificate.
    pub algorithm: SignatureAlgorithm,
    /// What finding and using it took.
    pub tolerances: Vec<Tolerance>,
}

/// Why no issuer could be established.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IssuerRefusal {
    /// No CA of the store could have issued it.
    #[error("no country signing CA is known that could have issued the certificate")]
    Unknown,
    /// The store knows the key named as issuer, but it belongs to a CA of another state.
    #[error("the issuing key belongs to another state's CA")]
    OtherState,
    /// CAs of the right name or key are there; none of them signed this certificate.
    #[error("the certificate is not signed by the CA it names")]
    Signature,
    /// The signature is of a kind that is not computed here.
    #[error("the certificate's signature cannot be computed: {0}")]
    Unsupported(&'static str),
}

impl IssuerRefusal {
    /// A short code for evidence.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Unknown => "csca_unknown",
            Self::OtherState => "csca_of_another_state",
            Self::Signature => "signature_does_not_verify",
            Self::Unsupported(code) => code,
        }
    }

    /// Does it speak against the certificate, rather than of something missing?
    #[must_use]
    pub fn is_failure(self) -> bool {
        matches!(self, Self::Signature | Self::OtherState)
    }
}

/// What revocation lists say of a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Revocation {
    /// No list of its issuer is at hand.
    NoList,
    /// It is not on the list.
    Good {
        /// When the list was issued.
        this_update: OffsetDateTime,
    },
    /// It is not on the list, but the list is older than it may be.
    Stale {
        /// When the list was issued.
        this_update: OffsetDateTime,
        /// When the next one was due.
        due: OffsetDateTime,
    },
    /// It is on the list.
    Revoked {
        /// Since when.
        on: OffsetDateTime,
        /// When the list was issued.
        this_update: OffsetDateTime,
    },
}

impl TrustStore {
    /// The CA that issued a certificate: by authority key identifier, cross-checked with the country, and by issuer name, trying every
    /// candidate. Anchored CAs and roots are preferred over others that hold the same key.
    ///
    /// # Errors
    /// [`IssuerRefusal`]
    pub fn issuer_of(&self, certificate: &Certificate, at: &'static str) -> Result<IssuerFinding<'_>, IssuerRefusal> {
        let (candidates, foreign) = self.candidates(certificate);
        if candidates.is_empty() {
            return Err(if foreign { IssuerRefusal::OtherState } else { IssuerRefusal::Unknown });
        }
        let mut refusal = IssuerRefusal::Signature;
        for csca in candidates {
            let mut tolerances = Vec::new();
            let verified = csca
                .certificate
                .key_for("csca_certificate", &mut tolerances)
                .and_then(|key| certificate.verify_signature(key, at, &mut tolerances));
            match verified {
                Ok(algorithm) => {
                    tolerances.extend(tolerances_of_path(certificate, csca, at));
                    tolerances.extend(self.path_length_exceeded(csca));
                    return Ok(IssuerFinding { csca, algorithm, tolerances });
                }
                Err(error) if error.is_refusal() => {}
                Err(error) => refusal = IssuerRefusal::Unsupported(error.code()),
            }
        }
        Err(refusal)
    }

    /// CAs that could have issued the certificate, the likeliest first; and whether one was left out for its country.
    fn candidates(&self, certificate: &Certificate) -> (Vec<&Csca>, bool) {
        let inner = &self.0;
        let key = certificate.extensions().authority_key.as_ref();
        let by_key = key.and_then(|key| inner.by_key.get(key)).map_or(&[][..], Vec::as_slice);
        let by_name = inner.by_name.get(&certificate.issuer().folded()).map_or(&[][..], Vec::as_slice);
        let mut positions: Vec<usize> = by_key.iter().chain(by_name).copied().collect();
        positions.sort_unstable();
        positions.dedup();
        let found: Vec<&Csca> = positions.iter().filter_map(|position| inner.cscas.get(*position)).collect();
        let total = found.len();
        let mut candidates: Vec<&Csca> =
            found.into_iter().filter(|csca| self.same_country(certificate, csca)).collect();
        let foreign = candidates.len() < total;
        // Real CSCAs lack basic constraints or key usage, or have wrong basic constraints, and that is reported. A key for lists, or
        // one whose usage is told and is not signing certificates, is none of them: a document signer that got onto a list, say.
        candidates.retain(|csca| {
            let extensions = csca.certificate.extensions();
            !extensions.is_for_lists() && extensions.may_sign_certificates()
        });
        candidates.sort_by_key(|csca| {
            let by_key = key.is_some() && csca.certificate.extensions().subject_key.as_ref() == key;
            let by_name = csca.certificate.subject().matches(certificate.issuer());
            (!by_key, !by_name, !csca.anchored, !csca.certificate.claims_to_be_root())
        });
        (candidates, foreign)
    }

    /// A link below a CA that allows no CA below it: the standard says a path over it ends there, states do it all the same.
    fn path_length_exceeded(&self, csca: &Csca) -> Option<Tolerance> {
        if csca.certificate.claims_to_be_root() {
            return None;
        }
        let (issuers, _) = self.candidates(&csca.certificate);
        let exceeded = issuers.iter().any(|issuer| {
            issuer.certificate != csca.certificate
                && matches!(issuer.certificate.extensions().basic_constraints, Some((_, Some(0))))
        });
        let detail = "the issuer of the link certificate allows no CA below it";
        exceeded.then(|| Tolerance::new(ToleranceCode::PathLengthExceeded, "csca_certificate", detail))
    }

    fn same_country(&self, certificate: &Certificate, csca: &Csca) -> bool {
        match (certificate.issuer().country(), csca.certificate.subject().country()) {
            (Some(one), Some(other)) => {
                one.eq_ignore_ascii_case(other)
                    || self.countries().same_state(one, other, self.environment()) == Some(true)
            }
            // Without a country on one side there is nothing to cross-check.
            _ => true,
        }
    }

    /// What the revocation lists of its issuer say of a certificate: revoked if any does, else what the newest says.
    #[must_use]
    pub fn revocation_of(&self, certificate: &Certificate, at: OffsetDateTime) -> Revocation {
        let lists = self.0.crls.get(&certificate.issuer().folded());
        let lists = || lists.into_iter().flat_map(std::collections::BTreeMap::values);
        for crl in lists() {
            if let Some(on) = crl.revoked_on(certificate.serial()) {
                return Revocation::Revoked { on, this_update: crl.this_update() };
            }
        }
        let Some(crl) = lists().max_by_key(|crl| crl.this_update()) else {
            return Revocation::NoList;
        };
        let this_update = crl.this_update();
        let due = crl.next_update().unwrap_or(this_update + CRL_LIFE);
        if due < at { Revocation::Stale { this_update, due } } else { Revocation::Good { this_update } }
    }
}

/// What had to be overlooked between a certificate and its issuer.
fn tolerances_of_path(certificate: &Certificate, csca: &Csca, at: &'static str) -> Vec<Tolerance> {
    let mut found = Vec::new();
    let mut add = |code, at, detail: &str| found.push(Tolerance::new(code, at, detail));
    let (authority, subject) = (&certificate.extensions().authority_key, &csca.certificate.extensions().subject_key);
    match (authority, subject) {
        (Some(authority), Some(subject)) if authority != subject => {
            add(ToleranceCode::KeyIdentifierMismatch, at, "issuer found by name");
        }
        (authority, subject) => {
            if authority.is_none() {
                add(ToleranceCode::MissingAuthorityKeyIdentifier, at, "issuer found by name");
            }
            if subject.is_none() {
                add(ToleranceCode::MissingSubjectKeyIdentifier, "csca_certificate", "found by name");
            }
        }
    }
    let (issuer, name) = (certificate.issuer(), csca.certificate.subject());
    if !issuer.matches_in_any_order(name) {
        add(ToleranceCode::IssuerNameMismatch, at, "issuer found by key identifier");
    } else if issuer.der() != name.der() {
        add(ToleranceCode::IssuerNameForm, at, "same attributes in another form or order");
    }
    let extensions = csca.certificate.extensions();
    if !matches!(extensions.basic_constraints, Some((true, _))) || extensions.key_usage.is_none() {
        add(ToleranceCode::CaAttributes, "csca_certificate", "basic constraints or key usage are not those of a CA");
    }
    if !csca.certificate.claims_to_be_root() {
        add(ToleranceCode::LinkCertificateAnchor, "csca_certificate", "its own signature was not checked");
    }
    found
}

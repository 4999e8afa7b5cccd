//! What is registered of a partner's TLS identity.

use std::time::Duration;

use emrtd::x509::{Certificate, CertificateError, Fingerprint};
use straznica_types::Timestamp;

use crate::profile::ExtendedKeyUsage;
use crate::{Binding, Country};

/// A partner as its certificates are held against it. Whether the partner is suspended is not asked here: who it is does not depend on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registration {
    /// The state.
    pub country: Country,
    /// Its roots, past and to come ones among them.
    pub roots: Vec<RegisteredRoot>,
    /// What its certificates have to be.
    pub demands: Demands,
    /// What they have to be for: its profile's.
    pub purposes: ExtendedKeyUsage,
}

/// What a partner's certificates, and the lists they are held against, have to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Demands {
    /// The oldest revocation list that counts. More than [`LONGEST_CRL_AGE`] is no more than that.
    pub crl_max_age: Duration,
    /// Shortest modulus of an RSA key on a path, bits.
    pub rsa_bits: u32,
    /// Shortest order of an elliptic curve on a path, bits.
    pub ec_bits: u32,
    /// Fewest days a SPOC's certificate is valid without a warning.
    pub shortest_days: u16,
    /// Most days a SPOC's certificate is valid without a warning.
    pub longest_days: u16,
}

impl Demands {
    /// What the standards ask for: lists of ninety days, RSA from 2048 bits, elliptic curves from 224 (TR-03139 §6.1.5; CSN 36 9791 annex on TLS), and 6
    /// to 18 months, short and long ones allowed for.
    pub const STANDARD: Self =
        Self { crl_max_age: LONGEST_CRL_AGE, rsa_bits: 2048, ec_bits: 224, shortest_days: 180, longest_days: 550 };
}

/// The oldest revocation list that counts for anybody, whatever it says of the next one: ninety days (Doc 9303-12 §7.1.4).
pub const LONGEST_CRL_AGE: Duration = Duration::from_secs(90 * 86_400);

/// How far the registration of a root has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RootState {
    /// A second officer has yet to compare the fingerprint.
    Proposed,
    /// Two officers have.
    Confirmed,
    /// Not to be used any more.
    Withdrawn,
}

/// The bindings a root may vouch for. A CSCA on a brainpool curve, for instance, serves SOAP only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AllowedBindings {
    /// gRPC.
    pub grpc: bool,
    /// SOAP.
    pub soap: bool,
}

impl AllowedBindings {
    /// Either.
    pub const BOTH: Self = Self { grpc: true, soap: true };

    /// Is this one among them?
    #[must_use]
    pub const fn allows(self, binding: Binding) -> bool {
        match binding {
            Binding::Grpc => self.grpc,
            Binding::Soap => self.soap,
        }
    }
}

/// A root certificate with what was registered about it. Its certificate has the fingerprint the officers compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegisteredRoot {
    pub(super) certificate: Certificate,
    pub(super) used_from: Timestamp,
    pub(super) used_until: Timestamp,
    pub(super) bindings: AllowedBindings,
    pub(super) state: RootState,
}

/// Why a root cannot stand in a registration.
#[derive(Debug, thiserror::Error)]
pub enum RootError {
    /// The bytes are no certificate.
    #[error("the root certificate cannot be read")]
    Certificate(#[from] CertificateError),
    /// The certificate is not the one whose fingerprint was compared.
    #[error("the root certificate has fingerprint {found}, registered is {registered}")]
    Fingerprint {
        /// Of the certificate.
        found: Fingerprint,
        /// As registered.
        registered: Fingerprint,
    },
}

impl RegisteredRoot {
    /// A root from its certificate (DER), the fingerprint registered for it, and the period in which it is used, both ends included.
    ///
    /// # Errors
    /// [`RootError`]
    pub fn new(
        certificate: &[u8],
        fingerprint: Fingerprint,
        used: (Timestamp, Timestamp),
        bindings: AllowedBindings,
        state: RootState,
    ) -> Result<Self, RootError> {
        let certificate = Certificate::parse(certificate)?;
        let found = certificate.fingerprint();
        if found != fingerprint {
            return Err(RootError::Fingerprint { found, registered: fingerprint });
        }
        let (used_from, used_until) = used;
        Ok(Self { certificate, used_from, used_until, bindings, state })
    }

    /// The certificate.
    #[must_use]
    pub fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// Is `at` within the period in which it is used?
    #[must_use]
    pub fn is_used_at(&self, at: Timestamp) -> bool {
        (self.used_from..=self.used_until).contains(&at)
    }
}

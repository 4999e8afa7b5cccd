//! What a peer presented in its handshake, so that another service can look at it for itself.

use std::sync::Arc;

use rustls_pki_types::CertificateDer;

/// The certificates a peer presented, its own first, as RFC 9440 has a front door hand them on.
#[derive(Clone, Debug)]
pub struct Presented(Arc<[CertificateDer<'static>]>);

impl Presented {
    /// Of a connection whose handshake succeeded.
    #[must_use]
    pub fn new(certificates: &[CertificateDer<'_>]) -> Self {
        Self(certificates.iter().map(|certificate| certificate.clone().into_owned()).collect())
    }

    /// Each in DER.
    #[must_use]
    pub fn to_der(&self) -> Vec<Vec<u8>> {
        self.0.iter().map(|certificate| certificate.to_vec()).collect()
    }
}

//! What can be wrong with certificates, files and peers.

use std::{io, path::PathBuf};

use straznica_types::InvalidName;

/// A certificate that names no peer of the suite.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum CertificateError {
    /// No X.509 certificate, or bytes after it.
    #[error("not an X.509 certificate")]
    Unreadable,
    /// SPIFFE X509-SVID §2: exactly one URI.
    #[error("the subject alternative name holds {0} URIs instead of one")]
    UriCount(usize),
    /// The URI is no `spiffe://<trust domain>/<role>/<id>`.
    #[error("the URI is not of the form spiffe://<trust domain>/<role>/<id>")]
    UriForm,
    /// The role is none of ours.
    #[error("unknown role: service, terminal, operator or security-officer expected")]
    UnknownRole,
    /// The name of the peer is not acceptable.
    #[error("the peer's name is not acceptable")]
    Name(#[from] InvalidName),
    /// The trust domain is no lower-case DNS name.
    #[error("the trust domain is not a lower-case DNS name")]
    TrustDomain,
    /// A validity beyond what a timestamp holds.
    #[error("the validity is out of range")]
    Validity,
}

/// TLS material that does not hold up.
#[derive(Debug, thiserror::Error)]
pub enum MaterialError {
    /// A file cannot be read.
    #[error("{} cannot be read", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file is longer than any real one.
    #[error("{} is larger than {limit} bytes", path.display())]
    TooLarge {
        /// Which.
        path: PathBuf,
        /// In bytes.
        limit: u64,
    },
    /// Not PEM, or not what it should contain.
    #[error("the {what} cannot be parsed as PEM")]
    Pem {
        /// Certificate chain, key, trust anchors or revocation lists.
        what: &'static str,
        /// Why.
        source: rustls_pki_types::pem::Error,
    },
    /// There is nothing of the kind in the file.
    #[error("there is no {0}")]
    Missing(&'static str),
    /// A revocation list that cannot be read.
    #[error("a revocation list is not an X.509 CRL")]
    RevocationList,
    /// The certificate names no peer of the suite.
    #[error("the own certificate does not name a peer")]
    Certificate(#[from] CertificateError),
}

/// A TLS configuration that cannot be made, or not here.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// The files do not hold up.
    #[error(transparent)]
    Material(#[from] MaterialError),
    /// Key and certificate, anchors or lists do not fit together.
    #[error("the TLS material does not fit together")]
    Rustls(#[from] rustls::Error),
    /// Anchors or revocation lists do not make a verifier.
    #[error("the trust anchors and revocation lists do not make a verifier")]
    Verifier(#[from] rustls::server::VerifierBuilderError),
    /// Material of the development certificate authority on a production node.
    #[error("the trust domain {0} belongs to a development certificate authority; a production node refuses it")]
    DevelopmentInProduction(String),
    /// Reloaded material that names another peer.
    #[error("the new certificate names {new}, the old one {old}")]
    OtherIdentity {
        /// Who the node was.
        old: String,
        /// Who it would become.
        new: String,
    },
    /// Nothing to reload from: the material did not come from files.
    #[error("the material did not come from files")]
    NoFiles,
}

/// A peer that is not accepted, on a connection whose handshake succeeded.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum PeerError {
    /// No certificate was presented.
    #[error("the peer presented no certificate")]
    NoCertificate,
    /// The certificate names no peer of the suite.
    #[error("the peer's certificate does not name a peer")]
    Certificate(#[from] CertificateError),
    /// A peer of another trust domain.
    #[error("the peer belongs to another trust domain")]
    TrustDomain,
    /// What another listener was presented does not lead to our anchors, or is revoked.
    #[error("the certificates another listener was presented are not trusted here")]
    Untrusted,
    /// Another service answered than was called.
    #[error("{expected} was called, {found} answered")]
    Unexpected {
        /// Who was called.
        expected: String,
        /// Who answered.
        found: String,
    },
    /// The certificate has expired since the connection was opened, or is not valid yet.
    #[error("the peer's certificate is outside its validity")]
    Expired,
    /// The certificate was revoked since the connection was opened.
    #[error("the peer's certificate is revoked")]
    Revoked,
}

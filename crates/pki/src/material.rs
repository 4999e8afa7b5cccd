//! TLS material: certificate chain, key, trust anchors, revocation lists, as PEM.

use std::{
    fs::File,
    io::{BufReader, Read},
    path::{Path, PathBuf},
};

use rustls_pki_types::{
    CertificateDer, CertificateRevocationListDer, PrivateKeyDer,
    pem::{self, PemObject},
};
use serde::{Deserialize, Serialize};

use crate::{
    error::MaterialError,
    identity::{PeerIdentity, sha256},
};

/// Longest file read. The longest real one is a revocation list.
const MAX_FILE: u64 = 16 * 1024 * 1024;

/// Where the PEM files are, as cert-manager or a SPIFFE helper writes them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TlsFiles {
    /// The own certificate, then intermediates.
    pub certificate_chain: PathBuf,
    /// The own key: PKCS#8, SEC1 or PKCS#1.
    pub private_key: PathBuf,
    /// Certificates peers' chains have to end at.
    pub trust_anchors: PathBuf,
    /// Revocation lists. Where given, every certificate of a peer's chain has to be covered by a current one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revocation_lists: Option<PathBuf>,
}

/// TLS material that has been read and parsed; whether it fits together shows when a [`Tls`](crate::Tls) is made of it.
#[derive(Debug)]
pub struct TlsMaterial {
    pub(crate) chain: Vec<CertificateDer<'static>>,
    pub(crate) key: PrivateKeyDer<'static>,
    pub(crate) anchors: Vec<CertificateDer<'static>>,
    pub(crate) revocation_lists: Vec<CertificateRevocationListDer<'static>>,
    pub(crate) own: PeerIdentity,
    /// SHA-256 over everything, to see whether files changed.
    pub(crate) digest: [u8; 32],
}

impl TlsMaterial {
    /// Reads and parses the files. Blocks.
    ///
    /// # Errors
    /// [`MaterialError`] when a file is missing, too large, or not what it should be.
    pub fn read(files: &TlsFiles) -> Result<Self, MaterialError> {
        let revocation_lists = files.revocation_lists.as_deref().map(read).transpose()?;
        Self::from_pem(
            &read(&files.certificate_chain)?,
            &read(&files.private_key)?,
            &read(&files.trust_anchors)?,
            revocation_lists.as_deref(),
        )
    }

    /// Parses PEM texts, in the order of [`TlsFiles`].
    ///
    /// # Errors
    /// [`MaterialError`] when one is not what it should be.
    pub fn from_pem(
        certificate_chain: &[u8],
        private_key: &[u8],
        trust_anchors: &[u8],
        revocation_lists: Option<&[u8]>,
    ) -> Result<Self, MaterialError> {
        let chain: Vec<CertificateDer<'static>> = sections(certificate_chain, "certificate chain")?;
        let anchors = sections(trust_anchors, "trust anchor")?;
        let key = PrivateKeyDer::from_pem_slice(private_key).map_err(|source| pem_error("private key", source))?;
        let lists = revocation_lists.map(|text| sections(text, "revocation list")).transpose()?;
        let own = chain.first().ok_or(MaterialError::Missing("certificate chain"))?;
        let own = PeerIdentity::from_certificate(own)?;
        let parts = [certificate_chain, private_key, trust_anchors, revocation_lists.unwrap_or_default()];
        let digest = sha256(&parts.map(sha256).concat());
        Ok(Self { chain, key, anchors, revocation_lists: lists.unwrap_or_default(), own, digest })
    }

    /// Whom the own certificate names.
    pub fn own(&self) -> &PeerIdentity {
        &self.own
    }
}

pub(crate) fn sections<T: PemObject>(text: &[u8], what: &'static str) -> Result<Vec<T>, MaterialError> {
    let sections: Vec<T> =
        T::pem_slice_iter(text).collect::<Result<_, _>>().map_err(|source| pem_error(what, source))?;
    if sections.is_empty() {
        return Err(MaterialError::Missing(what));
    }
    Ok(sections)
}

pub(crate) fn pem_error(what: &'static str, source: pem::Error) -> MaterialError {
    match source {
        pem::Error::NoItemsFound => MaterialError::Missing(what),
        source => MaterialError::Pem { what, source },
    }
}

pub(crate) fn read(path: &Path) -> Result<Vec<u8>, MaterialError> {
    let failed = |source| MaterialError::File { path: path.to_owned(), source };
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(failed)?;
    BufReader::new(file).take(MAX_FILE + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > MAX_FILE {
        return Err(MaterialError::TooLarge { path: path.to_owned(), limit: MAX_FILE });
    }
    Ok(bytes)
}

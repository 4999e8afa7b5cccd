//! The credentials of our own SPOC: certificate chains and keys for either side of a connection, replaced while the node runs.
//!
//! A key is a file (PKCS#8, a passphrase over it if wanted), or stays in a token: then it comes as a rustls
//! [`SigningKey`](rustls::sign::SigningKey) and serves the gRPC binding only, since OpenSSL needs the key itself.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arc_swap::ArcSwap;
use openssl::pkey::{PKey, Private};
use openssl::x509::X509;
use rustls::crypto::aws_lc_rs;
use rustls::sign::{CertifiedKey, SigningKey};
use rustls_pki_types::{CertificateDer, PrivatePkcs8KeyDer, pem::PemObject as _};
use serde::{Deserialize, Serialize};
use straznica_types::Secret;

/// Longest file read.
const MAX_FILE: u64 = 1024 * 1024;

/// Why credentials cannot be used.
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
    /// A file is longer than any chain or key.
    #[error("{} is longer than {MAX_FILE} bytes", path.display())]
    TooLarge {
        /// Which.
        path: PathBuf,
    },
    /// The certificate chain is no PEM.
    #[error("the certificate chain is no PEM")]
    Chain(#[source] rustls_pki_types::pem::Error),
    /// There is no certificate in it.
    #[error("the certificate chain is empty")]
    NoCertificate,
    /// The key is no PKCS#8 in PEM, or the passphrase is not the one it was encrypted with.
    #[error("the private key cannot be read, or not with this passphrase")]
    Key(#[source] openssl::error::ErrorStack),
    /// A certificate or key cannot be handled by OpenSSL.
    #[error("the certificate cannot be used by OpenSSL")]
    OpenSsl(#[from] openssl::error::ErrorStack),
    /// The key is of a kind that TLS 1.3 in rustls does not have, as those on brainpool curves.
    #[error("the private key is not of a kind the gRPC binding knows")]
    NotForGrpc(#[source] rustls::Error),
    /// The key stays in a token, which OpenSSL cannot ask.
    #[error("the SOAP binding needs a key from a file; this one stays in a token")]
    NotForSoap,
    /// The key belongs to another certificate.
    #[error("the private key is not the certificate's")]
    KeyOfAnother,
    /// The material was not read from files.
    #[error("there are no files to reload from")]
    NoFiles,
}

/// Where a chain and its key are.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CredentialFiles {
    /// The own certificate, then those between it and the root, PEM.
    pub certificate_chain: PathBuf,
    /// The key, PKCS#8, PEM.
    pub private_key: PathBuf,
    /// What the key is encrypted with, if it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub passphrase: Option<Secret<String>>,
}

impl CredentialFiles {
    /// Whether a passphrase lies over the key, as the file says of itself (PKCS#8 `EncryptedPrivateKeyInfo`, RFC 5958 section 3). Blocks.
    ///
    /// # Errors
    /// [`MaterialError`] when there is no such file.
    pub fn is_encrypted(&self) -> Result<bool, MaterialError> {
        const LABEL: &[u8] = b"-----BEGIN ENCRYPTED PRIVATE KEY-----";
        let key = Secret::new(read(&self.private_key)?);
        Ok(key.expose().windows(LABEL.len()).any(|window| window == LABEL))
    }
}

#[derive(Clone)]
enum Key {
    Held(PKey<Private>),
    InToken(Arc<dyn SigningKey>),
}

/// A certificate chain and its key; the key is the first certificate's.
#[derive(Clone)]
pub struct Credential {
    chain: Vec<CertificateDer<'static>>,
    key: Key,
}

impl Credential {
    /// From PEM.
    ///
    /// # Errors
    /// [`MaterialError`]
    pub fn from_pem(chain: &[u8], key: &[u8], passphrase: Option<&Secret<String>>) -> Result<Self, MaterialError> {
        let chain = certificates(chain)?;
        // OpenSSL would ask the terminal for a passphrase it is not given.
        let passphrase = passphrase.map_or(&b""[..], |passphrase| passphrase.expose().as_bytes());
        let key = PKey::private_key_from_pem_passphrase(key, passphrase).map_err(MaterialError::Key)?;
        let certificate = X509::from_der(chain.first().ok_or(MaterialError::NoCertificate)?)?;
        if !certificate.public_key()?.public_eq(&key) {
            return Err(MaterialError::KeyOfAnother);
        }
        Ok(Self { chain, key: Key::Held(key) })
    }

    /// From a chain in PEM and a key that stays in a token.
    ///
    /// # Errors
    /// [`MaterialError`]
    pub fn in_token(chain: &[u8], key: Arc<dyn SigningKey>) -> Result<Self, MaterialError> {
        let chain = certificates(chain)?;
        let certified = CertifiedKey::new(chain.clone(), key.clone());
        match certified.keys_match() {
            // A token that does not tell its public key is believed; the first handshake would fail.
            Ok(()) | Err(rustls::Error::InconsistentKeys(rustls::InconsistentKeys::Unknown)) => {
                Ok(Self { chain, key: Key::InToken(key) })
            }
            Err(_) => Err(MaterialError::KeyOfAnother),
        }
    }

    /// From files. Blocks.
    ///
    /// # Errors
    /// [`MaterialError`]
    pub fn read(files: &CredentialFiles) -> Result<Self, MaterialError> {
        let chain = read(&files.certificate_chain)?;
        let key = Secret::new(read(&files.private_key)?);
        Self::from_pem(&chain, key.expose(), files.passphrase.as_ref())
    }

    /// The chain as it is presented, the own certificate first, DER.
    #[must_use]
    pub fn chain(&self) -> &[CertificateDer<'static>] {
        &self.chain
    }

    /// For rustls.
    ///
    /// # Errors
    /// [`MaterialError::NotForGrpc`]
    pub fn certified_key(&self) -> Result<CertifiedKey, MaterialError> {
        let key = match &self.key {
            Key::InToken(key) => key.clone(),
            Key::Held(key) => {
                let der = PrivatePkcs8KeyDer::from(key.private_key_to_pkcs8()?);
                aws_lc_rs::sign::any_supported_type(&der.into()).map_err(MaterialError::NotForGrpc)?
            }
        };
        Ok(CertifiedKey::new(self.chain.clone(), key))
    }

    /// For OpenSSL: the chain, the own certificate first, and its key.
    ///
    /// # Errors
    /// [`MaterialError::NotForSoap`], or [`MaterialError::OpenSsl`].
    pub fn openssl(&self) -> Result<(Vec<X509>, PKey<Private>), MaterialError> {
        let Key::Held(key) = &self.key else { return Err(MaterialError::NotForSoap) };
        let chain = self.chain.iter().map(|der| X509::from_der(der)).collect::<Result<_, _>>()?;
        Ok((chain, key.clone()))
    }
}

/// The key is never printed.
impl std::fmt::Debug for Credential {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credential").field("certificates", &self.chain.len()).finish_non_exhaustive()
    }
}

/// The credentials for both sides of a connection; they may be the same.
#[derive(Clone, Debug)]
pub struct SpocMaterial {
    /// With which we connect to partners.
    pub client: Credential,
    /// With which we answer them.
    pub server: Credential,
}

/// Where the credentials of both sides are.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MaterialFiles {
    /// Of the client.
    pub client: CredentialFiles,
    /// Of the server.
    pub server: CredentialFiles,
}

impl SpocMaterial {
    /// One credential for both sides.
    #[must_use]
    pub fn of_one(credential: Credential) -> Self {
        Self { client: credential.clone(), server: credential }
    }

    /// From files. Blocks.
    ///
    /// # Errors
    /// [`MaterialError`]
    pub fn read(files: &MaterialFiles) -> Result<Self, MaterialError> {
        Ok(Self { client: Credential::read(&files.client)?, server: Credential::read(&files.server)? })
    }
}

/// The credentials in force. Connections that are open keep theirs.
#[derive(Debug)]
pub struct CurrentMaterial {
    files: Option<MaterialFiles>,
    current: ArcSwap<SpocMaterial>,
}

impl CurrentMaterial {
    /// Held in memory.
    #[must_use]
    pub fn new(material: SpocMaterial) -> Arc<Self> {
        Arc::new(Self { files: None, current: ArcSwap::from_pointee(material) })
    }

    /// From files, which [`Self::reload`] reads again. Blocks.
    ///
    /// # Errors
    /// [`MaterialError`]
    pub fn from_files(files: MaterialFiles) -> Result<Arc<Self>, MaterialError> {
        let material = SpocMaterial::read(&files)?;
        Ok(Arc::new(Self { files: Some(files), current: ArcSwap::from_pointee(material) }))
    }

    /// What is in force now.
    #[must_use]
    pub fn load(&self) -> Arc<SpocMaterial> {
        self.current.load_full()
    }

    /// Puts other credentials in force.
    pub fn replace(&self, material: SpocMaterial) {
        self.current.store(Arc::new(material));
    }

    /// Reads the files again and puts them in force; true if the certificates are others than before. Blocks.
    ///
    /// # Errors
    /// [`MaterialError`]; the old ones stay in force.
    pub fn reload(&self) -> Result<bool, MaterialError> {
        let material = SpocMaterial::read(self.files.as_ref().ok_or(MaterialError::NoFiles)?)?;
        let before = self.load();
        let changed = before.client.chain != material.client.chain || before.server.chain != material.server.chain;
        self.replace(material);
        Ok(changed)
    }
}

fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, MaterialError> {
    let chain: Vec<_> = CertificateDer::pem_slice_iter(pem).collect::<Result<_, _>>().map_err(MaterialError::Chain)?;
    if chain.is_empty() { Err(MaterialError::NoCertificate) } else { Ok(chain) }
}

fn read(path: &Path) -> Result<Vec<u8>, MaterialError> {
    let failed = |source| MaterialError::File { path: path.to_owned(), source };
    let mut bytes = Vec::new();
    File::open(path).map_err(failed)?.take(MAX_FILE + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > MAX_FILE {
        return Err(MaterialError::TooLarge { path: path.to_owned() });
    }
    Ok(bytes)
}

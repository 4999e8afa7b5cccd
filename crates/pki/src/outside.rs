//! TLS to somebody outside the house: a message centre, a provider. Their certificate is one of their own authority, they know nothing of our roles.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use rustls::client::{Resumption, WebPkiServerVerifier};
use rustls::crypto::aws_lc_rs;
use rustls::version::{TLS12, TLS13};
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, CertificateRevocationListDer, PrivateKeyDer};
use serde::{Deserialize, Serialize};
use straznica_types::SharedClock;

use crate::clock::InjectedTime;
use crate::error::TlsError;
use crate::material::{pem_error, read, sections};

/// Where the PEM files are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OutsideFiles {
    /// Certificates the server's chain has to end at; the public authorities are not trusted unless they are in it.
    pub trust_anchors: PathBuf,
    /// Revocation lists. Where given, every certificate of the server's chain has to be covered by a current one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revocation_lists: Option<PathBuf>,
    /// Our certificate and key, where the server asks for them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub own: Option<OwnFiles>,
}

/// A certificate of ours for outside.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OwnFiles {
    /// The certificate, then intermediates.
    pub certificate_chain: PathBuf,
    /// Its key: PKCS#8, SEC1 or PKCS#1.
    pub private_key: PathBuf,
}

/// Client configurations of TLS 1.2 and 1.3, made anew from the files for each connection, so that renewed certificates and lists are used. Sessions are
/// never resumed.
#[derive(Debug)]
pub struct OutsideTls {
    files: OutsideFiles,
    clock: SharedClock,
    last: Mutex<Arc<ClientConfig>>,
}

impl OutsideTls {
    /// Reads the files. Blocks.
    ///
    /// # Errors
    /// [`TlsError`] when they do not hold up.
    pub fn open(files: OutsideFiles, clock: SharedClock) -> Result<Self, TlsError> {
        let first = configuration(&files, &clock)?;
        Ok(Self { files, clock, last: Mutex::new(Arc::new(first)) })
    }

    /// The configuration for the next connection. Files that do not hold up any more leave the last one in force. Reads small files: for use where a
    /// connection is about to be made anyway.
    pub fn client_config(&self) -> Arc<ClientConfig> {
        let fresh = configuration(&self.files, &self.clock);
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        match fresh {
            Ok(fresh) => *last = Arc::new(fresh),
            Err(error) => tracing::error!(%error, "TLS files do not hold up; the last that did stay in force"),
        }
        last.clone()
    }
}

fn configuration(files: &OutsideFiles, clock: &SharedClock) -> Result<ClientConfig, TlsError> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let mut anchors = RootCertStore::empty();
    for anchor in sections::<CertificateDer<'static>>(&read(&files.trust_anchors)?, "trust anchor")? {
        anchors.add(anchor)?;
    }
    let mut verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(anchors), provider.clone());
    if let Some(lists) = &files.revocation_lists {
        let lists: Vec<CertificateRevocationListDer<'static>> = sections(&read(lists)?, "revocation list")?;
        verifier = verifier.with_crls(lists).enforce_revocation_expiration();
    }
    let builder = ClientConfig::builder_with_details(provider, Arc::new(InjectedTime(clock.clone())))
        .with_protocol_versions(&[&TLS13, &TLS12])?
        .with_webpki_verifier(verifier.build()?);
    let mut config = match &files.own {
        None => builder.with_no_client_auth(),
        Some(own) => {
            let chain = sections(&read(&own.certificate_chain)?, "certificate chain")?;
            let key = PrivateKeyDer::from_pem_slice(&read(&own.private_key)?)
                .map_err(|source| pem_error("private key", source))?;
            builder.with_client_auth_cert(chain, key)?
        }
    };
    config.resumption = Resumption::disabled();
    Ok(config)
}

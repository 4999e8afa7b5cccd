//! TLS 1.3 that proves possession of a key, and leaves to others whose it is.

use std::sync::{Arc, Mutex, PoisonError};

use rustls::client::Resumption;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{WebPkiSupportedAlgorithms, aws_lc_rs, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::NoServerSessionStorage;
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::version::TLS13;
use rustls::{
    ClientConfig, DigitallySignedStruct, DistinguishedName, Error, PeerMisbehaved, ServerConfig, SignatureScheme,
};

use crate::material::{CurrentMaterial, MaterialError, SpocMaterial};

const HTTP2: &[u8] = b"h2";

/// Configurations made of the material in force, made again when it was replaced.
pub(super) struct Configured<C> {
    material: Arc<CurrentMaterial>,
    make: fn(&SpocMaterial) -> Result<C, MaterialError>,
    made: Mutex<Option<(Arc<SpocMaterial>, Arc<C>)>>,
}

impl<C> Configured<C> {
    fn new(
        material: Arc<CurrentMaterial>,
        make: fn(&SpocMaterial) -> Result<C, MaterialError>,
    ) -> Result<Self, MaterialError> {
        let configured = Self { material, make, made: Mutex::default() };
        configured.current()?;
        Ok(configured)
    }

    /// The configuration for the next connection.
    pub(super) fn current(&self) -> Result<Arc<C>, MaterialError> {
        let material = self.material.load();
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((of, configuration)) = made.as_ref()
            && Arc::ptr_eq(of, &material)
        {
            return Ok(configuration.clone());
        }
        let configuration = Arc::new((self.make)(&material)?);
        *made = Some((material, configuration.clone()));
        Ok(configuration)
    }
}

/// For a listener. A client certificate is asked for and has to come; nothing is resumed, since revocation is looked at in every connection.
pub(super) fn server(material: Arc<CurrentMaterial>) -> Result<Configured<ServerConfig>, MaterialError> {
    Configured::new(material, |material| {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let key = resolver(material.server.certified_key()?);
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&TLS13])
            .map_err(MaterialError::NotForGrpc)?
            .with_client_cert_verifier(Arc::new(PossessionOnly::new()))
            .with_cert_resolver(key);
        config.session_storage = Arc::new(NoServerSessionStorage {});
        config.send_tls13_tickets = 0;
        config.max_early_data_size = 0;
        config.alpn_protocols = vec![HTTP2.to_vec()];
        Ok(config)
    })
}

/// For connections to partners.
pub(super) fn client(material: Arc<CurrentMaterial>) -> Result<Configured<ClientConfig>, MaterialError> {
    Configured::new(material, |material| {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let key = resolver(material.client.certified_key()?);
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&TLS13])
            .map_err(MaterialError::NotForGrpc)?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(PossessionOnly::new()))
            .with_client_cert_resolver(key);
        config.resumption = Resumption::disabled();
        config.alpn_protocols = vec![HTTP2.to_vec()];
        Ok(config)
    })
}

fn resolver(key: CertifiedKey) -> Arc<SingleCertAndKey> {
    Arc::new(SingleCertAndKey::from(key))
}

/// Verifies that the peer holds the key of the certificate it presents, and accepts any certificate.
#[derive(Debug)]
struct PossessionOnly(WebPkiSupportedAlgorithms);

impl PossessionOnly {
    fn new() -> Self {
        Self(aws_lc_rs::default_provider().signature_verification_algorithms)
    }

    fn verify(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signed, &self.0)
    }
}

/// TLS 1.2 is not offered; a peer that gets here with it has not kept to the protocol.
fn no_tls12() -> Result<HandshakeSignatureValid, Error> {
    Err(PeerMisbehaved::SelectedUnofferedCipherSuite.into())
}

impl ClientCertVerifier for PossessionOnly {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        // Whom we know is nobody's business.
        &[]
    }

    fn verify_client_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        Ok(ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _certificate: &CertificateDer<'_>,
        _signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        no_tls12()
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.verify(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_schemes()
    }
}

impl ServerCertVerifier for PossessionOnly {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _certificate: &CertificateDer<'_>,
        _signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        no_tls12()
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.verify(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_schemes()
    }
}

/// What the peer presented, its own certificate first, DER.
pub(super) fn presented(certificates: Option<&[CertificateDer<'_>]>) -> Vec<Vec<u8>> {
    certificates.unwrap_or_default().iter().map(|one| one.to_vec()).collect()
}

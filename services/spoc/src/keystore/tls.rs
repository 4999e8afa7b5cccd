//! TLS with a key of the store: what the exchange's listener and client sign their handshakes with, so that this key, too, may stay in a token.

mod request;
mod turns;

use std::{fmt, sync::Arc};

use aws_lc_rs::digest::{self, SHA256, SHA384};
use cvc::{
    algorithm::Algorithm,
    domain_parameters::{DomainParameters, StandardisedCurve},
    public_key::{Material, ParameterForm, PublicKey},
};
use rustls::{
    OtherError, SignatureAlgorithm, SignatureScheme,
    pki_types::{AlgorithmIdentifier, SubjectPublicKeyInfoDer, alg_id},
    sign::{Signer, SigningKey, public_key_to_spki},
};
use tokio::runtime::{Handle, RuntimeFlavor};

use super::{KeyHandle, KeyKind, KeyRole, KeyStore, KeyStoreError};

pub use request::TlsSubject;
pub use turns::HandshakeTurns;

/// The kind of a new key for TLS 1.3: ECDSA over P-256 with SHA-256.
#[must_use]
pub fn tls_key_kind() -> KeyKind {
    KeyKind::Ec { algorithm: Algorithm::EcdsaSha256, parameters: StandardisedCurve::P256.into() }
}

/// A key of the role [`KeyRole::ExchangeTls`] for rustls, as server or as client. It signs when it has one of the turns.
///
/// # Errors
/// [`KeyStoreError::NotForTls`] for a key of another role or kind, [`KeyStoreError::Unknown`] when there is no such key.
pub fn tls_signer(
    store: Arc<dyn KeyStore>,
    handle: KeyHandle,
    turns: Arc<HandshakeTurns>,
) -> Result<Arc<dyn SigningKey>, KeyStoreError> {
    Ok(Arc::new(HandshakeKey { key: store_key(store, handle)?, turns }))
}

/// A request (PKCS#10, DER) for a certificate of such a key, signed by it.
///
/// # Errors
/// As [`tls_signer`]; [`KeyStoreError::Subject`] when the subject cannot stand in a certificate.
pub fn tls_certificate_request(
    store: Arc<dyn KeyStore>,
    handle: KeyHandle,
    subject: &TlsSubject<'_>,
) -> Result<Vec<u8>, KeyStoreError> {
    request::make(&store_key(store, handle)?, subject)
}

fn store_key(store: Arc<dyn KeyStore>, handle: KeyHandle) -> Result<StoreKey, KeyStoreError> {
    if handle.role() != KeyRole::ExchangeTls {
        return Err(KeyStoreError::NotForTls(handle));
    }
    let public_key = store.public_key(&handle)?;
    let (Some(suite), Material::Ec { point, .. }) =
        (Suite::of(&public_key), public_key.view(ParameterForm::Inherited).material)
    else {
        return Err(KeyStoreError::NotForTls(handle));
    };
    let (spki, point) = (public_key_to_spki(&suite.identifier(), point), point.to_vec());
    Ok(StoreKey { store, handle, suite, spki, point })
}

/// The pairs of curve and hash TLS 1.3 has (RFC 8446 §4.2.3).
#[derive(Debug, Clone, Copy)]
enum Suite {
    P256,
    P384,
}

impl Suite {
    fn of(key: &PublicKey) -> Option<Self> {
        match (key.algorithm(), key.parameters()) {
            (Algorithm::EcdsaSha256, Some(DomainParameters::Standardised(StandardisedCurve::P256))) => Some(Self::P256),
            (Algorithm::EcdsaSha384, Some(DomainParameters::Standardised(StandardisedCurve::P384))) => Some(Self::P384),
            _ => None,
        }
    }

    const fn scheme(self) -> SignatureScheme {
        match self {
            Self::P256 => SignatureScheme::ECDSA_NISTP256_SHA256,
            Self::P384 => SignatureScheme::ECDSA_NISTP384_SHA384,
        }
    }

    const fn identifier(self) -> AlgorithmIdentifier {
        match self {
            Self::P256 => alg_id::ECDSA_P256,
            Self::P384 => alg_id::ECDSA_P384,
        }
    }

    fn digest(self, message: &[u8]) -> digest::Digest {
        match self {
            Self::P256 => digest::digest(&SHA256, message),
            Self::P384 => digest::digest(&SHA384, message),
        }
    }
}

#[derive(Clone)]
struct StoreKey {
    store: Arc<dyn KeyStore>,
    handle: KeyHandle,
    suite: Suite,
    spki: SubjectPublicKeyInfoDer<'static>,
    point: Vec<u8>,
}

impl StoreKey {
    /// Signs as TLS and X.509 write ECDSA signatures.
    fn sign_message(&self, message: &[u8]) -> Result<Vec<u8>, KeyStoreError> {
        let digest = self.suite.digest(message);
        Ok(der_of_plain(&self.store.sign_digest(&self.handle, digest.as_ref())?))
    }
}

/// The key as handshakes have it.
#[derive(Debug, Clone)]
struct HandshakeKey {
    key: StoreKey,
    turns: Arc<HandshakeTurns>,
}

impl SigningKey for HandshakeKey {
    fn choose_scheme(&self, offered: &[SignatureScheme]) -> Option<Box<dyn Signer>> {
        offered.contains(&self.key.suite.scheme()).then(|| Box::new(self.clone()) as Box<dyn Signer>)
    }

    fn public_key(&self) -> Option<SubjectPublicKeyInfoDer<'_>> {
        Some(SubjectPublicKeyInfoDer::from(self.key.spki.as_ref()))
    }

    fn algorithm(&self) -> SignatureAlgorithm {
        SignatureAlgorithm::ECDSA
    }
}

impl Signer for HandshakeKey {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rustls::Error> {
        let sign = || self.turns.take(|| self.key.sign_message(message));
        // rustls signs within the handshake. A token answers over a bus or a network: other connections of the thread go elsewhere meanwhile.
        let signed = match Handle::try_current().map(|runtime| runtime.runtime_flavor()) {
            Ok(RuntimeFlavor::MultiThread) => tokio::task::block_in_place(sign),
            _ => sign(),
        };
        signed.map_err(|failure| OtherError(Arc::new(failure)).into())
    }

    fn scheme(&self) -> SignatureScheme {
        self.key.suite.scheme()
    }
}

impl fmt::Debug for StoreKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoreKey")
            .field("handle", &self.handle.to_string())
            .field("suite", &self.suite)
            .finish_non_exhaustive()
    }
}

/// ECDSA-Sig-Value (RFC 3279 §2.2.3) of a plain signature r‖s over P-256 or P-384: no length here needs more than one byte.
fn der_of_plain(plain: &[u8]) -> Vec<u8> {
    let (r, s) = plain.split_at(plain.len() / 2);
    let content = [integer(r), integer(s)].concat();
    [vec![0x30, length(&content)], content].concat()
}

fn integer(number: &[u8]) -> Vec<u8> {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    // Positive, also when the first bit is set; zero itself has one byte.
    let sign: &[u8] = if number.get(zeros).is_none_or(|byte| byte & 0x80 != 0) { &[0] } else { &[] };
    let content = [sign, &number[zeros..]].concat();
    [vec![0x02, length(&content)], content].concat()
}

/// At most 102 bytes: two integers of 49 bytes with their headers.
const fn length(content: &[u8]) -> u8 {
    content.len().to_le_bytes()[0]
}

#[cfg(test)]
mod tests {
    use std::{path::Path, sync::Arc};

    use aws_lc_rs::signature::{
        ECDSA_P256_SHA256_ASN1, ECDSA_P384_SHA384_ASN1, UnparsedPublicKey, VerificationAlgorithm,
    };
    use cvc::{algorithm::Algorithm, domain_parameters::StandardisedCurve};
    use rustls::{
        ClientConfig, RootCertStore, ServerConfig, SignatureScheme,
        server::WebPkiClientVerifier,
        sign::{CertifiedKey, SingleCertAndKey},
        version::TLS13,
    };
    use straznica_testkit::on_softhsm;
    use straznica_types::Environment;
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};
    use tokio_rustls::{TlsAcceptor, TlsConnector};

    use super::{HandshakeTurns, der_of_plain, store_key, tls_key_kind, tls_signer};
    use crate::{
        config::KeyStoreConfig,
        keystore::{KeyKind, KeyRole, KeyStore, KeyStoreError, open, tests::token},
    };

    fn turns() -> Arc<HandshakeTurns> {
        Arc::new(HandshakeTurns::of(&KeyStoreConfig::default()))
    }

    /// A key of the store and a certificate for it, from an authority of the moment.
    fn identity(store: &Arc<dyn KeyStore>, kind: &KeyKind, authority: &Authority) -> CertifiedKey {
        let made = store.generate(KeyRole::ExchangeTls, kind).unwrap();
        let subject = store_key(Arc::clone(store), made.handle.clone()).unwrap();
        let parameters = rcgen::CertificateParams::new(["spoc.test.invalid".to_owned()]).unwrap();
        let certificate = parameters.signed_by(&subject, &authority.0).unwrap();
        let key = tls_signer(Arc::clone(store), made.handle, turns()).unwrap();
        let certified = CertifiedKey::new(vec![certificate.der().clone()], key);
        certified.keys_match().unwrap();
        certified
    }

    struct Authority(rcgen::Issuer<'static, rcgen::KeyPair>, Arc<RootCertStore>);

    impl Authority {
        fn new() -> Self {
            let mut parameters = rcgen::CertificateParams::default();
            parameters.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
            let key = rcgen::KeyPair::generate().unwrap();
            let mut roots = RootCertStore::empty();
            roots.add(parameters.self_signed(&key).unwrap().der().clone()).unwrap();
            Self(rcgen::Issuer::new(parameters, key), Arc::new(roots))
        }
    }

    /// Both sides of one connection, each with a key of a store.
    async fn handshake(store: &Arc<dyn KeyStore>, kind: &KeyKind) {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let authority = Authority::new();
        let (server, client) = (identity(store, kind, &authority), identity(store, &tls_key_kind(), &authority));
        let roots = authority.1;
        let verifier = WebPkiClientVerifier::builder_with_provider(roots.clone(), provider.clone()).build().unwrap();
        let accepting = ServerConfig::builder_with_provider(provider.clone())
            .with_protocol_versions(&[&TLS13])
            .unwrap()
            .with_client_cert_verifier(verifier)
            .with_cert_resolver(Arc::new(SingleCertAndKey::from(server)));
        let connecting = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&TLS13])
            .unwrap()
            .with_root_certificates(roots)
            .with_client_cert_resolver(Arc::new(SingleCertAndKey::from(client)));
        let (near, far) = duplex(16 * 1024);
        let name = "spoc.test.invalid".try_into().unwrap();
        let accept = TlsAcceptor::from(Arc::new(accepting)).accept(far);
        let (accepted, connected) = tokio::join!(accept, TlsConnector::from(Arc::new(connecting)).connect(name, near));
        let (mut accepted, mut connected) = (accepted.unwrap(), connected.unwrap());
        assert_eq!(accepted.get_ref().1.peer_certificates().unwrap().len(), 1);
        connected.write_all(b"messageID").await.unwrap();
        let mut heard = [0; 9];
        accepted.read_exact(&mut heard).await.unwrap();
        assert_eq!(&heard, b"messageID");
    }

    fn p384() -> KeyKind {
        KeyKind::Ec { algorithm: Algorithm::EcdsaSha384, parameters: StandardisedCurve::P384.into() }
    }

    fn shake_hands(config: &KeyStoreConfig) {
        let store = open(config, Environment::Test, "PL").unwrap();
        let one = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let many = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        for runtime in [one, many] {
            runtime.block_on(async { handshake(&store, &tls_key_kind()).await });
            runtime.block_on(async { handshake(&store, &p384()).await });
        }
    }

    fn files(directory: &Path) -> KeyStoreConfig {
        KeyStoreConfig { directory: directory.join("keys"), ..KeyStoreConfig::default() }
    }

    #[test]
    fn two_keys_of_files_shake_hands_by_tls_1_3() {
        shake_hands(&files(tempfile::tempdir().unwrap().path()));
    }

    #[test]
    fn two_keys_of_a_token_shake_hands_by_tls_1_3() {
        on_softhsm(&["spoc"], |module| shake_hands(&token(module, "spoc")));
    }

    #[test]
    fn only_keys_made_for_tls_sign_handshakes() {
        let directory = tempfile::tempdir().unwrap();
        let store = open(&files(directory.path()), Environment::Test, "PL").unwrap();
        let brainpool =
            KeyKind::Ec { algorithm: Algorithm::EcdsaSha256, parameters: StandardisedCurve::BrainpoolP256r1.into() };
        let other_hash = KeyKind::Ec { algorithm: Algorithm::EcdsaSha384, parameters: StandardisedCurve::P256.into() };
        let cases = [
            (KeyRole::NationalCvca, tls_key_kind()),
            (KeyRole::InspectionSystem, tls_key_kind()),
            (KeyRole::ExchangeTls, brainpool),
            (KeyRole::ExchangeTls, other_hash),
        ];
        for (role, kind) in cases {
            let handle = store.generate(role, &kind).unwrap().handle;
            let refusal = tls_signer(Arc::clone(&store), handle, turns()).unwrap_err();
            assert!(matches!(refusal, KeyStoreError::NotForTls(_)), "{role} {kind:?}: {refusal:?}");
        }
    }

    #[test]
    fn a_plain_signature_becomes_der_whatever_its_leading_bytes() {
        assert_eq!(der_of_plain(&[0, 0, 1, 0, 0x80, 0]), b"\x30\x08\x02\x01\x01\x02\x03\x00\x80\x00");
        assert_eq!(der_of_plain(&[0, 0, 0, 0]), b"\x30\x06\x02\x01\x00\x02\x01\x00");
        let directory = tempfile::tempdir().unwrap();
        let store = open(&files(directory.path()), Environment::Test, "PL").unwrap();
        let suites: [(KeyKind, &'static dyn VerificationAlgorithm, SignatureScheme); 2] = [
            (tls_key_kind(), &ECDSA_P256_SHA256_ASN1, SignatureScheme::ECDSA_NISTP256_SHA256),
            (p384(), &ECDSA_P384_SHA384_ASN1, SignatureScheme::ECDSA_NISTP384_SHA384),
        ];
        for (kind, verification, scheme) in suites {
            let made = store.generate(KeyRole::ExchangeTls, &kind).unwrap();
            let key = tls_signer(Arc::clone(&store), made.handle, turns()).unwrap();
            let spki = key.public_key().unwrap().as_ref().to_vec();
            let point = &spki[spki.len() - made.public_key.signature_length() - 1..];
            // Enough that some r or s has its first bit set.
            for number in 0..64_u32 {
                let message = number.to_be_bytes();
                let signature = key.choose_scheme(&[scheme]).unwrap().sign(&message).unwrap();
                UnparsedPublicKey::new(verification, point).verify(&message, &signature).unwrap();
            }
            assert!(key.choose_scheme(&[SignatureScheme::ED25519]).is_none());
        }
    }
}

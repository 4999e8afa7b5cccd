//! TLS of the SOAP binding: what is offered, and what of OpenSSL is switched off.

use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;

use arc_swap::ArcSwap;
use exchange::profile::{TlsParameters, TlsVersion};
use openssl::bn::BigNum;
use openssl::dh::Dh;
use openssl::error::ErrorStack;
use openssl::nid::Nid;
use openssl::ssl::{
    Ssl, SslContext, SslContextBuilder, SslMethod, SslOptions, SslRef, SslSessionCacheMode, SslVerifyMode, SslVersion,
    cipher_name,
};
use tokio::net::TcpStream;
use tokio_openssl::SslStream;

use crate::material::{Credential, MaterialError};

/// OpenSSL's level of 112 bits (RSA and DH from 2048, EC from 224). The standard's CBC suites pass it: their weakness is the order of encryption and
/// authentication, not the length of a key.
const SECURITY_LEVEL: u32 = 2;

/// Curves of RFC 5639 that certificates of the standard have.
const BRAINPOOL: [Nid; 3] = [Nid::BRAINPOOL_P256R1, Nid::BRAINPOOL_P384R1, Nid::BRAINPOOL_P512R1];

/// Why a TLS configuration cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum SoapTlsError {
    /// The key is not at hand.
    #[error(transparent)]
    Material(#[from] MaterialError),
    /// OpenSSL cannot use the certificate or the key, or has none of what the profile names.
    #[error("OpenSSL refuses the certificate, the key or the parameters of TLS")]
    OpenSsl(#[from] ErrorStack),
}

/// Which end of the connection a configuration is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    Server,
    Client,
}

/// A TLS configuration that can be replaced while connections are open; each connection keeps the one it began with.
pub struct SoapTls {
    end: End,
    context: ArcSwap<SslContext>,
}

impl std::fmt::Debug for SoapTls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SoapTls").field("end", &self.end).finish_non_exhaustive()
    }
}

impl SoapTls {
    /// For a server, which asks every client for its certificate. What it offers is what any of its partners' profiles needs:
    /// [`TlsParameters::together`].
    ///
    /// # Errors
    /// [`SoapTlsError`]
    pub fn server(credential: &Credential, parameters: &TlsParameters) -> Result<Arc<Self>, SoapTlsError> {
        Self::new(End::Server, credential, parameters)
    }

    /// For a client of partners of one profile.
    ///
    /// # Errors
    /// [`SoapTlsError`]
    pub fn client(credential: &Credential, parameters: &TlsParameters) -> Result<Arc<Self>, SoapTlsError> {
        Self::new(End::Client, credential, parameters)
    }

    fn new(end: End, credential: &Credential, parameters: &TlsParameters) -> Result<Arc<Self>, SoapTlsError> {
        let context = ArcSwap::from_pointee(context(end, credential, parameters)?);
        Ok(Arc::new(Self { end, context }))
    }

    /// Takes another credential or parameters for connections from now on. On an error the old ones stay.
    ///
    /// # Errors
    /// [`SoapTlsError`]
    pub fn replace(&self, credential: &Credential, parameters: &TlsParameters) -> Result<(), SoapTlsError> {
        self.context.store(Arc::new(context(self.end, credential, parameters)?));
        Ok(())
    }

    /// Takes a client's connection.
    pub(super) async fn accept(&self, tcp: TcpStream) -> Result<SslStream<TcpStream>, HandshakeError> {
        let mut stream = SslStream::new(Ssl::new(&self.context.load())?, tcp)?;
        Pin::new(&mut stream).accept().await?;
        Ok(stream)
    }

    /// Connects to a server by the name of its host.
    pub(super) async fn connect(&self, tcp: TcpStream, host: &str) -> Result<SslStream<TcpStream>, HandshakeError> {
        let mut ssl = Ssl::new(&self.context.load())?;
        // A literal address has no place in the extension (RFC 6066 §3).
        if host.parse::<IpAddr>().is_err() {
            ssl.set_hostname(host)?;
        }
        let mut stream = SslStream::new(ssl, tcp)?;
        Pin::new(&mut stream).connect().await?;
        Ok(stream)
    }
}

/// A handshake that came to nothing.
#[derive(Debug, thiserror::Error)]
pub(super) enum HandshakeError {
    #[error("OpenSSL could not begin the handshake: {0}")]
    Begin(#[from] ErrorStack),
    #[error("the handshake failed: {0}")]
    Failed(#[from] openssl::ssl::Error),
}

/// The certificates a peer presented, its own first, DER.
pub(super) fn presented(ssl: &SslRef) -> Result<Vec<Vec<u8>>, ErrorStack> {
    let own = ssl.peer_certificate().map(|certificate| certificate.to_der()).transpose()?;
    let sent = ssl.peer_cert_chain().into_iter().flatten().map(|certificate| certificate.to_der());
    let sent = sent.collect::<Result<Vec<_>, _>>()?;
    // On the server's side OpenSSL leaves the peer's own certificate out of the chain it sent.
    let intermediates = sent.into_iter().filter(|certificate| Some(certificate) != own.as_ref());
    Ok(own.iter().cloned().chain(intermediates).collect())
}

fn context(end: End, credential: &Credential, parameters: &TlsParameters) -> Result<SslContext, SoapTlsError> {
    let mut builder = SslContextBuilder::new(match end {
        End::Server => SslMethod::tls_server(),
        End::Client => SslMethod::tls_client(),
    })?;
    builder.set_security_level(SECURITY_LEVEL);
    builder.set_min_proto_version(Some(version(parameters.lowest)))?;
    builder.set_max_proto_version(Some(version(highest(credential, parameters)?)))?;
    let names: Vec<&str> = parameters.suites_of(TlsVersion::Tls12).map(cipher_name).collect();
    if !names.is_empty() {
        builder.set_cipher_list(&names.join(":"))?;
    }
    let names: Vec<&str> = parameters.suites_of(TlsVersion::Tls13).collect();
    if !names.is_empty() {
        builder.set_ciphersuites(&names.join(":"))?;
    }
    builder.set_groups_list(&parameters.groups.join(":"))?;
    if end == End::Server {
        // MODP group 14 (RFC 3526): the longest that every old partner's library takes.
        let group = Dh::from_pqg(BigNum::get_rfc3526_prime_2048()?, None, BigNum::from_u32(2)?)?;
        builder.set_tmp_dh(&group)?;
    }
    builder.set_options(
        SslOptions::NO_TICKET
            | SslOptions::NO_COMPRESSION
            | SslOptions::NO_RENEGOTIATION
            | SslOptions::CIPHER_SERVER_PREFERENCE,
    );
    // A resumed session would skip the look at the peer's certificate.
    builder.set_session_cache_mode(SslSessionCacheMode::OFF);
    builder.set_num_tickets(0)?;
    // The peer has to have a certificate and its key. Whether it is anybody is judged after the handshake: OpenSSL's opinion of the path is not asked.
    builder.set_verify_callback(SslVerifyMode::PEER | SslVerifyMode::FAIL_IF_NO_PEER_CERT, |_, _| true);
    install(&mut builder, credential)?;
    Ok(builder.build())
}

/// The highest version to offer with this certificate. TLS 1.3 has signatures of brainpool keys since RFC 8734 alone, and OpenSSL since 3.2: a partner
/// with an older library that offers 1.3 could neither verify ours there nor be told by it to take 1.2. With 1.2 every library that knows the curve
/// does.
fn highest(credential: &Credential, parameters: &TlsParameters) -> Result<TlsVersion, SoapTlsError> {
    let (_, key) = credential.openssl()?;
    let curve = key.ec_key().ok().and_then(|key| key.group().curve_name());
    let young_in_1_3 = curve.is_some_and(|curve| BRAINPOOL.contains(&curve));
    let highest = if young_in_1_3 { TlsVersion::Tls12 } else { parameters.highest };
    Ok(highest.min(parameters.highest).max(parameters.lowest))
}

/// Our certificate, those between it and the root, and the key.
fn install(builder: &mut SslContextBuilder, credential: &Credential) -> Result<(), SoapTlsError> {
    let (chain, key) = credential.openssl()?;
    for (place, certificate) in chain.into_iter().enumerate() {
        match place {
            0 => builder.set_certificate(&certificate)?,
            _ => builder.add_extra_chain_cert(certificate)?,
        }
    }
    builder.set_private_key(&key)?;
    Ok(builder.check_private_key()?)
}

const fn version(version: TlsVersion) -> SslVersion {
    match version {
        TlsVersion::Tls12 => SslVersion::TLS1_2,
        TlsVersion::Tls13 => SslVersion::TLS1_3,
    }
}

//! A client of one connection over the gRPC binding that shows what is on it, and does what ours would not.

use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use exchange::development::Issued;
use http::{Request, Version};
use http_body_util::{BodyExt as _, Full};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

/// A certificate with a key, whether or not it is its own.
pub(crate) fn certified(issued: &Issued) -> rustls::sign::CertifiedKey {
    let pkcs8 = openssl::pkey::PKey::private_key_from_pem(&issued.key.to_pkcs8_pem().unwrap()).unwrap();
    let key = rustls::pki_types::PrivatePkcs8KeyDer::from(pkcs8.private_key_to_pkcs8().unwrap());
    let key = rustls::crypto::aws_lc_rs::sign::any_supported_type(&key.into()).unwrap();
    rustls::sign::CertifiedKey::new(issued.presented().into_iter().map(Into::into).collect(), key)
}

/// Accepts any server: what these tests look at is the other side.
#[derive(Debug)]
pub(crate) struct Anyone;

impl rustls::client::danger::ServerCertVerifier for Anyone {
    fn verify_server_cert(
        &self,
        _: &rustls::pki_types::CertificateDer<'_>,
        _: &[rustls::pki_types::CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: rustls::pki_types::UnixTime,
    ) -> Result<rustls::client::danger::ServerCertVerified, rustls::Error> {
        Ok(rustls::client::danger::ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &rustls::pki_types::CertificateDer<'_>,
        _: &rustls::DigitallySignedStruct,
    ) -> Result<rustls::client::danger::HandshakeSignatureValid, rustls::Error> {
        Ok(rustls::client::danger::HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &rustls::pki_types::CertificateDer<'_>,
        _: &rustls::DigitallySignedStruct,
    ) -> Result<rustls::client::danger::HandshakeSignatureValid, rustls::Error> {
        Ok(rustls::client::danger::HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<rustls::SignatureScheme> {
        rustls::crypto::aws_lc_rs::default_provider().signature_verification_algorithms.supported_schemes()
    }
}

pub(crate) type RawBody = http_body_util::combinators::BoxBody<Bytes, std::convert::Infallible>;

/// A client of one connection that shows what is on it.
pub(crate) struct Raw {
    sender: hyper::client::conn::http2::SendRequest<RawBody>,
    connection: tokio::task::JoinHandle<()>,
    /// The server's certificate, DER.
    pub(crate) server: Vec<u8>,
}

pub(crate) fn get_ca_wire(caller_id: &str) -> Vec<u8> {
    [&[10, 2], caller_id.as_bytes(), &[18, 1, b'1']].concat()
}

impl Raw {
    pub(crate) async fn connect(address: SocketAddr, issued: Option<Issued>) -> std::io::Result<Self> {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let builder = rustls::ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&rustls::version::TLS13])
            .unwrap()
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(Anyone));
        let mut config = match issued {
            Some(issued) => {
                let key = certified(&issued);
                builder.with_client_cert_resolver(Arc::new(rustls::sign::SingleCertAndKey::from(key)))
            }
            None => builder.with_no_client_auth(),
        };
        config.alpn_protocols = vec![b"h2".to_vec()];
        let tcp = TcpStream::connect(address).await?;
        let name = ServerName::try_from("localhost").unwrap();
        let stream = TlsConnector::from(Arc::new(config)).connect(name, tcp).await?;
        let server = stream.get_ref().1.peer_certificates().unwrap()[0].to_vec();
        let (sender, connection) = hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream))
            .await
            .map_err(std::io::Error::other)?;
        let connection = tokio::spawn(async move {
            let _ = connection.await;
        });
        Ok(Self { sender, connection, server })
    }

    pub(crate) fn body(message: &[u8]) -> Vec<u8> {
        [&[0][..], &u32::try_from(message.len()).unwrap().to_be_bytes(), message].concat()
    }

    /// Headers and trailers together, and the body.
    pub(crate) async fn call(&mut self, path: &str, body: Vec<u8>) -> hyper::Result<(http::HeaderMap, Bytes)> {
        self.call_with(path, Full::new(Bytes::from(body)).boxed()).await
    }

    pub(crate) async fn call_with(&mut self, path: &str, body: RawBody) -> hyper::Result<(http::HeaderMap, Bytes)> {
        let request = Request::post(format!("https://localhost{path}"))
            .version(Version::HTTP_2)
            .header("content-type", "application/grpc")
            .header("te", "trailers")
            .body(body)
            .unwrap();
        let (parts, body) = self.sender.send_request(request).await?.into_parts();
        let collected = body.collect().await?;
        let mut headers = parts.headers;
        headers.extend(collected.trailers().cloned().unwrap_or_default());
        Ok((headers, collected.to_bytes()))
    }

    /// The status of a GetCaCertificates in somebody's name.
    pub(crate) async fn get_ca(&mut self, caller_id: &str) -> Result<u8, String> {
        let path = "/straznica.spoc.v1.SpocExchange/GetCaCertificates";
        let answer = self.call(path, Self::body(&get_ca_wire(caller_id))).await;
        let (headers, _) = answer.map_err(|error| error.to_string())?;
        Ok(headers["grpc-status"].to_str().unwrap().parse().unwrap())
    }

    pub(crate) async fn ended(self) {
        // Held until the end: dropping it would end the connection from this side.
        let _sender = self.sender;
        self.connection.await.unwrap();
    }
}

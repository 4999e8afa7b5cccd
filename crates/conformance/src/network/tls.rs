//! Connections that show what they are told to show, and look at what they are shown only afterwards.

use std::net::IpAddr;
use std::pin::Pin;

use exchange::Binding;
use openssl::error::ErrorStack;
use openssl::pkey::PKey;
use openssl::ssl::{Ssl, SslContext, SslContextBuilder, SslMethod, SslRef, SslVerifyMode, SslVersion};
use openssl::x509::X509;
use straznica_exchange_wire::CallError;
use tokio::net::TcpStream;
use tokio_openssl::SslStream;

use super::Network;
use crate::tester::Credentials;

/// HTTP/2 as the handshake names it.
const HTTP2: &[u8] = b"\x02h2";

/// A certificate or key of the tester's that OpenSSL cannot use.
#[derive(Debug, thiserror::Error)]
enum Unusable {
    #[error("the kit's certificate cannot be used")]
    OpenSsl(#[from] ErrorStack),
    #[error("the kit's key cannot be used")]
    Key(#[from] emrtd::builder::BuilderError),
}

/// Connects and shakes hands.
pub(super) async fn connect(line: &Network, as_whom: Option<&Credentials>) -> Result<SslStream<TcpStream>, CallError> {
    let context = context(line, as_whom).map_err(|error| CallError::NotReached(error.into()))?;
    let tcp = TcpStream::connect((line.address.host.as_str(), line.address.port)).await;
    let tcp = tcp.map_err(|error| CallError::NotReached(error.into()))?;
    tcp.set_nodelay(true).map_err(|error| CallError::NotReached(error.into()))?;
    let mut stream = prepare(&context, &line.address.host, tcp).map_err(|error| CallError::NotReached(error.into()))?;
    Pin::new(&mut stream).connect().await.map_err(|error| CallError::NotReached(error.into()))?;
    Ok(stream)
}

fn prepare(context: &SslContext, host: &str, tcp: TcpStream) -> Result<SslStream<TcpStream>, ErrorStack> {
    let mut ssl = Ssl::new(context)?;
    // A literal address has no place in the extension (RFC 6066 §3).
    if host.parse::<IpAddr>().is_err() {
        ssl.set_hostname(host)?;
    }
    SslStream::new(ssl, tcp)
}

fn context(line: &Network, as_whom: Option<&Credentials>) -> Result<SslContext, Unusable> {
    let mut builder = SslContextBuilder::new(SslMethod::tls_client())?;
    // Short keys are shown to see them refused.
    builder.set_security_level(0);
    builder.set_verify(SslVerifyMode::NONE);
    match line.binding {
        Binding::Grpc => {
            builder.set_min_proto_version(Some(SslVersion::TLS1_3))?;
            builder.set_alpn_protos(HTTP2)?;
        }
        Binding::Soap => {
            builder.set_min_proto_version(Some(SslVersion::TLS1_2))?;
            builder.set_cipher_list("ALL:!aNULL")?;
            builder.set_groups_list(&line.profile.tls().groups.join(":"))?;
        }
    }
    if let Some(credentials) = as_whom {
        show(&mut builder, credentials)?;
    }
    Ok(builder.build())
}

fn show(builder: &mut SslContextBuilder, credentials: &Credentials) -> Result<(), Unusable> {
    let issued = &credentials.issued;
    builder.set_certificate(&*X509::from_der(&issued.certificate)?)?;
    for above in &issued.above {
        builder.add_extra_chain_cert(X509::from_der(above)?)?;
    }
    let key = PKey::private_key_from_pem(&issued.key.to_pkcs8_pem()?)?;
    builder.set_private_key(&key)?;
    Ok(())
}

/// The certificates the server showed, its own first, DER.
pub(super) fn presented(ssl: &SslRef) -> Result<Vec<Vec<u8>>, ErrorStack> {
    let sent = ssl.peer_cert_chain().into_iter().flatten().map(|certificate| certificate.to_der());
    sent.collect()
}

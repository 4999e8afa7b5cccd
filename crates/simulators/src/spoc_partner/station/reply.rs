//! Answers no partner gives: any status, any bytes, and an end that does not come.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::{BufMut as _, Bytes, BytesMut};
use exchange::Binding;
use exchange::profile::Profile;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode};
use http_body_util::BodyExt as _;
use hyper::body::{Body, Frame, Incoming};
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use openssl::error::ErrorStack;
use openssl::ssl::{
    AlpnError, Ssl, SslContext, SslContextBuilder, SslMethod, SslVerifyMode, SslVersion, select_next_proto,
};
use straznica_exchange_wire::Credential;
use straznica_exchange_wire::material::MaterialError;
use tokio::net::TcpStream;
use tokio_openssl::SslStream;

pub(super) const HTTP2: &[u8] = b"\x02h2";

/// How an answer ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// As it should; over gRPC with this status in the trailers.
    Status(u8),
    /// Not at all: the rest never comes.
    Stalls,
    /// The connection breaks.
    Breaks,
}

/// An answer.
#[derive(Clone, Debug)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// Further headers.
    pub headers: Vec<(&'static str, String)>,
    /// What comes of the body.
    pub body: Vec<u8>,
    /// And then.
    pub end: End,
}

impl Reply {
    /// A document over SOAP.
    #[must_use]
    pub fn document(text: impl Into<Vec<u8>>) -> Self {
        let headers = vec![("content-type", "text/xml; charset=utf-8".to_owned())];
        Self { status: 200, headers, body: text.into(), end: End::Status(0) }
    }

    /// A message over gRPC, behind its prefix.
    #[must_use]
    pub fn message(protobuf: &[u8]) -> Self {
        let mut body = BytesMut::new();
        body.put_u8(0);
        body.put_u32(u32::try_from(protobuf.len()).unwrap_or(u32::MAX));
        body.put_slice(protobuf);
        Self::frame(body)
    }

    /// Bytes over gRPC, without a prefix.
    #[must_use]
    pub fn frame(body: impl Into<Vec<u8>>) -> Self {
        let headers = vec![("content-type", "application/grpc".to_owned())];
        Self { status: 200, headers, body: body.into(), end: End::Status(0) }
    }

    /// An answer of HTTP alone.
    #[must_use]
    pub const fn status(status: u16, headers: Vec<(&'static str, String)>) -> Self {
        Self { status, headers, body: Vec::new(), end: End::Status(0) }
    }

    /// The same with another end.
    #[must_use]
    pub const fn ending(mut self, end: End) -> Self {
        self.end = end;
        self
    }

    fn response(&self, binding: Binding) -> Response<Content> {
        let mut frames = VecDeque::new();
        if !self.body.is_empty() {
            frames.push_back(Frame::data(Bytes::from(self.body.clone())));
        }
        if let (End::Status(status), Binding::Grpc, 200) = (self.end, binding, self.status) {
            let mut trailers = HeaderMap::new();
            trailers.insert("grpc-status", HeaderValue::from(u16::from(status)));
            frames.push_back(Frame::trailers(trailers));
        }
        let mut response = Response::new(Content { frames, end: self.end });
        *response.status_mut() = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        for (name, value) in &self.headers {
            if let (Ok(name), Ok(value)) = (HeaderName::try_from(*name), HeaderValue::from_str(value)) {
                response.headers_mut().insert(name, value);
            }
        }
        response
    }
}

/// A body, and how it ends.
pub(super) struct Content {
    frames: VecDeque<Frame<Bytes>>,
    end: End,
}

impl Content {
    /// These bytes, and then nothing more.
    pub(super) fn stalling(bytes: Bytes) -> Self {
        Self { frames: VecDeque::from([Frame::data(bytes)]), end: End::Stalls }
    }
}

impl Body for Content {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        if let Some(frame) = self.frames.pop_front() {
            return Poll::Ready(Some(Ok(frame)));
        }
        match self.end {
            End::Status(_) => Poll::Ready(None),
            // nobody will wake us, and nobody should
            End::Stalls => Poll::Pending,
            End::Breaks => Poll::Ready(Some(Err(io::ErrorKind::ConnectionReset.into()))),
        }
    }
}

/// Why a connection ended early.
#[derive(Debug, thiserror::Error)]
pub(super) enum Broken {
    #[error(transparent)]
    Material(#[from] MaterialError),
    #[error(transparent)]
    Tls(#[from] ErrorStack),
    #[error(transparent)]
    Handshake(#[from] openssl::ssl::Error),
    #[error(transparent)]
    Http(#[from] hyper::Error),
    #[error(transparent)]
    Request(#[from] http::Error),
    #[error(transparent)]
    Tcp(#[from] io::Error),
}

/// Gives the reply to every message of a connection.
pub(super) async fn serve(
    tcp: TcpStream,
    binding: Binding,
    profile: &Profile,
    credential: &Credential,
    reply: Reply,
) -> Result<(), Broken> {
    let context = context(binding, profile, credential)?;
    let mut stream = SslStream::new(Ssl::new(&context)?, tcp)?;
    Pin::new(&mut stream).accept().await?;
    let reply = Arc::new(reply);
    let service = service_fn(move |request: Request<Incoming>| {
        let reply = reply.clone();
        async move {
            // a client that cannot say all it has would not listen; whether it broke off is its own affair
            drop(request.into_body().collect().await);
            Ok::<_, Infallible>(reply.response(binding))
        }
    });
    let io = TokioIo::new(stream);
    match binding {
        Binding::Grpc => http2::Builder::new(TokioExecutor::new()).serve_connection(io, service).await?,
        Binding::Soap => http1::Builder::new().serve_connection(io, service).await?,
    }
    Ok(())
}

fn context(binding: Binding, profile: &Profile, credential: &Credential) -> Result<SslContext, Broken> {
    let mut builder = SslContextBuilder::new(SslMethod::tls_server())?;
    builder.set_verify(SslVerifyMode::NONE);
    match binding {
        Binding::Grpc => {
            builder.set_min_proto_version(Some(SslVersion::TLS1_3))?;
            builder.set_alpn_select_callback(|_, offered| select_next_proto(HTTP2, offered).ok_or(AlpnError::NOACK));
        }
        Binding::Soap => {
            builder.set_min_proto_version(Some(SslVersion::TLS1_2))?;
            builder.set_groups_list(&profile.tls().groups.join(":"))?;
        }
    }
    install(&mut builder, credential)?;
    Ok(builder.build())
}

/// Shows this certificate.
pub(super) fn install(builder: &mut SslContextBuilder, credential: &Credential) -> Result<(), Broken> {
    let (chain, key) = credential.openssl()?;
    for (place, certificate) in chain.into_iter().enumerate() {
        match place {
            0 => builder.set_certificate(&certificate)?,
            _ => builder.add_extra_chain_cert(certificate)?,
        }
    }
    builder.set_private_key(&key)?;
    Ok(())
}

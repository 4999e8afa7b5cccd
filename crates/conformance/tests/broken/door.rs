//! A listener of the made-up partner's for one binding, with TLS, HTTP and readers of its own. The node's listeners cannot be careless in every way: they
//! take nobody who shows no certificate, or a short key, and read nothing without end. This one lets the partner decide about whoever comes, shows whatever
//! it is given to show, and reads as its reader does.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::{BufMut as _, Bytes, BytesMut};
use exchange::development::Issued;
use exchange::message::{Answer, Message};
use exchange::profile::Profile;
use exchange::soap::{MEDIA_TYPE, encode_answer};
use exchange::{Binding, Operation, Side};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Request, Response, header};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use openssl::pkey::PKey;
use openssl::ssl::{
    AlpnError, Ssl, SslContext, SslContextBuilder, SslMethod, SslRef, SslSessionCacheMode, SslVerifyMode, SslVersion,
    select_next_proto,
};
use openssl::x509::X509;
use straznica_conformance::document::Document;
use straznica_conformance::frame::Frame;
use straznica_exchange_wire::{Admission as _, Caller, NotAdmitted};
use straznica_simulators::spoc_partner::SpocPartner;
use tokio::net::{TcpListener, TcpStream};
use tokio_openssl::SslStream;
use tokio_util::sync::CancellationToken;

use crate::stage::ask;
use crate::unread::Unread;
use crate::{grpc, soap};

/// Flag and length before a message of gRPC.
const PREFIX: usize = 5;
/// HTTP/2 as the handshake names it.
const HTTP2: &[u8] = b"\x02h2";
/// gRPC status UNAUTHENTICATED.
const UNAUTHENTICATED: u16 = 16;

/// What is wrong with the partner's reader.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Flaw {
    Document(soap::Flaw),
    Frame(grpc::Flaw),
}

/// The listener.
pub(crate) struct Door {
    partner: Arc<SpocPartner>,
    binding: Binding,
    profile: Arc<Profile>,
    documents: soap::Reader,
    frames: Option<grpc::Flaw>,
    tls: SslContext,
    /// The reader fell, and the next who comes finds nobody.
    down: AtomicBool,
}

/// The reader fell, and the connection with it.
#[derive(Debug, thiserror::Error)]
#[error("the reader fell")]
struct Fell;

type Body = BoxBody<Bytes, std::convert::Infallible>;

impl Door {
    /// `shown` is its certificate, with what is above it and the key.
    pub(crate) fn new(
        partner: Arc<SpocPartner>,
        binding: Binding,
        profile: Arc<Profile>,
        shown: &Issued,
        flaw: Option<Flaw>,
    ) -> Self {
        let (document, frames) = match flaw {
            Some(Flaw::Document(flaw)) => (Some(flaw), None),
            Some(Flaw::Frame(flaw)) => (None, Some(flaw)),
            None => (None, None),
        };
        let documents = soap::Reader::new(profile.clone(), document);
        let tls = context(binding, shown);
        Self { partner, binding, profile, documents, frames, tls, down: AtomicBool::new(false) }
    }

    /// Serves until it is told to stop.
    pub(crate) async fn serve(self, socket: TcpListener, stop: CancellationToken) {
        let door = Arc::new(self);
        loop {
            let (tcp, _) = tokio::select! {
                () = stop.cancelled() => return,
                accepted = socket.accept() => accepted.unwrap(),
            };
            if !door.down.swap(false, Ordering::SeqCst) {
                tokio::spawn(door.clone().connection(tcp));
            }
        }
    }

    async fn connection(self: Arc<Self>, tcp: TcpStream) {
        // small answers in two pieces wait for the other side's acknowledgement otherwise
        tcp.set_nodelay(true).unwrap();
        let mut stream = SslStream::new(Ssl::new(&self.tls).unwrap(), tcp).unwrap();
        if Pin::new(&mut stream).accept().await.is_err() {
            // the other side says why
            return;
        }
        let binding = self.binding;
        let caller = Arc::new(self.partner.admit(presented(stream.ssl()), Side::Client, binding).await);
        let service = service_fn(move |request| self.clone().respond(caller.clone(), request));
        let stream = TokioIo::new(stream);
        // however it ends: the other side hung up, or the reader fell
        match binding {
            Binding::Soap => drop(http1::Builder::new().serve_connection(stream, service).await),
            Binding::Grpc => {
                drop(http2::Builder::new(TokioExecutor::new()).serve_connection(stream, service).await);
            }
        }
    }

    /// Reads to the end, however long that is.
    async fn respond(
        self: Arc<Self>,
        caller: Arc<Result<Caller, NotAdmitted>>,
        request: Request<Incoming>,
    ) -> Result<Response<Body>, Fell> {
        let (head, body) = request.into_parts();
        let content = body.collect().await.map_err(|_| Fell)?.to_bytes();
        let Ok(caller) = caller.as_ref() else { return Ok(self.refusal()) };
        let unread = match self.read(caller, &head, &content) {
            Ok(message) => match ask(&self.partner, caller, &message).await {
                Ok(answer) => return Ok(self.written(answer)),
                Err(NotAdmitted) => return Ok(self.refusal()),
            },
            Err(unread) => unread,
        };
        Ok(match unread {
            Unread::Answer(answer) => self.written(answer),
            Unread::Http(status) => plain(status, String::new()),
            Unread::Grpc(status) => message(&[], status),
            Unread::Fault(fault) => plain(500, fault.encode()),
            Unread::Empty => message(&[], 0),
            Unread::Busy => std::future::pending().await,
            Unread::Fell => {
                self.down.store(true, Ordering::SeqCst);
                return Err(Fell);
            }
        })
    }

    fn read(&self, caller: &Caller, head: &Parts, content: &Bytes) -> Result<Message, Unread> {
        match self.binding {
            Binding::Soap => self.documents.read(caller.country.as_str(), &document(head, content)),
            Binding::Grpc => {
                let message = content.get(PREFIX..).unwrap_or_default().to_vec();
                grpc::read(self.frames, &Frame { path: head.uri.path().to_owned(), message })
            }
        }
    }

    fn written(&self, answer: Answer) -> Response<Body> {
        match self.binding {
            Binding::Soap => plain(200, encode_answer(&answer, &self.profile)),
            Binding::Grpc => message(&grpc::written(answer), 0),
        }
    }

    fn refusal(&self) -> Response<Body> {
        match self.binding {
            Binding::Soap => plain(401, String::new()),
            Binding::Grpc => message(&[], UNAUTHENTICATED),
        }
    }
}

/// The document of a request.
fn document(head: &Parts, content: &Bytes) -> Document {
    let text = |name: &str| head.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let action = text("soapaction").to_owned();
    let named = Operation::ALL.into_iter().find(|operation| operation.as_str() == action.trim_matches('"'));
    Document {
        operation: named.unwrap_or(Operation::GetCaCertificates),
        method: if head.method == http::Method::POST { "POST" } else { "another" },
        media_type: if text("content-type") == MEDIA_TYPE { MEDIA_TYPE } else { "another" },
        action,
        text: String::from_utf8_lossy(content).into_owned(),
    }
}

fn plain(status: u16, content: String) -> Response<Body> {
    let response = Response::builder().status(status).header(header::CONTENT_TYPE, MEDIA_TYPE);
    response.body(Full::from(content).boxed()).unwrap()
}

/// A gRPC message, its status in the trailers.
fn message(content: &[u8], status: u16) -> Response<Body> {
    let mut body = BytesMut::with_capacity(PREFIX + content.len());
    body.put_u8(0);
    body.put_u32(content.len().try_into().unwrap());
    body.put_slice(content);
    let trailers = HeaderMap::from_iter([(header::HeaderName::from_static("grpc-status"), HeaderValue::from(status))]);
    let body = Full::new(body.freeze()).with_trailers(std::future::ready(Some(Ok(trailers))));
    Response::builder().header(header::CONTENT_TYPE, "application/grpc").body(body.boxed()).unwrap()
}

/// Asks for a certificate, and takes any, and none: who comes is the partner's to judge.
fn context(binding: Binding, shown: &Issued) -> SslContext {
    let mut builder = SslContextBuilder::new(SslMethod::tls_server()).unwrap();
    builder.set_security_level(0);
    builder.set_verify_callback(SslVerifyMode::PEER, |_, _| true);
    builder.set_session_cache_mode(SslSessionCacheMode::OFF);
    builder.set_num_tickets(0).unwrap();
    match binding {
        Binding::Soap => builder.set_min_proto_version(Some(SslVersion::TLS1_2)).unwrap(),
        Binding::Grpc => {
            builder.set_min_proto_version(Some(SslVersion::TLS1_3)).unwrap();
            builder.set_alpn_select_callback(|_, offered| select_next_proto(HTTP2, offered).ok_or(AlpnError::NOACK));
        }
    }
    builder.set_certificate(&X509::from_der(&shown.certificate).unwrap()).unwrap();
    for above in &shown.above {
        builder.add_extra_chain_cert(X509::from_der(above).unwrap()).unwrap();
    }
    let key = PKey::private_key_from_pem(&shown.key.to_pkcs8_pem().unwrap()).unwrap();
    builder.set_private_key(&key).unwrap();
    builder.build()
}

/// The certificates the other side showed, its own first, DER.
fn presented(ssl: &SslRef) -> Vec<Vec<u8>> {
    let own = ssl.peer_certificate().map(|own| own.to_der().unwrap());
    let sent = ssl.peer_cert_chain().into_iter().flatten().map(|one| one.to_der().unwrap());
    // a server finds the other side's own certificate beside the chain, or in it
    let above = sent.filter(|one| Some(one) != own.as_ref());
    own.iter().cloned().chain(above).collect()
}

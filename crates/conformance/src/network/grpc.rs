//! HTTP/2 with frames.

use async_trait::async_trait;
use bytes::{BufMut as _, Bytes, BytesMut};
use exchange::Operation;
use exchange::message::{Answer, Message};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};
use prost::Message as _;
use straznica_contracts::spoc::v1 as wire;
use straznica_exchange_wire::grpc::convert::{self, NoCode};
use straznica_exchange_wire::{CallError, FaultOf};
use tokio_util::task::AbortOnDropHandle;

use super::{Network, Response, tls};
use crate::carrier::Kept;
use crate::frame::Frame;
use crate::tester::Credentials;

/// Flag and length before a message.
const PREFIX: usize = 5;
/// Longest answer taken.
const MAX_ANSWER: usize = 4 << 20;
/// gRPC status OK and UNAUTHENTICATED.
const OK: &str = "0";
const UNAUTHENTICATED: &str = "16";

/// Why an answer is none of the contract.
#[derive(Debug, thiserror::Error)]
enum Unreadable {
    #[error("no message")]
    NoMessage,
    #[error(transparent)]
    Protobuf(#[from] prost::DecodeError),
    #[error(transparent)]
    Code(#[from] NoCode),
    #[error("a path of no operation")]
    NoOperation,
}

impl Network {
    pub(super) async fn send_grpc(
        &self,
        as_whom: Option<&Credentials>,
        message: &Message,
    ) -> Result<Answer, CallError> {
        self.open_http2(as_whom).await?.exchange(&frame(message)).await
    }

    pub(super) async fn call_frame(&self, as_whom: &Credentials, frame: &Frame) -> Result<Answer, CallError> {
        self.open_http2(Some(as_whom)).await?.exchange(frame).await
    }

    pub(super) async fn open_http2(&self, as_whom: Option<&Credentials>) -> Result<Http2<'_>, CallError> {
        let stream = tls::connect(self, as_whom).await?;
        let handshake = http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await;
        let (sender, connection) = handshake.map_err(|error| CallError::Broken(error.into()))?;
        Ok(Http2 { line: self, sender, _driver: AbortOnDropHandle::new(tokio::spawn(connection)) })
    }
}

/// A proper message as it goes over the line.
fn frame(message: &Message) -> Frame {
    let method = match message.operation() {
        Operation::GetCaCertificates => "GetCaCertificates",
        other => other.as_str(),
    };
    let (_, bytes) = convert::encode(message);
    Frame { path: format!("/straznica.spoc.v1.SpocExchange/{method}"), message: bytes }
}

/// A connection that speaks HTTP/2.
pub(super) struct Http2<'a> {
    line: &'a Network,
    sender: http2::SendRequest<Full<Bytes>>,
    _driver: AbortOnDropHandle<hyper::Result<()>>,
}

#[async_trait]
impl Kept for Http2<'_> {
    async fn send(&mut self, message: &Message) -> Result<Answer, CallError> {
        let frame = frame(message);
        let exchange = tokio::time::timeout(self.line.patience, self.exchange(&frame));
        exchange.await.map_err(|_| CallError::TimedOut)?
    }
}

impl Http2<'_> {
    async fn exchange(&mut self, frame: &Frame) -> Result<Answer, CallError> {
        let response = self.call(frame).await?;
        match response.status {
            200 => {}
            401 => return Err(CallError::RefusedByPeer),
            other => return Err(CallError::Http(other)),
        }
        match response.grpc_status.as_deref() {
            Some(OK) => read(&frame.path, &response.body).map_err(|why| CallError::Unreadable(why.into())),
            Some(UNAUTHENTICATED) => Err(CallError::RefusedByPeer),
            status => {
                let code = format!("gRPC status {}", status.unwrap_or("missing"));
                Err(CallError::Fault { fault_of: FaultOf::Sender, code, text: String::new() })
            }
        }
    }

    async fn call(&mut self, frame: &Frame) -> Result<Response, CallError> {
        let mut body = BytesMut::with_capacity(PREFIX + frame.message.len());
        body.put_u8(0);
        body.put_u32(u32::try_from(frame.message.len()).unwrap_or(u32::MAX));
        body.extend_from_slice(&frame.message);
        let request = http::Request::post(format!("https://{}{}", self.line.address.authority(), frame.path))
            .header(http::header::CONTENT_TYPE, "application/grpc")
            .header(http::header::TE, "trailers")
            .body(Full::new(body.freeze()))
            .map_err(|error| CallError::Unsendable(error.into()))?;
        let response = self.sender.send_request(request).await.map_err(|error| CallError::Broken(error.into()))?;
        let status = response.status().as_u16();
        let of = |headers: &http::HeaderMap| headers.get("grpc-status")?.to_str().ok().map(ToOwned::to_owned);
        let first = of(response.headers());
        let collected = Limited::new(response.into_body(), MAX_ANSWER).collect().await.map_err(CallError::Broken)?;
        let grpc_status = collected.trailers().and_then(of).or(first);
        Ok(Response { status, grpc_status, body: collected.to_bytes() })
    }
}

/// The one message of a body.
fn read(path: &str, body: &Bytes) -> Result<Answer, Unreadable> {
    let message = body.get(PREFIX..).ok_or(Unreadable::NoMessage)?;
    Ok(match path.rsplit('/').next() {
        Some("RequestCertificate") => {
            let answer = wire::RequestCertificateResponse::decode(message)?;
            Answer::RequestCertificate(convert::request_answer_from_wire(answer)?)
        }
        Some("SendCertificates") => {
            let answer = wire::SendCertificatesResponse::decode(message)?;
            Answer::SendCertificates(convert::send_answer_from_wire(answer)?)
        }
        Some("GetCaCertificates") => {
            let answer = wire::GetCaCertificatesResponse::decode(message)?;
            Answer::GetCaCertificates(convert::get_ca_answer_from_wire(answer)?)
        }
        Some("GeneralMessage") => {
            let answer = wire::GeneralMessageResponse::decode(message)?;
            Answer::GeneralMessage(convert::general_answer_from_wire(answer)?)
        }
        _ => return Err(Unreadable::NoOperation),
    })
}

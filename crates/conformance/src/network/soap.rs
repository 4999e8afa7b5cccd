//! HTTP/1.1 with documents.

use async_trait::async_trait;
use bytes::Bytes;
use exchange::message::{Answer, Message};
use exchange::soap::{FaultCode, encode_request};
use http::header;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use straznica_exchange_wire::{CallError, FaultOf};
use tokio_util::task::AbortOnDropHandle;

use super::{Network, Response, tls};
use crate::carrier::Kept;
use crate::document::Document;
use crate::tester::Credentials;

impl Network {
    pub(super) async fn send_soap(
        &self,
        as_whom: Option<&Credentials>,
        message: &Message,
    ) -> Result<Answer, CallError> {
        let text = encode_request(message, &self.profile).map_err(|error| CallError::Unsendable(error.into()))?;
        self.exchange_document(as_whom, &Document::of(message.operation(), text)).await
    }

    pub(super) async fn post_document(&self, as_whom: &Credentials, document: &Document) -> Result<Answer, CallError> {
        self.exchange_document(Some(as_whom), document).await
    }

    async fn exchange_document(&self, as_whom: Option<&Credentials>, document: &Document) -> Result<Answer, CallError> {
        self.open_http1(as_whom).await?.exchange(document, "close").await
    }

    pub(super) async fn open_http1(&self, as_whom: Option<&Credentials>) -> Result<Http1<'_>, CallError> {
        let stream = tls::connect(self, as_whom).await?;
        let handshake = http1::handshake(TokioIo::new(stream)).await;
        let (sender, connection) = handshake.map_err(|error| CallError::Broken(error.into()))?;
        Ok(Http1 { line: self, sender, _driver: AbortOnDropHandle::new(tokio::spawn(connection)) })
    }
}

/// A connection that speaks HTTP/1.1.
pub(super) struct Http1<'a> {
    line: &'a Network,
    sender: http1::SendRequest<Full<Bytes>>,
    _driver: AbortOnDropHandle<hyper::Result<()>>,
}

#[async_trait]
impl Kept for Http1<'_> {
    async fn send(&mut self, message: &Message) -> Result<Answer, CallError> {
        let text = encode_request(message, &self.line.profile).map_err(|error| CallError::Unsendable(error.into()))?;
        let document = Document::of(message.operation(), text);
        let exchange = tokio::time::timeout(self.line.patience, self.exchange(&document, "keep-alive"));
        exchange.await.map_err(|_| CallError::TimedOut)?
    }
}

impl Http1<'_> {
    /// Posts a document. `afterwards` is what the header Connection says.
    async fn exchange(&mut self, document: &Document, afterwards: &str) -> Result<Answer, CallError> {
        let response = self.post(document, afterwards).await?;
        match response.status {
            401 => return Err(CallError::RefusedByPeer),
            200 | 500 => {}
            other => return Err(CallError::Http(other)),
        }
        match self.line.decoder.answer(&response.body, document.operation, &self.line.profile) {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(fault)) => Err(CallError::Fault {
                fault_of: if fault.code == FaultCode::Server { FaultOf::Receiver } else { FaultOf::Sender },
                code: fault.code.as_str().to_owned(),
                text: fault.text,
            }),
            Err(error) => Err(CallError::Unreadable(error.into())),
        }
    }

    async fn post(&mut self, document: &Document, afterwards: &str) -> Result<Response, CallError> {
        let address = &self.line.address;
        let request = http::Request::builder()
            .method(document.method)
            .uri(&address.path)
            .header(header::HOST, address.authority())
            .header(header::CONTENT_TYPE, document.media_type)
            .header(header::CONNECTION, afterwards)
            .header("SOAPAction", &document.action)
            .body(Full::new(Bytes::from(document.text.clone())))
            .map_err(|error| CallError::Unsendable(error.into()))?;
        // a kept connection is not ready while the answer before is not put away yet
        self.sender.ready().await.map_err(|error| CallError::Broken(error.into()))?;
        let response = self.sender.send_request(request).await.map_err(|error| CallError::Broken(error.into()))?;
        let status = response.status().as_u16();
        let limit = self.line.decoder.limits().document;
        let collected = Limited::new(response.into_body(), limit).collect().await;
        let body = collected.map_err(CallError::Broken)?.to_bytes();
        Ok(Response { status, grpc_status: None, body })
    }
}

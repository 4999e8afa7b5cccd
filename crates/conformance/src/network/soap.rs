//! HTTP/1.1 with documents.

use exchange::message::{Answer, Message};
use exchange::soap::{FaultCode, encode_request};
use http::header;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use straznica_exchange_wire::{CallError, FaultOf};

use super::{Network, Response, tls};
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
        let response = self.http1(as_whom, document).await?;
        match response.status {
            401 => return Err(CallError::RefusedByPeer),
            200 | 500 => {}
            other => return Err(CallError::Http(other)),
        }
        match self.decoder.answer(&response.body, document.operation, &self.profile) {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(fault)) => Err(CallError::Fault {
                fault_of: if fault.code == FaultCode::Server { FaultOf::Receiver } else { FaultOf::Sender },
                code: fault.code.as_str().to_owned(),
                text: fault.text,
            }),
            Err(error) => Err(CallError::Unreadable(error.into())),
        }
    }

    async fn http1(&self, as_whom: Option<&Credentials>, document: &Document) -> Result<Response, CallError> {
        let stream = tls::connect(self, as_whom).await?;
        let broken = |error: hyper::Error| CallError::Broken(error.into());
        let request = http::Request::builder()
            .method(document.method)
            .uri(&self.address.path)
            .header(header::HOST, self.address.authority())
            .header(header::CONTENT_TYPE, document.media_type)
            .header(header::CONNECTION, "close")
            .header("SOAPAction", &document.action)
            .body(Full::new(bytes::Bytes::from(document.text.clone())))
            .map_err(|error| CallError::Unsendable(error.into()))?;
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(broken)?;
        let driver = tokio::spawn(connection);
        let outcome = async {
            let response = sender.send_request(request).await.map_err(broken)?;
            let status = response.status().as_u16();
            let limit = self.decoder.limits().document;
            let collected = Limited::new(response.into_body(), limit).collect().await;
            let body = collected.map_err(CallError::Broken)?.to_bytes();
            Ok(Response { status, grpc_status: None, body })
        };
        let outcome = outcome.await;
        driver.abort();
        outcome
    }
}

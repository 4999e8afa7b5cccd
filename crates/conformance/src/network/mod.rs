//! A real line to a target: TLS by OpenSSL, HTTP by hyper, one connection a message unless it is kept. Nothing of the node's own clients is used, so that they cannot
//! share a mistake with what is tested; documents and protobuf of proper messages are written and read as everywhere.

mod grpc;
mod soap;
mod tls;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use exchange::identity::{Presented, Registration};
use exchange::message::{Answer, Message};
use exchange::profile::Profile;
use exchange::soap::Decoder;
use exchange::{Binding, Side};
use http::Uri;
use straznica_exchange_wire::{CallError, Judge, Refused};

use crate::carrier::{Carrier, Kept};
use crate::document::Document;
use crate::frame::Frame;
use crate::seen::{Seen, with_cause};
use crate::tester::Credentials;

/// Where a target listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    host: String,
    port: u16,
    path: String,
}

/// Not the address of a SPOC.
#[derive(Debug, thiserror::Error)]
#[error("{0}: the URL of a SPOC is https://host[:port][/path]")]
pub struct NoAddress(String);

impl Address {
    /// Reads `https://host[:port][/path]`.
    ///
    /// # Errors
    /// [`NoAddress`]
    pub fn parse(url: &str) -> Result<Self, NoAddress> {
        let none = || NoAddress(url.to_owned());
        let uri: Uri = url.parse().map_err(|_| none())?;
        let (Some("https"), Some(authority)) = (uri.scheme_str(), uri.authority()) else { return Err(none()) };
        let host = authority.host().trim_start_matches('[').trim_end_matches(']').to_owned();
        if host.is_empty() || authority.as_str().contains('@') {
            return Err(none());
        }
        Ok(Self { host, port: authority.port_u16().unwrap_or(443), path: uri.path().to_owned() })
    }

    /// The host, as a certificate names it.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// `host:port` as HTTP has it.
    fn authority(&self) -> String {
        let Self { host, port, .. } = self;
        if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
    }
}

/// A line over the network.
#[derive(Debug)]
pub struct Network {
    /// Which binding is spoken.
    pub binding: Binding,
    /// Where.
    pub address: Address,
    /// In whose words, over SOAP.
    pub profile: Arc<Profile>,
    /// Reads documents.
    pub decoder: Decoder,
    /// How long an answer may take.
    pub patience: Duration,
    /// Who the target is.
    pub registration: Registration,
    /// Judges it.
    pub judge: Judge,
}

/// What came back over HTTP.
struct Response {
    status: u16,
    /// From the trailers, or from the headers where nothing else came.
    grpc_status: Option<String>,
    body: Bytes,
}

#[async_trait]
impl Carrier for Network {
    async fn send(&self, as_whom: Option<&Credentials>, message: &Message) -> Result<Answer, CallError> {
        let exchange = async {
            match self.binding {
                Binding::Grpc => self.send_grpc(as_whom, message).await,
                Binding::Soap => self.send_soap(as_whom, message).await,
            }
        };
        tokio::time::timeout(self.patience, exchange).await.map_err(|_| CallError::TimedOut)?
    }

    async fn keep<'a>(&'a self, as_whom: &Credentials) -> Result<Box<dyn Kept + 'a>, CallError> {
        let connecting = async {
            Ok(match self.binding {
                Binding::Grpc => Box::new(self.open_http2(Some(as_whom)).await?) as Box<dyn Kept + 'a>,
                Binding::Soap => Box::new(self.open_http1(Some(as_whom)).await?),
            })
        };
        tokio::time::timeout(self.patience, connecting).await.map_err(|_| CallError::TimedOut)?
    }

    async fn post(&self, as_whom: &Credentials, document: &Document) -> Seen {
        match tokio::time::timeout(self.patience, self.post_document(as_whom, document)).await {
            Ok(outcome) => thrown_out(&outcome),
            Err(_) => Seen::Nothing("not answered in time".to_owned()),
        }
    }

    async fn call(&self, as_whom: &Credentials, frame: &Frame) -> Seen {
        match tokio::time::timeout(self.patience, self.call_frame(as_whom, frame)).await {
            Ok(outcome) => thrown_out(&outcome),
            Err(_) => Seen::Nothing("not answered in time".to_owned()),
        }
    }

    async fn look_at_server(&self, as_whom: &Credentials) -> Seen {
        let connecting = tokio::time::timeout(self.patience, tls::connect(self, Some(as_whom)));
        let stream = match connecting.await {
            Ok(Ok(stream)) => stream,
            Ok(Err(error)) => return Seen::Nothing(with_cause(&error)),
            Err(_) => return Seen::Nothing("no handshake in time".to_owned()),
        };
        let side = Side::Server { country: self.registration.country, host: &self.address.host };
        let presented = match tls::presented(stream.ssl()).map(|certificates| Presented::read(&certificates)) {
            Ok(Ok(presented)) => presented,
            Ok(Err(refusal)) => return Seen::Wrong(refusal.to_string()),
            Err(error) => return Seen::Nothing(error.to_string()),
        };
        match self.judge.judge(&presented, &self.registration, &[], side, self.binding).await {
            Ok(_) => Seen::Recognised,
            Err(refused) => Seen::Wrong(with_problems(&refused)),
        }
    }
}

/// Why a server was not recognised, and what was wrong with revocation lists.
fn with_problems(refused: &Refused) -> String {
    if refused.problems.is_empty() {
        return refused.to_string();
    }
    let problems: Vec<String> = refused.problems.iter().map(ToString::to_string).collect();
    format!("{refused} ({})", problems.join("; "))
}

/// What a message written by hand came to: a connection that is cut off has thrown it out as well.
fn thrown_out(outcome: &Result<Answer, CallError>) -> Seen {
    match outcome {
        Err(error @ CallError::Broken(_)) => Seen::Unprocessed(with_cause(error)),
        outcome => Seen::of(outcome),
    }
}

//! One GET.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, StatusCode, Uri, header};
use http_body_util::{BodyExt as _, Empty, LengthLimitError, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;

use super::CrlProblem;
use super::reach::{CrlHost, CrlReach};
use crate::error::Cause;

/// Fetches over plain http, from where lists may be fetched from; follows no redirection.
#[derive(Clone, Debug)]
pub(super) struct Fetcher {
    patience: Duration,
    limit: usize,
    reach: CrlReach,
}

impl Fetcher {
    pub(super) const fn new(patience: Duration, limit: usize, reach: CrlReach) -> Self {
        Self { patience, limit, reach }
    }

    /// Everything the address answers with, if it is 200 and not too long.
    pub(super) async fn get(&self, uri: &str) -> Result<Bytes, CrlProblem> {
        match timeout(self.patience, self.get_patiently(uri)).await {
            Ok(answer) => answer,
            Err(_) => Err(CrlProblem::TimedOut { uri: uri.to_owned() }),
        }
    }

    async fn get_patiently(&self, uri: &str) -> Result<Bytes, CrlProblem> {
        let no_address = || CrlProblem::Address { uri: uri.to_owned() };
        let address: Uri = uri.parse().map_err(|_| no_address())?;
        let host = CrlHost::of(&address).ok_or_else(no_address)?;
        let tcp = self.connect(uri, &host).await?;
        let not_reached = |source: Cause| CrlProblem::NotReached { uri: uri.to_owned(), source };
        let (mut sender, connection) =
            http1::handshake(TokioIo::new(tcp)).await.map_err(|error| not_reached(error.into()))?;
        let path = address.path_and_query().map_or("/", |path| path.as_str());
        let request = Request::get(path).header(header::HOST, host.to_string()).body(Empty::<Bytes>::new());
        let request = request.map_err(|_| no_address())?;
        let exchange = async {
            let answer = sender.send_request(request).await.map_err(|error| not_reached(error.into()))?;
            if answer.status() != StatusCode::OK {
                return Err(CrlProblem::Status { uri: uri.to_owned(), status: answer.status().as_u16() });
            }
            match Limited::new(answer.into_body(), self.limit).collect().await {
                Ok(body) => Ok(body.to_bytes()),
                Err(error) if error.is::<LengthLimitError>() => {
                    Err(CrlProblem::TooLarge { uri: uri.to_owned(), limit: self.limit })
                }
                Err(error) => Err(not_reached(error)),
            }
        };
        let driving = async {
            // How it ends, the exchange tells.
            let _ = connection.await;
            std::future::pending().await
        };
        tokio::select! { answer = exchange => answer, never = driving => never }
    }

    async fn connect(&self, uri: &str, host: &CrlHost) -> Result<TcpStream, CrlProblem> {
        let not_allowed = || CrlProblem::NotAllowed { uri: uri.to_owned() };
        let not_reached =
            |source: std::io::Error| CrlProblem::NotReached { uri: uri.to_owned(), source: source.into() };
        if !self.reach.names(host) {
            return Err(not_allowed());
        }
        let found = lookup_host(host.for_lookup()).await.map_err(not_reached)?;
        let permitted: Vec<SocketAddr> = found.filter(|one| self.reach.permits(one.ip())).collect();
        if permitted.is_empty() {
            return Err(not_allowed());
        }
        TcpStream::connect(&permitted[..]).await.map_err(not_reached)
    }
}

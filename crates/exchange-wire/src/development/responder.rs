//! A server of revocation lists on loopback.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// Serves bytes under paths by plain http until it is dropped.
#[derive(Debug)]
pub struct CrlResponder {
    address: SocketAddr,
    served: Arc<Served>,
    task: JoinHandle<()>,
}

#[derive(Debug, Default)]
struct Served {
    answers: Mutex<BTreeMap<String, (StatusCode, Bytes)>>,
    asked: AtomicUsize,
}

impl CrlResponder {
    /// On a free port of loopback. Needs a tokio runtime.
    ///
    /// # Errors
    /// When no port can be had.
    pub async fn start() -> io::Result<Self> {
        Self::start_at((Ipv4Addr::LOCALHOST, 0).into()).await
    }

    /// On a certain address. Needs a tokio runtime.
    ///
    /// # Errors
    /// When the address cannot be had.
    pub async fn start_at(address: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        let served = Arc::new(Served::default());
        let task = tokio::spawn(accept(listener, served.clone()));
        Ok(Self { address, served, task })
    }

    /// The address of a path, as a certificate names it.
    #[must_use]
    pub fn uri(&self, path: &str) -> String {
        format!("http://{}/{path}", self.address)
    }

    /// Answers a path with a list from now on.
    pub fn serve(&self, path: &str, list: Vec<u8>) {
        self.answer(path, StatusCode::OK, list);
    }

    /// Answers a path in another way from now on.
    pub fn answer(&self, path: &str, status: StatusCode, body: Vec<u8>) {
        let mut answers = self.served.answers.lock().unwrap_or_else(PoisonError::into_inner);
        answers.insert(format!("/{path}"), (status, body.into()));
    }

    /// How often anything was asked for.
    #[must_use]
    pub fn times_asked(&self) -> usize {
        self.served.asked.load(Ordering::SeqCst)
    }
}

impl Drop for CrlResponder {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Served {
    fn answer(&self, request: &Request<Incoming>) -> Response<Full<Bytes>> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        let found = answers.get(request.uri().path()).cloned();
        let (status, body) = found.unwrap_or((StatusCode::NOT_FOUND, Bytes::new()));
        let mut response = Response::new(Full::new(body));
        *response.status_mut() = status;
        response
    }
}

async fn accept(listener: TcpListener, served: Arc<Served>) {
    while let Ok((tcp, _)) = listener.accept().await {
        let served = served.clone();
        tokio::spawn(async move {
            let service = service_fn(|request| {
                let answer = served.answer(&request);
                async move { Ok::<_, Infallible>(answer) }
            });
            if let Err(error) = http1::Builder::new().serve_connection(TokioIo::new(tcp), service).await {
                tracing::debug!(error = &error as &dyn std::error::Error, "connection for a revocation list broken");
            }
        });
    }
}

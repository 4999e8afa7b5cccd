//! A collector of traces that keeps what arrives by OTLP over gRPC, byte for byte.

use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use tonic::body::Body;
use tonic::codegen::{BoxFuture, Service};
use tonic::server::NamedService;
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;

#[derive(Clone, Default)]
pub(crate) struct Collector(Arc<Mutex<Vec<u8>>>);

impl Collector {
    /// Listens until the test is over; where.
    pub(crate) fn start() -> (Self, SocketAddr) {
        let collector = Self::default();
        let incoming = TcpIncoming::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).unwrap();
        let address = incoming.local_addr().unwrap();
        tokio::spawn(Server::builder().add_service(collector.clone()).serve_with_incoming(incoming));
        (collector, address)
    }

    /// What came so far.
    pub(crate) fn so_far(&self) -> Vec<u8> {
        self.0.lock().unwrap().clone()
    }
}

impl NamedService for Collector {
    const NAME: &'static str = "opentelemetry.proto.collector.trace.v1.TraceService";
}

impl Service<http::Request<Body>> for Collector {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<Self::Response, Infallible>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let collector = self.clone();
        Box::pin(async move {
            let message = request.into_body().collect().await.unwrap().to_bytes();
            assert_eq!(message.first(), Some(&0), "a message that is compressed cannot be searched");
            collector.0.lock().unwrap().extend_from_slice(&message);
            // An empty message: everything was taken.
            let taken = Body::new(Full::new(Bytes::from_static(&[0; 5])));
            let answer =
                http::Response::builder().header("content-type", "application/grpc").header("grpc-status", "0");
            Ok(answer.body(taken).unwrap())
        })
    }
}

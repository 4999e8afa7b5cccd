//! Streams that would last for ever end when the node drains.

use std::{
    future::Future as _,
    pin::Pin,
    task::{Context, Poll},
};

use axum::body::{Body, Bytes, HttpBody};
use http::{HeaderMap, HeaderValue};
use hyper::body::Frame;
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};
use tonic::{Code, Status};

/// The body of an answer. While there is something to send it is sent; a stream that waits for news when the drain begins is told UNAVAILABLE, so
/// that its follower connects elsewhere and goes on from its position.
pub(super) struct EndingBody {
    inner: Body,
    draining: Pin<Box<WaitForCancellationFutureOwned>>,
    ended: bool,
}

impl EndingBody {
    pub(super) fn new(inner: Body, draining: CancellationToken) -> Self {
        Self { inner, draining: Box::pin(draining.cancelled_owned()), ended: false }
    }
}

impl HttpBody for EndingBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        if self.ended {
            return Poll::Ready(None);
        }
        if let Poll::Ready(frame) = Pin::new(&mut self.inner).poll_frame(context) {
            return Poll::Ready(frame);
        }
        if self.draining.as_mut().poll(context).is_pending() {
            return Poll::Pending;
        }
        self.ended = true;
        Poll::Ready(Some(Ok(Frame::trailers(trailers()))))
    }

    fn is_end_stream(&self) -> bool {
        self.ended || self.inner.is_end_stream()
    }
}

fn trailers() -> HeaderMap {
    let status = Status::new(Code::Unavailable, "the service is draining");
    let mut headers = HeaderMap::new();
    if status.add_header(&mut headers).is_err() {
        headers.insert("grpc-status", HeaderValue::from_static("14"));
    }
    headers
}

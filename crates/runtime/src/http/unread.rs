//! A request may be answered before its body was read: refused for its head alone, or for its length. Over HTTP/1.1 hyper closes such a connection,
//! and a client that is still writing then meets a broken connection in place of the answer. So what a handler left of a body is read first, up to a
//! limit, and thrown away (RFC 9112 section 9.6 tells of the same trouble).

use std::{
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use http_body_util::BodyExt as _;
use hyper::{
    HeaderMap,
    body::{Body, Frame, Incoming, SizeHint},
    header::EXPECT,
};
use tokio::{sync::oneshot, time::timeout};

/// More than this is not read of what nobody wanted.
const MOST: usize = 1024 * 1024;
/// Nor waited for any longer.
const PATIENCE: Duration = Duration::from_secs(2);

/// A request's body on loan: whoever drops it gives back what they did not read.
pub(super) struct Lent {
    body: Option<Incoming>,
    back: Option<oneshot::Sender<Incoming>>,
}

/// Where it comes back to.
pub(super) struct Rest {
    back: oneshot::Receiver<Incoming>,
    /// The client waits to be told to go on (RFC 9110 section 10.1.1): it sends nothing of what is not asked for.
    waits_for_leave: bool,
}

pub(super) fn lend(body: Incoming, head: &HeaderMap) -> (Lent, Rest) {
    let (sender, back) = oneshot::channel();
    (Lent { body: Some(body), back: Some(sender) }, Rest { back, waits_for_leave: head.contains_key(EXPECT) })
}

impl Rest {
    /// Reads what was left, within the limits; whatever goes wrong with it no longer matters to anybody.
    pub(super) async fn discard(mut self) {
        let Ok(mut body) = self.back.try_recv() else { return };
        if self.waits_for_leave {
            return;
        }
        let all = async {
            let mut read = 0;
            while let Some(Ok(frame)) = body.frame().await {
                read += frame.data_ref().map_or(0, Bytes::len);
                if read > MOST {
                    break;
                }
            }
        };
        if timeout(PATIENCE, all).await.is_err() {
            tracing::debug!("the rest of a body that nobody wanted did not come");
        }
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if let (Some(body), Some(back)) = (self.body.take(), self.back.take())
            && !body.is_end_stream()
        {
            // Answered already: hyper sees to the rest.
            drop(back.send(body));
        }
    }
}

impl Body for Lent {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        match &mut self.body {
            Some(body) => Pin::new(body).poll_frame(cx),
            None => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.as_ref().map_or_else(|| SizeHint::with_exact(0), Body::size_hint)
    }
}

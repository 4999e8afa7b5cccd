//! The body of a request: not longer than the limit, not slower either.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, StatusCode, header};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use tokio::time::timeout;

/// How much of a refused body is read and thrown away, so that its sender gets to read the answer before the connection closes.
const DISCARDED_BYTES: usize = 32 * 1024 * 1024;
/// And for how long.
const DISCARDING_TIME: Duration = Duration::from_secs(10);

/// The whole body, or the status that refuses it.
pub(super) async fn read(
    headers: &HeaderMap,
    body: Incoming,
    limit: usize,
    time: Duration,
) -> Result<Bytes, StatusCode> {
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|length| length > limit) {
        discard(body);
        return Err(StatusCode::PAYLOAD_TOO_LARGE);
    }
    timeout(time, collect(body, limit)).await.unwrap_or(Err(StatusCode::REQUEST_TIMEOUT))
}

async fn collect(mut body: Incoming, limit: usize) -> Result<Bytes, StatusCode> {
    let mut whole = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| {
            tracing::debug!(%error, "a request's body could not be read");
            StatusCode::BAD_REQUEST
        })?;
        let Ok(data) = frame.into_data() else { continue };
        if data.len() > limit - whole.len() {
            discard(body);
            return Err(StatusCode::PAYLOAD_TOO_LARGE);
        }
        whole.extend_from_slice(&data);
    }
    Ok(whole.freeze())
}

/// Reads on beside the answer: a server that closes while the other side is still sending resets the connection, and the answer is lost.
pub(super) fn discard(mut body: Incoming) {
    tokio::spawn(async move {
        let mut seen = 0_usize;
        let reading = async {
            while let Some(Ok(frame)) = body.frame().await {
                seen = seen.saturating_add(frame.data_ref().map_or(0, Bytes::len));
                if seen > DISCARDED_BYTES {
                    return;
                }
            }
        };
        if timeout(DISCARDING_TIME, reading).await.is_err() {
            tracing::debug!("a refused body was not sent to its end in time");
        }
    });
}

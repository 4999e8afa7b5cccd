//! What ties the parts of one request together: its correlation id and its trace (W3C Trace Context).

use http::{HeaderMap, HeaderName, HeaderValue};
use opentelemetry::propagation::{Extractor, Injector};
use straznica_types::{Clock, RequestId};
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

/// The header, or gRPC metadata, of the correlation id.
pub const HEADER: HeaderName = HeaderName::from_static("x-request-id");

tokio::task_local! {
    static CURRENT: RequestId;
}

/// The correlation id of the request this task is working on. `None` in jobs, and in tasks spawned without [`carry`].
pub fn current() -> Option<RequestId> {
    CURRENT.try_with(|id| *id).ok()
}

/// Runs a future as part of the request with this id.
pub async fn scope<F: Future>(id: RequestId, future: F) -> F::Output {
    CURRENT.scope(id, future).await
}

/// Makes a future that is about to be spawned part of the current request.
pub fn carry<F: Future>(future: F) -> impl Future<Output = F::Output> {
    let id = current();
    async move {
        match id {
            Some(id) => scope(id, future).await,
            None => future.await,
        }
    }
}

/// The correlation id a request brought, if it is a UUID, else a new one: nothing else of a caller's reaches the logs this way.
pub(crate) fn accept(headers: &HeaderMap, clock: &dyn Clock) -> RequestId {
    headers
        .get(HEADER)
        .and_then(|value| value.to_str().ok())
        .and_then(|text| RequestId::parse(text).ok())
        .unwrap_or_else(|| RequestId::generate(clock))
}

/// The header's value.
pub(crate) fn value(id: RequestId) -> Option<HeaderValue> {
    HeaderValue::from_str(&id.to_string()).ok()
}

/// Makes a span a child of the trace the request brought.
pub(crate) fn adopt_trace(span: &Span, headers: &HeaderMap) {
    let parent = opentelemetry::global::get_text_map_propagator(|propagator| propagator.extract(&Headers(headers)));
    if let Err(reason) = span.set_parent(parent) {
        // Without a trace exporter there is nothing to attach to.
        tracing::trace!(?reason, "no trace to attach to");
    }
}

/// Writes correlation id and trace of the current request into an outgoing one.
pub(crate) fn hand_on(headers: &mut HeaderMap) {
    if let Some(value) = current().and_then(value)
        && !headers.contains_key(HEADER)
    {
        headers.insert(HEADER, value);
    }
    let context = Span::current().context();
    opentelemetry::global::get_text_map_propagator(|propagator| {
        propagator.inject_context(&context, &mut HeadersMut(headers));
    });
}

struct Headers<'a>(&'a HeaderMap);

impl Extractor for Headers<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).and_then(|value| value.to_str().ok())
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(HeaderName::as_str).collect()
    }
}

struct HeadersMut<'a>(&'a mut HeaderMap);

impl Injector for HeadersMut<'_> {
    fn set(&mut self, key: &str, value: String) {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(key), HeaderValue::try_from(value)) {
            self.0.insert(name, value);
        }
    }
}

//! From an HTTP request to its response.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use exchange::message::{Answer, Message};
use exchange::profile::Profile;
use exchange::soap::{Fault, FaultCode, MEDIA_TYPE, Said, encode_answer, wsdl};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::{Request, Response};
use tokio::time::timeout;
use tracing::Instrument as _;

use super::{Server, SoapServerParts, body};
use crate::{Application, Caller, NotAdmitted};

/// What a request turned out to be.
enum Asked {
    /// A message, and the edition its answer is to be in.
    Message(Message, Arc<Profile>),
    /// The description of the interface.
    Description,
    /// Neither: refused with a status and nothing else.
    Refused(StatusCode),
    /// A message that cannot be read.
    Unreadable(Fault),
}

/// Answers one request. A peer that is not admitted, or not any more, gets 401 and nothing else, whatever it sent.
pub(super) async fn respond(
    server: &Server,
    caller: &Result<Arc<Caller>, NotAdmitted>,
    request: Request<Incoming>,
) -> Response<Full<Bytes>> {
    let Ok(caller) = caller else {
        body::discard(request.into_body());
        return unauthorized();
    };
    let asked = asked(&server.parts, caller, request).await;
    let caller_id = match &asked {
        Asked::Message(message, _) => message.caller_id(),
        _ => caller.country.as_str(),
    };
    if server.parts.admission.readmit(caller, caller_id).await.is_err() {
        return unauthorized();
    }
    match asked {
        Asked::Message(message, profile) => answer(server, caller, message, &profile).await,
        Asked::Description => {
            let profile = server.parts.profiles.of(caller.country);
            document(StatusCode::OK, wsdl(&profile, server.parts.url.as_str()))
        }
        Asked::Refused(status) => refusal(status),
        Asked::Unreadable(fault) => document(StatusCode::INTERNAL_SERVER_ERROR, fault.encode()),
    }
}

async fn asked(server: &SoapServerParts, caller: &Caller, request: Request<Incoming>) -> Asked {
    let (head, body) = request.into_parts();
    let refused = |status, body| {
        body::discard(body);
        Asked::Refused(status)
    };
    if head.uri.path() != server.url.path() {
        return refused(StatusCode::NOT_FOUND, body);
    }
    if head.method == Method::GET && head.uri.query().is_some_and(|query| query.eq_ignore_ascii_case("wsdl")) {
        return Asked::Description;
    }
    if head.method != Method::POST {
        return refused(StatusCode::METHOD_NOT_ALLOWED, body);
    }
    if !is_xml(&head.headers) {
        return refused(StatusCode::UNSUPPORTED_MEDIA_TYPE, body);
    }
    let (limit, time) = (server.decoder.limits().document, Duration::from_secs(server.limits.body_seconds));
    let bytes = match body::read(&head.headers, body, limit, time).await {
        Ok(bytes) => bytes,
        Err(status) => return Asked::Refused(status),
    };
    // A header that is no text cannot be the name of an operation either.
    let action = head.headers.get("soapaction").map(|value| value.to_str().unwrap_or("?"));
    let profile = server.profiles.of(caller.country);
    match server.decoder.request(&bytes, action, &profile) {
        Ok(Said { message, other_edition }) => Asked::Message(message, other_edition.unwrap_or(profile)),
        Err(error) => {
            tracing::warn!(country = %caller.country, %error, "a partner's message cannot be read");
            Asked::Unreadable(error.fault())
        }
    }
}

/// text/xml in UTF-8, not packed.
fn is_xml(headers: &HeaderMap) -> bool {
    let Some(content_type) = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()) else {
        return false;
    };
    let mut parts = content_type.split(';').map(str::trim);
    let charset_is_ours = |parameter: &str| {
        let parameter = parameter.replace(['"', ' '], "").to_ascii_lowercase();
        !parameter.starts_with("charset=") || parameter == "charset=utf-8"
    };
    parts.next().is_some_and(|essence| essence.eq_ignore_ascii_case("text/xml"))
        && parts.all(charset_is_ours)
        && headers.get(header::CONTENT_ENCODING).is_none_or(|value| value == "identity")
}

/// Lets the application work to its end, even when the caller hangs up or the time is over: it will send the same message again, and get the same answer.
async fn answer(server: &Server, caller: &Arc<Caller>, message: Message, profile: &Profile) -> Response<Full<Bytes>> {
    let operation = message.operation();
    let work = work(server.parts.application.clone(), caller.clone(), message);
    let working = server.work.spawn(work.in_current_span());
    let fault = match timeout(Duration::from_secs(server.parts.limits.message_seconds), working).await {
        Ok(Ok(answer)) => {
            return document(StatusCode::OK, encode_answer(&answer, profile));
        }
        // A panic; its message is with the panic hook.
        Ok(Err(error)) => {
            tracing::error!(country = %caller.country, %operation, %error, "a message could not be worked on");
            "the message could not be worked on"
        }
        Err(_) => {
            tracing::error!(country = %caller.country, %operation, "a message was not worked on in time");
            "the message was not worked on in time"
        }
    };
    document(StatusCode::INTERNAL_SERVER_ERROR, Fault::new(FaultCode::Server, fault).encode())
}

async fn work(application: Arc<dyn Application>, caller: Arc<Caller>, message: Message) -> Answer {
    match message {
        Message::RequestCertificate(message) => {
            Answer::RequestCertificate(application.request_certificate(&caller, message).await)
        }
        Message::SendCertificates(message) => {
            Answer::SendCertificates(application.send_certificates(&caller, message).await)
        }
        Message::GetCaCertificates(message) => {
            Answer::GetCaCertificates(application.get_ca_certificates(&caller, message).await)
        }
        Message::GeneralMessage(message) => Answer::GeneralMessage(application.general_message(&caller, message).await),
    }
}

fn document(status: StatusCode, document: String) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(document)));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
    response
}

fn refusal(status: StatusCode) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::default());
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    if status == StatusCode::METHOD_NOT_ALLOWED {
        response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("POST"));
    }
    response
}

/// Says nothing, and ends the connection.
fn unauthorized() -> Response<Full<Bytes>> {
    refusal(StatusCode::UNAUTHORIZED)
}

//! What a partner may write that is no message, and what it is told.

use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1::{self, SendRequest};
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::handshake::{connect, plain_context};
use super::world::{Plan, World};
use crate::soap::SoapLimits;

const GET: &str = "<s:Envelope xmlns:s='http://schemas.xmlsoap.org/soap/envelope/' xmlns:p='http://namespaces.unmz.cz/csn369791'>\
    <s:Body><p:GetCACertificatesRequest><p:callerID>CZ</p:callerID><p:messageID>m-1</p:messageID>\
    </p:GetCACertificatesRequest></s:Body></s:Envelope>";

/// A connection of the partner's, by another HTTP client than ours.
struct Raw(SendRequest<Full<Bytes>>);

impl Raw {
    async fn begin(world: &World) -> Self {
        let stream = connect(world, plain_context(Some(&world.client))).await.unwrap();
        let (sender, connection) = http1::handshake(TokioIo::new(stream)).await.unwrap();
        tokio::spawn(connection);
        Self(sender)
    }

    async fn send(&mut self, request: Request<Full<Bytes>>) -> (StatusCode, String) {
        let response = self.0.send_request(request).await.unwrap();
        let status = response.status();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }

    async fn post(&mut self, document: &str) -> (StatusCode, String) {
        self.send(post("/SPOC", document)).await
    }
}

fn post(path: &str, document: &str) -> Request<Full<Bytes>> {
    Request::post(path)
        .header("host", "localhost")
        .header("content-type", "text/xml")
        .body(Full::new(Bytes::from(document.to_owned())))
        .unwrap()
}

#[tokio::test]
async fn each_document_that_is_no_message_gets_its_own_fault_and_no_details() {
    let world = World::begin(Plan::default()).await;
    let bomb = "<!DOCTYPE b [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;'>]>".to_owned()
        + &GET.replace("m-1", "&b;&b;&b;");
    let two = "<p:GetCACertificatesRequest/></s:Body>";
    for (document, code) in [
        (bomb, "Client"),
        (format!("<!DOCTYPE x SYSTEM 'file:///etc/passwd'>{GET}"), "Client"),
        (GET.replace("m-1", "&m;"), "Client"),
        (GET.replace("http://namespaces.unmz.cz/csn369791", "urn:elsewhere"), "Client"),
        (GET.replace("</s:Body>", two), "Client"),
        (GET.replace("GetCACertificatesRequest", "GetSecretsRequest"), "Client"),
        ("not XML".to_owned(), "Client"),
        (String::new(), "Client"),
        (GET.replace("http://schemas.xmlsoap.org/soap/envelope/", "http://www.w3.org/2003/05/soap-envelope"), {
            "VersionMismatch"
        }),
        (GET.replace("<s:Body>", "<s:Header><x s:mustUnderstand='1'/></s:Header><s:Body>"), "MustUnderstand"),
    ] {
        let (status, answer) = Raw::begin(&world).await.post(&document).await;
        assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR, "{document}");
        assert!(answer.contains(&format!("<faultcode>soap:{code}</faultcode>")), "{document}: {answer}");
        assert!(!answer.contains("byte") && !answer.contains("entity"), "{answer}");
    }
    assert!(world.application.messages.lock().unwrap().is_empty());
    // The same connection serves a proper message after a bad one.
    let mut raw = Raw::begin(&world).await;
    assert_eq!(raw.post("<bad/>").await.0, StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(raw.post(GET).await.0, StatusCode::OK);
}

#[tokio::test]
async fn who_asks_in_another_edition_than_the_registered_one_is_answered_in_it() {
    let world = World::begin(Plan::default()).await;
    for namespace in ["http://namespaces.unmz.cz/csn369791", "http://namespaces.icao.int/lds2"] {
        let question = GET.replace("http://namespaces.unmz.cz/csn369791", namespace);
        let (status, answer) = Raw::begin(&world).await.post(&question).await;
        assert_eq!(status, StatusCode::OK);
        assert!(answer.contains(&format!("<GetCACertificatesResponse xmlns=\"{namespace}\">")), "{answer}");
    }
}

#[tokio::test]
async fn what_is_not_for_this_place_is_refused_by_status() {
    let world = World::begin(Plan { document: 4096, ..Plan::default() }).await;
    let with = |name: &str, value: &str| {
        let mut request = post("/SPOC", GET);
        request.headers_mut().insert(
            hyper::header::HeaderName::from_bytes(name.as_bytes()).unwrap(),
            hyper::header::HeaderValue::from_str(value).unwrap(),
        );
        request
    };
    let mut get = post("/SPOC", "");
    *get.method_mut() = hyper::Method::GET;
    for (request, status) in [
        (get, StatusCode::METHOD_NOT_ALLOWED),
        (post("/", GET), StatusCode::NOT_FOUND),
        (with("content-type", "application/soap+xml"), StatusCode::UNSUPPORTED_MEDIA_TYPE),
        (with("content-type", "text/xml; charset=utf-16"), StatusCode::UNSUPPORTED_MEDIA_TYPE),
        (with("content-encoding", "gzip"), StatusCode::UNSUPPORTED_MEDIA_TYPE),
        (post("/SPOC", &format!("{GET}{}", " ".repeat(5000))), StatusCode::PAYLOAD_TOO_LARGE),
        (post("/SPOC", &" ".repeat(3_000_000)), StatusCode::PAYLOAD_TOO_LARGE),
        (with("soapaction", "\"GeneralMessage\""), StatusCode::INTERNAL_SERVER_ERROR),
        (with("soapaction", "\"GetCACertificates\""), StatusCode::OK),
        (with("content-type", "text/xml;charset=\"UTF-8\"; action=x"), StatusCode::OK),
    ] {
        let said = format!("{:?} {:?}", request.uri(), request.headers());
        assert_eq!(Raw::begin(&world).await.send(request).await.0, status, "{said}");
    }
}

#[tokio::test]
async fn a_body_without_an_announced_length_is_cut_at_the_limit_too() {
    let world = World::begin(Plan { document: 4096, ..Plan::default() }).await;
    let mut stream = connect(&world, plain_context(Some(&world.client))).await.unwrap();
    stream
        .write_all(b"POST /SPOC HTTP/1.1\r\nhost: x\r\ncontent-type: text/xml\r\ntransfer-encoding: chunked\r\n\r\n")
        .await
        .unwrap();
    for _ in 0..5 {
        stream.write_all(format!("400\r\n{}\r\n", " ".repeat(0x400)).as_bytes()).await.unwrap();
    }
    let mut answer = vec![0; 12];
    stream.read_exact(&mut answer).await.unwrap();
    assert_eq!(answer, b"HTTP/1.1 413");
}

#[tokio::test]
async fn a_body_that_does_not_come_is_not_waited_for() {
    let limits = SoapLimits { body_seconds: 1, ..SoapLimits::default() };
    let world = World::begin(Plan { limits, ..Plan::default() }).await;
    let mut stream = connect(&world, plain_context(Some(&world.client))).await.unwrap();
    stream
        .write_all(b"POST /SPOC HTTP/1.1\r\nhost: x\r\ncontent-type: text/xml\r\ncontent-length: 9\r\n\r\n<")
        .await
        .unwrap();
    let mut answer = vec![0; 12];
    stream.read_exact(&mut answer).await.unwrap();
    assert_eq!(answer, b"HTTP/1.1 408");
}

#[tokio::test]
async fn who_is_put_out_gets_401_at_the_next_message_and_the_connection_ends() {
    let world = World::begin(Plan::default()).await;
    let mut raw = Raw::begin(&world).await;
    assert_eq!(raw.post(GET).await.0, StatusCode::OK);
    world.door.put_out();
    for document in [GET, "<bad/>"] {
        let (status, body) = raw.post(document).await;
        assert_eq!((status, body.as_str()), (StatusCode::UNAUTHORIZED, ""), "{document}");
        let ended = raw.0.ready().await;
        assert!(ended.is_err(), "{document}");
        raw = Raw::begin(&world).await;
    }
    assert_eq!(world.application.messages.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn the_description_is_for_those_who_are_let_in() {
    let world = World::begin(Plan::default()).await;
    let description = || {
        let mut request = post("/SPOC?wsdl", "");
        *request.method_mut() = hyper::Method::GET;
        request
    };
    let (status, text) = Raw::begin(&world).await.send(description()).await;
    assert_eq!(status, StatusCode::OK);
    assert!(text.contains(&format!("location=\"https://{}/SPOC\"", world.address)), "{text}");
    world.door.close();
    let refused = Raw::begin(&world).await.send(description()).await;
    assert_eq!(refused, (StatusCode::UNAUTHORIZED, String::new()));
}

#[tokio::test]
async fn who_sends_much_before_it_reads_gets_its_refusal_too() {
    let world = World::begin(Plan { document: 4096, ..Plan::default() }).await;
    for status in ["413", "401"] {
        let mut stream = connect(&world, plain_context(Some(&world.client))).await.unwrap();
        let head = "POST /SPOC HTTP/1.1\r\nhost: x\r\ncontent-type: text/xml\r\ncontent-length: 8000000\r\n\r\n";
        stream.write_all(head.as_bytes()).await.unwrap();
        stream.write_all(&vec![b' '; 8_000_000]).await.unwrap();
        let mut answer = vec![0; 12];
        stream.read_exact(&mut answer).await.unwrap();
        assert_eq!(String::from_utf8(answer).unwrap(), format!("HTTP/1.1 {status}"));
        world.door.close();
    }
}

//! What the client makes of a partner that misbehaves.

use std::pin::Pin;
use std::time::Duration;

use exchange::message::Answer;
use openssl::ssl::{Ssl, SslContextBuilder, SslMethod};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::time::sleep;
use tokio_openssl::SslStream;

use super::authority::{Kind, Spoc};
use super::world::{client_to, general, profile};
use crate::{CallError, FaultOf, PartnerClient as _};

/// A partner that answers with these bytes whatever it is sent, after a while.
async fn partner(answer: String, pause: Duration) -> String {
    let (chain, key) = Spoc::new("PL", Kind::P256).credential().openssl().unwrap();
    let mut builder = SslContextBuilder::new(SslMethod::tls_server()).unwrap();
    builder.set_certificate(&chain[0]).unwrap();
    builder.set_private_key(&key).unwrap();
    let context = builder.build();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}/SPOC", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (tcp, _) = listener.accept().await.unwrap();
        let mut stream = SslStream::new(Ssl::new(&context).unwrap(), tcp).unwrap();
        Pin::new(&mut stream).accept().await.unwrap();
        let mut asked = vec![0; 4096];
        let _ = stream.read(&mut asked).await.unwrap();
        sleep(pause).await;
        // The client may have gone meanwhile: it is told so by its own error.
        let _ = stream.write_all(answer.as_bytes()).await;
        let _ = stream.shutdown().await;
    });
    url
}

fn response(status: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\ncontent-type: text/xml\r\ncontent-length: {}\r\n\r\n{body}", body.len())
}

async fn ask(url: &str) -> Result<Answer, CallError> {
    let spoc = Spoc::new("CZ", Kind::P256);
    let profile = profile("2009");
    let (mut client, _) = client_to(url, &spoc, profile.clone(), profile.tls());
    client.timeouts.answer_ms = 5000;
    client.send(&general("hello")).await
}

async fn error(answer: String) -> CallError {
    let url = partner(answer, Duration::ZERO).await;
    ask(&url).await.unwrap_err()
}

fn envelope(body: &str) -> String {
    format!("<s:Envelope xmlns:s='http://schemas.xmlsoap.org/soap/envelope/'><s:Body>{body}</s:Body></s:Envelope>")
}

#[tokio::test]
async fn an_answer_is_read() {
    let ok = "<GeneralMessageResponse xmlns='http://namespaces.unmz.cz/csn369791'><result>ok</result></GeneralMessageResponse>";
    let url = partner(response("200 OK", &envelope(ok)), Duration::ZERO).await;
    assert!(ask(&url).await.is_ok());
    // A web server's error is one even where the page says ok.
    let failed = error(response("500 Internal Server Error", &envelope(ok))).await;
    assert!(matches!(failed, CallError::Http(500)), "{failed}");
}

#[tokio::test]
async fn faults_are_told_apart_by_whose_they_are() {
    let fault = |code: &str| {
        let fault = format!("<s:Fault><faultcode>s:{code}</faultcode><faultstring>sorry</faultstring></s:Fault>");
        response("500 Internal Server Error", &envelope(&fault))
    };
    for (code, of) in [
        ("Client", FaultOf::Sender),
        ("VersionMismatch", FaultOf::Sender),
        ("MustUnderstand", FaultOf::Sender),
        ("Server", FaultOf::Receiver),
    ] {
        match error(fault(code)).await {
            CallError::Fault { fault_of, code: said, text } => {
                assert_eq!((fault_of, said.as_str(), text.as_str()), (of, code, "sorry"));
            }
            other => panic!("{code}: {other}"),
        }
    }
}

#[tokio::test]
async fn what_is_no_answer_is_told_by_its_kind() {
    assert!(matches!(error(response("401 Unauthorized", "")).await, CallError::RefusedByPeer));
    assert!(matches!(error(response("502 Bad Gateway", "<html/>")).await, CallError::Http(502)));
    assert!(matches!(error(response("500 Oops", "<html/>")).await, CallError::Http(500)));
    assert!(matches!(error(response("200 OK", "<html/>")).await, CallError::Unreadable(_)));
    assert!(matches!(error(response("200 OK", &" ".repeat(70_000))).await, CallError::TooLarge { limit: 65_536 }));
    assert!(matches!(error(String::new()).await, CallError::Broken(_)));
    let short = response("200 OK", "<html/>").replace("length: 7", "length: 70");
    assert!(matches!(error(short).await, CallError::Broken(_)));
}

#[tokio::test]
async fn a_partner_that_takes_its_time_is_not_waited_for() {
    let url = partner(response("200 OK", ""), Duration::from_secs(20)).await;
    assert!(matches!(ask(&url).await.unwrap_err(), CallError::TimedOut));
}

#[tokio::test]
async fn patience_that_ends_before_anything_was_sent_found_nobody_there() {
    let within = async |url: &str| {
        let spoc = Spoc::new("CZ", Kind::P256);
        let profile = profile("2009");
        let (client, _) = client_to(url, &spoc, profile.clone(), profile.tls());
        client.send_within(&general("hello"), Duration::from_secs(5)).await.unwrap_err()
    };
    let url = partner(response("200 OK", ""), Duration::from_secs(20)).await;
    assert!(matches!(within(&url).await, CallError::TimedOut), "it was sent");
    // Connections are made, and nothing is said on them.
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}/SPOC", silent.local_addr().unwrap());
    assert!(matches!(within(&url).await, CallError::NotReached(_)));
}

#[tokio::test]
async fn where_nobody_listens_nobody_is_reached() {
    let url = format!("https://127.0.0.1:{}/SPOC", straznica_testkit::free_port());
    assert!(matches!(ask(&url).await.unwrap_err(), CallError::NotReached(_)));
}

#[test]
fn a_url_is_https_with_a_host_and_no_more_than_a_path() {
    use crate::soap::SoapUrl;
    for (text, host, port, path) in [
        ("https://spoc.gov.example/SPOC", "spoc.gov.example", 443, "/SPOC"),
        ("https://spoc.gov.example:8443", "spoc.gov.example", 8443, "/"),
        ("https://[::1]:8443/a/b", "::1", 8443, "/a/b"),
    ] {
        let url = SoapUrl::parse(text).unwrap();
        assert_eq!((url.host(), url.port(), url.path(), url.as_str()), (host, port, path, text));
    }
    for text in ["http://a/", "https:///SPOC", "https://u:p@a/", "https://a/?x=1", "a:443", "/SPOC", ""] {
        assert!(SoapUrl::parse(text).is_err(), "{text}");
    }
}

//! Listeners for terminals and for people.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::{
    Extension, Router,
    body::Bytes,
    http::StatusCode,
    routing::{get, post},
};
use rustls::{ClientConfig, pki_types::ServerName};
use straznica_pki::{Names, PeerIdentity, ServerUse, Tls};
use straznica_runtime::{
    http::{self, Limits},
    shutdown::Shutdown,
};
use straznica_types::RequestId;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
    time::{sleep, timeout},
};
use tokio_rustls::{TlsConnector, client::TlsStream};

use super::house::{DOMAIN, House, PATIENCE};

struct Door {
    address: SocketAddr,
    tls: Arc<Tls>,
    shutdown: Shutdown,
    serving: JoinHandle<()>,
}

async fn door(house: &House, r#use: ServerUse, limits: Limits) -> Door {
    let router = Router::new()
        .route(
            "/who",
            get(|peer: Option<Extension<Arc<PeerIdentity>>>, Extension(id): Extension<RequestId>| async move {
                let peer = peer.map_or_else(|| "nobody".to_owned(), |Extension(peer)| peer.to_string());
                format!("{peer} {id}")
            }),
        )
        .route("/refused", post(|| async { (StatusCode::FORBIDDEN, "not you") }))
        .route("/length", post(|body: Bytes| async move { body.len().to_string() }));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let tls = house.tls(&house.ca.issue_service("gateway", &Names::default()).unwrap());
    let shutdown = Shutdown::new();
    let (serving_tls, stop) = (tls.clone(), shutdown.token());
    let serving = tokio::spawn(async move { http::serve(listener, router, serving_tls, r#use, &limits, stop).await });
    Door { address, tls, shutdown, serving }
}

impl Door {
    async fn connect(&self, config: ClientConfig) -> std::io::Result<TlsStream<TcpStream>> {
        let tcp = TcpStream::connect(self.address).await?;
        let name = ServerName::try_from(format!("gateway.{DOMAIN}")).unwrap();
        TlsConnector::from(Arc::new(config)).connect(name, tcp).await
    }

    async fn end(self) {
        self.shutdown.begin();
        timeout(PATIENCE, self.serving).await.unwrap().unwrap();
    }
}

fn http1(tls: &Tls) -> ClientConfig {
    let mut config = ClientConfig::clone(&tls.client_config());
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    config
}

/// As a client without a certificate of its own.
fn anonymous(tls: &Tls) -> ClientConfig {
    let mut config = http1(tls);
    config.client_auth_cert_resolver = Arc::new(NoCertificate);
    config
}

#[derive(Debug)]
struct NoCertificate;

impl rustls::client::ResolvesClientCert for NoCertificate {
    fn resolve(&self, _: &[&[u8]], _: &[rustls::SignatureScheme]) -> Option<Arc<rustls::sign::CertifiedKey>> {
        None
    }

    fn has_certs(&self) -> bool {
        false
    }
}

async fn exchange(stream: &mut TlsStream<TcpStream>, request: &str) -> std::io::Result<String> {
    stream.write_all(request.as_bytes()).await?;
    let mut answer = vec![0; 16 * 1024];
    let length = timeout(PATIENCE, stream.read(&mut answer)).await??;
    answer.truncate(length);
    Ok(String::from_utf8(answer).unwrap())
}

const WHO: &str = "GET /who HTTP/1.1\r\nHost: gateway\r\n\r\n";

#[tokio::test]
async fn a_terminal_is_known_by_its_certificate_and_its_request_by_its_id() {
    let house = House::new();
    let door = door(&house, ServerUse::HttpMutual, Limits::default()).await;
    let mut stream = door.connect(http1(&house.peer("terminal/PL-WAW-017"))).await.unwrap();
    let id = "0197156e-3c5b-7d2a-9c11-0242ac120002";
    let request = format!("GET /who HTTP/1.1\r\nHost: gateway\r\nX-Request-Id: {id}\r\n\r\n");
    let answer = exchange(&mut stream, &request).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with(&format!("terminal/PL-WAW-017 {id}")), "{answer}");
    assert!(answer.contains(&format!("x-request-id: {id}")), "{answer}");

    let request = "GET /who HTTP/1.1\r\nHost: gateway\r\nX-Request-Id: <script>\r\n\r\n";
    let answer = exchange(&mut stream, request).await.unwrap();
    assert!(!answer.contains("script"), "only a UUID is taken over: {answer}");

    door.tls.denied().deny(house.peer("terminal/PL-WAW-018").own().sha256);
    assert!(exchange(&mut stream, WHO).await.unwrap().starts_with("HTTP/1.1 200"), "another's denial");
    door.end().await;
}

#[tokio::test]
async fn a_denied_terminal_gets_a_problem_on_its_open_connection() {
    let house = House::new();
    let door = door(&house, ServerUse::HttpMutual, Limits::default()).await;
    let terminal = house.peer("terminal/PL-WAW-017");
    let mut stream = door.connect(http1(&terminal)).await.unwrap();
    assert!(exchange(&mut stream, WHO).await.unwrap().starts_with("HTTP/1.1 200"));
    door.tls.denied().deny(terminal.own().sha256);
    let answer = exchange(&mut stream, WHO).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 401"), "{answer}");
    assert!(answer.contains("application/problem+json") && answer.contains("common.certificate_revoked"), "{answer}");
    assert!(answer.contains("requestId"), "{answer}");
    door.end().await;
}

#[tokio::test]
async fn without_a_certificate_only_the_open_door_answers() {
    let house = House::new();
    let visitor = house.peer("terminal/PL-WAW-017");
    let open = door(&house, ServerUse::HttpOpen, Limits::default()).await;
    let mut stream = open.connect(anonymous(&visitor)).await.unwrap();
    let answer = exchange(&mut stream, WHO).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("nobody "), "{answer}");
    open.end().await;

    let mutual = door(&house, ServerUse::HttpMutual, Limits::default()).await;
    let refused = async { exchange(&mut mutual.connect(anonymous(&visitor)).await?, WHO).await }.await;
    assert!(!refused.is_ok_and(|answer| answer.starts_with("HTTP")), "no certificate, no answer");
    mutual.end().await;
}

#[tokio::test]
async fn whoever_says_nothing_or_half_is_sent_away() {
    let house = House::new();
    let limits = Limits { header_seconds: 1, body_idle_seconds: 1, handshake_seconds: 1, ..Limits::default() };
    let door = door(&house, ServerUse::HttpMutual, limits).await;
    let terminal = house.peer("terminal/PL-WAW-017");
    let closed = async |stream: &mut TlsStream<TcpStream>| {
        let mut rest = Vec::new();
        // Closed in order or not: what counts is that it is closed.
        let _ = timeout(Duration::from_secs(5), stream.read_to_end(&mut rest)).await.expect("still open");
        String::from_utf8_lossy(&rest).into_owned()
    };

    let mut silent = door.connect(http1(&terminal)).await.unwrap();
    assert_eq!(closed(&mut silent).await, "");

    let mut silent_http2 = door.connect(ClientConfig::clone(&terminal.client_config())).await.unwrap();
    closed(&mut silent_http2).await;

    let mut half_head = door.connect(http1(&terminal)).await.unwrap();
    half_head.write_all(b"GET /who HTTP/1.1\r\nHost: ga").await.unwrap();
    assert!(!closed(&mut half_head).await.starts_with("HTTP/1.1 200"));

    let mut half_body = door.connect(http1(&terminal)).await.unwrap();
    half_body
        .write_all(b"POST /length HTTP/1.1\r\nHost: g\r\nContent-Length: 100\r\nConnection: close\r\n\r\nhalf")
        .await
        .unwrap();
    let answer = closed(&mut half_body).await;
    assert!(answer.starts_with("HTTP/1.1 4"), "{answer}");

    let mut no_handshake = TcpStream::connect(door.address).await.unwrap();
    let mut rest = Vec::new();
    let _ = timeout(Duration::from_secs(5), no_handshake.read_to_end(&mut rest)).await.expect("still open");

    // And whoever speaks up is heard.
    let mut stream = door.connect(http1(&terminal)).await.unwrap();
    assert!(exchange(&mut stream, WHO).await.unwrap().starts_with("HTTP/1.1 200"));
    door.end().await;
}

#[tokio::test]
async fn whoever_is_refused_for_the_head_alone_hears_it_and_goes_on_over_the_same_connection() {
    let house = House::new();
    let door = door(&house, ServerUse::HttpMutual, Limits::default()).await;
    let mut stream = door.connect(http1(&house.peer("terminal/PL-WAW-017"))).await.unwrap();
    for size in [9, 200_000] {
        let body = "x".repeat(size);
        stream
            .write_all(format!("POST /refused HTTP/1.1\r\nHost: g\r\nContent-Length: {size}\r\n\r\n").as_bytes())
            .await
            .unwrap();
        sleep(Duration::from_millis(100)).await;
        let answer = exchange(&mut stream, &body).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 403") && answer.ends_with("not you"), "{answer}");
    }
    assert!(exchange(&mut stream, WHO).await.unwrap().starts_with("HTTP/1.1 200"));

    // Who asks for leave first sends nothing, and is not waited for.
    let asks = "POST /refused HTTP/1.1\r\nHost: g\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n";
    let mut answer = None;
    for _ in 0..3 {
        // A busy machine may take longer than this once, not each time.
        let mut stream = door.connect(http1(&house.peer("terminal/PL-WAW-017"))).await.unwrap();
        answer = timeout(Duration::from_secs(1), exchange(&mut stream, asks)).await.ok();
        if answer.is_some() {
            break;
        }
    }
    let answer = answer.expect("what was not to come is waited for").unwrap();
    assert!(answer.starts_with("HTTP/1.1 403"), "{answer}");

    // Nor is who never sends it waited for longer than a moment, or read to no end.
    for (length, sent) in [(9, 4), (50_000_000, 5_000_000)] {
        let mut stream = door.connect(http1(&house.peer("terminal/PL-WAW-018"))).await.unwrap();
        let head = format!("POST /refused HTTP/1.1\r\nHost: g\r\nContent-Length: {length}\r\n\r\n");
        stream.write_all(head.as_bytes()).await.unwrap();
        // Broken off or not: what counts is that it ends.
        let _ = timeout(Duration::from_secs(5), stream.write_all("x".repeat(sent).as_bytes())).await.expect("it ends");
        let mut rest = Vec::new();
        let _ = timeout(Duration::from_secs(5), stream.read_to_end(&mut rest)).await.expect("it ends");
    }
    door.end().await;
}

#[tokio::test]
async fn an_idle_connection_does_not_hold_up_the_end() {
    let house = House::new();
    let door = door(&house, ServerUse::HttpMutual, Limits::default()).await;
    let mut stream = door.connect(http1(&house.peer("terminal/PL-WAW-017"))).await.unwrap();
    exchange(&mut stream, WHO).await.unwrap();
    sleep(Duration::from_millis(50)).await;
    timeout(Duration::from_secs(5), door.end()).await.expect("well below the drain's time-out");
}

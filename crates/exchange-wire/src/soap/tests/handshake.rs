//! What TLS is spoken, and what is not.

use std::pin::Pin;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use exchange::profile::{TlsParameters, TlsVersion};
use openssl::ssl::{Ssl, SslContextBuilder, SslMethod, SslSessionCacheMode, SslVerifyMode, SslVersion};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout};
use tokio_openssl::SslStream;

use super::authority::{Kind, Spoc, chain_pem};
use super::world::{A_MOMENT, Plan, World, general, profile};
use crate::PartnerClient as _;
use crate::soap::SoapLimits;

/// TLS by OpenSSL as it comes, with a certificate or without.
pub(super) fn plain_context(spoc: Option<&Spoc>) -> SslContextBuilder {
    let mut builder = SslContextBuilder::new(SslMethod::tls_client()).unwrap();
    builder.set_verify(SslVerifyMode::NONE);
    builder.set_session_cache_mode(SslSessionCacheMode::CLIENT);
    if let Some(spoc) = spoc {
        let (chain, key) = spoc.credential().openssl().unwrap();
        builder.set_certificate(&chain[0]).unwrap();
        builder.set_private_key(&key).unwrap();
        builder.add_extra_chain_cert(chain[1].clone()).unwrap();
    }
    builder
}

pub(super) async fn connect(
    world: &World,
    builder: SslContextBuilder,
) -> Result<SslStream<TcpStream>, openssl::ssl::Error> {
    let ssl = Ssl::new(&builder.build()).unwrap();
    let tcp = TcpStream::connect(world.address).await.unwrap();
    let mut stream = SslStream::new(ssl, tcp).unwrap();
    Pin::new(&mut stream).connect().await?;
    Ok(stream)
}

fn only(version: TlsVersion, suite: &str) -> TlsParameters {
    let groups = profile("2009").tls().groups.clone();
    TlsParameters { lowest: version, highest: version, suites: vec![suite.to_owned()], groups }
}

#[tokio::test]
async fn the_standards_suites_are_spoken_and_newer_ones_as_well() {
    for (server_kind, suites) in [
        (
            Kind::Rsa,
            &[
                "TLS_RSA_WITH_AES_128_CBC_SHA",
                "TLS_RSA_WITH_AES_256_CBC_SHA",
                "TLS_DHE_RSA_WITH_AES_128_CBC_SHA",
                "TLS_DHE_RSA_WITH_AES_256_CBC_SHA",
                "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
                "TLS_AES_128_GCM_SHA256",
            ][..],
        ),
        (
            Kind::Brainpool,
            &[
                "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA",
                "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA",
                "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
            ][..],
        ),
        (Kind::P384, &["TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", "TLS_AES_256_GCM_SHA384"][..]),
    ] {
        let world = World::begin(Plan { kind: Kind::Brainpool, server_kind, ..Plan::default() }).await;
        for suite in suites {
            let version = if suite.contains("_WITH_") { TlsVersion::Tls12 } else { TlsVersion::Tls13 };
            let (client, _) = world.client_with(&only(version, suite));
            let answer = client.send(&general(suite)).await;
            assert!(answer.is_ok(), "{suite}: {answer:?}");
        }
    }
}

/// OpenSSL before 3.2 speaks TLS 1.3, but has no signatures of brainpool keys there.
#[tokio::test]
async fn a_partner_whose_library_knows_brainpool_in_tls_1_2_alone_is_served() {
    for kind in [Kind::Brainpool, Kind::BrainpoolExplicit] {
        let world = World::begin(Plan { kind, server_kind: kind, ..Plan::default() }).await;
        let mut builder = plain_context(Some(&world.client));
        builder.set_sigalgs_list("ECDSA+SHA256:ECDSA+SHA384:RSA-PSS+SHA256:RSA+SHA256").unwrap();
        builder.set_groups_list("X25519:P-256:brainpoolP256r1").unwrap();
        builder.set_max_proto_version(Some(SslVersion::TLS1_3)).unwrap();
        let stream = connect(&world, builder).await.unwrap();
        assert_eq!(stream.ssl().version_str(), "TLSv1.2", "{kind:?}");
    }
}

#[tokio::test]
async fn a_suite_that_is_not_in_the_profile_is_not_spoken() {
    let world = World::begin(Plan { server_kind: Kind::Rsa, ..Plan::default() }).await;
    let (client, _) = world.client_with(&only(TlsVersion::Tls12, "TLS_RSA_WITH_AES_128_GCM_SHA256"));
    let error = client.send(&general("hello")).await.unwrap_err();
    assert!(!error.may_have_been_processed(), "{error:?}");
}

#[tokio::test]
async fn tls_1_1_is_not_spoken() {
    let world = World::begin(Plan::default()).await;
    let mut builder = plain_context(Some(&world.client));
    builder.set_security_level(0);
    builder.set_min_proto_version(None).unwrap();
    builder.set_max_proto_version(Some(SslVersion::TLS1_1)).unwrap();
    let refused = connect(&world, builder).await.unwrap_err();
    assert!(refused.to_string().contains("protocol version"), "{refused}");
}

#[tokio::test]
async fn without_a_certificate_there_is_no_handshake() {
    let world = World::begin(Plan::default()).await;
    let mut builder = plain_context(None);
    builder.set_max_proto_version(Some(SslVersion::TLS1_2)).unwrap();
    assert!(connect(&world, builder).await.is_err());
    // With TLS 1.3 the client is done before the server has looked.
    let mut stream = connect(&world, plain_context(None)).await.unwrap();
    let _ = stream.write_all(b"GET /SPOC?wsdl HTTP/1.1\r\nhost: x\r\n\r\n").await;
    let mut answer = Vec::new();
    let ended = timeout(A_MOMENT, stream.read_to_end(&mut answer)).await.unwrap();
    assert!(ended.is_err() && answer.is_empty(), "{}", String::from_utf8_lossy(&answer));
    assert!(world.door.seen.lock().unwrap().is_empty());
}

#[tokio::test]
async fn no_session_is_offered_for_resumption() {
    let world = World::begin(Plan::default()).await;
    for version in [SslVersion::TLS1_2, SslVersion::TLS1_3] {
        let offered = Arc::<AtomicUsize>::default();
        let mut builder = plain_context(Some(&world.client));
        builder.set_max_proto_version(Some(version)).unwrap();
        let counter = offered.clone();
        builder.set_new_session_callback(move |_, _| {
            counter.fetch_add(1, Ordering::SeqCst);
        });
        let mut stream = connect(&world, builder).await.unwrap();
        stream.write_all(b"GET /SPOC?wsdl HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await.unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.unwrap();
        assert!(answer.starts_with(b"HTTP/1.1 200"), "{version:?}");
        // Neither a session the server remembers nor a ticket.
        assert_eq!(offered.load(Ordering::SeqCst), 0, "{version:?}");
    }
}

#[tokio::test]
async fn a_handshake_is_not_begun_again_on_an_open_connection() {
    let Some(openssl) = straznica_testkit::openssl() else { return };
    let world = World::begin(Plan::default()).await;
    let folder = tempfile::tempdir().unwrap();
    let (certificate, key) = (folder.path().join("own.pem"), folder.path().join("own.key"));
    std::fs::write(&certificate, chain_pem(&world.client.issued)).unwrap();
    std::fs::write(&key, world.client.issued.key.to_pkcs8_pem().unwrap()).unwrap();
    let mut client = tokio::process::Command::new(openssl)
        .args(["s_client", "-tls1_2", "-connect", &world.address.to_string(), "-cert"])
        .arg(certificate)
        .arg("-key")
        .arg(key)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // The tool's command for a renegotiation, once it reads its input.
    client.stdin.as_mut().unwrap().write_all(b"R\n").await.unwrap();
    let output = timeout(A_MOMENT, client.wait_with_output()).await.unwrap().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout);
    assert!(said.contains("RENEGOTIATING") && said.contains("no renegotiation"), "{said}");
}

#[tokio::test]
async fn who_says_nothing_is_not_waited_for() {
    let limits = SoapLimits { handshake_seconds: 1, header_seconds: 1, ..SoapLimits::default() };
    let world = World::begin(Plan { limits, ..Plan::default() }).await;
    let begun = Instant::now();
    let mut silent = TcpStream::connect(world.address).await.unwrap();
    let mut nothing = Vec::new();
    timeout(A_MOMENT, silent.read_to_end(&mut nothing)).await.unwrap().unwrap();
    let mut silent = connect(&world, plain_context(Some(&world.client))).await.unwrap();
    let _ = timeout(A_MOMENT, silent.read_to_end(&mut nothing)).await.unwrap();
    assert!(nothing.is_empty());
    assert!(begun.elapsed() >= Duration::from_secs(2));
}

#[tokio::test]
async fn an_old_connection_is_told_to_go() {
    let limits = SoapLimits { connection_age_seconds: 3, ..SoapLimits::default() };
    let world = World::begin(Plan { limits, ..Plan::default() }).await;
    let mut stream = connect(&world, plain_context(Some(&world.client))).await.unwrap();
    stream.write_all(b"GET /SPOC?wsdl HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    let mut answer = Vec::new();
    // Kept alive by HTTP, ended by age.
    let _ = timeout(A_MOMENT, stream.read_to_end(&mut answer)).await.unwrap();
    assert!(answer.starts_with(b"HTTP/1.1 200"));
}

/// A client that asks and asks and reads nothing, until somebody ends it.
async fn asks_and_does_not_read(world: &World) -> JoinHandle<()> {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    let tcp = socket.connect(world.address).await.unwrap();
    let mut stream = SslStream::new(Ssl::new(&plain_context(Some(&world.client)).build()).unwrap(), tcp).unwrap();
    Pin::new(&mut stream).connect().await.unwrap();
    tokio::spawn(async move {
        let request = b"GET /SPOC?wsdl HTTP/1.1\r\nhost: x\r\n\r\n".repeat(100);
        while stream.write_all(&request).await.is_ok() {}
    })
}

#[tokio::test]
async fn a_client_that_does_not_read_is_cut_off() {
    let one = SoapLimits { connections: 1, ..SoapLimits::default() };
    for limits in [
        SoapLimits { connection_age_seconds: 1, connection_grace_seconds: 1, ..one.clone() },
        SoapLimits { write_seconds: 1, ..one.clone() },
    ] {
        let world = World::begin(Plan { limits, ..Plan::default() }).await;
        let asking = asks_and_does_not_read(&world).await;
        let (client, _) = world.client();
        let answered = async { while client.send(&general("hello")).await.is_err() {} };
        timeout(2 * A_MOMENT, answered).await.expect("the slot comes free");
        asking.abort();
    }
}

#[tokio::test]
async fn an_address_with_silent_connections_keeps_no_other_waiting() {
    let limits = SoapLimits { connections: 8, unadmitted_per_address: 4, handshakes: 8, ..SoapLimits::default() };
    let world = World::begin(Plan { limits, ..Plan::default() }).await;
    let mut silent = Vec::new();
    for _ in 0..20 {
        silent.push(connect_from("127.0.0.2", &world).await);
    }
    let (client, _) = world.client();
    timeout(A_MOMENT / 2, client.send(&general("hello"))).await.expect("no waiting").unwrap();
}

/// From forty addresses, which have more than all the turns between them, and then more than all the room.
#[tokio::test]
async fn strangers_from_everywhere_keep_no_partner_waiting() {
    let (nothing, half) = (&[][..], &[0x16, 3, 1][..]);
    for (connections, said) in [(256, nothing), (256, half), (16, nothing), (16, half)] {
        let limits = SoapLimits { connections, handshakes: 8, ..SoapLimits::default() };
        let world = World::begin(Plan { limits, ..Plan::default() }).await;
        let mut strangers = Vec::new();
        for number in 2..42 {
            let mut stranger = connect_from(&format!("127.0.0.{number}"), &world).await;
            // The first may be cut off already.
            let _ = stranger.write_all(said).await;
            strangers.push(stranger);
        }
        let (client, _) = world.client();
        let answered = timeout(A_MOMENT / 2, client.send(&general("hello"))).await;
        answered.unwrap_or_else(|_| panic!("waiting with {connections}, {said:?}")).unwrap();
    }
}

async fn connect_from(address: &str, world: &World) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(format!("{address}:0").parse().unwrap()).unwrap();
    socket.connect(world.address).await.unwrap()
}

#[tokio::test]
async fn a_partner_holds_no_more_connections_than_its_share() {
    let limits = SoapLimits { connections_per_partner: 2, ..SoapLimits::default() };
    let world = World::begin(Plan { limits, ..Plan::default() }).await;
    let mut open = Vec::new();
    for number in 0..4 {
        let mut stream = connect(&world, plain_context(Some(&world.client))).await.unwrap();
        let _ = stream.write_all(b"GET /SPOC?wsdl HTTP/1.1\r\nhost: x\r\n\r\n").await;
        let mut answer = [0; 12];
        let answered = timeout(A_MOMENT, stream.read_exact(&mut answer)).await.unwrap().is_ok();
        assert_eq!(answered, number < 2, "connection {number}");
        open.push(stream);
    }
}

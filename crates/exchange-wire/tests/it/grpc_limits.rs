//! What one partner or a stranger can use up of the gRPC listener, and what is left for others.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::BodyExt as _;
use straznica_exchange_wire::PartnerClient as _;
use straznica_exchange_wire::development::{DevelopmentSpoc, SpocKeys};
use straznica_exchange_wire::grpc::GrpcServerConfig;
use straznica_types::ManualClock;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};

use super::raw_client::Raw;
use super::two_states::{TwoStates, ask, get_ca};

#[tokio::test]
async fn a_connection_that_says_nothing_or_half_a_message_is_not_kept() {
    let states = TwoStates::meet().await;
    let mut raw = Raw::connect(states.address, Some(states.issue(|_| ()))).await.unwrap();
    // The length of a message that never comes.
    let (tx, body) = tokio::sync::mpsc::channel::<Result<hyper::body::Frame<Bytes>, std::convert::Infallible>>(1);
    tx.send(Ok(hyper::body::Frame::data(Bytes::from_static(&[0, 0, 0, 0, 9])))).await.unwrap();
    let body = http_body_util::StreamBody::new(tokio_stream::wrappers::ReceiverStream::new(body));
    let path = "/straznica.spoc.v1.SpocExchange/GetCaCertificates";
    let answer = tokio::time::timeout(Duration::from_secs(5), raw.call_with(path, body.boxed())).await;
    let (headers, _) = answer.expect("an end").unwrap();
    assert_ne!(headers["grpc-status"], "0");
    assert_eq!(states.echo.asked(), 0);
}

/// Another partner of UT's, whose clock stands at the same moment.
async fn another() -> DevelopmentSpoc {
    let clock = ManualClock::starting_at("2026-06-01T00:00:00Z".parse().unwrap());
    DevelopmentSpoc::start("QQ".parse().unwrap(), SpocKeys::P256, clock.shared()).await.unwrap()
}

async fn is_answered(states: &TwoStates, other: &DevelopmentSpoc) {
    let client = states.client_with(&other.issue(&other.request("localhost")).unwrap());
    client.send(&get_ca("QQ", "1")).await.unwrap();
}

#[tokio::test]
async fn a_partner_whose_lists_do_not_come_keeps_no_other_waiting() {
    let other = another().await;
    let limits = |limits: &mut GrpcServerConfig| limits.handshakes = 2;
    let states = TwoStates::under(limits, |_| (), |partners| partners.push(other.registration().unwrap())).await;
    let pit = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut stuck = Vec::new();
    for number in 0..8 {
        let uri = format!("http://{}/{number}", pit.local_addr().unwrap());
        let issued = states.issue(|leaf| leaf.crl_uris = Some(vec![uri]));
        stuck.push(tokio::spawn(Raw::connect(states.address, Some(issued))));
    }
    while pit.accept().await.is_err() {}
    is_answered(&states, &other).await;
}

#[tokio::test]
async fn a_partner_with_ever_new_connections_leaves_room_for_others() {
    let other = another().await;
    let limits = |limits: &mut GrpcServerConfig| (limits.connections, limits.connections_per_partner) = (6, 3);
    let states = TwoStates::under(limits, |_| (), |partners| partners.push(other.registration().unwrap())).await;
    let issued = states.issue(|_| ());
    let mut open = Vec::new();
    for number in 0..6 {
        let answered = tokio::time::timeout(Duration::from_secs(10), async {
            let mut raw = Raw::connect(states.address, Some(issued.clone())).await.map_err(|why| why.to_string())?;
            let status = raw.get_ca("ZZ").await;
            open.push(raw);
            status
        });
        assert_eq!(answered.await.expect("an answer or an end").is_ok(), number < 3, "connection {number}");
    }
    is_answered(&states, &other).await;
    // Where it gives one back it may have another.
    open.clear();
    let again = async {
        loop {
            if let Ok(mut raw) = Raw::connect(states.address, Some(issued.clone())).await
                && raw.get_ca("ZZ").await == Ok(0)
            {
                return;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(10), again).await.expect("room again");
}

#[tokio::test]
async fn an_address_with_silent_connections_keeps_no_other_waiting() {
    let limits = |limits: &mut GrpcServerConfig| {
        (limits.connections, limits.unadmitted_per_address, limits.handshakes) = (8, 4, 8);
    };
    let states = TwoStates::under(limits, |_| (), |_| ()).await;
    let silent = silent(&states, 20).await;
    ask(&states.client()).await.unwrap();
    drop(silent);
}

/// From forty addresses, which have more than all the turns between them, and then more than all the room.
#[tokio::test]
async fn strangers_from_everywhere_keep_no_partner_waiting() {
    let (nothing, half) = (&[][..], &[0x16, 3, 1][..]);
    for (connections, said) in [(256, nothing), (256, half), (16, nothing), (16, half)] {
        let limits = |limits: &mut GrpcServerConfig| {
            (limits.connections, limits.handshakes) = (connections, 8);
        };
        let states = TwoStates::under(limits, |_| (), |_| ()).await;
        let mut strangers = Vec::new();
        for number in 2..42 {
            let mut stranger = connect_from(&format!("127.0.0.{number}"), &states).await;
            // The first may be cut off already.
            let _ = stranger.write_all(said).await;
            strangers.push(stranger);
        }
        let client = states.client();
        let answered = tokio::time::timeout(Duration::from_secs(5), ask(&client)).await;
        answered.unwrap_or_else(|_| panic!("waiting with {connections}, {said:?}")).unwrap();
        // And it is not cut off for others.
        for number in 2..42 {
            strangers.push(connect_from(&format!("127.0.0.{number}"), &states).await);
        }
        ask(&client).await.unwrap();
    }
}

#[tokio::test]
async fn who_waits_for_a_turn_does_not_wait_for_all_before() {
    let limits = |limits: &mut GrpcServerConfig| (limits.handshakes, limits.handshake_seconds) = (1, 1);
    let states = TwoStates::under(limits, |_| (), |_| ()).await;
    let begun = tokio::time::Instant::now();
    for mut one in silent(&states, 10).await {
        let _ = one.read_to_end(&mut Vec::new()).await;
    }
    let waited = begun.elapsed();
    assert!(waited < Duration::from_secs(6), "{waited:?}, one after another they would take ten seconds");
}

/// Connections from another address that say nothing.
async fn silent(states: &TwoStates, count: usize) -> Vec<TcpStream> {
    let mut open = Vec::new();
    for _ in 0..count {
        open.push(connect_from("127.0.0.2", states).await);
    }
    open
}

async fn connect_from(address: &str, states: &TwoStates) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(format!("{address}:0").parse().unwrap()).unwrap();
    socket.connect(states.address).await.unwrap()
}

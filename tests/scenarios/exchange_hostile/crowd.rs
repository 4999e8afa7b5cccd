//! Whoever can reach the port, or is a partner, can take up room: the limits hold, and another partner is served meanwhile.

use std::net::{IpAddr, Ipv4Addr};
use std::time::{Duration, Instant};

use exchange::code::{GetCaCertificatesCode, RequestCertificateCode};
use exchange::message::{Answer, GetCaCertificates, Message, RequestCertificate};
use futures::future::join_all;
use straznica_cli::demo::state::{BindingName, Bounds};
use straznica_exchange_wire::CallError;
use straznica_exchange_wire::grpc::GrpcServerConfig;
use straznica_exchange_wire::soap::SoapLimits;
use straznica_store::on_both_engines;
use straznica_store::testing::TestDatabase;
use straznica_tests::NoMigrations;
use straznica_tests::hostile::{Hostile, House};
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::{sleep, timeout};

use super::{Failed, obtained};

/// Another machine than the good partner's, as far as the node can tell.
const ELSEWHERE: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2));
/// Where no partner was before.
const NEWLY: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 3));
/// So many machines nobody knows, and the connections each opens: as many as the node lets one address hold. Together they are more than it lets all hold.
const MACHINES: u8 = 40;
const CONNECTIONS_OF_EACH: usize = 16;
/// What a good partner bears to wait. A busy machine is not a fast one.
const BEARABLE: Duration = Duration::from_secs(30);
/// Before a connection is tried again.
const A_MOMENT: Duration = Duration::from_millis(50);
/// How long the node waits for the rest of a message, and for a handshake that nobody pushes out.
const MESSAGE_SECONDS: u64 = 2;
const HANDSHAKE_SECONDS: u64 = 60;
/// By then it has not waited for the rest of a message any longer: less than what it waits unless told otherwise (15 s and 30 s).
const ENOUGH: Duration = Duration::from_secs(MESSAGE_SECONDS + 10);

fn bounds() -> Bounds {
    let grpc = GrpcServerConfig {
        handshake_seconds: HANDSHAKE_SECONDS,
        message_seconds: MESSAGE_SECONDS,
        ..GrpcServerConfig::default()
    };
    let soap =
        SoapLimits { handshake_seconds: HANDSHAKE_SECONDS, body_seconds: MESSAGE_SECONDS, ..SoapLimits::default() };
    Bounds { grpc, soap, ..Bounds::default() }
}

async fn every_crowd(binding: BindingName, database: TestDatabase) {
    let house = Box::pin(House::raise_within(binding, &database, bounds())).await;
    let [pest, good] = [house.meet("ZA", |_, _| ()).await, house.meet("ZB", |_, _| ()).await];
    let mut failed = Failed::default();
    failed.row("strangers from everywhere", Box::pin(strangers_from_everywhere(&house, &good))).await;
    failed.row("strangers with certificates", Box::pin(strangers_with_certificates(&pest, &good))).await;
    failed.row("halves of messages", Box::pin(halves_of_messages(&pest, &good))).await;
    failed.row("a flood of messages", Box::pin(a_flood_of_messages(&pest, &good))).await;
    failed.row("the pest, when it behaves", Box::pin(is_served(&pest, "behaves"))).await;
    house.subscribe(&good).await;
    house.turn().await;
    obtained(&house, &good, "after all that").await;
    Box::pin(house.leave(&database)).await;
    failed.are_none();
}

/// The partner asks something new and is answered in bearable time. A connection that is closed at once is tried again: in the flood both partners come
/// from one address.
async fn is_served(partner: &Hostile, id: &str) {
    let (caller_id, message_id) = (partner.country.to_string(), format!("{id}-{}", partner.station.visits()));
    let message = Message::GetCaCertificates(GetCaCertificates { caller_id, message_id });
    let asking = async {
        loop {
            match partner.station.way().send(&message).await {
                Err(CallError::NotReached(_)) => sleep(A_MOMENT).await,
                answered => return answered,
            }
        }
    };
    match timeout(BEARABLE, asking).await.expect("in time").expect("an answer") {
        Answer::GetCaCertificates(answer) => assert_eq!(answer.result, GetCaCertificatesCode::OkCertAvailable),
        other => panic!("{other:?}"),
    }
}

/// One of the machines nobody knows: no partner is ever there.
fn stranger(number: u8) -> IpAddr {
    Ipv4Addr::new(127, 0, 1, 1 + number % MACHINES).into()
}

/// Connections from everywhere that say one byte of a handshake and no more, or nothing at all.
async fn strangers_from_everywhere(house: &House, good: &Hostile) {
    let mut strangers: Vec<TcpStream> = Vec::new();
    for number in 0..MACHINES {
        for connection in 0..CONNECTIONS_OF_EACH {
            let socket = TcpSocket::new_v4().unwrap();
            socket.bind((stranger(number), 0).into()).unwrap();
            let mut stranger = socket.connect(house.address()).await.unwrap();
            if connection % 2 == 0 {
                // the first may be pushed out already
                drop(stranger.write_all(&[0x16]).await);
            }
            strangers.push(stranger);
        }
    }
    // a kept connection would show nothing
    let gets_in = timeout(BEARABLE, good.station.dial(NEWLY)).await;
    gets_in.expect("a handshake in time").expect("a handshake");
    is_served(good, "everywhere").await;
    drop(strangers);
}

/// More than an address has room for, from everywhere, with a certificate and key, but of nobody the node knows.
async fn strangers_with_certificates(pest: &Hostile, good: &Hostile) {
    let authority = pest.station.authority();
    let mut leaf = authority.request("127.0.0.1");
    leaf.countries = vec!["XX".to_owned()];
    pest.station.show(&authority.issue(&leaf).unwrap()).unwrap();
    let mut strangers = Vec::new();
    for number in 0..100 {
        strangers.push(pest.station.dial(stranger(number)).await);
    }
    is_served(good, "strangers").await;
    drop(strangers);
    pest.mend();
}

/// A partner that begins forty messages at once and ends none: it gets its share of connections, and each ends when its time is up.
async fn halves_of_messages(pest: &Hostile, good: &Hostile) {
    let mut halves = Vec::new();
    for _ in 0..40 {
        // beyond its share it is closed in the middle of the beginning
        if let Ok(half) = pest.station.half_a_message(ELSEWHERE).await {
            halves.push(half);
        }
    }
    is_served(good, "halves").await;
    let waiting = Instant::now();
    for half in halves {
        timeout(ENOUGH, half).await.expect("the node has had enough").unwrap();
    }
    assert!(waiting.elapsed() < ENOUGH);
}

/// Hundreds of messages of one partner at once, and another one's between them.
async fn a_flood_of_messages(pest: &Hostile, good: &Hostile) {
    let flood = (0..300).map(|number| async move {
        let message = RequestCertificate {
            caller_id: pest.country.to_string(),
            message_id: format!("flood-{number}"),
            certificate_request: vec![0x67; 4000],
        };
        pest.station.way().send(&Message::RequestCertificate(message)).await
    });
    let quiet = async {
        for round in 0..5 {
            is_served(good, &format!("flood-{round}")).await;
        }
    };
    let (answers, ()) = tokio::join!(join_all(flood), quiet);
    let refused = RequestCertificateCode::FailureRequestSyntax;
    let read = answers.iter().flatten().filter(
        |answer| matches!(answer, Answer::RequestCertificate(one) if one.result == refused || one.result == RequestCertificateCode::FailureSyntax),
    );
    assert!(read.count() > 0, "some of the flood is answered: {:?}", answers.first());
}

on_both_engines! {
    NoMigrations;

    async fn crowds_by_grpc_keep_nobody_out(database: TestDatabase) {
        Box::pin(every_crowd(BindingName::Grpc, database)).await;
    }

    async fn crowds_by_soap_keep_nobody_out(database: TestDatabase) {
        Box::pin(every_crowd(BindingName::Soap, database)).await;
    }
}

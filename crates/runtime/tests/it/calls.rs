//! Who may call, and what a call carries.

use std::{net::SocketAddr, sync::atomic::Ordering, time::Duration};

use rustls::pki_types::ServerName;

use straznica_contracts::{
    calls::{CALLS, Caller},
    journal::v1::{
        GetCheckpointRequest, journal_service_client::JournalServiceClient,
        witness_service_client::WitnessServiceClient,
    },
    spoc::v1::{GetTaSignatureRequest, terminal_control_centre_service_client::TerminalControlCentreServiceClient},
};
use straznica_error::{common, detail_of};
use straznica_pki::{DevelopmentCa, Issued, Names, PeerRole, Tls, TlsMaterial, Validity};
use straznica_runtime::{
    auth,
    channel::{self, ChannelConfig, ChannelError},
    correlation,
    http::Limits,
    service::{self, ListenConfig, Listeners, ServiceContext, ServiceParts, StartError},
};
use straznica_types::{Clock, Environment, RequestId};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::JoinSet,
    time::sleep,
};
use tokio_rustls::TlsConnector;
use tonic::Code;
use tonic_health::pb::{HealthCheckRequest, health_client::HealthClient};

use super::house::{House, ask};

#[test]
fn the_table_decides_for_every_call_and_every_kind_of_peer() {
    let peers = [
        "service/gateway",
        "service/identity",
        "service/spoc",
        "operator/sg.1",
        "security-officer/sg.2",
        "terminal/T1",
        "consulted/abw",
    ];
    let mut allowed = 0;
    for call in CALLS {
        for peer in peers {
            let host = if call.host == "*" { "spoc" } else { call.host };
            let expected = call.callers.iter().any(|caller| match caller {
                Caller::AnyPeer => true,
                other => match other.to_string().strip_suffix('*') {
                    Some(kind) => peer.starts_with(kind),
                    None => peer == other.to_string(),
                },
            });
            let role: PeerRole = peer.parse().unwrap();
            assert_eq!(
                auth::may_call(host, &format!("/{}", call.rpc), &role),
                expected,
                "{peer} → [{host}] {}",
                call.rpc
            );
            allowed += usize::from(expected);
        }
    }
    assert!(allowed > 40, "{allowed}");
    let gateway: PeerRole = "service/gateway".parse().unwrap();
    assert!(!auth::may_call("spoc", "/straznica.spoc.v1.TrustService/GetTrustSnapshot", &gateway));
    assert!(!auth::may_call("spoc", "/no.such.Service/Method", &gateway));
}

#[tokio::test]
async fn a_service_learns_who_calls_and_from_which_request() {
    let house = House::new();
    let node = house.node().await;
    let mut witness = node.witness(&house.peer("service/gateway"));
    let answer = witness.cosign_checkpoint(ask("who")).await.unwrap();
    assert_eq!(answer.get_ref().cosignature, "service/gateway");

    let id = RequestId::generate(&house.clock);
    let answer = correlation::scope(id, witness.cosign_checkpoint(ask("request id"))).await.unwrap();
    assert_eq!(answer.get_ref().cosignature, id.to_string());
    assert_eq!(answer.metadata().get("x-request-id").unwrap(), &id.to_string());
    let other = witness.cosign_checkpoint(ask("request id")).await.unwrap();
    assert_ne!(other.get_ref().cosignature, id.to_string());
    assert!(RequestId::parse(&other.get_ref().cosignature).is_ok(), "one is made where none came");
    node.end().await;
}

#[tokio::test]
async fn what_the_table_does_not_allow_is_refused() {
    let house = House::new();
    let node = house.node().await;
    for peer in
        ["terminal/PL-WAW-017", "operator/sg.1001", "security-officer/sg.1002", "service/spoc", "service/unknown"]
    {
        let refused = node.witness(&house.peer(peer)).cosign_checkpoint(ask("who")).await.unwrap_err();
        assert_eq!(refused.code(), Code::PermissionDenied, "{peer}");
        assert_eq!(detail_of(&refused).unwrap().code, common::PERMISSION_DENIED.id, "{peer}");
    }
    // Allowed by its row, but not mounted; and the other way round, no row at this service.
    let gateway = house.peer("service/gateway");
    let mut journal = JournalServiceClient::new(node.channel(&gateway));
    assert_eq!(journal.get_checkpoint(GetCheckpointRequest {}).await.unwrap_err().code(), Code::Unimplemented);
    let mut centre = TerminalControlCentreServiceClient::new(node.channel(&house.peer("service/identity")));
    let refused = centre.get_ta_signature(GetTaSignatureRequest::default()).await.unwrap_err();
    assert_eq!(refused.code(), Code::PermissionDenied);
    node.end().await;
}

#[tokio::test]
async fn a_peer_whose_certificate_is_not_accepted_gets_no_connection() {
    let house = House::new();
    let node = house.node().await;
    let role: PeerRole = "service/gateway".parse().unwrap();
    let now = house.clock.now();
    let day = Duration::from_secs(86_400);

    let expired = Validity { not_before: now - day * 2, not_after: now - day };
    let expired = house.tls(&house.ca.issue(&role, &Names::default(), expired).unwrap());

    let revoked = house.ca.issue(&role, &Names::default(), house.ca.usual_validity()).unwrap();
    let revoked_tls = house.tls(&revoked);
    house.ca.revoke(&revoked.identity).unwrap();
    let renewed = house.ca.issue_service("spoc", &Names::default()).unwrap();
    node.tls.replace(house.ca.material(&renewed).unwrap()).unwrap();

    // Another authority for the same trust domain; it knows ours, so that only the server can refuse.
    let forger = DevelopmentCa::create(super::house::DOMAIN, house.clock.shared()).unwrap();
    let forged = forger.issue_service("gateway", &Names::default()).unwrap();
    let [chain, key, anchor] = [&forged.certificate, &forged.private_key, house.ca.certificate()].map(str::as_bytes);
    let forged = TlsMaterial::from_pem(chain, key, anchor, None).unwrap();
    let forged = Tls::from_material(forged, Environment::Test, house.clock.shared()).unwrap();

    // A trust domain the server's anchors vouch for, but not its own.
    let elsewhere = DevelopmentCa::create("development.elsewhere", house.clock.shared()).unwrap();
    let stranger = elsewhere.issue_service("gateway", &Names::default()).unwrap();
    let anchors = [house.ca.certificate(), elsewhere.certificate()].concat();
    let both = |issued: &Issued| {
        let [chain, key] = [&issued.certificate, &issued.private_key].map(|pem| pem.as_bytes());
        TlsMaterial::from_pem(chain, key, anchors.as_bytes(), None).unwrap()
    };
    let trusting = house.node().await;
    trusting.tls.replace(both(&house.ca.issue_service("spoc", &Names::default()).unwrap())).unwrap();
    let stranger = Tls::from_material(both(&stranger), Environment::Test, house.clock.shared()).unwrap();
    assert!(!speaks_http2(trusting.grpc, &stranger).await, "another trust domain");
    assert!(speaks_http2(trusting.grpc, &house.peer("service/gateway")).await);
    trusting.end().await;

    for (what, peer) in [("expired", expired), ("revoked", revoked_tls), ("forged", forged)] {
        let refused = node.witness(&peer).cosign_checkpoint(ask("who")).await.unwrap_err();
        assert!(matches!(refused.code(), Code::Unavailable | Code::Unknown), "{what}: {refused:?}");
        assert!(detail_of(&refused).is_none(), "{what}: nobody answered");
    }
    let accepted = node.witness(&house.peer("service/gateway")).cosign_checkpoint(ask("who")).await;
    assert!(accepted.is_ok(), "{accepted:?}");
    node.end().await;
}

/// Whether the server takes the connection up, asked without the checks of our own client.
async fn speaks_http2(address: SocketAddr, peer: &Tls) -> bool {
    const PREFACE_AND_SETTINGS: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
    let tcp = TcpStream::connect(address).await.unwrap();
    let name = ServerName::try_from(format!("spoc.{}", super::house::DOMAIN)).unwrap();
    let mut stream = TlsConnector::from(peer.client_config()).connect(name, tcp).await.unwrap();
    let mut answer = [0; 9];
    stream.write_all(PREFACE_AND_SETTINGS).await.is_ok() && stream.read_exact(&mut answer).await.is_ok()
}

#[tokio::test]
async fn revocation_and_expiry_reach_open_connections() {
    let house = House::new();
    let node = house.node().await;
    let (gateway, identity) = (house.peer("service/gateway"), house.peer("service/identity"));
    let (mut witness, mut bystander) = (node.witness(&gateway), node.witness(&identity));
    witness.cosign_checkpoint(ask("who")).await.unwrap();
    bystander.cosign_checkpoint(ask("who")).await.unwrap();

    node.tls.denied().deny(gateway.own().sha256);
    let refused = witness.cosign_checkpoint(ask("who")).await.unwrap_err();
    assert_eq!(refused.code(), Code::Unauthenticated);
    assert_eq!(detail_of(&refused).unwrap().code, common::CERTIFICATE_REVOKED.id);
    bystander.cosign_checkpoint(ask("who")).await.unwrap();

    house.clock.advance(Duration::from_secs(91 * 86_400));
    let refused = bystander.cosign_checkpoint(ask("who")).await.unwrap_err();
    assert_eq!(refused.code(), Code::Unauthenticated);
    assert_eq!(detail_of(&refused).unwrap().code, common::UNAUTHENTICATED.id);
    node.end().await;
}

#[tokio::test]
async fn a_client_refuses_a_server_that_is_another_service() {
    let house = House::new();
    let node = house.node().await;
    let config =
        ChannelConfig { server_name: format!("spoc.{}", super::house::DOMAIN), ..ChannelConfig::at(node.grpc) };
    let channel = channel::connect("identity", &config, &house.peer("service/gateway")).unwrap();
    let refused = HealthClient::new(channel).check(HealthCheckRequest::default()).await.unwrap_err();
    assert_eq!(refused.code(), Code::Unavailable);
    node.end().await;
}

#[tokio::test]
async fn health_answers_any_peer_and_follows_readiness() {
    use tonic_health::pb::health_check_response::ServingStatus;
    let house = House::new();
    let node = house.node().await;
    let mut health = HealthClient::new(node.channel(&house.peer("terminal/PL-WAW-017")));
    let answer = health.check(HealthCheckRequest::default()).await.unwrap();
    assert_eq!(answer.get_ref().status(), ServingStatus::Serving);
    node.end().await;
}

#[tokio::test]
async fn a_call_ends_at_its_deadline_on_both_sides() {
    let house = House::new();
    let node = house.node().await;
    let config = ChannelConfig { timeout_ms: 300, ..ChannelConfig::at(node.grpc) };
    let channel = channel::connect("spoc", &config, &house.peer("service/gateway")).unwrap();
    let mut witness = WitnessServiceClient::new(channel);
    let late = witness.cosign_checkpoint(ask("for ever")).await.unwrap_err();
    assert!(matches!(late.code(), Code::DeadlineExceeded | Code::Cancelled), "{late:?}");
    node.script.begun.notified().await;
    for _ in 0..100 {
        if node.script.dropped.load(Ordering::SeqCst) {
            break;
        }
        sleep(Duration::from_millis(20)).await;
    }
    assert!(node.script.dropped.load(Ordering::SeqCst), "the service stopped working on it");
    node.end().await;
}

#[tokio::test]
async fn a_panic_ends_its_own_call_only() {
    let house = House::new();
    let node = house.node().await;
    let mut witness = node.witness(&house.peer("service/gateway"));
    let failed = witness.cosign_checkpoint(ask("panic")).await.unwrap_err();
    assert_eq!(failed.code(), Code::Internal);
    assert!(!format!("{failed:?}").contains("as told"), "the message of a panic stays inside");
    assert!(witness.cosign_checkpoint(ask("who")).await.is_ok());
    node.end().await;
}

#[tokio::test]
async fn a_message_above_the_limit_is_refused_and_the_service_keeps_answering() {
    let house = House::new();
    let node = house.node().await;
    let mut witness = node.witness(&house.peer("service/gateway"));
    let refused = witness.cosign_checkpoint(ask(&"x".repeat(5 * 1024 * 1024))).await.unwrap_err();
    assert_eq!(straznica_error::class_of(&refused), straznica_error::Class::PayloadTooLarge);
    assert!(witness.cosign_checkpoint(ask("who")).await.is_ok());
    node.end().await;
}

#[tokio::test]
async fn calls_go_on_over_connections_that_reach_their_age() {
    let house = House::new();
    let limits = Limits { connection_age_seconds: 1, ..Limits::default() };
    let node = house.node_with(limits, ServiceParts::default()).await;
    let witness = node.witness(&house.peer("service/gateway"));
    let mut calls = JoinSet::new();
    for _ in 0..4 {
        let mut witness = witness.clone();
        calls.spawn(async move {
            for _ in 0..60 {
                witness.cosign_checkpoint(ask("who")).await.unwrap();
                sleep(Duration::from_millis(50)).await;
            }
        });
    }
    while let Some(result) = calls.join_next().await {
        result.unwrap();
    }
    node.end().await;
}

#[tokio::test]
async fn a_service_does_not_start_under_another_services_certificate() {
    let house = House::new();
    let tls = house.peer("service/identity");
    let context = ServiceContext::new("spoc", Environment::Test, house.clock.shared(), tls);
    let listeners = Listeners::bind(&ListenConfig::default()).await.unwrap();
    let refused = service::run(listeners, ServiceParts::default(), context).await;
    assert!(matches!(refused, Err(StartError::Identity { expected: "spoc", found }) if found == "service/identity"));
}

#[tokio::test]
async fn an_address_that_is_none_is_refused_before_the_first_call() {
    let house = House::new();
    let gateway = house.peer("service/gateway");
    for address in ["", "spoc:8443/path with spaces"] {
        let refused = channel::connect("spoc", &ChannelConfig::at(address), &gateway);
        assert!(matches!(refused, Err(ChannelError::Address { .. })), "{address:?}");
    }
}

#[tokio::test]
async fn calls_to_a_service_that_does_not_shake_hands_all_end_in_time() {
    let house = House::new();
    // Connections are taken by the operating system and nobody ever answers: a partition, a hung node.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let config =
        ChannelConfig { timeout_ms: 600, connect_timeout_ms: 400, ..ChannelConfig::at(silent.local_addr().unwrap()) };
    let channel = channel::connect("spoc", &config, &house.peer("service/gateway")).unwrap();
    let begun = tokio::time::Instant::now();
    let mut calls = JoinSet::new();
    for _ in 0..20 {
        let mut witness = WitnessServiceClient::new(channel.clone());
        calls.spawn(async move { witness.cosign_checkpoint(ask("who")).await.unwrap_err().code() });
    }
    for code in calls.join_all().await {
        assert!(matches!(code, Code::Unavailable | Code::DeadlineExceeded), "{code}");
    }
    let took = begun.elapsed();
    assert!(took < Duration::from_secs(5), "the last one waited {took:?} for its turn to fail");
}

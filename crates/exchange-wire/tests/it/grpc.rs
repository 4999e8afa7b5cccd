//! The gRPC binding between two states.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use exchange::code::{
    GeneralMessageCode, GetCaCertificatesCode, RequestCertificateCode, SendCertificatesCode, StatusInfo,
};
use exchange::development::LeafRequest;
use exchange::message::{
    Answer, GeneralMessage, GetCaCertificatesAnswer, MAX_BODY, Message, RequestCertificate, RequestCertificateAnswer,
    SendCertificates,
};
use exchange::operation::Operation;
use straznica_exchange_wire::development::Why;
use straznica_exchange_wire::error::FaultOf;
use straznica_exchange_wire::{CallError, PartnerClient as _};
use straznica_types::Clock as _;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::raw_client::{Anyone, Raw, certified, get_ca_wire};
use super::two_states::{TwoStates, ask, get_ca, material_of};

const DAY: Duration = Duration::from_secs(86_400);

fn request(message_id: &str, certificate_request: Vec<u8>) -> Message {
    let message_id = message_id.to_owned();
    Message::RequestCertificate(RequestCertificate { caller_id: "ZZ".into(), message_id, certificate_request })
}

fn general(subject: &str, body: String) -> Message {
    let (caller_id, message_id) = ("ZZ".into(), "4".into());
    Message::GeneralMessage(GeneralMessage { caller_id, message_id, subject: subject.into(), body })
}

fn send(message_id: Option<&str>, certificates: Vec<Vec<u8>>) -> Message {
    Message::SendCertificates(SendCertificates {
        caller_id: "ZZ".into(),
        message_id: message_id.map(str::to_owned),
        certificates,
        status_info: StatusInfo::NewCertAvailableNotification,
    })
}

#[tokio::test]
async fn four_operations_cross_the_border() {
    let states = TwoStates::meet().await;
    let client = states.client();
    let cases = [
        (
            request("1", vec![0x67, 1]),
            Answer::RequestCertificate(RequestCertificateAnswer {
                result: RequestCertificateCode::OkCertAvailable,
                certificates: vec![vec![0x67, 1]],
            }),
        ),
        (send(None, vec![vec![1], vec![2]]), Answer::SendCertificates(SendCertificatesCode::OkReceivedCorrectly)),
        (send(Some("9"), vec![]), Answer::SendCertificates(SendCertificatesCode::FailureMessageIdUnknown)),
        (
            get_ca("ZZ", "3"),
            Answer::GetCaCertificates(GetCaCertificatesAnswer {
                result: GetCaCertificatesCode::OkCertAvailable,
                certificates: vec![b"ZZ".to_vec()],
            }),
        ),
        (general("DV not compliant", "ś".repeat(MAX_BODY)), Answer::GeneralMessage(GeneralMessageCode::Ok)),
    ];
    for (message, expected) in cases {
        assert_eq!(client.send(&message).await.unwrap(), expected);
    }
    let callers = states.echo.callers.lock().unwrap();
    assert!(callers.iter().all(|country| country.as_str() == "ZZ"), "{callers:?}");
    assert_eq!(states.ut.responder().times_asked(), 1, "one list, kept");
}

#[tokio::test]
async fn whoever_is_not_known_learns_nothing_and_the_operator_everything() {
    let no_ekus = |leaf: &mut LeafRequest| leaf.purposes = None;
    let tls_ekus_only =
        |leaf: &mut LeafRequest| leaf.purposes = Some(vec!["1.3.6.1.5.5.7.3.2".into(), "2.5.29.37.0".into()]);
    let server_only = |leaf: &mut LeafRequest| leaf.purposes = Some(vec!["2.23.136.1.1.10.2".into()]);
    let other_country = |leaf: &mut LeafRequest| leaf.countries = vec!["UT".into()];
    let unknown_country = |leaf: &mut LeafRequest| leaf.countries = vec!["QQ".into()];
    let expired = |leaf: &mut LeafRequest| leaf.validity.until = leaf.validity.from;
    let no_list = |leaf: &mut LeafRequest| leaf.crl_uris = Some(vec![]);
    type Change = fn(&mut LeafRequest);
    let cases: [(Change, &str); 7] = [
        (no_ekus, "no_extended_key_usage"),
        (tls_ekus_only, "extended_key_usage"),
        (server_only, "extended_key_usage"),
        (other_country, "not_registered"),
        (unknown_country, "not_registered"),
        (expired, "expired"),
        (no_list, "no_crl"),
    ];
    for (change, code) in cases {
        let states = TwoStates::meet().await;
        let refused = ask(&states.client_with(&states.issue(change))).await.unwrap_err();
        assert!(matches!(refused, CallError::RefusedByPeer), "{code}: {refused:?}");
        assert_eq!(why(&states), [code]);
        assert_eq!(states.echo.asked(), 0);
    }
}

fn why(states: &TwoStates) -> Vec<&'static str> {
    let code = |why: &Why| match why {
        Why::Identity(refusal) => refusal.code(),
        Why::NotRegistered(_) => "not_registered",
        Why::CallerId { .. } => "caller_id",
    };
    states.gate.refusals().iter().map(code).collect()
}

#[tokio::test]
async fn lists_decide_who_is_let_in() {
    type Change = fn(&TwoStates);
    let cases: [(Change, &str); 4] = [
        (|states| states.zz.withhold_list(), "no_crl"),
        (|states| states.zz.publish_dated(states.clock.now() - 91 * DAY, None).unwrap(), "crl_too_old"),
        (|states| states.zz.publish_dated(states.clock.now() + DAY, None).unwrap(), "crl_from_the_future"),
        (
            |states| {
                let now = states.clock.now();
                states.zz.publish_dated(now - 2 * DAY, Some(now - DAY)).unwrap();
            },
            "crl_expired",
        ),
    ];
    for (change, code) in cases {
        let states = TwoStates::meet().await;
        let client = states.client();
        change(&states);
        assert!(matches!(ask(&client).await, Err(CallError::RefusedByPeer)), "{code}");
        assert_eq!(why(&states), [code]);
    }
}

#[tokio::test]
async fn a_revocation_reaches_a_connection_that_is_open() {
    let states = TwoStates::meet().await;
    let issued = states.issue(|_| ());
    let mut raw = Raw::connect(states.address, Some(issued.clone())).await.unwrap();
    assert_eq!(raw.get_ca("ZZ").await, Ok(0));
    states.zz.revoke(&issued).unwrap();
    assert_eq!(raw.get_ca("ZZ").await, Ok(0), "the list at hand is still young");
    states.clock.advance(Duration::from_secs(600));
    assert_eq!(raw.get_ca("ZZ").await, Ok(16));
    assert_eq!(why(&states), ["revoked"]);
    tokio::time::timeout(Duration::from_secs(5), raw.ended()).await.expect("the connection ends");
    assert!(matches!(ask(&states.client_with(&issued)).await, Err(CallError::RefusedByPeer)));
    assert_eq!(states.echo.asked(), 2);
}

#[tokio::test]
async fn a_message_in_anothers_name_ends_the_connection() {
    let states = TwoStates::meet().await;
    let mut raw = Raw::connect(states.address, Some(states.issue(|_| ()))).await.unwrap();
    assert_eq!(raw.get_ca("UT").await, Ok(16));
    assert_eq!(why(&states), ["caller_id"]);
    tokio::time::timeout(Duration::from_secs(5), raw.ended()).await.expect("the connection ends");
    assert_eq!(states.echo.asked(), 0);
}

#[tokio::test]
async fn every_refusal_looks_the_same() {
    let states = TwoStates::meet().await;
    let mut answers = Vec::new();
    for (change, caller_id) in [(None, "UT"), (Some(()), "ZZ")] {
        let issued = states.issue(|leaf| {
            if change.is_some() {
                leaf.purposes = None
            }
        });
        let mut raw = Raw::connect(states.address, Some(issued.clone())).await.unwrap();
        let body = Raw::body(&get_ca_wire(caller_id));
        let (mut headers, body) = raw.call("/straznica.spoc.v1.SpocExchange/GetCaCertificates", body).await.unwrap();
        headers.remove("date");
        answers.push((format!("{headers:?}"), body));
        tokio::time::timeout(Duration::from_secs(5), raw.ended()).await.expect("the connection ends");
    }
    assert_eq!(answers[0], answers[1]);
    assert!(answers[0].0.contains("\"grpc-status\": \"16\"") && !answers[0].0.contains("grpc-message"), "{answers:?}");
    assert!(answers[0].1.is_empty());
}

#[tokio::test]
async fn we_tell_our_messages_to_nobody_but_the_partner() {
    type Change = fn(&mut LeafRequest);
    let cases: [(Change, &str); 5] = [
        (|leaf| leaf.hosts = vec!["other.example".into()], "other_host"),
        (|leaf| leaf.hosts = vec!["*".into(), "127.0.0.1".into()], "other_host"),
        (|leaf| leaf.purposes = Some(vec!["2.23.136.1.1.10.1".into()]), "extended_key_usage"),
        (|leaf| leaf.countries = vec!["ZZ".into()], "not_registered"),
        (|leaf| leaf.crl_uris = Some(vec![]), "no_crl"),
    ];
    for (change, code) in cases {
        let states = TwoStates::with(change, |_| ()).await;
        let refused = ask(&states.client()).await.unwrap_err();
        assert!(matches!(refused, CallError::NotAdmittedByUs), "{code}: {refused:?}");
        let told = states.own_gate.refusals();
        let [why] = &told[..] else { panic!("{told:?}") };
        let found = match why {
            Why::Identity(refusal) => refusal.code(),
            _ => "not_registered",
        };
        assert_eq!(found, code);
        assert_eq!(states.echo.asked(), 0);
    }
}

#[tokio::test]
async fn a_partners_server_revoked_meanwhile_gets_no_further_message() {
    let states = TwoStates::meet().await;
    let client = states.client();
    ask(&client).await.unwrap();
    states.ut.revoke(&states.server).unwrap();
    states.clock.advance(Duration::from_secs(600));
    assert!(matches!(ask(&client).await, Err(CallError::NotAdmittedByUs)));
    assert_eq!(states.echo.asked(), 1);
}

#[tokio::test]
async fn without_a_certificate_or_with_tls_1_2_there_is_no_connection() {
    let states = TwoStates::meet().await;
    let mut anonymous = Raw::connect(states.address, None).await;
    // The client of TLS 1.3 is done before the server has looked.
    if let Ok(raw) = &mut anonymous {
        assert!(raw.get_ca("ZZ").await.is_err());
    }
    let material = material_of(&states.issue(|_| ()));
    let config = rustls::ClientConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
        .with_protocol_versions(&[&rustls::version::TLS12])
        .unwrap()
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Anyone))
        .with_client_cert_resolver(Arc::new(rustls::sign::SingleCertAndKey::from(
            material.client.certified_key().unwrap(),
        )));
    let tcp = TcpStream::connect(states.address).await.unwrap();
    let old = TlsConnector::from(Arc::new(config)).connect("localhost".try_into().unwrap(), tcp).await;
    assert!(old.is_err());
    assert_eq!(states.echo.asked(), 0);
}

#[tokio::test]
async fn a_certificate_without_its_key_is_no_identity() {
    let states = TwoStates::meet().await;
    let mut stolen = states.issue(|_| ());
    stolen.key = states.issue(|_| ()).key;
    if let Ok(mut raw) = Raw::connect(states.address, Some(stolen.clone())).await {
        assert!(raw.get_ca("ZZ").await.is_err());
    }
    assert_eq!((states.echo.asked(), states.gate.refusals().len()), (0, 0), "nobody was even judged");

    // Nor is one a server shows.
    let mut stolen = states.server.clone();
    stolen.key = states.ut.issue(&states.ut.request("localhost")).unwrap().key;
    let stolen = certified(&stolen);
    let config = rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
        .with_protocol_versions(&[&rustls::version::TLS13])
        .unwrap()
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(rustls::sign::SingleCertAndKey::from(stolen)));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let (tcp, _) = listener.accept().await.unwrap();
        let _ = tokio_rustls::TlsAcceptor::from(Arc::new(config)).accept(tcp).await;
    });
    let client = states.client_at(&format!("https://localhost:{}", address.port()), &states.issue(|_| ()));
    let refused = ask(&client).await.unwrap_err();
    assert!(matches!(refused, CallError::NotReached(_)), "{refused:?}");
    assert_eq!(states.own_gate.refusals().len(), 0);
}

#[tokio::test]
async fn what_is_too_long_or_incomplete_is_not_handed_on() {
    let states = TwoStates::meet().await;
    let client = states.client();
    let syntax = |answer: Answer| match answer {
        Answer::RequestCertificate(answer) => answer.result.as_str(),
        Answer::SendCertificates(code) => code.as_str(),
        Answer::GetCaCertificates(answer) => answer.result.as_str(),
        Answer::GeneralMessage(code) => code.as_str(),
    };
    let messages = [
        request("1", vec![0; 65_536]),
        request(&"1".repeat(256), vec![]),
        send(Some(&"1".repeat(256)), vec![]),
        send(None, vec![vec![0; 65_536]]),
        send(None, vec![vec![0]; 257]),
        get_ca("ZZ", &"1".repeat(256)),
        general(&"x".repeat(257), String::new()),
        general("x", "x".repeat(MAX_BODY + 1)),
    ];
    for message in &messages {
        assert_eq!(syntax(client.send(message).await.unwrap()), "failure_syntax", "{:?}", message.operation());
    }
    // Over the limit of the transport: a status, as for anything that is not read.
    for message in [request("1", vec![0; 140_000]), send(None, vec![vec![0; 1 << 20]; 5])] {
        let refused = client.send(&message).await.unwrap_err();
        assert!(
            matches!(&refused, CallError::Fault { fault_of: FaultOf::Sender, code, .. } if code == "OutOfRange"),
            "{refused:?}"
        );
    }
    // A status that is none.
    let mut raw = Raw::connect(states.address, Some(states.issue(|_| ()))).await.unwrap();
    let body = Raw::body(&[10, 2, b'Z', b'Z']);
    let (_, answer) = raw.call("/straznica.spoc.v1.SpocExchange/SendCertificates", body).await.unwrap();
    assert_eq!(answer[5..], [8, 2], "failure_syntax");
    assert_eq!(states.echo.asked(), 0);
    // But that they came is.
    let mut expected: Vec<_> = messages.iter().map(Message::operation).collect();
    expected.push(Operation::SendCertificates);
    assert_eq!(*states.echo.refused.lock().unwrap(), expected);
}

#[tokio::test]
async fn nothing_else_is_offered_on_this_port() {
    let states = TwoStates::meet().await;
    let mut raw = Raw::connect(states.address, Some(states.issue(|_| ()))).await.unwrap();
    for path in [
        "/grpc.health.v1.Health/Check",
        "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
        "/straznica.spoc.v1.NationalPkiService/ListHolders",
        "/",
    ] {
        let (headers, _) = raw.call(path, Raw::body(&[])).await.unwrap();
        assert_eq!(headers["grpc-status"], "12", "{path}");
    }
}

#[tokio::test]
async fn a_panic_ends_one_message_and_is_an_internal_error() {
    let states = TwoStates::meet().await;
    let client = states.client();
    let answer = client.send(&request("panic", vec![])).await.unwrap();
    let expected = RequestCertificateAnswer::of(RequestCertificateCode::FailureInternalError);
    assert_eq!(answer, Answer::RequestCertificate(expected));
    ask(&client).await.unwrap();
}

#[tokio::test]
async fn an_answer_over_the_limit_is_not_taken() {
    let states = TwoStates::meet().await;
    let refused = states.client().send(&get_ca("ZZ", "much")).await.unwrap_err();
    assert!(matches!(refused, CallError::TooLarge { limit } if limit == 4 << 20), "{refused:?}");
}

#[tokio::test]
async fn work_goes_on_when_the_caller_hangs_up_and_is_waited_for_at_the_end() {
    let mut states = TwoStates::meet().await;
    states.echo.slow.store(true, Ordering::SeqCst);
    let client = states.client();
    let asking = tokio::spawn(async move { ask(&client).await });
    while states.echo.asked() == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    asking.abort();
    assert!(asking.await.unwrap_err().is_cancelled());
    states.stop().await;
    assert_eq!((states.echo.asked(), states.echo.finished.load(Ordering::SeqCst)), (1, 1));
}

#[tokio::test]
async fn messages_under_way_are_answered_before_the_server_ends_and_another_finds_it_again() {
    let mut states = TwoStates::meet().await;
    states.echo.slow.store(true, Ordering::SeqCst);
    let client = Arc::new(states.client());
    let under_way = tokio::spawn({
        let client = client.clone();
        async move { ask(&client).await }
    });
    while states.echo.asked() == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    states.restart().await;
    under_way.await.unwrap().unwrap();
    ask(&client).await.unwrap();
    states.stop().await;
    let gone = ask(&client).await.unwrap_err();
    assert!(matches!(gone, CallError::NotReached(_)), "{gone:?}");
    assert!(!gone.may_have_been_processed());
}

#[tokio::test]
async fn new_material_serves_the_next_connection() {
    let states = TwoStates::meet().await;
    let serials = async || {
        let mut raw = Raw::connect(states.address, Some(states.issue(|_| ()))).await.unwrap();
        raw.get_ca("ZZ").await.unwrap();
        raw.server.clone()
    };
    let before = serials().await;
    states.material.replace(material_of(&states.ut.issue(&states.ut.request("localhost")).unwrap()));
    assert_ne!(serials().await, before);
}

#[tokio::test]
async fn patience_that_ends_before_anything_was_sent_found_nobody_there() {
    let states = TwoStates::meet().await;
    // Connections are made, and nothing is said on them.
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}", silent.local_addr().unwrap());
    let client = states.client_at(&url, &states.issue(|_| ()));
    let outcome = client.send_within(&get_ca("ZZ", "1"), Duration::from_millis(500)).await;
    assert!(matches!(outcome, Err(CallError::NotReached(_))), "{outcome:?}");
}

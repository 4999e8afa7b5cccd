use std::time::Duration;

use exchange::code::{
    GeneralMessageCode, GetCaCertificatesCode, RequestCertificateCode, SendCertificatesCode, StatusInfo,
};
use exchange::message::{
    Answer, GetCaCertificates, GetCaCertificatesAnswer, Message, RequestCertificate, RequestCertificateAnswer,
    SendCertificates,
};
use tokio::time::timeout;

use super::authority::{Kind, credential};
use super::world::{A_MOMENT, Plan, World, general};
use crate::error::FaultOf;
use crate::soap::SoapLimits;
use crate::{CallError, PartnerClient as _};

fn every_operation() -> Vec<(Message, Answer)> {
    // An identifier is any text, and comes as it was sent.
    let (caller_id, message_id) = ("CZ".to_owned(), " žádost\r\n<&>\t1 ".to_owned());
    vec![
        (
            Message::RequestCertificate(RequestCertificate {
                caller_id: caller_id.clone(),
                message_id: message_id.clone(),
                certificate_request: vec![0x67; 3000],
            }),
            Answer::RequestCertificate(RequestCertificateAnswer {
                result: RequestCertificateCode::OkCertAvailable,
                certificates: vec![vec![0x67; 3000], vec![0x7F, 0x21]],
            }),
        ),
        (
            Message::SendCertificates(SendCertificates {
                caller_id: caller_id.clone(),
                message_id: None,
                certificates: vec![vec![1], vec![2]],
                status_info: StatusInfo::NewCertAvailableNotification,
            }),
            Answer::SendCertificates(SendCertificatesCode::FailureMessageIdUnknown),
        ),
        (
            Message::GetCaCertificates(GetCaCertificates { caller_id, message_id }),
            Answer::GetCaCertificates(GetCaCertificatesAnswer::of(GetCaCertificatesCode::OkReceptionAck)),
        ),
        (general("Zażółć <&> gęślą\r\njaźń"), Answer::GeneralMessage(GeneralMessageCode::Ok)),
    ]
}

#[tokio::test]
async fn every_operation_completes_with_every_kind_of_key_and_profile() {
    for (kind, profile) in [
        (Kind::P256, "2009"),
        (Kind::P384, "icao"),
        (Kind::Brainpool, "2018"),
        (Kind::BrainpoolExplicit, "2009"),
        (Kind::Rsa, "icao"),
    ] {
        let world = World::begin(Plan { kind, server_kind: kind, profile, ..Plan::default() }).await;
        let (client, _) = world.client();
        for (message, answer) in every_operation() {
            assert_eq!(client.send(&message).await.unwrap(), answer, "{kind:?} {profile}");
            assert_eq!(world.application.messages.lock().unwrap().pop(), Some(message));
        }
    }
}

#[tokio::test]
async fn admission_sees_the_certificates_as_they_were_presented() {
    let world = World::begin(Plan::default()).await;
    let (client, door) = world.client();
    client.send(&general("hello")).await.unwrap();
    assert_eq!(*world.door.seen.lock().unwrap(), [world.client.issued.presented()]);
    assert_eq!(*door.seen.lock().unwrap(), [world.server.issued.presented()]);
}

#[tokio::test]
async fn who_is_not_admitted_gets_401_and_the_message_is_not_looked_at() {
    let world = World::begin(Plan::default()).await;
    world.door.close();
    let (client, _) = world.client();
    let error = client.send(&general("hello")).await.unwrap_err();
    assert!(matches!(error, CallError::RefusedByPeer), "{error}");
    assert!(world.application.messages.lock().unwrap().is_empty());
}

#[tokio::test]
async fn who_says_it_is_another_state_gets_401() {
    let world = World::begin(Plan::default()).await;
    let (client, _) = world.client();
    let Message::GeneralMessage(mut message) = general("hello") else { unreachable!() };
    message.caller_id = "SK".to_owned();
    let error = client.send(&Message::GeneralMessage(message)).await.unwrap_err();
    assert!(matches!(error, CallError::RefusedByPeer), "{error}");
    assert!(world.application.messages.lock().unwrap().is_empty());
}

#[tokio::test]
async fn nothing_is_sent_to_a_server_that_is_not_the_partner() {
    let world = World::begin(Plan::default()).await;
    let (client, door) = world.client();
    door.close();
    let error = client.send(&general("hello")).await.unwrap_err();
    assert!(matches!(error, CallError::NotAdmittedByUs), "{error}");
    assert!(!error.may_have_been_processed());
    assert!(world.application.messages.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_certificate_is_replaced_while_the_server_runs() {
    let world = World::begin(Plan::default()).await;
    let (client, door) = world.client();
    client.send(&general("before")).await.unwrap();
    let renewed = world.server.renewed();
    world.server_tls.replace(&credential(&renewed), world.profile.tls()).unwrap();
    client.send(&general("after")).await.unwrap();
    assert_eq!(*door.seen.lock().unwrap(), [world.server.issued.presented(), renewed.presented()]);
}

#[tokio::test]
async fn a_message_in_flight_is_completed_when_the_server_stops() {
    let world = World::begin(Plan::default()).await;
    let (client, _) = world.client();
    let sending = tokio::spawn(async move { client.send(&general("wait")).await });
    timeout(A_MOMENT, world.application.arrived.notified()).await.unwrap();
    world.stop.cancel();
    let (late, _) = world.client();
    // The listener is gone before the message is through.
    let refused = async { while late.send(&general("late")).await.is_ok() {} };
    timeout(A_MOMENT, refused).await.unwrap();
    assert!(!world.serving.is_finished());
    world.application.go_on.notify_one();
    assert_eq!(sending.await.unwrap().unwrap(), Answer::GeneralMessage(GeneralMessageCode::Ok));
    timeout(A_MOMENT, world.serving).await.unwrap().unwrap();
}

#[tokio::test]
async fn what_xml_cannot_say_is_not_sent() {
    let world = World::begin(Plan::default()).await;
    let (client, _) = world.client();
    let error = client.send(&general("\u{1}")).await.unwrap_err();
    assert!(matches!(error, CallError::Unsendable(_)), "{error}");
    assert!(world.door.seen.lock().unwrap().is_empty());
}

#[tokio::test]
async fn work_goes_on_when_the_caller_hangs_up_or_the_time_is_over() {
    let limits = SoapLimits { message_seconds: 1, ..SoapLimits::default() };
    let world = World::begin(Plan { limits, ..Plan::default() }).await;
    for hangs_up in [true, false] {
        let (client, _) = world.client();
        let sending = tokio::spawn(async move { client.send(&general("wait")).await });
        timeout(A_MOMENT, world.application.arrived.notified()).await.unwrap();
        if hangs_up {
            sending.abort();
            assert!(sending.await.unwrap_err().is_cancelled());
            // The server has seen it when it can be noticed at all.
            tokio::time::sleep(Duration::from_millis(200)).await;
        } else {
            let late = sending.await.unwrap().unwrap_err();
            assert!(matches!(&late, CallError::Fault { fault_of: FaultOf::Receiver, .. }), "{late:?}");
        }
        world.application.go_on.notify_one();
        timeout(A_MOMENT, world.application.finished.notified()).await.expect("worked on to its end");
    }
}

#[tokio::test]
async fn the_server_ends_when_what_it_works_on_has_ended() {
    let world = World::begin(Plan::default()).await;
    let (client, _) = world.client();
    let sending = tokio::spawn(async move { client.send(&general("wait")).await });
    timeout(A_MOMENT, world.application.arrived.notified()).await.unwrap();
    sending.abort();
    world.stop.cancel();
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(!world.serving.is_finished());
    world.application.go_on.notify_one();
    timeout(A_MOMENT, world.serving).await.unwrap().unwrap();
}

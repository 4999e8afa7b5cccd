//! Octets no decent message centre sends: the link goes on, or hangs up and binds again. It never panics, never grows without bound.

use std::time::Duration;

use proptest::prelude::*;
use rusmpp::CommandId;
use sms::smpp::{Class, Incoming, Link, Unreadable, Verdict};
use straznica_types::SystemClock;

use crate::smsc::{Keeper, Session, Smsc, bound_link, config, message, outcome, pdu, soon, submit};

/// That the link at the other end still does its work.
async fn works(link: &Link, session: &mut Session) {
    let sent = submit(link, message("m", "a", Class::Code)).await;
    let (sequence, _) = session.submission().await;
    session.take(sequence, "7").await;
    assert_eq!(outcome(sent).await.verdict(), Verdict::Accepted);
}

#[tokio::test]
async fn impossible_lengths_cost_the_connection_and_nothing_else() {
    let (smsc, keeper) = (Smsc::listen().await, Keeper::default());
    let (link, mut session) = bound_link(&smsc, &keeper, |_| {}).await;
    for length in [0_u32, 15, 8_193, u32::MAX] {
        session.send_octets(&[&length.to_be_bytes()[..], &[0xFF; 12]].concat()).await;
        assert!(session.hung_up().await);
        session = smsc.bound().await;
    }
    works(&link, &mut session).await;
}

#[tokio::test]
async fn a_malformed_delivery_is_kept_as_it_is_and_answered_for() {
    let (smsc, keeper) = (Smsc::listen().await, Keeper::default());
    let (link, mut session) = bound_link(&smsc, &keeper, |_| {}).await;
    session.send_octets(&pdu(0x05, 9, b"\0\x01\x01486")).await;
    let answer = session.next().await;
    assert_eq!((answer.id(), u32::from(answer.status()), answer.sequence_number()), (CommandId::DeliverSmResp, 0, 9));
    let octets = b"\0\x01\x01486".to_vec();
    assert_eq!(keeper.kept(), [Incoming::Unreadable { reason: Unreadable::Malformed, octets }]);
    works(&link, &mut session).await;
}

#[tokio::test]
async fn unknown_commands_are_refused_and_answers_to_nothing_passed_over() {
    let (smsc, keeper) = (Smsc::listen().await, Keeper::default());
    let (link, mut session) = bound_link(&smsc, &keeper, |_| {}).await;
    for id in [0x0000_0004, 0x0000_0F0F, 0x0000_0009] {
        session.send_octets(&pdu(id, 3, b"whatever")).await;
        let answer = session.next().await;
        assert_eq!((answer.id(), u32::from(answer.status()), answer.sequence_number()), (CommandId::GenericNack, 3, 3));
    }
    for id in [0x8000_0000, 0x8000_0004, 0x8000_0015, 0x8000_0006, 0x8000_0103, 0xFFFF_FFFF] {
        session.send_octets(&pdu(id, 4_000, b"")).await;
    }
    // Notices without an answer.
    session.send_octets(&pdu(0x102, 5, b"")).await;
    session.send_octets(&pdu(0x0B, 6, b"")).await;
    works(&link, &mut session).await;
    assert_eq!(link.state().counters.stray, 6);
}

#[tokio::test]
async fn an_acceptance_without_a_readable_id_is_an_acceptance() {
    let (smsc, keeper) = (Smsc::listen().await, Keeper::default());
    let (link, mut session) = bound_link(&smsc, &keeper, |_| {}).await;
    for body in [&b""[..], b"\0", b"\xFF\xFE\0", &[b'7'; 300]] {
        let sent = submit(&link, message("m", "a", Class::Code)).await;
        let (sequence, _) = session.submission().await;
        session.send_octets(&pdu(0x8000_0004, sequence, body)).await;
        let outcome = outcome(sent).await;
        assert_eq!((outcome.verdict(), outcome.ids().count()), (Verdict::Accepted, 0));
    }
}

#[tokio::test]
async fn an_smsc_that_asks_without_end_and_reads_nothing_is_left() {
    let (smsc, keeper) = (Smsc::listen().await, Keeper::default());
    let (link, session) = bound_link(&smsc, &keeper, |c| c.response_time = Duration::from_secs(1)).await;
    let mut stream = session.0.into_inner();
    let enquiries = pdu(0x15, 1, b"").repeat(1_000);
    let flood = async { while tokio::io::AsyncWriteExt::write_all(&mut stream, &enquiries).await.is_ok() {} };
    soon(flood).await;
    let mut session = smsc.bound().await;
    works(&link, &mut session).await;
}

#[tokio::test]
async fn an_smsc_that_drips_or_says_nothing_does_not_hold_up_the_bind_for_ever() {
    let (smsc, keeper) = (Smsc::listen().await, Keeper::default());
    let mut config = config(smsc.port);
    config.connect_time = Duration::from_secs(2);
    let link = Link::start(config, SystemClock::shared(), keeper).unwrap();
    let mut silent = smsc.accept().await;
    assert!(silent.hung_up().await);
    let mut garbled = smsc.accept().await;
    garbled.send_octets(b"HTTP/1.1 400 Bad Request\r\n").await;
    assert!(garbled.hung_up().await);
    let mut session = smsc.bound().await;
    works(&link, &mut session).await;
}

#[test]
fn whatever_comes_after_the_bind_the_link_works_again() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let piece = prop_oneof![
        // PDUs of every command with any body.
        (
            prop_oneof![Just(0x05_u32), Just(0x103), Just(0x8000_0004), Just(0x8000_0000), Just(0x15), any::<u32>()],
            0_u32..10,
            proptest::collection::vec(any::<u8>(), 0..80)
        )
            .prop_map(|(id, sequence, body)| pdu(id, sequence, &body)),
        // Anything.
        proptest::collection::vec(any::<u8>(), 0..80),
    ];
    let pieces = proptest::collection::vec(piece, 1..6);
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(64)
    });
    runner
        .run(&pieces, |pieces| {
            runtime.block_on(async {
                let (smsc, keeper) = (Smsc::listen().await, Keeper::default());
                let (link, mut session) = bound_link(&smsc, &keeper, |_| {}).await;
                let sent = submit(&link, message("m", "a", Class::Code)).await;
                for piece in pieces {
                    if tokio::io::AsyncWriteExt::write_all(session.0.get_mut(), &piece).await.is_err() {
                        break;
                    }
                }
                drop(session);
                let mut session = smsc.bound().await;
                // Whatever came, the message had one outcome, and was not sent again unless it was refused as too fast.
                let told = tokio::time::timeout(Duration::from_millis(500), sent).await;
                if let Ok(told) = told {
                    assert_ne!(told.unwrap().verdict(), Verdict::NotSent);
                    works(&link, &mut session).await;
                }
            });
            Ok(())
        })
        .unwrap();
}

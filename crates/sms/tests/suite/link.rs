//! What a link promises, order by order.

use std::num::{NonZeroU16, NonZeroU32};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rusmpp::{CommandId, Pdu};
use sms::life::{Failure, MessageState};
use sms::receipt::MessageId;
use sms::smpp::{BindMode, Class, ConnectError, Ending, Incoming, Link, PartOutcome, Phase, Verdict};
use straznica_types::{Clock, SystemClock};

use crate::smsc::{Keeper, Smsc, bound_link, config, message, outcome, soon, submit};

fn accepted(id: &str) -> PartOutcome {
    PartOutcome::Accepted(MessageId::new(id))
}

#[tokio::test]
async fn a_message_of_two_parts_is_accepted_under_two_ids() {
    let (smsc, keeper) = (Smsc::listen().await, Keeper::default());
    let (link, mut session) = bound_link(&smsc, &keeper, |_| {}).await;
    let sent = submit(&link, message("m", &"a".repeat(161), Class::Bulk)).await;
    let (first, one) = session.submission().await;
    let (second, two) = session.submission().await;
    for submitted in [&one, &two] {
        assert_eq!(u8::from(submitted.esm_class), 0x40);
        assert_eq!(u8::from(submitted.registered_delivery), 1);
        assert_eq!(submitted.destination_addr.as_str(), "48600100200");
        let validity = submitted.validity_period.as_str();
        assert!(["000000000500000R", "000000000459000R"].contains(&validity), "{validity}");
    }
    let (head, tail) = (&one.short_message().as_ref()[..6], &two.short_message().as_ref()[..6]);
    assert_eq!((head[..3].to_vec(), head[4..].to_vec()), (vec![5, 0, 3], vec![2, 1]));
    assert_eq!((tail[3], tail[4..].to_vec()), (head[3], vec![2, 2]));
    // Answers may come in any order.
    session.take(second, "id-2").await;
    session.take(first, "id-1").await;
    let outcome = outcome(sent).await;
    assert_eq!(outcome.parts, [accepted("id-1"), accepted("id-2")]);
    assert_eq!((outcome.verdict(), outcome.link.as_ref()), (Verdict::Accepted, Some(link.name())));
    assert_eq!(outcome.ids().map(|(part, id)| (part, id.as_str())).collect::<Vec<_>>(), [(0, "id-1"), (1, "id-2")]);
}

#[tokio::test]
async fn the_window_is_kept_and_its_last_place_is_left_to_a_code() {
    let (smsc, keeper) = (Smsc::listen().await, Keeper::default());
    let (link, mut session) = bound_link(&smsc, &keeper, |_| {}).await;
    let mut bulk = Vec::new();
    for number in 0..6 {
        bulk.push(submit(&link, message(&number.to_string(), "a", Class::Bulk)).await);
    }
    let mut open = Vec::new();
    for _ in 0..3 {
        open.push(session.submission().await.0);
    }
    assert_eq!(session.next_within(Duration::from_millis(100)).await, None);
    let codes =
        [submit(&link, message("c", "1", Class::Code)).await, submit(&link, message("d", "2", Class::Code)).await];
    let (code, submitted) = session.submission().await;
    assert_eq!(submitted.short_message().as_ref(), b"1");
    assert_eq!(session.next_within(Duration::from_millis(100)).await, None);
    assert_eq!(link.state().in_flight, 4);
    // The next place goes to the other code, though bulk has waited longer.
    session.take(code, "c").await;
    let (code, submitted) = session.submission().await;
    assert_eq!(submitted.short_message().as_ref(), b"2");
    session.take(code, "d").await;
    for code in codes {
        assert_eq!(outcome(code).await.verdict(), Verdict::Accepted);
    }
    for sequence in open {
        session.take(sequence, "b").await;
    }
    for _ in 0..3 {
        let (sequence, _) = session.submission().await;
        session.take(sequence, "b").await;
    }
    for sent in bulk {
        assert_eq!(outcome(sent).await.verdict(), Verdict::Accepted);
    }
}

#[tokio::test]
async fn too_fast_slows_the_link_and_the_same_part_goes_again() {
    for status in [0x58, 0x14] {
        let (smsc, keeper) = (Smsc::listen().await, Keeper::default());
        let (link, mut session) = bound_link(&smsc, &keeper, |_| {}).await;
        let sent = submit(&link, message("m", "a", Class::Bulk)).await;
        let (sequence, first) = session.submission().await;
        session.refuse(sequence, status).await;
        let refused = Instant::now();
        let (sequence, second) = session.submission().await;
        assert!(refused.elapsed() >= Duration::from_millis(200), "{:?}", refused.elapsed());
        assert_eq!(first.short_message(), second.short_message());
        assert!((450..950).contains(&link.state().pace), "{}", link.state().pace);
        session.take(sequence, "7").await;
        assert_eq!(outcome(sent).await.parts, [accepted("7")]);
        assert_eq!((link.state().counters.too_fast, link.state().counters.refused), (1, 0));
    }
}

#[tokio::test]
async fn a_refusal_says_whose_fault_it_is() {
    let (smsc, keeper) = (Smsc::listen().await, Keeper::default());
    let (link, mut session) = bound_link(&smsc, &keeper, |_| {}).await;
    for (status, failure) in [
        (0x0B, Failure::Permanent),
        (0x08, Failure::Temporary),
        (0x43, Failure::Technical),
        (0x0400, Failure::Technical),
    ] {
        let sent = submit(&link, message("m", "a", Class::Code)).await;
        let (sequence, _) = session.submission().await;
        session.refuse(sequence, status).await;
        assert_eq!(outcome(sent).await.parts, [PartOutcome::Refused { status, failure }], "{status:#x}");
    }
    // A PDU the SMSC did not understand is refused as well, even "without error".
    let sent = submit(&link, message("m", "a", Class::Code)).await;
    let (sequence, _) = session.submission().await;
    session.send(Pdu::GenericNack, 0, sequence).await;
    assert_eq!(outcome(sent).await.parts, [PartOutcome::Refused { status: 0, failure: Failure::Technical }]);
}

#[tokio::test]
async fn a_connection_lost_before_the_answer_leaves_the_message_unknown_and_unsent_again() {
    let (smsc, keeper) = (Smsc::listen().await, Keeper::default());
    let (link, mut session) = bound_link(&smsc, &keeper, |c| c.window = NonZeroU16::MIN).await;
    let lost = submit(&link, message("lost", "lost", Class::Bulk)).await;
    let waits = submit(&link, message("waits", "waits", Class::Bulk)).await;
    session.submission().await;
    drop(session);
    assert_eq!(outcome(lost).await.verdict(), Verdict::Unknown);
    let mut session = smsc.bound().await;
    let (sequence, submitted) = session.submission().await;
    assert_eq!(submitted.short_message().as_ref(), b"waits");
    session.take(sequence, "w").await;
    assert_eq!(outcome(waits).await.parts, [accepted("w")]);
    assert_eq!(session.next_within(Duration::from_millis(100)).await, None);
    assert_eq!(link.state().counters.unknown, 1);
}

#[tokio::test]
async fn an_answer_that_comes_too_late_is_handed_to_the_handler() {
    let (smsc, keeper) = (Smsc::listen().await, Keeper::default());
    let (link, mut session) = bound_link(&smsc, &keeper, |c| c.response_time = Duration::from_millis(100)).await;
    let sent = submit(&link, message("m-1", "a", Class::Code)).await;
    let (sequence, _) = session.submission().await;
    assert_eq!(outcome(sent).await.verdict(), Verdict::Unknown);
    session.take(sequence, "77").await;
    let late = Incoming::Late { tag: "m-1".to_owned(), part: 0, outcome: accepted("77") };
    assert_eq!(keeper.wait_for(1).await, [late]);
    // Once: the same answer again is to nothing we asked.
    session.take(sequence, "77").await;
    soon(async {
        while link.state().counters.stray == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
    assert_eq!(link.state().counters.late, 1);
}

#[tokio::test]
async fn after_a_whole_window_without_an_answer_nothing_more_is_risked() {
    let (smsc, keeper) = (Smsc::listen().await, Keeper::default());
    let (link, mut session) = bound_link(&smsc, &keeper, |c| c.response_time = Duration::from_millis(500)).await;
    let mut sent = Vec::new();
    for number in 0..8 {
        sent.push(submit(&link, message(&number.to_string(), "a", Class::Code)).await);
    }
    assert!(session.hung_up().await);
    let mut session = smsc.bound().await;
    let mut unknown = 0;
    for _ in 0..4 {
        let (sequence, _) = session.submission().await;
        session.take(sequence, "x").await;
    }
    for task in sent {
        unknown += usize::from(outcome(task).await.verdict() == Verdict::Unknown);
    }
    assert_eq!(unknown, 4);
}

#[tokio::test]
async fn a_delivery_is_answered_once_it_is_kept_and_sent_again_when_it_was_not() {
    let keeper = Keeper { dawdles: Duration::from_millis(150), ..Keeper::default() };
    *keeper.failures.lock().unwrap() = 1;
    let smsc = Smsc::listen().await;
    let (link, mut session) = bound_link(&smsc, &keeper, |_| {}).await;
    session.receipt(11, "id:1 stat:DELIVRD").await;
    assert_eq!(session.next_within(Duration::from_millis(75)).await, None);
    let answer = session.next().await;
    assert_eq!((answer.id(), answer.sequence_number()), (CommandId::DeliverSmResp, 11));
    assert_eq!((u32::from(answer.status()), keeper.kept().len()), (0x08, 0));
    session.receipt(12, "id:1 stat:DELIVRD").await;
    let answer = session.next().await;
    assert_eq!((u32::from(answer.status()), answer.sequence_number(), keeper.kept().len()), (0, 12, 1));
    assert_eq!((link.state().counters.kept, link.state().counters.not_kept), (1, 1));
}

#[tokio::test]
async fn a_handler_that_takes_too_long_has_not_kept_it() {
    let keeper = Keeper { dawdles: Duration::from_secs(60), ..Keeper::default() };
    let smsc = Smsc::listen().await;
    let (_link, mut session) = bound_link(&smsc, &keeper, |c| c.handler_time = Duration::from_millis(50)).await;
    session.receipt(11, "id:1 stat:DELIVRD").await;
    assert_eq!(u32::from(session.next().await.status()), 0x08);
}

#[tokio::test]
async fn a_slow_handler_holds_up_neither_answers_nor_messages() {
    let keeper = Keeper { dawdles: Duration::from_secs(9), ..Keeper::default() };
    let smsc = Smsc::listen().await;
    let (link, mut session) = bound_link(&smsc, &keeper, |_| {}).await;
    for sequence in 0..20 {
        session.receipt(sequence, "id:1 stat:DELIVRD").await;
    }
    let sent = submit(&link, message("m", "a", Class::Code)).await;
    let (sequence, _) = session.submission().await;
    session.take(sequence, "7").await;
    let outcome = tokio::time::timeout(Duration::from_secs(5), outcome(sent)).await.unwrap();
    assert_eq!(outcome.verdict(), Verdict::Accepted);
}

#[tokio::test]
async fn a_receipt_before_the_answer_and_one_doubled_reach_the_handler() {
    let (smsc, keeper) = (Smsc::listen().await, Keeper::default());
    let (link, mut session) = bound_link(&smsc, &keeper, |_| {}).await;
    let sent = submit(&link, message("m", "a", Class::Code)).await;
    let (sequence, _) = session.submission().await;
    session.receipt(1, "id:0000002587 stat:DELIVRD").await;
    session.receipt(2, "id:0000002587 stat:DELIVRD").await;
    let kept = keeper.wait_for(2).await;
    session.take(sequence, "0A1B").await;
    let outcome = outcome(sent).await;
    let (_, id) = outcome.ids().next().unwrap();
    for incoming in kept {
        let Incoming::Receipt(receipt) = incoming else { panic!("{incoming:?}") };
        assert_eq!(receipt.state, MessageState::Delivered);
        assert!(receipt.id.likeness(id).is_some());
        assert!(receipt.id.keys().intersection(&id.keys()).next().is_some());
    }
}

#[tokio::test]
async fn both_sides_ask_whether_the_other_is_there() {
    let (smsc, keeper) = (Smsc::listen().await, Keeper::default());
    let (link, mut session) = bound_link(&smsc, &keeper, |c| {
        c.enquire_every = Duration::from_secs(1);
        c.enquire_time = Duration::from_secs(5);
    })
    .await;
    session.send(Pdu::EnquireLink, 0, 99).await;
    let answer = session.next().await;
    assert_eq!((answer.id(), answer.sequence_number()), (CommandId::EnquireLinkResp, 99));
    for _ in 0..3 {
        let enquiry = session.next().await;
        assert_eq!(enquiry.id(), CommandId::EnquireLink);
        session.send(Pdu::EnquireLinkResp, 0, enquiry.sequence_number()).await;
    }
    assert!(link.state().phase.is_bound());
    // Silence now.
    assert_eq!(session.next().await.id(), CommandId::EnquireLink);
    assert!(session.hung_up().await);
    drop(smsc.bound().await);
}

#[tokio::test]
async fn when_the_smsc_unbinds_it_may_first_answer_what_it_owes() {
    let (smsc, keeper) = (Smsc::listen().await, Keeper::default());
    let (link, mut session) = bound_link(&smsc, &keeper, |_| {}).await;
    let sent = submit(&link, message("m", "a", Class::Code)).await;
    let (sequence, _) = session.submission().await;
    session.send(Pdu::Unbind, 0, 5).await;
    // Read after it, so that its answer says that the unbind has been read.
    session.send(Pdu::EnquireLink, 0, 6).await;
    assert_eq!(session.next().await.id(), CommandId::EnquireLinkResp);
    let waits = submit(&link, message("n", "b", Class::Code)).await;
    assert_eq!(session.next_within(Duration::from_millis(100)).await, None);
    session.take(sequence, "7").await;
    assert_eq!(outcome(sent).await.parts, [accepted("7")]);
    let answer = session.next().await;
    assert_eq!((answer.id(), answer.sequence_number()), (CommandId::UnbindResp, 5));
    assert!(session.hung_up().await);
    let mut session = smsc.bound().await;
    let (sequence, _) = session.submission().await;
    session.take(sequence, "8").await;
    assert_eq!(outcome(waits).await.parts, [accepted("8")]);
}

#[tokio::test]
async fn stopping_finishes_what_has_begun_hands_back_the_rest_and_unbinds() {
    let (smsc, keeper) = (Smsc::listen().await, Keeper::default());
    let (link, mut session) = bound_link(&smsc, &keeper, |c| c.window = NonZeroU16::MIN).await;
    let begun = submit(&link, message("begun", &"a".repeat(161), Class::Bulk)).await;
    let untouched = submit(&link, message("untouched", "b", Class::Code)).await;
    let (first, _) = session.submission().await;
    let stopping = tokio::spawn({
        let link = link.clone();
        async move { link.stop().await }
    });
    assert_eq!(outcome(untouched).await.verdict(), Verdict::NotSent);
    session.take(first, "1").await;
    let (second, _) = session.submission().await;
    session.take(second, "2").await;
    assert_eq!(outcome(begun).await.parts, [accepted("1"), accepted("2")]);
    let unbind = session.next().await;
    assert_eq!(unbind.id(), CommandId::Unbind);
    session.send(Pdu::UnbindResp, 0, unbind.sequence_number()).await;
    soon(stopping).await.unwrap();
    assert_eq!(link.state().phase, Phase::Stopped);
    let after = link.submit(message("after", "c", Class::Code)).await;
    assert_eq!(after.verdict(), Verdict::NotSent);
}

#[tokio::test]
async fn a_refused_bind_is_shown_and_tried_again_after_growing_pauses() {
    let (smsc, keeper) = (Smsc::listen().await, Keeper::default());
    let link = Link::start(config(smsc.port), SystemClock::shared(), keeper).unwrap();
    let mut times = Vec::new();
    for _ in 0..4 {
        let mut session = smsc.accept().await;
        times.push(Instant::now());
        let bind = session.next().await;
        session.answer_bind(&bind, 0x0E).await;
        assert!(session.hung_up().await);
    }
    soon(async {
        while !matches!(link.state().phase, Phase::Refused { reason: ConnectError::Refused { status: 0x0E }, .. }) {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    })
    .await;
    // 20, 40 and 80 ms, each cut by a half at most.
    let pauses: Vec<Duration> = times.windows(2).map(|two| two[1] - two[0]).collect();
    assert!(pauses[0] >= Duration::from_millis(9) && pauses[2] >= Duration::from_millis(38), "{pauses:?}");
    let _session = smsc.bound().await;
    soon(link.bound()).await;
}

#[tokio::test]
async fn a_transmitter_and_a_receiver_make_one_link() {
    let (smsc, keeper) = (Smsc::listen().await, Keeper::default());
    let mut config = config(smsc.port);
    config.mode = BindMode::TransmitterAndReceiver;
    let link = Link::start(config, SystemClock::shared(), keeper.clone()).unwrap();
    let (mut transmitter, mut receiver) = (None, None);
    for _ in 0..2 {
        let mut session = smsc.accept().await;
        let bind = session.next().await;
        session.answer_bind(&bind, 0).await;
        match bind.id() {
            CommandId::BindTransmitter => transmitter = Some(session),
            CommandId::BindReceiver => receiver = Some(session),
            other => panic!("{other:?}"),
        }
    }
    let (mut transmitter, mut receiver) = (transmitter.unwrap(), receiver.unwrap());
    let sent = submit(&link, message("m", "a", Class::Code)).await;
    let (sequence, _) = transmitter.submission().await;
    receiver.receipt(3, "id:7 stat:DELIVRD").await;
    assert_eq!(receiver.next().await.sequence_number(), 3);
    transmitter.take(sequence, "7").await;
    assert_eq!(outcome(sent).await.parts, [accepted("7")]);
    assert_eq!(keeper.kept().len(), 1);
    // Either is kept bound on its own.
    drop(receiver);
    let mut again = smsc.accept().await;
    let bind = again.next().await;
    assert_eq!(bind.id(), CommandId::BindReceiver);
    again.answer_bind(&bind, 0).await;
    assert!(link.state().phase.is_bound());
}

#[tokio::test]
async fn a_message_expires_while_the_link_is_down() {
    let smsc = Smsc::listen().await;
    let link = Link::start(config(smsc.port), SystemClock::shared(), Keeper::default()).unwrap();
    let mut short = message("m", "a", Class::Code);
    short.expires = SystemClock.now() + Duration::from_millis(200);
    let outcome = soon(link.submit(short)).await;
    assert_eq!((outcome.verdict(), outcome.waited), (Verdict::Expired, None));
}

#[tokio::test]
async fn an_smsc_that_forgot_the_bind_is_bound_again_and_the_message_goes_again() {
    let (smsc, keeper) = (Smsc::listen().await, Keeper::default());
    let (link, mut session) = bound_link(&smsc, &keeper, |_| {}).await;
    let sent = submit(&link, message("m", "a", Class::Code)).await;
    let (sequence, _) = session.submission().await;
    session.refuse(sequence, 0x04).await;
    assert!(session.hung_up().await);
    assert!(!matches!(link.state().phase, Phase::Ended { ending: Ending::Lost, .. }));
    let mut session = smsc.bound().await;
    let (sequence, _) = session.submission().await;
    session.take(sequence, "7").await;
    assert_eq!(outcome(sent).await.parts, [accepted("7")]);
}

#[tokio::test]
async fn parts_and_not_messages_are_paced() {
    let (smsc, keeper) = (Smsc::listen().await, Keeper::default());
    let (link, mut session) = bound_link(&smsc, &keeper, |c| {
        c.rate = NonZeroU32::new(50).unwrap();
        c.window = NonZeroU16::new(100).unwrap();
    })
    .await;
    let mut sent = Vec::new();
    let start = Instant::now();
    for number in 0..10 {
        sent.push(submit(&link, message(&number.to_string(), &"a".repeat(400), Class::Bulk)).await);
    }
    for _ in 0..30 {
        let (sequence, _) = session.submission().await;
        session.take(sequence, "x").await;
    }
    // 30 parts at 50 a second, the first at once. That the rate is also used is tested where the clock is not the machine's.
    let taken = start.elapsed();
    assert!(taken >= Duration::from_millis(570), "{taken:?}");
    for task in sent {
        assert_eq!(outcome(task).await.verdict(), Verdict::Accepted);
    }
}

#[tokio::test]
async fn a_code_takes_the_next_slot_however_much_bulk_there_is() {
    let (smsc, keeper) = (Smsc::listen().await, Keeper::default());
    let (link, mut session) = bound_link(&smsc, &keeper, |c| c.rate = NonZeroU32::new(200).unwrap()).await;
    let order = Arc::new(Mutex::new(Vec::new()));
    let submitted = order.clone();
    let answering = tokio::spawn(async move {
        loop {
            let (sequence, submit) = session.submission().await;
            submitted.lock().unwrap().push(submit.short_message().as_ref().to_vec());
            session.take(sequence, "x").await;
        }
    });
    let mut bulk = Vec::new();
    for number in 0..500 {
        bulk.push(submit(&link, message(&number.to_string(), "a", Class::Bulk)).await);
    }
    for number in 0..20 {
        let code = format!("code {number}");
        // Nothing is written between this and the hand-over: there is one thread, and it does not wait in between.
        let before = usize::try_from(link.state().counters.written).unwrap();
        let outcome = soon(link.submit(message("code", &code, Class::Code))).await;
        assert!(outcome.waited.is_some());
        assert_eq!(order.lock().unwrap().get(before).unwrap(), code.as_bytes());
    }
    assert!(link.state().bulk_waiting > 100);
    answering.abort();
}

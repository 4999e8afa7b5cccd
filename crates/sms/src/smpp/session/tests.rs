use std::time::Duration;

use straznica_types::{Clock, Secret, SystemClock};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::oneshot::Receiver;

use super::*;
use crate::smpp::config::{Account, LinkConfig, LinkName};
use crate::smpp::desk::{Patience, Settled};
use crate::smpp::message::{Message, Recipient, Sender};
use crate::text::{ReferenceWidth, parts};

struct Nobody;

impl Handler for Nobody {
    async fn keep(&self, _: &LinkName, _: Incoming) -> Result<(), NotKept> {
        Err(NotKept)
    }
}

fn shared() -> Shared {
    let account = Account { system_id: "x".to_owned(), password: Secret::default(), system_type: String::new() };
    let mut config = LinkConfig::new(LinkName::new("x").unwrap(), "127.0.0.1", 1, account);
    config.rate = std::num::NonZeroU32::new(100_000).unwrap();
    Shared::new(config, SystemClock::shared())
}

fn add(shared: &Shared, tag: &str) -> Receiver<Settled> {
    let parts = parts("a", ReferenceWidth::Eight).unwrap();
    let encoded = parts.encode(0);
    let message = Message {
        tag: tag.to_owned(),
        to: Recipient::new("48600100200").unwrap(),
        from: Sender::name("x").unwrap(),
        parts,
        class: Class::Bulk,
        expires: SystemClock.now() + Duration::from_secs(300),
    };
    shared.desk().add(message, encoded, Patience::ToTheEnd, Instant::now())
}

/// In octets; all are alike.
fn size_of_a_part() -> usize {
    let shared = shared();
    let _told = add(&shared, "a");
    let mut desk = shared.desk();
    let due = desk.next(true, SystemClock.now(), Instant::now()).unwrap();
    let mut out = BytesMut::new();
    let submit = pdu::submit(due.message, due.part, &shared.config, SystemClock.now());
    pdu::write(submit.into(), pdu::OK, 1, &mut out);
    out.len()
}

/// Runs a session on a wire that holds so many octets and is read from as far as `read` says, then breaks.
async fn broken_off(shared: &Shared, holds: usize, read: usize) {
    let (ours, mut theirs) = tokio::io::duplex(holds);
    let bound = Bound { wire: Box::new(ours), behind: BytesMut::new() };
    let mut pace = Pace::new(shared.config.rate.get(), Instant::now());
    let (_stop, mut stopped) = watch::channel(false);
    let breaking = async {
        let mut octets = vec![0; read];
        theirs.read_exact(&mut octets).await.unwrap();
        tokio::time::sleep(Duration::from_millis(20)).await;
        drop(theirs);
    };
    let running = run(bound, shared, &Nobody, Role::Transceiver, &mut pace, &mut stopped);
    let (ending, ()) = tokio::join!(running, breaking);
    assert_eq!(ending, Ending::Lost);
}

#[tokio::test]
async fn a_part_of_which_no_octet_has_left_goes_again_and_any_other_is_unknown() {
    let part = size_of_a_part();
    for (holds, unknown) in
        [(1, 1), (part - 1, 1), (part, 1), (part + 1, 2), (part * 2, 2), (part * 2 + 1, 3), (1_000, 3)]
    {
        let shared = shared();
        let mut told = [add(&shared, "a"), add(&shared, "b"), add(&shared, "c")];
        broken_off(&shared, holds, 0).await;
        let settled = told.iter_mut().filter_map(|told| told.try_recv().ok());
        let settled: Vec<_> = settled.map(|(parts, _)| parts).collect();
        assert_eq!(settled, vec![[PartOutcome::Unknown]; unknown], "a wire of {holds}");
        assert_eq!(shared.desk().waiting(Class::Bulk), 3 - unknown);
    }
}

#[tokio::test]
async fn what_goes_again_keeps_its_order() {
    let shared = shared();
    let _told = [add(&shared, "a"), add(&shared, "b"), add(&shared, "c"), add(&shared, "d")];
    broken_off(&shared, 10, 5).await;
    let order = std::iter::from_fn(|| {
        let mut desk = shared.desk();
        desk.next(true, SystemClock.now(), Instant::now()).map(|due| due.message.tag.clone())
    });
    assert_eq!(order.collect::<Vec<_>>(), ["b", "c", "d"]);
}

#[tokio::test]
async fn answers_that_came_before_the_wire_broke_count() {
    // Which is noticed first, the answer or the break, is a matter of chance.
    for _ in 0..20 {
        let shared = shared();
        let [mut first, mut second] = [add(&shared, "a"), add(&shared, "b")];
        let (ours, mut theirs) = tokio::io::duplex(size_of_a_part() + 20);
        let bound = Bound { wire: Box::new(ours), behind: BytesMut::new() };
        let mut pace = Pace::new(shared.config.rate.get(), Instant::now());
        let (_stop, mut stopped) = watch::channel(false);
        let answering = async {
            tokio::time::sleep(Duration::from_millis(2)).await;
            let answer = [&18_u32.to_be_bytes()[..], &[0x80, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 2], b"7\0"].concat();
            theirs.write_all(&answer).await.unwrap();
            drop(theirs);
        };
        let running = run(bound, &shared, &Nobody, Role::Transceiver, &mut pace, &mut stopped);
        let (ending, ()) = tokio::join!(running, answering);
        assert_eq!(ending, Ending::Lost);
        let id = crate::receipt::MessageId::new("7");
        assert_eq!(first.try_recv().unwrap().0, [PartOutcome::Accepted(id)]);
        assert_eq!(second.try_recv().unwrap().0, [PartOutcome::Unknown]);
    }
}

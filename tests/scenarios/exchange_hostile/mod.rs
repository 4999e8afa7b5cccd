//! A partner that does wrong, over the real wire, and a node that takes none of it, tells its officers what is wrong, and goes on by itself once the
//! partner mends its ways. A row is one way to do wrong, with what it has to come to; each has a partner of its own, all of them one node.

mod answers;
mod authorities;
mod crowd;
mod identity;
mod later;
mod line;
mod other_side;
mod people;

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use exchange::message::Message;
use futures::FutureExt as _;
use straznica_tests::hostile::{Hostile, House, references};
use straznica_types::Clock as _;

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(86_400);

/// When the node asks again for what it did not get.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Again {
    /// In the same breath, in another way.
    AtOnce,
    /// After so long, and not before.
    After(Duration),
    /// The same message, as often as a line is tried: after half a minute, then twice as long each time.
    AsDelivered,
}

/// What has to come of it.
#[derive(Clone, Copy, Debug)]
struct Outcome {
    /// How the request stands: `fulfilled`, `pending`, `acknowledged`, or `closed` with the cause.
    request: (&'static str, &'static str),
    /// What the subscription tells its officers; empty where nothing is wrong.
    problem: &'static str,
    /// What follows.
    again: Again,
}

/// The certificate is taken.
const TAKEN: Outcome = Outcome { request: ("fulfilled", ""), problem: "", again: Again::AtOnce };

/// What came is no answer: refused here, for this reason.
const fn refused(problem: &'static str) -> Outcome {
    Outcome { request: ("closed", "answer_refused"), problem, again: Again::After(DAY) }
}

/// Two letters for a row's partner.
fn letters(row: usize) -> String {
    let letter = |number: usize| char::from(b'A' + u8::try_from(number % 26).unwrap());
    // none of them is Poland, and none the state strangers claim to be
    format!("{}{}", letter(row / 26), letter(row))
}

/// Holds what became of the newest request against the row, then sees the partner mend its ways and the node obtain its certificate by itself, with
/// nothing wrong ever in a chain and no reference used twice.
async fn comes_to(house: &House, hostile: &Hostile, name: &str, outcome: Outcome) {
    let subscription = house.subscription(hostile).await;
    let renewals = house.renewals(hostile).await;
    let letters = house.letters(hostile).await;
    let seen = format!("{name}: {subscription:#?} {renewals:#?} {letters:#?}");
    assert_eq!((renewals[0].state.as_str(), renewals[0].cause.as_str()), outcome.request, "{seen}");
    match outcome.problem {
        "" => assert_eq!(subscription.problem, "", "{seen}"),
        told => assert!(subscription.problem.contains(told), "{told:?} in {seen}"),
    }
    let root = hostile.root();
    if outcome.problem.is_empty() && outcome.request.0 == "fulfilled" {
        hostile.mend();
        obtained(house, hostile, name).await;
        return;
    }
    assert_eq!(subscription.dv_chr, "", "{seen}");
    assert_eq!(house.chain(&root).await, None, "{name}");

    hostile.mend();
    let asked = requests(hostile);
    match outcome.again {
        Again::AtOnce => {}
        Again::AsDelivered => {
            let pending = letters.iter().find(|letter| letter.state == "pending").expect(&seen);
            let pause = u64::try_from(pending.next_attempt_at_ms - house.clock.now().millis()).expect(&seen);
            assert!((24_000..=36_000).contains(&pause), "{name}: {pause} ms");
            house.pass(Duration::from_millis(pause));
        }
        Again::After(pause) => {
            house.pass(pause - MINUTE);
            house.turn().await;
            assert_eq!(requests(hostile).len(), asked.len(), "{name}: nothing is asked before {pause:?} are over");
            house.pass(2 * MINUTE);
        }
    }
    house.turn().await;
    obtained(house, hostile, name).await;
}

/// The node holds a certificate of the partner's that opens documents, has nothing to complain of, and used no reference twice.
async fn obtained(house: &House, hostile: &Hostile, name: &str) {
    let subscription = house.subscription(hostile).await;
    let renewals = house.renewals(hostile).await;
    assert_eq!(renewals[0].state, "fulfilled", "{name}: {renewals:#?} {:#?}", house.letters(hostile).await);
    assert_eq!((subscription.dv_chr.as_str(), subscription.problem.as_str()), (renewals[0].chr.as_str(), ""), "{name}");
    assert!(house.chain(&hostile.root()).await.is_some(), "{name}: a chain to open documents with");
    let mut used = references(&renewals);
    used.dedup();
    assert_eq!(used.len(), renewals.len(), "{name}: a reference was used again");
    for (id, request) in requests(hostile) {
        let under_the_id = requests(hostile).into_iter().filter(|(other, _)| *other == id);
        assert!(under_the_id.into_iter().all(|(_, other)| other == request), "{name}: {id} changed on repetition");
    }
    house.part_from(hostile).await;
}

/// Rows that failed: the others are run all the same.
#[derive(Debug, Default)]
struct Failed(Vec<&'static str>);

impl Failed {
    /// Runs a row.
    async fn row(&mut self, name: &'static str, row: impl Future<Output = ()>) {
        if AssertUnwindSafe(row).catch_unwind().await.is_err() {
            self.0.push(name);
        }
    }

    /// None did.
    fn are_none(self) {
        assert_eq!(self.0, [""; 0], "rows failed");
    }
}

/// Whether the partner is met over SOAP: there an edition has words of its own, and not all of them.
fn is_soap(hostile: &Hostile) -> bool {
    hostile.station.url().ends_with("/SPOC")
}

/// Certificate requests the partner got, with their message ids.
fn requests(hostile: &Hostile) -> Vec<(String, Vec<u8>)> {
    let heard = hostile.station.heard();
    let requests = heard.iter().filter_map(|message| match message {
        Message::RequestCertificate(message) => Some((message.message_id.clone(), message.certificate_request.clone())),
        _ => None,
    });
    requests.collect()
}

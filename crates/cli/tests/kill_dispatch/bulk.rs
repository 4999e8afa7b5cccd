//! SIGKILL amid a bulk notice whose messages are of two parts each, once for every place of a message's way: at each kill some wait, some are under way, some have been
//! accepted, delivered or refused. Afterwards no part has gone out twice, nobody is forgotten, and only what was under way at a kill may be unknown.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;
use straznica_store::Engine;
use straznica_testkit::MessageCentre;
use tokio::time::{Instant, sleep};

use super::node::{self, LOOK, Node, PATIENCE};

/// Where it is killed, each time at the twelfth arrival since the start: the others went on.
const PLACES: [&str; 5] = [
    "dispatch.message.claimed:12",
    "dispatch.message.answered:12",
    "dispatch.message.recorded:12",
    "dispatch.receipt.arrived:12",
    "dispatch.receipt.kept:12",
];

/// What the message centre does with first parts, in turns, and how a message ends with which that is done.
const WORDS: [(&str, &str); 6] = [
    ("plain", "delivered"),
    ("silent", "accepted"),
    ("early", "delivered"),
    ("nobody", "failed_permanent"),
    ("doubled", "delivered"),
    ("late", "delivered"),
];
const RECIPIENTS: usize = 240;

/// Whether a message may stay in this state.
fn is_well(state: &str, end: &str, was_under_way: bool) -> bool {
    state == end || (was_under_way && state == "unknown")
}

async fn survive(engine: Engine) {
    let Some(centre) = MessageCentre::start(&json!({})) else { return };
    let Some(mut node) = Node::prepare(engine, centre.port()).await else { return };
    let end_of = |reference: &str| {
        let number: usize = reference.trim_start_matches("n-").parse().unwrap();
        WORDS[number % WORDS.len()].1
    };
    let mut seen = BTreeSet::new();
    let mut under_way = BTreeSet::new();
    node.start(None).await;
    let notice = node.prepare_notice(&WORDS.map(|(word, _)| word), RECIPIENTS).await;
    for (place, first) in PLACES.into_iter().zip([true, false, false, false, false]) {
        let mark = node.start(Some(place)).await;
        if first {
            node.begin_notice(&notice).await;
        }
        node::reached(&mark).await;
        node.kill();
        let states = node.recipients().await;
        println!("{engine:?}: killed at {place}: {:?}", counts(&states));
        for (reference, state) in states {
            if state == "submitted" {
                under_way.insert(reference);
            }
            seen.insert(state);
        }
    }
    for state in ["queued", "submitted", "accepted", "delivered", "failed_permanent"] {
        assert!(seen.contains(state), "no message was {state} at any kill: {seen:?}");
    }

    node.start(None).await;
    let until = Instant::now() + PATIENCE;
    let states = loop {
        let states = node.recipients().await;
        let ill = |(reference, state): &(&String, &String)| {
            !is_well(state, end_of(reference), under_way.contains(*reference))
        };
        let ill: Vec<_> = states.iter().filter(ill).collect();
        if ill.is_empty() {
            break states;
        }
        assert!(Instant::now() < until, "{ill:?}; under way were {under_way:?}: {}", node.log());
        sleep(LOOK).await;
    };
    println!("{engine:?}: in the end {:?}", counts(&states));
    node.kill();
    assert_eq!(states.len(), RECIPIENTS, "nobody is forgotten");
    let submissions = centre.submissions();
    let twice: Vec<_> = submissions.iter().filter(|(_, times)| **times != 1).collect();
    assert!(twice.is_empty(), "{twice:?}");
    assert!(states.values().any(|state| state == "unknown"), "what was marked and not handed over");
    for (reference, state) in &states {
        let parts = submissions.keys().filter(|text| text.contains(reference.as_str())).count();
        match state.as_str() {
            "delivered" | "accepted" => assert_eq!(parts, 2, "{reference} {state}"),
            "failed_permanent" => assert!(parts >= 1, "{reference} {state}"),
            _ => assert!(parts <= 2, "{reference} {state}"),
        }
    }
    assert!(node.journal_is_sound());
}

fn counts(states: &BTreeMap<String, String>) -> BTreeMap<&str, usize> {
    let mut counts = BTreeMap::new();
    for state in states.values() {
        *counts.entry(state.as_str()).or_default() += 1;
    }
    counts
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whenever_dispatch_dies_amid_a_notice_no_part_goes_out_twice_and_nobody_is_forgotten() {
    survive(Engine::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_amid_a_notice_on_a_server() {
    survive(Engine::Postgres).await;
}

//! SIGKILL at every named place of a message's way: afterwards no text has gone out twice, none is lost without a word, and what nobody can know is called
//! unknown. The message centre is npm `smpp`, short-lived state is in Redis, which outlives the node as it does in production.
#![expect(clippy::print_stdout, reason = "kills, shown where one fails")]

mod bulk;
mod node;
mod prompts;

use std::collections::BTreeMap;

use serde_json::json;
use straznica_store::Engine;
use straznica_testkit::MessageCentre;

use node::Node;

/// What is expected of a message that was under way when the process was killed.
struct Kill {
    /// Where it was killed.
    place: &'static str,
    /// The message's state before.
    before: &'static str,
    /// And after the restart.
    state: &'static str,
    /// How often the message centre has seen its text.
    submitted: usize,
    /// Whether a receipt is left that belongs to nothing.
    parked: bool,
}

/// Here only what goes by way of the queue is under way.
const QUEUED: &str = "dispatch.outbox.looked";

const KILLS: [Kill; 6] = [
    // Nothing was claimed of what is sent again: it goes out after the restart.
    Kill { place: QUEUED, before: "queued", state: "delivered", submitted: 2, parked: false },
    // Marked, and not handed over: nobody can tell, so it is not handed over again.
    Kill { place: "dispatch.message.claimed", before: "submitted", state: "unknown", submitted: 0, parked: false },
    // The operator's answer died with the process, and its receipt finds no part.
    Kill { place: "dispatch.message.answered", before: "submitted", state: "unknown", submitted: 1, parked: true },
    Kill { place: "dispatch.message.recorded", before: "delivered", state: "delivered", submitted: 1, parked: false },
    // Not answered for: the message centre says it again.
    Kill { place: "dispatch.receipt.arrived", before: "accepted", state: "delivered", submitted: 1, parked: false },
    // Answered for or not, it is said once more, and changes nothing.
    Kill { place: "dispatch.receipt.kept", before: "delivered", state: "delivered", submitted: 1, parked: false },
];

async fn survive(engine: Engine) {
    let Some(centre) = MessageCentre::start(&json!({})) else { return };
    let Some(mut node) = Node::prepare(engine, centre.port()).await else { return };
    let mut expected = BTreeMap::new();
    let mut parked = 0;
    for kill in &KILLS {
        println!("{engine:?}: killed at {}", kill.place);
        // What was settled before the kill, and what an operator was still to tell.
        node.start(None).await;
        let silent = node.order("silent").await;
        node.becomes(&silent.transaction, "accepted").await;
        let over = node.order("plain").await;
        node.becomes(&over.transaction, "delivered").await;

        let mark = node.start(Some(kill.place)).await;
        let under_way = node.order("plain").await;
        node::reached(&mark).await;
        if kill.place == QUEUED {
            node.becomes(&under_way.transaction, "delivered").await;
            node.order_again(&under_way).await;
        }
        node.becomes(&under_way.transaction, kill.before).await;
        node.start(None).await;
        node.becomes(&under_way.transaction, kill.state).await;
        let after = node.order("early").await;
        node.becomes(&after.transaction, "delivered").await;

        parked += usize::from(kill.parked);
        node.parked_becomes(parked).await;
        for (order, state, submitted) in [
            (silent, "accepted", 1),
            (over, "delivered", 1),
            (under_way, kill.state, kill.submitted),
            (after, "delivered", 1),
        ] {
            expected.insert(order.text_begins, submitted);
            node.becomes(&order.transaction, state).await;
        }
    }
    node.kill();
    let seen = centre.submissions();
    for (begins, submitted) in &expected {
        let times: usize = seen.iter().filter(|(text, _)| text.starts_with(begins)).map(|(_, times)| times).sum();
        assert_eq!(times, *submitted, "{begins}: {seen:?}");
    }
    assert!(node.journal_is_sound());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whenever_dispatch_dies_no_text_goes_out_twice_and_none_is_lost_without_a_word() {
    survive(Engine::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_on_a_server_where_other_replicas_may_have_the_messages() {
    survive(Engine::Postgres).await;
}

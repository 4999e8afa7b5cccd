//! SIGKILL while the citizen is asked on the phone: afterwards the phone has been asked once at most, and the text message that lies behind it has gone out once.

use serde_json::json;
use straznica_simulators::phone_operator::PhoneOperator;
use straznica_store::Engine;
use straznica_testkit::MessageCentre;

use super::node::{self, Node, PHONE};

/// Where it is killed, how many questions the phone has shown by then, and where the prompt is.
const PLACES: [(&str, usize, &str); 3] = [
    ("dispatch.prompt.claimed", 0, "asking"),
    // The provider's answer died with the process: nobody knows under which name it is to be asked.
    ("dispatch.prompt.asked", 1, "asking"),
    ("dispatch.prompt.looked", 1, "asked"),
];

async fn survive(engine: Engine) {
    let Some(centre) = MessageCentre::start(&json!({})) else { return };
    let Some(mut node) = Node::prepare(engine, centre.port()).await else { return };
    let phones = PhoneOperator::new();
    phones.connect(PHONE);
    node.ask_phones_at(&phones).await;
    for (place, questions, state) in PLACES {
        println!("{engine:?}: killed at {place}");
        let mark = node.start(Some(place)).await;
        let order = node.order_with_prompt("plain").await;
        node::reached(&mark).await;
        node.kill();
        let asked = || phones.screen(PHONE).iter().filter(|shown| shown.text.starts_with(&order.text_begins)).count();
        assert_eq!(asked(), questions, "{place}");
        node.prompt_is(&order.transaction, state).await;
        node.start(None).await;
        node.becomes(&order.transaction, "delivered").await;
        assert_eq!(asked(), questions, "{place}: nobody is asked twice");
        let submissions = centre.submissions();
        let texts: usize =
            submissions.iter().filter(|(text, _)| text.starts_with(&order.text_begins)).map(|(_, times)| times).sum();
        assert_eq!(texts, 1, "{place}: {submissions:?}");
    }
    node.kill();
    assert!(node.journal_is_sound());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whenever_dispatch_dies_while_a_phone_is_asked_it_is_not_asked_again_and_the_text_goes_out_once() {
    survive(Engine::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_of_phones_on_a_server() {
    survive(Engine::Postgres).await;
}

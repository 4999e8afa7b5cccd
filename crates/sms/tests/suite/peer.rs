//! A message centre nobody here wrote: npm `smpp`, with the faults of real ones scripted (tests/peers/smsc.js). It decodes our PDUs with a codec of its
//! own, and we its.

use std::collections::{BTreeMap, HashMap};
use std::num::{NonZeroU16, NonZeroU32};
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::ServerName;
use serde_json::{Value, json};
use sms::life::{Failure, State};
use sms::receipt::{MessageId, Resolution, resolve};
use sms::smpp::{Class, ConnectError, Incoming, Link, LinkConfig, Outcome, PartOutcome, Phase, Tls, Verdict};
use straznica_testkit::MessageCentre;
use straznica_types::SystemClock;

use crate::smsc::{Keeper, config, message, soon};

/// Waits until it has told so many of these: what it writes takes a moment to be read.
async fn wait_told(peer: &MessageCentre, event: &str, count: usize) {
    soon(async {
        while peer.told(event).len() < count {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
}

fn start(peer: &MessageCentre, keeper: &Keeper, change: impl FnOnce(&mut LinkConfig)) -> Link {
    let mut config = config(peer.port());
    config.window = NonZeroU16::new(20).unwrap();
    change(&mut config);
    Link::start(config, SystemClock::shared(), keeper.clone()).unwrap()
}

/// Does what a service does with outcomes and receipts: ids stored by their keys, receipts looked up by theirs, those that come first parked.
#[derive(Default)]
struct Book {
    states: BTreeMap<String, State>,
    by_key: HashMap<String, Vec<(MessageId, String)>>,
}

impl Book {
    fn outcome(&mut self, text: &str, outcome: &Outcome) {
        self.states.insert(text.to_owned(), State::Submitted.after(outcome.state().unwrap()));
        for (_, id) in outcome.ids() {
            for key in id.keys() {
                self.by_key.entry(key).or_default().push((id.clone(), text.to_owned()));
            }
        }
    }

    fn receipts(&mut self, kept: &[Incoming]) {
        for incoming in kept {
            let Incoming::Receipt(receipt) = incoming else { continue };
            let candidates = receipt.id.keys().into_iter().filter_map(|key| self.by_key.get(&key)).flatten().cloned();
            let mut candidates: Vec<_> = candidates.collect();
            candidates.sort();
            candidates.dedup();
            if let Resolution::One(text) = resolve(&receipt.id, candidates) {
                let state = self.states.get_mut(&text).unwrap();
                *state = state.after(receipt.state.state());
            }
        }
    }
}

#[tokio::test]
async fn whatever_the_smsc_does_every_message_ends_as_it_should() {
    let Some(peer) = MessageCentre::start(&json!({})) else { return };
    let keeper = Keeper::default();
    // The first three deliveries are not kept, and have to come again.
    *keeper.failures.lock().unwrap() = 3;
    let link = start(&peer, &keeper, |c| c.response_time = Duration::from_secs(4));
    soon(link.bound()).await;
    let expected = [
        ("plain", State::Delivered),
        ("throttled", State::Delivered),
        ("full", State::Delivered),
        ("lost", State::Unknown),
        ("early", State::Delivered),
        ("late", State::Delivered),
        ("doubled", State::Delivered),
        ("hexdec", State::Delivered),
        ("dechex", State::Delivered),
        ("undeliv", State::Failed(Failure::Permanent)),
        ("rejected", State::Failed(Failure::Permanent)),
        ("nobody", State::Failed(Failure::Permanent)),
        ("sick", State::Failed(Failure::Temporary)),
        ("silent", State::Accepted),
    ];
    let messages = expected.map(|(word, _)| (word, link.submit(message(word, &format!("{word} kod"), Class::Bulk))));
    let (words, submitting): (Vec<_>, Vec<_>) = messages.into_iter().unzip();
    let outcomes = soon(futures::future::join_all(submitting)).await;
    // Ten receipts, two of them doubles, and that of the lost answer.
    keeper.wait_for(13).await;
    let mut book = Book::default();
    for (word, outcome) in words.iter().zip(&outcomes) {
        book.outcome(word, outcome);
    }
    book.receipts(&keeper.kept());
    for (word, state) in expected {
        assert_eq!(book.states[word], state, "{word}");
    }
    wait_told(&peer, "submit", expected.len() + 2).await;
    for (text, times) in peer.submissions() {
        let twice = ["throttled kod", "full kod"].contains(&text.as_str());
        assert_eq!(times, if twice { 2 } else { 1 }, "{text}");
    }
    wait_told(&peer, "receipt-answered", 16).await;
    let refused = peer.told("receipt-answered").iter().filter(|told| told["status"] == 8).count();
    assert_eq!(refused, 3);
    soon(link.stop()).await;
    wait_told(&peer, "unbind", 1).await;
}

#[tokio::test]
async fn its_codec_reads_what_ours_writes() {
    let Some(peer) = MessageCentre::start(&json!({})) else { return };
    let keeper = Keeper::default();
    let link = start(&peer, &keeper, |_| {});
    let long = "plain ".to_owned() + &"ż".repeat(100);
    let texts = [
        "plain {[€~^|\\]} @$£_ Ąć? nie: ąć".replace("Ąć? nie: ąć", "ok"),
        "plain zażółć gęślą 😀 жґ".to_owned(),
        long.clone(),
    ];
    for text in &texts {
        let outcome = soon(link.submit(message("m", text, Class::Code))).await;
        assert_eq!(outcome.verdict(), Verdict::Accepted, "{text}");
    }
    wait_told(&peer, "submit", 4).await;
    let submitted = peer.told("submit");
    assert_eq!(submitted.len(), 4);
    assert_eq!([&submitted[0]["text"], &submitted[1]["text"]], [&json!(texts[0]), &json!(texts[1])]);
    assert_eq!([&submitted[0]["data_coding"], &submitted[1]["data_coding"]], [&json!(0), &json!(8)]);
    let joined = submitted[2]["text"].as_str().unwrap().to_owned() + submitted[3]["text"].as_str().unwrap();
    assert_eq!(joined, long);
    let header = |part: &Value| part["header"][0].as_str().unwrap().to_owned();
    let (first, second) = (header(&submitted[2]), header(&submitted[3]));
    assert_eq!((&first[..4], &first[6..]), ("0003", "0201"));
    assert_eq!((&second[..6], &second[6..]), (&first[..6], "0202"));
    for told in &submitted {
        assert_eq!((&told["to"], &told["from"]), (&json!("48600100200"), &json!("Straznica")));
        assert_eq!((&told["registered"], &told["ton"]), (&json!(1), &json!(5)));
    }
    let bind = &peer.told("bind_transceiver")[0];
    assert_eq!((&bind["system_id"], &bind["version"]), (&json!("straznica"), &json!(0x34)));
}

#[tokio::test]
async fn a_destroyed_connection_costs_what_was_on_it_and_nothing_is_sent_again() {
    let Some(peer) = MessageCentre::start(&json!({})) else { return };
    let keeper = Keeper::default();
    let link = start(&peer, &keeper, |c| {
        c.window = NonZeroU16::MIN;
        c.rate = NonZeroU32::new(200).unwrap();
    });
    let mut messages = Vec::new();
    for number in 0..60 {
        let word = if number % 10 == 9 { "cut" } else { "plain" };
        messages.push((word, format!("{word} {number}")));
    }
    let submitting = messages.iter().map(|(word, text)| link.submit(message(word, text, Class::Bulk)));
    let outcomes = tokio::time::timeout(Duration::from_secs(30), futures::future::join_all(submitting)).await.unwrap();
    for ((word, text), outcome) in messages.iter().zip(&outcomes) {
        let verdict = if *word == "cut" { Verdict::Unknown } else { Verdict::Accepted };
        assert_eq!(outcome.verdict(), verdict, "{text}");
    }
    wait_told(&peer, "submit", messages.len()).await;
    assert!(peer.submissions().values().all(|times| *times == 1));
    // Six times cut, seven times bound.
    wait_told(&peer, "bind_transceiver", 7).await;
    // Every receipt arrives, on whichever connection.
    keeper.wait_for(54).await;
}

#[tokio::test]
async fn two_thousand_messages_through_throttling_are_each_taken_once() {
    let Some(peer) = MessageCentre::start(&json!({ "throttleEvery": 397 })) else { return };
    let keeper = Keeper::default();
    let link = start(&peer, &keeper, |c| {
        c.rate = NonZeroU32::new(4_000).unwrap();
        c.window = NonZeroU16::new(64).unwrap();
    });
    let words = ["plain", "hexdec", "dechex"];
    let texts: Vec<String> = (0..2_000).map(|number| format!("{} {number}", words[number % 3])).collect();
    let submitting = texts.iter().map(|text| link.submit(message("m", text, Class::Bulk)));
    let outcomes = tokio::time::timeout(Duration::from_secs(60), futures::future::join_all(submitting)).await.unwrap();
    let mut book = Book::default();
    for (text, outcome) in texts.iter().zip(&outcomes) {
        assert!(matches!(outcome.parts[..], [PartOutcome::Accepted(Some(_))]), "{text}: {outcome:?}");
        book.outcome(text, outcome);
    }
    let too_fast = usize::try_from(link.state().counters.too_fast).unwrap();
    assert!(too_fast >= 5, "{too_fast}");
    wait_told(&peer, "submit", 2_000 + too_fast).await;
    assert_eq!((peer.told("submit").len(), peer.told("throttled").len()), (2_000 + too_fast, too_fast));
    book.receipts(&keeper.wait_for(2_000).await);
    let delivered = book.states.values().filter(|state| **state == State::Delivered).count();
    assert_eq!(delivered, 2_000);
}

/// A root, and the key and certificate of a server it vouches for.
fn certificates() -> (rcgen::Certificate, String, String) {
    let mut root = rcgen::CertificateParams::default();
    root.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let root_key = rcgen::KeyPair::generate().unwrap();
    let root_certificate = root.self_signed(&root_key).unwrap();
    let issuer = rcgen::Issuer::new(root, root_key);
    let key = rcgen::KeyPair::generate().unwrap();
    let server = rcgen::CertificateParams::new(vec!["smsc.example".to_owned()]).unwrap();
    let server = server.signed_by(&key, &issuer).unwrap();
    (root_certificate, key.serialize_pem(), server.pem())
}

fn trusting(root: &rcgen::Certificate) -> Tls {
    let mut roots = rustls::RootCertStore::empty();
    roots.add(root.der().clone()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let config = Arc::new(config);
    Tls { config: Arc::new(move || config.clone()), server_name: ServerName::try_from("smsc.example").unwrap() }
}

#[tokio::test]
async fn a_link_over_tls_works_and_trusts_nobody_else() {
    let (root, key, certificate) = certificates();
    let Some(peer) = MessageCentre::start(&json!({ "key": key, "cert": certificate })) else { return };
    let keeper = Keeper::default();
    let link = start(&peer, &keeper, |c| c.tls = Some(trusting(&root)));
    let texts: Vec<String> = (0..200).map(|number| format!("plain {number}")).collect();
    let submitting = texts.iter().map(|text| link.submit(message("m", text, Class::Code)));
    let outcomes = soon(futures::future::join_all(submitting)).await;
    assert!(outcomes.iter().all(|outcome| outcome.verdict() == Verdict::Accepted));
    keeper.wait_for(200).await;
    soon(link.stop()).await;
    wait_told(&peer, "unbind", 1).await;

    let (another_root, _, _) = certificates();
    let distrustful = start(&peer, &keeper, |c| c.tls = Some(trusting(&another_root)));
    soon(async {
        while !matches!(distrustful.state().phase, Phase::Refused { reason: ConnectError::Tls(_), .. }) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
    let plain = start(&peer, &keeper, |c| c.connect_time = Duration::from_millis(500));
    soon(async {
        while !matches!(plain.state().phase, Phase::Refused { .. }) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
    assert_eq!(peer.told("bind_transceiver").len(), 1);
}

#[tokio::test]
async fn a_wrong_password_is_shown_as_what_it_is() {
    let Some(peer) = MessageCentre::start(&json!({})) else { return };
    let link = start(&peer, &Keeper::default(), |c| c.account.password = "inne".to_owned().into());
    soon(async {
        while !matches!(link.state().phase, Phase::Refused { reason: ConnectError::Refused { status: 0x0E }, .. }) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
}

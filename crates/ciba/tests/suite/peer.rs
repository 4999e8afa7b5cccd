//! A provider nobody here wrote: npm `oidc-provider` (tests/peers/op.js). It checks our requests and assertions with code of its own, and we its tokens.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use ciba::{
    AskError, Asked, Bells, BindingMessage, Channel, Ciba, Delivery, Doubt, HintForm, Look, NotificationToken, Outcome,
    Rung, wait,
};
use serde_json::{Value, json};
use straznica_types::{Clock as _, SystemClock};

use crate::world::{Server, TestKey, asking, config, soon};

/// The running peer and what it has told.
struct Peer {
    child: Child,
    issuer: String,
    key: TestKey,
    events: Arc<Mutex<Vec<Value>>>,
}

impl Peer {
    /// `None`, said, where Node.js or the package is not installed.
    fn start(mut options: Value) -> Option<Self> {
        let key = TestKey::new("client");
        options["jwks"] = key.jwks();
        let mut node = straznica_testkit::node_with("oidc-provider")?;
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/peers/op.js");
        node.arg(script).arg(options.to_string()).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = node.spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let first: Value = serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap();
        assert_eq!(first["event"], "listening");
        let events = Arc::new(Mutex::new(Vec::new()));
        let told = events.clone();
        std::thread::spawn(move || {
            // The library has notices of its own to print.
            for line in lines.map_while(Result::ok).filter(|line| line.starts_with('{')) {
                told.lock().unwrap().push(serde_json::from_str(&line).unwrap());
            }
        });
        Some(Self { child, issuer: first["issuer"].as_str().unwrap().to_owned(), key, events })
    }

    fn told(&self, event: &str) -> Vec<Value> {
        self.events.lock().unwrap().iter().filter(|told| told["event"] == event).cloned().collect()
    }

    async fn wait_told(&self, event: &str, count: usize) {
        soon(async {
            while self.told(event).len() < count {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        })
        .await;
    }

    fn client(&self, delivery: Delivery) -> Ciba {
        self.client_with(delivery, &self.key)
    }

    fn client_with(&self, delivery: Delivery, key: &TestKey) -> Ciba {
        let mut config = config(&self.issuer, key);
        config.ages.pause = Duration::from_millis(1);
        Ciba::new(config, delivery, HintForm::Number, SystemClock::shared()).unwrap()
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ended = self.child.kill();
        let _reaped = self.child.wait();
    }
}

/// Asks, and makes looking quicker than any provider would like.
async fn ask(client: &Ciba, ending: &str, token: Option<&NotificationToken>) -> Result<Asked, AskError> {
    let mut asked = soon(client.ask(&asking(ending, "high"), token)).await?;
    assert_eq!(asked.interval, Duration::from_secs(5));
    asked.interval = Duration::from_millis(40);
    Ok(asked)
}

async fn outcome(client: &Ciba, asked: &Asked) -> Outcome {
    soon(wait(client, asked, &SystemClock, None)).await
}

#[tokio::test]
async fn a_citizen_approves_and_the_provider_says_who_how_surely_and_when() {
    let Some(peer) = Peer::start(json!({ "delivery": "poll" })) else { return };
    let client = peer.client(Delivery::Poll);
    let before = SystemClock.now();
    let asked = ask(&client, "00", None).await.unwrap();
    assert_eq!(asked.expires_at, asked.asked_at + Duration::from_secs(30));
    let Outcome::Approved(approval) = outcome(&client, &asked).await else { panic!("not approved") };
    assert_eq!((approval.sub.expose(), approval.acr.as_str()), ("subject-00", "high"));
    assert!(approval.auth_time + Duration::from_secs(2) >= before);
    peer.wait_told("answered", 1).await;
    assert_eq!(peer.told("text")[0]["text"], "Urzad 7: dowod");
    assert_eq!(peer.told("asked")[0]["acr_values"], "high");
    assert_eq!(peer.told("asked")[0]["expiry"], "30");
    // The answer is given once; that it is gone is no approval.
    let again = client.look(&asked).await;
    let Look::Ended(Outcome::Unknown(Doubt::Refused(code))) = again else { panic!("{again:?}") };
    assert_eq!(code.as_str(), "invalid_grant");
}

#[tokio::test]
async fn refusal_and_silence_are_told_apart() {
    let Some(peer) = Peer::start(json!({ "delivery": "poll" })) else { return };
    let client = peer.client(Delivery::Poll);
    let refused = ask(&client, "01", None).await.unwrap();
    assert_eq!(outcome(&client, &refused).await, Outcome::Refused);
    let mut question = asking("02", "high");
    question.requested_expiry = Duration::from_secs(4);
    let mut silent = soon(client.ask(&question, None)).await.unwrap();
    assert_eq!(silent.expires_at, silent.asked_at + Duration::from_secs(4));
    assert_eq!(client.look(&silent).await, Look::Pending);
    silent.interval = Duration::from_millis(500);
    assert_eq!(outcome(&client, &silent).await, Outcome::Expired);
    // And by the provider's own word, once it thinks so too.
    soon(async {
        while client.look(&silent).await != Look::Ended(Outcome::Expired) {
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    })
    .await;
}

#[tokio::test]
async fn what_the_provider_does_not_take_is_told_apart() {
    let Some(peer) = Peer::start(json!({ "delivery": "poll" })) else { return };
    let client = peer.client(Delivery::Poll);
    assert_eq!(ask(&client, "03", None).await.err(), Some(AskError::UnknownUser));
    let mut question = asking("00", "high");
    question.binding_message = BindingMessage::new("100 %").unwrap();
    assert_eq!(soon(client.ask(&question, None)).await.err(), Some(AskError::BindingMessage));
    // Somebody with our name and another key.
    let stranger = peer.client_with(Delivery::Poll, &TestKey::new("client"));
    assert_eq!(ask(&stranger, "00", None).await.err(), Some(AskError::InvalidClient));
    assert_eq!(peer.told("asked").len(), 0);
}

#[tokio::test]
async fn an_old_or_weaker_authentication_is_no_approval() {
    let Some(peer) = Peer::start(json!({ "delivery": "poll" })) else { return };
    let client = peer.client(Delivery::Poll);
    for (ending, doubt) in [("04", Doubt::NotFresh), ("05", Doubt::Level)] {
        let asked = ask(&client, ending, None).await.unwrap();
        assert_eq!(outcome(&client, &asked).await, Outcome::Unknown(doubt), "{ending}");
    }
    // Where the weaker one was asked for, it does.
    let mut asked = soon(client.ask(&asking("05", "low"), None)).await.unwrap();
    asked.interval = Duration::from_millis(40);
    assert!(matches!(outcome(&client, &asked).await, Outcome::Approved(_)));
}

#[tokio::test]
async fn keys_may_be_rotated_between_question_and_answer() {
    let Some(peer) = Peer::start(json!({ "delivery": "poll" })) else { return };
    let client = peer.client(Delivery::Poll);
    let first = ask(&client, "00", None).await.unwrap();
    assert!(matches!(outcome(&client, &first).await, Outcome::Approved(_)));
    let second = ask(&client, "07", None).await.unwrap();
    let rotated = outcome(&client, &second).await;
    assert!(matches!(rotated, Outcome::Approved(_)), "{rotated:?}");
}

#[tokio::test]
async fn told_to_slow_down_the_client_does() {
    let Some(peer) = Peer::start(json!({ "delivery": "poll", "slowDown": true })) else { return };
    let client = peer.client(Delivery::Poll);
    let asked = ask(&client, "08", None).await.unwrap();
    // The first look shows that nobody has answered; the second comes too early.
    let started = Instant::now();
    let outcome = soon(async {
        assert_eq!(client.look(&asked).await, Look::Pending);
        wait(&client, &asked, &SystemClock, None).await
    })
    .await;
    assert!(matches!(outcome, Outcome::Approved(_)), "{outcome:?}");
    assert!(started.elapsed() >= Duration::from_secs(5), "{:?}", started.elapsed());
    peer.wait_told("look", 3).await;
    assert_eq!(peer.told("look").len(), 3);
}

/// A notification endpoint over these bells.
async fn endpoint(bells: &Bells) -> Server {
    let bells = bells.clone();
    Server::start(move |_, heard| {
        Some((bells.ring(heard.authorization.as_deref(), &heard.body).status(), String::new()))
    })
    .await
}

#[tokio::test]
async fn the_provider_rings_and_the_client_looks_at_once() {
    let bells = Bells::default();
    let server = endpoint(&bells).await;
    let Some(peer) = Peer::start(json!({ "delivery": "ping", "notify": server.url })) else { return };
    let client = peer.client(Delivery::Ping);
    assert_eq!(ask(&client, "00", None).await.err(), Some(AskError::NoToken));
    // 06 rings before the question is answered for, 09 rings three times.
    for ending in ["00", "01", "06", "08", "09"] {
        let token = NotificationToken::random().unwrap();
        let bell = bells.listen(token.digest());
        let mut asked = ask(&client, ending, Some(&token)).await.unwrap();
        // Nothing would be seen for a long time without the ring.
        asked.interval = Duration::from_secs(25);
        let started = Instant::now();
        let outcome = soon(wait(&client, &asked, &SystemClock, Some(bell))).await;
        assert!(started.elapsed() < Duration::from_secs(20), "{ending}: nothing was heard");
        match ending {
            "01" => assert_eq!(outcome, Outcome::Refused),
            _ => assert!(matches!(outcome, Outcome::Approved(_)), "{ending}: {outcome:?}"),
        }
    }
    peer.wait_told("ring", 7).await;
    assert_eq!(peer.told("ring")[0]["status"], 204);
    peer.wait_told("look", 5).await;
    assert_eq!(peer.told("look").len(), 5);
    // A late repetition finds nobody, and is harmless.
    let late = server.heard("/").pop().unwrap();
    assert_eq!(bells.ring(late.authorization.as_deref(), &late.body), Rung::Stranger);
}

#[tokio::test]
async fn where_rings_are_lost_the_answer_is_seen_all_the_same() {
    let Some(peer) = Peer::start(json!({ "delivery": "ping", "notify": "http://127.0.0.1:9/" })) else { return };
    let client = peer.client(Delivery::Ping);
    let bells = Bells::default();
    let token = NotificationToken::random().unwrap();
    let bell = bells.listen(token.digest());
    let asked = ask(&client, "00", Some(&token)).await.unwrap();
    assert!(matches!(soon(wait(&client, &asked, &SystemClock, Some(bell))).await, Outcome::Approved(_)));
    peer.wait_told("ring-failed", 1).await;
}

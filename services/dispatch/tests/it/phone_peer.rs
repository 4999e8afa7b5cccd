//! A provider nobody here wrote: npm `oidc-provider`, with the script the crate `ciba` tests itself against.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::Duration;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use straznica_contracts::dispatch::v1::{ApprovalChannel, SendCodeRequest, TransactionState};
use straznica_dispatch::{Config, Delivery, Migrations, PhoneConfig, PhoneKind};
use straznica_runtime::service::ListenConfig;
use straznica_store::Engine;
use straznica_store::testing::TestDatabase;
use straznica_types::{Clock as _, SystemClock};
use tempfile::TempDir;

use crate::house::{House, provider, refusal};

/// The running peer.
struct Peer {
    child: Child,
    issuer: String,
    key: std::path::PathBuf,
    _folder: TempDir,
}

/// A key on P-256: private in PKCS#8 (PEM), public as a set of one.
fn key() -> (String, Value) {
    let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new()).unwrap();
    let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8.as_ref()).unwrap();
    let point = pair.public_key().as_ref();
    let part = |range: std::ops::Range<usize>| URL_SAFE_NO_PAD.encode(&point[range]);
    let jwk = json!({
        "kty": "EC", "crv": "P-256", "x": part(1..33), "y": part(33..65), "kid": "client-1", "alg": "ES256", "use": "sig",
    });
    let pem = format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", STANDARD.encode(pkcs8.as_ref()));
    (pem, json!({ "keys": [jwk] }))
}

impl Peer {
    /// `None`, said, where Node.js or the package is not installed. `notify` is where it rings, with what its certificate ends in.
    fn start(delivery: &str, notify: Option<(&str, &Path)>) -> Option<Self> {
        let (pem, jwks) = key();
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("client.pem");
        std::fs::write(&file, pem).unwrap();
        let mut node = straznica_testkit::node_with("oidc-provider")?;
        let mut options = json!({ "jwks": jwks, "delivery": delivery });
        if let Some((url, anchors)) = notify {
            options["notify"] = json!(url);
            node.env("NODE_EXTRA_CA_CERTS", anchors);
        }
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../crates/ciba/tests/peers/op.js");
        node.arg(script).arg(options.to_string()).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = node.spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let first: Value = serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap();
        assert_eq!(first["event"], "listening");
        std::thread::spawn(move || lines.map_while(Result::ok).for_each(drop));
        Some(Self { child, issuer: first["issuer"].as_str().unwrap().to_owned(), key: file, _folder: folder })
    }

    fn config(&self, delivery: Delivery) -> PhoneConfig {
        PhoneConfig {
            delivery,
            acr_values: vec!["high".to_owned()],
            levels: vec!["low".to_owned(), "high".to_owned()],
            ..provider("peer", PhoneKind::Ciba, &self.issuer, self.key.clone())
        }
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ended = self.child.kill();
        let _reaped = self.child.wait();
    }
}

/// By the peer's clock, which is this machine's.
async fn house(adjust: impl FnOnce(&mut Config)) -> House {
    let database = TestDatabase::fresh::<Migrations>(Engine::Sqlite).await.unwrap();
    House::open_at(SystemClock.now(), database, adjust).await
}

impl House {
    /// Asks the phone with these last two digits, which say what its owner does.
    async fn peer_asks(&self, ending: &str) -> String {
        self.clock.advance(Duration::from_millis(1));
        let wish = SendCodeRequest {
            phone: format!("+485012345{ending}"),
            allow_prompt: true,
            subject: format!("subject-{ending}"),
            ..self.wish()
        };
        self.send(&wish).await.unwrap();
        wish.transaction_id
    }

    async fn latest(&self, column: &str) -> String {
        let sql = format!("SELECT COALESCE({column}, '') FROM prompt ORDER BY transaction_id DESC LIMIT 1");
        self.texts(&sql).await.remove(0)
    }

    /// Waits for the end of the latest prompt, letting `seconds` pass now and then, as many as the peer's clock forgives.
    async fn ends(&self, seconds: u64) -> String {
        for turn in 0..2_000 {
            let state = self.latest("state").await;
            if !["wanted", "asking", "asked"].contains(&state.as_str()) {
                return state;
            }
            if turn % 40 == 39 && turn < 200 {
                self.clock.advance(Duration::from_secs(seconds));
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("the prompt does not end: {}", self.latest("state").await);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn looking_shows_what_the_citizen_did() {
    let Some(peer) = Peer::start("poll", None) else { return };
    for (ending, state, silence, standing) in [
        ("00", "approved", "", TransactionState::Approved),
        ("01", "refused", "", TransactionState::Refused),
        ("03", "unanswered", "cannot_be_asked", TransactionState::Pending),
        ("04", "unanswered", "not_believed", TransactionState::Pending),
        ("05", "unanswered", "not_believed", TransactionState::Pending),
    ] {
        let house = house(|config| config.phones = vec![peer.config(Delivery::Poll)]).await;
        let id = house.peer_asks(ending).await;
        assert_eq!(
            (house.ends(5).await.as_str(), house.latest("silence").await.as_str()),
            (state, silence),
            "{ending}"
        );
        let answer = house.standing(&id).await;
        assert_eq!(answer.state(), standing, "{ending}");
        if standing == TransactionState::Approved {
            let approval = answer.approval.unwrap();
            assert_eq!((approval.channel(), approval.acr.as_str()), (ApprovalChannel::Phone, "high"));
        }
        if standing == TransactionState::Pending {
            // The text comes by itself, and its code is as good as ever.
            let code = house.operator.message(1).await.code();
            house.validate(&id, &code).await.unwrap();
        }
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_provider_that_goes_away_while_the_phone_rings_leaves_the_text() {
    let Some(peer) = Peer::start("poll", None) else { return };
    let house = house(|config| config.phones = vec![peer.config(Delivery::Poll)]).await;
    let id = house.peer_asks("02").await;
    house.becomes("SELECT state FROM prompt", &["asked"]).await;
    drop(peer);
    house.clock.advance(Duration::from_secs(45));
    let code = house.operator.message(1).await.code();
    house.validate(&id, &code).await.unwrap();
    house.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_ring_is_heard_at_once_even_before_the_question_is_answered_for() {
    // The provider has to be told of it before the service binds it.
    let door = std::net::SocketAddr::from((std::net::Ipv4Addr::LOCALHOST, straznica_testkit::free_port()));
    let url = format!("https://{door}/v1/phone-notifications");
    let folder = tempfile::tempdir().unwrap();
    let anchors = folder.path().join("anchors.pem");
    // The peer reads the file when it starts, and the authority is the house's: so the house is opened first, asking nobody, and once more with the peer.
    let first = house(|_| {}).await;
    std::fs::write(&anchors, first.ca.certificate()).unwrap();
    let Some(peer) = Peer::start("ping", Some((&url, &anchors))) else { return };
    let house = first
        .reopen(|config| {
            config.phones = vec![peer.config(Delivery::Notify)];
            config.server.listen = ListenConfig { http_open: Some(door), ..ListenConfig::default() };
        })
        .await;
    assert_eq!(house.door, Some(door));
    // 06 rings before the question is answered for, 09 rings three times. Nothing would be seen without a ring: the clock stands still.
    for (ending, state) in [("00", "approved"), ("01", "refused"), ("06", "approved"), ("09", "approved")] {
        house.peer_asks(ending).await;
        assert_eq!(house.ends(0).await, state, "{ending}");
    }
    assert_eq!(house.operator.asked(), 0);

    let knock = |token: &'static str, body: String| {
        let (url, anchors) = (url.clone(), anchors.clone());
        async move { knock(&url, &anchors, token, body).await }
    };
    let ring = || json!({ "auth_req_id": "r-1" }).to_string();
    for (token, body, status) in [
        ("Bearer a.b", ring(), 401),
        ("", ring(), 401),
        ("Bearer a.b", "[]".to_owned(), 400),
        ("Bearer a.b", "x".repeat(70_000), 413),
    ] {
        assert_eq!(knock(token, body).await, status, "{token}");
    }
    let (handle, known) = (house.latest("handle").await, house.peer_asks("02").await);
    assert!(!handle.is_empty());
    assert_eq!(house.standing(&known).await.state(), TransactionState::Pending);
    assert_eq!(refusal(house.validate(&known, "000000").await), "dispatch.invalid_otp");
    house.close().await;
}

/// Knocks at the door as a stranger; the status of the answer.
async fn knock(url: &str, anchors: &Path, authorization: &str, body: String) -> u16 {
    use http_body_util::Full;
    use rustls_pki_types::CertificateDer;
    use rustls_pki_types::pem::PemObject as _;
    let mut roots = rustls::RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(anchors).unwrap()).unwrap();
    let provider = std::sync::Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let tls = rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let tls = tls.with_root_certificates(roots).with_no_client_auth();
    let connector = hyper_rustls::HttpsConnectorBuilder::new().with_tls_config(tls).https_only().enable_http1().build();
    let client = hyper_util::client::legacy::Client::builder(hyper_util::rt::TokioExecutor::new()).build(connector);
    let mut request = axum::http::Request::post(url).body(Full::new(axum::body::Bytes::from(body))).unwrap();
    if !authorization.is_empty() {
        request.headers_mut().insert("authorization", authorization.parse().unwrap());
    }
    client.request(request).await.unwrap().status().as_u16()
}

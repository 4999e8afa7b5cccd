//! A provider that lies, babbles and falls silent. Nothing it does is taken for an approval, and nothing costs more than the limits say.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use ciba::{
    AskError, Asked, Channel, Ciba, Delivery, Doubt, HintForm, Look, MetadataError, Outcome, ProviderConfig, Remedy,
    Unreachable, wait,
};
use serde_json::{Value, json};
use straznica_types::{Clock as _, SystemClock};

use crate::world::{Heard, Reply, Server, TestKey, asking, config, soon};

type TokenAnswer = Arc<dyn Fn(&Op) -> Option<Reply> + Send + Sync>;

/// The provider's side of a test.
struct Op {
    url: String,
    key: TestKey,
    looks: usize,
}

impl Op {
    /// Claims that approve.
    fn claims(&self) -> Value {
        let now = SystemClock.now().seconds();
        json!({
            "iss": self.url, "sub": "s-1", "aud": "straznica", "exp": now + 300, "iat": now, "auth_time": now, "acr": "high",
        })
    }

    fn with(&self, claim: &str, value: Value) -> String {
        let mut claims = self.claims();
        claims[claim] = value;
        self.key.token(&claims)
    }
}

fn ok(document: &Value) -> Option<Reply> {
    Some((200, document.to_string()))
}

fn tokens(id_token: &str) -> Option<Reply> {
    ok(&json!({ "access_token": "x", "token_type": "Bearer", "id_token": id_token }))
}

fn refusal(status: u16, code: &str) -> Option<Reply> {
    Some((status, json!({ "error": code, "error_description": "the citizen 48600100200" }).to_string()))
}

fn description(url: &str) -> Value {
    json!({
        "issuer": url, "jwks_uri": format!("{url}/jwks"), "token_endpoint": format!("{url}/token"),
        "backchannel_authentication_endpoint": format!("{url}/ask"),
        "backchannel_token_delivery_modes_supported": ["poll"],
        "grant_types_supported": ["urn:openid:params:grant-type:ciba"],
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        "id_token_signing_alg_values_supported": ["ES256"],
    })
}

const DISCOVERY: &str = "/.well-known/openid-configuration";

/// A provider that is decent but for its token endpoint.
async fn provider(token: TokenAnswer) -> Server {
    let (key, looks) = (TestKey::new("op"), AtomicUsize::new(0));
    Server::start(move |url, heard| match heard.path.as_str() {
        DISCOVERY => ok(&description(url)),
        "/jwks" => ok(&key.jwks()),
        "/ask" => ok(&json!({ "auth_req_id": "r-1", "expires_in": 60, "interval": 1 })),
        "/token" => {
            let looks = looks.fetch_add(1, Ordering::SeqCst) + 1;
            token(&Op { url: url.to_owned(), key: TestKey { pkcs8: key.pkcs8.clone(), id: key.id }, looks })
        }
        _ => Some((404, String::new())),
    })
    .await
}

fn client(server: &Server, change: impl FnOnce(&mut ProviderConfig)) -> Ciba {
    let mut config = config(&server.url, &TestKey::new("client"));
    change(&mut config);
    Ciba::new(config, Delivery::Poll, HintForm::Tel, SystemClock::shared()).unwrap()
}

async fn look(token: impl Fn(&Op) -> Option<Reply> + Send + Sync + 'static) -> Look {
    let server = provider(Arc::new(token)).await;
    let client = client(&server, |config| config.limits.look_time = Duration::from_secs(3));
    let asked = soon(client.ask(&asking("00", "high"), None)).await.unwrap();
    soon(client.look(&asked)).await
}

#[tokio::test]
async fn a_decent_answer_of_this_provider_approves() {
    let look = look(|op| tokens(&op.key.token(&op.claims()))).await;
    assert!(matches!(look, Look::Ended(Outcome::Approved(_))), "{look:?}");
}

#[tokio::test]
async fn a_token_that_is_not_this_providers_for_this_client_and_question_is_no_approval() {
    type Forge = fn(&Op) -> String;
    let table: &[(&str, Forge, Doubt)] = &[
        ("other issuer", |op| op.with("iss", json!("https://other.example")), Doubt::Issuer),
        ("other client", |op| op.with("aud", json!("other")), Doubt::Audience),
        ("over", |op| op.with("exp", json!(SystemClock.now().seconds() - 60)), Doubt::Expired),
        ("from the future", |op| op.with("iat", json!(SystemClock.now().seconds() + 60)), Doubt::IssuedAt),
        ("old", |op| op.with("auth_time", json!(SystemClock.now().seconds() - 60)), Doubt::NotFresh),
        ("weak", |op| op.with("acr", json!("low")), Doubt::Level),
        ("invented level", |op| op.with("acr", json!("highest")), Doubt::Level),
        (
            "another question",
            |op| op.with("urn:openid:params:jwt:claim:auth_req_id", json!("r-2")),
            Doubt::OtherQuestion,
        ),
        ("alg none", |op| op.key.jws(&json!({ "alg": "none" }), &op.claims()), Doubt::Algorithm),
        ("alg None", |op| op.key.jws(&json!({ "alg": "None", "kid": "op" }), &op.claims()), Doubt::Algorithm),
        ("alg HS256", |op| op.key.jws(&json!({ "alg": "HS256", "kid": "op" }), &op.claims()), Doubt::Algorithm),
        (
            "alg of another key",
            |op| op.key.jws(&json!({ "alg": "ES384", "kid": "op" }), &op.claims()),
            Doubt::UnknownKey,
        ),
        ("key unknown", |op| op.key.jws(&json!({ "alg": "ES256", "kid": "x" }), &op.claims()), Doubt::UnknownKey),
        ("other key of that name", |op| TestKey::new("op").token(&op.claims()), Doubt::Signature),
        (
            "key in the header",
            |op| {
                let own = TestKey::new("op");
                own.jws(&json!({ "alg": "ES256", "kid": "op", "jwk": own.jwk() }), &op.claims())
            },
            Doubt::Signature,
        ),
        (
            "no signature",
            |op| {
                let token = op.key.token(&op.claims());
                token[..=token.rfind('.').unwrap()].to_owned()
            },
            Doubt::Signature,
        ),
        (
            "claims changed",
            |op| {
                let (token, other) = (op.key.token(&op.claims()), op.with("sub", json!("s-2")));
                let part = |token: &str, at: usize| token.split('.').nth(at).unwrap().to_owned();
                [part(&token, 0), part(&other, 1), part(&token, 2)].join(".")
            },
            Doubt::Signature,
        ),
        (
            "critical extension",
            |op| op.key.jws(&json!({ "alg": "ES256", "kid": "op", "crit": ["b64"], "b64": false }), &op.claims()),
            Doubt::Malformed,
        ),
        ("no claims", |op| op.key.token(&json!(["x"])), Doubt::Malformed),
        ("no token", |_| "x".to_owned(), Doubt::Malformed),
        ("five parts", |op| format!("{}.a.b", op.key.token(&op.claims())), Doubt::Malformed),
    ];
    for (name, forge, doubt) in table {
        let forge = *forge;
        let look = look(move |op| tokens(&forge(op))).await;
        assert_eq!(look, Look::Ended(Outcome::Unknown(doubt.clone())), "{name}");
    }
}

#[tokio::test]
async fn answers_in_no_form_of_the_protocol_are_no_approval() {
    let unknown = |doubt| Look::Ended(Outcome::Unknown(doubt));
    let table: Vec<(Option<Reply>, Look)> = vec![
        (ok(&json!({ "access_token": "x" })), unknown(Doubt::Unintelligible)),
        (ok(&json!([])), unknown(Doubt::Unintelligible)),
        (Some((200, "<html>".to_owned())), unknown(Doubt::Unintelligible)),
        (Some((200, "x".repeat(100_000))), unknown(Doubt::TooLarge)),
        (Some((302, String::new())), Look::NotReached(Unreachable::Status(302))),
        (Some((502, "<html>".to_owned())), Look::NotReached(Unreachable::Status(502))),
        (refusal(503, "temporarily_unavailable"), Look::NotReached(Unreachable::Status(503))),
        (refusal(400, "authorization_pending"), Look::Pending),
        (refusal(400, "slow_down"), Look::SlowDown),
        (refusal(400, "expired_token"), Look::Ended(Outcome::Expired)),
        (refusal(403, "access_denied"), Look::Ended(Outcome::Refused)),
        (None, Look::NotReached(Unreachable::TimedOut)),
    ];
    for (reply, expected) in table {
        let name = format!("{reply:.60?}");
        assert_eq!(look(move |_| reply.clone()).await, expected, "{name}");
    }
    let Look::Ended(Outcome::Unknown(doubt)) = look(|_| refusal(400, "user 48600100200")).await else { panic!() };
    assert_eq!(doubt.to_string(), "the provider refused to answer: unreadable");
}

#[tokio::test]
async fn a_provider_that_never_answers_costs_the_time_of_the_question_and_no_more() {
    let server = provider(Arc::new(|_| None)).await;
    let client = client(&server, |config| config.limits.look_time = Duration::from_millis(200));
    let mut question = asking("00", "high");
    question.requested_expiry = Duration::from_secs(1);
    let mut asked = soon(client.ask(&question, None)).await.unwrap();
    asked.interval = Duration::from_millis(50);
    let started = Instant::now();
    let outcome = soon(wait(&client, &asked, &SystemClock, None)).await;
    assert_eq!(outcome, Outcome::Unreachable(Unreachable::TimedOut));
    assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
    // 50, 100, 200, 400 ms: silence makes it look more rarely.
    let looks = server.heard("/token").len();
    assert!((1..=5).contains(&looks), "{looks}");
}

#[tokio::test]
async fn an_outage_in_between_is_survived_and_a_lost_answer_is_unknown() {
    let server = provider(Arc::new(|op| match op.looks {
        1 => refusal(400, "authorization_pending"),
        2 => Some((502, "bad gateway".to_owned())),
        _ => refusal(400, "invalid_grant"),
    }))
    .await;
    let client = client(&server, |_| {});
    let mut asked = soon(client.ask(&asking("00", "high"), None)).await.unwrap();
    asked.interval = Duration::from_millis(10);
    let Outcome::Unknown(Doubt::Refused(code)) = soon(wait(&client, &asked, &SystemClock, None)).await else {
        panic!()
    };
    assert_eq!(code.as_str(), "invalid_grant");
}

async fn ask(reply: Option<Reply>) -> Result<Asked, AskError> {
    let server = Server::start(move |url, heard| match heard.path.as_str() {
        DISCOVERY => ok(&description(url)),
        _ => reply.clone(),
    })
    .await;
    let client = client(&server, |config| config.limits.ask_time = Duration::from_secs(5));
    let asked = soon(client.ask(&asking("00", "high"), None)).await;
    let forms: Vec<_> = server.heard("/ask").iter().map(Heard::form).collect();
    assert_eq!((forms.len(), forms[0]["login_hint"].as_str()), (1, "tel:+48600100200"));
    assert!(!forms[0].contains_key("client_notification_token"));
    // Where a redirection leads, the number does not go.
    assert!(server.heard("/elsewhere").is_empty());
    asked
}

#[tokio::test]
async fn every_refusal_of_a_question_has_its_consequence() {
    for (reply, error, remedy) in [
        (refusal(400, "unknown_user_id"), AskError::UnknownUser, Remedy::FallBack),
        (refusal(403, "access_denied"), AskError::Denied, Remedy::Respect),
        (refusal(401, "invalid_client"), AskError::InvalidClient, Remedy::Mend),
        (refusal(400, "unauthorized_client"), AskError::UnauthorizedClient, Remedy::Mend),
        (refusal(503, "whatever"), AskError::NotReached(Unreachable::Status(503)), Remedy::FallBack),
        (Some((500, String::new())), AskError::Lost(Unreachable::Status(500)), Remedy::FallBack),
        (Some((404, String::new())), AskError::Unintelligible, Remedy::FallBack),
        (Some((307, String::new())), AskError::Unintelligible, Remedy::FallBack),
        (ok(&json!({ "auth_req_id": "a b", "expires_in": 5 })), AskError::Unintelligible, Remedy::FallBack),
        (ok(&json!({ "auth_req_id": "a", "expires_in": -5 })), AskError::Unintelligible, Remedy::FallBack),
        (ok(&json!({ "auth_req_id": "a" })), AskError::Unintelligible, Remedy::FallBack),
        (Some((200, " ".repeat(100_000))), AskError::Lost(Unreachable::TooLarge), Remedy::FallBack),
        (None, AskError::Lost(Unreachable::TimedOut), Remedy::FallBack),
    ] {
        let name = format!("{reply:.60?}");
        let refused = ask(reply).await.unwrap_err();
        assert!(!refused.to_string().contains("600100200"));
        assert_eq!((&refused, refused.remedy()), (&error, remedy), "{name}");
    }
}

#[tokio::test]
async fn the_question_ends_when_the_caller_wished_and_is_not_looked_at_without_pause() {
    let asked = ask(ok(&json!({ "auth_req_id": "a", "expires_in": u64::MAX, "interval": 0 }))).await.unwrap();
    assert_eq!(asked.expires_at, asked.asked_at + Duration::from_secs(30));
    assert_eq!(asked.interval, Duration::from_secs(1));
    let asked = ask(ok(&json!({ "auth_req_id": "a", "expires_in": 7 }))).await.unwrap();
    assert_eq!(asked.expires_at, asked.asked_at + Duration::from_secs(7));
    assert_eq!(asked.interval, Duration::from_secs(5));
}

#[tokio::test]
async fn a_provider_that_is_not_there_was_asked_nothing() {
    let server = provider(Arc::new(|_| None)).await;
    let client = client(&server, |config| config.ages.fresh = Duration::from_secs(60));
    soon(client.ask(&asking("00", "high"), None)).await.unwrap();
    let gone = config("http://127.0.0.1:9", &TestKey::new("client"));
    let gone = Ciba::new(gone, Delivery::Poll, HintForm::Number, SystemClock::shared()).unwrap();
    let error = soon(gone.ask(&asking("00", "high"), None)).await.unwrap_err();
    assert_eq!(error, AskError::Metadata(MetadataError::Unreachable(Unreachable::Connection)));
    assert_eq!(error.remedy(), Remedy::FallBack);
}

async fn described(change: impl Fn(&mut Value) + Send + Sync + 'static) -> Result<Asked, AskError> {
    let server = Server::start(move |url, heard| match heard.path.as_str() {
        DISCOVERY => {
            let mut document = description(url);
            change(&mut document);
            ok(&document)
        }
        "/ask" => ok(&json!({ "auth_req_id": "a", "expires_in": 5 })),
        _ => None,
    })
    .await;
    soon(client(&server, |_| {}).ask(&asking("00", "high"), None)).await
}

#[tokio::test]
async fn a_description_that_is_another_issuers_or_offers_less_is_not_accepted() {
    type Change = fn(&mut Value);
    let table: &[(Change, Option<&str>)] = &[
        (|_| {}, None),
        (|d| d["grant_types_supported"] = json!(null), None),
        (
            |d| d["issuer"] = json!(format!("{}/", d["issuer"].as_str().unwrap())),
            Some("the description is another issuer's"),
        ),
        (|d| d["issuer"] = json!(null), Some("the provider's document cannot be read")),
        (|d| d["jwks_uri"] = json!(null), Some("the provider's document cannot be read")),
        (|d| d["token_endpoint"] = json!("http://op.example/token"), Some("token_endpoint: https is required")),
        (|d| d["jwks_uri"] = json!("http://op.example/jwks"), Some("jwks_uri: https is required")),
        (
            |d| d["backchannel_authentication_endpoint"] = json!(null),
            Some("the provider does not offer backchannel_authentication_endpoint"),
        ),
        (
            |d| d["backchannel_token_delivery_modes_supported"] = json!(["push"]),
            Some("the provider does not offer the delivery mode"),
        ),
        (|d| d["grant_types_supported"] = json!(["authorization_code"]), Some("the provider does not offer the grant")),
        (
            |d| d["token_endpoint_auth_methods_supported"] = json!(["none"]),
            Some("the provider does not offer private_key_jwt"),
        ),
        (
            |d| d["token_endpoint_auth_methods_supported"] = json!(null),
            Some("the provider does not offer private_key_jwt"),
        ),
        (
            |d| d["token_endpoint_auth_signing_alg_values_supported"] = json!(["RS256"]),
            Some("the provider does not offer the algorithm of the client's key"),
        ),
        (
            |d| d["id_token_signing_alg_values_supported"] = json!(["HS256"]),
            Some("the provider does not offer a signature algorithm for ID tokens that is allowed"),
        ),
    ];
    for (change, refused) in table {
        let outcome = described(*change).await.map(|_| ()).map_err(|error| error.to_string());
        assert_eq!(outcome.err().as_deref(), *refused);
    }
}

#[tokio::test]
async fn keys_nobody_gives_make_no_approval_and_unknown_ones_are_not_fetched_at_anybodys_pace() {
    let server = Server::start(|url, heard| match heard.path.as_str() {
        DISCOVERY => ok(&description(url)),
        "/ask" => ok(&json!({ "auth_req_id": "r-1", "expires_in": 60 })),
        "/jwks" => ok(&TestKey::new("other").jwks()),
        _ => tokens(&TestKey::new("op").token(&json!({}))),
    })
    .await;
    let client = client(&server, |_| {});
    let asked = soon(client.ask(&asking("00", "high"), None)).await.unwrap();
    for _ in 0..10 {
        assert_eq!(soon(client.look(&asked)).await, Look::Ended(Outcome::Unknown(Doubt::UnknownKey)));
    }
    assert_eq!((server.heard("/jwks").len(), server.heard(DISCOVERY).len()), (1, 1));
}

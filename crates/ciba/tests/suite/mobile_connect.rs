//! Mobile Connect, server-initiated, against an operator written here from the profile: no public one can be had, nor a library that plays one. It checks
//! signature and claims of the request object before anything else.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use ciba::{
    AcrValues, AskError, Asked, Asking, Bells, Channel, ConfigError, Doubt, Endpoint, LevelOfAssurance, Look,
    MobileConnect, MobileConnectConfig, NotificationToken, Outcome, Response, Rung, wait,
};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde_json::{Value, json};
use straznica_types::{Clock as _, Environment, SystemClock};

use crate::world::{Heard, Reply, Server, TestKey, asking, claims, config, soon};

/// An operator: what it answers to a poll, by the number of the poll.
struct Operator {
    server: Server,
    client: TestKey,
    key: Arc<TestKey>,
    question: Arc<Mutex<Option<Value>>>,
}

/// Polls that are answered with "pending".
const PENDING: usize = 2;

impl Operator {
    async fn start(response_type: &'static str) -> Self {
        let (client, key) = (TestKey::new("client"), Arc::new(TestKey::new("operator")));
        let question: Arc<Mutex<Option<Value>>> = Arc::default();
        let (jwk, signs, asked, polls) = (client.jwk(), key.clone(), question.clone(), Mutex::new(0));
        let server = Server::start(move |url, heard| match heard.path.as_str() {
            "/.well-known/openid-configuration" => Some(description(url, response_type)),
            "/jwks" => Some((200, signs.jwks().to_string())),
            "/si-authorize" => Some(take(url, heard, &jwk, response_type, &asked)),
            "/mc-token" => {
                let form = heard.form();
                let question = asked.lock().unwrap().clone().unwrap();
                if form["grant_type"] != "urn:openid:params:mc:grant_type:server_initiated"
                    || form["auth_req_id"] != "mc-1"
                {
                    return Some(refusal("invalid_grant"));
                }
                // The client says who it is here too.
                verified(&form["client_assertion"], &jwk, url).unwrap();
                let mut polls = polls.lock().unwrap();
                *polls += 1;
                if *polls <= PENDING {
                    return Some(refusal("authorization_pending"));
                }
                Some((200, json!({ "id_token": id_token(&signs, url, &question, "3") }).to_string()))
            }
            _ => Some((404, String::new())),
        })
        .await;
        Self { server, client, key, question }
    }

    fn channel(&self, response: Response) -> MobileConnect {
        let mut provider = config(&self.server.url, &self.client);
        provider.scope = "openid mc_authn".to_owned();
        let config = MobileConnectConfig::new(provider, response).unwrap();
        MobileConnect::new(config, SystemClock::shared()).unwrap()
    }

    fn question(&self) -> Value {
        self.question.lock().unwrap().clone().unwrap()
    }

    fn id_token(&self, acr: &str) -> String {
        id_token(&self.key, &self.server.url, &self.question(), acr)
    }
}

fn description(url: &str, response_type: &str) -> Reply {
    let document = json!({
        "issuer": url, "jwks_uri": format!("{url}/jwks"), "token_endpoint": format!("{url}/mc-token"),
        "si_authorization_endpoint": format!("{url}/si-authorize"),
        "response_types_supported": ["code", response_type],
        "grant_types_supported": ["authorization_code", "urn:openid:params:mc:grant_type:server_initiated"],
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        "request_object_signing_alg_values_supported": ["ES256", "RS256"],
        "id_token_signing_alg_values_supported": ["ES256"],
    });
    (200, document.to_string())
}

fn refusal(code: &str) -> Reply {
    (400, json!({ "error": code, "correlation_id": "t-17" }).to_string())
}

/// The claims of what the client signed for this operator.
fn verified(token: &str, jwk: &Value, url: &str) -> Option<Value> {
    let key = DecodingKey::from_jwk(&serde_json::from_value(jwk.clone()).unwrap()).unwrap();
    let mut validation = Validation::new(Algorithm::ES256);
    validation.set_audience(&[url]);
    validation.set_issuer(&["straznica"]);
    jsonwebtoken::decode::<Value>(token, &key, &validation).ok().map(|decoded| decoded.claims)
}

fn take(url: &str, heard: &Heard, jwk: &Value, response_type: &str, asked: &Mutex<Option<Value>>) -> Reply {
    let form = heard.form();
    let Some(question) = verified(&form["request"], jwk, url) else { return refusal("invalid_request_object") };
    for (name, value) in [("client_id", "straznica"), ("response_type", response_type), ("scope", "openid mc_authn")] {
        assert_eq!((form[name].as_str(), question[name].as_str()), (value, Some(value)));
    }
    let hint = question["login_hint"].as_str().unwrap().to_owned();
    if hint.ends_with("03") {
        return refusal("unknown_user_id");
    }
    let correlation_id = if hint.ends_with("09") { json!("another") } else { question["correlation_id"].clone() };
    *asked.lock().unwrap() = Some(question);
    let document =
        json!({ "auth_req_id": "mc-1", "expires_in": 3600, "interval": 1, "correlation_id": correlation_id });
    (200, document.to_string())
}

fn id_token(key: &TestKey, url: &str, question: &Value, acr: &str) -> String {
    let now = SystemClock.now().seconds();
    key.token(&json!({
        "iss": url, "sub": "pcr-1", "aud": ["straznica"], "azp": "straznica", "exp": now + 300, "iat": now, "auth_time": now,
        "acr": acr, "amr": ["SIM_PIN"], "nonce": question["nonce"],
    }))
}

fn at(level: LevelOfAssurance) -> Asking {
    at_number("00", level)
}

fn at_number(ending: &str, level: LevelOfAssurance) -> Asking {
    Asking { acr_values: AcrValues::new(vec![level.acr()]).unwrap(), ..asking(ending, "high") }
}

fn notification_uri() -> Response {
    Response::Notification(Endpoint::parse("https://straznica.example/mc", Environment::Production).unwrap())
}

#[tokio::test]
async fn a_signed_question_is_polled_until_the_citizen_approves() {
    let operator = Operator::start("mc_si_polling").await;
    let channel = operator.channel(Response::Polling);
    let mut asked = soon(channel.ask(&at(LevelOfAssurance::Three), None)).await.unwrap();
    asked.interval = Duration::from_millis(20);
    let Outcome::Approved(approval) = soon(wait(&channel, &asked, &SystemClock, None)).await else { panic!() };
    assert_eq!((approval.sub.expose(), approval.acr), ("pcr-1", LevelOfAssurance::Three.acr()));
    assert_eq!(operator.server.heard("/mc-token").len(), PENDING + 1);
    let question = operator.question();
    assert_eq!(
        (&question["login_hint"], &question["acr_values"], &question["version"], &question["binding_message"]),
        (&json!("MSISDN:48600100200"), &json!("3"), &json!("mc_si_r2_v1.0"), &json!("Urzad 7: dowod"))
    );
    assert_eq!((&question["correlation_id"], &question["client_notification_token"]), (&json!("t-17"), &json!(null)));
    assert_eq!(Some(question["nonce"].as_str().unwrap()), asked.nonce.as_ref().map(ciba::Nonce::expose));
}

#[tokio::test]
async fn a_number_stands_in_no_address() {
    let operator = Operator::start("mc_si_polling").await;
    soon(operator.channel(Response::Polling).ask(&at(LevelOfAssurance::Two), None)).await.unwrap();
    let heard = operator.server.heard("/si-authorize");
    // The path is the whole of it: no query, and the number in the signed body only.
    assert_eq!(heard.len(), 1);
    assert!(claims(&heard[0].form()["request"])["login_hint"].as_str().unwrap().contains("600100200"));
}

/// Asks by notification and has the operator say this.
async fn told(level: LevelOfAssurance, body: impl FnOnce(&Operator) -> Value) -> Outcome {
    let operator = Operator::start("mc_si_async_code").await;
    let channel = operator.channel(notification_uri());
    let bells = Bells::default();
    let token = NotificationToken::random().unwrap();
    let bell = bells.listen(token.digest());
    let mut asked: Asked = soon(channel.ask(&at(level), Some(&token))).await.unwrap();
    asked.expires_at = asked.asked_at + Duration::from_secs(5);
    assert_eq!(operator.question()["client_notification_token"], token.expose());
    assert_eq!(operator.question()["notification_uri"], "https://straznica.example/mc");
    assert_eq!(soon(channel.look(&asked)).await, Look::Pending);
    let authorization = format!("Bearer {}", token.expose());
    assert_eq!(bells.ring(Some(authorization.as_bytes()), body(&operator).to_string().as_bytes()), Rung::Heard);
    soon(wait(&channel, &asked, &SystemClock, Some(bell))).await
}

#[tokio::test]
async fn a_notification_brings_the_answer() {
    let two = LevelOfAssurance::Two;
    let approved =
        told(two, |op| json!({ "auth_req_id": "mc-1", "id_token": op.id_token("4"), "access_token": "x" })).await;
    let Outcome::Approved(approval) = approved else { panic!("{approved:?}") };
    assert_eq!(approval.acr, LevelOfAssurance::Four.acr());
    for (code, outcome) in [("access_denied", Outcome::Refused), ("expired_token", Outcome::Expired)] {
        assert_eq!(told(two, |_| json!({ "auth_req_id": "mc-1", "error": code })).await, outcome);
    }
    let failed = told(two, |_| json!({ "auth_req_id": "mc-1", "error": "server_error" })).await;
    assert!(matches!(failed, Outcome::Unknown(Doubt::Refused(_))), "{failed:?}");
}

#[tokio::test]
async fn a_notification_is_believed_no_more_than_a_token_endpoint() {
    let (two, three) = (LevelOfAssurance::Two, LevelOfAssurance::Three);
    let unknown = Outcome::Unknown;
    let weaker = told(three, |op| json!({ "auth_req_id": "mc-1", "id_token": op.id_token("2") })).await;
    assert_eq!(weaker, unknown(Doubt::Level));
    let other_nonce = told(two, |op| {
        let question = json!({ "nonce": "another" });
        json!({ "auth_req_id": "mc-1", "id_token": id_token(&op.key, &op.server.url, &question, "2") })
    });
    assert_eq!(other_nonce.await, unknown(Doubt::OtherQuestion));
    let forged = told(two, |op| {
        let key = TestKey::new("operator");
        json!({ "auth_req_id": "mc-1", "id_token": id_token(&key, &op.server.url, &op.question(), "2") })
    });
    assert_eq!(forged.await, unknown(Doubt::Signature));
    // Of another question: nothing is heard, and time runs out.
    let elsewhere = told(two, |op| json!({ "auth_req_id": "mc-2", "id_token": op.id_token("2") })).await;
    assert_eq!(elsewhere, Outcome::Expired);
}

#[tokio::test]
async fn what_the_operator_does_not_take_is_told_apart() {
    let operator = Operator::start("mc_si_polling").await;
    let channel = operator.channel(Response::Polling);
    let two = LevelOfAssurance::Two;
    assert_eq!(soon(channel.ask(&at_number("03", two), None)).await.err(), Some(AskError::UnknownUser));
    assert_eq!(soon(channel.ask(&at_number("09", two), None)).await.err(), Some(AskError::Unintelligible));
    // A level of somebody else's.
    assert_eq!(soon(channel.ask(&asking("00", "high"), None)).await.err(), Some(AskError::Level));
    // Signed with a key the operator does not know.
    let mut stranger =
        MobileConnectConfig::new(config(&operator.server.url, &TestKey::new("client")), Response::Polling);
    stranger.as_mut().unwrap().provider.scope = "openid mc_authn".to_owned();
    let stranger = MobileConnect::new(stranger.unwrap(), SystemClock::shared()).unwrap();
    let Err(AskError::Refused(code)) = soon(stranger.ask(&at(two), None)).await else { panic!() };
    assert_eq!(code.as_str(), "invalid_request_object");
    // By notification, this operator does not work, and without a token nobody does.
    let channel = operator.channel(notification_uri());
    let refused = soon(channel.ask(&at(two), None)).await.unwrap_err();
    assert_eq!(refused.to_string(), "the provider does not offer the response type");
    let other = Operator::start("mc_si_async_code").await;
    assert_eq!(soon(other.channel(notification_uri()).ask(&at(two), None)).await.err(), Some(AskError::NoToken));
}

#[test]
fn a_client_that_authenticates_by_certificate_names_a_key_for_its_requests() {
    let mut provider = config("https://op.example", &TestKey::new("client"));
    provider.authentication = ciba::ClientAuthentication::MutualTls;
    let refused = MobileConnectConfig::new(provider, Response::Polling).map(|_| ());
    assert_eq!(refused, Err(ConfigError::Adapter("a key for request objects is needed")));
}

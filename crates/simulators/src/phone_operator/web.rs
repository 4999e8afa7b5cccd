//! The operator's web server: description, keys, si-authorize and token endpoint.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::{PoisonError, Weak};

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use straznica_types::Timestamp;
use tokio::net::TcpListener;

use super::tokens::claims_of;
use super::{LIFE, Listening, Operator, PhoneAnswer, PhoneFault, Prompt, Shared, ShownPrompt};

const GRANT: &str = "urn:openid:params:mc:grant_type:server_initiated";
/// Octets of a request's body.
const LARGEST: usize = 64 << 10;

type Reply = (StatusCode, Value);

pub(super) async fn accept(listener: TcpListener, operator: Weak<Shared>) {
    while let Ok((stream, _)) = listener.accept().await {
        let operator = operator.clone();
        let service = service_fn(move |request| answer(request, operator.clone()));
        tokio::spawn(hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service));
    }
}

async fn answer(request: Request<Incoming>, operator: Weak<Shared>) -> Result<Response<Full<Bytes>>, Infallible> {
    let (head, body) = request.into_parts();
    let body = Limited::new(body, LARGEST).collect().await.map(|body| body.to_bytes()).unwrap_or_default();
    let form: HashMap<String, String> = form_urlencoded::parse(&body).into_owned().collect();
    let fault = operator.upgrade().and_then(|shared| shared.0.lock().unwrap_or_else(PoisonError::into_inner).fault);
    let (status, document) = match fault {
        Some(PhoneFault::Down) => refusal(StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable"),
        fault => {
            if let Some(PhoneFault::Slow(span)) = fault {
                tokio::time::sleep(span).await;
            }
            reply(&head.method, head.uri.path(), &form, &operator)
        }
    };
    let mut response = Response::new(Full::new(Bytes::from(document.to_string())));
    *response.status_mut() = status;
    response.headers_mut().insert("content-type", http::HeaderValue::from_static("application/json"));
    Ok(response)
}

fn reply(method: &Method, path: &str, form: &HashMap<String, String>, operator: &Weak<Shared>) -> Reply {
    let gone = || refusal(StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable");
    let Some(shared) = operator.upgrade() else { return gone() };
    let mut operator = shared.0.lock().unwrap_or_else(PoisonError::into_inner);
    match (method, path) {
        (&Method::GET, "/.well-known/openid-configuration") => {
            operator.listening.as_ref().map_or_else(gone, |own| (StatusCode::OK, description(&own.issuer)))
        }
        (&Method::GET, "/jwks") => {
            operator.listening.as_ref().map_or_else(gone, |own| (StatusCode::OK, own.key.jwks()))
        }
        (&Method::POST, "/si-authorize") => operator.take(form).unwrap_or_else(wrong),
        (&Method::POST, "/token") => operator.give(form).unwrap_or_else(wrong),
        _ => refusal(StatusCode::NOT_FOUND, "not_found"),
    }
}

fn description(issuer: &str) -> Value {
    json!({
        "issuer": issuer,
        "jwks_uri": format!("{issuer}/jwks"),
        "token_endpoint": format!("{issuer}/token"),
        "si_authorization_endpoint": format!("{issuer}/si-authorize"),
        "response_types_supported": ["mc_si_polling"],
        "grant_types_supported": [GRANT],
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        "request_object_signing_alg_values_supported": ["ES256"],
        "id_token_signing_alg_values_supported": ["ES256"],
    })
}

fn refusal(status: StatusCode, code: &str) -> Reply {
    (status, json!({ "error": code }))
}

fn wrong(code: &'static str) -> Reply {
    refusal(StatusCode::BAD_REQUEST, code)
}

fn text<'a>(claims: &'a Value, name: &str) -> Result<&'a str, &'static str> {
    claims[name].as_str().filter(|text| !text.is_empty()).ok_or("invalid_request_object")
}

impl Operator {
    /// Takes a question and shows it on the phone.
    fn take(&mut self, form: &HashMap<String, String>) -> Result<Reply, &'static str> {
        let member = |name: &str| form.get(name).map(String::as_str).ok_or("invalid_request");
        let client_id = member("client_id")?;
        let jwk = self.clients.get(client_id).ok_or("unauthorized_client")?;
        let own = self.listening.as_ref().ok_or("server_error")?;
        let now = own.clock.now();
        let request =
            claims_of(client_id, jwk, &own.issuer, member("request")?, now).ok_or("invalid_request_object")?;
        for name in ["client_id", "response_type", "scope"] {
            if request[name].as_str() != form.get(name).map(String::as_str) {
                return Err("invalid_request_object");
            }
        }
        let msisdn = text(&request, "login_hint")?.strip_prefix("MSISDN:").ok_or("invalid_request_object")?;
        let phone = format!("+{msisdn}");
        if !self.phones.contains(&phone) {
            return Err("unknown_user_id");
        }
        let preferred = text(&request, "acr_values")?.split(' ').next().unwrap_or_default().to_owned();
        let mut octets = [0; 16];
        openssl::rand::rand_bytes(&mut octets).map_err(|_| "server_error")?;
        let auth_req_id = format!("mc-{:032x}", u128::from_be_bytes(octets));
        let number = u64::try_from(self.prompts.len()).unwrap_or(u64::MAX) + 1;
        let prompt = Prompt {
            shown: ShownPrompt { number, to: phone, text: text(&request, "binding_message")?.to_owned(), answer: None },
            auth_req_id: auth_req_id.clone(),
            client_id: client_id.to_owned(),
            nonce: text(&request, "nonce")?.to_owned(),
            acr: preferred,
            until: now + LIFE,
            given: false,
        };
        let correlation_id = request["correlation_id"].clone();
        self.show(prompt);
        let taken = json!({
            "auth_req_id": auth_req_id, "expires_in": LIFE.as_secs(), "interval": 1, "correlation_id": correlation_id,
        });
        Ok((StatusCode::OK, taken))
    }

    /// Gives an answer, once.
    fn give(&mut self, form: &HashMap<String, String>) -> Result<Reply, &'static str> {
        let member = |name: &str| form.get(name).map(String::as_str).ok_or("invalid_request");
        if member("grant_type")? != GRANT {
            return Err("unsupported_grant_type");
        }
        let Self { listening, clients, prompts, fault, .. } = self;
        let own = listening.as_ref().ok_or("server_error")?;
        let now = own.clock.now();
        let asked = member("auth_req_id")?;
        let prompt = prompts.iter_mut().find(|prompt| prompt.auth_req_id == asked && !prompt.given);
        let prompt = prompt.ok_or("invalid_grant")?;
        let jwk = clients.get(&prompt.client_id).ok_or("invalid_client")?;
        claims_of(&prompt.client_id, jwk, &own.issuer, member("client_assertion")?, now).ok_or("invalid_client")?;
        match prompt.shown.answer {
            None if now >= prompt.until => Err("expired_token"),
            None => Err("authorization_pending"),
            Some((PhoneAnswer::Refuse, _)) => Err("access_denied"),
            Some((PhoneAnswer::Approve, at)) => {
                let claims = claims(own, prompt, at, now, *fault);
                let id_token = own.key.sign(&claims, *fault == Some(PhoneFault::Forged)).ok_or("server_error")?;
                prompt.given = true;
                Ok((StatusCode::OK, json!({ "id_token": id_token, "token_type": "Bearer", "access_token": "none" })))
            }
        }
    }
}

fn claims(own: &Listening, prompt: &Prompt, at: Timestamp, now: Timestamp, fault: Option<PhoneFault>) -> Value {
    json!({
        "iss": own.issuer,
        // A name of the operator's own; never a phone number.
        "sub": format!("subscriber-{}", prompt.shown.number),
        "aud": prompt.client_id,
        "iat": now.seconds(),
        "exp": now.seconds() + 120,
        "auth_time": at.seconds(),
        "acr": if fault == Some(PhoneFault::Weak) { "0" } else { prompt.acr.as_str() },
        "nonce": prompt.nonce,
    })
}

//! A login provider that says whatever a test wants: plain HTTP on this machine, which a test node takes.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use axum::{Json, Router, extract::State, routing::get};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use rcgen::{KeyPair, PKCS_ECDSA_P256_SHA256, PublicKeyData as _};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};

/// What it does.
#[derive(Clone)]
pub(crate) struct Hostile(Arc<Inner>);

struct Inner {
    issuer: String,
    key: KeyPair,
    script: Mutex<Script>,
}

/// What it says next.
#[derive(Clone)]
struct Script {
    claims: Value,
    header: Header,
    /// Sign with a key nobody knows.
    other_key: bool,
    /// Send this instead of a token.
    token: Option<String>,
    iss_supported: bool,
    userinfo: Value,
    asked: Vec<String>,
}

impl Hostile {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address: SocketAddr = listener.local_addr().unwrap();
        let header = Header { kid: Some("k1".to_owned()), ..Header::new(Algorithm::ES256) };
        let script = Script {
            claims: json!({}),
            header,
            other_key: false,
            token: None,
            iss_supported: false,
            userinfo: json!({}),
            asked: Vec::new(),
        };
        let inner = Inner {
            issuer: format!("http://{address}"),
            key: KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap(),
            script: Mutex::new(script),
        };
        let hostile = Self(Arc::new(inner));
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(discovery))
            .route("/jwks", get(jwks))
            .route("/token", axum::routing::post(token))
            .route("/userinfo", get(userinfo))
            .with_state(hostile.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        hostile
    }

    pub(crate) fn issuer(&self) -> &str {
        &self.0.issuer
    }

    /// Answers with these claims, signed as is right.
    pub(crate) fn says(&self, claims: Value) {
        let mut script = self.0.script.lock().unwrap();
        script.claims = claims;
        script.other_key = false;
        script.token = None;
        script.header = Header { kid: Some("k1".to_owned()), ..Header::new(Algorithm::ES256) };
    }

    pub(crate) fn signs_with_another_key(&self, kid: Option<&str>) {
        let mut script = self.0.script.lock().unwrap();
        script.other_key = true;
        script.header.kid = kid.map(str::to_owned);
    }

    pub(crate) fn sends(&self, token: String) {
        self.0.script.lock().unwrap().token = Some(token);
    }

    pub(crate) fn names_itself(&self) {
        self.0.script.lock().unwrap().iss_supported = true;
    }

    pub(crate) fn tells(&self, userinfo: Value) {
        self.0.script.lock().unwrap().userinfo = userinfo;
    }

    /// What came to the token endpoint.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.0.script.lock().unwrap().asked.clone()
    }
}

async fn discovery(State(hostile): State<Hostile>) -> Json<Value> {
    let issuer = &hostile.0.issuer;
    Json(json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/auth"),
        "token_endpoint": format!("{issuer}/token"),
        "jwks_uri": format!("{issuer}/jwks"),
        "userinfo_endpoint": format!("{issuer}/userinfo"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256"],
        "authorization_response_iss_parameter_supported": hostile.0.script.lock().unwrap().iss_supported,
    }))
}

async fn jwks(State(hostile): State<Hostile>) -> Json<Value> {
    // an uncompressed point: 4, x, y
    let point = hostile.0.key.der_bytes();
    let (x, y) = point[1..].split_at(32);
    let text = |bytes: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(bytes);
    Json(
        json!({"keys": [{"kty": "EC", "crv": "P-256", "kid": "k1", "use": "sig", "alg": "ES256", "x": text(x), "y": text(y)}]}),
    )
}

async fn token(State(hostile): State<Hostile>, body: String) -> Json<Value> {
    let script = {
        let mut script = hostile.0.script.lock().unwrap();
        script.asked.push(body);
        script.clone()
    };
    let other = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
    let key = if script.other_key { &other } else { &hostile.0.key };
    let signed = || {
        let key = EncodingKey::from_ec_der(&key.serialize_der());
        jsonwebtoken::encode(&script.header, &script.claims, &key).unwrap()
    };
    let token = script.token.clone().unwrap_or_else(signed);
    Json(json!({"access_token": "an-access-token", "token_type": "Bearer", "id_token": token}))
}

async fn userinfo(State(hostile): State<Hostile>) -> Json<Value> {
    Json(hostile.0.script.lock().unwrap().userinfo.clone())
}

//! What the tests share: a client, its key, questions, and a small web server.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use ciba::{
    Acr, AcrLevels, AcrValues, Asking, BindingMessage, ClientAuthentication, CorrelationId, LoginHint, MemoryKey,
    ProviderConfig, SignatureAlgorithm,
};
use http::{Request, Response};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use straznica_types::Environment;
use tokio::net::TcpListener;

/// A key on P-256, and what is published of it.
pub(crate) struct TestKey {
    pub(crate) pkcs8: Vec<u8>,
    pub(crate) id: &'static str,
}

impl TestKey {
    pub(crate) fn new(id: &'static str) -> Self {
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new()).unwrap();
        Self { pkcs8: pkcs8.as_ref().to_vec(), id }
    }

    fn pair(&self) -> EcdsaKeyPair {
        EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &self.pkcs8).unwrap()
    }

    pub(crate) fn jwk(&self) -> Value {
        let pair = self.pair();
        let point = pair.public_key().as_ref();
        let part = |range: std::ops::Range<usize>| URL_SAFE_NO_PAD.encode(&point[range]);
        json!({
            "kty": "EC", "crv": "P-256", "x": part(1..33), "y": part(33..65), "kid": self.id, "alg": "ES256", "use": "sig",
        })
    }

    pub(crate) fn jwks(&self) -> Value {
        json!({ "keys": [self.jwk()] })
    }

    /// A JWS by hand, whatever its header says.
    pub(crate) fn jws(&self, header: &Value, claims: &Value) -> String {
        let encode = |part: &Value| URL_SAFE_NO_PAD.encode(part.to_string());
        let message = format!("{}.{}", encode(header), encode(claims));
        let signature = self.pair().sign(&SystemRandom::new(), message.as_bytes()).unwrap();
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    pub(crate) fn token(&self, claims: &Value) -> String {
        self.jws(&json!({ "alg": "ES256", "kid": self.id }), claims)
    }

    pub(crate) fn signer(&self) -> Arc<MemoryKey> {
        Arc::new(MemoryKey::from_pkcs8(SignatureAlgorithm::Es256, self.id, &self.pkcs8).unwrap())
    }
}

pub(crate) fn acr(text: &str) -> Acr {
    Acr::new(text).unwrap()
}

/// A client of this issuer, with levels `low` and `high`.
pub(crate) fn config(issuer: &str, key: &TestKey) -> ProviderConfig {
    let levels = AcrLevels::new(vec![acr("low"), acr("high")]).unwrap();
    let tls = {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        Arc::new(config.unwrap().with_root_certificates(rustls::RootCertStore::empty()).with_no_client_auth())
    };
    let tls = Arc::new(move || tls.clone());
    let authentication = ClientAuthentication::PrivateKeyJwt(key.signer());
    let mut config = ProviderConfig::new(issuer, "straznica", authentication, levels, tls, Environment::Test);
    (config.limits.ask_time, config.limits.look_time) = (Duration::from_secs(20), Duration::from_secs(20));
    config
}

/// A question to a number that ends like this.
pub(crate) fn asking(ending: &str, class: &str) -> Asking {
    Asking {
        login_hint: LoginHint::new(&format!("486001002{ending}")).unwrap(),
        binding_message: BindingMessage::new("Urzad 7: dowod").unwrap(),
        requested_expiry: Duration::from_secs(30),
        acr_values: AcrValues::new(vec![acr(class)]).unwrap(),
        correlation_id: CorrelationId::new("t-17").unwrap(),
    }
}

/// Fails what takes longer than any test may.
pub(crate) async fn soon<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(60), what).await.expect("took too long")
}

/// What a web server here answers.
pub(crate) type Reply = (u16, String);

/// A request as it came: path, Authorization, form or body.
#[derive(Clone, Debug)]
pub(crate) struct Heard {
    pub(crate) path: String,
    pub(crate) authorization: Option<Vec<u8>>,
    pub(crate) body: Bytes,
}

impl Heard {
    pub(crate) fn form(&self) -> HashMap<String, String> {
        form_urlencoded::parse(&self.body).into_owned().collect()
    }
}

/// A web server on this machine.
pub(crate) struct Server {
    pub(crate) url: String,
    heard: Arc<Mutex<Vec<Heard>>>,
    accepting: tokio::task::JoinHandle<()>,
}

impl Server {
    /// Answers with what the function says; never, when it says nothing.
    pub(crate) async fn start(answer: impl Fn(&str, &Heard) -> Option<Reply> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let heard = Arc::new(Mutex::new(Vec::new()));
        let (answer, own, log) = (Arc::new(answer), url.clone(), heard.clone());
        let accepting = tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let (answer, own, log) = (answer.clone(), own.clone(), log.clone());
                let service = service_fn(move |request: Request<Incoming>| {
                    let (answer, own, log) = (answer.clone(), own.clone(), log.clone());
                    async move {
                        let (head, body) = request.into_parts();
                        let heard = Heard {
                            path: head.uri.to_string(),
                            authorization: head.headers.get("authorization").map(|value| value.as_bytes().to_vec()),
                            body: body.collect().await?.to_bytes(),
                        };
                        log.lock().unwrap().push(heard.clone());
                        let Some((status, body)) = answer(&own, &heard) else { return std::future::pending().await };
                        let response =
                            Response::builder().status(status).header("location", format!("{own}/elsewhere"));
                        Ok::<_, hyper::Error>(response.body(Full::new(Bytes::from(body))).unwrap())
                    }
                });
                tokio::spawn(
                    hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service),
                );
            }
        });
        Self { url, heard, accepting }
    }

    pub(crate) fn heard(&self, path: &str) -> Vec<Heard> {
        self.heard.lock().unwrap().iter().filter(|heard| heard.path == path).cloned().collect()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

/// The claims of a JWS, unverified.
pub(crate) fn claims(token: &str) -> Value {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap()).unwrap()
}

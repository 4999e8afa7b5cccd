//! Over TLS, the client known by its certificate (RFC 8705).

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use ciba::{AskError, Channel, Ciba, ClientAuthentication, Delivery, HintForm, MetadataError, Unreachable};
use http::{Request, Response};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use serde_json::json;
use straznica_types::{Environment, SystemClock};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use crate::world::{TestKey, asking, config, soon};

type Identity = (CertificateDer<'static>, PrivateKeyDer<'static>);

struct Authority {
    root: CertificateDer<'static>,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let root = params.self_signed(&key).unwrap().der().clone();
        Self { root, issuer: Issuer::new(params, key) }
    }

    fn issue(&self, name: &str) -> Identity {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        (certificate.der().clone(), PrivatePkcs8KeyDer::from(key.serialize_der()).into())
    }

    fn roots(&self) -> Arc<RootCertStore> {
        let mut roots = RootCertStore::empty();
        roots.add(self.root.clone()).unwrap();
        Arc::new(roots)
    }
}

fn provider() -> Arc<rustls::crypto::CryptoProvider> {
    Arc::new(rustls::crypto::aws_lc_rs::default_provider())
}

fn client_tls(authority: &Authority, identity: Option<Identity>) -> Arc<ClientConfig> {
    let config = ClientConfig::builder_with_provider(provider()).with_safe_default_protocol_versions().unwrap();
    let config = config.with_root_certificates(authority.roots());
    Arc::new(match identity {
        Some((certificate, key)) => config.with_client_auth_cert(vec![certificate], key).unwrap(),
        None => config.with_no_client_auth(),
    })
}

/// A provider that asks under its alias only, and only whom it knows by certificate; the issuer.
async fn serve(authority: &Authority) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let issuer = format!("https://127.0.0.1:{}", listener.local_addr().unwrap().port());
    let (certificate, key) = authority.issue("127.0.0.1");
    let verifier = WebPkiClientVerifier::builder_with_provider(authority.roots(), provider()).build().unwrap();
    let config = ServerConfig::builder_with_provider(provider()).with_safe_default_protocol_versions().unwrap();
    let config = config.with_client_cert_verifier(verifier).with_single_cert(vec![certificate], key).unwrap();
    let (acceptor, own) = (TlsAcceptor::from(Arc::new(config)), issuer.clone());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (acceptor, own) = (acceptor.clone(), own.clone());
            tokio::spawn(async move {
                // A stranger's handshake ends here.
                let Ok(stream) = acceptor.accept(stream).await else { return };
                let service = service_fn(move |request: Request<Incoming>| answer(own.clone(), request));
                let _ended =
                    hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
            });
        }
    });
    issuer
}

async fn answer(own: String, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, hyper::Error> {
    let (head, body) = request.into_parts();
    let body = body.collect().await?.to_bytes();
    let form: Vec<(String, String)> = form_urlencoded::parse(&body).into_owned().collect();
    let document = match head.uri.path() {
        "/.well-known/openid-configuration" => json!({
            "issuer": own, "jwks_uri": format!("{own}/jwks"), "token_endpoint": format!("{own}/token"),
            "backchannel_authentication_endpoint": format!("{own}/ask"),
            "token_endpoint_auth_methods_supported": ["tls_client_auth"],
            "mtls_endpoint_aliases": {
                "token_endpoint": format!("{own}/mtls/token"), "backchannel_authentication_endpoint": format!("{own}/mtls/ask"),
            },
        }),
        "/mtls/ask" if form.contains(&("client_id".to_owned(), "straznica".to_owned())) => {
            assert!(form.iter().all(|(name, _)| name != "client_assertion"));
            json!({ "auth_req_id": "tls-1", "expires_in": 60 })
        }
        _ => json!({}),
    };
    Ok(Response::new(Full::new(Bytes::from(document.to_string()))))
}

fn client(issuer: &str, tls: Arc<ClientConfig>) -> Ciba {
    let mut config = config(issuer, &TestKey::new("client"));
    config.authentication = ClientAuthentication::MutualTls;
    config.environment = Environment::Production;
    config.tls = Arc::new(move || tls.clone());
    Ciba::new(config, Delivery::Poll, HintForm::Number, SystemClock::shared()).unwrap()
}

#[tokio::test]
async fn a_client_is_known_by_its_certificate_and_uses_the_aliases() {
    let authority = Authority::new();
    let issuer = serve(&authority).await;
    let known = client(&issuer, client_tls(&authority, Some(authority.issue("straznica.example"))));
    let asked = soon(known.ask(&asking("00", "high"), None)).await.unwrap();
    assert_eq!(asked.auth_req_id.expose(), "tls-1");
    assert_eq!(asked.interval, Duration::from_secs(5));
}

#[tokio::test]
async fn strangers_are_asked_nothing_and_ask_nothing() {
    let (authority, other) = (Authority::new(), Authority::new());
    let issuer = serve(&authority).await;
    // A server of somebody else's authority.
    let distrustful = client(&issuer, client_tls(&other, Some(authority.issue("straznica.example"))));
    let refused = soon(distrustful.ask(&asking("00", "high"), None)).await.unwrap_err();
    assert_eq!(refused, AskError::Metadata(MetadataError::Unreachable(Unreachable::Connection)));
    for identity in [None, Some(other.issue("straznica.example"))] {
        let stranger = client(&issuer, client_tls(&authority, identity));
        let refused = soon(stranger.ask(&asking("00", "high"), None)).await.unwrap_err();
        assert!(matches!(refused, AskError::Metadata(MetadataError::Unreachable(_))), "{refused:?}");
    }
}

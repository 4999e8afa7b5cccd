//! A provider nobody here wrote: npm `oidc-provider` (tests/peers/login.js), its pages driven as a browser would.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Stdio},
};

use bytes::Bytes;
use http::{Method, Request};
use http_body_util::{BodyExt, Full};
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use serde_json::{Value, json};
use straznica_store::{NoMigrations, on_both_engines};

use super::provider::{Leaving, house_at, opened, says};
use crate::it::house::House;

/// The running peer.
struct Peer {
    child: Child,
    issuer: String,
}

impl Peer {
    /// `None`, said, where Node.js or the package is not installed.
    fn start() -> Option<Self> {
        let back = |name: &str| format!("https://gateway.development.straznica/v1/sessions/oidc/{name}/callback");
        let options = json!({"redirects": [back("offices"), back("citizens")]});
        let mut node = straznica_testkit::node_with("oidc-provider")?;
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/peers/login.js");
        node.arg(script).arg(options.to_string()).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = node.spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let told = lines.by_ref().map_while(Result::ok).find(|line| line.starts_with('{')).unwrap();
        let told: Value = serde_json::from_str(&told).unwrap();
        // The library has notices of its own to print; somebody has to read them.
        std::thread::spawn(move || lines.map_while(Result::ok).for_each(drop));
        Some(Self { child, issuer: told["issuer"].as_str().unwrap().to_owned() })
    }

    async fn rotate(&self) {
        Pages::default().get(&format!("{}/rotate", self.issuer)).await;
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ended = self.child.kill();
        let _reaped = self.child.wait();
    }
}

/// A browser at the provider: keeps cookies, follows redirections until they leave it.
#[derive(Default)]
struct Pages {
    cookies: BTreeMap<String, String>,
}

/// Where a step led.
struct Step {
    location: Option<String>,
    html: String,
}

impl Pages {
    async fn get(&mut self, url: &str) -> Step {
        self.send(Method::GET, url, "").await
    }

    async fn send(&mut self, method: Method, url: &str, body: &str) -> Step {
        let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = Request::builder()
            .method(method)
            .uri(url)
            .header("cookie", cookies.join("; "))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Full::new(Bytes::from(body.to_owned())))
            .unwrap();
        let client: Client<_, Full<Bytes>> = Client::builder(TokioExecutor::new()).build_http();
        let response = client.request(request).await.unwrap();
        for set in response.headers().get_all("set-cookie") {
            let (name, value) = set.to_str().unwrap().split(';').next().unwrap().split_once('=').unwrap();
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
        let location = response.headers().get("location").map(|location| location.to_str().unwrap().to_owned());
        let html = response.into_body().collect().await.unwrap().to_bytes();
        Step { location, html: String::from_utf8(html.to_vec()).unwrap() }
    }

    /// Types a name, agrees, and gives the query the provider sends the browser back with.
    async fn log_in(&mut self, peer: &Peer, question: &str, name: &str) -> String {
        let mut step = self.get(question).await;
        for _ in 0..12 {
            match step.location {
                Some(to) if to.starts_with("https://gateway.") => return to.split_once('?').unwrap().1.to_owned(),
                Some(to) => {
                    let to = if to.starts_with('/') { format!("{}{to}", peer.issuer) } else { to };
                    step = self.get(&to).await;
                }
                None => {
                    let action =
                        step.html.split("action=\"").nth(1).unwrap_or_else(|| panic!("no form: {}", step.html));
                    let to = format!("{}{}", peer.issuer, action.split('"').next().unwrap());
                    step = self.send(Method::POST, &to, &format!("login={name}")).await;
                }
            }
        }
        panic!("the provider never sent the browser back");
    }
}

/// Logs in and gives the query of the answer, with the browser that holds the question.
async fn answered(house: &House, peer: &Peer, provider: &str, name: &str) -> (Leaving, String) {
    let leaving = Leaving::from(house, provider).await;
    let query = Pages::default().log_in(peer, &leaving.to, name).await;
    (leaving, query)
}

on_both_engines! {
    NoMigrations;

    async fn a_citizen_logs_in_at_a_provider_nobody_here_wrote_and_a_code_counts_once(database: TestDatabase) {
        let Some(peer) = Peer::start() else { return };
        let house = house_at(database, &peer.issuer).await;
        let (leaving, query) = answered(&house, &peer, "citizens", "anna").await;
        assert!(query.contains("iss="), "the provider names itself: {query}");
        let answer = leaving.back("citizens", &query).await;
        says(&answer, 200, "Zalogowano", "Logged in");
        let browser = opened(&house, &answer);
        let session = browser.get("/v1/session").await.json();
        assert_eq!((&session["kind"], &session["acr"]), (&json!("citizen"), &json!("substantial")));
        assert_eq!(browser.get("/v1/citizen/activations").await.status, 200);

        let again = leaving.back("citizens", &query).await;
        says(&again, 409, "nie jest już ważne", "counts no longer");
        house.end().await;
    }

    async fn a_wrong_state_another_nonce_and_a_weaker_login_are_refused(database: TestDatabase) {
        let Some(peer) = Peer::start() else { return };
        let house = house_at(database, &peer.issuer).await;
        let (leaving, query) = answered(&house, &peer, "offices", "jan").await;
        let state = leaving.parameter("state");
        let other = query.replace(&state, &"A".repeat(state.len()));
        says(&leaving.back("offices", &other).await, 409, "nie jest już ważne", "counts no longer");

        let leaving = Leaving::from(&house, "offices").await;
        let nonce = leaving.parameter("nonce");
        let tampered = leaving.to.replace(&nonce, &"B".repeat(nonce.len()));
        let query = Pages::default().log_in(&peer, &tampered, "jan").await;
        says(&leaving.back("offices", &query).await, 401, "nie można zaufać", "cannot be trusted");

        let (leaving, query) = answered(&house, &peer, "offices", "weak").await;
        says(&leaving.back("offices", &query).await, 401, "pewniejsze logowanie", "A surer login");

        let (leaving, query) = answered(&house, &peer, "offices", "nobody").await;
        says(&leaving.back("offices", &query).await, 403, "Logowanie przerwano", "given up");
        house.end().await;
    }

    async fn the_providers_keys_may_change_between_two_logins(database: TestDatabase) {
        let Some(peer) = Peer::start() else { return };
        let house = house_at(database, &peer.issuer).await;
        let (leaving, query) = answered(&house, &peer, "offices", "jan").await;
        says(&leaving.back("offices", &query).await, 200, "Zalogowano", "Logged in");
        peer.rotate().await;
        house.clock.advance(std::time::Duration::from_secs(31));
        let (leaving, query) = answered(&house, &peer, "offices", "jan").await;
        says(&leaving.back("offices", &query).await, 200, "Zalogowano", "Logged in");
        house.end().await;
    }

    async fn a_provider_that_dies_meanwhile_is_said_to_be_away(database: TestDatabase) {
        let Some(peer) = Peer::start() else { return };
        let house = house_at(database, &peer.issuer).await;
        let (leaving, query) = answered(&house, &peer, "offices", "jan").await;
        drop(peer);
        says(&leaving.back("offices", &query).await, 503, "nie odpowiada", "does not answer");
        house.end().await;
    }
}

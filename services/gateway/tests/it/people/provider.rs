//! Logging in at a provider: what is believed, and what is not.

use std::time::Duration;

use http::Method;
use sea_orm::ConnectionTrait as _;
use serde_json::{Value, json};
use straznica_contracts::identity::v1::Role;
use straznica_store::{NoMigrations, StoreError, on_both_engines, testing::TestDatabase};
use straznica_types::{Clock as _, SystemClock, Timestamp};

use super::{
    browser::{Browser, PESEL},
    hostile::Hostile,
};
use crate::it::{
    doubles::IdentityDouble,
    house::{Answer, House},
};

/// How long a provider may take.
const PROVIDERS_TIME: Duration = Duration::from_secs(2);

/// A house whose officials and citizens log in at this provider, at this time.
pub(super) async fn house_at(database: TestDatabase, issuer: &str) -> House {
    // Providers that are no doubles go by the time of the machine.
    house_from(SystemClock.now(), database, issuer).await
}

async fn house_from(now: Timestamp, database: TestDatabase, issuer: &str) -> House {
    let provider = |name: &str, kind: &str| {
        serde_json::from_value(json!({
            "name": name,
            "title": "Profil Próbny",
            "kind": kind,
            "issuer": issuer,
            "client_id": "straznica",
            "client_secret": "a secret of this test alone, long enough",
            "redirect_uri": format!("https://gateway.development.straznica/v1/sessions/oidc/{name}/callback"),
            "acr_values": ["substantial", "high"],
            "pesel_claim": "pesel",
            "timeout_ms": PROVIDERS_TIME.as_millis() as u64,
        }))
        .unwrap()
    };
    House::starting_at(now, IdentityDouble::new(), database, |config| {
        config.people.providers = vec![provider("offices", "official"), provider("citizens", "citizen")];
        config.rate.burst = 1_000;
    })
    .await
}

/// A browser on its way to the provider.
pub(super) struct Leaving {
    pub(super) browser: Browser,
    pub(super) to: String,
}

impl Leaving {
    pub(super) async fn from(house: &House, provider: &str) -> Self {
        let mut browser = Browser::new(house.visitor());
        let answer = browser.get(&format!("/v1/sessions/oidc/{provider}")).await;
        assert_eq!(answer.status, 303, "{answer:?}");
        let set = answer.header("set-cookie");
        assert!(
            set.starts_with("__Host-straznica-login=") && set.contains("; HttpOnly; SameSite=Lax; Max-Age=600"),
            "{set}"
        );
        browser.cookie = set.split(';').next().unwrap().to_owned();
        Self { browser, to: answer.header("location").to_owned() }
    }

    /// A parameter of the question.
    pub(super) fn parameter(&self, name: &str) -> String {
        let query = self.to.split_once('?').unwrap().1;
        let found = query.split('&').find_map(|pair| pair.strip_prefix(&format!("{name}=")));
        found.unwrap_or_default().replace("%3A", ":").replace("%2F", "/")
    }

    /// Comes back with an answer.
    pub(super) async fn back(&self, provider: &str, query: &str) -> Answer {
        self.browser.send(Method::GET, &format!("/v1/sessions/oidc/{provider}/callback?{query}"), &[], "").await
    }
}

/// What a page in both languages says, and nothing of what was sent.
#[track_caller]
pub(super) fn says(answer: &Answer, status: u16, polish: &str, english: &str) {
    let html = String::from_utf8(answer.body.to_vec()).unwrap();
    assert_eq!(answer.status.as_u16(), status, "{html}");
    assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
    assert_eq!(answer.header("cache-control"), "no-store");
    assert!(answer.header("content-security-policy").starts_with("default-src 'none'"));
    assert!(html.starts_with("<!doctype html>\n<html lang=\"pl\">"));
    for text in [polish, english] {
        assert!(html.contains(text), "{text}: {html}");
    }
}

/// The session an answer opened.
pub(super) fn opened(house: &House, answer: &Answer) -> Browser {
    let mut browser = Browser::new(house.visitor());
    let cookies: Vec<&str> = answer.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap()).collect();
    let session = cookies.iter().find(|set| set.starts_with("__Host-straznica=")).unwrap();
    assert!(session.ends_with("; Path=/; Secure; HttpOnly; SameSite=Strict"), "{session}");
    assert!(cookies.iter().any(|set| set.starts_with("__Host-straznica-login=; ") && set.ends_with("Max-Age=0")));
    browser.cookie = session.split(';').next().unwrap().to_owned();
    browser
}

async fn set_session_column(house: &House, column: &str, value: &str) {
    let sql = format!("UPDATE session SET {column} = '{value}'");
    let write = house.database.store().write_tx(async |tx| tx.execute_unprepared(&sql).await.map_err(StoreError::from));
    assert_eq!(write.await.unwrap().rows_affected(), 1);
}

/// Claims as they ought to be.
fn good(house: &House, hostile: &Hostile, leaving: &Leaving) -> Value {
    let now = house.clock.now().millis() / 1_000;
    json!({
        "iss": hostile.issuer(),
        "sub": "248289761001",
        "aud": "straznica",
        "exp": now + 300,
        "iat": now,
        "auth_time": now - 10,
        "acr": "substantial",
        "nonce": leaving.parameter("nonce"),
        "pesel": PESEL,
        "given_name": "Anna Maria",
        "family_name": "Próbna",
    })
}

on_both_engines! {
    NoMigrations;

    async fn an_official_and_a_citizen_come_back_logged_in(database: TestDatabase) {
        let hostile = Hostile::start().await;
        let house = house_at(database, hostile.issuer()).await;
        let listed = house.visitor().get("/v1/sessions/oidc").await.json();
        assert_eq!(listed["providers"][0], json!({
            "name": "citizens", "title": "Profil Próbny", "kind": "citizen", "address": "/v1/sessions/oidc/citizens",
        }));
        assert_eq!(listed["localAccounts"], false);

        house.people.knows_login(&format!("{} 248289761001", hostile.issuer()), "um-0001", &[("um-a", &[Role::Official])]);
        let leaving = Leaving::from(&house, "offices").await;
        assert!(leaving.to.starts_with(&format!("{}/auth?", hostile.issuer())), "{}", leaving.to);
        for (name, value) in [
            ("response_type", "code"),
            ("client_id", "straznica"),
            ("code_challenge_method", "S256"),
            ("max_age", "300"),
            ("acr_values", "substantial+high"),
            ("scope", "openid"),
            ("redirect_uri", "https://gateway.development.straznica/v1/sessions/oidc/offices/callback"),
        ] {
            assert_eq!(leaving.parameter(name), value, "{name}");
        }
        hostile.says(good(&house, &hostile, &leaving));
        let answer = leaving.back("offices", &format!("code=abc&state={}&iss={}", leaving.parameter("state"), hostile.issuer())).await;
        says(&answer, 200, "Zalogowano", "Logged in");
        let session = opened(&house, &answer).get("/v1/session").await.json();
        assert_eq!((&session["kind"], &session["acr"], &session["officer"]), (&json!("official"), &json!("substantial"), &json!("um-0001")));
        let asked = hostile.asked();
        assert!(asked[0].contains("grant_type=authorization_code") && asked[0].contains("code_verifier="), "{asked:?}");

        let leaving = Leaving::from(&house, "citizens").await;
        hostile.says(good(&house, &hostile, &leaving));
        let answer = leaving.back("citizens", &format!("code=abc&state={}", leaving.parameter("state"))).await;
        let browser = opened(&house, &answer);
        assert_eq!(browser.get("/v1/session").await.json()["kind"], "citizen");
        assert_eq!(browser.get("/v1/citizen/activations").await.status, 200);
        assert_eq!(house.people.script.count(), 1);
        house.end().await;
    }

    async fn a_login_at_a_provider_ends_the_session_the_browser_had(database: TestDatabase) {
        let hostile = Hostile::start().await;
        let house = house_at(database, hostile.issuer()).await;
        let leaving = Leaving::from(&house, "citizens").await;
        hostile.says(good(&house, &hostile, &leaving));
        let answer = leaving.back("citizens", &format!("code=abc&state={}", leaving.parameter("state"))).await;
        let before = opened(&house, &answer);
        assert_eq!(before.get("/v1/session").await.status, 200);

        // With a request another site has caused the session itself does not come.
        let sets = answer.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap());
        let lax = sets.filter(|set| set.contains("SameSite=Lax") && !set.contains("Max-Age=0"));
        let lax: Vec<_> = lax.map(|set| set.split(';').next().unwrap().to_owned()).collect();
        let mut leaving = Leaving::from(&house, "citizens").await;
        leaving.browser.cookie = [lax, vec![leaving.browser.cookie]].concat().join("; ");
        hostile.says(good(&house, &hostile, &leaving));
        let answer = leaving.back("citizens", &format!("code=abc&state={}", leaving.parameter("state"))).await;
        assert_eq!(opened(&house, &answer).get("/v1/session").await.status, 200);
        before.get("/v1/session").await.problem(401, "gateway.not_logged_in");
        house.end().await;
    }

    async fn a_session_ends_when_its_provider_does_not_count_any_more(database: TestDatabase) {
        let hostile = Hostile::start().await;
        let house = house_at(database, hostile.issuer()).await;
        let leaving = Leaving::from(&house, "offices").await;
        hostile.says(good(&house, &hostile, &leaving));
        let answer = leaving.back("offices", &format!("code=abc&state={}", leaving.parameter("state"))).await;
        let browser = opened(&house, &answer);
        assert_eq!(browser.get("/v1/session").await.status, 200);
        // As after a start without the provider, or with one that asks for more.
        for (column, gone) in [("issuer", "https://gone.example"), ("acr", "low")] {
            let kept = house.text(&format!("SELECT {column} AS line FROM session")).await;
            set_session_column(&house, column, gone).await;
            browser.get("/v1/session").await.problem(401, "gateway.not_logged_in");
            set_session_column(&house, column, &kept).await;
            assert_eq!(browser.get("/v1/session").await.status, 200);
        }
        house.end().await;
    }

    async fn a_provider_that_keeps_silent_holds_up_nobody_for_the_others_sake(database: TestDatabase) {
        let silent = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let issuer = format!("http://{}", silent.local_addr().unwrap());
        let house = house_from(SystemClock.now(), database, &issuer).await;
        let began = std::time::Instant::now();
        let visitors = (0..6).map(|_| async { house.visitor().get("/v1/sessions/oidc/offices").await });
        for answer in futures::future::join_all(visitors).await {
            says(&answer, 503, "Dostawca logowania nie odpowiada", "does not answer");
        }
        assert!(began.elapsed() < PROVIDERS_TIME * 3, "{:?}", began.elapsed());
        // And a while later it is asked again.
        house.clock.advance(Duration::from_secs(6));
        let began = std::time::Instant::now();
        house.visitor().get("/v1/sessions/oidc/offices").await;
        assert!(began.elapsed() >= PROVIDERS_TIME / 2, "{:?}", began.elapsed());
        house.end().await;
    }

    async fn a_token_that_is_not_the_answer_to_the_question_is_not_believed(database: TestDatabase) {
        let hostile = Hostile::start().await;
        let house = house_at(database, hostile.issuer()).await;
        let now = house.clock.now().millis() / 1_000;
        let untrusted = ("Odpowiedzi dostawcy logowania nie można zaufać", "cannot be trusted");
        let weak = ("Potrzebne jest pewniejsze logowanie", "A surer login");
        let old = ("Zaloguj się ponownie", "Log in once more");
        let pesel = ("Brak numeru PESEL", "No PESEL");
        for (member, value, status, (polish, english)) in [
            ("nonce", json!("another"), 401, untrusted),
            ("nonce", Value::Null, 401, untrusted),
            ("aud", json!("somebody-else"), 401, untrusted),
            ("aud", json!(["straznica", "somebody-else"]), 401, untrusted),
            ("iss", json!("https://other.example"), 401, untrusted),
            ("exp", json!(now - 1), 401, untrusted),
            ("iat", json!(now + 3600), 401, untrusted),
            ("sub", json!(""), 401, untrusted),
            ("acr", json!("low"), 401, weak),
            ("acr", Value::Null, 401, weak),
            ("auth_time", json!(now - 3600), 401, old),
            ("auth_time", json!(now + 3600), 401, old),
            ("auth_time", Value::Null, 401, old),
            ("at_hash", json!("AAAAAAAAAAAAAAAAAAAAAA"), 401, untrusted),
            ("pesel", json!("123"), 403, pesel),
        ] {
            println!("{member}: {value}");
            let leaving = Leaving::from(&house, "citizens").await;
            let mut claims = good(&house, &hostile, &leaving);
            match value {
                Value::Null => drop(claims.as_object_mut().unwrap().remove(member)),
                value => claims[member] = value,
            }
            hostile.says(claims);
            let answer = leaving.back("citizens", &format!("code=abc&state={}", leaving.parameter("state"))).await;
            says(&answer, status, polish, english);
            assert!(!answer.headers.get_all("set-cookie").iter().any(|set| set.to_str().unwrap().starts_with("__Host-straznica=")));
        }
        house.end().await;
    }

    async fn a_token_nobody_signed_is_not_believed(database: TestDatabase) {
        use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
        let hostile = Hostile::start().await;
        let house = house_at(database, hostile.issuer()).await;
        let part = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
        for forgery in ["other key", "unknown key", "none", "shared secret", "no token"] {
            println!("{forgery}");
            let leaving = Leaving::from(&house, "offices").await;
            let claims = good(&house, &hostile, &leaving);
            hostile.says(claims.clone());
            match forgery {
                "other key" => hostile.signs_with_another_key(Some("k1")),
                "unknown key" => hostile.signs_with_another_key(Some("k2")),
                "none" => hostile.sends(format!("{}.{}.", part(&json!({"alg": "none"})), part(&claims))),
                "shared secret" => {
                    let key = jsonwebtoken::EncodingKey::from_secret(b"a secret of this test alone, long enough");
                    let header = jsonwebtoken::Header::new(jsonwebtoken::Algorithm::HS256);
                    hostile.sends(jsonwebtoken::encode(&header, &claims, &key).unwrap());
                }
                _ => hostile.sends("nothing".to_owned()),
            }
            let answer = leaving.back("offices", &format!("code=abc&state={}", leaving.parameter("state"))).await;
            says(&answer, 401, "nie można zaufać", "cannot be trusted");
        }
        house.end().await;
    }

    async fn an_answer_counts_in_the_browser_that_asked_and_for_ten_minutes(database: TestDatabase) {
        let hostile = Hostile::start().await;
        let house = house_at(database, hostile.issuer()).await;
        let over = ("To logowanie nie jest już ważne", "counts no longer");
        let leaving = Leaving::from(&house, "offices").await;
        hostile.says(good(&house, &hostile, &leaving));
        let query = format!("code=abc&state={}", leaving.parameter("state"));
        says(&leaving.back("offices", "code=abc&state=another").await, 409, over.0, over.1);
        says(&leaving.back("offices", "code=abc").await, 409, over.0, over.1);
        says(&leaving.back("citizens", &query).await, 409, over.0, over.1);
        let elsewhere = Leaving { browser: Browser::new(house.visitor()), to: leaving.to.clone() };
        says(&elsewhere.back("offices", &query).await, 409, over.0, over.1);
        let other = Leaving::from(&house, "offices").await;
        says(&other.back("offices", &query).await, 409, over.0, over.1);
        assert!(hostile.asked().is_empty(), "no code was handed on");
        house.clock.advance(Duration::from_secs(600));
        says(&leaving.back("offices", &query).await, 409, over.0, over.1);
        house.end().await;
    }

    async fn the_provider_that_answers_is_the_one_that_was_asked(database: TestDatabase) {
        let hostile = Hostile::start().await;
        hostile.names_itself();
        let house = house_at(database, hostile.issuer()).await;
        for issuer in ["", "&iss=https://other.example"] {
            let leaving = Leaving::from(&house, "offices").await;
            hostile.says(good(&house, &hostile, &leaving));
            let answer = leaving.back("offices", &format!("code=abc&state={}{issuer}", leaving.parameter("state"))).await;
            says(&answer, 401, "nie można zaufać", "cannot be trusted");
        }
        assert!(hostile.asked().is_empty(), "no code was handed on");
        house.end().await;
    }

    async fn what_the_provider_refuses_is_said_in_words(database: TestDatabase) {
        let hostile = Hostile::start().await;
        let house = house_at(database, hostile.issuer()).await;
        for (error, status, polish, english) in [
            ("access_denied", 403, "Logowanie przerwano", "given up"),
            ("temporarily_unavailable", 503, "nie odpowiada", "does not answer"),
            ("login_required", 409, "nie jest już ważne", "counts no longer"),
            ("%3Cscript%3E", 409, "nie jest już ważne", "counts no longer"),
        ] {
            let leaving = Leaving::from(&house, "offices").await;
            let answer = leaving.back("offices", &format!("error={error}&state={}", leaving.parameter("state"))).await;
            says(&answer, status, polish, english);
            assert!(!String::from_utf8(answer.body.to_vec()).unwrap().contains("<script"));
        }
        house.visitor().get("/v1/sessions/oidc/nobody").await.problem(404, "gateway.unknown_provider");
        house.end().await;
    }

    async fn a_pesel_may_come_from_the_userinfo_of_the_same_person(database: TestDatabase) {
        let hostile = Hostile::start().await;
        let house = house_at(database, hostile.issuer()).await;
        for (subject, status) in [("248289761001", 200), ("somebody-else", 401)] {
            let leaving = Leaving::from(&house, "citizens").await;
            let mut claims = good(&house, &hostile, &leaving);
            claims.as_object_mut().unwrap().remove("pesel");
            hostile.says(claims);
            hostile.tells(json!({"sub": subject, "pesel": PESEL, "given_name": "Anna", "family_name": "Próbna"}));
            let answer = leaving.back("citizens", &format!("code=abc&state={}", leaving.parameter("state"))).await;
            assert_eq!(answer.status.as_u16(), status);
        }
        house.end().await;
    }

    async fn a_provider_that_is_down_is_said_so_and_the_gateway_goes_on(database: TestDatabase) {
        let house = house_at(database, "http://127.0.0.1:9").await;
        let answer = house.visitor().get("/v1/sessions/oidc/offices").await;
        says(&answer, 503, "Dostawca logowania nie odpowiada", "does not answer");
        assert_eq!(house.visitor().get("/v1/sessions/oidc").await.status, 200);
        house.end().await;
    }
}

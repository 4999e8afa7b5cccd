//! A person at a browser: keeps the cookie, sends the token.

use http::Method;
use serde_json::{Value, json};
use straznica_types::Clock as _;
use totp_rs::{Builder, Secret};

use crate::it::house::{Answer, Caller, House};

pub(crate) const PASSWORD: &str = "koń bateria zszywka";
/// Made up: nobody was born in 2299.
pub(crate) const PESEL: &str = "99722812346";
pub(crate) const ISSUER: &str = "urn:straznica:accounts";

/// An account as the operator handed it over.
#[derive(Clone)]
pub(crate) struct Account {
    pub(crate) name: String,
    factor: String,
}

impl Account {
    pub(crate) async fn official(house: &House, name: &str) -> Self {
        Self::made(house, json!({"name": name, "password": PASSWORD})).await
    }

    pub(crate) async fn citizen(house: &House, name: &str) -> Self {
        let citizen = json!({"name": name, "password": PASSWORD, "pesel": PESEL, "givenNames": "Anna Maria", "surname": "Próbna"});
        Self::made(house, citizen).await
    }

    async fn made(house: &House, account: Value) -> Self {
        let made = house.operator().post("/v1/accounts", &account).await;
        assert_eq!(made.status, 201, "{made:?}");
        Self::of(&made.json())
    }

    /// As the gateway showed it, once.
    pub(crate) fn of(made: &Value) -> Self {
        assert_eq!(made["issuer"], ISSUER);
        Self {
            name: made["subject"].as_str().unwrap().to_owned(),
            factor: made["secondFactor"].as_str().unwrap().to_owned(),
        }
    }

    /// What the authenticator shows at this moment.
    pub(crate) fn code(&self, house: &House) -> String {
        let secret = Secret::try_from_base32(&self.factor).unwrap();
        let totp = Builder::new().with_secret(secret).build().unwrap();
        totp.generate(house.clock.now().millis() as u64 / 1_000).to_string()
    }

    pub(crate) fn credentials(&self, house: &House) -> Value {
        json!({"account": self.name, "password": PASSWORD, "code": self.code(house)})
    }
}

/// The browser.
#[derive(Clone)]
pub(crate) struct Browser {
    pub(crate) caller: Caller,
    pub(crate) cookie: String,
    pub(crate) csrf: String,
}

impl Browser {
    pub(crate) fn new(caller: Caller) -> Self {
        Self { caller, cookie: String::new(), csrf: String::new() }
    }

    /// A browser in which the account's holder has logged in at the listener for people.
    pub(crate) async fn logged_in(house: &House, account: &Account) -> Self {
        let mut browser = Self::new(house.visitor());
        let answer = browser.log_in(&account.credentials(house)).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        browser
    }

    pub(crate) async fn log_in(&mut self, credentials: &Value) -> Answer {
        let answer = self.post("/v1/sessions/password", credentials).await;
        if answer.status == 201 {
            self.keep(&answer);
        }
        answer
    }

    /// Takes cookie and token from an answer.
    pub(crate) fn keep(&mut self, answer: &Answer) {
        let set = answer.header("set-cookie");
        assert!(set.ends_with("; Path=/; Secure; HttpOnly; SameSite=Strict"), "{set}");
        self.cookie = set.split(';').next().unwrap().to_owned();
        assert!(self.cookie.starts_with("__Host-straznica="));
        if !answer.body.is_empty() {
            self.csrf = answer.json()["csrfToken"].as_str().unwrap().to_owned();
        }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, &[], "").await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::POST, path, &[], &body.to_string()).await
    }

    pub(crate) async fn send(&self, method: Method, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let mut all: Vec<(&str, &str)> = Vec::new();
        if !self.cookie.is_empty() {
            all.push(("cookie", &self.cookie));
        }
        if method == Method::POST {
            all.push(("x-csrf-token", &self.csrf));
            all.push(("content-type", "application/json"));
        }
        // what a test says itself comes instead
        all.retain(|(name, _)| !headers.iter().any(|(own, _)| own == name));
        all.extend(headers.iter().filter(|(_, value)| !value.is_empty()));
        self.caller.send(method, path, &all, body.to_owned()).await
    }
}

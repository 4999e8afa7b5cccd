//! A person at a browser, for the demonstration and the scenarios: logs in to a local account, keeps the cookie, sends the token.

use http::{HeaderMap, Method, header};
use serde_json::{Value, json};
use straznica_types::{Secret, Timestamp};
use totp_rs::{Builder, Totp};

use crate::rest::{Answer, RestClient, RestError};

/// Why somebody could not log in.
#[derive(Debug, thiserror::Error)]
pub enum PersonError {
    /// The gateway gave no answer.
    #[error(transparent)]
    Rest(#[from] RestError),
    /// It refused.
    #[error("the gateway refused: {status} {code}")]
    Refused {
        /// HTTP status.
        status: u16,
        /// Code of the problem.
        code: String,
    },
    /// It answered without what belongs to the answer.
    #[error("the gateway answered without {0}")]
    Incomplete(&'static str),
}

/// A local account as an operator hands it over.
pub struct Account {
    name: String,
    password: Secret<String>,
    factor: Totp,
}

impl std::fmt::Debug for Account {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Account({})", self.name)
    }
}

/// Whose account it is to be.
pub enum Holder<'a> {
    /// An official's; what they may do identity knows.
    Official,
    /// A citizen's.
    Citizen {
        /// Their made-up PESEL.
        pesel: &'a str,
        /// Their given names.
        given_names: &'a str,
        /// Their surname.
        surname: &'a str,
    },
}

impl Account {
    /// Has an operator make an account.
    ///
    /// # Errors
    /// [`PersonError`]
    pub async fn make(operator: &RestClient, name: &str, holder: Holder<'_>) -> Result<Self, PersonError> {
        let password = format!("{name}, a password of the demonstration");
        let mut account = json!({"name": name, "password": password});
        if let Holder::Citizen { pesel, given_names, surname } = holder {
            account["pesel"] = pesel.into();
            account["givenNames"] = given_names.into();
            account["surname"] = surname.into();
        }
        let made = operator.post("/v1/accounts", &account).await?;
        let made = accepted(&made)?.json();
        let secret = made["secondFactor"].as_str().and_then(|text| totp_rs::Secret::try_from_base32(text).ok());
        let secret = secret.ok_or(PersonError::Incomplete("a second factor"))?;
        let factor = Builder::new().with_secret(secret).build();
        let factor = factor.map_err(|_| PersonError::Incomplete("a second factor that can be used"))?;
        Ok(Self { name: name.to_owned(), password: Secret::new(password), factor })
    }

    /// Whom its sessions name: issuer and subject, by which rights are granted.
    #[must_use]
    pub fn login(&self) -> (&'static str, &str) {
        (straznica_gateway::LOCAL_ISSUER, &self.name)
    }

    fn code(&self, now: Timestamp) -> String {
        // before 1970 there was no RFC 6238
        self.factor.generate(u64::try_from(now.millis() / 1_000).unwrap_or_default()).to_string()
    }
}

/// Somebody who is logged in.
pub struct Person {
    rest: RestClient,
    cookie: Secret<String>,
    csrf: Secret<String>,
}

impl std::fmt::Debug for Person {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Person")
    }
}

impl Person {
    /// Logs in. A code counts once: twice within half a minute works with one account only if the clock has moved.
    ///
    /// # Errors
    /// [`PersonError`]
    pub async fn log_in(rest: RestClient, account: &Account, now: Timestamp) -> Result<Self, PersonError> {
        let typed = json!({"account": account.name, "password": account.password.expose(), "code": account.code(now)});
        let opened = rest.post("/v1/sessions/password", &typed).await?;
        let opened = accepted(&opened)?;
        let cookie = session_cookie(&opened.headers).ok_or(PersonError::Incomplete("a session"))?;
        let csrf = opened.json()["csrfToken"].as_str().map(str::to_owned);
        let csrf = csrf.ok_or(PersonError::Incomplete("a token"))?;
        Ok(Self { rest, cookie: Secret::new(cookie), csrf: Secret::new(csrf) })
    }

    /// Cookie and token, as a browser sends them: for a client of another make.
    #[must_use]
    pub fn credentials(&self) -> [(&'static str, &str); 2] {
        [("cookie", self.cookie.expose()), ("x-csrf-token", self.csrf.expose())]
    }

    /// Asks for something.
    ///
    /// # Errors
    /// When there is no answer at all; a refusal is an answer.
    pub async fn get(&self, path: &str) -> Result<Answer, RestError> {
        self.get_with(path, &[]).await
    }

    /// The same, with headers of its own.
    ///
    /// # Errors
    /// As [`Self::get`].
    pub async fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Result<Answer, RestError> {
        let headers = [&[("cookie", self.cookie.expose().as_str())], headers].concat();
        self.rest.send(Method::GET, path, &headers, bytes::Bytes::new()).await
    }

    /// Does something.
    ///
    /// # Errors
    /// As [`Self::get`].
    pub async fn post(&self, path: &str, body: &Value) -> Result<Answer, RestError> {
        self.post_with(path, &[], body).await
    }

    /// The same, with headers of its own.
    ///
    /// # Errors
    /// As [`Self::get`].
    pub async fn post_with(&self, path: &str, headers: &[(&str, &str)], body: &Value) -> Result<Answer, RestError> {
        let headers = [&self.credentials()[..], &[("content-type", "application/json")], headers].concat();
        self.rest.send(Method::POST, path, &headers, body.to_string().into()).await
    }
}

fn session_cookie(headers: &HeaderMap) -> Option<String> {
    let set = headers.get(header::SET_COOKIE)?.to_str().ok()?;
    set.split(';').next().map(str::to_owned)
}

fn accepted(answer: &Answer) -> Result<&Answer, PersonError> {
    if answer.status.is_success() {
        return Ok(answer);
    }
    let code = answer.json()["code"].as_str().unwrap_or_default().to_owned();
    Err(PersonError::Refused { status: answer.status.as_u16(), code })
}

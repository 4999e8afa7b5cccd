//! What makes an ID token an approval (OpenID Connect Core 1.0 §3.1.3.7, CIBA Core 1.0 §10.3.1).

use std::time::Duration;

use serde::Deserialize;
use straznica_types::{Secret, Timestamp};

use crate::asking::{Acr, AcrLevels, Asked, masked};
use crate::error::Doubt;

masked! {
    /// Whom the provider means: its own name for the citizen, the same every time, and no number.
    Subject
}

impl Subject {
    /// `None` when empty, longer than 255 characters, or not printable ASCII (OpenID Connect Core 1.0 §2).
    pub fn new(text: &str) -> Option<Self> {
        let fits = (1..=255).contains(&text.len()) && text.bytes().all(|octet| (0x20..0x7F).contains(&octet));
        fits.then(|| Self(Secret::new(text.to_owned())))
    }
}

/// The citizen approved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approval {
    /// Whom the provider means.
    pub sub: Subject,
    /// How surely they were authenticated.
    pub acr: Acr,
    /// When.
    pub auth_time: Timestamp,
}

/// Claims as they come, as far as they are looked at.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Claims {
    iss: String,
    sub: String,
    aud: Audience,
    azp: Option<String>,
    exp: serde_json::Number,
    iat: serde_json::Number,
    auth_time: Option<serde_json::Number>,
    acr: Option<String>,
    nonce: Option<String>,
    #[serde(rename = "urn:openid:params:jwt:claim:auth_req_id")]
    auth_req_id: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

/// What claims are held against.
pub(crate) struct Expected<'a> {
    pub(crate) issuer: &'a str,
    pub(crate) client_id: &'a str,
    pub(crate) levels: &'a AcrLevels,
    /// How far the provider's clock may be off.
    pub(crate) skew: Duration,
    pub(crate) now: Timestamp,
    pub(crate) asked: &'a Asked,
}

impl Claims {
    /// Checks them all.
    ///
    /// # Errors
    /// The first [`Doubt`].
    pub(crate) fn check(self, expected: &Expected<'_>) -> Result<Approval, Doubt> {
        let Expected { now, skew, asked, .. } = *expected;
        if self.iss != expected.issuer {
            return Err(Doubt::Issuer);
        }
        self.check_audience(expected.client_id)?;
        if seconds(&self.exp)? + skew <= now {
            return Err(Doubt::Expired);
        }
        let iat = seconds(&self.iat)?;
        // One issued before the question answers another one.
        if iat > now + skew || iat + skew < asked.asked_at {
            return Err(Doubt::IssuedAt);
        }
        let sub = Subject::new(&self.sub).ok_or(Doubt::Subject)?;
        if self.nonce.as_deref() != asked.nonce.as_ref().map(crate::Nonce::expose) && asked.nonce.is_some() {
            return Err(Doubt::OtherQuestion);
        }
        if self.auth_req_id.is_some_and(|id| id != asked.auth_req_id.expose()) {
            return Err(Doubt::OtherQuestion);
        }
        let acr = self.acr.as_deref().and_then(Acr::new).ok_or(Doubt::Level)?;
        let reached = expected.levels.rank(acr.as_str()).ok_or(Doubt::Level)?;
        if expected.levels.least(&asked.acr_values).is_none_or(|least| reached < least) {
            return Err(Doubt::Level);
        }
        let auth_time = seconds(self.auth_time.as_ref().ok_or(Doubt::NotFresh)?)?;
        if auth_time > now + skew || auth_time + skew < asked.asked_at {
            return Err(Doubt::NotFresh);
        }
        Ok(Approval { sub, acr, auth_time })
    }

    fn check_audience(&self, client_id: &str) -> Result<(), Doubt> {
        let (named, others) = match &self.aud {
            Audience::One(one) => (one == client_id, false),
            Audience::Many(many) => (many.iter().any(|one| one == client_id), many.len() > 1),
        };
        let authorised = match &self.azp {
            Some(party) => party == client_id,
            // With others in the audience, whom it was issued to has to be said.
            None => !others,
        };
        if named && authorised { Ok(()) } else { Err(Doubt::Audience) }
    }
}

/// A NumericDate (RFC 7519 §2), which may have a fraction; that is cut off.
fn seconds(number: &serde_json::Number) -> Result<Timestamp, Doubt> {
    #[expect(clippy::cast_possible_truncation, reason = "a cast of a float saturates, and so does Timestamp")]
    let whole = number.as_i64().or_else(|| number.as_f64().map(|float| float.floor() as i64));
    whole.map(Timestamp::from_seconds).ok_or(Doubt::Malformed)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::asking::{AcrValues, AuthReqId, Nonce};

    const NOW: i64 = 1_780_000_100;
    const ASKED: i64 = 1_780_000_000;

    fn check(claims: Value, nonce: Option<&str>) -> Result<Approval, Doubt> {
        let acr = |text: &str| Acr::new(text).unwrap();
        let asked = Asked {
            auth_req_id: AuthReqId::new("r-1").unwrap(),
            asked_at: Timestamp::from_seconds(ASKED),
            expires_at: Timestamp::from_seconds(ASKED + 300),
            interval: Duration::from_secs(5),
            acr_values: AcrValues::new(vec![acr("3")]).unwrap(),
            nonce: nonce.map(|text| Nonce::new(text).unwrap()),
        };
        let levels = AcrLevels::new(vec![acr("2"), acr("3"), acr("4")]).unwrap();
        let expected = Expected {
            issuer: "https://op.example",
            client_id: "straznica",
            levels: &levels,
            skew: Duration::from_secs(30),
            now: Timestamp::from_seconds(NOW),
            asked: &asked,
        };
        serde_json::from_value::<Claims>(claims).map_err(|_| Doubt::Malformed)?.check(&expected)
    }

    fn good() -> Value {
        json!({
            "iss": "https://op.example", "sub": "s-1", "aud": "straznica", "exp": NOW + 60, "iat": NOW - 1,
            "auth_time": NOW - 5, "acr": "3", "nonce": "n-1",
        })
    }

    #[test]
    fn an_approval_is_as_sure_and_as_fresh_as_asked() {
        let approval = check(good(), Some("n-1")).unwrap();
        assert_eq!((approval.sub.expose(), approval.acr.as_str()), ("s-1", "3"));
        assert_eq!(approval.auth_time, Timestamp::from_seconds(NOW - 5));
        assert!(!format!("{approval:?}").contains("s-1"));
    }

    #[test]
    fn every_claim_counts() {
        let table: &[(&str, Value, Option<Doubt>)] = &[
            ("iss", json!("https://op.example/"), Some(Doubt::Issuer)),
            ("iss", json!(null), Some(Doubt::Malformed)),
            ("aud", json!("other"), Some(Doubt::Audience)),
            ("aud", json!([]), Some(Doubt::Audience)),
            ("aud", json!(["straznica"]), None),
            ("aud", json!(["straznica", "other"]), Some(Doubt::Audience)),
            ("azp", json!("straznica"), None),
            ("azp", json!("other"), Some(Doubt::Audience)),
            ("exp", json!(NOW - 30), Some(Doubt::Expired)),
            ("exp", json!(NOW - 29), None),
            ("exp", json!("soon"), Some(Doubt::Malformed)),
            ("exp", json!(1e300), None),
            ("iat", json!(NOW + 31), Some(Doubt::IssuedAt)),
            ("iat", json!(NOW + 30), None),
            ("iat", json!(ASKED - 31), Some(Doubt::IssuedAt)),
            ("iat", json!(ASKED - 30), None),
            ("sub", json!(""), Some(Doubt::Subject)),
            ("sub", json!("x".repeat(256)), Some(Doubt::Subject)),
            ("sub", json!("ż"), Some(Doubt::Subject)),
            ("nonce", json!("n-2"), Some(Doubt::OtherQuestion)),
            ("nonce", json!(null), Some(Doubt::OtherQuestion)),
            ("urn:openid:params:jwt:claim:auth_req_id", json!("r-2"), Some(Doubt::OtherQuestion)),
            ("urn:openid:params:jwt:claim:auth_req_id", json!("r-1"), None),
            ("acr", json!("2"), Some(Doubt::Level)),
            ("acr", json!("4"), None),
            ("acr", json!("5"), Some(Doubt::Level)),
            ("acr", json!(null), Some(Doubt::Level)),
            ("auth_time", json!(null), Some(Doubt::NotFresh)),
            ("auth_time", json!(ASKED - 31), Some(Doubt::NotFresh)),
            ("auth_time", json!(ASKED - 30), None),
            ("auth_time", json!(NOW + 31), Some(Doubt::NotFresh)),
            ("auth_time", json!(1_780_000_090.9), None),
        ];
        for (claim, value, doubt) in table {
            let mut claims = good();
            claims[*claim] = value.clone();
            assert_eq!(check(claims, Some("n-1")).err(), *doubt, "{claim} {value}");
        }
        // Nobody asked for one.
        assert!(check(good(), None).is_ok());
    }
}

//! Optimistic locking over HTTP: the tag of a person or case is its version, and whoever changes it says with `If-Match` (RFC 9110 §13.1.1) which one they saw.
//! Without is 428 (RFC 6585 §3), with another than the present one 412.

use axum::{extract::FromRequestParts, response::Response};
use http::{HeaderMap, HeaderValue, header, request::Parts};
use serde_json::Value;

use crate::error::GatewayError;

/// The version a caller saw.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Seen(pub(super) u64);

impl Seen {
    fn of(headers: &HeaderMap) -> Result<Self, GatewayError> {
        let mut named = headers.get_all(header::IF_MATCH).iter();
        let tag = named.next().ok_or(GatewayError::VersionMissing)?;
        if named.next().is_some() {
            return Err(GatewayError::HeaderMalformed("If-Match"));
        }
        version(tag).map(Self).ok_or(GatewayError::HeaderMalformed("If-Match"))
    }
}

/// A strong tag with a version in it: `If-Match` compares strongly, and a change is made to one version, not to any.
fn version(tag: &HeaderValue) -> Option<u64> {
    let digits = tag.to_str().ok()?.trim().strip_prefix('"')?.strip_suffix('"')?;
    let plain = (1..=19).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| digits.parse().ok()).flatten()
}

impl<S: Sync> FromRequestParts<S> for Seen {
    type Rejection = GatewayError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, GatewayError> {
        Self::of(&parts.headers)
    }
}

/// Tags an answer with the version it tells.
pub(super) fn tagged(version: u64, mut response: Response) -> Result<Response, GatewayError> {
    let tag = HeaderValue::from_str(&format!("\"{version}\""));
    response.headers_mut().insert(header::ETAG, tag.map_err(|_| GatewayError::IncompleteAnswer("a version"))?);
    Ok(response)
}

/// The version an answer tells that was kept as text.
pub(super) fn told_in(json: &str) -> Option<u64> {
    serde_json::from_str::<Value>(json).ok()?.get("version")?.as_u64()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_named_by_its_strong_tag_or_not_at_all() {
        for (tags, seen) in [
            (&["\"7\""][..], Some(7)),
            (&[" \"12\" "], Some(12)),
            (&["W/\"7\""], None),
            (&["*"], None),
            (&["7"], None),
            (&["\"7\", \"8\""], None),
            (&["\"7\"", "\"8\""], None),
            (&["\"-7\""], None),
            (&["\"\""], None),
            (&["\"99999999999999999999\""], None),
        ] {
            let mut headers = HeaderMap::new();
            for tag in tags {
                headers.append(header::IF_MATCH, HeaderValue::from_static(tag));
            }
            match (Seen::of(&headers), seen) {
                (Ok(Seen(found)), Some(version)) => assert_eq!(found, version),
                (Err(GatewayError::HeaderMalformed("If-Match")), None) => {}
                (found, _) => panic!("{tags:?}: {found:?}"),
            }
        }
        assert!(matches!(Seen::of(&HeaderMap::new()), Err(GatewayError::VersionMissing)));
        assert_eq!(told_in(r#"{"version":3,"stage":"merits"}"#), Some(3));
        assert_eq!(told_in("[]"), None);
    }
}

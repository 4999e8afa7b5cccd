//! Reading a request's body: its type, its size, its JSON; and saying which member is wrong without repeating what was in it.

use std::time::Duration;

use axum::body::Body;
use bytes::{Bytes, BytesMut};
use futures::StreamExt;
use http::{HeaderMap, header};
use serde::de::DeserializeOwned;

use crate::error::GatewayError;

/// How much of a refused body is read and thrown away, so that its sender gets to read the answer before the connection closes.
const DISCARDED_BYTES: usize = 256 * 1024 * 1024;
/// And for how long.
const DISCARDING_TIME: Duration = Duration::from_secs(10);

/// The whole body, if it is JSON by its type and not larger than `limit`. Nothing above the limit is held in memory; how long it may take
/// is the listener's to say.
pub(crate) async fn read_json(headers: &HeaderMap, body: Body, limit: usize) -> Result<Bytes, GatewayError> {
    if !is_json(headers) {
        discard(body);
        return Err(GatewayError::NotJson);
    }
    read(headers, body, limit).await
}

/// As [`read_json`]; an absent body needs no type.
pub(crate) async fn read_optional_json(
    headers: &HeaderMap,
    body: Body,
    limit: usize,
) -> Result<Option<Bytes>, GatewayError> {
    if !headers.contains_key(header::CONTENT_TYPE) {
        let bytes = read(headers, body, limit).await?;
        return if bytes.is_empty() { Ok(None) } else { Err(GatewayError::NotJson) };
    }
    let bytes = read_json(headers, body, limit).await?;
    Ok((!bytes.is_empty()).then_some(bytes))
}

async fn read(headers: &HeaderMap, body: Body, limit: usize) -> Result<Bytes, GatewayError> {
    let announced = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok())
        .and_then(|length| length.parse::<u64>().ok());
    if announced.is_some_and(|length| usize::try_from(length).map_or(true, |length| length > limit)) {
        discard(body);
        return Err(GatewayError::TooLarge { limit });
    }
    let mut data = body.into_data_stream();
    let mut whole = BytesMut::new();
    while let Some(chunk) = data.next().await {
        let chunk = chunk.map_err(|failure| {
            tracing::debug!(error = %failure, "a request's body could not be read");
            GatewayError::BodyBroken
        })?;
        if chunk.len() > limit - whole.len() {
            discard(Body::from_stream(data));
            return Err(GatewayError::TooLarge { limit });
        }
        whole.extend_from_slice(&chunk);
    }
    Ok(whole.freeze())
}

/// Reads on beside the answer: a server that closes while the other side is still sending resets the connection, and the answer is lost.
pub(crate) fn discard(body: Body) {
    tokio::spawn(async move {
        let mut data = body.into_data_stream();
        let mut seen = 0_usize;
        let reading = async {
            while let Some(Ok(chunk)) = data.next().await {
                seen = seen.saturating_add(chunk.len());
                if seen > DISCARDED_BYTES {
                    return;
                }
            }
        };
        if tokio::time::timeout(DISCARDING_TIME, reading).await.is_err() {
            tracing::debug!("a refused body was not sent to its end in time");
        }
    });
}

fn is_json(headers: &HeaderMap) -> bool {
    let Some(content_type) = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()) else {
        return false;
    };
    let mut parts = content_type.split(';').map(str::trim);
    parts.next().is_some_and(|essence| essence.eq_ignore_ascii_case("application/json"))
        && parts.all(|parameter| parameter.replace('"', "").eq_ignore_ascii_case("charset=utf-8"))
}

/// Reads JSON into a type of [`wire`](super::wire).
pub(crate) fn parse<T: DeserializeOwned>(json: &[u8]) -> Result<T, GatewayError> {
    let mut deserializer = serde_json::Deserializer::from_slice(json);
    let value = serde_path_to_error::deserialize(&mut deserializer).map_err(|failure| {
        let pointer = pointer(failure.path());
        refusal(&pointer, failure.inner())
    })?;
    deserializer.end().map_err(|failure| refusal("", &failure))?;
    Ok(value)
}

fn pointer(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    let mut pointer = String::new();
    for segment in path.iter() {
        match segment {
            Segment::Seq { index } => pointer.push_str(&format!("/{index}")),
            Segment::Map { key } | Segment::Enum { variant: key } if is_member_name(key) => {
                pointer.push('/');
                pointer.push_str(key);
            }
            // Not repeated: what stands there may be anything.
            Segment::Map { .. } | Segment::Enum { .. } | Segment::Unknown => pointer.push_str("/?"),
        }
    }
    pointer
}

/// A name that can be repeated to the caller: short, and nothing but letters and digits.
fn is_member_name(name: &str) -> bool {
    (1..=40).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// serde's messages may repeat the value that was wrong, which may be a person's; only what was expected is passed on.
fn refusal(pointer: &str, failure: &serde_json::Error) -> GatewayError {
    if failure.is_syntax() || failure.is_eof() || failure.is_io() {
        return GatewayError::MalformedJson { line: failure.line(), column: failure.column() };
    }
    let message = failure.to_string();
    let message = message.rsplit_once(" at line ").map_or(message.as_str(), |(message, _)| message);
    if let Some(name) = quoted_after(message, "missing field ") {
        return GatewayError::member(&format!("{pointer}/{name}"), "missing");
    }
    if let Some(name) = quoted_after(message, "duplicate field ") {
        return GatewayError::member(&format!("{pointer}/{name}"), "given twice");
    }
    if message.starts_with("unknown field ") {
        // serde_path_to_error's path ends with the unknown member itself
        return GatewayError::member(pointer, "no such member");
    }
    // Our own messages begin with what is expected; serde's have it at the end, after the value.
    let expected = match message.rsplit_once(", expected ") {
        Some((_, expected)) => format!("expected {expected}"),
        None if message.starts_with("expected ") => message.to_owned(),
        None if message.contains("out of range") => "expected a smaller number".to_owned(),
        None => own_words(message).unwrap_or("not as described").to_owned(),
    };
    GatewayError::member(pointer, &expected)
}

/// Messages of the shared vocabulary's types, which repeat nothing.
fn own_words(message: &str) -> Option<&'static str> {
    if message == straznica_types::InvalidName.to_string() {
        Some("expected 1 to 64 characters out of A-Z, a-z, 0-9, '.', '_' and '-'")
    } else if message == straznica_types::InvalidId.to_string() {
        Some("expected a UUID")
    } else {
        None
    }
}

fn quoted_after<'a>(message: &'a str, prefix: &str) -> Option<&'a str> {
    message.strip_prefix(prefix)?.strip_prefix('`')?.split('`').next()
}

/// What is wrong with a body, for an error that carries its cause as a box.
#[cfg(test)]
fn described(failure: &GatewayError) -> String {
    use straznica_error::Coded;
    let members: Vec<_> =
        failure.field_errors().into_iter().map(|member| format!("{}: {}", member.pointer, member.detail)).collect();
    if members.is_empty() { failure.detail() } else { members.join("; ") }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use http::HeaderValue;
    use serde::Deserialize;

    use super::*;
    use crate::rest::wire::inspection::NewInspection;

    const WHOLE: &str = r#"{"documentRef": "r-1", "access": "pace", "sod": "AQ==", "readAt": "2026-05-28T09:14:07Z",
        "officer": "SG-1", "purpose": "border_check", "line": "first"}"#;

    fn changed(change: impl FnOnce(&mut serde_json::Map<String, serde_json::Value>)) -> String {
        let mut members: serde_json::Map<_, _> = serde_json::from_str(WHOLE).unwrap();
        change(&mut members);
        serde_json::to_string(&members).unwrap()
    }

    #[test]
    fn the_smallest_inspection_is_read() {
        parse::<NewInspection>(WHOLE.as_bytes()).unwrap();
    }

    #[test]
    fn each_member_the_law_asks_for_is_named_when_missing() {
        for name in ["documentRef", "access", "sod", "readAt", "officer", "purpose", "line"] {
            let json = changed(|members| drop(members.remove(name)));
            let refused = parse::<NewInspection>(json.as_bytes()).unwrap_err();
            assert_eq!(described(&refused), format!("/{name}: missing"));
        }
    }

    #[test]
    fn a_wrong_member_is_named_and_its_value_not_repeated() {
        let secret = "KOWALSKA<<ANNA";
        for (name, value, said) in [
            (
                "officer",
                serde_json::json!(secret),
                "/officer: expected 1 to 64 characters out of A-Z, a-z, 0-9, '.', '_' and '-'",
            ),
            ("access", secret.into(), "/access: expected one of `bac`, `pace`, `pace_cam`"),
            ("sod", secret.into(), "/sod: expected base64 with padding (RFC 4648 §4)"),
            (
                "readAt",
                secret.into(),
                "/readAt: expected an instant as RFC 3339 writes it, e.g. 2026-05-28T09:14:07.250Z",
            ),
            ("dataGroups", secret.into(), "/dataGroups: expected an object of data group numbers and base64"),
            (
                "dataGroups",
                serde_json::json!({secret: "AQ=="}),
                "/dataGroups: expected data group numbers \"1\" to \"16\" as members",
            ),
            (
                "dataGroups",
                serde_json::json!({"1": secret}),
                "/dataGroups/1: expected base64 with padding (RFC 4648 §4)",
            ),
            ("digests", serde_json::json!({"1": "AQ=="}), "/digests: expected only members \"3\" and \"4\""),
            (
                "unreadable",
                serde_json::json!([{"dg": 3, "statusWord": secret}]),
                "/unreadable/0/statusWord: expected a status word of four hexadecimal digits, e.g. \"6982\"",
            ),
            (
                "unreadable",
                serde_json::json!([{"dg": 17, "statusWord": "6982"}]),
                "/unreadable/0/dg: expected the number of a data group, 1 to 16",
            ),
            (
                "unreadable",
                serde_json::json!([{"dg": 1e9 as i64, "statusWord": "6982"}]),
                "/unreadable/0/dg: expected u8",
            ),
            (
                "activeAuthentication",
                serde_json::json!({"challengeId": secret, "response": "AQ=="}),
                "/activeAuthentication/challengeId: expected a UUID",
            ),
            ("surname", secret.into(), "/surname: no such member"),
            (secret, 1.into(), "/?: no such member"),
            ("line", serde_json::json!({"third": secret}), "/line: expected `first` or `second`"),
        ] {
            let json = changed(|members| drop(members.insert(name.to_owned(), value)));
            let refused = parse::<NewInspection>(json.as_bytes()).unwrap_err();
            assert_eq!(described(&refused), said);
            assert!(!format!("{refused:?}").contains(secret), "{refused:?}");
        }
    }

    #[test]
    fn what_is_not_json_is_told_by_its_place() {
        for (json, said) in [
            (&b"{\"documentRef\": KOWALSKA"[..], "Not JSON from line 1, column 17."),
            (b"", "Not JSON from line 1, column 0."),
            (b"\xff\xfe", "Not JSON from line 1, column 1."),
        ] {
            assert_eq!(described(&parse::<NewInspection>(json).unwrap_err()), said);
        }
        let twice = format!("{WHOLE}{WHOLE}");
        assert!(matches!(parse::<NewInspection>(twice.as_bytes()), Err(GatewayError::MalformedJson { .. })));
    }

    #[test]
    fn a_member_given_twice_is_refused() {
        let json = WHOLE.replace("{\"documentRef\"", "{\"officer\": \"SG-2\", \"documentRef\"");
        assert_eq!(described(&parse::<NewInspection>(json.as_bytes()).unwrap_err()), "/officer: given twice");
    }

    #[test]
    fn nesting_without_end_is_malformed_not_a_crash() {
        #[derive(Debug, Deserialize)]
        #[expect(dead_code, reason = "only read")]
        struct Deep(BTreeMap<String, serde_json::Value>);
        let deep = format!("{{\"a\": {}", "[".repeat(100_000));
        assert!(matches!(parse::<Deep>(deep.as_bytes()), Err(GatewayError::MalformedJson { .. })));
    }

    #[test]
    fn only_json_in_utf_8_is_json() {
        for (content_type, json) in [
            ("application/json", true),
            ("Application/JSON; charset=utf-8", true),
            ("application/json; charset=\"UTF-8\"", true),
            ("application/json; charset=iso-8859-2", false),
            ("application/problem+json", false),
            ("text/plain", false),
            ("multipart/form-data; boundary=x", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
            assert_eq!(is_json(&headers), json, "{content_type}");
        }
        assert!(!is_json(&HeaderMap::new()));
    }
}

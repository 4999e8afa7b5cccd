//! `If-None-Match` (RFC 9110 §13.1.2) for representations whose tag is the SHA-256 of their bytes.

use http::{HeaderMap, header};

/// Tags a caller may name at once; more are not looked at.
const MAX_TAGS: usize = 16;

/// The condition of a request; without one, nothing matches.
#[derive(Debug, Default)]
pub(crate) struct IfNoneMatch {
    any: bool,
    digests: Vec<[u8; 32]>,
}

impl IfNoneMatch {
    /// Reads the header. Tags that are none of ours match nothing.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let mut condition = Self::default();
        let tags = headers
            .get_all(header::IF_NONE_MATCH)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .map(str::trim)
            .take(MAX_TAGS);
        for tag in tags {
            if tag == "*" {
                condition.any = true;
            } else if let Some(digest) = digest_of(tag) {
                condition.digests.push(digest);
            }
        }
        condition
    }

    /// The digest to ask the inner service with, so that it need not send what the caller has.
    pub(crate) fn known_digest(&self) -> Option<[u8; 32]> {
        self.digests.first().copied()
    }

    /// Whether the caller has what has this digest.
    pub(crate) fn matches(&self, digest: &[u8; 32]) -> bool {
        self.any || self.digests.contains(digest)
    }
}

/// The comparison is weak (RFC 9110 §13.1.2): `W/` makes no difference.
fn digest_of(tag: &str) -> Option<[u8; 32]> {
    let quoted = tag.strip_prefix("W/").unwrap_or(tag);
    let text = quoted.strip_prefix('"')?.strip_suffix('"')?;
    let mut digest = [0; 32];
    hex::decode_to_slice(text, &mut digest).ok()?;
    Some(digest)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn a_tag_matches_its_digest_however_it_is_listed() {
        let (mine, other) = ("07".repeat(32), "08".repeat(32));
        for (value, known, matches) in [
            (format!("\"{mine}\""), true, true),
            (format!("W/\"{mine}\""), true, true),
            (format!("\"{other}\", \"{mine}\""), true, true),
            (format!("\"{other}\""), true, false),
            ("*".to_owned(), false, true),
            (mine.clone(), false, false),
            ("\"abc\"".to_owned(), false, false),
            (String::new(), false, false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::IF_NONE_MATCH, HeaderValue::from_str(&value).unwrap());
            let condition = IfNoneMatch::of(&headers);
            assert_eq!(condition.known_digest().is_some(), known, "{value}");
            assert_eq!(condition.matches(&[7; 32]), matches, "{value}");
        }
        assert!(!IfNoneMatch::of(&HeaderMap::new()).matches(&[7; 32]));
    }
}

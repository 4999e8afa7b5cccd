//! Names of values.

/// Where a value lies: whom or what it is about, as an HMAC of the caller, and which of its values.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Key(String);

impl Key {
    /// `about` is a keyed digest (HMAC) of 16 to 64 bytes; `part` says what is kept under it, e.g. `code` or `tries`. All parts about the same lie on the
    /// same node of a cluster: the digest is the hash tag.
    #[must_use]
    pub fn new(part: &'static str, about: &[u8]) -> Self {
        Self(format!("{{{}}}:{part}", hex::encode(about)))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

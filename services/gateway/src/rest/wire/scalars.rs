//! The small types JSON members are made of: bytes, instants, status words, bounded texts.

use std::borrow::Cow;

use base64::{Engine, prelude::BASE64_STANDARD};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use straznica_types::{CivilDate, Timestamp};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{KnownFormat, ObjectBuilder, RefOr, Schema, SchemaFormat, schema::Type},
};

/// Bytes, as base64 with padding (RFC 4648 §4). Debug shows the length only: they may be a data group.
#[derive(Clone, PartialEq, Eq, Default)]
pub(crate) struct Base64(pub(crate) Vec<u8>);

impl std::fmt::Debug for Base64 {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "<{} bytes>", self.0.len())
    }
}

impl From<Vec<u8>> for Base64 {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }
}

impl Serialize for Base64 {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&BASE64_STANDARD.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Base64 {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        BASE64_STANDARD
            .decode(text.as_bytes())
            .map(Self)
            .map_err(|_| de::Error::custom("expected base64 with padding (RFC 4648 §4)"))
    }
}

impl PartialSchema for Base64 {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .content_encoding("base64")
            .description(Some("Bytes, as base64 with padding (RFC 4648 §4)."))
            .examples(["q83vEjRWeJA="])
            .into()
    }
}

impl ToSchema for Base64 {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("Base64")
    }
}

/// An instant, as RFC 3339 text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Instant(pub(crate) Timestamp);

impl Instant {
    /// From the contracts' milliseconds UTC.
    pub(crate) fn at(millis: i64) -> Self {
        Self(Timestamp::from_millis(millis))
    }

    /// From the contracts' milliseconds UTC, where zero means "not yet".
    pub(crate) fn from_contract(millis: i64) -> Option<Self> {
        (millis != 0).then(|| Self::at(millis))
    }
}

impl Serialize for Instant {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Instant {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        const EXPECTED: &str = "expected an instant as RFC 3339 writes it, e.g. 2026-05-28T09:14:07.250Z";
        let text = Cow::<str>::deserialize(deserializer)?;
        text.parse().map(Self).map_err(|_| de::Error::custom(EXPECTED))
    }
}

impl PartialSchema for Instant {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
            .description(Some("An instant (RFC 3339)."))
            .examples(["2026-05-28T09:14:07.250Z"])
            .into()
    }
}

impl ToSchema for Instant {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("Instant")
    }
}

/// A day, as ISO 8601 writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Day(pub(crate) CivilDate);

impl Serialize for Day {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        text.parse().map(Self).map_err(|_| de::Error::custom("expected a day, e.g. 2026-05-28"))
    }
}

impl PartialSchema for Day {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Date)))
            .description(Some("A day (ISO 8601)."))
            .examples(["2026-05-28"])
            .into()
    }
}

impl ToSchema for Day {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("Day")
    }
}

/// Status word a chip answered with (ISO/IEC 7816-4 §5.6), four hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct StatusWord(pub(crate) u16);

impl<'de> Deserialize<'de> for StatusWord {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        const EXPECTED: &str = "expected a status word of four hexadecimal digits, e.g. \"6982\"";
        let text = Cow::<str>::deserialize(deserializer)?;
        if text.len() != 4 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(de::Error::custom(EXPECTED));
        }
        u16::from_str_radix(&text, 16).map(Self).map_err(|_| de::Error::custom(EXPECTED))
    }
}

impl PartialSchema for StatusWord {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .pattern(Some("^[0-9A-Fa-f]{4}$"))
            .description(Some("Status word a chip answered with (ISO/IEC 7816-4 §5.6), four hexadecimal digits."))
            .examples(["6982"])
            .into()
    }
}

impl ToSchema for StatusWord {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("StatusWord")
    }
}

/// A text of 1 to `MAX` characters without control characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Text<const MAX: usize>(pub(crate) String);

impl<'de, const MAX: usize> Deserialize<'de> for Text<MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let length = text.chars().count();
        if length == 0 || length > MAX || text.trim().is_empty() || text.chars().any(char::is_control) {
            return Err(de::Error::custom(format_args!(
                "expected a text of 1 to {MAX} characters, not only spaces, without control characters"
            )));
        }
        Ok(Self(text))
    }
}

impl<const MAX: usize> PartialSchema for Text<MAX> {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new().schema_type(Type::String).min_length(Some(1)).max_length(Some(MAX)).into()
    }
}

impl<const MAX: usize> ToSchema for Text<MAX> {
    fn name() -> Cow<'static, str> {
        Cow::Owned(format!("Text{MAX}"))
    }
}

/// A text of the contracts, where an empty one means that there is none.
pub(crate) fn present(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}

/// SHA-256 fingerprint of a certificate, lower-case hexadecimal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fingerprint(pub(crate) [u8; 32]);

impl<'de> Deserialize<'de> for Fingerprint {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        let mut bytes = [0; 32];
        hex::decode_to_slice(text.as_bytes(), &mut bytes)
            .map_err(|_| de::Error::custom("expected a SHA-256 fingerprint of 64 hexadecimal digits"))?;
        Ok(Self(bytes))
    }
}

impl PartialSchema for Fingerprint {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .pattern(Some("^[0-9A-Fa-f]{64}$"))
            .description(Some("SHA-256 over a certificate's DER, hexadecimal."))
            .examples(["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"])
            .into()
    }
}

impl ToSchema for Fingerprint {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("Fingerprint")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_base64_with_padding_and_nothing_else() {
        assert_eq!(serde_json::from_str::<Base64>("\"q80=\"").unwrap(), Base64(vec![0xab, 0xcd]));
        for wrong in ["\"q80\"", "\"q8_=\"", "\"q80=\\n\"", "17", "null"] {
            assert!(serde_json::from_str::<Base64>(wrong).is_err(), "{wrong}");
        }
        assert_eq!(serde_json::to_string(&Base64(vec![0xab, 0xcd])).unwrap(), "\"q80=\"");
        assert_eq!(format!("{:?}", Base64(vec![1, 2, 3])), "<3 bytes>");
    }

    #[test]
    fn instants_are_read_with_any_offset_and_written_in_utc() {
        let at: Instant = serde_json::from_str("\"2026-05-28T11:14:07.250+02:00\"").unwrap();
        assert_eq!(at.0.millis(), 1_779_959_647_250);
        assert_eq!(serde_json::to_string(&at).unwrap(), "\"2026-05-28T09:14:07.250Z\"");
        for wrong in ["\"2026-05-28\"", "\"2026-05-28T09:14\"", "1779959647", "\"\""] {
            assert!(serde_json::from_str::<Instant>(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn days_are_days_of_the_calendar() {
        let day: Day = serde_json::from_str("\"2028-02-29\"").unwrap();
        assert_eq!(serde_json::to_string(&day).unwrap(), "\"2028-02-29\"");
        for wrong in ["\"2026-02-29\"", "\"2026-2-1\"", "\"2026-05-28T09:14:07Z\"", "20260528", "\"\""] {
            assert!(serde_json::from_str::<Day>(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn status_words_are_four_hexadecimal_digits() {
        assert_eq!(serde_json::from_str::<StatusWord>("\"6a82\"").unwrap(), StatusWord(0x6a82));
        for wrong in ["\"0x6982\"", "\"698\"", "\"69829\"", "\"+698\"", "27010"] {
            assert!(serde_json::from_str::<StatusWord>(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn texts_are_bounded_and_visible() {
        assert!(serde_json::from_str::<Text<5>>("\"żółty\"").is_ok());
        for wrong in ["\"\"", "\"  \"", "\"zbyt długi\"", "\"a\\nb\""] {
            assert!(serde_json::from_str::<Text<5>>(wrong).is_err(), "{wrong}");
        }
    }
}

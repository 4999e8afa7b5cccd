//! Certificate holder and certification authority references (TR-03110-3 C.1.2, C.1.4, A.7.1): country, mnemonic, sequence.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Why bytes or a text are no reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReferenceError {
    /// Not 8 to 16 bytes: two of country, one to nine of mnemonic, five of sequence.
    #[error("a reference has 8 to 16 characters")]
    Length,
    /// A character outside ISO 8859-1, or one of 00–1F and 7F–9F.
    #[error("a forbidden character")]
    Character,
    /// The country is not two letters (ISO 3166-1 alpha-2; small letters occur and are reported by verification).
    #[error("the country is not two letters")]
    Country,
    /// The sequence is not five of 0–9 and A–Z.
    #[error("the sequence is not five digits or capital letters")]
    Sequence,
}

/// The name of a holder (CHR) or of an authority (CAR): country (2), mnemonic (1 to 9), sequence (5), in ISO 8859-1.
///
/// A reference names a key only relative to whoever issued the certificate, and a partner may start its sequence
/// anew: store certificates under the pair of CAR and CHR.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reference {
    bytes: [u8; Self::MAX],
    length: u8,
}

impl Reference {
    const MAX: usize = 16;

    /// Reads the value of a reference object.
    ///
    /// # Errors
    /// [`ReferenceError`] for the first rule broken.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ReferenceError> {
        if !(8..=Self::MAX).contains(&bytes.len()) {
            return Err(ReferenceError::Length);
        }
        if bytes.iter().any(|byte| matches!(byte, 0x00..=0x1F | 0x7F..=0x9F)) {
            return Err(ReferenceError::Character);
        }
        if !bytes[..2].iter().all(u8::is_ascii_alphabetic) {
            return Err(ReferenceError::Country);
        }
        if !bytes[bytes.len() - 5..].iter().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase()) {
            return Err(ReferenceError::Sequence);
        }
        let mut reference = Self { bytes: [0; Self::MAX], length: bytes.len() as u8 };
        reference.bytes[..bytes.len()].copy_from_slice(bytes);
        Ok(reference)
    }

    /// Puts a reference together from its three parts.
    ///
    /// # Errors
    /// As [`Reference::from_bytes`].
    pub fn new(country: &str, mnemonic: &str, sequence: &str) -> Result<Self, ReferenceError> {
        if country.len() != 2 {
            return Err(ReferenceError::Country);
        }
        if sequence.len() != 5 {
            return Err(ReferenceError::Sequence);
        }
        format!("{country}{mnemonic}{sequence}").parse()
    }

    /// As written in a certificate, ISO 8859-1.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.length)]
    }

    /// ISO 3166-1 alpha-2 code of the holder's country.
    pub fn country(&self) -> &str {
        std::str::from_utf8(&self.bytes[..2]).unwrap_or_default()
    }

    /// The holder's short name within its country.
    pub fn mnemonic(&self) -> String {
        self.mnemonic_bytes().iter().copied().map(char::from).collect()
    }

    /// The five characters that tell the holder's keys apart; numeric, alphanumeric, or led by the country of the
    /// certifying authority.
    pub fn sequence(&self) -> &str {
        let bytes = self.as_bytes();
        std::str::from_utf8(&bytes[bytes.len() - 5..]).unwrap_or_default()
    }

    /// True when both name the same holder, whatever the key.
    pub fn same_holder(&self, other: &Self) -> bool {
        self.country() == other.country() && self.mnemonic_bytes() == other.mnemonic_bytes()
    }

    fn mnemonic_bytes(&self) -> &[u8] {
        let bytes = self.as_bytes();
        &bytes[2..bytes.len() - 5]
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text: String = self.as_bytes().iter().copied().map(char::from).collect();
        f.pad(&text)
    }
}

impl fmt::Debug for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Reference({self})")
    }
}

impl FromStr for Reference {
    type Err = ReferenceError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bytes: Result<Vec<u8>, _> = text.chars().map(u8::try_from).collect();
        Self::from_bytes(&bytes.map_err(|_| ReferenceError::Character)?)
    }
}

impl Serialize for Reference {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Reference {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::{Reference, ReferenceError};

    #[test]
    fn a_reference_falls_into_country_mnemonic_and_sequence() {
        let reference: Reference = "DETESTeID00004".parse().unwrap();
        assert_eq!(reference.country(), "DE");
        assert_eq!(reference.mnemonic(), "TESTeID");
        assert_eq!(reference.sequence(), "00004");
        assert_eq!(reference, Reference::new("DE", "TESTeID", "00004").unwrap());
        assert!(reference.same_holder(&"DETESTeID00005".parse().unwrap()));
        assert!(!reference.same_holder(&"DETESTeI000004".parse().unwrap()));
        assert_eq!(Reference::new("DE", "Grüße", "PL0A1").unwrap().mnemonic(), "Grüße");
    }

    #[test]
    fn what_breaks_a_rule_is_refused_by_name() {
        for (text, error) in [
            ("DE00001", ReferenceError::Length),
            ("DETOOLONGNAM00001", ReferenceError::Length),
            ("DETE\u{7f}T00001", ReferenceError::Character),
            ("DETE\u{9f}T00001", ReferenceError::Character),
            ("DETE\nT00001", ReferenceError::Character),
            ("DETE€T00001", ReferenceError::Character),
            ("D1TEST00001", ReferenceError::Country),
            ("DETEST0000a", ReferenceError::Sequence),
            ("DETEST 0001", ReferenceError::Sequence),
        ] {
            assert_eq!(text.parse::<Reference>(), Err(error), "{text}");
        }
        assert_eq!(Reference::new("DEX", "A", "0001"), Err(ReferenceError::Country));
    }

    #[test]
    fn a_reference_travels_through_json_as_its_text() {
        let reference: Reference = "PLCVCAEPASS00001".parse().unwrap();
        let json = serde_json::to_string(&reference).unwrap();
        assert_eq!(json, "\"PLCVCAEPASS00001\"");
        assert_eq!(serde_json::from_str::<Reference>(&json).unwrap(), reference);
    }
}

//! Names given by people: terminals and officers.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

const MAX_LENGTH: usize = 64;

/// A text that cannot name a terminal, an officer or a peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("1 to 64 characters out of A-Z, a-z, 0-9, '.', '_' and '-' expected")]
pub struct InvalidName;

/// Checks that a text can stand in a certificate's URI (SPIFFE-ID §2.2), a log line and a metric without escaping: 1 to 64 of
/// `A-Z a-z 0-9 . _ -`, and neither `.` nor `..`.
///
/// # Errors
/// [`InvalidName`] otherwise.
pub fn check_name(text: &str) -> Result<(), InvalidName> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    let well_formed =
        (1..=MAX_LENGTH).contains(&text.len()) && text.bytes().all(allowed) && text != "." && text != "..";
    well_formed.then_some(()).ok_or(InvalidName)
}

macro_rules! name {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// Checked by [`check_name`].
            ///
            /// # Errors
            /// [`InvalidName`].
            pub fn parse(text: &str) -> Result<Self, InvalidName> {
                check_name(text).map(|()| Self(text.to_owned()))
            }

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl FromStr for $name {
            type Err = InvalidName;

            fn from_str(text: &str) -> Result<Self, InvalidName> {
                Self::parse(text)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                Self::parse(&text).map_err(de::Error::custom)
            }
        }
    };
}

name! {
    /// A terminal as enrolled at the gateway and named by its certificate, e.g. `PL-WAW-017`.
    TerminalId
}

name! {
    /// An officer's service identifier. Never a name.
    OfficerId
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_need_escaping_are_refused() {
        for text in ["PL-WAW-017", "a", "sg.1234_x"] {
            assert_eq!(TerminalId::parse(text).unwrap().as_str(), text);
        }
        let too_long = "a".repeat(65);
        for text in ["", ".", "..", "a b", "a/b", "ż", "a\n", &too_long] {
            assert_eq!(OfficerId::parse(text), Err(InvalidName), "{text:?}");
        }
    }
}

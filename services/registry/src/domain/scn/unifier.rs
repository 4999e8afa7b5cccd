//! What names a message, a matter, a state.

use std::fmt;

use straznica_types::Timestamp;

use super::Unreadable;
use crate::domain::ConsultationId;

macro_rules! checked {
    ($(#[$meta:meta])* $name:ident, $longest:literal, $allowed:expr, $wrong:literal) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// From its text.
            ///
            /// # Errors
            /// [`Unreadable`].
            pub fn parse(text: &str) -> Result<Self, Unreadable> {
                let allowed: fn(u8) -> bool = $allowed;
                let fits = (1..=$longest).contains(&text.len()) && text.bytes().all(allowed) && text.trim() == text;
                fits.then(|| Self(text.to_owned())).ok_or(Unreadable($wrong))
            }

            /// Its text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

checked! {
    /// Document unifier (heading 000): names one message of one state. Up to 50 letters, digits, blanks and `-`.
    Unifier, 50, |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b' ' | b'.' | b'_'), "a document unifier has 1 to 50 characters"
}

checked! {
    /// A file number (headings 001, 040, 048): up to 19 letters and digits.
    FileNumber, 19, |byte| byte.is_ascii_alphanumeric(), "a file number has 1 to 19 letters and digits"
}

checked! {
    /// A state: three capital letters (ICAO 9303-3 §5).
    State, 3, |byte| byte.is_ascii_uppercase(), "a state has three capital letters"
}

impl Unifier {
    /// One that was never used: of this state and moment, and of chance.
    #[must_use]
    pub fn generate(state: &State, at: Timestamp) -> Self {
        // A UUID of version 7 as 32 digits, behind the state: 36 characters.
        Self(format!("{state}-{}", ConsultationId::generate_at(at).uuid().simple()).to_ascii_uppercase())
    }
}

impl FileNumber {
    /// Of a consultation of ours, by its number (`KSK/2026/000017`): state, year, twelve digits.
    ///
    /// # Errors
    /// [`Unreadable`] for a number of another form.
    pub fn of_consultation(state: &State, number: &str) -> Result<Self, Unreadable> {
        const WRONG: Unreadable = Unreadable("the number of a consultation is of another form");
        let mut parts = number.split('/').skip(1);
        let (year, last) = parts.next().zip(parts.next()).ok_or(WRONG)?;
        let last: u64 = last.parse().map_err(|_| WRONG)?;
        Self::parse(&format!("{state}{year}{last:012}"))
    }
}

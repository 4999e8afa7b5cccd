//! Text encodings of files. Which one is said by the sender and never guessed: a Polish name read in the wrong one is another name.

use crate::domain::person::words;
use serde::{Deserialize, Serialize};

words! {
    /// An encoding.
    Encoding {
        /// UTF-8, with or without a byte order mark.
        Utf8 = "utf8",
        /// Windows-1250, of older systems in Poland.
        Windows1250 = "windows1250",
    }
}

/// What the bytes 0x80 to 0xFF mean in Windows-1250; U+FFFD: nothing.
const WINDOWS_1250: &str = "€\u{fffd}‚\u{fffd}„…†‡\u{fffd}‰Š‹ŚŤŽŹ\u{fffd}‘’“”•–—\u{fffd}™š›śťžź\
    \u{a0}ˇ˘Ł¤Ą¦§¨©Ş«¬\u{ad}®Ż°±˛ł´µ¶·¸ąş»Ľ˝ľżŔÁÂĂÄĹĆÇČÉĘËĚÍÎĎĐŃŇÓÔŐÖ×ŘŮÚŰÜÝŢßŕáâăäĺćçčéęëěíîďđńňóôőö÷řůúűüýţ˙";

impl Encoding {
    /// The text some bytes are; `None`: they are none.
    #[must_use]
    pub fn decode(self, bytes: &[u8]) -> Option<String> {
        match self {
            Self::Utf8 => std::str::from_utf8(bytes).ok().map(ToOwned::to_owned),
            Self::Windows1250 => bytes.iter().map(|byte| windows_1250(*byte)).collect(),
        }
    }

    /// Whether a whole file can be in it: one that is UTF-8 beyond ASCII is not Windows-1250, whatever its sender says.
    #[must_use]
    pub fn is_plausible(self, file: &[u8]) -> bool {
        match self {
            Self::Utf8 => true,
            Self::Windows1250 => file.is_ascii() || std::str::from_utf8(file).is_err(),
        }
    }
}

fn windows_1250(byte: u8) -> Option<char> {
    if byte.is_ascii() {
        return Some(char::from(byte));
    }
    WINDOWS_1250.chars().nth(usize::from(byte - 0x80)).filter(|letter| *letter != '\u{fffd}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_of_windows_1250_are_the_letters_they_stand_for() {
        assert_eq!(WINDOWS_1250.chars().count(), 128);
        let read = |bytes: &[u8]| Encoding::Windows1250.decode(bytes);
        // "Zażółć gęślą jaźń", "ŚWIĄTEK", "Škoda", "€"
        let sentence = b"Za\xbf\xf3\xb3\xe6 g\xea\x9cl\xb9 ja\x9f\xf1";
        assert_eq!(read(sentence).as_deref(), Some("Zażółć gęślą jaźń"));
        assert_eq!(read(b"\x8cWI\xa5TEK").as_deref(), Some("ŚWIĄTEK"));
        assert_eq!(read(b"\x8akoda \x80").as_deref(), Some("Škoda €"));
        for undefined in [0x81, 0x83, 0x88, 0x90, 0x98] {
            assert_eq!(read(&[b'A', undefined]), None, "{undefined:x}");
        }
    }

    #[test]
    fn what_is_utf_8_is_not_taken_for_windows_1250() {
        assert!(!Encoding::Windows1250.is_plausible("Żółć".as_bytes()));
        assert!(Encoding::Windows1250.is_plausible(b"\xaf\xf3\xb3\xe6"));
        assert!(Encoding::Windows1250.is_plausible(b"ascii"));
        assert_eq!(Encoding::Utf8.decode(b"\xaf\xf3\xb3\xe6"), None);
    }
}

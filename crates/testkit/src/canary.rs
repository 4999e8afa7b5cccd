//! Values planted on purpose, and looked for in everything a service leaves behind: log, database, short-lived state.

use std::collections::BTreeSet;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use memchr::memmem;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::fmt::MakeWriter;

/// The log of this process, every level of it.
#[derive(Clone, Debug, Default)]
pub struct Lines(Arc<Mutex<Vec<u8>>>);

impl Lines {
    /// Keeps what is logged by any thread, from the first call on.
    ///
    /// # Panics
    /// When the log of this process goes elsewhere already.
    #[must_use]
    pub fn of_this_process() -> Self {
        static LINES: OnceLock<Lines> = OnceLock::new();
        let lines = LINES.get_or_init(|| {
            let lines = Self::default();
            let subscriber = tracing_subscriber::fmt()
                .with_max_level(LevelFilter::TRACE)
                .with_writer(lines.clone())
                .with_ansi(false)
                .finish();
            #[expect(clippy::expect_used, reason = "without the log there is nothing to search")]
            tracing::subscriber::set_global_default(subscriber).expect("the log of this process is still to be had");
            lines
        });
        lines.clone()
    }

    /// What was logged so far.
    #[must_use]
    pub fn so_far(&self) -> Vec<u8> {
        self.locked().clone()
    }

    fn locked(&self) -> MutexGuard<'_, Vec<u8>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.locked().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// Shorter values stand in other cases of their letters, and in base64, by chance: megabytes are searched.
const SHORTEST: usize = 6;

/// Whether a value stands anywhere: as it is or in hexadecimal, whatever the case of the letters; in base64, also of addresses, at each of the three alignments;
/// as a list of numbers, which is how JSON and printouts show bytes. Of fewer than six bytes it is looked for in its own case, and not in base64.
#[must_use]
pub fn finds(haystack: &[u8], value: impl AsRef<[u8]>) -> bool {
    let value = value.as_ref();
    let folded = haystack.to_ascii_lowercase();
    let plain = contains(haystack, value) || contains(&folded, hex::encode(value).as_bytes());
    let as_numbers = || as_numbers(value).iter().any(|needle| contains(haystack, needle));
    if plain || as_numbers() {
        return true;
    }
    value.len() >= SHORTEST
        && (contains(&folded, &value.to_ascii_lowercase())
            || in_base64(value).iter().any(|needle| contains(haystack, needle)))
}

/// Whether a code stands somewhere alone: six digits in the middle of a time or a digest are none.
#[must_use]
pub fn finds_alone(haystack: &[u8], code: &str) -> bool {
    let part = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    memmem::find_iter(haystack, code).any(|at| {
        let before = at.checked_sub(1).and_then(|at| haystack.get(at));
        !part(before) && !part(haystack.get(at + code.len()))
    })
}

/// Every place at which a value begins, as it is.
pub fn places(haystack: &[u8], value: &[u8]) -> impl Iterator<Item = usize> {
    memmem::find_iter(haystack, value).collect::<Vec<_>>().into_iter()
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    memmem::find(haystack, needle).is_some()
}

/// What base64 makes of a value after none, one or two other bytes, less the characters its neighbours have a share in.
fn in_base64(value: &[u8]) -> BTreeSet<Vec<u8>> {
    let mut forms = BTreeSet::new();
    for shift in 0..3 {
        let shifted = [&[0; 2][..shift], value].concat();
        // a character holds six bits
        let (first, last) = ((shift * 8).div_ceil(6), shifted.len() * 8 / 6);
        for alphabet in [&STANDARD_NO_PAD, &URL_SAFE_NO_PAD] {
            forms.insert(alphabet.encode(&shifted).as_bytes()[first..last].to_vec());
        }
    }
    forms
}

fn as_numbers(value: &[u8]) -> [Vec<u8>; 2] {
    let numbers: Vec<String> = value.iter().map(u8::to_string).collect();
    [",", ", "].map(|between| numbers.join(between).into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_search_finds_a_value_in_every_disguise() {
        let value = "XQJZ>Kanaria?";
        for hidden in [
            format!("a{value}b"),
            value.to_lowercase(),
            value.to_uppercase(),
            hex::encode(value),
            hex::encode_upper(value),
            serde_json::to_string(value.as_bytes()).unwrap(),
            format!("{:?}", value.as_bytes()),
        ] {
            assert!(finds(hidden.as_bytes(), value), "{hidden}");
        }
        for before in ["", "x", "xy", "xyz"] {
            for after in ["", "y", "yy", "yyy"] {
                let plain = format!("{before}{value}{after}");
                for hidden in [STANDARD_NO_PAD.encode(&plain), URL_SAFE_NO_PAD.encode(&plain)] {
                    assert!(finds(hidden.as_bytes(), value), "{hidden}");
                }
            }
        }
        assert!(!finds(b"nothing of the kind", value));
        assert!(!finds(STANDARD_NO_PAD.encode("xy XQJZ>Kanarie? yy").as_bytes(), value));
        for hidden in ["a short QxZw".to_owned(), hex::encode_upper("QxZw"), format!("{:?}", b"QxZw")] {
            assert!(finds(hidden.as_bytes(), "QxZw") && !finds(hidden.as_bytes(), "QxZv"), "{hidden}");
        }
        let bytes = [0xf0, 0x00, 0x9f, 0x41];
        assert!(finds(&[b"before ", &bytes[..], b" after"].concat(), bytes) && !finds(b"before after", bytes));
    }

    #[test]
    fn a_code_is_found_where_it_stands_alone() {
        assert!(finds_alone(b"{\"code\":\"123456\"}", "123456") && finds_alone(b"123456 to kod", "123456"));
        assert!(finds_alone(b"x123456 123456", "123456"), "not only the first of them is looked at");
        assert_eq!(places(b"abcabc", b"bc").collect::<Vec<_>>(), [1, 4]);
        assert!(!finds_alone(b"1763812345600", "123456") && !finds_alone(b"ab123456", "123456"));
    }
}

//! The SMSC's names for parts. One operator answers a submission in hexadecimal and writes the receipt in decimal, another pads with zeros, a third
//! changes the case; the same octets mean the same message all the same.

use std::collections::BTreeSet;
use std::fmt;

/// Longest message_id (SMPP 3.4 §5.2.23, without the closing NUL).
const MAX_LENGTH: usize = 64;
/// Longest that is read: SMPP says 64, some operators count the NUL otherwise.
const MAX_READ: usize = MAX_LENGTH + 1;

/// A message id as the SMSC wrote it: 1 to 65 printable ASCII characters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MessageId(String);

/// How alike two ids are, the most alike last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Likeness {
    /// The same number, one written in hexadecimal and the other in decimal.
    OtherBase,
    /// The same but for leading zeros and case.
    OtherSpelling,
    /// The same characters.
    Same,
}

impl MessageId {
    /// `None` when it is empty, longer than 65 characters, or has anything but printable ASCII.
    pub fn new(id: &str) -> Option<Self> {
        let printable = id.bytes().all(|octet| octet.is_ascii_graphic());
        (printable && (1..=MAX_READ).contains(&id.len())).then(|| Self(id.to_owned()))
    }

    /// As the SMSC wrote it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What to look it up by: two ids that may mean the same message share at least one. One to three short texts.
    pub fn keys(&self) -> BTreeSet<String> {
        let spelling = self.spelling();
        let mut keys = BTreeSet::from([format!("s:{spelling}")]);
        // Read as hexadecimal, a number is its own spelling; read as decimal, it is that of its hexadecimal form.
        if is_hexadecimal(&spelling) {
            keys.insert(format!("n:{spelling}"));
        }
        if let Some(value) = decimal(&spelling) {
            keys.insert(format!("n:{value:x}"));
        }
        keys
    }

    /// How alike another id is; `None` when they do not mean the same message.
    pub fn likeness(&self, other: &Self) -> Option<Likeness> {
        if self == other {
            return Some(Likeness::Same);
        }
        let (mine, theirs) = (self.spelling(), other.spelling());
        if mine == theirs {
            return Some(Likeness::OtherSpelling);
        }
        let in_hexadecimal = |decimal_side: &str, other_side: &str| {
            is_hexadecimal(other_side) && decimal(decimal_side).is_some_and(|value| format!("{value:x}") == other_side)
        };
        (in_hexadecimal(&mine, &theirs) || in_hexadecimal(&theirs, &mine)).then_some(Likeness::OtherBase)
    }

    /// Small letters, no leading zeros; `0` for nothing but zeros. With [`Self::hexadecimal`] what a database finds it by: two ids mean the same
    /// message when their spellings are equal, or the hexadecimal of one is the spelling of the other.
    pub fn spelling(&self) -> String {
        let trimmed = self.0.trim_start_matches('0');
        if trimmed.is_empty() { "0".to_owned() } else { trimmed.to_ascii_lowercase() }
    }

    /// The spelling it has in hexadecimal, read as a decimal number; `None` when it is none.
    pub fn hexadecimal(&self) -> Option<String> {
        decimal(&self.spelling()).map(|value| format!("{value:x}"))
    }
}

fn is_hexadecimal(spelling: &str) -> bool {
    spelling.bytes().all(|octet| octet.is_ascii_hexdigit())
}

/// The value of a decimal spelling up to 2^128; operators that count do not count further.
fn decimal(spelling: &str) -> Option<u128> {
    spelling.bytes().all(|octet| octet.is_ascii_digit()).then(|| spelling.parse().ok()).flatten()
}

impl fmt::Display for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Which message a receipt is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resolution<T> {
    /// None of those offered: the receipt is parked.
    None,
    /// This one.
    One(T),
    /// Several fit equally well, and a guess would tell a citizen the wrong thing: an operator decides, or the next receipt.
    Ambiguous(Vec<T>),
}

/// Decides among messages that share a key with the receipt's id: the most alike wins, for an operator that writes the same id twice the same way
/// must not be undone by another message whose number happens to read so in the other base.
pub fn resolve<T>(receipt: &MessageId, candidates: impl IntoIterator<Item = (MessageId, T)>) -> Resolution<T> {
    let mut best: Option<Likeness> = None;
    let mut found = Vec::new();
    for (id, candidate) in candidates {
        let Some(likeness) = receipt.likeness(&id) else { continue };
        if best.is_none_or(|best| likeness > best) {
            best = Some(likeness);
            found.clear();
        }
        if best == Some(likeness) {
            found.push(candidate);
        }
    }
    match found.len() {
        0 => Resolution::None,
        1 => found.pop().map_or(Resolution::None, Resolution::One),
        _ => Resolution::Ambiguous(found),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn id(text: &str) -> MessageId {
        MessageId::new(text).unwrap()
    }

    #[test]
    fn ids_are_alike_across_base_zeros_and_case() {
        use Likeness::{OtherBase, OtherSpelling, Same};
        for (one, other, likeness) in [
            ("0A1B", "0A1B", Some(Same)),
            ("0A1B", "a1b", Some(OtherSpelling)),
            ("0A1B", "2587", Some(OtherBase)),
            ("00002587", "A1B", Some(OtherBase)),
            ("2587", "00002587", Some(OtherSpelling)),
            ("100", "256", Some(OtherBase)),
            ("100", "64", Some(OtherBase)),
            ("000", "0", Some(OtherSpelling)),
            ("FFFFFFFFFFFFFFFF", "18446744073709551615", Some(OtherBase)),
            ("9f2c-77", "9F2C-77", Some(OtherSpelling)),
            ("100", "101", None),
            ("a1b", "a1c", None),
            ("x1", "1", None),
            // Beyond 2^128 only the spelling counts.
            ("400000000000000000000000000000000000000000", "1", None),
        ] {
            assert_eq!(id(one).likeness(&id(other)), likeness, "{one} {other}");
            assert_eq!(id(other).likeness(&id(one)), likeness, "{other} {one}");
        }
    }

    #[test]
    fn the_most_alike_wins_and_a_tie_is_said_to_be_one() {
        let candidates = || [(id("100"), 'a'), (id("64"), 'b'), (id("256"), 'c')];
        assert_eq!(resolve(&id("100"), candidates()), Resolution::One('a'));
        assert_eq!(resolve(&id("0100"), candidates()), Resolution::One('a'));
        assert_eq!(resolve(&id("100"), candidates().into_iter().skip(1)), Resolution::Ambiguous(vec!['b', 'c']));
        assert_eq!(resolve(&id("7"), candidates()), Resolution::None);
        // An operator that used an id twice.
        assert_eq!(resolve(&id("5"), [(id("5"), 1), (id("5"), 2)]), Resolution::Ambiguous(vec![1, 2]));
    }

    #[test]
    fn an_id_is_printable_and_not_longer_than_the_field() {
        for bad in ["", " ", "a b", "ż", "a\0"] {
            assert_eq!(MessageId::new(bad), None, "{bad:?}");
        }
        assert!(MessageId::new(&"7".repeat(65)).is_some());
        assert_eq!(MessageId::new(&"7".repeat(66)), None);
    }

    proptest! {
        #[test]
        fn ids_that_are_alike_share_a_key(value: u128, zeros in 0_usize..5, capital: bool) {
            let zeros = "0".repeat(zeros);
            let hexadecimal = if capital { format!("{zeros}{value:X}") } else { format!("{zeros}{value:x}") };
            let (answered, receipted) = (id(&hexadecimal), id(&format!("{value:010}")));
            prop_assert!(answered.likeness(&receipted).is_some());
            prop_assert!(answered.keys().intersection(&receipted.keys()).next().is_some());
        }

        #[test]
        fn likeness_needs_a_shared_key(one in "[0-9a-fA-FxX-]{1,6}", other in "[0-9a-fA-FxX-]{1,6}") {
            let (one, other) = (id(&one), id(&other));
            if one.likeness(&other).is_some() {
                prop_assert!(one.keys().intersection(&other.keys()).next().is_some());
            }
            prop_assert!(one.keys().len() <= 3);
            let found = one.spelling() == other.spelling()
                || one.hexadecimal().as_ref() == Some(&other.spelling())
                || other.hexadecimal().as_ref() == Some(&one.spelling());
            prop_assert_eq!(found, one.likeness(&other).is_some());
        }
    }
}

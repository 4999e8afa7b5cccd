//! Sequence parts of holder references: five characters that are never given twice.
//!
//! A certificate holder reference is unique only relative to its issuer (TR-03110-3 §A.6.1), and an exhausted sequence may be reset by other
//! states. Ours never is: one counter a holder name (country and mnemonic) serves every issuer, so that GetTASignature, which names the
//! reference alone, always names one key.

use thiserror::Error;

/// Last ordinal that has a text: 99 999 numeric ones, then those that begin with a letter.
pub const LAST_ORDINAL: u32 = 99_999 + 26 * 36_u32.pow(4);

/// The holder name has used all of its sequence numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the holder's sequence numbers are used up; another mnemonic is needed")]
pub struct SequenceExhausted;

/// Text of the `ordinal`th sequence number: 1 → `00001`, 99 999 → `99999`, then `A0000` … `ZZZZZ` (digits before letters).
///
/// # Errors
/// [`SequenceExhausted`] past the last one; zero is none.
pub fn sequence_text(ordinal: u32) -> Result<String, SequenceExhausted> {
    match ordinal {
        1..=99_999 => Ok(format!("{ordinal:05}")),
        100_000..=LAST_ORDINAL => Ok(base36(ordinal - 100_000 + 10 * 36_u32.pow(4))),
        _ => Err(SequenceExhausted),
    }
}

/// A text that no sequence number given here has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error(
    "no sequence number given here has this text: five digits from 00001 on, or a letter and four digits or letters"
)]
pub struct NotASequence;

/// The ordinal a sequence number has: [`sequence_text`] read backwards.
///
/// # Errors
/// [`NotASequence`] for a text that is never given, `00000` and `0000A` among them, though a reference of another state may end so.
pub fn sequence_ordinal(text: &str) -> Result<u32, NotASequence> {
    let known = text.len() == 5 && text.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase());
    let ordinal = if text.bytes().all(|byte| byte.is_ascii_digit()) {
        text.parse().ok()
    } else {
        u32::from_str_radix(text, 36)
            .ok()
            .and_then(|value| value.checked_sub(10 * 36_u32.pow(4)))
            .map(|value| value + 100_000)
    };
    ordinal.filter(|ordinal| known && *ordinal > 0).ok_or(NotASequence)
}

fn base36(mut value: u32) -> String {
    let mut text = [b'0'; 5];
    for place in text.iter_mut().rev() {
        // The remainder is below 36, so it fits.
        let digit = (value % 36) as u8;
        *place = if digit < 10 { b'0' + digit } else { b'A' + digit - 10 };
        value /= 36;
    }
    text.iter().map(|byte| char::from(*byte)).collect()
}

#[cfg(test)]
mod tests {
    use super::{LAST_ORDINAL, NotASequence, SequenceExhausted, sequence_ordinal, sequence_text};
    use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};

    #[test]
    fn numbers_come_first_and_then_letters() {
        for (ordinal, text) in [
            (1, "00001"),
            (99_999, "99999"),
            (100_000, "A0000"),
            (100_035, "A000Z"),
            (100_036, "A0010"),
            (LAST_ORDINAL, "ZZZZZ"),
        ] {
            assert_eq!(sequence_text(ordinal).unwrap(), text);
            assert_eq!(sequence_ordinal(text).unwrap(), ordinal);
        }
        assert_eq!(sequence_text(0), Err(SequenceExhausted));
        assert_eq!(sequence_text(LAST_ORDINAL + 1), Err(SequenceExhausted));
    }

    #[test]
    fn a_text_that_is_never_given_has_no_ordinal() {
        for text in [
            "",
            "1",
            "00000",
            "000001",
            "+0001",
            "-0001",
            "0000A",
            "9ZZZZ",
            "a0000",
            "A000a",
            "A000\u{e9}",
            "A 000",
            "A00000",
            "ZZZZZZZZ",
        ] {
            assert_eq!(sequence_ordinal(text), Err(NotASequence), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn a_text_is_read_as_the_ordinal_it_was_written_for(ordinal in 1..=LAST_ORDINAL) {
            prop_assert_eq!(sequence_ordinal(&sequence_text(ordinal).unwrap()), Ok(ordinal));
        }

        #[test]
        fn what_is_read_is_written_the_same(text in any::<String>(), five in "[0-9A-Z]{5}") {
            for text in [text, five] {
                if let Ok(ordinal) = sequence_ordinal(&text) {
                    prop_assert_eq!(sequence_text(ordinal), Ok(text));
                }
            }
        }

        #[test]
        fn a_later_ordinal_never_repeats_an_earlier_text(earlier in 1u32..LAST_ORDINAL, step in 1u32..1_000_000) {
            let later = earlier.saturating_add(step).min(LAST_ORDINAL);
            // Ascending text is the proof that none repeats: 0-9 sort before A-Z.
            prop_assert!(sequence_text(earlier).unwrap() < sequence_text(later).unwrap());
        }
    }
}

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
    use super::{LAST_ORDINAL, SequenceExhausted, sequence_text};
    use proptest::prelude::{prop_assert, proptest};

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
        }
        assert_eq!(sequence_text(0), Err(SequenceExhausted));
        assert_eq!(sequence_text(LAST_ORDINAL + 1), Err(SequenceExhausted));
    }

    proptest! {
        #[test]
        fn a_later_ordinal_never_repeats_an_earlier_text(earlier in 1u32..LAST_ORDINAL, step in 1u32..1_000_000) {
            let later = earlier.saturating_add(step).min(LAST_ORDINAL);
            // Ascending text is the proof that none repeats: 0-9 sort before A-Z.
            prop_assert!(sequence_text(earlier).unwrap() < sequence_text(later).unwrap());
        }
    }
}

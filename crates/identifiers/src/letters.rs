//! Numbers with letters, as people type them and as Polish documents check them.

use straznica_types::Secret;

use crate::InvalidIdentifier;

/// Longest text looked at, with all separators.
const LONGEST_INPUT: usize = 64;

/// Upper case, without spaces and hyphens, between `shortest` and `longest` characters out of A-Z, 0-9 and `also`.
pub(crate) fn canonical(
    text: &str,
    shortest: usize,
    longest: usize,
    also: &[u8],
) -> Result<Secret<String>, InvalidIdentifier> {
    if text.len() > LONGEST_INPUT {
        return Err(InvalidIdentifier::Form);
    }
    // Enough room from the start: a buffer that grows leaves copies behind that nobody wipes.
    let mut kept = String::with_capacity(text.len());
    kept.extend(text.bytes().filter(|byte| !matches!(byte, b' ' | b'-')).map(|byte| byte.to_ascii_uppercase() as char));
    let kept = Secret::new(kept);
    let allowed = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || also.contains(&byte);
    let well_formed = (shortest..=longest).contains(&kept.expose().len()) && kept.expose().bytes().all(allowed);
    well_formed.then_some(kept).ok_or(InvalidIdentifier::Form)
}

/// Whether the first `letters` characters are letters and all others digits.
pub(crate) fn letters_then_digits(text: &str, letters: usize) -> bool {
    text.bytes()
        .enumerate()
        .all(|(at, byte)| if at < letters { byte.is_ascii_uppercase() } else { byte.is_ascii_digit() })
}

/// Sum of values times weights: digits count as themselves, letters A = 10 to Z = 35 (as in ICAO Doc 9303-3 §4.9).
pub(crate) fn weighted_sum(text: &str, weights: &[u32]) -> u32 {
    let value = |character: char| character.to_digit(36).unwrap_or(0);
    text.chars().zip(weights).map(|(character, weight)| value(character) * weight).sum()
}

//! The code: six digits nobody stores.
//!
//! It is the unbiased truncation of HMAC-SHA-256 over a random nonce and everything the code belongs to. Whoever has the store (nonce and version of the key)
//! but not the key learns nothing; whoever has the key but not the nonce learns nothing either; and the same nonce gives the same code, so that a
//! message sent again says what the first one said.

use std::fmt;

use aws_lc_rs::hmac;
use aws_lc_rs::rand;
use straznica_types::Secret;
use subtle::ConstantTimeEq as _;

use super::{Asking, TransactionId};

/// Digits of a code (NIST SP 800-63B-4 §3.1.3.2: at least six).
pub const CODE_DIGITS: usize = 6;
/// Bytes of a nonce: 128 bits.
pub const NONCE_LENGTH: usize = 16;

/// How many codes there are.
const CODES: u32 = 1_000_000;
/// Words from here on are thrown away: below it every code occurs equally often.
const UNBIASED: u32 = u32::MAX - u32::MAX % CODES;

/// What makes one transaction's code differ from all others. Wiped when dropped.
#[derive(Clone, Debug)]
pub struct Nonce(Secret<[u8; NONCE_LENGTH]>);

impl Nonce {
    /// From the system's generator; `None` when it fails.
    #[must_use]
    pub fn random() -> Option<Self> {
        let mut bytes = [0; NONCE_LENGTH];
        rand::fill(&mut bytes).ok()?;
        Some(Self(Secret::new(bytes)))
    }

    /// As it was kept.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; NONCE_LENGTH]) -> Self {
        Self(Secret::new(bytes))
    }

    /// For the store of short-lived state.
    #[must_use]
    pub const fn expose(&self) -> &[u8; NONCE_LENGTH] {
        self.0.expose()
    }
}

/// The key codes are derived with.
#[derive(Clone)]
pub struct CodeKey(hmac::Key);

impl fmt::Debug for CodeKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// Six digits. Prints as `***`, is wiped when dropped, and is compared in constant time.
#[derive(Clone, Debug)]
pub struct OneTimeCode(Secret<[u8; CODE_DIGITS]>);

impl CodeKey {
    /// From 32 bytes.
    #[must_use]
    pub fn new(key: &[u8; 32]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, key))
    }

    /// The code of a nonce for what it belongs to. `destination` is empty where there is nobody.
    #[must_use]
    pub fn code(&self, nonce: &Nonce, transaction: TransactionId, asking: &Asking, destination: &str) -> OneTimeCode {
        let transaction = transaction.to_string();
        let parts =
            [transaction.as_str(), &asking.purpose, asking.officer.as_str(), asking.institution.as_str(), destination];
        let mut block: u32 = 0;
        loop {
            let mut context = hmac::Context::with_key(&self.0);
            context.update(&block.to_be_bytes());
            context.update(nonce.expose());
            for part in parts {
                // With its length in front, no part runs into the next.
                context.update(&(part.len() as u64).to_be_bytes());
                context.update(part.as_bytes());
            }
            if let Some(number) = unbiased(context.sign().as_ref()) {
                return OneTimeCode::of(number);
            }
            // All words of a block are thrown away once in 10^29 blocks.
            block += 1;
        }
    }
}

/// The first of eight words that every code is equally likely in, modulo the number of codes.
fn unbiased(block: &[u8]) -> Option<u32> {
    block
        .chunks_exact(4)
        .filter_map(|word| Some(u32::from_be_bytes(word.try_into().ok()?)))
        .find(|word| *word < UNBIASED)
        .map(|word| word % CODES)
}

impl OneTimeCode {
    fn of(number: u32) -> Self {
        let mut digits = [b'0'; CODE_DIGITS];
        let mut rest = number;
        for digit in digits.iter_mut().rev() {
            *digit = b'0' + u8::try_from(rest % 10).unwrap_or(0);
            rest /= 10;
        }
        Self(Secret::new(digits))
    }

    /// What somebody typed: six ASCII digits, spaces around and between them aside. `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > 32 {
            return None;
        }
        let mut digits = [0; CODE_DIGITS];
        let mut typed = text.bytes().filter(|byte| *byte != b' ');
        for digit in &mut digits {
            *digit = typed.next().filter(u8::is_ascii_digit)?;
        }
        typed.next().is_none().then(|| Self(Secret::new(digits)))
    }

    /// Whether it is the same, in constant time.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        bool::from(self.0.expose().ct_eq(other.0.expose()))
    }

    /// For the text of the message.
    #[must_use]
    pub fn expose(&self) -> &str {
        // Six ASCII digits by construction.
        std::str::from_utf8(self.0.expose()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use straznica_types::OfficerId;

    use super::*;
    use crate::domain::Institution;

    fn asking(officer: &str, institution: &str, purpose: &str) -> Asking {
        Asking {
            officer: OfficerId::parse(officer).unwrap(),
            institution: Institution::parse(institution).unwrap(),
            purpose: purpose.to_owned(),
        }
    }

    fn transaction(last: u8) -> TransactionId {
        TransactionId::parse(&format!("0197156e-3c5b-7d2a-9c11-0242ac1200{last:02x}")).unwrap()
    }

    #[test]
    fn the_same_nonce_gives_the_same_code_and_anything_else_another() {
        let key = CodeKey::new(&[1; 32]);
        let asks = asking("o1", "i1", "p1");
        let nonce = Nonce::from_bytes([9; NONCE_LENGTH]);
        let code = key.code(&nonce, transaction(1), &asks, "+48501234567");
        assert!(code.is(&key.code(&nonce, transaction(1), &asks, "+48501234567")));
        for other in [
            key.code(&Nonce::from_bytes([8; NONCE_LENGTH]), transaction(1), &asks, "+48501234567"),
            key.code(&nonce, transaction(2), &asks, "+48501234567"),
            key.code(&nonce, transaction(1), &asking("o2", "i1", "p1"), "+48501234567"),
            key.code(&nonce, transaction(1), &asking("o1", "i2", "p1"), "+48501234567"),
            key.code(&nonce, transaction(1), &asking("o1", "i1", "p2"), "+48501234567"),
            key.code(&nonce, transaction(1), &asks, "+48501234568"),
            key.code(&nonce, transaction(1), &asks, ""),
            // What ends one part and begins the next counts.
            key.code(&nonce, transaction(1), &asking("o", "1i1", "p1"), "+48501234567"),
            CodeKey::new(&[2; 32]).code(&nonce, transaction(1), &asks, "+48501234567"),
        ] {
            assert!(!code.is(&other));
        }
    }

    /// HMAC-SHA-256 over the bytes spelled out, computed with Python's hmac, hashlib and struct.
    #[test]
    fn the_code_is_the_one_an_independent_computation_gives() {
        let key = CodeKey::new(&core::array::from_fn(|at| u8::try_from(at).unwrap()));
        let nonce = Nonce::from_bytes(core::array::from_fn(|at| 0xf0 | u8::try_from(at).unwrap()));
        let code = key.code(&nonce, transaction(2), &asking("j.kowalska", "um-lodz", "identity"), "+48501234567");
        assert_eq!(code.expose(), "701799");
    }

    #[test]
    fn words_that_would_favour_some_codes_are_thrown_away() {
        let words = |words: &[u32]| words.iter().flat_map(|word| word.to_be_bytes()).collect::<Vec<u8>>();
        assert_eq!(UNBIASED % CODES, 0);
        assert_eq!(unbiased(&words(&[UNBIASED - 1])), Some(CODES - 1));
        assert_eq!(unbiased(&words(&[UNBIASED, u32::MAX, 7])), Some(7));
        assert_eq!(unbiased(&words(&[UNBIASED; 8])), None);
    }

    #[test]
    fn every_digit_is_equally_likely_at_every_place() {
        let key = CodeKey::new(&[3; 32]);
        let asks = asking("o", "i", "p");
        let mut seen = [[0_u32; 10]; CODE_DIGITS];
        for number in 0..20_000_u32 {
            let mut nonce = [0; NONCE_LENGTH];
            nonce[..4].copy_from_slice(&number.to_be_bytes());
            let code = key.code(&Nonce::from_bytes(nonce), transaction(1), &asks, "");
            for (place, digit) in code.expose().bytes().enumerate() {
                seen[place][usize::from(digit - b'0')] += 1;
            }
        }
        for counts in seen {
            // Nine degrees of freedom: 33.7 is exceeded once in ten thousand honest runs, and this run is always the same one.
            let chi: f64 = counts.iter().map(|count| (f64::from(*count) - 2_000.0).powi(2) / 2_000.0).sum();
            assert!(chi < 33.7, "{counts:?}");
        }
    }

    #[test]
    fn a_code_shows_itself_in_no_printout() {
        let code = OneTimeCode::parse("123456").unwrap();
        assert_eq!(format!("{code:?} {:?}", Nonce::from_bytes([1; 16])), "OneTimeCode(***) Nonce(***)");
    }

    proptest! {
        #[test]
        fn only_six_digits_are_a_code(text in "\\PC{0,12}") {
            let digits: String = text.chars().filter(|character| *character != ' ').collect();
            let six = digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_digit());
            prop_assert_eq!(OneTimeCode::parse(&text).is_some(), six);
        }

        #[test]
        fn what_is_shown_is_read_back(number in 0_u32..1_000_000) {
            let code = OneTimeCode::of(number);
            prop_assert_eq!(code.expose(), format!("{number:06}"));
            prop_assert!(OneTimeCode::parse(code.expose()).unwrap().is(&code));
        }
    }
}

//! The second factor of a local account: time-based one-time passwords (RFC 6238), six digits, thirty seconds, one step of drift each way.

use straznica_types::{Secret, Timestamp};
use totp_rs::{Builder, Totp};

use super::sealing::CryptoFailed;

/// Bytes of a secret: those of HMAC-SHA-1 (RFC 4226 §4, R6).
const SECRET_LENGTH: usize = 20;

/// A secret shared with an authenticator.
pub(crate) struct SecondFactor(Totp);

impl SecondFactor {
    /// A new one.
    pub(crate) fn generate() -> Result<Self, CryptoFailed> {
        let mut bytes = [0; SECRET_LENGTH];
        aws_lc_rs::rand::fill(&mut bytes).map_err(|_| CryptoFailed)?;
        Self::of(bytes.to_vec()).ok_or(CryptoFailed)
    }

    /// From the form authenticators take it in.
    pub(crate) fn from_base32(text: &str) -> Option<Self> {
        Self::of(totp_rs::Secret::try_from_base32(text).ok()?.as_bytes().to_vec())
    }

    fn of(bytes: Vec<u8>) -> Option<Self> {
        Builder::new().with_secret(bytes).build().ok().map(Self)
    }

    /// As authenticators take it.
    pub(crate) fn to_base32(&self) -> Secret<String> {
        Secret::new(self.0.secret().to_base32())
    }

    /// The step of time a code is of, if it is one of now and later than the last that was accepted: a code counts once.
    pub(crate) fn step_of(&self, code: &str, now: Timestamp, last_step: u64) -> Option<u64> {
        let well_formed = code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit());
        let seconds = u64::try_from(now.millis() / 1_000).ok()?;
        let step = well_formed.then(|| self.0.check(code, seconds)).flatten()?;
        (step > last_step).then_some(step)
    }

    /// The code of a moment.
    #[cfg(test)]
    fn code(&self, at: Timestamp) -> String {
        self.0.generate(at.millis() as u64 / 1_000).to_string()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn the_vectors_of_rfc_6238_appendix_b_are_met() {
        // the last six of the eight digits of the SHA-1 column
        let factor = SecondFactor::of(b"12345678901234567890".to_vec()).unwrap();
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
        ] {
            let now = Timestamp::from_millis(seconds * 1_000);
            assert_eq!(factor.step_of(code, now, 0), Some(seconds as u64 / 30), "{seconds}");
        }
    }

    #[test]
    fn a_code_counts_once_and_not_long() {
        let factor = SecondFactor::generate().unwrap();
        let now = Timestamp::from_millis(1_779_960_600_000);
        let (code, step) = (factor.code(now), 1_779_960_600 / 30);
        assert_eq!(factor.step_of(&code, now, 0), Some(step));
        assert_eq!(factor.step_of(&code, now + Duration::from_secs(30), 0), Some(step));
        assert_eq!(factor.step_of(&code, now + Duration::from_secs(90), 0), None);
        assert_eq!(factor.step_of(&code, now, step), None, "a code that was accepted");
        assert_eq!(factor.step_of(&factor.code(now - Duration::from_secs(30)), now, step), None, "one before it");
        let again = SecondFactor::from_base32(factor.to_base32().expose()).unwrap();
        assert_eq!(again.step_of(&code, now, 0), Some(step));
    }

    #[test]
    fn what_is_no_code_is_none() {
        let factor = SecondFactor::generate().unwrap();
        for code in ["", "12345", "1234567", "12345a", "１２３４５６", "12 456", "-12345"] {
            assert_eq!(factor.step_of(code, Timestamp::from_millis(1_779_960_600_000), 0), None, "{code}");
        }
    }
}

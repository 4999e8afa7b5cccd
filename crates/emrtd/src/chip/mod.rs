//! Chip authenticity: proof that the chip is the one the files were written for.
//!
//! Passive authentication proves that a state signed the files, not that they lie in the chip it issued: a copy has the
//! same bytes. Three protocols bind a private key that never leaves the chip to a public key the files carry:
//!
//! - [`active_authentication`]: the chip signs a challenge under the key of DG15 (Doc 9303-11 §6.1). The whole proof is
//!   in the evidence and is verified here.
//! - [`chip_authentication`]: the chip agrees on session keys with the key of DG14 (TR-03110-1 §3.4). Only the terminal
//!   was in that session; what is verified here is that it used the key the security object covers.
//! - [`pace_cam`]: the chip proves its key while the channel is set up (Doc 9303-11 §4.4.3.5).
//!
//! [`card_access`] compares what the chip said unsigned at the start with what DG14 repeats under signature.
//!
//! Each function takes the raw files and gives an [`Outcome`]: `failed` when the proof is
//! wrong, `undetermined` when something is missing or this crate cannot compute it, `not_supported` when the document does
//! not have the feature. Whether DG14 and
//! DG15 themselves are what the state signed is the business of the hash checks.

pub mod active_authentication;
pub mod card_access;
pub mod chip_authentication;
mod iso9796;
pub mod pace_cam;

use crate::check::{CheckResult, Outcome};
use crate::crypto::CryptoError;

/// What an unusable key means: a malformed one is the document's fault; an unknown algorithm is a limit of this crate and
/// leaves the proof open, since the document does have the feature.
fn unusable(error: &CryptoError) -> Outcome {
    let result = if error.is_refusal() { CheckResult::Failed } else { CheckResult::Undetermined };
    Outcome::because(result, error.code())
}

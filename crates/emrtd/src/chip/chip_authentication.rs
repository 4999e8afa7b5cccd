//! Chip Authentication version 1 (TR-03110-1 §3.4, Doc 9303-11 §6.2): the chip agreed on session keys with its static key.

use crate::check::{CheckResult, Evidence, Outcome};
use crate::lds::security_infos::SecurityInfos;

/// Judges what the terminal reports: `succeeded` says whether secure messaging went on under the new keys, which only
/// the terminal can know. A success counts when the key it used is one of `dg14`'s, which the security object covers:
/// otherwise a clone could bring a key of its own.
///
/// `chip_public_key` is the SubjectPublicKeyInfo the terminal used, byte for byte as DG14 holds it; `key_id` its number.
#[must_use]
pub fn verify(succeeded: bool, chip_public_key: Option<&[u8]>, key_id: Option<u64>, dg14: &[u8]) -> Outcome {
    let Ok(infos) = SecurityInfos::from_dg14(dg14) else {
        return Outcome::because(CheckResult::Failed, "dg14_unreadable");
    };
    if infos.chip_authentication_keys().next().is_none() {
        return without_key(&infos);
    }
    if !succeeded {
        return Outcome::because(CheckResult::Failed, "chip_did_not_follow_to_the_new_keys");
    }
    let Some(used) = chip_public_key else {
        return Outcome::because(CheckResult::Undetermined, "key_used_not_told");
    };
    let Some((agreement, _, number)) = infos.chip_authentication_keys().find(|(_, key, _)| key.raw == used) else {
        return Outcome::because(CheckResult::Failed, "key_used_is_not_in_dg14");
    };
    if key_id.is_some() && number.is_some() && key_id != number {
        return Outcome::because(CheckResult::Failed, "key_number_differs_from_dg14");
    }
    let mut evidence = Evidence::new()
        .with("key_agreement", format!("{agreement:?}").to_lowercase())
        .with("session", "computed by the terminal");
    let malformed: Vec<String> = infos.malformed().map(|protocol| protocol.to_string()).collect();
    if !malformed.is_empty() {
        evidence.add("malformed_in_dg14", malformed.join(" "));
    }
    Outcome::new(CheckResult::Successful, evidence)
}

/// No key to be used: the document does not have the feature, unless there is a key whose structure was not understood.
pub(crate) fn without_key(infos: &SecurityInfos<'_>) -> Outcome {
    if infos.has_malformed_chip_authentication() {
        return Outcome::because(CheckResult::Undetermined, "key_in_dg14_malformed");
    }
    Outcome::because(CheckResult::NotSupported, "no_key_in_dg14")
}

//! PACE with Chip Authentication Mapping (Doc 9303-11 §4.4.3.5, §4.4.5): the chip proves its static key while the channel
//! is set up.
//!
//! The chip mapped the nonce with an ephemeral key pair whose public part is PK_Map. Afterwards it sends, encrypted, the
//! number `CA_IC = SK_IC⁻¹ · SK_Map mod n`. Whoever holds PK_IC, from EF.CardSecurity signed by the state, checks that
//! `PK_Map = CA_IC · PK_IC`: only the holder of SK_IC can know such a number.

use openssl::bn::{BigNum, BigNumContext};
use openssl::ec::{EcPoint, PointConversionForm};
use openssl::error::ErrorStack;
use openssl::memcmp;

use super::unusable;
use crate::check::{CheckResult, Evidence, Outcome};
use crate::crypto::PublicKey;
use crate::lds::security_infos::SecurityInfos;

/// Judges the evidence of a PACE with Chip Authentication Mapping.
///
/// `security_infos` is the content of EF.CardSecurity, whose signature and issuer the caller has verified: without that
/// the key proves nothing. With the chip's number and its mapping key the proof is computed again here; without them
/// the terminal's word stands, as it does for Chip Authentication, and the evidence says so.
#[must_use]
pub fn verify(
    succeeded: bool,
    security_infos: &[u8],
    chip_authentication_data: Option<&[u8]>,
    mapping_public_key: Option<&[u8]>,
) -> Outcome {
    let Ok(infos) = SecurityInfos::from_card_access(security_infos) else {
        return Outcome::because(CheckResult::Failed, "card_security_unreadable");
    };
    if !succeeded {
        return Outcome::because(CheckResult::Failed, "chip_authentication_data_refused_by_the_terminal");
    }
    let mut tolerances = Vec::new();
    let keys: Vec<_> =
        infos.chip_authentication_keys().map(|(_, spki, _)| spki.key("card_security", &mut tolerances)).collect();
    if !keys.iter().any(Result::is_ok) {
        let first = keys.iter().find_map(|key| key.as_ref().err());
        return first.map_or_else(|| Outcome::because(CheckResult::Failed, "no_key_in_card_security"), unusable);
    }
    let (Some(data), Some(mapped)) = (chip_authentication_data, mapping_public_key) else {
        let evidence = Evidence::new().with("mapping", "computed by the terminal");
        return Outcome { result: CheckResult::Successful, evidence, tolerances };
    };
    for key in keys.iter().flatten() {
        match maps(key, data, mapped) {
            Ok(true) => {
                let evidence = Evidence::new().with("mapping", "computed by the service");
                return Outcome { result: CheckResult::Successful, evidence, tolerances };
            }
            Ok(false) => {}
            Err(_) => return Outcome::because(CheckResult::Undetermined, "cryptographic_library"),
        }
    }
    Outcome::because(CheckResult::Failed, "mapping_key_is_not_the_chips")
}

/// Does the chip key of `card_security` that was proven stand in `dg14` too? Without the numbers of the proof it might be
/// any of the keys there, so all have to. Both files name curves in their own way: the points are compared.
pub(crate) fn proves_a_key_of(
    dg14: &[u8],
    card_security: &[u8],
    chip_authentication_data: Option<&[u8]>,
    mapping_public_key: Option<&[u8]>,
) -> bool {
    let (Ok(proven), Ok(covered)) = (SecurityInfos::from_card_access(card_security), SecurityInfos::from_dg14(dg14))
    else {
        return false;
    };
    let (mut proven, covered) = (usable_keys(&proven), usable_keys(&covered));
    if let (Some(data), Some(mapped)) = (chip_authentication_data, mapping_public_key) {
        proven.retain(|(key, _)| maps(key, data, mapped).unwrap_or(false));
    }
    let is_covered = |(key, point): &(PublicKey, &[u8])| {
        covered.iter().any(|(other, same)| key.describe() == other.describe() && point == same)
    };
    !proven.is_empty() && proven.iter().all(is_covered)
}

/// The keys of Chip Authentication this crate computes, each with its point as the file has it.
fn usable_keys<'a>(infos: &SecurityInfos<'a>) -> Vec<(PublicKey, &'a [u8])> {
    let keys = infos.chip_authentication_keys();
    keys.filter_map(|(_, spki, _)| Some((spki.key("", &mut Vec::new()).ok()?, spki.public_key))).collect()
}

/// Is `mapped = data · PK_IC`, on the curve of PK_IC?
fn maps(key: &PublicKey, data: &[u8], mapped: &[u8]) -> Result<bool, ErrorStack> {
    let PublicKey::Ec(curve, key) = key else {
        return Ok(false);
    };
    let curve = curve.curve();
    if data.len() > curve.order_length() || mapped.len() != 2 * curve.field_length() + 1 {
        return Ok(false);
    }
    let mut context = BigNumContext::new()?;
    let number = BigNum::from_slice(data)?;
    let mut product = EcPoint::new(curve.group())?;
    product.mul2(curve.group(), key.public_key(), &number, &mut context)?;
    if product.is_infinity(curve.group()) {
        return Ok(false);
    }
    let product = product.to_bytes(curve.group(), PointConversionForm::UNCOMPRESSED, &mut context)?;
    Ok(memcmp::eq(&product, mapped))
}

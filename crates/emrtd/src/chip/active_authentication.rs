//! Active Authentication (Doc 9303-11 §6.1): the chip signs a challenge under the key of DG15.

use cvc::domain_parameters::StandardisedCurve;
use openssl::bn::BigNum;
use openssl::ec::EcKey;
use openssl::ecdsa::EcdsaSig;
use openssl::pkey::Public;

use super::iso9796::{self, Recovery};
use super::unusable;
use crate::asn1::Oid;
use crate::check::{CheckResult, Evidence, Outcome, Tolerance, ToleranceCode};
use crate::crypto::{HashAlgorithm, PublicKey};
use crate::lds::dg15;
use crate::lds::security_infos::SecurityInfos;
use crate::presentation::ActiveAuthenticationEvidence;

/// ecdsa-plain-signatures: 0.4.0.127.0.7.1.1.4.1
const PLAIN: Oid<'static> = Oid::constant(&[0x04, 0x00, 0x7F, 0x00, 0x07, 0x01, 0x01, 0x04, 0x01]);
/// ecdsa-with-SHA2: 1.2.840.10045.4.3
const WITH_SHA2: Oid<'static> = Oid::constant(&[0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03]);

/// Verifies a chip's answer to a challenge with the key of `dg15`. For a key on an elliptic curve the hash is named by
/// ActiveAuthenticationInfo in `dg14`; without it the outcome is undetermined, since guessing a hash proves nothing.
///
/// The challenge must be one the verifier issued for a single use; that is the caller's to see to.
#[must_use]
pub fn verify(evidence: &ActiveAuthenticationEvidence<'_>, dg15: &[u8], dg14: Option<&[u8]>) -> Outcome {
    let Ok(spki) = dg15::parse(dg15) else {
        return Outcome::because(CheckResult::Failed, "dg15_unreadable");
    };
    let mut tolerances = Vec::new();
    let mut outcome = match spki.key("dg15", &mut tolerances) {
        Err(error) => unusable(&error),
        Ok(PublicKey::Rsa(key)) => match iso9796::verify(&key, evidence.response, &evidence.challenge) {
            Ok(Recovery::Good(digest)) => {
                if digest == HashAlgorithm::Sha1 {
                    tolerances.push(weak_hash());
                }
                successful("rsa_iso9796_2_scheme_1", digest)
            }
            Ok(Recovery::Bad(reason)) => Outcome::because(CheckResult::Failed, reason),
            Err(error) => unusable(&error),
        },
        Ok(PublicKey::Ec(curve, key)) => ecdsa(evidence, curve, &key, dg14, &mut tolerances),
    };
    outcome.tolerances.append(&mut tolerances);
    outcome
}

fn successful(algorithm: &str, digest: HashAlgorithm) -> Outcome {
    Outcome::new(CheckResult::Successful, Evidence::new().with("algorithm", algorithm).with("hash", digest))
}

fn weak_hash() -> Tolerance {
    Tolerance::new(ToleranceCode::WeakHash, "active_authentication", "SHA-1")
}

fn ecdsa(
    evidence: &ActiveAuthenticationEvidence<'_>,
    curve: StandardisedCurve,
    key: &EcKey<Public>,
    dg14: Option<&[u8]>,
    tolerances: &mut Vec<Tolerance>,
) -> Outcome {
    let Some(dg14) = dg14 else {
        return Outcome::because(CheckResult::Undetermined, "hash_unknown_without_dg14");
    };
    let Ok(infos) = SecurityInfos::from_dg14(dg14) else {
        return Outcome::because(CheckResult::Undetermined, "dg14_unreadable");
    };
    let Some(algorithm) = infos.active_authentication_algorithm() else {
        return Outcome::because(CheckResult::Undetermined, "hash_not_named_in_dg14");
    };
    let Some(digest) = digest_of(algorithm) else {
        return Outcome::because(CheckResult::Undetermined, "signature_algorithm_of_dg14");
    };
    if digest == HashAlgorithm::Sha1 {
        tolerances.push(weak_hash());
    }
    let order_length = curve.curve().order_length();
    let signature = match plain_signature(evidence.response, order_length) {
        Some(signature) => signature,
        None => match EcdsaSig::from_der(evidence.response) {
            Ok(signature) => {
                let at = "active_authentication";
                tolerances.push(Tolerance::new(ToleranceCode::EcdsaDerForPlain, at, "response"));
                signature
            }
            Err(_) => return Outcome::because(CheckResult::Failed, "response_length"),
        },
    };
    let verified = digest.digest(&evidence.challenge).map(|hash| signature.verify(&hash, key).unwrap_or(false));
    match verified {
        Ok(true) => successful(&format!("ecdsa_{}", curve.name()), digest),
        // OpenSSL calls numbers out of range an error; such a signature is simply not the chip's.
        Ok(false) => Outcome::because(CheckResult::Failed, "signature"),
        Err(error) => unusable(&error),
    }
}

/// `r ‖ s`, each as long as the curve's order (TR-03111 §5.2.1).
fn plain_signature(response: &[u8], order_length: usize) -> Option<EcdsaSig> {
    if response.len() != 2 * order_length {
        return None;
    }
    let (r, s) = response.split_at(order_length);
    EcdsaSig::from_private_components(BigNum::from_slice(r).ok()?, BigNum::from_slice(s).ok()?).ok()
}

fn digest_of(algorithm: Oid<'_>) -> Option<HashAlgorithm> {
    match (algorithm.below(PLAIN), algorithm.below(WITH_SHA2)) {
        (Some([1]), _) => Some(HashAlgorithm::Sha1),
        (Some([2]), _) | (_, Some([1])) => Some(HashAlgorithm::Sha224),
        (Some([3]), _) | (_, Some([2])) => Some(HashAlgorithm::Sha256),
        (Some([4]), _) | (_, Some([3])) => Some(HashAlgorithm::Sha384),
        (Some([5]), _) | (_, Some([4])) => Some(HashAlgorithm::Sha512),
        _ => None,
    }
}

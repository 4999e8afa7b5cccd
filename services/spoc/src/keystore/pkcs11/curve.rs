//! Elliptic curves and points as tokens write them (PKCS#11 v2.40 §2.3.3): CKA_EC_PARAMS, CKA_EC_POINT.

use cvc::domain_parameters::{DomainParameters, StandardisedCurve};

use super::error::TokenError;

/// CKA_EC_PARAMS: the DER of the named curve's object identifier (SEC 2, RFC 5639 §4.1).
pub(super) const fn named_curve(curve: StandardisedCurve) -> &'static [u8] {
    match curve {
        StandardisedCurve::P192 => b"\x06\x08\x2A\x86\x48\xCE\x3D\x03\x01\x01",
        StandardisedCurve::P224 => b"\x06\x05\x2B\x81\x04\x00\x21",
        StandardisedCurve::P256 => b"\x06\x08\x2A\x86\x48\xCE\x3D\x03\x01\x07",
        StandardisedCurve::P384 => b"\x06\x05\x2B\x81\x04\x00\x22",
        StandardisedCurve::P521 => b"\x06\x05\x2B\x81\x04\x00\x23",
        StandardisedCurve::BrainpoolP192r1 => b"\x06\x09\x2B\x24\x03\x03\x02\x08\x01\x01\x03",
        StandardisedCurve::BrainpoolP224r1 => b"\x06\x09\x2B\x24\x03\x03\x02\x08\x01\x01\x05",
        StandardisedCurve::BrainpoolP256r1 => b"\x06\x09\x2B\x24\x03\x03\x02\x08\x01\x01\x07",
        StandardisedCurve::BrainpoolP320r1 => b"\x06\x09\x2B\x24\x03\x03\x02\x08\x01\x01\x09",
        StandardisedCurve::BrainpoolP384r1 => b"\x06\x09\x2B\x24\x03\x03\x02\x08\x01\x01\x0B",
        StandardisedCurve::BrainpoolP512r1 => b"\x06\x09\x2B\x24\x03\x03\x02\x08\x01\x01\x0D",
    }
}

/// The curve a token's CKA_EC_PARAMS name.
pub(super) fn curve_named(parameters: &[u8]) -> Option<StandardisedCurve> {
    StandardisedCurve::ALL.into_iter().find(|curve| named_curve(*curve) == parameters)
}

/// The standardised curve of a key to be made.
///
/// # Errors
/// [`TokenError::ExplicitParameters`] for parameters that have no name.
pub(super) const fn standardised(parameters: &DomainParameters) -> Result<StandardisedCurve, TokenError> {
    match parameters {
        DomainParameters::Standardised(curve) => Ok(*curve),
        DomainParameters::Explicit(_) => Err(TokenError::ExplicitParameters),
    }
}

/// The uncompressed point within a CKA_EC_POINT: a DER OCTET STRING around it, or, as some older tokens have it, the point itself.
pub(super) fn point(curve: StandardisedCurve, value: &[u8]) -> Option<&[u8]> {
    let length = 1 + 2 * curve.curve().field_length();
    if value.len() == length {
        return Some(value);
    }
    let (header, point) = value.split_at_checked(value.len().checked_sub(length)?)?;
    let short = u8::try_from(length).ok()?;
    let expected: &[u8] = if length < 0x80 { &[0x04, short] } else { &[0x04, 0x81, short] };
    (header == expected).then_some(point)
}

#[cfg(test)]
mod tests {
    use cvc::domain_parameters::StandardisedCurve;

    use super::{curve_named, named_curve, point};

    #[test]
    fn every_curve_is_found_again_by_its_identifier() {
        for curve in StandardisedCurve::ALL {
            assert_eq!(curve_named(named_curve(curve)), Some(curve));
        }
        assert_eq!(curve_named(b"\x06\x05\x2B\x81\x04\x00\x0A"), None, "secp256k1 is not among them");
    }

    #[test]
    fn a_point_is_read_from_its_octet_string_or_bare_and_from_nothing_else() {
        for (curve, header) in [(StandardisedCurve::P256, &[4, 65][..]), (StandardisedCurve::P521, &[4, 0x81, 133][..])]
        {
            let generator = curve.curve().components().generator;
            let wrapped = [header, generator].concat();
            assert_eq!(point(curve, &wrapped), Some(generator));
            assert_eq!(point(curve, generator), Some(generator));
            let other_tag = [&[5][..], &wrapped[1..]].concat();
            for wrong in [&wrapped[1..], &wrapped[..wrapped.len() - 1], &[], &other_tag] {
                assert_eq!(point(curve, wrong), None, "{} bytes", wrong.len());
            }
        }
    }
}
